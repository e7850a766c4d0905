// SPDX-License-Identifier: GPL-2.0-or-later
// Copies, averages, sums and differences of blocks, of common/pixel.cpp and common/ipfilter.cpp.
//
// A loop over the vectors of a row would become a call of memory.copy, which is slow for so few bytes.
#include "kernels.h"
#include "simd.h"

namespace {

// Copies n bytes.
template<int n> IN void copy_bytes(void *dst, const void *src)
{
    char *d = (char *)dst;
    const char *s = (const char *)src;
    constexpr int full = n & ~15;
    if (n >= 16) wasm_v128_store(d, wasm_v128_load(s));
    if (n >= 32) wasm_v128_store(d + 16, wasm_v128_load(s + 16));
    if (n >= 48) wasm_v128_store(d + 32, wasm_v128_load(s + 32));
    if (n >= 64) wasm_v128_store(d + 48, wasm_v128_load(s + 48));
    if (n & 8) wasm_v128_store64_lane(d + full, wasm_v128_load64_zero(s + full), 0);
    if (n & 4) wasm_v128_store32_lane(d + (n & ~7), wasm_v128_load32_zero(s + (n & ~7)), 0);
}
template<int n> IN void copy_row(void *dst, const void *src)
{
    copy_bytes<(n < 64 ? n : 64)>(dst, src);
    if (n > 64) copy_bytes<(n > 64 ? n - 64 : 0)>((char *)dst + 64, (const char *)src + 64);
}
template<int w, int h, class T> void copy(T *dst, intptr_t sd, const T *src, intptr_t s)
{
    constexpr int n = w * sizeof(T);
#pragma clang loop unroll_count(2)
    for (int y = 0; y < h; y += 2, dst += 2 * sd, src += 2 * s) {
        copy_row<n>(dst, src);
        copy_row<n>(dst + sd, src + s);
    }
}

template<int w, int h, class T, class U> void convert(T *dst, intptr_t sd, const U *src, intptr_t s)
{
    for (int y = 0; y < h; y++, dst += sd, src += s) {
        for (int x = 0; x < (w & ~7); x += 8) store8(dst + x, load8(src + x));
        if (w & 4) store4(dst + (w & ~7), load4(src + (w & ~7)));
    }
}
template<int w, int h>
void sub(int16_t *dst, intptr_t sd, const pixel *a, const pixel *b, intptr_t sa, intptr_t sb)
{
    for (int y = 0; y < h; y++, dst += sd, a += sa, b += sb) {
        for (int x = 0; x < (w & ~7); x += 8) store8(dst + x, wasm_i16x8_sub(load8(a + x), load8(b + x)));
        if (w & 4) store4(dst, wasm_i16x8_sub(load4(a), load4(b)));
    }
}
template<int w> void residual(const pixel *a, const pixel *b, int16_t *dst, intptr_t s)
{
    sub<w, w>(dst, s, a, b, s, s);
}

template<int w, int h>
void add(pixel *dst, intptr_t sd, const pixel *a, const int16_t *b, intptr_t sa, intptr_t sb)
{
    for (int y = 0; y < h; y++, dst += sd, a += sa, b += sb) {
        for (int x = 0; x < (w & ~7); x += 8)
            store8_clipped(dst + x, wasm_i16x8_add_sat(load8(a + x), load8(b + x)));
        if (w & 4) store4_clipped(dst, wasm_i16x8_add_sat(load4(a), load4(b)));
    }
}

IN v128_t mean(v128_t a, v128_t b) { return HIGH_BIT_DEPTH ? wasm_u16x8_avgr(a, b) : wasm_u8x16_avgr(a, b); }

template<int w, int h>
void average(pixel *dst, intptr_t sd, const pixel *a, intptr_t sa, const pixel *b, intptr_t sb, int)
{
    constexpr int n = w * sizeof(pixel), full = n & ~15, rest = n & ~7, rows = n == 8 ? 2 : 1;
    // The loop is unrolled in part only, as in sad.cpp.
#pragma clang loop unroll_count(2)
    for (int y = 0; y < h; y += rows, dst += rows * sd, a += rows * sa, b += rows * sb) {
        if (n == 8) {
            v128_t p = wasm_v128_load64_lane(a + sa, wasm_v128_load64_zero(a), 1);
            p = mean(p, wasm_v128_load64_lane(b + sb, wasm_v128_load64_zero(b), 1));
            wasm_v128_store64_lane(dst, p, 0);
            wasm_v128_store64_lane(dst + sd, p, 1);
            continue;
        }
        char *d = (char *)dst;
        const char *p = (const char *)a, *q = (const char *)b;
        for (int x = 0; x < full; x += 16)
            wasm_v128_store(d + x, mean(wasm_v128_load(p + x), wasm_v128_load(q + x)));
        if (n & 8)
            wasm_v128_store64_lane(d + full, mean(wasm_v128_load64_zero(p + full), wasm_v128_load64_zero(q + full)), 0);
        if (n & 4)
            wasm_v128_store32_lane(d + rest, mean(wasm_v128_load32_zero(p + rest), wasm_v128_load32_zero(q + rest)), 0);
    }
}

// A sum that saturates is outside the range of pixels, so that it is clipped to the same value as the exact sum.
IN v128_t add_average(v128_t a, v128_t b)
{
    constexpr int shift = IF_INTERNAL_PREC + 1 - X265_DEPTH;
    v128_t sum = wasm_i16x8_add_sat(a, b);
    return wasm_i16x8_shr(wasm_i16x8_add_sat(sum, splat16((1 << (shift - 1)) + 2 * IF_INTERNAL_OFFS)), shift);
}
template<int w, int h>
void add_average(const int16_t *a, const int16_t *b, pixel *dst, intptr_t sa, intptr_t sb, intptr_t sd)
{
    for (int y = 0; y < h; y++, dst += sd, a += sa, b += sb) {
        for (int x = 0; x < (w & ~7); x += 8) store8_clipped(dst + x, add_average(load8(a + x), load8(b + x)));
        if (w & 4) store4_clipped(dst + (w & ~7), add_average(load4(a + (w & ~7)), load4(b + (w & ~7))));
    }
}

IN v128_t to_short(v128_t a)
{
    return wasm_i16x8_sub(wasm_i16x8_shl(a, IF_INTERNAL_PREC - X265_DEPTH), splat16(IF_INTERNAL_OFFS));
}
template<int w, int h> void pixel_to_short(const pixel *src, intptr_t s, int16_t *dst, intptr_t sd)
{
    for (int y = 0; y < h; y++, dst += sd, src += s) {
        for (int x = 0; x < (w & ~7); x += 8) store8(dst + x, to_short(load8(src + x)));
        if (w & 4) store4(dst + (w & ~7), to_short(load4(src + (w & ~7))));
    }
}

template<int w> void fill(int16_t *dst, intptr_t s, int16_t value)
{
    v128_t v = splat16(value);
    for (int y = 0; y < w; y++, dst += s) {
        for (int x = 0; x < (w & ~7); x += 8) store8(dst + x, v);
        if (w == 4) store4(dst, v);
    }
}

// Shifts the values of a square block.
template<int w, bool left> IN void shifted(int16_t *dst, intptr_t sd, const int16_t *src, intptr_t s, int shift)
{
    auto f = [=](v128_t a) {
        if (left) return wasm_i16x8_shl(a, shift);
        // Rounds without an addition that could overflow.
        return wasm_i16x8_add(wasm_i16x8_shr(a, shift), wasm_v128_and(wasm_i16x8_shr(a, shift - 1), splat16(1)));
    };
    for (int y = 0; y < w; y++, dst += sd, src += s) {
        for (int x = 0; x < (w & ~7); x += 8) store8(dst + x, f(load8(src + x)));
        if (w == 4) store4(dst, f(load4(src)));
    }
}
template<int w> void pack_shl(int16_t *d, const int16_t *p, intptr_t s, int shift)
{
    shifted<w, true>(d, w, p, s, shift);
}
template<int w> void pack_shr(int16_t *d, const int16_t *p, intptr_t s, int shift)
{
    shifted<w, false>(d, w, p, s, shift);
}
template<int w> void unpack_shl(int16_t *d, const int16_t *p, intptr_t s, int shift)
{
    shifted<w, true>(d, s, p, w, shift);
}
template<int w> void unpack_shr(int16_t *d, const int16_t *p, intptr_t s, int shift)
{
    shifted<w, false>(d, s, p, w, shift);
}

}

