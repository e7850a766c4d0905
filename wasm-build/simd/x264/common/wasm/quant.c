/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantisation: quant_4x4, quant_4x4x4, quant_8x8 and quant_2x2_dc of common/quant.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

IN v128_t quant8(dctcoef *coefficients, v128_t mf, v128_t bias)
{
    v128_t x = wasm_v128_load(coefficients);
    v128_t a = wasm_u16x8_add_sat(wasm_i16x8_abs(x), bias);
    v128_t low = wasm_u32x4_extmul_low_u16x8(a, mf), high = wasm_u32x4_extmul_high_u16x8(a, mf);
    v128_t q = wasm_i16x8_shuffle(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
    v128_t sign = wasm_i16x8_shr(x, 15);
    q = wasm_i16x8_sub(wasm_v128_xor(q, sign), sign);
    wasm_v128_store(coefficients, q);
    return q;
}
int x264_quant_4x4_wasm(dctcoef dct[16], udctcoef mf[16], udctcoef bias[16])
{
    return wasm_v128_any_true(wasm_v128_or(quant8(dct, wasm_v128_load(mf), wasm_v128_load(bias)),
                                           quant8(dct + 8, wasm_v128_load(mf + 8), wasm_v128_load(bias + 8))));
}
int x264_quant_4x4x4_wasm(dctcoef dct[4][16], udctcoef mf[16], udctcoef bias[16])
{
    v128_t mf0 = wasm_v128_load(mf), mf1 = wasm_v128_load(mf + 8);
    v128_t bias0 = wasm_v128_load(bias), bias1 = wasm_v128_load(bias + 8), any[4];
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++)
        any[i] = wasm_v128_or(quant8(dct[i], mf0, bias0), quant8(dct[i] + 8, mf1, bias1));
    /* Each block becomes a lane of 32 bits. Saturation in 16 and then 8 bits keeps what is not zero. */
    v128_t r = wasm_i8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(any[0], any[1]), wasm_i16x8_narrow_i32x4(any[2], any[3]));
    return 15 ^ wasm_i32x4_bitmask(wasm_i32x4_eq(r, wasm_i32x4_const_splat(0)));
}
int x264_quant_8x8_wasm(dctcoef dct[64], udctcoef mf[64], udctcoef bias[64])
{
    v128_t any = wasm_i16x8_const_splat(0);
    for (int i = 0; i < 64; i += 8)
        any = wasm_v128_or(any, quant8(dct + i, wasm_v128_load(mf + i), wasm_v128_load(bias + i)));
    return wasm_v128_any_true(any);
}
int x264_quant_2x2_dc_wasm(dctcoef dct[4], int mf, int bias)
{
    v128_t x = wasm_i32x4_load16x4(dct), negative = wasm_i32x4_le(x, wasm_i32x4_const_splat(0));
    v128_t q = wasm_i32x4_mul(wasm_i32x4_add(wasm_i32x4_abs(x), wasm_i32x4_splat(bias)), wasm_i32x4_splat(mf));
    q = wasm_u32x4_shr(q, 16);
    q = wasm_i32x4_sub(wasm_v128_xor(q, negative), negative);
    q = wasm_i16x8_shuffle(q, wasm_i16x8_const_splat(0), 0, 2, 4, 6, 8, 8, 8, 8);
    wasm_v128_store64_lane(dct, q, 0);
    return wasm_v128_any_true(q);
}
#endif
