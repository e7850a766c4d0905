/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loops of dct_quantize_c in mpegvideo_enc.c. */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/common.h"
#include "libavcodec/wasm/quantize.h"

#define SHIFT 21 /* QMAT_SHIFT of mpegvideo_enc.c */

/* Quantizes four coefficients without their signs. Each is the product's 64 bits plus the bias, of which a negative sum is
 * zero: its lower 32 bits after the shift are negative, too. */
static av_always_inline v128_t quantize(v128_t levels, const int *matrix, v128_t bias)
{
    v128_t factors = wasm_v128_load(matrix);
    v128_t low  = wasm_i64x2_add(wasm_u64x2_extmul_low_u32x4(levels, factors), bias);
    v128_t high = wasm_i64x2_add(wasm_u64x2_extmul_high_u32x4(levels, factors), bias);
    low  = wasm_u64x2_shr(low, SHIFT);
    high = wasm_u64x2_shr(high, SHIFT);
    return wasm_i32x4_max(wasm_i32x4_shuffle(low, high, 0, 2, 4, 6), wasm_i32x4_const_splat(0));
}

/* Returns the index in `scan` of the last coefficient that is not zero, or -1. */
static av_always_inline int last_in_scan(const int16_t *block, const uint8_t *scan)
{
    const v128_t zero = wasm_i16x8_const_splat(0);
    v128_t is_set[4];
    for (int i = 0; i < 4; i++)
        is_set[i] = wasm_i8x16_narrow_i16x8(wasm_i16x8_ne(wasm_v128_load(block + 16 * i), zero),
                                            wasm_i16x8_ne(wasm_v128_load(block + 16 * i + 8), zero));
#pragma unroll
    for (int group = 3; group >= 0; group--) {
        v128_t at = wasm_v128_load(scan + 16 * group), found = zero;
        uint32_t mask;
        /* An index that is not in the table gives zero. */
        for (int i = 0; i < 4; i++)
            found = wasm_v128_or(found, wasm_i8x16_swizzle(is_set[i], wasm_i8x16_sub(at, wasm_i8x16_splat(16 * i))));
        mask = wasm_i8x16_bitmask(found);
        if (mask)
            return 16 * group + 31 - __builtin_clz(mask);
    }
    return -1;
}

int ff_quantize_simd128(int16_t *block, const int *matrix, int bias, const uint8_t *scan, int first, int *max)
{
    const v128_t biases = wasm_i64x2_splat(bias);
    v128_t all = wasm_i32x4_const_splat(0);
    int16_t dc = block[0];
    int last;

    if (first)
        block[0] = 0;
    for (int i = 0; i < 64; i += 8) {
        v128_t x = wasm_v128_load(block + i), sign = wasm_i16x8_shr(x, 15), absolute = wasm_i16x8_abs(x);
        v128_t low  = quantize(wasm_u32x4_extend_low_u16x8(absolute), matrix + i, biases);
        v128_t high = quantize(wasm_u32x4_extend_high_u16x8(absolute), matrix + i + 4, biases);
        all = wasm_v128_or(all, wasm_v128_or(low, high));
        /* The lower 16 bits, as C stores them. */
        x = wasm_i16x8_shuffle(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
        wasm_v128_store(block + i, wasm_i16x8_sub(wasm_v128_xor(x, sign), sign));
    }
    last = FFMAX(last_in_scan(block, scan), first - 1);
    if (first)
        block[0] = dc;

    all = wasm_v128_or(all, wasm_i32x4_shuffle(all, all, 2, 3, 0, 1));
    *max = wasm_i32x4_extract_lane(all, 0) | wasm_i32x4_extract_lane(all, 1);
    return last;
}
