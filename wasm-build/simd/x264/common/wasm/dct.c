/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The transform of differences in blocks of 4x4, and its inverse: sub4x4_dct, sub8x8_dct, sub8x8_dct_dc, sub16x16_dct,
 * add4x4_idct, add8x8_idct and add16x16_idct of common/dct.c.
 */
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
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 2) {
        int x = i & 4 ? 8 : 0, y = (i & 8) + (i & 2) * 2;
        sub8x4_dct(dct[i], fenc + y * FENC_STRIDE + x, fdec + y * FDEC_STRIDE + x);
    }
}

/* The sums of differences of eight columns and four rows, two neighbours each. */
IN v128_t sums8x4(const pixel *fenc, const pixel *fdec)
{
    v128_t sum = difference8(fenc, fdec);
    for (int i = 1; i < 4; i++)
        sum = wasm_i16x8_add(sum, difference8(fenc + i * FENC_STRIDE, fdec + i * FDEC_STRIDE));
    return wasm_i32x4_extadd_pairwise_i16x8(sum);
}
void x264_sub8x8_dct_dc_wasm(dctcoef dct[4], pixel *fenc, pixel *fdec)
{
    v128_t upper = sums8x4(fenc, fdec), lower = sums8x4(fenc + 4 * FENC_STRIDE, fdec + 4 * FDEC_STRIDE);
    v128_t sums = neighbours(upper, lower);
    int a = wasm_i32x4_extract_lane(sums, 0), b = wasm_i32x4_extract_lane(sums, 1);
    int c = wasm_i32x4_extract_lane(sums, 2), d = wasm_i32x4_extract_lane(sums, 3);
    dct[0] = a + b + c + d;
    dct[1] = a + b - c - d;
    dct[2] = a - b + c - d;
    dct[3] = a - b - c + d;
}

/* One direction of the inverse transform, of eight columns. All values fit 16 bits, as in the x86 assembly. */
IN void inverse(v128_t x[4])
{
    v128_t s02 = wasm_i16x8_add(x[0], x[2]), d02 = wasm_i16x8_sub(x[0], x[2]);
    v128_t s13 = wasm_i16x8_add(x[1], wasm_i16x8_shr(x[3], 1)), d13 = wasm_i16x8_sub(wasm_i16x8_shr(x[1], 1), x[3]);
    x[0] = wasm_i16x8_add(s02, s13);
    x[1] = wasm_i16x8_add(d02, d13);
    x[2] = wasm_i16x8_sub(d02, d13);
    x[3] = wasm_i16x8_sub(s02, s13);
}
IN void inverse_both(v128_t x[4])
{
    inverse(x);
    transpose(x);
    x[0] = wasm_i16x8_add(x[0], wasm_i16x8_const_splat(32));
    inverse(x);
    for (int i = 0; i < 4; i++)
        x[i] = wasm_i16x8_shr(x[i], 6);
}
/* Two blocks that are side by side. */
IN void add8x4_idct(pixel *dst, const dctcoef *dct)
{
    v128_t a = wasm_v128_load(dct), b = wasm_v128_load(dct + 8), c = wasm_v128_load(dct + 16), d = wasm_v128_load(dct + 24);
    v128_t x[4] = {wasm_i64x2_shuffle(a, c, 0, 2), wasm_i64x2_shuffle(a, c, 1, 3),
                   wasm_i64x2_shuffle(b, d, 0, 2), wasm_i64x2_shuffle(b, d, 1, 3)};
    inverse_both(x);
    for (int i = 0; i < 4; i++, dst += FDEC_STRIDE) {
        v128_t r = wasm_i16x8_add(wasm_u16x8_load8x8(dst), x[i]);
        store8(dst, wasm_u8x16_narrow_i16x8(r, r));
    }
}

void x264_add4x4_idct_wasm(pixel *dst, dctcoef dct[16])
{
    v128_t a = wasm_v128_load(dct), b = wasm_v128_load(dct + 8);
    v128_t x[4] = {a, wasm_i64x2_shuffle(a, a, 1, 1), b, wasm_i64x2_shuffle(b, b, 1, 1)};
    inverse_both(x);
    for (int i = 0; i < 4; i++, dst += FDEC_STRIDE) {
        v128_t r = wasm_i16x8_add(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(dst)), x[i]);
        wasm_v128_store32_lane(dst, wasm_u8x16_narrow_i16x8(r, r), 0);
    }
}

void x264_add8x8_idct_wasm(pixel *dst, dctcoef dct[4][16])
{
    add8x4_idct(dst, dct[0]);
    add8x4_idct(dst + 4 * FDEC_STRIDE, dct[2]);
}

void x264_add16x16_idct_wasm(pixel *dst, dctcoef dct[16][16])
{
    x264_add8x8_idct_wasm(dst, dct);
    x264_add8x8_idct_wasm(dst + 8, dct + 4);
    x264_add8x8_idct_wasm(dst + 8 * FDEC_STRIDE, dct + 8);
    x264_add8x8_idct_wasm(dst + 8 * FDEC_STRIDE + 8, dct + 12);
}
#endif
