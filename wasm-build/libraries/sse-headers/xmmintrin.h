/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The intrinsics of SSE for WebAssembly: single precision. See emmintrin.h.
 *
 * The functions for one lane (_ss) leave the other three undefined, apart from _mm_load_ss, _mm_move_ss and those that store.
 */
#ifndef AFMPEG_XMMINTRIN_H
#define AFMPEG_XMMINTRIN_H

#include <stdint.h>
#include <wasm_simd128.h>

typedef v128_t __m128;

#define AFMPEG_SSE static inline __attribute__((always_inline, unused))

#define _MM_SHUFFLE(d, c, b, a) ((d) << 6 | (c) << 4 | (b) << 2 | (a))
#define AFMPEG_LANE(order, i) ((order) >> (2 * (i)) & 3)

/* Loads and stores. */

AFMPEG_SSE __m128 _mm_load_ps(const float *p) { return wasm_v128_load(p); }
AFMPEG_SSE __m128 _mm_loadu_ps(const float *p) { return wasm_v128_load(p); }
AFMPEG_SSE __m128 _mm_load_ss(const float *p) { return wasm_v128_load32_zero(p); }
AFMPEG_SSE void _mm_store_ps(float *p, __m128 a) { wasm_v128_store(p, a); }
AFMPEG_SSE void _mm_store_ss(float *p, __m128 a) { wasm_v128_store32_lane(p, a, 0); }

/* Constants and lanes. */

AFMPEG_SSE __m128 _mm_set_ps1(float a) { return wasm_f32x4_splat(a); }
AFMPEG_SSE __m128 _mm_setzero_ps(void) { return wasm_f32x4_const_splat(0.0f); }
AFMPEG_SSE __m128 _mm_set_ss(float a) { return wasm_f32x4_splat(a); }
AFMPEG_SSE float _mm_cvtss_f32(__m128 a) { return wasm_f32x4_extract_lane(a, 0); }
AFMPEG_SSE __m128 _mm_move_ss(__m128 a, __m128 b) { return wasm_i32x4_shuffle(a, b, 4, 1, 2, 3); }

/* Arithmetic and bits. */

AFMPEG_SSE __m128 _mm_add_ps(__m128 a, __m128 b) { return wasm_f32x4_add(a, b); }
AFMPEG_SSE __m128 _mm_sub_ps(__m128 a, __m128 b) { return wasm_f32x4_sub(a, b); }
AFMPEG_SSE __m128 _mm_mul_ps(__m128 a, __m128 b) { return wasm_f32x4_mul(a, b); }
AFMPEG_SSE __m128 _mm_min_ps(__m128 a, __m128 b) { return wasm_f32x4_pmin(b, a); }
AFMPEG_SSE __m128 _mm_max_ps(__m128 a, __m128 b) { return wasm_f32x4_pmax(b, a); }
AFMPEG_SSE __m128 _mm_min_ss(__m128 a, __m128 b) { return _mm_min_ps(a, b); }
AFMPEG_SSE __m128 _mm_max_ss(__m128 a, __m128 b) { return _mm_max_ps(a, b); }
AFMPEG_SSE __m128 _mm_and_ps(__m128 a, __m128 b) { return wasm_v128_and(a, b); }
AFMPEG_SSE __m128 _mm_andnot_ps(__m128 a, __m128 b) { return wasm_v128_andnot(b, a); }
AFMPEG_SSE __m128 _mm_or_ps(__m128 a, __m128 b) { return wasm_v128_or(a, b); }
#define _mm_shuffle_ps(a, b, order) \
    wasm_i32x4_shuffle(a, b, AFMPEG_LANE(order, 0), AFMPEG_LANE(order, 1), 4 + AFMPEG_LANE(order, 2), \
                       4 + AFMPEG_LANE(order, 3))

#define _MM_TRANSPOSE4_PS(a, b, c, d) \
    do { \
        __m128 ab_low = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7); \
        __m128 cd_low = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7); \
        a = wasm_i64x2_shuffle(ab_low, cd_low, 0, 2); \
        b = wasm_i64x2_shuffle(ab_low, cd_low, 1, 3); \
        c = wasm_i64x2_shuffle(ab_high, cd_high, 0, 2); \
        d = wasm_i64x2_shuffle(ab_high, cd_high, 1, 3); \
    } while (0)

#endif
