/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums of absolute transformed differences: pixel_satd_* of common/pixel.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

/* Returns the differences of four pixels in each of two rows. */
IN v128_t difference4(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t x = wasm_v128_load32_lane(a + sa, wasm_v128_load32_zero(a), 1);
    v128_t y = wasm_v128_load32_lane(b + sb, wasm_v128_load32_zero(b), 1);
    return wasm_i16x8_sub(wasm_u16x8_extend_low_u8x16(x), wasm_u16x8_extend_low_u8x16(y));
}

/*
 * Transforms vertically transformed 4x4 blocks horizontally, and returns half the sums of absolute values. The last
 * step is a maximum, since |x + y| + |x - y| is twice the larger of |x| and |y|.
 */
IN v128_t fold(v128_t a, v128_t b)
{
    v128_t even = wasm_i16x8_shuffle(a, wasm_i32x4_shl(b, 16), 0, 9, 2, 11, 4, 13, 6, 15);
    v128_t odd = wasm_i16x8_shuffle(wasm_u32x4_shr(a, 16), b, 0, 9, 2, 11, 4, 13, 6, 15);
    v128_t sum = wasm_i16x8_abs(wasm_i16x8_add(even, odd));
    v128_t difference = wasm_i16x8_abs(wasm_i16x8_sub(even, odd));
    return wasm_i16x8_max(wasm_i32x4_shuffle(sum, difference, 0, 2, 4, 6),
                          wasm_i32x4_shuffle(sum, difference, 1, 3, 5, 7));
}

/* Returns values of at most 16 * 255, so that the sum of eight results fits 16 bits. */
IN v128_t satd8x4(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t d0 = difference8(a, b), d1 = difference8(a + sa, b + sb);
    v128_t d2 = difference8(a + 2 * sa, b + 2 * sb), d3 = difference8(a + 3 * sa, b + 3 * sb);
    v128_t s0 = wasm_i16x8_add(d0, d1), s1 = wasm_i16x8_sub(d0, d1);
    v128_t s2 = wasm_i16x8_add(d2, d3), s3 = wasm_i16x8_sub(d2, d3);
    return wasm_i16x8_add(fold(wasm_i16x8_add(s0, s2), wasm_i16x8_add(s1, s3)),
                          fold(wasm_i16x8_sub(s0, s2), wasm_i16x8_sub(s1, s3)));
}

/* Transforms one 4x4 block, with two rows in each vector. */
IN v128_t satd4x4(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t d01 = difference4(a, sa, b, sb), d23 = difference4(a + 2 * sa, sa, b + 2 * sb, sb);
    v128_t s = wasm_i16x8_add(d01, d23), t = wasm_i16x8_sub(d01, d23); /* 0+2 1+3, 0-2 1-3 */
    v128_t low = wasm_i64x2_shuffle(s, t, 0, 2), high = wasm_i64x2_shuffle(s, t, 1, 3);
    return fold(wasm_i16x8_add(low, high), wasm_i16x8_sub(low, high));
}

IN int satd(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb, int w, int h)
{
    v128_t sum = wasm_i16x8_const_splat(0);
    /* See sad.c. */
#pragma clang loop unroll(disable)
    for (int y = 0; y < h; y += 4, a += 4 * sa, b += 4 * sb) {
        if (w == 4) {
            sum = wasm_i16x8_add(sum, satd4x4(a, sa, b, sb));
        } else {
            for (int x = 0; x < w; x += 8)
                sum = wasm_i16x8_add(sum, satd8x4(a + x, sa, b + x, sb));
        }
    }
    return sum_u16(sum);
}

#define SATD(w, h)                                                                             \
    int x264_pixel_satd_##w##x##h##_wasm(pixel *a, intptr_t sa, pixel *b, intptr_t sb)         \
    {                                                                                          \
        return satd(a, sa, b, sb, w, h);                                                       \
    }
SATD(16, 16) SATD(16, 8) SATD(8, 16) SATD(8, 8) SATD(8, 4) SATD(4, 16) SATD(4, 8) SATD(4, 4)
#endif
