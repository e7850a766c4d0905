/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums of absolute transformed differences: pixel_satd_* of common/pixel.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "hadamard.h"

/* Returns the differences of four pixels in each of two rows. */
IN v128_t difference4(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t x = wasm_v128_load32_lane(a + sa, wasm_v128_load32_zero(a), 1);
    v128_t y = wasm_v128_load32_lane(b + sb, wasm_v128_load32_zero(b), 1);
    return wasm_i16x8_sub(wasm_u16x8_extend_low_u8x16(x), wasm_u16x8_extend_low_u8x16(y));
}

/* Returns values of at most 16 * 255, so that the sum of eight results fits 15 bits. */
IN v128_t satd8x4(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t d[4];
    for (int i = 0; i < 4; i++)
        d[i] = difference8(a + i * sa, b + i * sb);
    columns4(&d[0], &d[1], &d[2], &d[3]);
    return wasm_i16x8_add(rows4_half(d[0], d[1]), rows4_half(d[2], d[3]));
}

/* Transforms one 4x4 block, with two rows in each vector. */
IN v128_t satd4x4(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t d01 = difference4(a, sa, b, sb), d23 = difference4(a + 2 * sa, sa, b + 2 * sb, sb);
    v128_t s = wasm_i16x8_add(d01, d23), t = wasm_i16x8_sub(d01, d23); /* 0+2 1+3, 0-2 1-3 */
    v128_t low = wasm_i64x2_shuffle(s, t, 0, 2), high = wasm_i64x2_shuffle(s, t, 1, 3);
    return rows4_half(wasm_i16x8_add(low, high), wasm_i16x8_sub(low, high));
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
    return sum_i16(sum);
}

#define SATD(w, h)                                                                             \
    int x264_pixel_satd_##w##x##h##_wasm(pixel *a, intptr_t sa, pixel *b, intptr_t sb)         \
    {                                                                                          \
        return satd(a, sa, b, sb, w, h);                                                       \
    }
SATD(16, 16) SATD(16, 8) SATD(8, 16) SATD(8, 8) SATD(8, 4) SATD(4, 16) SATD(4, 8) SATD(4, 4)
#endif
