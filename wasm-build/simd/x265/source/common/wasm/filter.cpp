// SPDX-License-Identifier: GPL-2.0-or-later
// Interpolation: the filters of common/ipfilter.cpp, in columns of eight lanes.
#include "kernels.h"
#include "constants.h"
#include "simd.h"

using namespace X265_NS;

namespace {

// The four ways to round a sum: from pixels (p) or intermediate values (s), to pixels or intermediate values.
enum Rounding { PP, PS, SP, SS };
constexpr int headroom = IF_INTERNAL_PREC - X265_DEPTH;
template<Rounding r> struct Round {
    static constexpr int shift = IF_FILTER_PREC + (r == SP ? headroom : r == PS ? -headroom : 0);
    static constexpr int offset = r == PP ? 1 << (shift - 1)
                                  : r == PS ? -(IF_INTERNAL_OFFS << shift)
                                  : r == SP ? (1 << (shift - 1)) + (IF_INTERNAL_OFFS << IF_FILTER_PREC) : 0;
};

template<int N> IN const int16_t *taps(int index) { return N == 4 ? g_chromaFilter[index] : g_lumaFilter[index]; }

IN v128_t add_products(v128_t sum, v128_t a, v128_t b) { return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(a, b)); }

// Filters `lanes` pixels of one row. `step` is the distance between the pixels of a sum.
#if !HIGH_BIT_DEPTH
// Sums of 8-bit pixels fit 16 bits.
template<int N, Rounding r, bool horizontal, int lanes>
IN v128_t filtered(const pixel *p, intptr_t step, const v128_t c[N])
{
    v128_t sum = wasm_i16x8_add(splat16(Round<r>::offset), wasm_i16x8_mul(load<lanes>(p), c[0]));
    for (int i = 1; i < N; i++) sum = wasm_i16x8_add(sum, wasm_i16x8_mul(load<lanes>(p + i * step), c[i]));
    return wasm_i16x8_shr(sum, Round<r>::shift);
}
template<int N> IN void set_taps(const pixel *, intptr_t, int index, v128_t c[N])
{
    for (int i = 0; i < N; i++) c[i] = splat16(taps<N>(index)[i]);
}
#endif
// Other sums need 32 bits. The taps are in pairs.
template<int N, Rounding r, bool horizontal, int lanes, class T>
IN v128_t filtered(const T *p, intptr_t step, const v128_t c[N])
{
    v128_t a = splat32(Round<r>::offset), b = a;
    for (int i = 0; i < N; i += 2) {
        if (horizontal) {
            a = add_products(a, load<lanes>(p + i), c[i / 2]);
            b = add_products(b, load<lanes>(p + i + 1), c[i / 2]);
        } else {
            v128_t r0 = load<lanes>(p + i * step), r1 = load<lanes>(p + (i + 1) * step);
            a = add_products(a, low16(r0, r1), c[i / 2]);
            if (lanes == 8) b = add_products(b, high16(r0, r1), c[i / 2]);
        }
    }
    a = wasm_i32x4_shr(a, Round<r>::shift), b = wasm_i32x4_shr(b, Round<r>::shift);
    // In a row, the sums of even and of odd pixels are in two vectors.
    if (horizontal) a = wasm_i16x8_shuffle(a, wasm_i32x4_shl(b, 16), 0, 9, 2, 11, 4, 13, 6, 15);
    else a = wasm_i16x8_narrow_i32x4(a, b);
    return a;
}
template<int N, class T> IN void set_taps(const T *, intptr_t, int index, v128_t c[N])
{
    for (int i = 0; i < N; i += 2) c[i / 2] = wasm_v128_load32_splat(taps<N>(index) + i);
}

// Filters a block. The step is 1 along rows; along columns, it is the stride.
template<int N, Rounding r, bool horizontal, class T, class U>
__attribute__((noinline)) void filter(const T *src, intptr_t s, U *dst, intptr_t sd, int index, int w, int h)
{
    v128_t c[N];
    set_taps<N>(src, s, index, c);
    const intptr_t step = horizontal ? 1 : s;
    src -= (N / 2 - 1) * step;
    int x = 0;
    for (; x + 8 <= w; x += 8) {
        const T *p = src + x;
        U *q = dst + x;
        for (int y = 0; y < h; y++, p += s, q += sd) store_clipped<8>(q, filtered<N, r, horizontal, 8>(p, step, c));
    }
    if (w & 4)
        for (int y = 0; y < h; y++, src += s, dst += sd)
            store_clipped<4>(dst + x, filtered<N, r, horizontal, 4>(src + x, step, c));
}

