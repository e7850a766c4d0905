/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Costs of three intra predictions: intra_satd_x3_16x16, intra_satd_x3_8x8c, intra_satd_x3_4x4, intra_sa8d_x3_8x8,
 * intra_sad_x3_16x16 and intra_sad_x3_8x8c of common/pixel.c. The predictions are not stored.
 */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "hadamard.h"

IN v128_t left8(const pixel *fdec, int y) { return wasm_i16x8_splat(fdec[y * FDEC_STRIDE - 1]); }
IN v128_t left16(const pixel *fdec, int y) { return wasm_v128_load8_splat(fdec + y * FDEC_STRIDE - 1); }
IN int sum_left(const pixel *fdec, int y, int h)
{
    int sum = 0;
    for (int i = y; i < y + h; i++)
        sum += fdec[i * FDEC_STRIDE - 1];
    return sum;
}
IN int sum_top(const pixel *fdec, int x, int w)
{
    int sum = 0;
    for (int i = x; i < x + w; i++)
        sum += fdec[i - FDEC_STRIDE];
    return sum;
}

/*
 * Adds the costs of eight columns and four rows. A vertical prediction and a mean change only the first result of the
 * columns' transform, by four times their value.
 */
IN void add_satd(const pixel *fenc, const pixel *fdec, v128_t top, v128_t mean, int y, v128_t *v, v128_t *h, v128_t *dc)
{
    v128_t x[4], l[4];
    for (int i = 0; i < 4; i++) {
        x[i] = wasm_u16x8_load8x8(fenc + (y + i) * FENC_STRIDE);
        l[i] = wasm_i16x8_sub(x[i], left8(fdec, y + i));
    }
    columns4(&l[0], &l[1], &l[2], &l[3]);
    *h = wasm_i16x8_add(*h, wasm_i16x8_add(rows4_half(l[0], l[1]), rows4_half(l[2], l[3])));
    columns4(&x[0], &x[1], &x[2], &x[3]);
    v128_t rest = rows4_half(x[2], x[3]);
    *v = wasm_i16x8_add(*v, wasm_i16x8_add(rest, rows4_half(wasm_i16x8_sub(x[0], wasm_i16x8_shl(top, 2)), x[1])));
    *dc = wasm_i16x8_add(*dc, wasm_i16x8_add(rest, rows4_half(wasm_i16x8_sub(x[0], wasm_i16x8_shl(mean, 2)), x[1])));
}

void x264_intra_satd_x3_16x16_wasm(pixel *fenc, pixel *fdec, int res[3])
{
    v128_t v = wasm_i16x8_const_splat(0), h = v, dc = v;
    v128_t mean = wasm_i16x8_splat((sum_left(fdec, 0, 16) + sum_top(fdec, 0, 16) + 16) >> 5);
    v128_t top0 = wasm_u16x8_load8x8(fdec - FDEC_STRIDE), top1 = wasm_u16x8_load8x8(fdec - FDEC_STRIDE + 8);
#pragma clang loop unroll(disable)
    for (int y = 0; y < 16; y += 4) {
        add_satd(fenc, fdec, top0, mean, y, &v, &h, &dc);
        add_satd(fenc + 8, fdec, top1, mean, y, &v, &h, &dc);
    }
    res[0] = sum_i16(v);
    res[1] = sum_i16(h);
    res[2] = sum_i16(dc);
}

/* The means of the left and the right four columns. */
IN v128_t means(int left, int right)
{
    return wasm_i64x2_replace_lane(wasm_i16x8_splat(left), 1, right * 0x0001000100010001ull);
}
/* Computes the means of the upper and the lower half of 8x8 chroma pixels. */
IN void chroma_means(const pixel *fdec, v128_t mean[2])
{
    int left0 = sum_left(fdec, 0, 4), left1 = sum_left(fdec, 4, 4), top0 = sum_top(fdec, 0, 4), top1 = sum_top(fdec, 4, 4);
    mean[0] = means((left0 + top0 + 4) >> 3, (top1 + 2) >> 2);
    mean[1] = means((left1 + 2) >> 2, (left1 + top1 + 4) >> 3);
}

void x264_intra_satd_x3_8x8c_wasm(pixel *fenc, pixel *fdec, int res[3])
{
    v128_t v = wasm_i16x8_const_splat(0), h = v, dc = v, mean[2];
    chroma_means(fdec, mean);
    v128_t top = wasm_u16x8_load8x8(fdec - FDEC_STRIDE);
    add_satd(fenc, fdec, top, mean[0], 0, &v, &h, &dc);
    add_satd(fenc, fdec, top, mean[1], 4, &v, &h, &dc);
    res[0] = sum_i16(dc);
    res[1] = sum_i16(h);
    res[2] = sum_i16(v);
}

