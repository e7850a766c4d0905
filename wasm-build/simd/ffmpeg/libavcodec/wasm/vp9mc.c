/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Motion compensation of VP9 with eight taps: do_8tap_1d_c and do_8tap_2d_c of vp9dsp_template.c, for 8 bits. */
#include <stdint.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavcodec/vp9dsp.h"
#include "subpel.h"

/* The bytes from a row of the intermediate picture of the two-dimensional filter to the next. */
#define STRIDE 64

#define DIRECTIONS(op, average) \
static av_noinline void op##_h(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, \
                               int w, int h, const int16_t *filter) \
{ \
    filter_rows(dst, dst_stride, src, src_stride, w, h, 1, load_taps(filter, 8, 3), average); \
} \
static av_noinline void op##_v(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, \
                               int w, int h, const int16_t *filter) \
{ \
    filter_rows(dst, dst_stride, src, src_stride, w, h, src_stride, load_taps(filter, 8, 3), average); \
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
