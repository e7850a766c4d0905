/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Motion compensation of VP9 with eight taps: do_8tap_1d_c and do_8tap_2d_c of vp9dsp_template.c, for 8 bits. */
#include <stdint.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavcodec/vp9dsp.h"
#include "subpel.h"

/* The bytes from a row of the intermediate picture of the two-dimensional filter to the next. */
#define STRIDE 64

/* Stores two rows of 8 pixels, or their averages with the pixels that are there. */
IN void store_two(uint8_t *dst, ptrdiff_t stride, v128_t rows, int average)
{
    if (average)
        rows = wasm_u8x16_avgr(rows, wasm_v128_load64_lane(dst + stride, wasm_v128_load64_zero(dst), 1));
    wasm_v128_store64_lane(dst, rows, 0);
    wasm_v128_store64_lane(dst + stride, rows, 1);
}

/* Filters eight columns, four rows at a time: their eleven rows of pixels are loaded once instead of eight for each row. */
IN void filter_columns(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, int h, Taps taps,
                       int average)
{
    for (; h >= 4; h -= 4, dst += 4 * dst_stride, src += 4 * src_stride) {
        const v128_t bias = wasm_i16x8_const_splat(64 - 128 * 128);
        const uint8_t *row = src - taps.before * src_stride;
        v128_t sums[4] = {bias, bias, bias, bias};
#pragma clang loop unroll(full)
        for (int i = 0; i < taps.count + 3; i++, row += src_stride) {
            v128_t pixels = wasm_u16x8_load8x8(row);
#pragma clang loop unroll(full)
            for (int y = 0; y < 4; y++)
                if (i - y >= 0 && i - y < taps.count)
                    sums[y] = wasm_i16x8_add(sums[y], wasm_i16x8_mul(pixels, taps.at[i - y]));
        }
        for (int y = 0; y < 4; y++)
            sums[y] = wasm_i16x8_shr(sums[y], 7);
        store_two(dst, dst_stride, to_pixels(sums[0], sums[1]), average);
        store_two(dst + 2 * dst_stride, dst_stride, to_pixels(sums[2], sums[3]), average);
    }
    filter_narrow(dst, dst_stride, src, src_stride, 8, h, src_stride, taps, average);
}

IN void filter_vertical(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, int w, int h,
                        Taps taps, int average)
{
    if (w == 4)
        filter_narrow(dst, dst_stride, src, src_stride, 4, h, src_stride, taps, average);
    else
        for (int x = 0; x < w; x += 8)
            filter_columns(dst + x, dst_stride, src + x, src_stride, h, taps, average);
}

#define DIRECTIONS(op, average) \
static av_noinline void op##_h(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, \
                               int w, int h, const int16_t *filter) \
{ \
    filter_rows(dst, dst_stride, src, src_stride, w, h, 1, load_taps(filter, 8, 3), average); \
} \
static av_noinline void op##_v(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, \
                               int w, int h, const int16_t *filter) \
{ \
    filter_vertical(dst, dst_stride, src, src_stride, w, h, load_taps(filter, 8, 3), average); \
}

DIRECTIONS(put, 0)
DIRECTIONS(avg, 1)

#define FUNCTIONS(op, w, kind, type) \
static void op##_##kind##_##w##_h(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, \
                                  int h, int mx, int my) \
{ \
    op##_h(dst, dst_stride, src, src_stride, w, h, ff_vp9_subpel_filters[type][mx]); \
} \
static void op##_##kind##_##w##_v(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, \
                                  int h, int mx, int my) \
{ \
    op##_v(dst, dst_stride, src, src_stride, w, h, ff_vp9_subpel_filters[type][my]); \
} \
static void op##_##kind##_##w##_hv(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, \
                                   int h, int mx, int my) \
{ \
    uint8_t rows[STRIDE * (64 + 7)]; \
    put_h(rows, STRIDE, src - 3 * src_stride, src_stride, w, h + 7, ff_vp9_subpel_filters[type][mx]); \
    op##_v(dst, dst_stride, rows + 3 * STRIDE, STRIDE, w, h, ff_vp9_subpel_filters[type][my]); \
}

#define SIZES(op, kind, type) \
    FUNCTIONS(op, 64, kind, type) \
    FUNCTIONS(op, 32, kind, type) \
    FUNCTIONS(op, 16, kind, type) \
    FUNCTIONS(op,  8, kind, type) \
    FUNCTIONS(op,  4, kind, type)

#define KINDS(op) \
    SIZES(op, regular, FILTER_8TAP_REGULAR) \
    SIZES(op, smooth, FILTER_8TAP_SMOOTH) \
    SIZES(op, sharp, FILTER_8TAP_SHARP)

KINDS(put)
KINDS(avg)

av_cold void ff_vp9dsp_init_wasm(VP9DSPContext *dsp, int bpp)
{
    if (bpp != 8 || !(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128))
        return;

#define SET(op, i, size, w, kind, type) \
    dsp->mc[size][type][i][1][0] = op##_##kind##_##w##_h; \
    dsp->mc[size][type][i][0][1] = op##_##kind##_##w##_v; \
    dsp->mc[size][type][i][1][1] = op##_##kind##_##w##_hv;
#define SET_KINDS(op, i, size, w) \
    SET(op, i, size, w, regular, FILTER_8TAP_REGULAR) \
    SET(op, i, size, w, smooth, FILTER_8TAP_SMOOTH) \
    SET(op, i, size, w, sharp, FILTER_8TAP_SHARP)
#define SET_SIZES(op, i) \
    SET_KINDS(op, i, 0, 64) \
    SET_KINDS(op, i, 1, 32) \
    SET_KINDS(op, i, 2, 16) \
    SET_KINDS(op, i, 3,  8) \
    SET_KINDS(op, i, 4,  4)

    SET_SIZES(put, 0)
    SET_SIZES(avg, 1)
}
