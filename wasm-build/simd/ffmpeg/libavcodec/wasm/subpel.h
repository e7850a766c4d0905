/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Filters between pixels whose taps have the sum 128, as those of VP8 and VP9: FILTER_6TAP of vp8dsp.c, FILTER_8TAP of
 * vp9dsp_template.c.
 */
#ifndef AVCODEC_WASM_SUBPEL_H
#define AVCODEC_WASM_SUBPEL_H

#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "pixels.h"

/* `count` taps, the first of which is `before` pixels before the position. */
typedef struct Taps {
    v128_t at[8];
    int count, before;
} Taps;

IN Taps load_taps(const int16_t *filter, int count, int before)
{
    Taps taps = {.count = count, .before = before};
    for (int i = 0; i < count; i++)
        taps.at[i] = wasm_v128_load16_splat(filter + i);
    return taps;
}

/*
 * Filters eight pixels, and returns them less 128. The taps have the sum 128, so that subtracting 128 from the result is
 * the same as from the pixels: the sum fits into 16 bits at the end, and may overflow before.
 */
IN v128_t filter8(const uint8_t *src, ptrdiff_t step, Taps taps)
{
    v128_t sum = wasm_i16x8_const_splat(64 - 128 * 128);
    src -= taps.before * step;
    for (int i = 0; i < taps.count; i++, src += step)
        sum = wasm_i16x8_add(sum, wasm_i16x8_mul(wasm_u16x8_load8x8(src), taps.at[i]));
    return wasm_i16x8_shr(sum, 7);
}

IN v128_t to_pixels(v128_t low, v128_t high)
{
    return wasm_v128_xor(wasm_i8x16_narrow_i16x8(low, high), wasm_i8x16_const_splat(-128));
}

/* Filters rows that are 4 or 8 pixels wide. */
IN void filter_narrow(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, int w, int h,
                      ptrdiff_t step, Taps taps, int average)
{
    for (; h > 0; h--, dst += dst_stride, src += src_stride) {
        v128_t row = filter8(src, step, taps);
        store(dst, to_pixels(row, row), w, average);
    }
}

/* Filters rows that are 4, 8, or a multiple of 16 pixels wide, with `step` from the pixel of a tap to that of the next. */
IN void filter_rows(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, int w, int h,
                    ptrdiff_t step, Taps taps, int average)
{
    if (w == 4) {
        filter_narrow(dst, dst_stride, src, src_stride, 4, h, step, taps, average);
    } else if (w == 8) {
        filter_narrow(dst, dst_stride, src, src_stride, 8, h, step, taps, average);
    } else {
        for (; h > 0; h--, dst += dst_stride, src += src_stride) {
            for (int x = 0; x < w; x += 16) {
                v128_t row = to_pixels(filter8(src + x, step, taps), filter8(src + x + 8, step, taps));
                store(dst + x, row, 16, average);
            }
        }
    }
}

#endif
