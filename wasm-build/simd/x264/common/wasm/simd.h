/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions that several kernels share: lane sums and pixel differences. */
#ifndef X264_WASM_SIMD_H
#define X264_WASM_SIMD_H

#include <wasm_simd128.h>

#define IN static inline __attribute__((always_inline))

/* Returns the sum of eight unsigned 16-bit lanes. */
IN int sum_u16(v128_t a)
{
    v128_t s = wasm_u32x4_extadd_pairwise_u16x8(a);
    s = wasm_i32x4_add(s, wasm_i32x4_shuffle(s, s, 2, 3, 0, 1));
    return wasm_i32x4_extract_lane(s, 0) + wasm_i32x4_extract_lane(s, 1);
}

/* Returns the sum of four 32-bit lanes. */
IN int sum_i32(v128_t s)
{
    s = wasm_i32x4_add(s, wasm_i32x4_shuffle(s, s, 2, 3, 0, 1));
    return wasm_i32x4_extract_lane(s, 0) + wasm_i32x4_extract_lane(s, 1);
}

/* Returns the differences of eight pixels, in 16 bits. */
IN v128_t difference8(const pixel *a, const pixel *b)
{
    return wasm_i16x8_sub(wasm_u16x8_load8x8(a), wasm_u16x8_load8x8(b));
}

#endif
