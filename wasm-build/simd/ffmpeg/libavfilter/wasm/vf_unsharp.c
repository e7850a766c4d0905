/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The loop over a row of unsharp_slice_8 in vf_unsharp.c. Sums wrap, so that they may be added in any order. */
#include <string.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/common.h"
#include "libavfilter/wasm/vf_unsharp.h"

#define IN static av_always_inline

IN v128_t add(v128_t a, v128_t b, int size) { return size == 2 ? wasm_i16x8_add(a, b) : wasm_i32x4_add(a, b); }

/* Stores a pixel as the element number `at`. */
IN void put(uint8_t *row, int at, int pixel, int size)
{
    if (size == 2)
        ((uint16_t *)row)[at] = pixel;
    else
        ((uint32_t *)row)[at] = pixel;
}

/* Widens the pixels, with `steps_x` copies of the first and of the last at the ends. */
IN void widen(uint8_t *row, const uint8_t *pixels, int width, int steps_x, int size)
{
    int x = 0;
    for (int i = 0; i < steps_x; i++) {
        put(row, i, pixels[0], size);
        put(row, steps_x + width + i, pixels[width - 1], size);
    }
    for (; x + 8 <= width; x += 8) {
        v128_t wide = wasm_u16x8_load8x8(pixels + x);
        uint8_t *to = row + (steps_x + x) * size;
        if (size == 2) {
            wasm_v128_store(to, wide);
        } else {
            wasm_v128_store(to, wasm_u32x4_extend_low_u16x8(wide));
            wasm_v128_store(to + 16, wasm_u32x4_extend_high_u16x8(wide));
        }
    }
    for (; x < width; x++)
        put(row, steps_x + x, pixels[x], size);
}

/* Adds each element's two predecessors, with the weights 2 and 1, `steps` times. The first elements become wrong, but no
 * pixel needs them. */
IN void blur_row(uint8_t *row, int bytes, int steps, int size)
{
    for (int i = 0; i < steps; i++) {
        for (int at = bytes - 16; at >= 0; at -= 16) {
            uint8_t *p = row + at;
            v128_t one = wasm_v128_load(p - size), sum = add(wasm_v128_load(p), wasm_v128_load(p - 2 * size), size);
            wasm_v128_store(p, add(sum, add(one, one, size), size));
        }
    }
}

/* Does the same to columns: `sums` has the state of the additions. */
IN void blur_columns(uint8_t *row, int bytes, uint32_t **sums, int steps, int size)
{
    for (int i = 0; i < 2 * steps; i += 2) {
        uint8_t *first = (uint8_t *)sums[i], *second = (uint8_t *)sums[i + 1];
        for (int at = 0; at < bytes; at += 16) {
            v128_t in = wasm_v128_load(row + at), sum = add(wasm_v128_load(first + at), in, size);
            wasm_v128_store(first + at, in);
            wasm_v128_store(row + at, add(wasm_v128_load(second + at), sum, size));
            wasm_v128_store(second + at, sum);
        }
    }
}

/* Returns four sharpened pixels. The product takes 32 bits, since `amount` is at most 5 << 16. */
IN v128_t sharpen(v128_t pixels, v128_t sums, int amount, int halfscale, int scalebits)
{
    v128_t blurred = wasm_u32x4_shr(wasm_i32x4_add(sums, wasm_i32x4_splat(halfscale)), scalebits);
    v128_t change = wasm_i32x4_mul(wasm_i32x4_sub(pixels, blurred), wasm_i32x4_splat(amount));
    return wasm_i32x4_add(pixels, wasm_i32x4_shr(change, 16));
}

IN void sharpen8(uint8_t *dst, const uint8_t *src, const uint8_t *sums, int amount, int halfscale, int scalebits, int size)
{
    v128_t pixels = wasm_u16x8_load8x8(src), low, high;
    if (size == 2) {
        v128_t both = wasm_v128_load(sums);
        low  = wasm_u32x4_extend_low_u16x8(both);
        high = wasm_u32x4_extend_high_u16x8(both);
    } else {
        low  = wasm_v128_load(sums);
        high = wasm_v128_load(sums + 16);
    }
    low  = sharpen(wasm_u32x4_extend_low_u16x8(pixels), low, amount, halfscale, scalebits);
    high = sharpen(wasm_u32x4_extend_high_u16x8(pixels), high, amount, halfscale, scalebits);
    low = wasm_i16x8_narrow_i32x4(low, high);
    wasm_v128_store64_lane(dst, wasm_u8x16_narrow_i16x8(low, low), 0);
}

IN void unsharp_row(uint8_t *dst, const uint8_t *src, const uint8_t *blurred, int width, int steps_x, int steps_y,
                    uint32_t *sr, uint32_t **sc, int amount, int halfscale, int scalebits, int size)
{
    uint8_t *row = (uint8_t *)(sr + UNSHARP_PADDING / 2);
    const int bytes = FFALIGN((width + 2 * steps_x) * size, 16);
    int x = 0;

    widen(row, blurred, width, steps_x, size);
    blur_row(row, bytes, steps_x, size);
    blur_columns(row, bytes, sc, steps_y, size);
    if (!dst)
        return;
    row += 2 * steps_x * size;
    for (; x + 8 <= width; x += 8)
        sharpen8(dst + x, src + x, row + x * size, amount, halfscale, scalebits, size);
    if (x < width) {
        uint8_t last[8] = { 0 };
        memcpy(last, src + x, width - x);
        sharpen8(last, last, row + x * size, amount, halfscale, scalebits, size);
        memcpy(dst + x, last, width - x);
    }
}

void ff_unsharp_row_simd128(uint8_t *dst, const uint8_t *src, const uint8_t *blurred, int width, int steps_x, int steps_y,
                            uint32_t *sr, uint32_t **sc, int amount, int halfscale, int scalebits)
{
    /* The sums of 8 bits with weights of up to 8 bits take 16. */
    if (scalebits <= 8)
        unsharp_row(dst, src, blurred, width, steps_x, steps_y, sr, sc, amount, halfscale, scalebits, 2);
    else
        unsharp_row(dst, src, blurred, width, steps_x, steps_y, sr, sc, amount, halfscale, scalebits, 4);
}
