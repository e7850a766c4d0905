/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scaling of 8-bit planes: hScale8To15_c of libswscale/swscale.c, yuv2planeX_8_c and yuv2plane1_8_c of
 * libswscale/output.c. The results are equal to those of C.
 */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libswscale/swscale_internal.h"

/* Returns the sums of neighbouring lanes of two vectors. */
static av_always_inline v128_t neighbours(v128_t a, v128_t b)
{
    return wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 2, 4, 6), wasm_i32x4_shuffle(a, b, 1, 3, 5, 7));
}

/* Returns the lane sums of four vectors. */
static inline v128_t sums(v128_t a, v128_t b, v128_t c, v128_t d)
{
    return neighbours(neighbours(a, b), neighbours(c, d));
}

/* Returns a mask of the first `count` lanes of eight. The others may contain coefficients of the next pixel. */
static inline v128_t first(int count)
{
    return wasm_i16x8_gt(wasm_i16x8_splat(count), wasm_i16x8_const(0, 1, 2, 3, 4, 5, 6, 7));
}

/* Returns eight products of one pixel, summed in pairs. */
static inline v128_t taps8(const uint8_t *src, const int16_t *filter)
{
    return wasm_i32x4_dot_i16x8(wasm_u16x8_load8x8(src), wasm_v128_load(filter));
}

/* Returns up to eight products of one pixel, summed in pairs. `mask` selects the coefficients. */
static inline v128_t taps(const uint8_t *src, const int16_t *filter, v128_t mask)
{
    return wasm_i32x4_dot_i16x8(wasm_u16x8_load8x8(src), wasm_v128_and(wasm_v128_load(filter), mask));
}

/* Returns up to four products of each of two pixels, summed in pairs. `mask` selects the coefficients. */
static av_always_inline v128_t taps4(const uint8_t *src, const int32_t *pos, const int16_t *filter, int size, v128_t mask)
{
    v128_t pixels = wasm_v128_load32_lane(src + pos[1], wasm_v128_load32_zero(src + pos[0]), 1);
    v128_t by = size == 4 ? wasm_v128_load(filter)
        : wasm_v128_and(wasm_v128_load64_lane(filter + size, wasm_v128_load64_zero(filter), 1), mask);
    return wasm_i32x4_dot_i16x8(wasm_u16x8_extend_low_u8x16(pixels), by);
}

/* Returns four pixels of up to four products each, before the shift. */
static av_always_inline v128_t four(const uint8_t *src, const int32_t *pos, const int16_t *filter, int size, v128_t mask)
{
    v128_t a = taps4(src, pos, filter, size, mask), b = taps4(src, pos + 2, filter + 2 * size, size, mask);
    return neighbours(a, b);
}

/* Writes eight pixels of up to four products each at a time, and returns the number of pixels. */
static av_always_inline int few_taps(int16_t *dst, int width, const uint8_t *src, const int16_t *filter, const int32_t *pos,
                                     int size)
{
    v128_t mask = first(size);
    int i = 0;
    mask = wasm_i64x2_shuffle(mask, mask, 0, 0);
    for (; i + 8 <= width; i += 8, filter += 8 * size) {
        v128_t low = four(src, pos + i, filter, size, mask);
        v128_t high = four(src, pos + i + 4, filter + 4 * size, size, mask);
        wasm_v128_store(dst + i, wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(low, 7), wasm_i32x4_shr(high, 7)));
    }
    return i;
}

/* Returns four pixels of four products each, before the shift. `at` has the positions of the factors in `bytes`. */
static av_always_inline v128_t four_of(v128_t bytes, v128_t at, const int16_t *filter)
{
    v128_t pixels = wasm_i8x16_swizzle(bytes, at);
    v128_t a = wasm_i32x4_dot_i16x8(wasm_u16x8_extend_low_u8x16(pixels), wasm_v128_load(filter));
    v128_t b = wasm_i32x4_dot_i16x8(wasm_u16x8_extend_high_u8x16(pixels), wasm_v128_load(filter + 8));
    return neighbours(a, b);
}

/*
 * Writes eight pixels of four products each at a time, as long as sixteen bytes have the factors of all eight, and
 * returns the number of pixels. The sixteen bytes end no later than the factors of the last pixel of the line.
 */
static av_always_inline int near_taps(int16_t *dst, int width, const uint8_t *src, const int16_t *filter,
                                      const int32_t *pos)
{
    v128_t taps = wasm_i8x16_const(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
    int i = 0, last = width > 0 ? pos[width - 1] - 12 : 0;
    for (; i + 8 <= width && pos[i] <= last; i += 8, filter += 32) {
        v128_t start = wasm_v128_load32_splat(pos + i);
        v128_t words = wasm_i16x8_narrow_i32x4(wasm_i32x4_sub(wasm_v128_load(pos + i), start),
                                               wasm_i32x4_sub(wasm_v128_load(pos + i + 4), start));
        /* Distances are saturated, so that those out of reach stay so. */
        v128_t far = wasm_i8x16_narrow_i16x8(words, words);
        v128_t at0 = wasm_i8x16_add(wasm_i8x16_shuffle(far, far, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3), taps);
        v128_t at1 = wasm_i8x16_add(wasm_i8x16_shuffle(far, far, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7), taps);
        if (wasm_v128_any_true(wasm_v128_and(wasm_v128_or(at0, at1), wasm_u8x16_const_splat(0xf0))))
            break;
        v128_t bytes = wasm_v128_load(src + pos[i]);
        v128_t low = four_of(bytes, at0, filter), high = four_of(bytes, at1, filter + 16);
        wasm_v128_store(dst + i, wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(low, 7), wasm_i32x4_shr(high, 7)));
    }
    return i;
}

