/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The C intrinsics of the MIPS SIMD Architecture (MSA), on 128-bit WebAssembly SIMD.
 *
 * x264 and FFmpeg have kernels for MIPS in C, which include <msa.h>. With this header they compile for WebAssembly.
 * It has only the intrinsics that these two projects call. Intrinsics without a WebAssembly instruction are composed
 * of a few that WebAssembly compilers for x86-64 and AArch64 recognise.
 *
 * Requires clang (vector extensions). Without `-msimd128` the header is portable C, for native tests.
 *
 * MSA has no sum of neighbours in one vector, and vshf always takes two vectors: callers pass the same one twice.
 * MSA_SAME detects this by the text of the two arguments.
 */
#ifndef AFMPEG_MSA_H
#define AFMPEG_MSA_H

#include <stdint.h>

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

/* Memory is accessed through pointers to these types: at any alignment, and as any declared type. */
#define MSA_TYPE(name, element) typedef element name __attribute__((vector_size(16), aligned(1), may_alias))
MSA_TYPE(v16i8, signed char);
MSA_TYPE(v16u8, unsigned char);
MSA_TYPE(v8i16, short);
MSA_TYPE(v8u16, unsigned short);
MSA_TYPE(v4i32, int);
MSA_TYPE(v4u32, unsigned int);
MSA_TYPE(v2i64, long long);
MSA_TYPE(v2u64, unsigned long long);
MSA_TYPE(v4f32, float);
MSA_TYPE(v2f64, double);
#undef MSA_TYPE

#define MSA_FN static inline __attribute__((always_inline, unused, const))

#define MSA_SAME(a, b) (__builtin_strcmp(#a, #b) == 0)

#define MSA_X2(x) (x), (x)
#define MSA_X4(x) MSA_X2(x), MSA_X2(x)
#define MSA_X8(x) MSA_X4(x), MSA_X4(x)
#define MSA_X16(x) MSA_X8(x), MSA_X8(x)

/* ---- The same value in every element ---- */

MSA_FN v16i8 __msa_fill_b(int x) { return (v16i8){MSA_X16((signed char)x)}; }
MSA_FN v8i16 __msa_fill_h(int x) { return (v8i16){MSA_X8((short)x)}; }
MSA_FN v4i32 __msa_fill_w(int x) { return (v4i32){MSA_X4(x)}; }
MSA_FN v2i64 __msa_fill_d(long long x) { return (v2i64){MSA_X2(x)}; }
#define __msa_ldi_b __msa_fill_b
#define __msa_ldi_h __msa_fill_h
#define __msa_ldi_w __msa_fill_w
#define __msa_ldi_d __msa_fill_d

MSA_FN v16i8 __msa_splati_b(v16i8 a, int n) { return __msa_fill_b(a[n & 15]); }
MSA_FN v8i16 __msa_splati_h(v8i16 a, int n) { return __msa_fill_h(a[n & 7]); }
MSA_FN v4i32 __msa_splati_w(v4i32 a, int n) { return __msa_fill_w(a[n & 3]); }
MSA_FN v2i64 __msa_splati_d(v2i64 a, int n) { return __msa_fill_d(a[n & 1]); }

/* ---- Single elements ---- */

MSA_FN int __msa_copy_s_b(v16i8 a, int n) { return a[n & 15]; }
MSA_FN int __msa_copy_s_h(v8i16 a, int n) { return a[n & 7]; }
MSA_FN int __msa_copy_s_w(v4i32 a, int n) { return a[n & 3]; }
MSA_FN long long __msa_copy_s_d(v2i64 a, int n) { return a[n & 1]; }
MSA_FN unsigned __msa_copy_u_b(v16i8 a, int n) { return (unsigned char)a[n & 15]; }
MSA_FN unsigned __msa_copy_u_h(v8i16 a, int n) { return (unsigned short)a[n & 7]; }
MSA_FN unsigned __msa_copy_u_w(v4i32 a, int n) { return (unsigned)a[n & 3]; }
MSA_FN unsigned long long __msa_copy_u_d(v2i64 a, int n) { return (unsigned long long)a[n & 1]; }

MSA_FN v16i8 __msa_insert_b(v16i8 a, int n, int x) { a[n & 15] = (signed char)x; return a; }
MSA_FN v8i16 __msa_insert_h(v8i16 a, int n, int x) { a[n & 7] = (short)x; return a; }
MSA_FN v4i32 __msa_insert_w(v4i32 a, int n, int x) { a[n & 3] = x; return a; }
MSA_FN v2i64 __msa_insert_d(v2i64 a, int n, long long x) { a[n & 1] = x; return a; }