template<int N, int w, int h> void hpp(const pixel *src, intptr_t s, pixel *dst, intptr_t sd, int index)
{
    filter<N, PP, true>(src, s, dst, sd, index, w, h);
}
template<int N, int w, int h> void hps(const pixel *src, intptr_t s, int16_t *dst, intptr_t sd, int index, int extended)
{
    if (extended) filter<N, PS, true>(src - (N / 2 - 1) * s, s, dst, sd, index, w, h + N - 1);
    else filter<N, PS, true>(src, s, dst, sd, index, w, h);
}
template<int N, int w, int h> void vpp(const pixel *src, intptr_t s, pixel *dst, intptr_t sd, int index)
{
    filter<N, PP, false>(src, s, dst, sd, index, w, h);
}
template<int N, int w, int h> void vps(const pixel *src, intptr_t s, int16_t *dst, intptr_t sd, int index)
{
    filter<N, PS, false>(src, s, dst, sd, index, w, h);
}
template<int N, int w, int h> void vsp(const int16_t *src, intptr_t s, pixel *dst, intptr_t sd, int index)
{
    filter<N, SP, false>(src, s, dst, sd, index, w, h);
}
template<int N, int w, int h> void vss(const int16_t *src, intptr_t s, int16_t *dst, intptr_t sd, int index)
{
    filter<N, SS, false>(src, s, dst, sd, index, w, h);
}
template<int w, int h> void hvpp(const pixel *src, intptr_t s, pixel *dst, intptr_t sd, int x, int y)
{
    ALIGN_VAR_32(int16_t, rows[w * (h + 7)]);
    filter<8, PS, true>(src - 3 * s, s, rows, w, x, w, h + 7);
    filter<8, SP, false>(rows + 3 * w, w, dst, sd, y, w, h);
}

}

namespace X265_NS {
void setupFilterPrimitives_wasm(EncoderPrimitives &p)
{
#define LUMA(w, h)                                  \
    p.pu[LUMA_##w##x##h].luma_hpp = hpp<8, w, h>;   \
    p.pu[LUMA_##w##x##h].luma_hps = hps<8, w, h>;   \
    p.pu[LUMA_##w##x##h].luma_vpp = vpp<8, w, h>;   \
    p.pu[LUMA_##w##x##h].luma_vps = vps<8, w, h>;   \
    p.pu[LUMA_##w##x##h].luma_vsp = vsp<8, w, h>;   \
    p.pu[LUMA_##w##x##h].luma_vss = vss<8, w, h>;   \
    p.pu[LUMA_##w##x##h].luma_hvpp = hvpp<w, h>;
    FOR_LUMA_SIZES(LUMA)

#define CHROMA(pu, w, h)              \
    pu.filter_hpp = hpp<4, w, h>;     \
    pu.filter_hps = hps<4, w, h>;     \
    pu.filter_vpp = vpp<4, w, h>;     \
    pu.filter_vps = vps<4, w, h>;     \
    pu.filter_vsp = vsp<4, w, h>;     \
    pu.filter_vss = vss<4, w, h>;
#define CHROMA_420(w, h) CHROMA(p.chroma[X265_CSP_I420].pu[CHROMA_420_##w##x##h], w, h)
#define CHROMA_422(w, h) CHROMA(p.chroma[X265_CSP_I422].pu[CHROMA_422_##w##x##h], w, h)
#define CHROMA_444(w, h) CHROMA(p.chroma[X265_CSP_I444].pu[LUMA_##w##x##h], w, h)
    FOR_CHROMA_420_SIZES(CHROMA_420)
    FOR_CHROMA_422_SIZES(CHROMA_422)
    FOR_LUMA_SIZES(CHROMA_444)
}
}
