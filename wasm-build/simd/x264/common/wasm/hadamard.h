/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps of the Hadamard transform on vectors of eight columns. A step of a row pairs lanes of two vectors: the sums
 * become the first vector and the differences the second, each in an order in which the lanes of the next step are
 * pairs again. The order within a block does not matter for sums of absolute values.
 */
#ifndef X264_WASM_HADAMARD_H
#define X264_WASM_HADAMARD_H

#include "simd.h"

IN void butterfly(v128_t *a, v128_t *b)
{
    v128_t sum = wasm_i16x8_add(*a, *b);
    *b = wasm_i16x8_sub(*a, *b);
    *a = sum;
}

/* The columns of four rows, or of every second of eight. */
IN void columns4(v128_t *a, v128_t *b, v128_t *c, v128_t *d)
{
    butterfly(a, b);
    butterfly(c, d);
    butterfly(a, c);
    butterfly(b, d);
}

/* Pairs lanes of 16 bits that are side by side. */
IN void rows2(v128_t *a, v128_t *b)
{
    v128_t even = wasm_i16x8_shuffle(*a, wasm_i32x4_shl(*b, 16), 0, 9, 2, 11, 4, 13, 6, 15);
    v128_t odd = wasm_i16x8_shuffle(wasm_u32x4_shr(*a, 16), *b, 0, 9, 2, 11, 4, 13, 6, 15);
    *a = wasm_i16x8_add(even, odd);
    *b = wasm_i16x8_sub(even, odd);
}

/* Brings lanes of 32 bits that are side by side to the same lane of two vectors. */
IN void pair_lanes(v128_t *a, v128_t *b)
{
    v128_t even = wasm_i32x4_shuffle(*a, *b, 0, 2, 4, 6);
    *b = wasm_i32x4_shuffle(*a, *b, 1, 3, 5, 7);
    *a = even;
}

/* The rows of four columns. */
IN void rows4(v128_t *a, v128_t *b)
{
    rows2(a, b);
    pair_lanes(a, b);
    butterfly(a, b);
}

/*
 * Applies the last step of the rows, and returns half the sums of the absolute values: |x + y| + |x - y| is twice the
 * larger of |x| and |y|.
 */
IN v128_t last_step(v128_t a, v128_t b)
{
    a = wasm_i16x8_abs(a);
    b = wasm_i16x8_abs(b);
    pair_lanes(&a, &b);
    return wasm_i16x8_max(a, b);
}

/* Both steps of the rows of four columns. Returns half the sums of the absolute values. */
IN v128_t rows4_half(v128_t a, v128_t b)
{
    rows2(&a, &b);
    return last_step(a, b);
}

/* Loads four pixels of each of two rows. */
IN v128_t pixels4x2(const pixel *p, intptr_t stride)
{
    return wasm_u16x8_extend_low_u8x16(wasm_v128_load32_lane(p + stride, wasm_v128_load32_zero(p), 1));
}

/*
 * Transforms one 4x4 block, with two rows in each vector. `first` is subtracted from the first result of the columns'
 * transform, in its lower half. Returns half the sums of the absolute values.
 */
IN v128_t satd4x4(v128_t d01, v128_t d23, v128_t first)
{
    v128_t s = wasm_i16x8_add(d01, d23), t = wasm_i16x8_sub(d01, d23); /* 0+2 1+3, 0-2 1-3 */
    v128_t low = wasm_i64x2_shuffle(s, t, 0, 2), high = wasm_i64x2_shuffle(s, t, 1, 3);
    return rows4_half(wasm_i16x8_sub(wasm_i16x8_add(low, high), first), wasm_i16x8_sub(low, high));
}

/* The columns of eight rows. */
IN void columns8(v128_t x[8])
{
    columns4(&x[0], &x[1], &x[2], &x[3]);
    columns4(&x[4], &x[5], &x[6], &x[7]);
    for (int i = 0; i < 4; i++)
        butterfly(&x[i], &x[i + 4]);
}

/* All steps of the rows of eight columns. Returns half the sums of the absolute values. */
IN v128_t rows8_half(v128_t a, v128_t b)
{
    rows4(&a, &b);
    return last_step(a, b);
}

#endif