/* Writes eight pixels of eight products each at a time, and returns the number of pixels. */
static av_always_inline int eight_taps(int16_t *dst, int width, const uint8_t *src, const int16_t *filter,
                                       const int32_t *pos)
{
    int i = 0;
    for (; i + 8 <= width; i += 8, filter += 64) {
        v128_t low = sums(taps8(src + pos[i], filter), taps8(src + pos[i + 1], filter + 8),
                          taps8(src + pos[i + 2], filter + 16), taps8(src + pos[i + 3], filter + 24));
        v128_t high = sums(taps8(src + pos[i + 4], filter + 32), taps8(src + pos[i + 5], filter + 40),
                           taps8(src + pos[i + 6], filter + 48), taps8(src + pos[i + 7], filter + 56));
        wasm_v128_store(dst + i, wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(low, 7), wasm_i32x4_shr(high, 7)));
    }
    return i;
}

/* Writes eight pixels of one product each at a time, as long as they follow each other, and returns the number of pixels. */
static av_always_inline int one_tap(int16_t *dst, int width, const uint8_t *src, const int16_t *filter, const int32_t *pos)
{
    int i = 0;
    for (; i + 8 <= width; i += 8) {
        v128_t start = wasm_i32x4_splat(pos[i]);
        v128_t next = wasm_i32x4_eq(wasm_v128_load(pos + i), wasm_i32x4_add(start, wasm_i32x4_const(0, 1, 2, 3)));
        v128_t last = wasm_i32x4_eq(wasm_v128_load(pos + i + 4), wasm_i32x4_add(start, wasm_i32x4_const(4, 5, 6, 7)));
        if (!wasm_i32x4_all_true(wasm_v128_and(next, last)))
            break;
        v128_t pixels = wasm_u16x8_load8x8(src + pos[i]), by = wasm_v128_load(filter + i);
        v128_t low = wasm_i32x4_extmul_low_i16x8(pixels, by), high = wasm_i32x4_extmul_high_i16x8(pixels, by);
        wasm_v128_store(dst + i, wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(low, 7), wasm_i32x4_shr(high, 7)));
    }
    return i;
}

/*
 * The number of taps is the same as in C. Padding it with `filterAlign` is not exact: initFilter carries the rounding
 * error of the last coefficient into the padding.
 */
static void hscale8to15_wasm(SwsInternal *c, int16_t *dst, int width, const uint8_t *src, const int16_t *filter,
                             const int32_t *pos, int size)
{
    int i = 0;
    if (size == 1) {
        i = one_tap(dst, width, src, filter, pos);
        filter += i;
    } else if (size <= 4) {
        if (size == 4) {
            i = near_taps(dst, width, src, filter, pos);
            i += few_taps(dst + i, width - i, src, filter + 4 * i, pos + i, 4);
        } else {
            i = few_taps(dst, width, src, filter, pos, size);
        }
        filter += i * size;
    } else if (size == 8) {
        i = eight_taps(dst, width, src, filter, pos);
        filter += i * size;
    } else {
        int whole = size & ~7;
        v128_t mask = first(size & 7);
        for (; i + 4 <= width; i += 4, filter += 4 * size) {
            v128_t sum[4];
            for (int k = 0; k < 4; k++) {
                const uint8_t *from = src + pos[i + k];
                const int16_t *by = filter + k * size;
                sum[k] = whole ? taps8(from, by) : taps(from, by, mask);
                for (int j = 8; j < whole; j += 8)
                    sum[k] = wasm_i32x4_add(sum[k], taps8(from + j, by + j));
                if (whole && whole < size)
                    sum[k] = wasm_i32x4_add(sum[k], taps(from + whole, by + whole, mask));
            }
            v128_t total = wasm_i32x4_shr(sums(sum[0], sum[1], sum[2], sum[3]), 7);
            wasm_v128_store64_lane(dst + i, wasm_i16x8_narrow_i32x4(total, total), 0);
        }
    }
    for (; i < width; i++, filter += size) {
        int sum = 0;
        for (int j = 0; j < size; j++)
            sum += src[pos[i] + j] * filter[j];
        dst[i] = FFMIN(sum >> 7, INT16_MAX);
    }
}

/* Returns eight dither values, from `offset` on. */
static inline v128_t dither8(const uint8_t *dither, int offset)
{
    return wasm_i16x8_make(dither[offset & 7], dither[(offset + 1) & 7], dither[(offset + 2) & 7],
                           dither[(offset + 3) & 7], dither[(offset + 4) & 7], dither[(offset + 5) & 7],
                           dither[(offset + 6) & 7], dither[(offset + 7) & 7]);
}

