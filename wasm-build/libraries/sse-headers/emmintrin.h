/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The intrinsics of SSE2, SSSE3 and SSE4.1 for WebAssembly, so that kernels in C for x86 compile for it.
 *
 * It has the integer intrinsics that libwebp and opus use; others are easy to add. Each returns the same bits as on x86, with
 * these limits: counts of shifts are less than the bits of a lane, and the bytes of an index for _mm_shuffle_epi8 are
 * less than 16, or at least 128. All loads and stores take any address.
 *
 * WebAssembly has no high halves of products, sums of absolute differences or horizontal sums: these take several
 * instructions each.
 */
#ifndef AFMPEG_EMMINTRIN_H
#define AFMPEG_EMMINTRIN_H

#include "xmmintrin.h"

typedef v128_t __m128i;

/* Loads and stores. */

AFMPEG_SSE __m128i _mm_loadu_si128(const __m128i *from) { return wasm_v128_load(from); }
AFMPEG_SSE __m128i _mm_load_si128(const __m128i *from) { return wasm_v128_load(from); }
AFMPEG_SSE __m128i _mm_loadl_epi64(const __m128i *from) { return wasm_v128_load64_zero(from); }
AFMPEG_SSE void _mm_storeu_si128(__m128i *to, __m128i a) { wasm_v128_store(to, a); }
AFMPEG_SSE void _mm_store_si128(__m128i *to, __m128i a) { wasm_v128_store(to, a); }
AFMPEG_SSE void _mm_storel_epi64(__m128i *to, __m128i a) { wasm_v128_store64_lane(to, a, 0); }

/* Unlike on x86, it also writes the bytes that the mask leaves as they are: all 16 must be the caller's. */
AFMPEG_SSE void _mm_maskmoveu_si128(__m128i a, __m128i mask, char *to)
{
    wasm_v128_store(to, wasm_v128_bitselect(a, wasm_v128_load(to), wasm_i8x16_shr(mask, 7)));
}

/* Constants, and moves to and from other registers. */