MSA_FN v16i8 __msa_insve_b(v16i8 a, int n, v16i8 b) { a[n & 15] = b[0]; return a; }
MSA_FN v8i16 __msa_insve_h(v8i16 a, int n, v8i16 b) { a[n & 7] = b[0]; return a; }
MSA_FN v4i32 __msa_insve_w(v4i32 a, int n, v4i32 b) { a[n & 3] = b[0]; return a; }
MSA_FN v2i64 __msa_insve_d(v2i64 a, int n, v2i64 b) { a[n & 1] = b[0]; return a; }

/* ---- Bitwise operations ---- */

MSA_FN v16u8 __msa_and_v(v16u8 a, v16u8 b) { return a & b; }
MSA_FN v16u8 __msa_or_v(v16u8 a, v16u8 b) { return a | b; }
MSA_FN v16u8 __msa_nor_v(v16u8 a, v16u8 b) { return ~(a | b); }
MSA_FN v16u8 __msa_xor_v(v16u8 a, v16u8 b) { return a ^ b; }
MSA_FN v16u8 __msa_andi_b(v16u8 a, int x) { return a & (v16u8)__msa_fill_b(x); }
MSA_FN v16u8 __msa_ori_b(v16u8 a, int x) { return a | (v16u8)__msa_fill_b(x); }
MSA_FN v16u8 __msa_nori_b(v16u8 a, int x) { return ~(a | (v16u8)__msa_fill_b(x)); }
MSA_FN v16u8 __msa_xori_b(v16u8 a, int x) { return a ^ (v16u8)__msa_fill_b(x); }

/* Returns the bits of `yes` where `mask` is one, and those of `no` where it is zero. */
MSA_FN v16u8 msa_select(v16u8 mask, v16u8 yes, v16u8 no)
{
#ifdef __wasm_simd128__
    return (v16u8)wasm_v128_bitselect((v128_t)yes, (v128_t)no, (v128_t)mask);
#else
    return (yes & mask) | (no & ~mask);
#endif
}

MSA_FN v16u8 __msa_bmnz_v(v16u8 a, v16u8 b, v16u8 mask) { return msa_select(mask, b, a); }
MSA_FN v16u8 __msa_bmz_v(v16u8 a, v16u8 b, v16u8 mask) { return msa_select(mask, a, b); }
MSA_FN v16u8 __msa_bsel_v(v16u8 mask, v16u8 a, v16u8 b) { return msa_select(mask, b, a); }

MSA_FN int __msa_test_bnz_v(v16u8 a)
{
#ifdef __wasm_simd128__
    return wasm_v128_any_true((v128_t)a);
#else
    return (((v2u64)a)[0] | ((v2u64)a)[1]) != 0;
#endif
}
MSA_FN int __msa_test_bz_v(v16u8 a) { return !__msa_test_bnz_v(a); }

/* The number of leading ones in each element. Callers read few elements, and the compiler removes the others. */
MSA_FN int msa_leading_ones(unsigned long long x) { return ~x ? __builtin_clzll(~x) : 64; }
MSA_FN v8i16 __msa_nloc_h(v8i16 a)
{
    v8i16 r;
    for (int i = 0; i < 8; i++)
        r[i] = (short)msa_leading_ones((unsigned long long)(unsigned short)a[i] << 48);
    return r;
}
MSA_FN v2i64 __msa_nloc_d(v2i64 a)
{
    return (v2i64){msa_leading_ones((unsigned long long)a[0]), msa_leading_ones((unsigned long long)a[1])};
}

/* ---- Comparisons ---- */

MSA_FN v16i8 __msa_ceq_b(v16i8 a, v16i8 b) { return (v16i8)(a == b); }
MSA_FN v8i16 __msa_ceq_h(v8i16 a, v8i16 b) { return (v8i16)(a == b); }
MSA_FN v4i32 __msa_ceq_w(v4i32 a, v4i32 b) { return (v4i32)(a == b); }
MSA_FN v16i8 __msa_ceqi_b(v16i8 a, int x) { return (v16i8)(a == __msa_fill_b(x)); }
MSA_FN v8i16 __msa_ceqi_h(v8i16 a, int x) { return (v8i16)(a == __msa_fill_h(x)); }
MSA_FN v4i32 __msa_ceqi_w(v4i32 a, int x) { return (v4i32)(a == __msa_fill_w(x)); }
MSA_FN v2i64 __msa_ceqi_d(v2i64 a, int x) { return (v2i64)(a == __msa_fill_d(x)); }
MSA_FN v16i8 __msa_clt_s_b(v16i8 a, v16i8 b) { return (v16i8)(a < b); }
MSA_FN v8i16 __msa_clt_s_h(v8i16 a, v8i16 b) { return (v8i16)(a < b); }
MSA_FN v16i8 __msa_clt_u_b(v16u8 a, v16u8 b) { return (v16i8)(a < b); }
MSA_FN v8i16 __msa_clt_u_h(v8u16 a, v8u16 b) { return (v8i16)(a < b); }
MSA_FN v16i8 __msa_clti_s_b(v16i8 a, int x) { return (v16i8)(a < __msa_fill_b(x)); }
MSA_FN v8i16 __msa_clti_s_h(v8i16 a, int x) { return (v8i16)(a < __msa_fill_h(x)); }
MSA_FN v8i16 __msa_clti_u_h(v8u16 a, int x) { return (v8i16)(a < (v8u16)__msa_fill_h(x)); }
MSA_FN v16i8 __msa_cle_s_b(v16i8 a, v16i8 b) { return (v16i8)(a <= b); }
MSA_FN v8i16 __msa_cle_s_h(v8i16 a, v8i16 b) { return (v8i16)(a <= b); }
MSA_FN v16i8 __msa_cle_u_b(v16u8 a, v16u8 b) { return (v16i8)(a <= b); }
MSA_FN v8i16 __msa_cle_u_h(v8u16 a, v8u16 b) { return (v8i16)(a <= b); }
MSA_FN v8i16 __msa_clei_s_h(v8i16 a, int x) { return (v8i16)(a <= __msa_fill_h(x)); }
MSA_FN v2i64 __msa_clei_s_d(v2i64 a, int x) { return (v2i64)(a <= __msa_fill_d(x)); }

