// SPDX-License-Identifier: GPL-2.0-or-later
// Sums of absolute differences: sad, sad_x3 and sad_x4 of common/pixel.cpp.
//
// The loops are unrolled in part only: clang moves the loads of a fully unrolled block to its start, where Cranelift
// spills them to the stack.
#include "kernels.h"
#include "simd.h"

namespace {

#if HIGH_BIT_DEPTH
// The number of pixels in a vector, and the number of vectors whose differences fit a sum.
enum { LANES = 8, FULL = 64 };

template<int w> IN v128_t rows(const pixel *p, intptr_t stride)
{
    return w == 4 ? wasm_v128_load64_lane(p + stride, wasm_v128_load64_zero(p), 1) : wasm_v128_load(p);
}
IN v128_t add_difference(v128_t sum, v128_t a, v128_t b)
{
    return wasm_i16x8_add(sum, wasm_i16x8_abs(wasm_i16x8_sub(a, b)));
}
#else
enum { LANES = 16, FULL = 128 };

template<int w> IN v128_t rows(const pixel *p, intptr_t stride)
{
    if (w == 4) {
        v128_t a = wasm_v128_load32_lane(p + stride, wasm_v128_load32_zero(p), 1);
        a = wasm_v128_load32_lane(p + 2 * stride, a, 2);
        return wasm_v128_load32_lane(p + 3 * stride, a, 3);
    }
    return w == 8 ? wasm_v128_load64_lane(p + stride, wasm_v128_load64_zero(p), 1) : wasm_v128_load(p);
}
IN v128_t add_difference(v128_t sum, v128_t a, v128_t b)
{
    v128_t d = wasm_i8x16_sub(wasm_u8x16_max(a, b), wasm_u8x16_min(a, b));
    return wasm_i16x8_add(sum, wasm_u16x8_extadd_pairwise_u8x16(d));
}
#endif

// The block as columns of 4, 8 or LANES pixels: n blocks are compared with one.
template<int n, int w, int h>
IN void columns(const pixel *fenc, intptr_t fs, const pixel *const *p, intptr_t s, v128_t sums[n])
{
    constexpr int step = w < LANES ? LANES / w : 1, across = w < LANES ? 1 : w / LANES;
    constexpr int part = FULL / across * step;
    const pixel *q[n];
    for (int i = 0; i < n; i++) q[i] = p[i];
    for (int start = 0; start < h; start += part) {
        v128_t sum[n];
        for (int i = 0; i < n; i++) sum[i] = splat16(0);
#pragma clang loop unroll_count(2)
        for (int y = start; y < h && y < start + part; y += step) {
            for (int x = 0; x < across; x++) {
                v128_t f = rows<w>(fenc + x * LANES, fs);
                for (int i = 0; i < n; i++) sum[i] = add_difference(sum[i], f, rows<w>(q[i] + x * LANES, s));
            }
            fenc += step * fs;
            for (int i = 0; i < n; i++) q[i] += step * s;
        }
        for (int i = 0; i < n; i++)
            sums[i] = wasm_i32x4_add(sums[i], wasm_u32x4_extadd_pairwise_u16x8(sum[i]));
    }
}

template<int n, int w, int h>
IN void sad_n(const pixel *fenc, intptr_t fs, const pixel *const *p, intptr_t s, v128_t sums[n])
{
    for (int i = 0; i < n; i++) sums[i] = splat32(0);
    if (w % LANES == 0 || w == 8 || w == 4) {
        columns<n, w, h>(fenc, fs, p, s, sums);
        return;
    }
    // Widths of 12, and of 24 with vectors of 16 pixels.
    constexpr int first = w == 12 ? 8 : 16, rest = w - first;
    const pixel *q[n];
    for (int i = 0; i < n; i++) q[i] = p[i] + first;
    columns<n, first, h>(fenc, fs, p, s, sums);
    columns<n, rest == 4 ? 4 : 8, h>(fenc + first, fs, q, s, sums);
}

template<int w, int h> int sad(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t sum[1];
    sad_n<1, w, h>(a, sa, &b, sb, sum);
    return sum32(sum[0]);
}
template<int w, int h>
void sad_x3(const pixel *f, const pixel *a, const pixel *b, const pixel *c, intptr_t s, int32_t *res)
{
    const pixel *p[] = {a, b, c};
    v128_t sum[3];
    sad_n<3, w, h>(f, FENC_STRIDE, p, s, sum);
    v128_t r = sums32(sum[0], sum[1], sum[2], sum[2]);
    wasm_v128_store64_lane(res, r, 0);
    res[2] = wasm_i32x4_extract_lane(r, 2);
}
template<int w, int h>
void sad_x4(const pixel *f, const pixel *a, const pixel *b, const pixel *c, const pixel *d, intptr_t s, int32_t *res)
{
    const pixel *p[] = {a, b, c, d};
    v128_t sum[4];
    sad_n<4, w, h>(f, FENC_STRIDE, p, s, sum);
    wasm_v128_store(res, sums32(sum[0], sum[1], sum[2], sum[3]));
}

}

namespace X265_NS {
void setupSadPrimitives_wasm(EncoderPrimitives &p)
{
#define SIZE(w, h)                                \
    p.pu[LUMA_##w##x##h].sad = sad<w, h>;         \
    p.pu[LUMA_##w##x##h].sad_x3 = sad_x3<w, h>;   \
    p.pu[LUMA_##w##x##h].sad_x4 = sad_x4<w, h>;
    FOR_LUMA_SIZES(SIZE)
}
}
