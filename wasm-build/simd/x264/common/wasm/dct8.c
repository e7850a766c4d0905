/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transform of differences in blocks of 8x8: sub8x8_dct8 and sub16x16_dct8 of common/dct.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

/* Returns 1.5 times a. */
IN v128_t half_more(v128_t a) { return wasm_i16x8_add(a, wasm_i16x8_shr(a, 1)); }

/* One direction of the transform, of eight columns. All values fit 16 bits, as in the x86 assembly. */
IN void transform8(v128_t x[8])
{
    v128_t s07 = wasm_i16x8_add(x[0], x[7]), s16 = wasm_i16x8_add(x[1], x[6]);
    v128_t s25 = wasm_i16x8_add(x[2], x[5]), s34 = wasm_i16x8_add(x[3], x[4]);
    v128_t d07 = wasm_i16x8_sub(x[0], x[7]), d16 = wasm_i16x8_sub(x[1], x[6]);
    v128_t d25 = wasm_i16x8_sub(x[2], x[5]), d34 = wasm_i16x8_sub(x[3], x[4]);
    v128_t a0 = wasm_i16x8_add(s07, s34), a1 = wasm_i16x8_add(s16, s25);
    v128_t a2 = wasm_i16x8_sub(s07, s34), a3 = wasm_i16x8_sub(s16, s25);
    x[0] = wasm_i16x8_add(a0, a1);
    x[4] = wasm_i16x8_sub(a0, a1);
    x[2] = wasm_i16x8_add(a2, wasm_i16x8_shr(a3, 1));
    x[6] = wasm_i16x8_sub(wasm_i16x8_shr(a2, 1), a3);
    v128_t a4 = wasm_i16x8_add(wasm_i16x8_add(d16, d25), half_more(d07));
    v128_t a5 = wasm_i16x8_sub(wasm_i16x8_sub(d07, d34), half_more(d25));
    v128_t a6 = wasm_i16x8_sub(wasm_i16x8_add(d07, d34), half_more(d16));
    v128_t a7 = wasm_i16x8_add(wasm_i16x8_sub(d16, d25), half_more(d34));
    x[1] = wasm_i16x8_add(a4, wasm_i16x8_shr(a7, 2));
    x[7] = wasm_i16x8_sub(wasm_i16x8_shr(a4, 2), a7);
    x[3] = wasm_i16x8_add(a5, wasm_i16x8_shr(a6, 2));
    x[5] = wasm_i16x8_sub(a6, wasm_i16x8_shr(a5, 2));
}

/* Interleaves the first and the second half of eight vectors three times, which transposes them. */
IN void transpose8(v128_t x[8])
{
    for (int step = 0; step < 3; step++) {
        v128_t y[8];
        for (int i = 0; i < 4; i++) {
            y[2 * i] = wasm_i16x8_shuffle(x[i], x[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
            y[2 * i + 1] = wasm_i16x8_shuffle(x[i], x[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
        }
        for (int i = 0; i < 8; i++)
            x[i] = y[i];
    }
}

void x264_sub8x8_dct8_wasm(dctcoef dct[64], pixel *fenc, pixel *fdec)
{
    v128_t x[8];
    for (int i = 0; i < 8; i++)
        x[i] = difference8(fenc + i * FENC_STRIDE, fdec + i * FDEC_STRIDE);
    transform8(x);
    transpose8(x);
    transform8(x);
    for (int i = 0; i < 8; i++)
        wasm_v128_store(dct + 8 * i, x[i]);
}

void x264_sub16x16_dct8_wasm(dctcoef dct[4][64], pixel *fenc, pixel *fdec)
{
    x264_sub8x8_dct8_wasm(dct[0], fenc, fdec);
    x264_sub8x8_dct8_wasm(dct[1], fenc + 8, fdec + 8);
    x264_sub8x8_dct8_wasm(dct[2], fenc + 8 * FENC_STRIDE, fdec + 8 * FDEC_STRIDE);
    x264_sub8x8_dct8_wasm(dct[3], fenc + 8 * FENC_STRIDE + 8, fdec + 8 * FDEC_STRIDE + 8);
}
#endif