/* ---- Minimum, maximum, absolute values, saturation ---- */

MSA_FN v8i16 __msa_max_s_h(v8i16 a, v8i16 b) { return __builtin_elementwise_max(a, b); }
MSA_FN v4i32 __msa_max_s_w(v4i32 a, v4i32 b) { return __builtin_elementwise_max(a, b); }
MSA_FN v16u8 __msa_max_u_b(v16u8 a, v16u8 b) { return __builtin_elementwise_max(a, b); }
MSA_FN v8i16 __msa_maxi_s_h(v8i16 a, int x) { return __builtin_elementwise_max(a, __msa_fill_h(x)); }
MSA_FN v4i32 __msa_maxi_s_w(v4i32 a, int x) { return __builtin_elementwise_max(a, __msa_fill_w(x)); }
MSA_FN v8i16 __msa_min_s_h(v8i16 a, v8i16 b) { return __builtin_elementwise_min(a, b); }
MSA_FN v4i32 __msa_min_s_w(v4i32 a, v4i32 b) { return __builtin_elementwise_min(a, b); }
MSA_FN v16u8 __msa_min_u_b(v16u8 a, v16u8 b) { return __builtin_elementwise_min(a, b); }
MSA_FN v8u16 __msa_min_u_h(v8u16 a, v8u16 b) { return __builtin_elementwise_min(a, b); }

MSA_FN v8i16 __msa_add_a_h(v8i16 a, v8i16 b) { return __builtin_elementwise_abs(a) + __builtin_elementwise_abs(b); }
MSA_FN v4i32 __msa_add_a_w(v4i32 a, v4i32 b) { return __builtin_elementwise_abs(a) + __builtin_elementwise_abs(b); }
MSA_FN v16u8 __msa_asub_u_b(v16u8 a, v16u8 b)
{
    return __builtin_elementwise_max(a, b) - __builtin_elementwise_min(a, b);
}
MSA_FN v8i16 __msa_asub_s_h(v8i16 a, v8i16 b)
{
    return __builtin_elementwise_max(a, b) - __builtin_elementwise_min(a, b);
}

MSA_FN v16i8 __msa_adds_s_b(v16i8 a, v16i8 b) { return __builtin_elementwise_add_sat(a, b); }
MSA_FN v8i16 __msa_adds_s_h(v8i16 a, v8i16 b) { return __builtin_elementwise_add_sat(a, b); }
MSA_FN v16u8 __msa_adds_u_b(v16u8 a, v16u8 b) { return __builtin_elementwise_add_sat(a, b); }
MSA_FN v16i8 __msa_subs_s_b(v16i8 a, v16i8 b) { return __builtin_elementwise_sub_sat(a, b); }
MSA_FN v8i16 __msa_subs_s_h(v8i16 a, v8i16 b) { return __builtin_elementwise_sub_sat(a, b); }
MSA_FN v16u8 __msa_subs_u_b(v16u8 a, v16u8 b) { return __builtin_elementwise_sub_sat(a, b); }
MSA_FN v8u16 __msa_subs_u_h(v8u16 a, v8u16 b) { return __builtin_elementwise_sub_sat(a, b); }

/* Subtracts signed from unsigned elements: the positive part of `b` is subtracted, its negative part is added. */
MSA_FN v16u8 __msa_subsus_u_b(v16u8 a, v16i8 b)
{
    v16i8 positive = __builtin_elementwise_max(b, (v16i8){0});
    return __builtin_elementwise_add_sat(
        (v16u8)__builtin_elementwise_sub_sat(a, (v16u8)positive), (v16u8)(positive - b));
}

