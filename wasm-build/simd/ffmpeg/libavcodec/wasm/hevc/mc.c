/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * HEVC motion compensation and residuals for 8 bits: put_hevc_pel_*, put_hevc_qpel_*, put_hevc_epel_* and
 * add_residual* of libavcodec/hevc/dsp_template.c, for all even widths and all heights.
 *
 * Eight columns are computed at a time. Up to six pixels to the right of the needed ones are read; none are written.
 * The sum of one filter fits 16 bits. A second filter, on these sums, needs 32.
 */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavcodec/hevc/dsp.h"
#include "libavcodec/wasm/hevc/mc.h"

#define ALWAYS static av_always_inline

enum Direction { PIXELS, HORIZONTAL, VERTICAL, BOTH };
enum Result { PUT, UNI, UNI_W, BI, BI_W };

/* The weights, rounding and shift of a weighted prediction. */
typedef struct Finish {
    v128_t factor, offset, after;
    int shift;
} Finish;

ALWAYS v128_t low(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
ALWAYS v128_t high(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
ALWAYS v128_t two(int a, int b) { return wasm_i32x4_splat((int)((uint16_t)a | (uint32_t)(uint16_t)b << 16)); }

ALWAYS v128_t filter(const uint8_t *src, ptrdiff_t step, int taps, const v128_t *by)
{
    v128_t sum = wasm_i16x8_mul(wasm_u16x8_load8x8(src), by[0]);
    for (int k = 1; k < taps; k++)
        sum = wasm_i16x8_add(sum, wasm_i16x8_mul(wasm_u16x8_load8x8(src + k * step), by[k]));
    return sum;
}

ALWAYS void store_bytes(uint8_t *dst, v128_t x, int count)
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

ALWAYS void store(void *dst, v128_t x, const int16_t *other, int count, enum Result result, const Finish *f)
{
    v128_t a, b;
    switch (result) {
    case PUT:
        if (count >= 8) {
            wasm_v128_store(dst, x);
        } else if (count >= 4) {
            wasm_v128_store64_lane(dst, x, 0);
            if (count >= 6)
                wasm_v128_store32_lane((int16_t *)dst + 4, x, 2);
        } else {
            wasm_v128_store32_lane(dst, x, 0);
        }
        return;
    case UNI:
        x = wasm_i16x8_shr(wasm_i16x8_add_sat(x, wasm_i16x8_splat(32)), 6);
        break;
    case UNI_W:
        a = wasm_i32x4_add(wasm_i32x4_extmul_low_i16x8(x, f->factor), f->offset);
        b = wasm_i32x4_add(wasm_i32x4_extmul_high_i16x8(x, f->factor), f->offset);
        x = wasm_i16x8_narrow_i32x4(wasm_i32x4_add(wasm_i32x4_shr(a, f->shift), f->after),
                                    wasm_i32x4_add(wasm_i32x4_shr(b, f->shift), f->after));
        break;
    case BI:
        /* A sum that saturates here is clipped to 0 or 255 in C. */
        x = wasm_i16x8_add_sat(wasm_i16x8_add_sat(x, wasm_v128_load(other)), wasm_i16x8_splat(64));
        x = wasm_i16x8_shr(x, 7);
        break;
    default:
        a = wasm_i32x4_add(wasm_i32x4_dot_i16x8(low(wasm_v128_load(other), x), f->factor), f->offset);
        b = wasm_i32x4_add(wasm_i32x4_dot_i16x8(high(wasm_v128_load(other), x), f->factor), f->offset);
        x = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(a, f->shift), wasm_i32x4_shr(b, f->shift));
        break;
    }
    store_bytes(dst, wasm_u8x16_narrow_i16x8(x, x), count);
}

ALWAYS void predict(void *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, const int16_t *other,
                    int height, int width, const int8_t *horizontal, const int8_t *vertical, int taps,
                    enum Direction direction, enum Result result, const Finish *f)
{
    v128_t by_x[8], by_y[8], by_pair[4];
    const int element = result == PUT ? 2 : 1;
    for (int k = 0; k < taps; k++) {
        by_x[k] = wasm_i16x8_splat(direction & HORIZONTAL ? horizontal[k] : 0);
        by_y[k] = wasm_i16x8_splat(direction & VERTICAL ? vertical[k] : 0);
    }
    for (int k = 0; k < taps / 2; k++)
        by_pair[k] = direction == BOTH ? two(vertical[2 * k], vertical[2 * k + 1]) : wasm_i16x8_splat(0);
    if (direction & HORIZONTAL)
        src -= taps / 2 - 1;
    if (direction & VERTICAL)
        src -= (taps / 2 - 1) * src_stride;

    for (int x = 0; x < width; x += 8) {
        const uint8_t *from = src + x;
        uint8_t *to = (uint8_t *)dst + element * x;
        const int16_t *with = other ? other + x : NULL;
        if (direction == BOTH) {
            /* Each row is interleaved with the next one, for sums of two products. */
            v128_t pairs[(MAX_PB_SIZE + 7) * 2];
            v128_t last = filter(from, 1, taps, by_x);
            for (int y = 1; y < height + taps - 1; y++) {
                v128_t next;
                from += src_stride;
                next = filter(from, 1, taps, by_x);
                pairs[2 * y - 2] = low(last, next);
                pairs[2 * y - 1] = high(last, next);
                last = next;
            }
            for (int y = 0; y < height; y++) {
                v128_t a = wasm_i32x4_dot_i16x8(pairs[2 * y], by_pair[0]);
                v128_t b = wasm_i32x4_dot_i16x8(pairs[2 * y + 1], by_pair[0]);
                for (int k = 1; k < taps / 2; k++) {
                    a = wasm_i32x4_add(a, wasm_i32x4_dot_i16x8(pairs[2 * y + 4 * k], by_pair[k]));
                    b = wasm_i32x4_add(b, wasm_i32x4_dot_i16x8(pairs[2 * y + 4 * k + 1], by_pair[k]));
                }
                store(to, wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(a, 6), wasm_i32x4_shr(b, 6)), with, width - x, result, f);
                to += dst_stride;
                with += result >= BI ? MAX_PB_SIZE : 0;
            }
            continue;
        }
        for (int y = 0; y < height; y++) {
            v128_t value;
            if (direction == PIXELS)
                value = wasm_i16x8_shl(wasm_u16x8_load8x8(from), 6);
            else if (direction == HORIZONTAL)
                value = filter(from, 1, taps, by_x);
            else
                value = filter(from, src_stride, taps, by_y);
            store(to, value, with, width - x, result, f);
            from += src_stride;
            to += dst_stride;
            with += result >= BI ? MAX_PB_SIZE : 0;
        }
    }
}