AFMPEG_SSE __m128i _mm_setzero_si128(void) { return wasm_i64x2_const(0, 0); }
AFMPEG_SSE __m128i _mm_set1_epi8(char a) { return wasm_i8x16_splat(a); }
AFMPEG_SSE __m128i _mm_set1_epi16(short a) { return wasm_i16x8_splat(a); }
AFMPEG_SSE __m128i _mm_set1_epi32(int a) { return wasm_i32x4_splat(a); }
AFMPEG_SSE __m128i _mm_set1_epi64x(int64_t a) { return wasm_i64x2_splat(a); }
AFMPEG_SSE __m128i _mm_setr_epi8(char a, char b, char c, char d, char e, char f, char g, char h, char i, char j, char k,
                                 char l, char m, char n, char o, char p)
{
    return wasm_i8x16_make(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
}
AFMPEG_SSE __m128i _mm_set_epi8(char p, char o, char n, char m, char l, char k, char j, char i, char h, char g, char f,
                                char e, char d, char c, char b, char a)
{
    return wasm_i8x16_make(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
}
AFMPEG_SSE __m128i _mm_set_epi16(short h, short g, short f, short e, short d, short c, short b, short a)
{
    return wasm_i16x8_make(a, b, c, d, e, f, g, h);
}
AFMPEG_SSE __m128i _mm_set_epi32(int d, int c, int b, int a) { return wasm_i32x4_make(a, b, c, d); }
AFMPEG_SSE __m128i _mm_cvtsi32_si128(int a) { return wasm_i32x4_replace_lane(_mm_setzero_si128(), 0, a); }
AFMPEG_SSE int _mm_cvtsi128_si32(__m128i a) { return wasm_i32x4_extract_lane(a, 0); }
#define _mm_insert_epi16(a, b, lane) wasm_i16x8_replace_lane(a, lane, (short)(b))
#define _mm_extract_epi16(a, lane) ((int)wasm_u16x8_extract_lane(a, lane))
#define _mm_extract_epi8(a, lane) ((int)wasm_u8x16_extract_lane(a, lane))
AFMPEG_SSE __m128 _mm_castsi128_ps(__m128i a) { return a; }
AFMPEG_SSE __m128i _mm_castps_si128(__m128 a) { return a; }
AFMPEG_SSE int _mm_movemask_epi8(__m128i a) { return (int)wasm_i8x16_bitmask(a); }

/* Conversions. Those to integers round to nearest by the addition of 1.5 * 2^23. They are exact up to 2^22, and beyond
   it the result is at least 2^22, or at most -2^22, for kernels that clamp it to 16 bits. */

AFMPEG_SSE __m128 _mm_cvtepi32_ps(__m128i a) { return wasm_f32x4_convert_i32x4(a); }

AFMPEG_SSE __m128i _mm_cvtps_epi32(__m128 a)
{
    const v128_t rounder = wasm_f32x4_const_splat(0x1.8p23f);

    a = wasm_f32x4_pmax(wasm_f32x4_const_splat(-0x1p22f), a);
    return wasm_i32x4_sub(wasm_f32x4_add(a, rounder), rounder);
}

AFMPEG_SSE int _mm_cvt_ss2si(__m128 a) { return _mm_cvtsi128_si32(_mm_cvtps_epi32(a)); }

/* Bits. */

AFMPEG_SSE __m128i _mm_and_si128(__m128i a, __m128i b) { return wasm_v128_and(a, b); }
AFMPEG_SSE __m128i _mm_andnot_si128(__m128i a, __m128i b) { return wasm_v128_andnot(b, a); }
AFMPEG_SSE __m128i _mm_or_si128(__m128i a, __m128i b) { return wasm_v128_or(a, b); }
AFMPEG_SSE __m128i _mm_xor_si128(__m128i a, __m128i b) { return wasm_v128_xor(a, b); }

/* Shifts. */

#define AFMPEG_SHIFT(name, shift) AFMPEG_SSE __m128i name(__m128i a, int count) { return shift(a, (uint32_t)count); }
AFMPEG_SHIFT(_mm_slli_epi16, wasm_i16x8_shl)
AFMPEG_SHIFT(_mm_slli_epi32, wasm_i32x4_shl)
AFMPEG_SHIFT(_mm_slli_epi64, wasm_i64x2_shl)
AFMPEG_SHIFT(_mm_srli_epi16, wasm_u16x8_shr)
AFMPEG_SHIFT(_mm_srli_epi32, wasm_u32x4_shr)
AFMPEG_SHIFT(_mm_srli_epi64, wasm_u64x2_shr)
AFMPEG_SHIFT(_mm_srai_epi16, wasm_i16x8_shr)
AFMPEG_SHIFT(_mm_srai_epi32, wasm_i32x4_shr)
#undef AFMPEG_SHIFT
AFMPEG_SSE __m128i _mm_sll_epi16(__m128i a, __m128i count) { return wasm_i16x8_shl(a, (uint32_t)_mm_cvtsi128_si32(count)); }

#define AFMPEG_BYTES(a, b, n)                                                                                        \
    wasm_i8x16_shuffle(a, b, (n), (n) + 1, (n) + 2, (n) + 3, (n) + 4, (n) + 5, (n) + 6, (n) + 7, (n) + 8, (n) + 9,   \
                       (n) + 10, (n) + 11, (n) + 12, (n) + 13, (n) + 14, (n) + 15)
#define _mm_srli_si128(a, n) AFMPEG_BYTES(a, wasm_i64x2_const(0, 0), n)
#define _mm_slli_si128(a, n) AFMPEG_BYTES(wasm_i64x2_const(0, 0), a, 16 - (n))
#define _mm_alignr_epi8(a, b, n) AFMPEG_BYTES(b, a, n)

/* Sums and differences. */

#define AFMPEG_BINARY(name, operation) AFMPEG_SSE __m128i name(__m128i a, __m128i b) { return operation(a, b); }
AFMPEG_BINARY(_mm_add_epi8, wasm_i8x16_add)
AFMPEG_BINARY(_mm_add_epi16, wasm_i16x8_add)
AFMPEG_BINARY(_mm_add_epi32, wasm_i32x4_add)
AFMPEG_BINARY(_mm_add_epi64, wasm_i64x2_add)
AFMPEG_BINARY(_mm_sub_epi8, wasm_i8x16_sub)
AFMPEG_BINARY(_mm_sub_epi16, wasm_i16x8_sub)
AFMPEG_BINARY(_mm_sub_epi32, wasm_i32x4_sub)
AFMPEG_BINARY(_mm_sub_epi64, wasm_i64x2_sub)
AFMPEG_BINARY(_mm_adds_epi8, wasm_i8x16_add_sat)
AFMPEG_BINARY(_mm_adds_epi16, wasm_i16x8_add_sat)
AFMPEG_BINARY(_mm_adds_epu8, wasm_u8x16_add_sat)
AFMPEG_BINARY(_mm_adds_epu16, wasm_u16x8_add_sat)
AFMPEG_BINARY(_mm_subs_epi8, wasm_i8x16_sub_sat)
AFMPEG_BINARY(_mm_subs_epi16, wasm_i16x8_sub_sat)
AFMPEG_BINARY(_mm_subs_epu8, wasm_u8x16_sub_sat)
AFMPEG_BINARY(_mm_subs_epu16, wasm_u16x8_sub_sat)
AFMPEG_BINARY(_mm_avg_epu8, wasm_u8x16_avgr)
AFMPEG_BINARY(_mm_min_epi16, wasm_i16x8_min)
AFMPEG_BINARY(_mm_max_epi16, wasm_i16x8_max)
AFMPEG_BINARY(_mm_min_epi32, wasm_i32x4_min)
AFMPEG_BINARY(_mm_max_epi32, wasm_i32x4_max)
AFMPEG_BINARY(_mm_min_epu8, wasm_u8x16_min)
AFMPEG_BINARY(_mm_max_epu8, wasm_u8x16_max)

AFMPEG_SSE __m128i _mm_hadd_epi32(__m128i a, __m128i b)
{
    return wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 2, 4, 6), wasm_i32x4_shuffle(a, b, 1, 3, 5, 7));
}