/* Saturates to m + 1 bits. */
MSA_FN v8i16 __msa_sat_s_h(v8i16 a, int m)
{
    return __builtin_elementwise_min(
        (v8i16)__builtin_elementwise_max(a, __msa_fill_h(-(1 << m))), __msa_fill_h((1 << m) - 1));
}
MSA_FN v4i32 __msa_sat_s_w(v4i32 a, int m)
{
    return __builtin_elementwise_min((v4i32)__builtin_elementwise_max(a, __msa_fill_w((int)(~0u << m))),
                                     __msa_fill_w((int)((1u << m) - 1)));
}
MSA_FN v8u16 __msa_sat_u_h(v8u16 a, int m)
{
    return __builtin_elementwise_min(a, (v8u16)__msa_fill_h((2 << m) - 1));
}
MSA_FN v4u32 __msa_sat_u_w(v4u32 a, int m)
{
    return __builtin_elementwise_min(a, (v4u32)__msa_fill_w((int)((2ull << m) - 1)));
}

/* ---- Averages: `ave` rounds down, `aver` rounds up ---- */

MSA_FN v16u8 __msa_aver_u_b(v16u8 a, v16u8 b)
{
#ifdef __wasm_simd128__
    return (v16u8)wasm_u8x16_avgr((v128_t)a, (v128_t)b);
#else
    return (a | b) - ((a ^ b) >> 1);
#endif
}
MSA_FN v8u16 __msa_aver_u_h(v8u16 a, v8u16 b)
{
#ifdef __wasm_simd128__
    return (v8u16)wasm_u16x8_avgr((v128_t)a, (v128_t)b);
#else
    return (a | b) - ((a ^ b) >> 1);
#endif
}
/* WebAssembly has unsigned averages only. Inverting the sign bit is cheaper than a shift of bytes. */
MSA_FN v16i8 __msa_aver_s_b(v16i8 a, v16i8 b)
{
    v16u8 sign = (v16u8)__msa_fill_b(-128);
    return (v16i8)(__msa_aver_u_b((v16u8)a ^ sign, (v16u8)b ^ sign) ^ sign);
}
MSA_FN v8i16 __msa_aver_s_h(v8i16 a, v8i16 b)
{
    v8u16 sign = (v8u16)__msa_fill_h(-32768);
    return (v8i16)(__msa_aver_u_h((v8u16)a ^ sign, (v8u16)b ^ sign) ^ sign);
}
MSA_FN v4i32 __msa_aver_s_w(v4i32 a, v4i32 b) { return (a | b) - ((a ^ b) >> 1); }
MSA_FN v16u8 __msa_ave_u_b(v16u8 a, v16u8 b)
{
    return __msa_aver_u_b(a, b) - ((a ^ b) & (v16u8)__msa_fill_b(1));
}
MSA_FN v8i16 __msa_ave_s_h(v8i16 a, v8i16 b) { return (a & b) + ((a ^ b) >> 1); }

/* ---- Shifts and rounding shifts ---- */

/*
 * Every caller shifts all elements by the same number, as the WebAssembly instruction does. The compiler removes the
 * loop if it can prove that. It derives the number from a scalar only: `&` is applied to `n[0]`, not to the vector.
 */
