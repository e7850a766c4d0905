/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Motion compensation of H.264's luma: put and avg_h264_qpel16, 8 and 4 of h264qpel_template.c, for 8 bits. */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavcodec/h264qpel.h"
#include "pixels.h"

/* The filter between pixels has the taps 1, -5, 20, 20, -5, 1; its sums fit into 16 bits. */
IN v128_t filter(v128_t a, v128_t b, v128_t c, v128_t d, v128_t e, v128_t f)
{
    v128_t inner = wasm_i16x8_sub(wasm_i16x8_shl(wasm_i16x8_add(c, d), 2), wasm_i16x8_add(b, e));
    return wasm_i16x8_add(wasm_i16x8_add(a, f), wasm_i16x8_mul(inner, wasm_i16x8_const_splat(5)));
}

/* Filters the pixels at p horizontally. */
IN v128_t across(const uint8_t *p)
{
    p -= 2;
    return filter(wasm_u16x8_load8x8(p), wasm_u16x8_load8x8(p + 1), wasm_u16x8_load8x8(p + 2),
                  wasm_u16x8_load8x8(p + 3), wasm_u16x8_load8x8(p + 4), wasm_u16x8_load8x8(p + 5));
}

IN v128_t rounded(v128_t sum)
{
    return wasm_i16x8_shr(wasm_i16x8_add(sum, wasm_i16x8_const_splat(16)), 5);
}

IN v128_t to_pixels(v128_t row)
{
    return wasm_u8x16_narrow_i16x8(row, row);
}

/*
 * Filters rows of sums, and returns pixels. The sum is ((a - b) / 4 - b + c) / 4 + c times 16, where rounding down twice
 * is the same as once. The addition that may overflow saturates, which makes no difference after the clipping.
 */
IN v128_t filter_sums(v128_t r0, v128_t r1, v128_t r2, v128_t r3, v128_t r4, v128_t r5)
{
    v128_t a = wasm_i16x8_add(r0, r5), b = wasm_i16x8_add(r1, r4), c = wasm_i16x8_add(r2, r3);
    v128_t sum = wasm_i16x8_shr(wasm_i16x8_sub(a, b), 2);
    sum = wasm_i16x8_shr(wasm_i16x8_add_sat(wasm_i16x8_sub(sum, b), c), 2);
    sum = wasm_i16x8_add(wasm_i16x8_add(sum, c), wasm_i16x8_const_splat(32));
    return to_pixels(wasm_i16x8_shr(sum, 6));
}

/* Copies rows. */
IN void mc_whole(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int width, int average)
{
    for (int i = 0; i < width; i += 4, dst += 4 * stride, src += 4 * stride) {
        v128_t r0 = load(src, width), r1 = load(src + stride, width);
        v128_t r2 = load(src + 2 * stride, width), r3 = load(src + 3 * stride, width);
        store(dst, r0, width, average);
        store(dst + stride, r1, width, average);
        store(dst + 2 * stride, r2, width, average);
        store(dst + 3 * stride, r3, width, average);
    }
}

/* Filters horizontally, and averages with the nearest pixels if x is a quarter. */
IN v128_t row_h(const uint8_t *src, int x, int width)
{
    v128_t low = rounded(across(src));
    v128_t row = wasm_u8x16_narrow_i16x8(low, width == 16 ? rounded(across(src + 8)) : low);
    return x == 2 ? row : wasm_u8x16_avgr(row, load(src + (x == 3), width));
}

IN void mc_h(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int x, int width, int average)
{
#pragma clang loop unroll(disable)
    for (int i = 0; i < width; i += 2, dst += 2 * stride, src += 2 * stride) {
        store(dst, row_h(src, x, width), width, average);
        store(dst + stride, row_h(src + stride, x, width), width, average);
    }
}

/* One row in the vertical direction: r0 to r5 are the rows from two above to three below it. */
IN v128_t row_v(const uint8_t *src, ptrdiff_t stride, int x, int y, int width, v128_t r0, v128_t r1, v128_t r2,
                v128_t r3, v128_t r4, v128_t r5)
{
    v128_t row = to_pixels(rounded(filter(r0, r1, r2, r3, r4, r5)));
    if (y != 2)
        src += (y == 3) * stride;
    if (x)
        return wasm_u8x16_avgr(row, to_pixels(rounded(across(src - (x == 3)))));
    return y == 2 ? row : wasm_u8x16_avgr(row, load(src, width));
}

/*
 * Filters up to eight columns vertically. Averages with the nearest pixels if y is a quarter and x is 0, and with those
 * that are filtered horizontally if both are quarters.
 */
IN void mc_v(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t stride, int x, int y, int width, int h,
             int average)
{
    const uint8_t *below;
    v128_t r0, r1, r2, r3, r4, r5, r6;
    src += x == 3;
    below = src - 2 * stride;
    r0 = wasm_u16x8_load8x8(below);
    r1 = wasm_u16x8_load8x8(below += stride);
    r2 = wasm_u16x8_load8x8(below += stride);
    r3 = wasm_u16x8_load8x8(below += stride);
    r4 = wasm_u16x8_load8x8(below += stride);
#pragma clang loop unroll(disable)
    for (; h > 0; h -= 2) {
        r5 = wasm_u16x8_load8x8(below += stride);
        store(dst, row_v(src, stride, x, y, width, r0, r1, r2, r3, r4, r5), width, average);
        dst += dst_stride;
        src += stride;
        r6 = wasm_u16x8_load8x8(below += stride);
        store(dst, row_v(src, stride, x, y, width, r1, r2, r3, r4, r5, r6), width, average);
        dst += dst_stride;
        src += stride;
        r0 = r2;
        r1 = r3;
        r2 = r4;
        r3 = r5;
        r4 = r6;
    }
}

