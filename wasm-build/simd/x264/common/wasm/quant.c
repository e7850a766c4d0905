/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantisation: quant_4x4, quant_4x4x4 and quant_8x8 of common/quant.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

IN v128_t quant8(dctcoef *coefficients, const udctcoef *mf, const udctcoef *bias)
{
    v128_t x = wasm_v128_load(coefficients), m = wasm_v128_load(mf);
    v128_t a = wasm_u16x8_add_sat(wasm_i16x8_abs(x), wasm_v128_load(bias));
    v128_t low = wasm_u32x4_extmul_low_u16x8(a, m), high = wasm_u32x4_extmul_high_u16x8(a, m);
    v128_t q = wasm_i16x8_shuffle(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
    v128_t sign = wasm_i16x8_shr(x, 15);
    q = wasm_i16x8_sub(wasm_v128_xor(q, sign), sign);
    wasm_v128_store(coefficients, q);
    return q;
}
int x264_quant_4x4_wasm(dctcoef dct[16], udctcoef mf[16], udctcoef bias[16])
{
    return wasm_v128_any_true(wasm_v128_or(quant8(dct, mf, bias), quant8(dct + 8, mf + 8, bias + 8)));
}
int x264_quant_4x4x4_wasm(dctcoef dct[4][16], udctcoef mf[16], udctcoef bias[16])
{
    int r = 0;
    for (int i = 0; i < 4; i++)
        r |= x264_quant_4x4_wasm(dct[i], mf, bias) << i;
    return r;
}
int x264_quant_8x8_wasm(dctcoef dct[64], udctcoef mf[64], udctcoef bias[64])
{
    v128_t any = wasm_i16x8_const_splat(0);
    for (int i = 0; i < 64; i += 8)
        any = wasm_v128_or(any, quant8(dct + i, mf + i, bias + i));
    return wasm_v128_any_true(any);
}
#endif
