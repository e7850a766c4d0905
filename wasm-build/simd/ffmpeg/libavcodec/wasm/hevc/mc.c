/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * HEVC motion compensation and residuals for 8 and 10 bits: put_hevc_pel_*, put_hevc_qpel_*, put_hevc_epel_* and
 * add_residual* of libavcodec/hevc/dsp_template.c, for all even widths and heights.
 *
 * Eight columns are computed at a time. Up to six pixels to the right of the needed ones are read; none are written.
 * Filters are sums of products of pairs, in 32 bits.
 */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavcodec/hevc/dsp.h"
#include "libavcodec/wasm/hevc/mc.h"
#include "libavcodec/wasm/transpose.h"

#define IN static av_always_inline

enum Direction { PIXELS, HORIZONTAL, VERTICAL, BOTH };
enum Result { PUT, UNI, UNI_W, BI, BI_W };

/* The weights, rounding and shift of a weighted prediction. */
typedef struct Finish {
    v128_t factor, offset, after;
    int shift;
} Finish;

IN v128_t two(int a, int b) { return wasm_i32x4_splat((int)((uint16_t)a | (uint32_t)(uint16_t)b << 16)); }

IN v128_t load(const uint8_t *src, int depth)
{
    return depth == 8 ? wasm_u16x8_load8x8(src) : wasm_v128_load(src);
}

/* Filters eight pixels horizontally: those at even and at odd positions separately, as pairs begin there. */
IN v128_t across(const uint8_t *src, int taps, const v128_t *by, int depth)
{
    const int size = depth == 8 ? 1 : 2;
    v128_t even, odd;
    /* If clang does not see how the address was computed, offsets become part of the loads. */
    __asm__("" : "+r"(src));
    even = wasm_i32x4_dot_i16x8(load(src, depth), by[0]);
    odd = wasm_i32x4_dot_i16x8(load(src + size, depth), by[0]);
    for (int k = 1; k < taps / 2; k++) {
        even = wasm_i32x4_add(even, wasm_i32x4_dot_i16x8(load(src + 2 * k * size, depth), by[k]));
        odd = wasm_i32x4_add(odd, wasm_i32x4_dot_i16x8(load(src + (2 * k + 1) * size, depth), by[k]));
    }
    if (depth > 8)
        even = wasm_i32x4_shr(even, depth - 8);
    return wasm_i16x8_shuffle(even, wasm_i32x4_shl(odd, 24 - depth), 0, 9, 2, 11, 4, 13, 6, 15);
}

/* Stores up to eight 16-bit values. */
IN void store_words(void *dst, v128_t x, int count)
{
    if (count >= 8) {
        wasm_v128_store(dst, x);
    } else if (count >= 4) {
        wasm_v128_store64_lane(dst, x, 0);
        if (count >= 6)
            wasm_v128_store32_lane((int16_t *)dst + 4, x, 2);
    } else {
        wasm_v128_store32_lane(dst, x, 0);
    }
}

IN void store_bytes(uint8_t *dst, v128_t x, int count)
{
    if (count >= 8) {
        wasm_v128_store64_lane(dst, x, 0);
        return;
    }
    if (count >= 4) {
        wasm_v128_store32_lane(dst, x, 0);
        if (count >= 6)
            wasm_v128_store16_lane(dst + 4, x, 2);
    } else {
        wasm_v128_store16_lane(dst, x, 0);
    }
}

IN void store_pixels(void *dst, v128_t x, int count, int depth)
{
    if (depth == 8)
        store_bytes(dst, wasm_u8x16_narrow_i16x8(x, x), count);
    else
        store_words(dst, wasm_i16x8_min(wasm_i16x8_max(x, wasm_i16x8_const_splat(0)),
                                        wasm_i16x8_splat((1 << depth) - 1)), count);
}

IN void store(void *dst, v128_t x, const int16_t *other, int count, enum Result result, const Finish *f, int depth)
{
    v128_t a, b;
    switch (result) {
    case PUT:
        store_words(dst, x, count);
        return;
    case UNI:
        x = wasm_i16x8_shr(wasm_i16x8_add_sat(x, wasm_i16x8_splat(1 << (13 - depth))), 14 - depth);
        break;
    case UNI_W:
        a = wasm_i32x4_add(wasm_i32x4_extmul_low_i16x8(x, f->factor), f->offset);
        b = wasm_i32x4_add(wasm_i32x4_extmul_high_i16x8(x, f->factor), f->offset);
        x = wasm_i16x8_narrow_i32x4(wasm_i32x4_add(wasm_i32x4_shr(a, f->shift), f->after),
                                    wasm_i32x4_add(wasm_i32x4_shr(b, f->shift), f->after));
        break;
    case BI:
        /* A sum that saturates here is clipped in C. */
        x = wasm_i16x8_add_sat(wasm_i16x8_add_sat(x, wasm_v128_load(other)), wasm_i16x8_splat(1 << (14 - depth)));
        x = wasm_i16x8_shr(x, 15 - depth);
        break;
    default:
        a = wasm_i32x4_add(wasm_i32x4_dot_i16x8(interleave_low(wasm_v128_load(other), x), f->factor), f->offset);
        b = wasm_i32x4_add(wasm_i32x4_dot_i16x8(interleave_high(wasm_v128_load(other), x), f->factor), f->offset);
        x = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(a, f->shift), wasm_i32x4_shr(b, f->shift));
        break;
    }
    store_pixels(dst, x, count, depth);
}