/* One row in both directions. The sums of the row and the one below are also the horizontal filter's. */
IN v128_t row_hv(int y, v128_t r0, v128_t r1, v128_t r2, v128_t r3, v128_t r4, v128_t r5)
{
    v128_t row = filter_sums(r0, r1, r2, r3, r4, r5);
    return y == 2 ? row : wasm_u8x16_avgr(row, to_pixels(rounded(y == 1 ? r2 : r3)));
}

/* Filters up to eight columns in both directions. If x or y is a quarter, averages with the nearer half pixels. */
IN void mc_hv(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int x, int y, int width, int h, int average)
{
    v128_t r0, r1, r2, r3, r4, r5, r6, row;
    uint8_t half[8 * 16];
    const uint8_t *other = half;
    if (x != 2)
        mc_v(half, 8, src + (x == 3), stride, 0, 2, width, h, 0);
    src -= 2 * stride;
    r0 = across(src);
    r1 = across(src += stride);
    r2 = across(src += stride);
    r3 = across(src += stride);
    r4 = across(src += stride);
#pragma clang loop unroll(disable)
    for (; h > 0; h -= 2, dst += 2 * stride, other += 16) {
        r5 = across(src += stride);
        row = row_hv(y, r0, r1, r2, r3, r4, r5);
        store(dst, x == 2 ? row : wasm_u8x16_avgr(row, load(other, width)), width, average);
        r6 = across(src += stride);
        row = row_hv(y, r1, r2, r3, r4, r5, r6);
        store(dst + stride, x == 2 ? row : wasm_u8x16_avgr(row, load(other + 8, width)), width, average);
        r0 = r2;
        r1 = r3;
        r2 = r4;
        r3 = r5;
        r4 = r6;
    }
}

#define ROWS(op, average, width, x) \
static void op##width##_##x##0(uint8_t *dst, const uint8_t *src, ptrdiff_t stride) \
{ \
    if (x) \
        mc_h(dst, src, stride, x, width, average); \
    else \
        mc_whole(dst, src, stride, width, average); \
}

/* Blocks of 16 columns are filtered as two of 8. */
#define COLUMNS(op, average, x, y) \
static av_noinline void op##_##x##y(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int h) \
{ \
    if (x == 2 || (y == 2 && x)) \
        mc_hv(dst, src, stride, x, y, 8, h, average); \
    else \
        mc_v(dst, stride, src, stride, x, y, 8, h, average); \
} \
static void op##16_##x##y(uint8_t *dst, const uint8_t *src, ptrdiff_t stride) \
{ \
    op##_##x##y(dst, src, stride, 16); \
    op##_##x##y(dst + 8, src + 8, stride, 16); \
} \
static void op##8_##x##y(uint8_t *dst, const uint8_t *src, ptrdiff_t stride) \
{ \
    op##_##x##y(dst, src, stride, 8); \
} \
static void op##4_##x##y(uint8_t *dst, const uint8_t *src, ptrdiff_t stride) \
{ \
    if (x == 2 || (y == 2 && x)) \
        mc_hv(dst, src, stride, x, y, 4, 4, average); \
    else \
        mc_v(dst, stride, src, stride, x, y, 4, 4, average); \
}

#define COLUMN(op, average, x) \
    ROWS(op, average, 16, x) \
    ROWS(op, average,  8, x) \
    ROWS(op, average,  4, x) \
    COLUMNS(op, average, x, 1) \
    COLUMNS(op, average, x, 2) \
    COLUMNS(op, average, x, 3)

#define ALL(op, average) \
    COLUMN(op, average, 0) \
    COLUMN(op, average, 1) \
    COLUMN(op, average, 2) \
    COLUMN(op, average, 3)

ALL(put, 0)
ALL(avg, 1)

av_cold void ff_h264qpel_init_wasm(H264QpelContext *c, int bit_depth)
{
    if (bit_depth > 8 || !(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128))
        return;

#define SET_ROW(op, size, width, y) \
    c->op##_h264_qpel_pixels_tab[size][4 * y]     = op##width##_0##y; \
    c->op##_h264_qpel_pixels_tab[size][4 * y + 1] = op##width##_1##y; \
    c->op##_h264_qpel_pixels_tab[size][4 * y + 2] = op##width##_2##y; \
    c->op##_h264_qpel_pixels_tab[size][4 * y + 3] = op##width##_3##y;
#define SET_SIZE(op, size, width) \
    SET_ROW(op, size, width, 0) \
    SET_ROW(op, size, width, 1) \
    SET_ROW(op, size, width, 2) \
    SET_ROW(op, size, width, 3)
#define SET(op) \
    SET_SIZE(op, 0, 16) \
    SET_SIZE(op, 1,  8) \
    SET_SIZE(op, 2,  4)

    SET(put)
    SET(avg)
}