/* Writes sixteen pixels at a time, and returns the number of pixels. With a constant size, the coefficients are in registers. */
static av_always_inline int planex(const int16_t *filter, int size, const int16_t **src, uint8_t *dst, int width,
                                   v128_t start)
{
    v128_t start_low = wasm_i32x4_shl(wasm_i32x4_extend_low_i16x8(start), 12);
    v128_t start_high = wasm_i32x4_shl(wasm_i32x4_extend_high_i16x8(start), 12);
    int i = 0;
    for (; i + 16 <= width; i += 16) {
        v128_t a = start_low, b = start_high, c = start_low, d = start_high;
        int j = 0;
        for (; j + 2 <= size; j += 2) {
            v128_t pair = wasm_i32x4_splat((int)((uint16_t)filter[j] | (uint32_t)(uint16_t)filter[j + 1] << 16));
            v128_t x0 = wasm_v128_load(src[j] + i), x1 = wasm_v128_load(src[j + 1] + i);
            v128_t y0 = wasm_v128_load(src[j] + i + 8), y1 = wasm_v128_load(src[j + 1] + i + 8);
            a = wasm_i32x4_add(a, wasm_i32x4_dot_i16x8(wasm_i16x8_shuffle(x0, x1, 0, 8, 1, 9, 2, 10, 3, 11), pair));
            b = wasm_i32x4_add(b, wasm_i32x4_dot_i16x8(wasm_i16x8_shuffle(x0, x1, 4, 12, 5, 13, 6, 14, 7, 15), pair));
            c = wasm_i32x4_add(c, wasm_i32x4_dot_i16x8(wasm_i16x8_shuffle(y0, y1, 0, 8, 1, 9, 2, 10, 3, 11), pair));
            d = wasm_i32x4_add(d, wasm_i32x4_dot_i16x8(wasm_i16x8_shuffle(y0, y1, 4, 12, 5, 13, 6, 14, 7, 15), pair));
        }
        if (j < size) {
            v128_t one = wasm_i16x8_splat(filter[j]);
            v128_t x = wasm_v128_load(src[j] + i), y = wasm_v128_load(src[j] + i + 8);
            a = wasm_i32x4_add(a, wasm_i32x4_extmul_low_i16x8(x, one));
            b = wasm_i32x4_add(b, wasm_i32x4_extmul_high_i16x8(x, one));
            c = wasm_i32x4_add(c, wasm_i32x4_extmul_low_i16x8(y, one));
            d = wasm_i32x4_add(d, wasm_i32x4_extmul_high_i16x8(y, one));
        }
        v128_t low = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(a, 19), wasm_i32x4_shr(b, 19));
        v128_t high = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(c, 19), wasm_i32x4_shr(d, 19));
        wasm_v128_store(dst + i, wasm_u8x16_narrow_i16x8(low, high));
    }
    return i;
}

static void planex8_wasm(const int16_t *filter, int size, const int16_t **src, uint8_t *dst, int width,
                         const uint8_t *dither, int offset)
{
    v128_t start = dither8(dither, offset);
    int i;
    if (size == 4) {
        const int16_t *rows[4] = {src[0], src[1], src[2], src[3]}, by[4] = {filter[0], filter[1], filter[2], filter[3]};
        i = planex(by, 4, rows, dst, width, start);
    } else {
        i = planex(filter, size, src, dst, width, start);
    }
    for (; i < width; i++) {
        int sum = dither[(i + offset) & 7] << 12;
        for (int j = 0; j < size; j++)
            sum += (unsigned)(src[j][i] * filter[j]);
        dst[i] = av_clip_uint8(sum >> 19);
    }
}

static void plane1_wasm(const int16_t *src, uint8_t *dst, int width, const uint8_t *dither, int offset)
{
    v128_t start = dither8(dither, offset);
    int i = 0;
    for (; i + 16 <= width; i += 16) {
        v128_t low = wasm_i16x8_shr(wasm_i16x8_add_sat(wasm_v128_load(src + i), start), 7);
        v128_t high = wasm_i16x8_shr(wasm_i16x8_add_sat(wasm_v128_load(src + i + 8), start), 7);
        wasm_v128_store(dst + i, wasm_u8x16_narrow_i16x8(low, high));
    }
    for (; i < width; i++)
        dst[i] = av_clip_uint8((src[i] + dither[(i + offset) & 7]) >> 7);
}

av_cold void ff_sws_init_swscale_wasm(SwsInternal *c)
{
    enum AVPixelFormat format = c->opts.dst_format;
    if (!(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128))
        return;
    if (c->srcBpc == 8 && c->dstBpc <= 14)
        c->hyScale = c->hcScale = hscale8to15_wasm;
    if (c->dstBpc == 8 && !is16BPS(format) && !isNBPS(format) && !isFloat(format)) {
        c->yuv2plane1 = plane1_wasm;
        c->yuv2planeX = planex8_wasm;
    }
    ff_sws_init_rgb_wasm(c);
}