IN v128_t left4x2(const pixel *fdec, int y)
{
    return wasm_i64x2_shuffle(left8(fdec, y), left8(fdec, y + 1), 0, 2);
}
void x264_intra_satd_x3_4x4_wasm(pixel *fenc, pixel *fdec, int res[3])
{
    v128_t zero = wasm_i16x8_const_splat(0), x[2];
    for (int i = 0; i < 2; i++)
        x[i] = pixels4x2(fenc + 2 * i * FENC_STRIDE, FENC_STRIDE);
    /* Only the first four lanes have the sums of the columns. */
    v128_t top = wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(fdec - FDEC_STRIDE));
    v128_t mean = wasm_i64x2_splat(0);
    mean = wasm_i64x2_replace_lane(mean, 0, ((sum_left(fdec, 0, 4) + sum_top(fdec, 0, 4) + 4) >> 3) * 0x0001000100010001ull);
    res[0] = sum_i16(satd4x4(x[0], x[1], wasm_i16x8_shl(top, 2)));
    res[1] = sum_i16(satd4x4(wasm_i16x8_sub(x[0], left4x2(fdec, 0)), wasm_i16x8_sub(x[1], left4x2(fdec, 2)), zero));
    res[2] = sum_i16(satd4x4(x[0], x[1], wasm_i16x8_shl(mean, 2)));
}

/* The edge has the left pixels from the lowest to the highest, the corner and the upper pixels. */
void x264_intra_sa8d_x3_8x8_wasm(pixel *fenc, pixel edge[36], int res[3])
{
    v128_t x[8], h[8], top = wasm_u16x8_load8x8(edge + 16), left = wasm_u16x8_load8x8(edge + 7);
    v128_t mean = wasm_i16x8_splat((sum_i16(wasm_i16x8_add(top, left)) + 8) >> 4);
    for (int i = 0; i < 8; i++)
        h[i] = wasm_i16x8_sub(wasm_u16x8_load8x8(fenc + i * FENC_STRIDE), wasm_i16x8_splat(edge[14 - i]));
    columns8(h);
    v128_t sum = wasm_i16x8_const_splat(0);
    for (int i = 0; i < 8; i += 2)
        sum = wasm_i16x8_add(sum, rows8_half(h[i], h[i + 1]));
    res[1] = (2 * sum_i16(sum) + 2) >> 2;
    for (int i = 0; i < 8; i++)
        x[i] = wasm_u16x8_load8x8(fenc + i * FENC_STRIDE);
    columns8(x);
    sum = wasm_i16x8_const_splat(0);
    for (int i = 2; i < 8; i += 2)
        sum = wasm_i16x8_add(sum, rows8_half(x[i], x[i + 1]));
    top = rows8_half(wasm_i16x8_sub(x[0], wasm_i16x8_shl(top, 3)), x[1]);
    mean = rows8_half(wasm_i16x8_sub(x[0], wasm_i16x8_shl(mean, 3)), x[1]);
    res[0] = (2 * sum_i16(wasm_i16x8_add(sum, top)) + 2) >> 2;
    res[2] = (2 * sum_i16(wasm_i16x8_add(sum, mean)) + 2) >> 2;
}

void x264_intra_sad_x3_16x16_wasm(pixel *fenc, pixel *fdec, int res[3])
{
    v128_t v = wasm_i16x8_const_splat(0), h = v, dc = v;
    v128_t mean = wasm_i8x16_splat((sum_left(fdec, 0, 16) + sum_top(fdec, 0, 16) + 16) >> 5);
    v128_t top = wasm_v128_load(fdec - FDEC_STRIDE);
#pragma clang loop unroll_count(2)
    for (int y = 0; y < 16; y++) {
        v128_t x = wasm_v128_load(fenc + y * FENC_STRIDE);
        v = add_difference(v, x, top, 16);
        h = add_difference(h, x, left16(fdec, y), 16);
        dc = add_difference(dc, x, mean, 16);
    }
    res[0] = sum_i16(v);
    res[1] = sum_i16(h);
    res[2] = sum_i16(dc);
}

void x264_intra_sad_x3_8x8c_wasm(pixel *fenc, pixel *fdec, int res[3])
{
    v128_t v = wasm_i16x8_const_splat(0), h = v, dc = v, mean[2];
    chroma_means(fdec, mean);
    v128_t top = wasm_u16x8_load8x8(fdec - FDEC_STRIDE);
    for (int y = 0; y < 8; y++) {
        v128_t x = wasm_u16x8_load8x8(fenc + y * FENC_STRIDE);
        OPAQUE(x);
        v = add_difference(v, x, top, 8);
        h = add_difference(h, x, left8(fdec, y), 8);
        dc = add_difference(dc, x, mean[y / 4], 8);
    }
    res[0] = sum_i16(dc);
    res[1] = sum_i16(h);
    res[2] = sum_i16(v);
}
#endif