namespace X265_NS {
void setupBlockPrimitives_wasm(EncoderPrimitives &p)
{
#define LUMA_PU(w, h)                                                     \
    p.pu[LUMA_##w##x##h].copy_pp = copy<w, h, pixel>;                     \
    p.pu[LUMA_##w##x##h].addAvg[NONALIGNED] = add_average<w, h>;          \
    p.pu[LUMA_##w##x##h].addAvg[ALIGNED] = add_average<w, h>;             \
    p.pu[LUMA_##w##x##h].pixelavg_pp[NONALIGNED] = average<w, h>;         \
    p.pu[LUMA_##w##x##h].pixelavg_pp[ALIGNED] = average<w, h>;            \
    p.pu[LUMA_##w##x##h].convert_p2s[NONALIGNED] = pixel_to_short<w, h>;  \
    p.pu[LUMA_##w##x##h].convert_p2s[ALIGNED] = pixel_to_short<w, h>;
    FOR_LUMA_SIZES(LUMA_PU)

#define CHROMA_PU(csp, w, h)                                                                     \
    p.chroma[X265_CSP_I##csp].pu[CHROMA_##csp##_##w##x##h].copy_pp = copy<w, h, pixel>;          \
    p.chroma[X265_CSP_I##csp].pu[CHROMA_##csp##_##w##x##h].addAvg[NONALIGNED] = add_average<w, h>; \
    p.chroma[X265_CSP_I##csp].pu[CHROMA_##csp##_##w##x##h].addAvg[ALIGNED] = add_average<w, h>;  \
    p.chroma[X265_CSP_I##csp].pu[CHROMA_##csp##_##w##x##h].p2s[NONALIGNED] = pixel_to_short<w, h>; \
    p.chroma[X265_CSP_I##csp].pu[CHROMA_##csp##_##w##x##h].p2s[ALIGNED] = pixel_to_short<w, h>;
#define CHROMA_420(w, h) CHROMA_PU(420, w, h)
#define CHROMA_422(w, h) CHROMA_PU(422, w, h)
    FOR_CHROMA_420_SIZES(CHROMA_420)
    FOR_CHROMA_422_SIZES(CHROMA_422)

#define CU(cu, w, h)                        \
    cu.sub_ps = sub<w, h>;                  \
    cu.add_ps[NONALIGNED] = add<w, h>;      \
    cu.add_ps[ALIGNED] = add<w, h>;         \
    cu.copy_sp = convert<w, h, pixel, int16_t>;   \
    cu.copy_ps = convert<w, h, int16_t, pixel>;   \
    cu.copy_ss = copy<w, h, int16_t>;
#define LUMA_CU(w)                                                   \
    CU(p.cu[BLOCK_##w##x##w], w, w)                                  \
    p.cu[BLOCK_##w##x##w].blockfill_s[NONALIGNED] = fill<w>;         \
    p.cu[BLOCK_##w##x##w].blockfill_s[ALIGNED] = fill<w>;            \
    p.cu[BLOCK_##w##x##w].cpy2Dto1D_shl = pack_shl<w>;               \
    p.cu[BLOCK_##w##x##w].cpy2Dto1D_shr = pack_shr<w>;               \
    p.cu[BLOCK_##w##x##w].cpy1Dto2D_shl[NONALIGNED] = unpack_shl<w>; \
    p.cu[BLOCK_##w##x##w].cpy1Dto2D_shl[ALIGNED] = unpack_shl<w>;    \
    p.cu[BLOCK_##w##x##w].cpy1Dto2D_shr = unpack_shr<w>;             \
    p.cu[BLOCK_##w##x##w].calcresidual[NONALIGNED] = residual<w>;    \
    p.cu[BLOCK_##w##x##w].calcresidual[ALIGNED] = residual<w>;
    LUMA_CU(4) LUMA_CU(8) LUMA_CU(16) LUMA_CU(32) LUMA_CU(64)

#define CHROMA_CU(csp, w, h) CU(p.chroma[X265_CSP_I##csp].cu[BLOCK_##csp##_##w##x##h], w, h)
    CHROMA_CU(420, 4, 4) CHROMA_CU(420, 8, 8) CHROMA_CU(420, 16, 16) CHROMA_CU(420, 32, 32)
    CHROMA_CU(422, 4, 8) CHROMA_CU(422, 8, 16) CHROMA_CU(422, 16, 32) CHROMA_CU(422, 32, 64)
}
}
