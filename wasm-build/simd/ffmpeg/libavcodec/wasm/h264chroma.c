/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Motion compensation of H.264's chroma: put and avg_h264_chroma_mc8 and mc4 of h264chroma_template.c, for 8 bits. */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavcodec/h264chroma.h"
#include "pixels.h"

IN v128_t pixels(const uint8_t *p, int width)
{
    return width == 8 ? wasm_u16x8_load8x8(p) : wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(p));
}

/* Returns a row between its pixels and those to their right, times eight. */
IN v128_t between(const uint8_t *p, int width, int x, v128_t left, v128_t right)
{
    if (!x)
        return wasm_i16x8_shl(pixels(p, width), 3);
    return wasm_i16x8_add(wasm_i16x8_mul(pixels(p, width), left), wasm_i16x8_mul(pixels(p + 1, width), right));
}

IN v128_t to_pixels(v128_t row)
{
    return wasm_u8x16_narrow_i16x8(row, row);
}

/* Filters each row once horizontally. Reads no column or row that C does not read. */
IN void mc(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int h, int x, int y, int width, int average)
{
    const v128_t left = wasm_i16x8_splat(8 - x), right = wasm_i16x8_splat(x);
    const v128_t top = wasm_i16x8_splat(8 - y), bottom = wasm_i16x8_splat(y);
    if (!y) {
        for (int i = 0; i < h; i++, dst += stride, src += stride) {
            v128_t row = wasm_i16x8_add(between(src, width, x, left, right), wasm_i16x8_const_splat(4));
            store(dst, to_pixels(wasm_u16x8_shr(row, 3)), width, average);
        }
        return;
    }
    v128_t above = between(src, width, x, left, right);
    for (int i = 0; i < h; i++, dst += stride) {
        src += stride;
        v128_t below = between(src, width, x, left, right);
        v128_t row = wasm_i16x8_add(wasm_i16x8_mul(above, top), wasm_i16x8_mul(below, bottom));
        row = wasm_u16x8_shr(wasm_i16x8_add(row, wasm_i16x8_const_splat(32)), 6);
        store(dst, to_pixels(row), width, average);
        above = below;
    }
}

#define MC(name, width, average)                                                                            \
    static void name(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int h, int x, int y)               \
    {                                                                                                       \
        if (x)                                                                                              \
            mc(dst, src, stride, h, x, y, width, average);                                                  \
        else                                                                                                \
            mc(dst, src, stride, h, 0, y, width, average);                                                  \
    }
MC(put_mc8, 8, 0)
MC(put_mc4, 4, 0)
MC(avg_mc8, 8, 1)
MC(avg_mc4, 4, 1)

av_cold void ff_h264chroma_init_wasm(H264ChromaContext *c, int bit_depth)
{
    if (!(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128) || bit_depth > 8)
        return;
    c->put_h264_chroma_pixels_tab[0] = put_mc8;
    c->put_h264_chroma_pixels_tab[1] = put_mc4;
    c->avg_h264_chroma_pixels_tab[0] = avg_mc8;
    c->avg_h264_chroma_pixels_tab[1] = avg_mc4;
}
