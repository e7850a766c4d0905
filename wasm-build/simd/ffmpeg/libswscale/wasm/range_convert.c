/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The conversion between full and limited range of 15-bit samples: lumRangeToJpeg_c, chrRangeToJpeg_c, lumRangeFromJpeg_c
 * and chrRangeFromJpeg_c of libswscale/swscale.c. */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libswscale/swscale_internal.h"

/* Converts eight samples. Those that C does not limit wrap. */
static av_always_inline v128_t convert8(v128_t x, v128_t factor, v128_t offset, int is_limited)
{
    const v128_t zero = wasm_i16x8_const_splat(0), limit = wasm_i32x4_const_splat(INT16_MAX);
    v128_t low  = wasm_i32x4_dot_i16x8(wasm_i16x8_shuffle(x, zero, 0, 8, 1, 9, 2, 10, 3, 11), factor);
    v128_t high = wasm_i32x4_dot_i16x8(wasm_i16x8_shuffle(x, zero, 4, 12, 5, 13, 6, 14, 7, 15), factor);
    low  = wasm_i32x4_shr(wasm_i32x4_add(low, offset), 14);
    high = wasm_i32x4_shr(wasm_i32x4_add(high, offset), 14);
    if (is_limited) {
        low  = wasm_i32x4_min(low, limit);
        high = wasm_i32x4_min(high, limit);
    }
    return wasm_i16x8_shuffle(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
}

static av_always_inline void convert(int16_t *dst, int width, uint32_t coeff, int64_t offset, int is_limited)
{
    /* A pair of the coefficient, which is less than twice 1 << 14, and zero. */
    v128_t factor = wasm_i32x4_splat((uint16_t)coeff), offsets = wasm_i32x4_splat((int32_t)offset);
    int i = 0;
#pragma clang loop unroll_count(2)
    for (; i + 8 <= width; i += 8)
        wasm_v128_store(dst + i, convert8(wasm_v128_load(dst + i), factor, offsets, is_limited));
#pragma clang loop vectorize(disable)
    for (; i < width; i++) {
        int x = (dst[i] * (uint16_t)coeff + (int32_t)offset) >> 14;
        dst[i] = is_limited ? FFMIN(x, INT16_MAX) : x;
    }
}

static void lum_to_jpeg(int16_t *dst, int width, uint32_t coeff, int64_t offset)
{
    convert(dst, width, coeff, offset, 1);
}

static void chr_to_jpeg(int16_t *u, int16_t *v, int width, uint32_t coeff, int64_t offset)
{
    convert(u, width, coeff, offset, 1);
    convert(v, width, coeff, offset, 1);
}

static void lum_from_jpeg(int16_t *dst, int width, uint32_t coeff, int64_t offset)
{
    convert(dst, width, coeff, offset, 0);
}

static void chr_from_jpeg(int16_t *u, int16_t *v, int width, uint32_t coeff, int64_t offset)
{
    convert(u, width, coeff, offset, 0);
    convert(v, width, coeff, offset, 0);
}

av_cold void ff_sws_init_range_convert_wasm(SwsInternal *c)
{
    if (!(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128) || c->dstBpc > 14)
        return;
    c->lumConvertRange = c->opts.src_range ? lum_from_jpeg : lum_to_jpeg;
    c->chrConvertRange = c->opts.src_range ? chr_from_jpeg : chr_to_jpeg;
}