/* Filters a row of sums vertically. */
IN v128_t down(const v128_t *pairs, int taps, const v128_t *by, int shift)
{
    v128_t a = wasm_i32x4_dot_i16x8(pairs[0], by[0]);
    v128_t b = wasm_i32x4_dot_i16x8(pairs[1], by[0]);
    for (int k = 1; k < taps / 2; k++) {
        a = wasm_i32x4_add(a, wasm_i32x4_dot_i16x8(pairs[4 * k], by[k]));
        b = wasm_i32x4_add(b, wasm_i32x4_dot_i16x8(pairs[4 * k + 1], by[k]));
    }
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(a, shift), wasm_i32x4_shr(b, shift));
}

IN v128_t row(const uint8_t *src, int taps, const v128_t *by, enum Direction direction, int depth)
{
    if (direction & HORIZONTAL)
        return across(src, taps, by, depth);
    return direction == PIXELS ? wasm_i16x8_shl(load(src, depth), 14 - depth) : load(src, depth);
}

IN void predict(void *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, const int16_t *other,
                    int height, int width, const int8_t *horizontal, const int8_t *vertical, int taps,
                    enum Direction direction, enum Result result, const Finish *f, int depth)
{
    v128_t by_x[4], by_y[4];
    const int size = depth == 8 ? 1 : 2, element = result == PUT ? 2 : size;
    for (int k = 0; k < taps / 2; k++) {
        by_x[k] = direction & HORIZONTAL ? two(horizontal[2 * k], horizontal[2 * k + 1]) : wasm_i16x8_splat(0);
        by_y[k] = direction & VERTICAL ? two(vertical[2 * k], vertical[2 * k + 1]) : wasm_i16x8_splat(0);
    }
    if (direction & HORIZONTAL)
        src -= (taps / 2 - 1) * size;
    if (direction & VERTICAL)
        src -= (taps / 2 - 1) * src_stride;

    for (int x = 0; x < width; x += 8) {
        const uint8_t *from = src + size * x;
        uint8_t *to = (uint8_t *)dst + element * x;
        const int16_t *with = other ? other + x : NULL;
        /* Each row is interleaved with the next one, for sums of two products. */
        v128_t pairs[(MAX_PB_SIZE + 7) * 2];
        if (direction & VERTICAL) {
            v128_t last = row(from, taps, by_x, direction, depth);
            for (int y = 0; y < height + taps - 2; y += 2) {
                v128_t next = row(from += src_stride, taps, by_x, direction, depth);
                pairs[2 * y] = interleave_low(last, next);
                pairs[2 * y + 1] = interleave_high(last, next);
                last = row(from += src_stride, taps, by_x, direction, depth);
                pairs[2 * y + 2] = interleave_low(next, last);
                pairs[2 * y + 3] = interleave_high(next, last);
            }
        }
#pragma clang loop unroll(disable)
        for (int y = 0; y < height; y++) {
            v128_t value;
            if (direction & VERTICAL)
                value = down(pairs + 2 * y, taps, by_y, direction == BOTH ? 6 : depth - 8);
            else
                value = row(from, taps, by_x, direction, depth);
            store(to, value, with, width - x, result, f, depth);
            from += src_stride;
            to += dst_stride;
            with += result >= BI ? MAX_PB_SIZE : 0;
        }
    }
}

