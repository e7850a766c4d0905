/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The formats of packed RGB with 8 and 16 bits for a pixel: the values that yuv2rgb_write of libswscale/output.c adds to dither
 * them, and the levels that ff_yuv2rgb_c_init_tables of libswscale/yuv2rgb.c writes into its tables. */
#ifndef SWSCALE_WASM_DITHER_H
#define SWSCALE_WASM_DITHER_H

#include <stdint.h>
#include <wasm_simd128.h>

#include "libswscale/swscale_internal.h"
#include "rgb.h"

/* The values added to the indices of eight pixels. They repeat for each eight pixels that follow. */
typedef struct Dither {
    v128_t r, g, b;
} Dither;

IN v128_t dither8x8(const uint8_t line[8]) { return wasm_u16x8_load8x8(line); }
IN v128_t dither2x2(const uint8_t line[2]) { return wasm_i32x4_splat(line[0] | line[1] << 16); }

/* Returns the values for line `y`: zeros for a format with 8 bits for a colour. */
IN Dither dither(enum AVPixelFormat format, int y)
{
    const uint8_t *line = ff_dither_2x2_8[y & 1], *other = ff_dither_2x2_8[(y & 1) ^ 1], swapped[2] = {line[1], line[0]};
    switch (format) {
    case AV_PIX_FMT_RGB8:
    case AV_PIX_FMT_BGR8:
        return (Dither){dither8x8(ff_dither_8x8_32[y & 7]), dither8x8(ff_dither_8x8_32[y & 7]),
                        dither8x8(ff_dither_8x8_73[y & 7])};
    case AV_PIX_FMT_RGB565:
    case AV_PIX_FMT_BGR565:
        return (Dither){dither2x2(line), dither2x2(ff_dither_2x2_4[y & 1]), dither2x2(other)};
    case AV_PIX_FMT_RGB555:
    case AV_PIX_FMT_BGR555:
        return (Dither){dither2x2(line), dither2x2(swapped), dither2x2(other)};
    default:
        return (Dither){wasm_i64x2_const_splat(0), wasm_i64x2_const_splat(0), wasm_i64x2_const_splat(0)};
    }
}

/* Returns the numbers of the levels, times `one`: (value + (step + 1) / 2) / step. */
IN v128_t levels(v128_t x, int step, int one)
{
    v128_t sum = wasm_i64x2_const_splat(0);
    for (int start = step / 2; start < 256; start += step)
        sum = wasm_i8x16_add(sum, wasm_v128_and(wasm_u8x16_ge(x, wasm_u8x16_splat(start)), wasm_i8x16_splat(one)));
    return sum;
}

/* Stores sixteen pixels of one byte. */
IN void store_bytes(uint8_t *dst, v128_t r, v128_t g, v128_t b, int red_first)
{
    v128_t red = levels(r, 36, red_first ? 32 : 1), green = levels(g, 36, red_first ? 4 : 8);
    wasm_v128_store(dst, wasm_v128_or(wasm_v128_or(red, green), levels(b, 85, red_first ? 1 : 64)));
}

/* Stores sixteen pixels of 16 bits, where green has `bits` and the others have five. */
IN void store_words(uint8_t *dst, v128_t first, v128_t g, v128_t last, int bits)
{
    v128_t five = wasm_u8x16_const_splat(0xF8);
    first = wasm_v128_and(first, five);
    g = wasm_v128_and(g, wasm_u8x16_splat(0x100 - (1 << (8 - bits))));
    v128_t words[2] = {
        wasm_v128_or(wasm_i16x8_shl(wasm_u16x8_extend_low_u8x16(first), bits + 2),
                     wasm_i16x8_shl(wasm_u16x8_extend_low_u8x16(g), bits - 3)),
        wasm_v128_or(wasm_i16x8_shl(wasm_u16x8_extend_high_u8x16(first), bits + 2),
                     wasm_i16x8_shl(wasm_u16x8_extend_high_u8x16(g), bits - 3)),
    };
    wasm_v128_store(dst, wasm_v128_or(words[0], wasm_u16x8_shr(wasm_u16x8_extend_low_u8x16(last), 3)));
    wasm_v128_store(dst + 16, wasm_v128_or(words[1], wasm_u16x8_shr(wasm_u16x8_extend_high_u8x16(last), 3)));
}

#endif /* SWSCALE_WASM_DITHER_H */