#define FUNCTIONS(name, filters, taps, direction)                                                                      \
    static void put_##name(int16_t *dst, const uint8_t *src, ptrdiff_t src_stride, int height, intptr_t mx,            \
                           intptr_t my, int width)                                                                     \
    {                                                                                                                  \
        predict(dst, 2 * MAX_PB_SIZE, src, src_stride, NULL, height, width, filters[mx], filters[my], taps, direction, \
                PUT, NULL);                                                                                            \
    }                                                                                                                  \
    static void uni_##name(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, int height,   \
                           intptr_t mx, intptr_t my, int width)                                                        \
    {                                                                                                                  \
        predict(dst, dst_stride, src, src_stride, NULL, height, width, filters[mx], filters[my], taps, direction, UNI, \
                NULL);                                                                                                 \
    }                                                                                                                  \
    static void uni_w_##name(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, int height, \
                             int denom, int wx, int ox, intptr_t mx, intptr_t my, int width)                           \
    {                                                                                                                  \
        Finish f = {wasm_i16x8_splat(wx), wasm_i32x4_splat(1 << (denom + 5)), wasm_i32x4_splat(ox), denom + 6};        \
        predict(dst, dst_stride, src, src_stride, NULL, height, width, filters[mx], filters[my], taps, direction,      \
                UNI_W, &f);                                                                                            \
    }                                                                                                                  \
    static void bi_##name(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,                \
                          const int16_t *other, int height, intptr_t mx, intptr_t my, int width)                       \
    {                                                                                                                  \
        predict(dst, dst_stride, src, src_stride, other, height, width, filters[mx], filters[my], taps, direction, BI, \
                NULL);                                                                                                 \
    }                                                                                                                  \
    static void bi_w_##name(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,              \
                            const int16_t *other, int height, int denom, int wx0, int wx1, int ox0, int ox1,           \
                            intptr_t mx, intptr_t my, int width)                                                       \
    {                                                                                                                  \
        Finish f = {two(wx0, wx1), wasm_i32x4_splat((ox0 + ox1 + 1) * (1 << (denom + 6))), wasm_i32x4_splat(0),        \
                    denom + 7};                                                                                        \
        predict(dst, dst_stride, src, src_stride, other, height, width, filters[mx], filters[my], taps, direction,     \
                BI_W, &f);                                                                                             \
    }