#define MSA_SHIFT(name, vector, count, bits, shift_all, shift_one)                                    \
    MSA_FN vector name(vector a, vector n)                                                            \
    {                                                                                                 \
        int first = n[0] & ((bits)-1);                                                                \
        if (__builtin_reduce_or(n ^ (vector)__msa_fill_##count(n[0])) == 0) {                         \
            return shift_all;                                                                         \
        }                                                                                             \
        for (int i = 0; i < 128 / (bits); i++) {                                                      \
            int by = n[i] & ((bits)-1);                                                               \
            a[i] = shift_one;                                                                         \
        }                                                                                             \
        return a;                                                                                     \
    }
MSA_SHIFT(__msa_srl_h, v8i16, h, 16, (v8i16)((v8u16)a >> first), (short)((unsigned short)a[i] >> by))
MSA_FN v16i8 __msa_srli_b(v16i8 a, int n)
{
    /* Shifts elements of 16 bits, since x86 has no shift of bytes. */
    return (v16i8)(((v8u16)a >> (n & 7)) & (v8u16)__msa_fill_b(0xff >> (n & 7)));
}

/* Computes x / 2^n, rounded, as (x / 2^(n-1) + 1) / 2. This can overflow only if n is 1. */
#define MSA_SRARI(a, n, bits, ones)                            \
    (((n) & ((bits)-1)) == 0   ? (a)                           \
     : ((n) & ((bits)-1)) == 1 ? ((a) >> 1) + ((a) & (ones))   \
                               : (((a) >> (((n) & ((bits)-1)) - 1)) + (ones)) >> 1)
MSA_FN v16i8 __msa_srari_b(v16i8 a, int n) { v16i8 one = __msa_fill_b(1); return MSA_SRARI(a, n, 8, one); }
MSA_FN v8i16 __msa_srari_h(v8i16 a, int n)
{
#ifdef __wasm_relaxed_simd__
    /* A rounding multiplication. The result is implementation-defined only for -2^15 twice; one operand is positive. */
    if (n & 15)
        return (v8i16)wasm_i16x8_relaxed_q15mulr((v128_t)a, (v128_t)__msa_fill_h(1 << (15 - (n & 15))));
#endif
    v8i16 one = __msa_fill_h(1);
    return MSA_SRARI(a, n, 16, one);
}
MSA_FN v4i32 __msa_srari_w(v4i32 a, int n) { v4i32 one = __msa_fill_w(1); return MSA_SRARI(a, n, 32, one); }
MSA_FN v2i64 __msa_srari_d(v2i64 a, int n) { v2i64 one = __msa_fill_d(1); return MSA_SRARI(a, n, 64, one); }

/* Rounding shifts by a number that is not a constant. The added bit is zero if the number is zero. */
MSA_SHIFT(__msa_srar_h, v8i16, h, 16,
          (a >> first) + ((a >> (first - 1 & 15)) & __msa_fill_h(first != 0)),
          (short)((a[i] >> by) + (by ? a[i] >> (by - 1) & 1 : 0)))
MSA_SHIFT(__msa_srar_w, v4i32, w, 32,
          (a >> first) + ((a >> (first - 1 & 31)) & __msa_fill_w(first != 0)),
          (a[i] >> by) + (by ? a[i] >> (by - 1) & 1 : 0))
MSA_SHIFT(__msa_srlr_h, v8i16, h, 16,
          (v8i16)(((v8u16)a >> first) + (((v8u16)a >> (first - 1 & 15)) & (v8u16)__msa_fill_h(first != 0))),
          (short)(((unsigned short)a[i] >> by) + (by ? (unsigned short)a[i] >> (by - 1) & 1 : 0)))

/* ---- Sums, differences and products of neighbours, at twice their width ---- */

#define MSA_LOW_BYTES(a) ((v8u16)(a) & (v8u16)__msa_fill_h(0xff))
#define MSA_HIGH_BYTES(a) ((v8u16)(a) >> 8)
#define MSA_LOW_CHARS(a) (((v8i16)(a) << 8) >> 8)
#define MSA_HIGH_CHARS(a) ((v8i16)(a) >> 8)
#define MSA_LOW_HALVES(a) ((v4u32)(a) & (v4u32)__msa_fill_w(0xffff))
#define MSA_HIGH_HALVES(a) ((v4u32)(a) >> 16)
#define MSA_LOW_SHORTS(a) (((v4i32)(a) << 16) >> 16)
#define MSA_HIGH_SHORTS(a) ((v4i32)(a) >> 16)

/* Adds the odd elements of `a` to the even elements of `b`. */
MSA_FN v8u16 msa_hadd_u_h(v16u8 a, v16u8 b) { return MSA_HIGH_BYTES(a) + MSA_LOW_BYTES(b); }
MSA_FN v4u32 msa_hadd_u_w(v8u16 a, v8u16 b) { return MSA_HIGH_HALVES(a) + MSA_LOW_HALVES(b); }
MSA_FN v8i16 msa_hadd_s_h(v16i8 a, v16i8 b) { return MSA_HIGH_CHARS(a) + MSA_LOW_CHARS(b); }
MSA_FN v4i32 msa_hadd_s_w(v8i16 a, v8i16 b) { return MSA_HIGH_SHORTS(a) + MSA_LOW_SHORTS(b); }
MSA_FN v2u64 __msa_hadd_u_d(v4u32 a, v4u32 b)
{
    return ((v2u64)a >> 32) + ((v2u64)b & (v2u64)__msa_fill_d(0xffffffff));
}
MSA_FN v2i64 __msa_hadd_s_d(v4i32 a, v4i32 b)
{
    return (v2i64){(long long)a[1] + b[0], (long long)a[3] + b[2]};
}
MSA_FN v8i16 __msa_hsub_u_h(v16u8 a, v16u8 b) { return (v8i16)(MSA_HIGH_BYTES(a) - MSA_LOW_BYTES(b)); }

#ifdef __wasm_simd128__
/* WebAssembly has an instruction for sums of neighbours in one vector. */
MSA_FN v8u16 msa_pairs_u_h(v16u8 a) { return (v8u16)wasm_u16x8_extadd_pairwise_u8x16((v128_t)a); }
MSA_FN v4u32 msa_pairs_u_w(v8u16 a) { return (v4u32)wasm_u32x4_extadd_pairwise_u16x8((v128_t)a); }
MSA_FN v8i16 msa_pairs_s_h(v16i8 a) { return (v8i16)wasm_i16x8_extadd_pairwise_i8x16((v128_t)a); }
MSA_FN v4i32 msa_pairs_s_w(v8i16 a) { return (v4i32)wasm_i32x4_extadd_pairwise_i16x8((v128_t)a); }
#define __msa_hadd_u_h(a, b) (MSA_SAME(a, b) ? msa_pairs_u_h(a) : msa_hadd_u_h((a), (b)))
#define __msa_hadd_u_w(a, b) (MSA_SAME(a, b) ? msa_pairs_u_w(a) : msa_hadd_u_w((a), (b)))
#define __msa_hadd_s_h(a, b) (MSA_SAME(a, b) ? msa_pairs_s_h(a) : msa_hadd_s_h((a), (b)))
#define __msa_hadd_s_w(a, b) (MSA_SAME(a, b) ? msa_pairs_s_w(a) : msa_hadd_s_w((a), (b)))
#else
#define __msa_hadd_u_h msa_hadd_u_h
#define __msa_hadd_u_w msa_hadd_u_w
#define __msa_hadd_s_h msa_hadd_s_h
#define __msa_hadd_s_w msa_hadd_s_w
#endif

MSA_FN v8i16 __msa_dotp_s_h(v16i8 a, v16i8 b)
{
    return MSA_HIGH_CHARS(a) * MSA_HIGH_CHARS(b) + MSA_LOW_CHARS(a) * MSA_LOW_CHARS(b);
}
MSA_FN v8u16 __msa_dotp_u_h(v16u8 a, v16u8 b)
{
    return MSA_HIGH_BYTES(a) * MSA_HIGH_BYTES(b) + MSA_LOW_BYTES(a) * MSA_LOW_BYTES(b);
}
MSA_FN v4i32 __msa_dotp_s_w(v8i16 a, v8i16 b)
{
#ifdef __wasm_simd128__
    return (v4i32)wasm_i32x4_dot_i16x8((v128_t)a, (v128_t)b);
#else
    return MSA_HIGH_SHORTS(a) * MSA_HIGH_SHORTS(b) + MSA_LOW_SHORTS(a) * MSA_LOW_SHORTS(b);
#endif
}
MSA_FN v4u32 __msa_dotp_u_w(v8u16 a, v8u16 b)
{
    return MSA_HIGH_HALVES(a) * MSA_HIGH_HALVES(b) + MSA_LOW_HALVES(a) * MSA_LOW_HALVES(b);
}
MSA_FN v8i16 __msa_dpadd_s_h(v8i16 sum, v16i8 a, v16i8 b) { return sum + __msa_dotp_s_h(a, b); }
MSA_FN v8u16 __msa_dpadd_u_h(v8u16 sum, v16u8 a, v16u8 b) { return sum + __msa_dotp_u_h(a, b); }
MSA_FN v4i32 __msa_dpadd_s_w(v4i32 sum, v8i16 a, v8i16 b) { return sum + __msa_dotp_s_w(a, b); }
MSA_FN v4u32 __msa_dpadd_u_w(v4u32 sum, v8u16 a, v8u16 b) { return sum + __msa_dotp_u_w(a, b); }

/* ---- Interleaving: elements of the second operand come first ---- */

MSA_FN v16i8 __msa_ilvr_b(v16i8 a, v16i8 b)
{
    return __builtin_shufflevector(b, a, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
MSA_FN v8i16 __msa_ilvr_h(v8i16 a, v8i16 b) { return __builtin_shufflevector(b, a, 0, 8, 1, 9, 2, 10, 3, 11); }
MSA_FN v4i32 __msa_ilvr_w(v4i32 a, v4i32 b) { return __builtin_shufflevector(b, a, 0, 4, 1, 5); }
MSA_FN v2i64 __msa_ilvr_d(v2i64 a, v2i64 b) { return __builtin_shufflevector(b, a, 0, 2); }
MSA_FN v16i8 __msa_ilvl_b(v16i8 a, v16i8 b)
{
    return __builtin_shufflevector(b, a, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
MSA_FN v8i16 __msa_ilvl_h(v8i16 a, v8i16 b) { return __builtin_shufflevector(b, a, 4, 12, 5, 13, 6, 14, 7, 15); }
MSA_FN v4i32 __msa_ilvl_w(v4i32 a, v4i32 b) { return __builtin_shufflevector(b, a, 2, 6, 3, 7); }
MSA_FN v2i64 __msa_ilvl_d(v2i64 a, v2i64 b) { return __builtin_shufflevector(b, a, 1, 3); }

/* Interleaves every second element. Shifts and masks are cheaper than a general shuffle of two vectors. */
MSA_FN v16i8 __msa_ilvev_b(v16i8 a, v16i8 b) { return (v16i8)(MSA_LOW_BYTES(b) | ((v8u16)a << 8)); }
MSA_FN v8i16 __msa_ilvev_h(v8i16 a, v8i16 b) { return (v8i16)(MSA_LOW_HALVES(b) | ((v4u32)a << 16)); }
MSA_FN v4i32 __msa_ilvev_w(v4i32 a, v4i32 b) { return __builtin_shufflevector(b, a, 0, 4, 2, 6); }
MSA_FN v2i64 __msa_ilvev_d(v2i64 a, v2i64 b) { return __builtin_shufflevector(b, a, 0, 2); }
MSA_FN v16i8 __msa_ilvod_b(v16i8 a, v16i8 b)
{
    return (v16i8)(MSA_HIGH_BYTES(b) | ((v8u16)a & (v8u16)__msa_fill_h(0xff00)));
}
MSA_FN v8i16 __msa_ilvod_h(v8i16 a, v8i16 b)
{
    return (v8i16)(MSA_HIGH_HALVES(b) | ((v4u32)a & (v4u32)__msa_fill_w((int)0xffff0000)));
}
MSA_FN v4i32 __msa_ilvod_w(v4i32 a, v4i32 b) { return __builtin_shufflevector(b, a, 1, 5, 3, 7); }
MSA_FN v2i64 __msa_ilvod_d(v2i64 a, v2i64 b) { return __builtin_shufflevector(b, a, 1, 3); }

/* ---- Packing of every second element, with a narrowing instruction: it does not change values that fit ---- */

#ifdef __wasm_simd128__
#define MSA_NARROW_BYTES(low, high) ((v16i8)wasm_u8x16_narrow_i16x8((v128_t)(low), (v128_t)(high)))
#define MSA_NARROW_HALVES(low, high) ((v8i16)wasm_u16x8_narrow_i32x4((v128_t)(low), (v128_t)(high)))
MSA_FN v16i8 __msa_pckev_b(v16i8 a, v16i8 b) { return MSA_NARROW_BYTES(MSA_LOW_BYTES(b), MSA_LOW_BYTES(a)); }
MSA_FN v16i8 __msa_pckod_b(v16i8 a, v16i8 b) { return MSA_NARROW_BYTES(MSA_HIGH_BYTES(b), MSA_HIGH_BYTES(a)); }
MSA_FN v8i16 __msa_pckev_h(v8i16 a, v8i16 b) { return MSA_NARROW_HALVES(MSA_LOW_HALVES(b), MSA_LOW_HALVES(a)); }
MSA_FN v8i16 __msa_pckod_h(v8i16 a, v8i16 b) { return MSA_NARROW_HALVES(MSA_HIGH_HALVES(b), MSA_HIGH_HALVES(a)); }
#else
MSA_FN v16i8 __msa_pckev_b(v16i8 a, v16i8 b)
{
    return __builtin_shufflevector(b, a, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
MSA_FN v16i8 __msa_pckod_b(v16i8 a, v16i8 b)
{
    return __builtin_shufflevector(b, a, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
MSA_FN v8i16 __msa_pckev_h(v8i16 a, v8i16 b) { return __builtin_shufflevector(b, a, 0, 2, 4, 6, 8, 10, 12, 14); }
MSA_FN v8i16 __msa_pckod_h(v8i16 a, v8i16 b) { return __builtin_shufflevector(b, a, 1, 3, 5, 7, 9, 11, 13, 15); }
#endif
MSA_FN v4i32 __msa_pckev_w(v4i32 a, v4i32 b) { return __builtin_shufflevector(b, a, 0, 2, 4, 6); }
MSA_FN v4i32 __msa_pckod_w(v4i32 a, v4i32 b) { return __builtin_shufflevector(b, a, 1, 3, 5, 7); }
MSA_FN v2i64 __msa_pckev_d(v2i64 a, v2i64 b) { return __builtin_shufflevector(b, a, 0, 2); }
MSA_FN v2i64 __msa_pckod_d(v2i64 a, v2i64 b) { return __builtin_shufflevector(b, a, 1, 3); }

/* ---- Shuffles ---- */

/* `n` must be a constant. It has two bits for each of four elements. */
#define __msa_shf_b(a, n)                                                                                      \
    ((v16i8)__builtin_shufflevector((v16i8)(a), (v16i8)(a), (n) & 3, (n) >> 2 & 3, (n) >> 4 & 3, (n) >> 6 & 3, \
                                    4 + ((n) & 3), 4 + ((n) >> 2 & 3), 4 + ((n) >> 4 & 3), 4 + ((n) >> 6 & 3), \
                                    8 + ((n) & 3), 8 + ((n) >> 2 & 3), 8 + ((n) >> 4 & 3), 8 + ((n) >> 6 & 3), \
                                    12 + ((n) & 3), 12 + ((n) >> 2 & 3), 12 + ((n) >> 4 & 3), 12 + ((n) >> 6 & 3)))
#define __msa_shf_h(a, n)                                                                                      \
    ((v8i16)__builtin_shufflevector((v8i16)(a), (v8i16)(a), (n) & 3, (n) >> 2 & 3, (n) >> 4 & 3, (n) >> 6 & 3, \
                                    4 + ((n) & 3), 4 + ((n) >> 2 & 3), 4 + ((n) >> 4 & 3), 4 + ((n) >> 6 & 3)))
#define __msa_shf_w(a, n) \
    ((v4i32)__builtin_shufflevector((v4i32)(a), (v4i32)(a), (n) & 3, (n) >> 2 & 3, (n) >> 4 & 3, (n) >> 6 & 3))

/* Returns sixteen bytes of the concatenation of `b` and `a`, from byte `n` on. `n` must be a constant. */
#define __msa_sldi_b(a, b, n)                                                                                 \
    ((v16i8)__builtin_shufflevector((v16i8)(b), (v16i8)(a), ((n) & 15) + 0, ((n) & 15) + 1, ((n) & 15) + 2,   \
                                    ((n) & 15) + 3, ((n) & 15) + 4, ((n) & 15) + 5, ((n) & 15) + 6,           \
                                    ((n) & 15) + 7, ((n) & 15) + 8, ((n) & 15) + 9, ((n) & 15) + 10,          \
                                    ((n) & 15) + 11, ((n) & 15) + 12, ((n) & 15) + 13, ((n) & 15) + 14,       \
                                    ((n) & 15) + 15))

/* Returns the bytes of `a` at the indices `numbers`, and zero for indices above 15. */
MSA_FN v16u8 msa_lookup(v16u8 a, v16u8 numbers)
{
#ifdef __wasm_simd128__
    return (v16u8)wasm_i8x16_swizzle((v128_t)a, (v128_t)numbers);
#else
    v16u8 r;
    for (int i = 0; i < 16; i++)
        r[i] = numbers[i] < 16 ? a[numbers[i]] : 0;
    return r;
#endif
}

/* Returns the bytes of the concatenation of `b` and `a` at the indices `numbers`. */
MSA_FN v16i8 msa_lookup2(v16u8 numbers, v16u8 a, v16u8 b)
{
    return (v16i8)(msa_lookup(b, numbers) | msa_lookup(a, numbers - (v16u8)__msa_fill_b(16)));
}

MSA_FN v16i8 __msa_sld_b(v16i8 a, v16i8 b, int n)
{
    v16u8 numbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return msa_lookup2(numbers + (v16u8)__msa_fill_b(n & 15), (v16u8)a, (v16u8)b);
}

/* Returns any bytes of the concatenation of `b` and `a`, and zero where bit 6 or 7 of the control is set. */
MSA_FN v16i8 msa_vshf_b(v16i8 control, v16i8 a, v16i8 b)
{
    return msa_lookup2((v16u8)control & (v16u8)__msa_fill_b(0xdf), (v16u8)a, (v16u8)b);
}
MSA_FN v16i8 msa_vshf1_b(v16i8 control, v16i8 a)
{
    return (v16i8)msa_lookup((v16u8)a, (v16u8)control & (v16u8)__msa_fill_b(0xcf));
}
#define __msa_vshf_b(control, a, b) \
    (MSA_SAME(a, b) ? msa_vshf1_b((control), (a)) : msa_vshf_b((control), (a), (b)))

/* Converts the indices of wider elements to byte indices. */
MSA_FN v8i16 __msa_vshf_h(v8i16 control, v8i16 a, v8i16 b)
{
    v8u16 numbers = ((v8u16)control & (v8u16)__msa_fill_h(15)) * (v8u16)__msa_fill_h(0x0202) +
                    (v8u16)__msa_fill_h(0x0100);
    v8u16 zero = (v8u16)(((v8u16)control & (v8u16)__msa_fill_h(0xc0)) != (v8u16){0});
    return (v8i16)((v8u16)msa_lookup2((v16u8)numbers, (v16u8)a, (v16u8)b) & ~zero);
}
MSA_FN v4i32 __msa_vshf_w(v4i32 control, v4i32 a, v4i32 b)
{
    v4u32 numbers = ((v4u32)control & (v4u32)__msa_fill_w(7)) * (v4u32)__msa_fill_w(0x04040404) +
                    (v4u32)__msa_fill_w(0x03020100);
    v4u32 zero = (v4u32)(((v4u32)control & (v4u32)__msa_fill_w(0xc0)) != (v4u32){0});
    return (v4i32)((v4u32)msa_lookup2((v16u8)numbers, (v16u8)a, (v16u8)b) & ~zero);
}

#endif
