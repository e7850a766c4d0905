/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sums of absolute differences: pixel_sad_*, pixel_sad_x3_* and pixel_sad_x4_* of common/pixel.c.
 *
 * WebAssembly has no instruction for sums of absolute differences (psadbw on x86). The differences are summed in
 * 16 bits, and across the lanes once for each block.
 *
 * The loops are unrolled in part only: Cranelift moves the loads of a fully unrolled block to its start, and spills them
 * to the stack.
 */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

/* Returns the lane sums of four vectors. The lanes are less than 2^15. */
IN v128_t sums_i16(v128_t a, v128_t b, v128_t c, v128_t d)
{
    a = wasm_i32x4_extadd_pairwise_i16x8(a);
    b = wasm_i32x4_extadd_pairwise_i16x8(b);
    c = wasm_i32x4_extadd_pairwise_i16x8(c);
    d = wasm_i32x4_extadd_pairwise_i16x8(d);
    return neighbours(neighbours(a, b), neighbours(c, d));
}

IN v128_t rows4(const pixel *p, intptr_t stride)
{
    v128_t a = wasm_v128_load32_lane(p + stride, wasm_v128_load32_zero(p), 1);
    a = wasm_v128_load32_lane(p + 2 * stride, a, 2);
    return wasm_v128_load32_lane(p + 3 * stride, a, 3);
}

/*
 * Loads one row of 16, one of 8 in 16 bits, or four of 4. To join two rows of 8 in a vector takes as long as to add
 * them on their own, and passes through integer registers, which are spilled.
 */
IN v128_t load(const pixel *p, intptr_t stride, int w)
{
    v128_t x = w == 16 ? wasm_v128_load(p) : w == 8 ? wasm_u16x8_load8x8(p) : rows4(p, stride);
    /* Otherwise, clang computes the differences in 8 bits and extends them. */
    if (w == 8)
        OPAQUE(x);
    return x;
}
IN int rows(int w) { return w == 4 ? 4 : 1; }

IN int sad(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb, int w, int h)
{
    v128_t sum = wasm_i16x8_const_splat(0);
#pragma clang loop unroll_count(4)
    for (int y = 0; y < h; y += rows(w), a += rows(w) * sa, b += rows(w) * sb) {
        sum = add_difference(sum, load(a, sa, w), load(b, sb, w), w);
    }
    return sum_i16(sum);
}

IN void sad_x(const pixel *fenc, const pixel **p, intptr_t stride, int *scores, int n, int w, int h)
{
    v128_t zero = wasm_i16x8_const_splat(0), s0 = zero, s1 = zero, s2 = zero, s3 = zero;
    const pixel *p0 = p[0], *p1 = p[1], *p2 = p[2], *p3 = n == 4 ? p[3] : NULL;
#pragma clang loop unroll_count(2)
    for (int y = 0; y < h; y += rows(w)) {
        v128_t f = load(fenc, FENC_STRIDE, w);
        s0 = add_difference(s0, f, load(p0, stride, w), w);
        s1 = add_difference(s1, f, load(p1, stride, w), w);
        s2 = add_difference(s2, f, load(p2, stride, w), w);
        if (n == 4)
            s3 = add_difference(s3, f, load(p3, stride, w), w);
        fenc += rows(w) * FENC_STRIDE;
        p0 += rows(w) * stride, p1 += rows(w) * stride, p2 += rows(w) * stride;
        if (n == 4)
            p3 += rows(w) * stride;
    }
    v128_t s = sums_i16(s0, s1, s2, s3);
    if (n == 4) {
        wasm_v128_store(scores, s);
    } else {
        wasm_v128_store64_lane(scores, s, 0);
        scores[2] = wasm_i32x4_extract_lane(s, 2);
    }
}

#define SAD(w, h)                                                                              \
    int x264_pixel_sad_##w##x##h##_wasm(pixel *a, intptr_t sa, pixel *b, intptr_t sb)          \
    {                                                                                          \
        return sad(a, sa, b, sb, w, h);                                                        \
    }
#define SAD_X(w, h)                                                                            \
    void x264_pixel_sad_x3_##w##x##h##_wasm(pixel *f, pixel *p0, pixel *p1, pixel *p2,         \
                                            intptr_t stride, int scores[3])                    \
    {                                                                                          \
        sad_x(f, (const pixel *[]){p0, p1, p2}, stride, scores, 3, w, h);                      \
    }                                                                                          \
    void x264_pixel_sad_x4_##w##x##h##_wasm(pixel *f, pixel *p0, pixel *p1, pixel *p2,         \
                                            pixel *p3, intptr_t stride, int scores[4])         \
    {                                                                                          \
        sad_x(f, (const pixel *[]){p0, p1, p2, p3}, stride, scores, 4, w, h);                  \
    }
SAD(16, 16) SAD(16, 8) SAD(8, 16) SAD(8, 8) SAD(8, 4) SAD(4, 16) SAD(4, 8) SAD(4, 4)
SAD_X(16, 16) SAD_X(16, 8) SAD_X(8, 16) SAD_X(8, 8) SAD_X(8, 4) SAD_X(4, 8) SAD_X(4, 4)
#endif