FUNCTIONS(pixels, ff_hevc_epel_filters, 4, PIXELS)
FUNCTIONS(qpel_h, ff_hevc_qpel_filters, 8, HORIZONTAL)
FUNCTIONS(qpel_v, ff_hevc_qpel_filters, 8, VERTICAL)
FUNCTIONS(qpel_hv, ff_hevc_qpel_filters, 8, BOTH)
FUNCTIONS(epel_h, ff_hevc_epel_filters, 4, HORIZONTAL)
FUNCTIONS(epel_v, ff_hevc_epel_filters, 4, VERTICAL)
FUNCTIONS(epel_hv, ff_hevc_epel_filters, 4, BOTH)

#define ADD_RESIDUAL(size)                                                                                          \
    static void add_residual##size(uint8_t *dst, const int16_t *residual, ptrdiff_t stride)                         \
    {                                                                                                               \
        for (int y = 0; y < size; y++, dst += stride, residual += size)                                             \
            for (int x = 0; x < size; x += 8) {                                                                     \
                v128_t r = wasm_v128_load(residual + x);                                                            \
                v128_t sum = wasm_i16x8_add_sat(wasm_u16x8_load8x8(dst + x), r);                                    \
                wasm_v128_store64_lane(dst + x, wasm_u8x16_narrow_i16x8(sum, sum), 0);                              \
            }                                                                                                       \
    }
ADD_RESIDUAL(8)
ADD_RESIDUAL(16)
ADD_RESIDUAL(32)

static void add_residual4(uint8_t *dst, const int16_t *residual, ptrdiff_t stride)
{
    for (int y = 0; y < 4; y++, dst += stride, residual += 4) {
        v128_t pixels = wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(dst));
        v128_t sum = wasm_i16x8_add_sat(pixels, wasm_v128_load64_zero(residual));
        wasm_v128_store32_lane(dst, wasm_u8x16_narrow_i16x8(sum, sum), 0);
    }
}

av_cold void ff_hevc_mc_init_wasm(HEVCDSPContext *c)
{
#define ONE(result, kind, y, x, name) c->put_hevc_##kind##result[i][y][x] = name;
#define ALL(result, prefix)                              \
    ONE(result, qpel, 0, 0, prefix##_pixels)             \
    ONE(result, qpel, 0, 1, prefix##_qpel_h)             \
    ONE(result, qpel, 1, 0, prefix##_qpel_v)             \
    ONE(result, qpel, 1, 1, prefix##_qpel_hv)            \
    ONE(result, epel, 0, 0, prefix##_pixels)             \
    ONE(result, epel, 0, 1, prefix##_epel_h)             \
    ONE(result, epel, 1, 0, prefix##_epel_v)             \
    ONE(result, epel, 1, 1, prefix##_epel_hv)
    for (int i = 0; i < 10; i++) {
        ALL(, put)
        ALL(_uni, uni)
        ALL(_uni_w, uni_w)
        ALL(_bi, bi)
        ALL(_bi_w, bi_w)
    }
    c->add_residual[0] = add_residual4;
    c->add_residual[1] = add_residual8;
    c->add_residual[2] = add_residual16;
    c->add_residual[3] = add_residual32;
}
