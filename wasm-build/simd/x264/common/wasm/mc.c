/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Motion compensation: mc_luma, get_ref, mc_chroma and mc_weight_* of common/mc.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

IN void average_row(pixel *dst, const pixel *a, const pixel *b, int w)
{
    int x = 0;
    for (; x + 16 <= w; x += 16)
        wasm_v128_store(dst + x, wasm_u8x16_avgr(wasm_v128_load(a + x), wasm_v128_load(b + x)));
    if (w & 8) {
        v128_t r = wasm_u8x16_avgr(wasm_v128_load64_zero(a + x), wasm_v128_load64_zero(b + x));
        wasm_v128_store64_lane(dst + x, r, 0);
        x += 8;
    }
    if (w & 4) {
        v128_t r = wasm_u8x16_avgr(wasm_v128_load32_zero(a + x), wasm_v128_load32_zero(b + x));
        wasm_v128_store32_lane(dst + x, r, 0);
    }
}
IN void copy_row(pixel *dst, const pixel *a, int w)
{
    int x = 0;
    for (; x + 16 <= w; x += 16)
        wasm_v128_store(dst + x, wasm_v128_load(a + x));
    if (w & 8) {
        wasm_v128_store64_lane(dst + x, wasm_v128_load64_zero(a + x), 0);
        x += 8;
    }
    if (w & 4)
        wasm_v128_store32_lane(dst + x, wasm_v128_load32_zero(a + x), 0);
}

/* Four rows in a step of the loop: a row takes little more time than the check of the stop flag in each step. */
IN void average(pixel *dst, intptr_t sd, const pixel *a, const pixel *b, intptr_t s, int w, int h)
{
    for (; h >= 4; h -= 4, dst += 4 * sd, a += 4 * s, b += 4 * s) {
        average_row(dst, a, b, w);
        average_row(dst + sd, a + s, b + s, w);
        average_row(dst + 2 * sd, a + 2 * s, b + 2 * s, w);
        average_row(dst + 3 * sd, a + 3 * s, b + 3 * s, w);
    }
    for (; h > 0; h--, dst += sd, a += s, b += s)
        average_row(dst, a, b, w);
}
IN void copy(pixel *dst, intptr_t sd, const pixel *a, intptr_t s, int w, int h)
{
    for (; h >= 4; h -= 4, dst += 4 * sd, a += 4 * s) {
        copy_row(dst, a, w);
        copy_row(dst + sd, a + s, w);
        copy_row(dst + 2 * sd, a + 2 * s, w);
        copy_row(dst + 3 * sd, a + 3 * s, w);
    }
    for (; h > 0; h--, dst += sd, a += s)
        copy_row(dst, a, w);
}

IN v128_t weighted(v128_t x, v128_t scale, v128_t rounding, int shift, v128_t offset)
{
    return wasm_i16x8_add(wasm_i16x8_shr(wasm_i16x8_add(wasm_i16x8_mul(x, scale), rounding), shift), offset);
}
/* Weights any number of rows: refine_subpel requests one row more than a block has. */
IN void weight_rows(pixel *dst, intptr_t sd, const pixel *src, intptr_t s, const x264_weight_t *weight, int w, int h)
{
    int shift = weight->i_denom;
    v128_t scale = wasm_i16x8_splat(weight->i_scale), offset = wasm_i16x8_splat(weight->i_offset);
    v128_t rounding = wasm_i16x8_splat(shift ? 1 << (shift - 1) : 0);
    for (int y = 0; y < h; y++, dst += sd, src += s) {
        int x = 0;
        for (; x + 8 <= w; x += 8) {
            v128_t r = weighted(wasm_u16x8_load8x8(src + x), scale, rounding, shift, offset);
            wasm_v128_store64_lane(dst + x, wasm_u8x16_narrow_i16x8(r, r), 0);
        }
        if (w & 4) {
            v128_t r = wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(src + x));
            r = weighted(r, scale, rounding, shift, offset);
            wasm_v128_store32_lane(dst + x, wasm_u8x16_narrow_i16x8(r, r), 0);
            x += 4;
        }
        if (w & 2) {
            v128_t r = wasm_u16x8_extend_low_u8x16(wasm_v128_load16_lane(src + x, wasm_i8x16_const_splat(0), 0));
            r = weighted(r, scale, rounding, shift, offset);
            wasm_v128_store16_lane(dst + x, wasm_u8x16_narrow_i16x8(r, r), 0);
        }
    }
}
#define WEIGHT(w)                                                                                       \
    static void weight_w##w(pixel *dst, intptr_t sd, pixel *src, intptr_t s, const x264_weight_t *weight, int h) \
    {                                                                                                   \
        weight_rows(dst, sd, src, s, weight, w, h);                                                     \
    }
WEIGHT(2) WEIGHT(4) WEIGHT(8) WEIGHT(12) WEIGHT(16) WEIGHT(20)
weight_fn_t x264_mc_weight_wasm[6] = {weight_w2, weight_w4, weight_w8, weight_w12, weight_w16, weight_w20};

/* Compiles a loop for each common width. */
#define BY_WIDTH(call)                  \
    switch (w) {                        \
    case 4: call(4); break;             \
    case 8: call(8); break;             \
    case 16: call(16); break;           \
    case 20: call(20); break;           \
    default: call(w); break;            \
    }

