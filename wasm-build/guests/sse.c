/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Prints a hash for each intrinsic of sse-headers, over random and extreme inputs. Compiled for x86, it prints the expected
   output. */
#include <stdint.h>
#include <stdio.h>
#ifdef __wasm__
#include "../libraries/sse-headers/emmintrin.h"
#else
#include <smmintrin.h>
#endif

static uint64_t state;
static uint8_t random_byte(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    switch (state >> 61) {
    case 0: return 0;
    case 1: return 255;
    case 2: return 128;
    case 3: return 127;
    default: return (uint8_t)(state >> 40);
    }
}
static __m128i next(void)
{
    uint8_t bytes[16];
    for (int i = 0; i < 16; i++)
        bytes[i] = random_byte();
    return _mm_loadu_si128((const __m128i *)bytes);
}
static uint64_t add(uint64_t hash, __m128i a)
{
    uint8_t bytes[16];
    _mm_storeu_si128((__m128i *)bytes, a);
    for (int i = 0; i < 16; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}
/* Four finite numbers, of which some are zero, and whose sums and products are finite. */
static __m128 numbers(__m128i a)
{
    int words[4];
    _mm_storeu_si128((__m128i *)words, a);
    for (int i = 0; i < 4; i++)
        words[i] = words[i] % 5 ? (words[i] & (int)0x803fffff) | 0x3f000000 : 0;
    return _mm_castsi128_ps(_mm_loadu_si128((const __m128i *)words));
}
#define T(name, expression)                                                    \
    do {                                                                       \
        uint64_t hash = 0xcbf29ce484222325u;                                   \
        state = 1;                                                             \
        for (int n = 0; n < 20000; n++) {                                      \
            __m128i a = next(), b = next(), c = next();                        \
            (void)a; (void)b; (void)c;                                         \
            hash = add(hash, expression);                                      \
        }                                                                      \
        printf("%s %016llx\n", name, (unsigned long long)hash);                \
    } while (0)
#define B(op) T(#op, _mm_##op(a, b))
#define U(op, ...) T(#op #__VA_ARGS__, _mm_##op(a, __VA_ARGS__))
#define F(op) T(#op, _mm_castps_si128(_mm_##op(numbers(a), numbers(b))))
static __m128i transposed(__m128 a, __m128 b, __m128 c)
{
    __m128 d = _mm_setzero_ps();
    _MM_TRANSPOSE4_PS(a, b, c, d);
    float first[4];
    _mm_store_ss(first, d);
    return _mm_castps_si128(_mm_sub_ps(_mm_add_ps(a, _mm_mul_ps(b, c)), _mm_set_ps1(first[0])));
}
static __m128i masked(__m128i a, __m128i mask, __m128i c)
{
    char bytes[16];
    _mm_storeu_si128((__m128i *)bytes, c);
    _mm_maskmoveu_si128(a, mask, bytes);
    return _mm_loadu_si128((const __m128i *)bytes);
}
int main(void)
{
    B(and_si128); B(andnot_si128); B(or_si128); B(xor_si128);
    B(add_epi8); B(add_epi16); B(add_epi32); B(add_epi64); B(sub_epi8); B(sub_epi16); B(sub_epi32); B(sub_epi64);
    B(adds_epi8); B(adds_epi16); B(adds_epu8); B(adds_epu16); B(subs_epi8); B(subs_epi16); B(subs_epu8); B(subs_epu16);
    B(avg_epu8); B(min_epi16); B(max_epi16); B(min_epi32); B(max_epi32); B(min_epu8); B(max_epu8);
    B(hadd_epi32); B(sad_epu8); B(sign_epi16); B(sign_epi32); T("abs_epi16", _mm_abs_epi16(a)); T("abs_epi32", _mm_abs_epi32(a));
    B(mullo_epi16); B(mullo_epi32); B(madd_epi16); B(mulhi_epi16); B(mulhi_epu16); B(mul_epu32);
    B(cmpeq_epi8); B(cmpeq_epi16); B(cmpeq_epi32); B(cmpgt_epi8); B(cmpgt_epi16); B(cmpgt_epi32); B(cmplt_epi32);
    B(packs_epi16); B(packs_epi32); B(packus_epi16); B(packus_epi32);
    B(unpacklo_epi8); B(unpackhi_epi8); B(unpacklo_epi16); B(unpackhi_epi16); B(unpacklo_epi32); B(unpackhi_epi32);
    B(unpacklo_epi64); B(unpackhi_epi64);
    T("shuffle_epi8", _mm_shuffle_epi8(a, _mm_and_si128(b, _mm_set1_epi8((char)0x8f))));
    T("blendv_epi8", _mm_blendv_epi8(a, b, c));
    T("maskmoveu_si128", masked(a, b, c));
    T("cvtepu8_epi16", _mm_cvtepu8_epi16(a)); T("cvtepi8_epi32", _mm_cvtepi8_epi32(a));
    T("movemask_epi8", _mm_cvtsi32_si128(_mm_movemask_epi8(a)));
    T("test_all_zeros", _mm_set1_epi32(_mm_test_all_zeros(a, _mm_and_si128(b, _mm_set_epi32(0, 1, 0, 0)))));
    T("cvtsi128_si32", _mm_cvtsi32_si128(_mm_cvtsi128_si32(a)));
    T("extract", _mm_set1_epi32(_mm_extract_epi8(a, 5) + 1000 * _mm_extract_epi16(a, 3)));
    T("insert", _mm_insert_epi16(a, _mm_cvtsi128_si32(b), 3));
    T("set", _mm_add_epi8(_mm_set_epi8(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
                          _mm_add_epi8(_mm_setr_epi8(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3),
                                       _mm_add_epi8(_mm_set_epi16(1, 2, 3, 4, 5, 6, 7, 800), _mm_set_epi32(1, 2, 3, 4000)))));
    T("loadl_epi64", _mm_loadl_epi64((const __m128i *)&state));
    U(slli_epi16, 5); U(slli_epi32, 17); U(slli_epi64, 33); U(srli_epi16, 5); U(srli_epi32, 17); U(srli_epi64, 33);
    U(srai_epi16, 5); U(srai_epi32, 17); U(slli_si128, 3); U(srli_si128, 5); U(slli_si128, 12); U(srli_si128, 8);
    T("alignr_epi8", _mm_alignr_epi8(a, b, 5));
    U(shuffle_epi32, 0x1B); U(shuffle_epi32, 0x4E); U(shufflelo_epi16, 0x93); U(shufflehi_epi16, 0x2D);
    T("blend_epi16", _mm_blend_epi16(a, b, 0xA6));
    T("set1_epi64x", _mm_set1_epi64x(_mm_cvtsi128_si32(a)));
    T("sll_epi16", _mm_sll_epi16(a, _mm_cvtsi32_si128(7)));
    F(add_ps); F(sub_ps); F(mul_ps); F(min_ps); F(max_ps); F(and_ps); F(andnot_ps); F(or_ps); F(move_ss);
    T("shuffle_ps", _mm_castps_si128(_mm_shuffle_ps(numbers(a), numbers(b), _MM_SHUFFLE(3, 0, 2, 1))));
    T("cvtepi32_ps", _mm_castps_si128(_mm_cvtepi32_ps(a)));
    T("cvtps_epi32", _mm_cvtps_epi32(_mm_mul_ps(numbers(a), _mm_set_ps1(1234.5f))));
    T("cvt_ss2si", _mm_cvtsi32_si128(_mm_cvt_ss2si(_mm_mul_ps(numbers(a), _mm_set_ps1(-77.5f)))));
    T("min_ss", _mm_cvtsi32_si128(_mm_cvt_ss2si(_mm_min_ss(numbers(a), _mm_set_ss(0.5f)))));
    T("max_ss", _mm_cvtsi32_si128(_mm_cvt_ss2si(_mm_max_ss(numbers(a), _mm_set_ss(0.5f)))));
    T("transpose", transposed(numbers(a), numbers(b), numbers(c)));
    return 0;
}
