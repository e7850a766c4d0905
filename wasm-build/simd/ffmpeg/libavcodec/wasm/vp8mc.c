/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Motion compensation of VP8: VP8_EPEL_H, VP8_EPEL_V and VP8_EPEL_HV of vp8dsp.c. */
#include <stdint.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavcodec/vp8dsp.h"
#include "subpel.h"

/* subpel_filters of vp8dsp.c, with the signs of FILTER_6TAP. Every other filter has four taps. */
static const int16_t filters[7][6] = {
    { 0,  -6, 123,  12,  -1, 0 },
    { 2, -11, 108,  36,  -8, 1 },
    { 0,  -9,  93,  50,  -6, 0 },
    { 3, -16,  77,  77, -16, 3 },
    { 0,  -6,  50,  93,  -9, 0 },
    { 1,  -8,  36, 108, -11, 2 },
    { 0,  -1,  12, 123,  -6, 0 },
};

/* The taps at an eighth of a pixel. */
IN Taps taps(int at, int count)
{
    return count == 4 ? load_taps(filters[at - 1] + 1, 4, 1) : load_taps(filters[at - 1], 6, 2);
}

#define HORIZONTAL(w, count) \
static void put_##w##_h##count(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, \
                               int h, int mx, int my) \
{ \
    filter_rows(dst, dst_stride, src, src_stride, w, h, 1, taps(mx, count), 0); \
}

#define VERTICAL(w, count) \
static void put_##w##_v##count(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, \
                               int h, int mx, int my) \
{ \
    filter_rows(dst, dst_stride, src, src_stride, w, h, src_stride, taps(my, count), 0); \
}

#define BOTH(w, h_count, v_count) \
static void put_##w##_h##h_count##v##v_count(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, \
                                             ptrdiff_t src_stride, int h, int mx, int my) \
{ \
    const int above = v_count == 4 ? 1 : 2; \
    uint8_t rows[w * (2 * w + v_count - 1)]; \
    put_##w##_h##h_count(rows, w, src - above * src_stride, src_stride, h + v_count - 1, mx, 0); \
    put_##w##_v##v_count(dst, dst_stride, rows + above * w, w, h, 0, my); \
}

#define SIXES(w) HORIZONTAL(w, 6) VERTICAL(w, 6) BOTH(w, 6, 6)
#define FOURS(w) HORIZONTAL(w, 4) VERTICAL(w, 4) BOTH(w, 4, 4) BOTH(w, 6, 4) BOTH(w, 4, 6)

SIXES(16)
SIXES(8)
SIXES(4)
FOURS(8)
FOURS(4)

av_cold void ff_vp8dsp_init_wasm(VP8DSPContext *dsp)
{
    if (!(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128))
        return;

#define SET_SIXES(size, w) \
    dsp->put_vp8_epel_pixels_tab[size][0][2] = put_##w##_h6; \
    dsp->put_vp8_epel_pixels_tab[size][2][0] = put_##w##_v6; \
    dsp->put_vp8_epel_pixels_tab[size][2][2] = put_##w##_h6v6;
#define SET_FOURS(size, w) \
    dsp->put_vp8_epel_pixels_tab[size][0][1] = put_##w##_h4; \
    dsp->put_vp8_epel_pixels_tab[size][1][0] = put_##w##_v4; \
    dsp->put_vp8_epel_pixels_tab[size][1][1] = put_##w##_h4v4; \
    dsp->put_vp8_epel_pixels_tab[size][1][2] = put_##w##_h6v4; \
    dsp->put_vp8_epel_pixels_tab[size][2][1] = put_##w##_h4v6;

    SET_SIXES(0, 16)
    SET_SIXES(1, 8)
    SET_SIXES(2, 4)
    SET_FOURS(1, 8)
    SET_FOURS(2, 4)
}
