/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AVCODEC_WASM_ZIGZAG_H
#define AVCODEC_WASM_ZIGZAG_H

#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"

/* Returns 16 coefficients with 8 bits, of which those that are not zero stay so. */
static av_always_inline v128_t two_rows(const int16_t *block)
{
    return wasm_i8x16_narrow_i16x8(wasm_v128_load(block), wasm_v128_load(block + 8));
}

/* Returns the mask of those that are not zero, with the one at `index` replaced by `other`. */
static av_always_inline uint64_t mask16(v128_t x, int index, int other)
{
    uint32_t zeros = wasm_i8x16_bitmask(wasm_i8x16_eq(x, wasm_i8x16_const_splat(0)));
    return (~zeros & 0xffff & ~(1 << index)) | (other != 0) << index;
}

/* Returns the mask of the coefficients that are not zero, in the order of ff_zigzag_direct. Those after `last` are zero.
 * Of each 16 in this order, one is alone in its rows. */
static av_always_inline uint64_t nonzero_in_zigzag(const int16_t *block, int last)
{
    v128_t a = two_rows(block), b = two_rows(block + 16), c, d, x;
    uint64_t mask;

    x = wasm_i8x16_shuffle(a, b, 0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 0, 25, 18, 11, 4, 5);
    mask = mask16(x, 10, block[32]);
    if (last < 16)
        return mask;

    c = two_rows(block + 32);
    x = wasm_i8x16_shuffle(a, b, 12, 19, 26, 0, 0, 0, 0, 0, 27, 20, 13, 6, 7, 14, 21, 28);
    x = wasm_i8x16_shuffle(x, c, 0, 1, 2, 17, 24, 0, 25, 18, 8, 9, 10, 11, 12, 13, 14, 15);
    mask |= mask16(x, 5, block[48]) << 16;
    if (last < 32)
        return mask;

    d = two_rows(block + 48);
    x = wasm_i8x16_shuffle(c, d, 3, 10, 17, 24, 25, 18, 11, 4, 0, 0, 0, 0, 0, 5, 12, 19);
    x = wasm_i8x16_shuffle(x, b, 0, 1, 2, 3, 4, 5, 6, 7, 29, 22, 0, 23, 30, 13, 14, 15);
    mask |= mask16(x, 10, block[15]) << 32;
    x = wasm_i8x16_shuffle(c, d, 26, 27, 20, 13, 6, 0, 7, 14, 21, 28, 29, 22, 15, 23, 30, 31);
    return mask | mask16(x, 5, block[31]) << 48;
}

#endif