/* The sums of 8 absolute differences each, as 64 bits. */
AFMPEG_SSE __m128i _mm_sad_epu8(__m128i a, __m128i b)
{
    __m128i difference = wasm_v128_or(wasm_u8x16_sub_sat(a, b), wasm_u8x16_sub_sat(b, a));
    /* Eight sums of two, then the two sums of four that belong together are in the halves of 64 bits. */
    __m128i sums = wasm_i32x4_dot_i16x8(wasm_u16x8_extadd_pairwise_u8x16(difference), wasm_i16x8_const_splat(1));
    return wasm_u64x2_shr(wasm_i64x2_add(sums, wasm_i64x2_shl(sums, 32)), 32);
}

/* Absolute values and signs. */

AFMPEG_SSE __m128i _mm_abs_epi16(__m128i a) { return wasm_i16x8_abs(a); }
AFMPEG_SSE __m128i _mm_abs_epi32(__m128i a) { return wasm_i32x4_abs(a); }
AFMPEG_SSE __m128i _mm_sign_epi16(__m128i a, __m128i b)
{
    __m128i negative = wasm_i16x8_shr(b, 15);
    a = wasm_i16x8_sub(wasm_v128_xor(a, negative), negative);
    return wasm_v128_andnot(a, wasm_i16x8_eq(b, _mm_setzero_si128()));
}

AFMPEG_SSE __m128i _mm_sign_epi32(__m128i a, __m128i b)
{
    __m128i negative = wasm_i32x4_shr(b, 31);
    a = wasm_i32x4_sub(wasm_v128_xor(a, negative), negative);
    return wasm_v128_andnot(a, wasm_i32x4_eq(b, _mm_setzero_si128()));
}

/* Products. */

AFMPEG_BINARY(_mm_mullo_epi16, wasm_i16x8_mul)
AFMPEG_BINARY(_mm_mullo_epi32, wasm_i32x4_mul)
AFMPEG_BINARY(_mm_madd_epi16, wasm_i32x4_dot_i16x8)

/* The products are whole numbers of 32 bits: their upper halves need no saturation. */
AFMPEG_SSE __m128i _mm_mulhi_epi16(__m128i a, __m128i b)
{
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(wasm_i32x4_extmul_low_i16x8(a, b), 16),
                                   wasm_i32x4_shr(wasm_i32x4_extmul_high_i16x8(a, b), 16));
}
AFMPEG_SSE __m128i _mm_mulhi_epu16(__m128i a, __m128i b)
{
    return wasm_u16x8_narrow_i32x4(wasm_u32x4_shr(wasm_u32x4_extmul_low_u16x8(a, b), 16),
                                   wasm_u32x4_shr(wasm_u32x4_extmul_high_u16x8(a, b), 16));
}
AFMPEG_SSE __m128i _mm_mul_epu32(__m128i a, __m128i b)
{
    return wasm_u64x2_extmul_low_u32x4(wasm_i32x4_shuffle(a, a, 0, 2, 0, 2), wasm_i32x4_shuffle(b, b, 0, 2, 0, 2));
}

/* Comparisons. */