/*
 * Returns the pixels at a quarter-pixel position. If it is halfway between two of the four planes, `second` is set to
 * the pixels of the other plane, otherwise to NULL.
 */
IN const pixel *reference(pixel *src[4], intptr_t stride, int mvx, int mvy, const pixel **second)
{
    int at = (mvy & 3) << 2 | (mvx & 3);
    intptr_t offset = (mvy >> 2) * stride + (mvx >> 2);
    *second = at & 5 ? src[x264_hpel_ref1[at]] + offset + ((mvx & 3) == 3) : NULL;
    return src[x264_hpel_ref0[at]] + offset + ((mvy & 3) == 3) * stride;
}

void x264_mc_luma_wasm(pixel *dst, intptr_t sd, pixel *src[4], intptr_t s, int mvx, int mvy, int w, int h,
                       const x264_weight_t *weight)
{
    const pixel *b, *a = reference(src, s, mvx, mvy, &b);
    if (b) {
#define CALL(w) average(dst, sd, a, b, s, w, h)
        BY_WIDTH(CALL)
#undef CALL
        if (weight->weightfn)
            weight->weightfn[w >> 2](dst, sd, dst, sd, weight, h);
    } else if (weight->weightfn) {
        weight->weightfn[w >> 2](dst, sd, (pixel *)a, s, weight, h);
    } else {
#define CALL(w) copy(dst, sd, a, s, w, h)
        BY_WIDTH(CALL)
#undef CALL
    }
}

pixel *x264_get_ref_wasm(pixel *dst, intptr_t *sd, pixel *src[4], intptr_t s, int mvx, int mvy, int w, int h,
                         const x264_weight_t *weight)
{
    const pixel *b, *a = reference(src, s, mvx, mvy, &b);
    if (b) {
#define CALL(w) average(dst, *sd, a, b, s, w, h)
        BY_WIDTH(CALL)
#undef CALL
        if (weight->weightfn)
            weight->weightfn[w >> 2](dst, *sd, dst, *sd, weight, h);
        return dst;
    }
    if (weight->weightfn) {
        weight->weightfn[w >> 2](dst, *sd, (pixel *)a, s, weight, h);
        return dst;
    }
    *sd = s;
    return (pixel *)a;
}

/* Interpolates a row of interleaved chroma horizontally. The result is a pixel times eight. */
IN void chroma_row(const pixel *p, v128_t left, v128_t right, v128_t *low, v128_t *high, int wide)
{
    v128_t a = wide ? wasm_v128_load(p) : wasm_v128_load64_zero(p);
    v128_t b = wide ? wasm_v128_load(p + 2) : wasm_v128_load64_zero(p + 2);
    *low = wasm_i16x8_add(wasm_i16x8_mul(wasm_u16x8_extend_low_u8x16(a), left),
                          wasm_i16x8_mul(wasm_u16x8_extend_low_u8x16(b), right));
    if (wide)
        *high = wasm_i16x8_add(wasm_i16x8_mul(wasm_u16x8_extend_high_u8x16(a), left),
                               wasm_i16x8_mul(wasm_u16x8_extend_high_u8x16(b), right));
}
IN v128_t chroma_between(v128_t above, v128_t below, v128_t top, v128_t bottom)
{
    v128_t sum = wasm_i16x8_add(wasm_i16x8_mul(above, top), wasm_i16x8_mul(below, bottom));
    return wasm_u16x8_shr(wasm_i16x8_add(sum, wasm_i16x8_const_splat(32)), 6);
}
IN void chroma(pixel *u, pixel *v, intptr_t sd, const pixel *src, intptr_t s, int dx, int dy, int w, int h)
{
    v128_t left = wasm_i16x8_splat(8 - dx), right = wasm_i16x8_splat(dx);
    v128_t top = wasm_i16x8_splat(8 - dy), bottom = wasm_i16x8_splat(dy);
    v128_t low0, high0, low1, high1;
    chroma_row(src, left, right, &low0, &high0, w == 8);
    for (int y = 0; y < h; y++, u += sd, v += sd) {
        src += s;
        chroma_row(src, left, right, &low1, &high1, w == 8);
        v128_t low = chroma_between(low0, low1, top, bottom);
        v128_t high = w == 8 ? chroma_between(high0, high1, top, bottom) : low;
        v128_t r = wasm_u8x16_narrow_i16x8(low, high);
        r = wasm_i8x16_shuffle(r, r, 0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
        if (w == 8) {
            wasm_v128_store64_lane(u, r, 0);
            wasm_v128_store64_lane(v, r, 1);
        } else if (w == 4) {
            wasm_v128_store32_lane(u, r, 0);
            wasm_v128_store32_lane(v, r, 2);
        } else {
            wasm_v128_store16_lane(u, r, 0);
            wasm_v128_store16_lane(v, r, 4);
        }
        low0 = low1;
        high0 = high1;
    }
}
void x264_mc_chroma_wasm(pixel *u, pixel *v, intptr_t sd, pixel *src, intptr_t s, int mvx, int mvy, int w, int h)
{
    src += (mvy >> 3) * s + (mvx >> 3) * 2;
    if (w == 8)
        chroma(u, v, sd, src, s, mvx & 7, mvy & 7, 8, h);
    else if (w == 4)
        chroma(u, v, sd, src, s, mvx & 7, mvy & 7, 4, h);
    else
        chroma(u, v, sd, src, s, mvx & 7, mvy & 7, 2, h);
}
#endif
