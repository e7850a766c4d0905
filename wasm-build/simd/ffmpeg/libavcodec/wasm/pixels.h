/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of 4, 8 or 16 pixels of 8 bits. */
#ifndef AVCODEC_WASM_PIXELS_H
#define AVCODEC_WASM_PIXELS_H

#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"

#define IN static av_always_inline

IN v128_t load(const uint8_t *p, int width)
{
    return width == 16 ? wasm_v128_load(p) : width == 8 ? wasm_v128_load64_zero(p) : wasm_v128_load32_zero(p);
}

/* Stores a row, or its average with the pixels that are there. */
IN void store(uint8_t *dst, v128_t row, int width, int average)
{
    if (average)
        row = wasm_u8x16_avgr(row, load(dst, width));
    if (width == 16)
        wasm_v128_store(dst, row);
    else if (width == 8)
        wasm_v128_store64_lane(dst, row, 0);
    else
        wasm_v128_store32_lane(dst, row, 0);
}

#endif