AFMPEG_BINARY(_mm_cmpeq_epi8, wasm_i8x16_eq)
AFMPEG_BINARY(_mm_cmpeq_epi16, wasm_i16x8_eq)
AFMPEG_BINARY(_mm_cmpeq_epi32, wasm_i32x4_eq)
AFMPEG_BINARY(_mm_cmpgt_epi8, wasm_i8x16_gt)
AFMPEG_BINARY(_mm_cmpgt_epi16, wasm_i16x8_gt)
AFMPEG_BINARY(_mm_cmpgt_epi32, wasm_i32x4_gt)
AFMPEG_BINARY(_mm_cmplt_epi32, wasm_i32x4_lt)
AFMPEG_SSE int _mm_test_all_zeros(__m128i a, __m128i mask) { return !wasm_v128_any_true(wasm_v128_and(a, mask)); }

/* Narrower and wider lanes. */

AFMPEG_BINARY(_mm_packs_epi16, wasm_i8x16_narrow_i16x8)
AFMPEG_BINARY(_mm_packs_epi32, wasm_i16x8_narrow_i32x4)
AFMPEG_BINARY(_mm_packus_epi16, wasm_u8x16_narrow_i16x8)
AFMPEG_BINARY(_mm_packus_epi32, wasm_u16x8_narrow_i32x4)
AFMPEG_SSE __m128i _mm_cvtepi8_epi32(__m128i a) { return wasm_i32x4_extend_low_i16x8(wasm_i16x8_extend_low_i8x16(a)); }
AFMPEG_SSE __m128i _mm_cvtepu8_epi16(__m128i a) { return wasm_u16x8_extend_low_u8x16(a); }

/* Orders of lanes. */

AFMPEG_SSE __m128i _mm_unpacklo_epi8(__m128i a, __m128i b)
{
    return wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
AFMPEG_SSE __m128i _mm_unpackhi_epi8(__m128i a, __m128i b)
{
    return wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
AFMPEG_SSE __m128i _mm_unpacklo_epi16(__m128i a, __m128i b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
AFMPEG_SSE __m128i _mm_unpackhi_epi16(__m128i a, __m128i b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
AFMPEG_SSE __m128i _mm_unpacklo_epi32(__m128i a, __m128i b) { return wasm_i32x4_shuffle(a, b, 0, 4, 1, 5); }
AFMPEG_SSE __m128i _mm_unpackhi_epi32(__m128i a, __m128i b) { return wasm_i32x4_shuffle(a, b, 2, 6, 3, 7); }
AFMPEG_SSE __m128i _mm_unpacklo_epi64(__m128i a, __m128i b) { return wasm_i64x2_shuffle(a, b, 0, 2); }
AFMPEG_SSE __m128i _mm_unpackhi_epi64(__m128i a, __m128i b) { return wasm_i64x2_shuffle(a, b, 1, 3); }

#define _mm_shuffle_epi32(a, order)                                                                               \
    wasm_i32x4_shuffle(a, a, AFMPEG_LANE(order, 0), AFMPEG_LANE(order, 1), AFMPEG_LANE(order, 2), AFMPEG_LANE(order, 3))
#define _mm_shufflelo_epi16(a, order)                                                                             \
    wasm_i16x8_shuffle(a, a, AFMPEG_LANE(order, 0), AFMPEG_LANE(order, 1), AFMPEG_LANE(order, 2),                 \
                       AFMPEG_LANE(order, 3), 4, 5, 6, 7)
#define _mm_shufflehi_epi16(a, order)                                                                             \
    wasm_i16x8_shuffle(a, a, 0, 1, 2, 3, 4 + AFMPEG_LANE(order, 0), 4 + AFMPEG_LANE(order, 1),                    \
                       4 + AFMPEG_LANE(order, 2), 4 + AFMPEG_LANE(order, 3))
#define AFMPEG_CHOICE(choice, i) ((choice) >> (i) & 1 ? 8 + (i) : (i))
#define _mm_blend_epi16(a, b, choice)                                                                             \
    wasm_i16x8_shuffle(a, b, AFMPEG_CHOICE(choice, 0), AFMPEG_CHOICE(choice, 1), AFMPEG_CHOICE(choice, 2),        \
                       AFMPEG_CHOICE(choice, 3), AFMPEG_CHOICE(choice, 4), AFMPEG_CHOICE(choice, 5),              \
                       AFMPEG_CHOICE(choice, 6), AFMPEG_CHOICE(choice, 7))
AFMPEG_BINARY(_mm_shuffle_epi8, wasm_i8x16_swizzle)
#undef AFMPEG_BINARY

AFMPEG_SSE __m128i _mm_blendv_epi8(__m128i a, __m128i b, __m128i mask)
{
    return wasm_v128_bitselect(b, a, wasm_i8x16_shr(mask, 7));
}

#endif
