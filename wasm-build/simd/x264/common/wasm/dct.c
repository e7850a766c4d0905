/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transform of differences in blocks of 4x4: sub4x4_dct, sub8x8_dct and sub16x16_dct of common/dct.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

/* One direction of the transform, of eight columns. */
IN void transform(v128_t x[4])
{
    v128_t s03 = wasm_i16x8_add(x[0], x[3]), s12 = wasm_i16x8_add(x[1], x[2]);
    v128_t d03 = wasm_i16x8_sub(x[0], x[3]), d12 = wasm_i16x8_sub(x[1], x[2]);
    x[0] = wasm_i16x8_add(s03, s12);
    x[1] = wasm_i16x8_add(wasm_i16x8_add(d03, d03), d12);
    x[2] = wasm_i16x8_sub(s03, s12);
    x[3] = wasm_i16x8_sub(d03, wasm_i16x8_add(d12, d12));
}

/* Transposes two blocks that are side by side, each on its own. */
IN void transpose(v128_t x[4])
{
    v128_t a = wasm_i16x8_shuffle(x[0], x[1], 0, 8, 1, 9, 4, 12, 5, 13);
    v128_t b = wasm_i16x8_shuffle(x[2], x[3], 0, 8, 1, 9, 4, 12, 5, 13);
    v128_t c = wasm_i16x8_shuffle(x[0], x[1], 2, 10, 3, 11, 6, 14, 7, 15);
    v128_t d = wasm_i16x8_shuffle(x[2], x[3], 2, 10, 3, 11, 6, 14, 7, 15);
    x[0] = wasm_i32x4_shuffle(a, b, 0, 4, 2, 6);
    x[1] = wasm_i32x4_shuffle(a, b, 1, 5, 3, 7);
    x[2] = wasm_i32x4_shuffle(c, d, 0, 4, 2, 6);
    x[3] = wasm_i32x4_shuffle(c, d, 1, 5, 3, 7);
}

/* Two blocks that are side by side. The coefficients of a block are stored by column, as in C. */
IN void sub8x4_dct(dctcoef *dct, const pixel *fenc, const pixel *fdec)
{
    v128_t x[4];
    for (int i = 0; i < 4; i++)
        x[i] = difference8(fenc + i * FENC_STRIDE, fdec + i * FDEC_STRIDE);
    transform(x);
    transpose(x);
    transform(x);
    wasm_v128_store(dct, wasm_i64x2_shuffle(x[0], x[1], 0, 2));
    wasm_v128_store(dct + 8, wasm_i64x2_shuffle(x[2], x[3], 0, 2));
    wasm_v128_store(dct + 16, wasm_i64x2_shuffle(x[0], x[1], 1, 3));
    wasm_v128_store(dct + 24, wasm_i64x2_shuffle(x[2], x[3], 1, 3));
}

void x264_sub4x4_dct_wasm(dctcoef dct[16], pixel *fenc, pixel *fdec)
{
    v128_t x[4];
    for (int i = 0; i < 4; i++) {
        v128_t a = wasm_v128_load32_zero(fenc + i * FENC_STRIDE), b = wasm_v128_load32_zero(fdec + i * FDEC_STRIDE);
        x[i] = wasm_i16x8_sub(wasm_u16x8_extend_low_u8x16(a), wasm_u16x8_extend_low_u8x16(b));
    }
    transform(x);
    transpose(x);
    transform(x);
    wasm_v128_store(dct, wasm_i64x2_shuffle(x[0], x[1], 0, 2));
    wasm_v128_store(dct + 8, wasm_i64x2_shuffle(x[2], x[3], 0, 2));
}

void x264_sub8x8_dct_wasm(dctcoef dct[4][16], pixel *fenc, pixel *fdec)
{
    sub8x4_dct(dct[0], fenc, fdec);
    sub8x4_dct(dct[2], fenc + 4 * FENC_STRIDE, fdec + 4 * FDEC_STRIDE);
}

void x264_sub16x16_dct_wasm(dctcoef dct[16][16], pixel *fenc, pixel *fdec)
{
    for (int y = 0; y < 16; y += 8)
        for (int x = 0; x < 16; x += 8)
            x264_sub8x8_dct_wasm(dct + y + x / 2, fenc + y * FENC_STRIDE + x, fdec + y * FDEC_STRIDE + x);
}
#endif