#define FUNCTIONS(name, filters, taps, direction, depth)                                                               \
    static void put_##name##_##depth(int16_t *dst, const uint8_t *src, ptrdiff_t src_stride, int height, intptr_t mx,  \
                                     intptr_t my, int width)                                                           \
    {                                                                                                                  \
        predict(dst, 2 * MAX_PB_SIZE, src, src_stride, NULL, height, width, filters[mx], filters[my], taps, direction, \
                PUT, NULL, depth);                                                                                     \
    }                                                                                                                  \
    static void uni_##name##_##depth(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,     \
                                     int height, intptr_t mx, intptr_t my, int width)                                  \
    {                                                                                                                  \
        predict(dst, dst_stride, src, src_stride, NULL, height, width, filters[mx], filters[my], taps, direction, UNI, \
                NULL, depth);                                                                                          \
    }                                                                                                                  \
    static void uni_w_##name##_##depth(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,   \
                                       int height, int denom, int wx, int ox, intptr_t mx, intptr_t my, int width)     \
    {                                                                                                                  \
        Finish f = {wasm_i16x8_splat(wx), wasm_i32x4_splat(1 << (denom + 13 - depth)),                                 \
                    wasm_i32x4_splat(ox * (1 << (depth - 8))), denom + 14 - depth};                                    \
        predict(dst, dst_stride, src, src_stride, NULL, height, width, filters[mx], filters[my], taps, direction,      \
                UNI_W, &f, depth);                                                                                     \
    }                                                                                                                  \
    static void bi_##name##_##depth(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,      \
                                    const int16_t *other, int height, intptr_t mx, intptr_t my, int width)             \
    {                                                                                                                  \
        predict(dst, dst_stride, src, src_stride, other, height, width, filters[mx], filters[my], taps, direction, BI, \
                NULL, depth);                                                                                          \
    }                                                                                                                  \
    static void bi_w_##name##_##depth(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,    \
                                      const int16_t *other, int height, int denom, int wx0, int wx1, int ox0, int ox1, \
                                      intptr_t mx, intptr_t my, int width)                                             \
    {                                                                                                                  \
        const int ox = (ox0 + ox1) * (1 << (depth - 8)) + 1;                                                           \
        Finish f = {two(wx0, wx1), wasm_i32x4_splat(ox * (1 << (denom + 14 - depth))), wasm_i32x4_splat(0),            \
                    denom + 15 - depth};                                                                               \
        predict(dst, dst_stride, src, src_stride, other, height, width, filters[mx], filters[my], taps, direction,     \
                BI_W, &f, depth);                                                                                      \
    }

IN void add_residual(uint8_t *dst, const int16_t *residual, ptrdiff_t stride, int width, int depth)
{
#pragma clang loop unroll_count(4)
    for (int y = 0; y < width; y++, dst += stride, residual += width)
        for (int x = 0; x < width; x += 8) {
            uint8_t *to = dst + (depth == 8 ? x : 2 * x);
            v128_t pixels, r;
            if (width == 4) {
                pixels = depth == 8 ? wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(to)) : wasm_v128_load64_zero(to);
                r = wasm_v128_load64_zero(residual);
            } else {
                pixels = load(to, depth);
                r = wasm_v128_load(residual + x);
            }
            store_pixels(to, wasm_i16x8_add_sat(pixels, r), width, depth);
        }
}

#define ADD_RESIDUAL(size, depth)                                                                                      \
    static void add_residual##size##_##depth(uint8_t *dst, const int16_t *residual, ptrdiff_t stride)                  \
    {                                                                                                                  \
        add_residual(dst, residual, stride, size, depth);                                                              \
    }

#define ONE(result, kind, y, x, name) c->put_hevc_##kind##result[i][y][x] = name;
#define ALL(result, prefix, depth)                       \
    ONE(result, qpel, 0, 0, prefix##_pixels_##depth)     \
    ONE(result, qpel, 0, 1, prefix##_qpel_h_##depth)     \
    ONE(result, qpel, 1, 0, prefix##_qpel_v_##depth)     \
    ONE(result, qpel, 1, 1, prefix##_qpel_hv_##depth)    \
    ONE(result, epel, 0, 0, prefix##_pixels_##depth)     \
    ONE(result, epel, 0, 1, prefix##_epel_h_##depth)     \
    ONE(result, epel, 1, 0, prefix##_epel_v_##depth)     \
    ONE(result, epel, 1, 1, prefix##_epel_hv_##depth)

#define DEPTH(depth)                                                \
    FUNCTIONS(pixels, ff_hevc_epel_filters, 4, PIXELS, depth)       \
    FUNCTIONS(qpel_h, ff_hevc_qpel_filters, 8, HORIZONTAL, depth)   \
    FUNCTIONS(qpel_v, ff_hevc_qpel_filters, 8, VERTICAL, depth)     \
    FUNCTIONS(qpel_hv, ff_hevc_qpel_filters, 8, BOTH, depth)        \
    FUNCTIONS(epel_h, ff_hevc_epel_filters, 4, HORIZONTAL, depth)   \
    FUNCTIONS(epel_v, ff_hevc_epel_filters, 4, VERTICAL, depth)     \
    FUNCTIONS(epel_hv, ff_hevc_epel_filters, 4, BOTH, depth)        \
    ADD_RESIDUAL(4, depth)                                          \
    ADD_RESIDUAL(8, depth)                                          \
    ADD_RESIDUAL(16, depth)                                         \
    ADD_RESIDUAL(32, depth)                                         \
    av_cold void ff_hevc_mc_init_##depth##_wasm(HEVCDSPContext *c)  \
    {                                                               \
        for (int i = 0; i < 10; i++) {                              \
            ALL(, put, depth)                                       \
            ALL(_uni, uni, depth)                                   \
            ALL(_uni_w, uni_w, depth)                               \
            ALL(_bi, bi, depth)                                     \
            ALL(_bi_w, bi_w, depth)                                 \
        }                                                           \
        c->add_residual[0] = add_residual4_##depth;                 \
        c->add_residual[1] = add_residual8_##depth;                 \
        c->add_residual[2] = add_residual16_##depth;                \
        c->add_residual[3] = add_residual32_##depth;                \
    }

DEPTH(8)
DEPTH(10)
