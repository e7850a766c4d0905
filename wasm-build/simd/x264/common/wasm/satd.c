/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums of absolute transformed differences: pixel_satd_* of common/pixel.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "hadamard.h"

/* Returns the differences of four pixels in each of two rows. */
IN v128_t difference4(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    return wasm_i16x8_sub(pixels4x2(a, sa), pixels4x2(b, sb));
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

IN int satd(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb, int w, int h)
{
    v128_t sum = wasm_i16x8_const_splat(0);
    /* See sad.c. */
#pragma clang loop unroll(disable)
    for (int y = 0; y < h; y += 4, a += 4 * sa, b += 4 * sb) {
        if (w == 4) {
            v128_t d01 = difference4(a, sa, b, sb), d23 = difference4(a + 2 * sa, sa, b + 2 * sb, sb);
            sum = wasm_i16x8_add(sum, satd4x4(d01, d23, wasm_i16x8_const_splat(0)));
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
