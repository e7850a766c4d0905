/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Motion compensation: mc_luma, get_ref, mc_chroma, pixel_avg_* and mc_weight_* of common/mc.c. */
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
        store8(dst + x, r);
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
        store8(dst + x, wasm_v128_load64_zero(a + x));
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

/* Compiles a loop for each common width. */
#define BY_WIDTH(call)                  \
    switch (w) {                        \
    case 4: call(4); break;             \
    case 8: call(8); break;             \
    case 12: call(12); break;           \
    case 16: call(16); break;           \
    case 20: call(20); break;           \
    default: call(w); break;            \
    }

/*
 * Most blocks have a function without loops, which needs no check of the stop flag. They are not inlined, so that
 * get_ref stays small: most of its calls only return an address.
 */
#define AVERAGE(w, h)                                                                                       \
    static __attribute__((noinline)) void average##w##x##h(pixel *dst, intptr_t sd, const pixel *a,         \
                                                           const pixel *b, intptr_t s)                      \
    {                                                                                                       \
        _Pragma("clang loop unroll(full)")                                                                  \
        for (int y = 0; y < h; y++, dst += sd, a += s, b += s)                                              \
            average_row(dst, a, b, w);                                                                      \
    }
AVERAGE(16, 16) AVERAGE(16, 8) AVERAGE(8, 16) AVERAGE(8, 8)
/* The lookahead also requests these: four neighbours of 8x8 at half the distance. */
AVERAGE(8, 9) AVERAGE(12, 8)
static __attribute__((noinline)) void average_any(pixel *dst, intptr_t sd, const pixel *a, const pixel *b, intptr_t s,
                                                  int w, int h)
{
#define CALL(w) average(dst, sd, a, b, s, w, h)
    BY_WIDTH(CALL)
#undef CALL
}
IN void average_block(pixel *dst, intptr_t sd, const pixel *a, const pixel *b, intptr_t s, int w, int h)
{
    if (w == 8 && h == 8)
        average8x8(dst, sd, a, b, s);
    else if (w == 16 && h == 16)
        average16x16(dst, sd, a, b, s);
    else if (w == 16 && h == 8)
        average16x8(dst, sd, a, b, s);
    else if (w == 8 && h == 16)
        average8x16(dst, sd, a, b, s);
    else if (w == 8 && h == 9)
        average8x9(dst, sd, a, b, s);
    else if (w == 12 && h == 8)
        average12x8(dst, sd, a, b, s);
    else
        average_any(dst, sd, a, b, s, w, h);
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
        average_block(dst, sd, a, b, s, w, h);
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
        average_block(dst, *sd, a, b, s, w, h);
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

/* Interpolates four positions of interleaved chroma horizontally. The results are pixels, or pixels times eight. */
IN v128_t chroma_row(const pixel *p, v128_t left, v128_t right, int horizontal)
{
    v128_t a = wasm_u16x8_load8x8(p);
    if (!horizontal)
        return a;
    return wasm_i16x8_add(wasm_i16x8_mul(a, left), wasm_i16x8_mul(wasm_u16x8_load8x8(p + 2), right));
}
IN v128_t chroma_between(v128_t above, v128_t below, v128_t top, v128_t bottom, int horizontal, int vertical)
{
    v128_t sum = above;
    if (vertical)
        sum = wasm_i16x8_add(wasm_i16x8_mul(above, top), wasm_i16x8_mul(below, bottom));
    int shift = 3 * horizontal + 3 * vertical;
    return shift ? wasm_u16x8_shr(wasm_i16x8_add(sum, wasm_i16x8_splat(1 << shift >> 1)), shift) : sum;
}
/* Computes two rows in a step. Heights are even. */
IN void chroma(pixel *u, pixel *v, intptr_t sd, const pixel *src, intptr_t s, int dx, int dy, int w, int h,
               int horizontal, int vertical)
{
    v128_t left = wasm_i16x8_splat(8 - dx), right = wasm_i16x8_splat(dx);
    v128_t top = wasm_i16x8_splat(8 - dy), bottom = wasm_i16x8_splat(dy);
    v128_t row0[2], row1[2], row2[2];
    for (int i = 0; i < w; i += 4)
        row0[i / 4] = chroma_row(src + 2 * i, left, right, horizontal);
    for (; h > 0; h -= 2, u += 2 * sd, v += 2 * sd) {
        v128_t first[2], second[2];
        for (int i = 0; i < w; i += 4) {
            row1[i / 4] = chroma_row(src + s + 2 * i, left, right, horizontal);
            if (vertical || h > 2)
                row2[i / 4] = chroma_row(src + 2 * s + 2 * i, left, right, horizontal);
            first[i / 4] = chroma_between(row0[i / 4], row1[i / 4], top, bottom, horizontal, vertical);
            second[i / 4] = chroma_between(row1[i / 4], row2[i / 4], top, bottom, horizontal, vertical);
            row0[i / 4] = row2[i / 4];
        }
        src += 2 * s;
        if (w == 8) {
            v128_t a = wasm_u8x16_narrow_i16x8(first[0], first[1]), b = wasm_u8x16_narrow_i16x8(second[0], second[1]);
            a = deinterleave(a);
            b = deinterleave(b);
            store8(u, a);
            wasm_v128_store64_lane(v, a, 1);
            store8(u + sd, b);
            wasm_v128_store64_lane(v + sd, b, 1);
            continue;
        }
        v128_t r = wasm_u8x16_narrow_i16x8(first[0], second[0]);
        r = deinterleave(r);
        if (w == 4) {
            wasm_v128_store32_lane(u, r, 0);
            wasm_v128_store32_lane(u + sd, r, 1);
            wasm_v128_store32_lane(v, r, 2);
            wasm_v128_store32_lane(v + sd, r, 3);
        } else {
            wasm_v128_store16_lane(u, r, 0);
            wasm_v128_store16_lane(u + sd, r, 2);
            wasm_v128_store16_lane(v, r, 4);
            wasm_v128_store16_lane(v + sd, r, 6);
        }
    }
}
/* Many vectors are integers in one direction or both. */
IN void chroma_by_direction(pixel *u, pixel *v, intptr_t sd, const pixel *src, intptr_t s, int dx, int dy, int w, int h)
{
    if (dx && dy)
        chroma(u, v, sd, src, s, dx, dy, w, h, 1, 1);
    else if (dx)
        chroma(u, v, sd, src, s, dx, dy, w, h, 1, 0);
    else if (dy)
        chroma(u, v, sd, src, s, dx, dy, w, h, 0, 1);
    else
        chroma(u, v, sd, src, s, dx, dy, w, h, 0, 0);
}
void x264_mc_chroma_wasm(pixel *u, pixel *v, intptr_t sd, pixel *src, intptr_t s, int mvx, int mvy, int w, int h)
{
    src += (mvy >> 3) * s + (mvx >> 3) * 2;
    if (w == 8)
        chroma_by_direction(u, v, sd, src, s, mvx & 7, mvy & 7, 8, h);
    else if (w == 4)
        chroma_by_direction(u, v, sd, src, s, mvx & 7, mvy & 7, 4, h);
    else
        chroma(u, v, sd, src, s, mvx & 7, mvy & 7, 2, h, 1, 1);
}

/* The average of two blocks. The weights are -64 to 128 and have the sum 64, so that 16 bits suffice. */
IN void average_weighted(pixel *dst, intptr_t sd, const pixel *a, intptr_t sa, const pixel *b, intptr_t sb, int weight,
                         int w, int h)
{
    if (weight == 32) {
#pragma clang loop unroll_count(8)
        for (int y = 0; y < h; y++, dst += sd, a += sa, b += sb)
            average_row(dst, a, b, w);
        return;
    }
    v128_t weight_a = wasm_i16x8_splat(weight), weight_b = wasm_i16x8_splat(64 - weight);
    v128_t half = wasm_i16x8_const_splat(32);
#pragma clang loop unroll_count(2)
    for (int y = 0; y < h; y++, dst += sd, a += sa, b += sb) {
        v128_t r[2];
        for (int x = 0; x < w; x += 8) {
            v128_t sum = wasm_i16x8_add(wasm_i16x8_mul(wasm_u16x8_load8x8(a + x), weight_a),
                                        wasm_i16x8_mul(wasm_u16x8_load8x8(b + x), weight_b));
            r[x / 8] = wasm_i16x8_shr(wasm_i16x8_add(sum, half), 6);
        }
        if (w == 16)
            wasm_v128_store(dst, wasm_u8x16_narrow_i16x8(r[0], r[1]));
        else
            store8(dst, wasm_u8x16_narrow_i16x8(r[0], r[0]));
    }
}
#define AVG(w, h)                                                                                               \
    void x264_pixel_avg_##w##x##h##_wasm(pixel *dst, intptr_t sd, pixel *a, intptr_t sa, pixel *b, intptr_t sb, \
                                         int weight)                                                            \
    {                                                                                                           \
        average_weighted(dst, sd, a, sa, b, sb, weight, w, h);                                                  \
    }
AVG(16, 16) AVG(16, 8) AVG(8, 16) AVG(8, 8)
#endif
