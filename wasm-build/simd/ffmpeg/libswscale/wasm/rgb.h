/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts that the conversions to packed RGB share: vertical filters and the order of the bytes. */
#ifndef SWSCALE_WASM_RGB_H
#define SWSCALE_WASM_RGB_H

#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libswscale/swscale_internal.h"

#define IN static av_always_inline

void ff_sws_init_rgb_full_wasm(SwsInternal *c);

/* Returns the number of bytes of a pixel. */
IN int pixel_bytes(enum AVPixelFormat format)
{
    switch (format) {
    case AV_PIX_FMT_RGB8:
    case AV_PIX_FMT_BGR8:
    case AV_PIX_FMT_RGB4_BYTE:
    case AV_PIX_FMT_BGR4_BYTE: return 1;
    case AV_PIX_FMT_RGB565:
    case AV_PIX_FMT_BGR565:
    case AV_PIX_FMT_RGB555:
    case AV_PIX_FMT_BGR555: return 2;
    case AV_PIX_FMT_RGB24:
    case AV_PIX_FMT_BGR24: return 3;
    default: return 4;
    }
}

/* Return the lanes of two vectors in turn, from their first and from their second halves. */
IN v128_t low(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
IN v128_t high(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }

/* Returns pairs of the two coefficients. */
IN v128_t two(int a, int b) { return wasm_i32x4_splat((int)((uint16_t)a | (uint32_t)(uint16_t)b << 16)); }

/* Sums for eight samples, of which those of the first four are in `low`. */
typedef struct Sums {
    v128_t low, high;
} Sums;

/* The sum of the coefficients of a vertical filter. */
#define ONE 4096

/* Half of a sample of 8 bits in a sum of products. */
#define HALF (1 << 18)

/* Lines of one plane, and the vertical filter of them. */
typedef struct Lines {
    const int16_t *const *src;
    const int16_t *filter;
    int size;
} Lines;

/* Returns the sums of the products of the filter and eight columns, on top of `start`. */
IN Sums vertical_sums(const Lines *lines, int at, int start)
{
    v128_t a = wasm_i32x4_splat(start), b = a;
    int j = 0;
    for (; j + 2 <= lines->size; j += 2) {
        v128_t pair = two(lines->filter[j], lines->filter[j + 1]);
        v128_t x = wasm_v128_load(lines->src[j] + at), y = wasm_v128_load(lines->src[j + 1] + at);
        a = wasm_i32x4_add(a, wasm_i32x4_dot_i16x8(low(x, y), pair));
        b = wasm_i32x4_add(b, wasm_i32x4_dot_i16x8(high(x, y), pair));
    }
    if (j < lines->size) {
        v128_t one = wasm_i16x8_splat(lines->filter[j]), x = wasm_v128_load(lines->src[j] + at);
        a = wasm_i32x4_add(a, wasm_i32x4_extmul_low_i16x8(x, one));
        b = wasm_i32x4_add(b, wasm_i32x4_extmul_high_i16x8(x, one));
    }
    return (Sums){a, b};
}

/* Returns eight sums as samples of 8 bits, which are not clipped. */
IN v128_t samples8(Sums sums)
{
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(sums.low, 19), wasm_i32x4_shr(sums.high, 19));
}

IN v128_t clip(v128_t x) { return wasm_i16x8_min(wasm_i16x8_max(x, wasm_i16x8_const_splat(0)), wasm_i16x8_const_splat(255)); }

/* Stores four pixels of three bytes, from pixels of four. Also writes the next four bytes unless `last` is set. */
IN void store12(uint8_t *dst, v128_t pixels, int last)
{
    pixels = wasm_i8x16_shuffle(pixels, pixels, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0);
    if (last) {
        wasm_v128_store64_lane(dst, pixels, 0);
        wasm_v128_store32_lane(dst + 8, pixels, 2);
    } else {
        wasm_v128_store(dst, pixels);
    }
}

/* Stores sixteen pixels of the format. The alpha samples of a format without alpha are not stored. */
IN void store_pixels16(uint8_t *dst, v128_t r, v128_t g, v128_t b, v128_t alpha, enum AVPixelFormat format)
{
    v128_t first, second, third, fourth, pairs[4];
    switch (format) {
    case AV_PIX_FMT_RGB24:
    case AV_PIX_FMT_RGBA: first = r; second = g; third = b; fourth = alpha; break;
    case AV_PIX_FMT_BGR24:
    case AV_PIX_FMT_BGRA: first = b; second = g; third = r; fourth = alpha; break;
    case AV_PIX_FMT_ARGB: first = alpha; second = r; third = g; fourth = b; break;
    default: first = alpha; second = b; third = g; fourth = r; break;
    }
    pairs[0] = wasm_i8x16_shuffle(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    pairs[1] = wasm_i8x16_shuffle(first, second, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    pairs[2] = wasm_i8x16_shuffle(third, fourth, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    pairs[3] = wasm_i8x16_shuffle(third, fourth, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    for (int i = 0; i < 2; i++) {
        v128_t first4 = low(pairs[i], pairs[i + 2]), next4 = high(pairs[i], pairs[i + 2]);
        if (pixel_bytes(format) == 3) {
            store12(dst + 24 * i, first4, 0);
            store12(dst + 24 * i + 12, next4, i == 1);
        } else {
            wasm_v128_store(dst + 32 * i, first4);
            wasm_v128_store(dst + 32 * i + 16, next4);
        }
    }
}

#endif /* SWSCALE_WASM_RGB_H */
