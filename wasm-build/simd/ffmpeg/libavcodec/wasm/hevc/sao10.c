/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HEVC's sample adaptive offset for 10 bits: sao_edge_filter and sao_band_filter of h26x/h2656_sao_template.c. */
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavcodec/defs.h"
#include "libavcodec/hevc/dsp.h"
#include "sao10.h"

#define IN static av_always_inline

/* Adds to each pixel the value at its index in a table of eight, or nothing if the index is larger. */
IN v128_t add_offset(v128_t pixels, v128_t table, v128_t index)
{
    const v128_t bytes = wasm_i16x8_add(wasm_i16x8_mul(index, wasm_i16x8_const_splat(0x202)),
                                        wasm_i16x8_const_splat(0x100));
    const v128_t sum = wasm_i16x8_add_sat(pixels, wasm_i8x16_swizzle(table, bytes));
    return wasm_i16x8_min(wasm_i16x8_max(sum, wasm_i16x8_const_splat(0)), wasm_i16x8_const_splat(1023));
}

IN void store(uint16_t *dst, v128_t x, int count)
{
    if (count >= 8) {
        wasm_v128_store(dst, x);
        return;
    }
    if (count & 4) {
        wasm_v128_store64_lane(dst, x, 0);
        x = wasm_i64x2_shuffle(x, x, 1, 1);
        dst += 4;
    }
    if (count & 2) {
        wasm_v128_store32_lane(dst, x, 0);
        x = wasm_i32x4_shuffle(x, x, 1, 1, 1, 1);
        dst += 2;
    }
    if (count & 1)
        wasm_v128_store16_lane(dst, x, 0);
}

static void sao_edge(uint8_t *dst, const uint8_t *src, ptrdiff_t stride_dst, const int16_t *offsets, int class,
                     int width, int height)
{
    const ptrdiff_t stride = 2 * MAX_PB_SIZE + AV_INPUT_BUFFER_PADDING_SIZE;
    const ptrdiff_t steps[] = {2, stride, stride + 2, stride - 2};
    const ptrdiff_t step = steps[class];
    /* By the number of neighbours that are smaller, less those that are larger, plus 2. */
    const v128_t table = wasm_i16x8_make(offsets[1], offsets[2], offsets[0], offsets[3], offsets[4], 0, 0, 0);

    for (; height > 0; height--, dst += stride_dst, src += stride)
        for (int x = 0; x < width; x += 8) {
            const uint8_t *p = src + 2 * x;
            v128_t pixels = wasm_v128_load(p), a = wasm_v128_load(p - step), b = wasm_v128_load(p + step);
            v128_t larger = wasm_i16x8_add(wasm_i16x8_gt(a, pixels), wasm_i16x8_gt(b, pixels));
            v128_t smaller = wasm_i16x8_add(wasm_i16x8_gt(pixels, a), wasm_i16x8_gt(pixels, b));
            v128_t index = wasm_i16x8_add(wasm_i16x8_sub(larger, smaller), wasm_i16x8_const_splat(2));
            store((uint16_t *)dst + x, add_offset(pixels, table, index), width - x);
        }
}

static void sao_band(uint8_t *dst, const uint8_t *src, ptrdiff_t stride_dst, ptrdiff_t stride_src,
                     const int16_t *offsets, int left_class, int width, int height)
{
    const v128_t table = wasm_i16x8_make(offsets[1], offsets[2], offsets[3], offsets[4], 0, 0, 0, 0);
    const v128_t first = wasm_i16x8_splat(left_class), last = wasm_i16x8_const_splat(31);

    for (; height > 0; height--, dst += stride_dst, src += stride_src)
        for (int x = 0; x < width; x += 8) {
            v128_t pixels = wasm_v128_load(src + 2 * x);
            v128_t index = wasm_v128_and(wasm_i16x8_sub(wasm_u16x8_shr(pixels, 5), first), last);
            store((uint16_t *)dst + x, add_offset(pixels, table, index), width - x);
        }
}

av_cold void ff_hevc_sao_init_10_wasm(HEVCDSPContext *c)
{
    for (int i = 0; i < 5; i++) {
        c->sao_edge_filter[i] = sao_edge;
        c->sao_band_filter[i] = sao_band;
    }
}
