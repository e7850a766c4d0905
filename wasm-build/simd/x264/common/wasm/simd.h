/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions that several kernels share: lane sums, differences of pixels, and interleaved pixels. */
#ifndef X264_WASM_SIMD_H
#define X264_WASM_SIMD_H

#include <wasm_simd128.h>

#define IN static inline __attribute__((always_inline))

/* Returns the sum of four 32-bit lanes. */
IN int sum_i32(v128_t s)
{
    s = wasm_i32x4_add(s, wasm_i32x4_shuffle(s, s, 2, 3, 0, 1));
    uint64_t pair = wasm_i64x2_extract_lane(s, 0);
    return (int)(pair + (pair >> 32));
}

/* Returns the sums of neighbouring 32-bit lanes of two vectors. */
IN v128_t neighbours(v128_t a, v128_t b)
{
    return wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 2, 4, 6), wasm_i32x4_shuffle(a, b, 1, 3, 5, 7));
}

/* Returns the sum of eight signed 16-bit lanes. */
IN int sum_i16(v128_t a) { return sum_i32(wasm_i32x4_extadd_pairwise_i16x8(a)); }

/* Stores the lower eight bytes. As a double, this is one instruction; as an integer, it first leaves the vector. */
IN void store8(pixel *p, v128_t x)
{
    double d = wasm_f64x2_extract_lane(x, 0);
    __builtin_memcpy(p, &d, 8);
}

/* Hides from clang how x was computed. */
#define OPAQUE(x) __asm__("" : "+r"(x))

/* Returns the differences of eight pixels, in 16 bits. */
IN v128_t difference8(const pixel *a, const pixel *b)
{
    return wasm_i16x8_sub(wasm_u16x8_load8x8(a), wasm_u16x8_load8x8(b));
}

/* Returns the absolute differences of sixteen pixels. */
IN v128_t absolute_difference(v128_t a, v128_t b)
{
    return wasm_i8x16_sub(wasm_u8x16_max(a, b), wasm_u8x16_min(a, b));
}

/* Adds the absolute differences of sixteen pixels, or of eight in 16 bits (w = 8). */
IN v128_t add_difference(v128_t sum, v128_t a, v128_t b, int w)
{
    if (w == 8)
        return wasm_i16x8_add(sum, wasm_i16x8_abs(wasm_i16x8_sub(a, b)));
    return wasm_i16x8_add(sum, wasm_u16x8_extadd_pairwise_u8x16(absolute_difference(a, b)));
}

/* Brings the even bytes to the lower half, and the odd ones to the upper. */
IN v128_t deinterleave(v128_t x)
{
    return wasm_i8x16_shuffle(x, x, 0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
}

#endif
