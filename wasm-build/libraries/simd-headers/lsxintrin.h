/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The C intrinsics of the 128-bit LoongArch SIMD (LSX), on 128-bit WebAssembly SIMD.
 *
 * FFmpeg has many kernels for LoongArch in C. Its loongson_intrinsics.h includes <lsxintrin.h>, and with this header
 * they compile for WebAssembly. It has only the intrinsics that these kernels call. Intrinsics without a WebAssembly
 * instruction are composed of a few that WebAssembly compilers for x86-64 and AArch64 recognise.
 *
 * Requires clang (vector extensions). Without `-msimd128` the header is portable C, for native tests.
 *
 * LSX has no sum of neighbours in one vector, and vshuf_b always takes two vectors: callers pass the same one twice.
 * LSX_SAME detects this by the text of the two arguments.
 */
#ifndef AFMPEG_LSXINTRIN_H
#define AFMPEG_LSXINTRIN_H

#include <stdint.h>

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

#define LSX_TYPE(name, element) typedef element name __attribute__((vector_size(16)))
LSX_TYPE(__m128i, long long);
LSX_TYPE(v16i8, signed char);
LSX_TYPE(v16u8, unsigned char);
LSX_TYPE(v8i16, short);
LSX_TYPE(v8u16, unsigned short);
LSX_TYPE(v4i32, int);
LSX_TYPE(v4u32, unsigned int);
LSX_TYPE(v2i64, long long);
LSX_TYPE(v2u64, unsigned long long);
#undef LSX_TYPE

/* Memory is accessed as these types: at any alignment, and as any declared type. */
#define LSX_MEMORY(name, type) typedef struct { type value; } __attribute__((packed, may_alias)) name
LSX_MEMORY(lsx_memory_v, __m128i);
LSX_MEMORY(lsx_memory_b, signed char);
LSX_MEMORY(lsx_memory_h, short);
LSX_MEMORY(lsx_memory_w, int);
LSX_MEMORY(lsx_memory_d, long long);
#undef LSX_MEMORY

#define LSX_FN static inline __attribute__((always_inline, unused, const))
#define LSX_MEM static inline __attribute__((always_inline, unused))

#define LSX_SAME(a, b) (__builtin_strcmp(#a, #b) == 0)

#define LSX_X2(x) (x), (x)
#define LSX_X4(x) LSX_X2(x), LSX_X2(x)
#define LSX_X8(x) LSX_X4(x), LSX_X4(x)
#define LSX_X16(x) LSX_X8(x), LSX_X8(x)

/* ---- The same value in every element ---- */

LSX_FN v16i8 lsx_fill_b(int x) { return (v16i8){LSX_X16((signed char)x)}; }
LSX_FN v8i16 lsx_fill_h(int x) { return (v8i16){LSX_X8((short)x)}; }
LSX_FN v4i32 lsx_fill_w(int x) { return (v4i32){LSX_X4(x)}; }
LSX_FN v2i64 lsx_fill_d(long long x) { return (v2i64){LSX_X2(x)}; }

LSX_FN __m128i __lsx_vreplgr2vr_b(int x) { return (__m128i)lsx_fill_b(x); }
LSX_FN __m128i __lsx_vreplgr2vr_h(int x) { return (__m128i)lsx_fill_h(x); }
LSX_FN __m128i __lsx_vreplgr2vr_w(int x) { return (__m128i)lsx_fill_w(x); }
LSX_FN __m128i __lsx_vreplgr2vr_d(long long x) { return (__m128i)lsx_fill_d(x); }

LSX_FN __m128i __lsx_vreplvei_b(__m128i a, int n) { return (__m128i)lsx_fill_b(((v16i8)a)[n & 15]); }
LSX_FN __m128i __lsx_vreplvei_h(__m128i a, int n) { return (__m128i)lsx_fill_h(((v8i16)a)[n & 7]); }
LSX_FN __m128i __lsx_vreplvei_w(__m128i a, int n) { return (__m128i)lsx_fill_w(((v4i32)a)[n & 3]); }
LSX_FN __m128i __lsx_vreplvei_d(__m128i a, int n) { return (__m128i)lsx_fill_d(a[n & 1]); }

/* `n` has a signed value of ten bits, and above it the width of an element. No kernel uses forms with bit 12 set. */
LSX_FN __m128i __lsx_vldi(int n)
{
    int value = (int)((unsigned)n << 22) >> 22;
    switch (n >> 10 & 3) {
    case 0: return (__m128i)lsx_fill_b(value);
    case 1: return (__m128i)lsx_fill_h(value);
    case 2: return (__m128i)lsx_fill_w(value);
    default: return (__m128i)lsx_fill_d(value);
    }
}

/* ---- Loads and stores, with offsets in bytes ---- */

#define LSX_AT(type, base, offset) (*(type *)((char *)(base) + (offset)))

LSX_MEM __m128i lsx_load(const void *base, long offset) { return LSX_AT(const lsx_memory_v, base, offset).value; }
LSX_MEM void lsx_store(__m128i a, void *base, long offset) { LSX_AT(lsx_memory_v, base, offset).value = a; }
#define __lsx_vld(base, offset) lsx_load((base), (offset))
#define __lsx_vldx(base, offset) lsx_load((base), (offset))
#define __lsx_vst(a, base, offset) lsx_store((a), (base), (offset))
#define __lsx_vstx(a, base, offset) lsx_store((a), (base), (offset))

#define LSX_LOAD_FILL(suffix)                                                             \
    LSX_MEM __m128i lsx_load_fill_##suffix(const void *base, long offset)                 \
    {                                                                                     \
        return (__m128i)lsx_fill_##suffix(LSX_AT(const lsx_memory_##suffix, base, offset).value); \
    }
LSX_LOAD_FILL(b)
LSX_LOAD_FILL(h)
LSX_LOAD_FILL(w)
LSX_LOAD_FILL(d)
#define __lsx_vldrepl_b(base, offset) lsx_load_fill_b((base), (offset))
#define __lsx_vldrepl_h(base, offset) lsx_load_fill_h((base), (offset))
#define __lsx_vldrepl_w(base, offset) lsx_load_fill_w((base), (offset))
#define __lsx_vldrepl_d(base, offset) lsx_load_fill_d((base), (offset))

#define LSX_STORE_ELEMENT(suffix, vector, last)                                         \
    LSX_MEM void lsx_store_element_##suffix(__m128i a, void *base, long offset, int n)  \
    {                                                                                   \
        LSX_AT(lsx_memory_##suffix, base, offset).value = ((vector)a)[n & (last)];      \
    }
LSX_STORE_ELEMENT(b, v16i8, 15)
LSX_STORE_ELEMENT(h, v8i16, 7)
LSX_STORE_ELEMENT(w, v4i32, 3)
LSX_STORE_ELEMENT(d, v2i64, 1)
#define __lsx_vstelm_b(a, base, offset, n) lsx_store_element_b((a), (base), (offset), (n))
#define __lsx_vstelm_h(a, base, offset, n) lsx_store_element_h((a), (base), (offset), (n))
#define __lsx_vstelm_w(a, base, offset, n) lsx_store_element_w((a), (base), (offset), (n))
#define __lsx_vstelm_d(a, base, offset, n) lsx_store_element_d((a), (base), (offset), (n))

LSX_FN int __lsx_vpickve2gr_w(__m128i a, int n) { return ((v4i32)a)[n & 3]; }

/* ---- Functions of one, two and three vectors: a name, the type of vector, and the expression to return ---- */

#define LSX_1(name, vector, expression) \
    LSX_FN __m128i name(__m128i x) { vector a = (vector)x; return (__m128i)(expression); }
#define LSX_2(name, vector, expression)                \
    LSX_FN __m128i name(__m128i x, __m128i y)          \
    {                                                  \
        vector a = (vector)x, b = (vector)y;           \
        return (__m128i)(expression);                  \
    }
#define LSX_2I(name, vector, expression) \
    LSX_FN __m128i name(__m128i x, int n) { vector a = (vector)x; return (__m128i)(expression); }
#define LSX_3(name, vector, expression)                              \
    LSX_FN __m128i name(__m128i x, __m128i y, __m128i z)             \
    {                                                                \
        vector a = (vector)x, b = (vector)y, c = (vector)z;          \
        return (__m128i)(expression);                                \
    }

/* ---- Bitwise operations ---- */

LSX_2(__lsx_vor_v, v2u64, a | b)
LSX_2(__lsx_vnor_v, v2u64, ~(a | b))
LSX_2(__lsx_vxor_v, v2u64, a ^ b)
LSX_2I(__lsx_vxori_b, v16u8, a ^ (v16u8)lsx_fill_b(n))

/* Returns the bits of `b` where `c` is one, and those of `a` where it is zero. */
#ifdef __wasm_simd128__
LSX_3(__lsx_vbitsel_v, v2u64, wasm_v128_bitselect((v128_t)b, (v128_t)a, (v128_t)c))
#else
LSX_3(__lsx_vbitsel_v, v2u64, (b & c) | (a & ~c))
#endif

LSX_FN int __lsx_bz_v(__m128i a)
{
#ifdef __wasm_simd128__
    return !wasm_v128_any_true((v128_t)a);
#else
    return (a[0] | a[1]) == 0;
#endif
}

/* ---- Sums and differences ---- */

LSX_2(__lsx_vadd_b, v16u8, a + b)
LSX_2(__lsx_vadd_h, v8u16, a + b)
LSX_2(__lsx_vadd_w, v4u32, a + b)
LSX_2(__lsx_vadd_d, v2u64, a + b)
LSX_2(__lsx_vsub_b, v16u8, a - b)
LSX_2(__lsx_vsub_h, v8u16, a - b)
LSX_2(__lsx_vsub_w, v4u32, a - b)
LSX_2(__lsx_vsub_d, v2u64, a - b)
LSX_2I(__lsx_vaddi_bu, v16u8, a + (v16u8)lsx_fill_b(n & 31))
LSX_2I(__lsx_vaddi_hu, v8u16, a + (v8u16)lsx_fill_h(n & 31))
LSX_1(__lsx_vneg_h, v8u16, -a)
LSX_2(__lsx_vadda_h, v8i16, (v8u16)__builtin_elementwise_abs(a) + (v8u16)__builtin_elementwise_abs(b))
LSX_2(__lsx_vabsd_bu, v16u8, __builtin_elementwise_max(a, b) - __builtin_elementwise_min(a, b))

LSX_2(__lsx_vsadd_b, v16i8, __builtin_elementwise_add_sat(a, b))
LSX_2(__lsx_vsadd_bu, v16u8, __builtin_elementwise_add_sat(a, b))
LSX_2(__lsx_vsadd_h, v8i16, __builtin_elementwise_add_sat(a, b))
LSX_2(__lsx_vssub_b, v16i8, __builtin_elementwise_sub_sat(a, b))
LSX_2(__lsx_vssub_hu, v8u16, __builtin_elementwise_sub_sat(a, b))

#ifdef __wasm_simd128__
LSX_2(__lsx_vavgr_bu, v16u8, wasm_u8x16_avgr((v128_t)a, (v128_t)b))
LSX_2(__lsx_vavgr_hu, v8u16, wasm_u16x8_avgr((v128_t)a, (v128_t)b))
#else
LSX_2(__lsx_vavgr_bu, v16u8, (a | b) - ((a ^ b) >> 1))
LSX_2(__lsx_vavgr_hu, v8u16, (a | b) - ((a ^ b) >> 1))
#endif

/* ---- Minimum, maximum, comparisons ---- */

LSX_2(__lsx_vmax_bu, v16u8, __builtin_elementwise_max(a, b))
LSX_2(__lsx_vmax_h, v8i16, __builtin_elementwise_max(a, b))
LSX_2(__lsx_vmin_h, v8i16, __builtin_elementwise_min(a, b))
LSX_2I(__lsx_vmaxi_h, v8i16, __builtin_elementwise_max(a, lsx_fill_h(n)))
LSX_2I(__lsx_vmaxi_w, v4i32, __builtin_elementwise_max(a, lsx_fill_w(n)))

LSX_2(__lsx_vseq_b, v16i8, a == b)
LSX_2(__lsx_vslt_bu, v16u8, a < b)
LSX_2(__lsx_vsle_bu, v16u8, a <= b)
LSX_2(__lsx_vsle_hu, v8u16, a <= b)
LSX_2I(__lsx_vslti_b, v16i8, a < lsx_fill_b(n))
LSX_2I(__lsx_vseqi_w, v4i32, a == lsx_fill_w(n))
LSX_2I(__lsx_vseqi_d, v2i64, a == lsx_fill_d(n))
LSX_2I(__lsx_vslei_d, v2i64, a <= lsx_fill_d(n))

/* Saturates to n + 1 bits. */
LSX_2I(__lsx_vsat_h, v8i16,
       __builtin_elementwise_min((v8i16)__builtin_elementwise_max(a, lsx_fill_h(-(1 << (n & 15)))),
                                 lsx_fill_h((1 << (n & 15)) - 1)))
LSX_2I(__lsx_vsat_w, v4i32,
       __builtin_elementwise_min((v4i32)__builtin_elementwise_max(a, lsx_fill_w((int)(~0u << (n & 31)))),
                                 lsx_fill_w((int)((1u << (n & 31)) - 1))))
LSX_2I(__lsx_vsat_hu, v8u16, __builtin_elementwise_min(a, (v8u16)lsx_fill_h((2 << (n & 15)) - 1)))
LSX_2I(__lsx_vsat_wu, v4u32, __builtin_elementwise_min(a, (v4u32)lsx_fill_w((int)((2ull << (n & 31)) - 1))))

/* ---- Even and odd elements, at twice their width ---- */

#define LSX_EVEN_BU(a) ((v8u16)(a) & (v8u16)lsx_fill_h(0xff))
#define LSX_ODD_BU(a) ((v8u16)(a) >> 8)
#define LSX_EVEN_B(a) ((v8u16)((v8i16)((v8u16)(a) << 8) >> 8))
#define LSX_ODD_B(a) ((v8u16)((v8i16)(a) >> 8))
#define LSX_EVEN_HU(a) ((v4u32)(a) & (v4u32)lsx_fill_w(0xffff))
#define LSX_ODD_HU(a) ((v4u32)(a) >> 16)
#define LSX_EVEN_H(a) ((v4u32)((v4i32)((v4u32)(a) << 16) >> 16))
#define LSX_ODD_H(a) ((v4u32)((v4i32)(a) >> 16))

LSX_2(__lsx_vaddwev_h_bu, v16u8, LSX_EVEN_BU(a) + LSX_EVEN_BU(b))
LSX_2(__lsx_vaddwod_h_bu, v16u8, LSX_ODD_BU(a) + LSX_ODD_BU(b))
LSX_2(__lsx_vaddwev_w_h, v8i16, LSX_EVEN_H(a) + LSX_EVEN_H(b))
LSX_2(__lsx_vaddwod_w_h, v8i16, LSX_ODD_H(a) + LSX_ODD_H(b))

LSX_2(__lsx_vmulwev_h_b, v16i8, LSX_EVEN_B(a) * LSX_EVEN_B(b))
LSX_2(__lsx_vmulwev_h_bu, v16u8, LSX_EVEN_BU(a) * LSX_EVEN_BU(b))
LSX_2(__lsx_vmulwev_h_bu_b, v16u8, LSX_EVEN_BU(a) * LSX_EVEN_B(b))
LSX_3(__lsx_vmaddwev_h_b, v8u16, a + LSX_EVEN_B(b) * LSX_EVEN_B(c))
LSX_3(__lsx_vmaddwod_h_b, v8u16, a + LSX_ODD_B(b) * LSX_ODD_B(c))
LSX_3(__lsx_vmaddwev_h_bu, v8u16, a + LSX_EVEN_BU(b) * LSX_EVEN_BU(c))
LSX_3(__lsx_vmaddwod_h_bu, v8u16, a + LSX_ODD_BU(b) * LSX_ODD_BU(c))
LSX_3(__lsx_vmaddwev_h_bu_b, v8u16, a + LSX_EVEN_BU(b) * LSX_EVEN_B(c))
LSX_3(__lsx_vmaddwod_h_bu_b, v8u16, a + LSX_ODD_BU(b) * LSX_ODD_B(c))

/*
 * For elements of 16 bits, the sum of the even and the odd product is one instruction. The same instruction computes
 * only one product if the other element is zero. The first operand is masked: most callers pass coefficients there.
 */
#ifdef __wasm_simd128__
#define LSX_DOT(a, b) ((v4u32)wasm_i32x4_dot_i16x8((v128_t)(a), (v128_t)(b)))
#define LSX_EVEN_PRODUCT(a, b) LSX_DOT((v4u32)(a) & (v4u32)lsx_fill_w(0xffff), b)
#define LSX_ODD_PRODUCT(a, b) LSX_DOT((v4u32)(a) & (v4u32)lsx_fill_w((int)0xffff0000), b)
#else
#define LSX_EVEN_PRODUCT(a, b) (LSX_EVEN_H(a) * LSX_EVEN_H(b))
#define LSX_ODD_PRODUCT(a, b) (LSX_ODD_H(a) * LSX_ODD_H(b))
#define LSX_DOT(a, b) (LSX_EVEN_PRODUCT(a, b) + LSX_ODD_PRODUCT(a, b))
#endif
LSX_2(__lsx_vmulwev_w_h, v4u32, LSX_EVEN_PRODUCT(a, b))
LSX_2(__lsx_vmulwod_w_h, v4u32, LSX_ODD_PRODUCT(a, b))
LSX_3(__lsx_vmaddwev_w_h, v4u32, a + LSX_EVEN_PRODUCT(b, c))
LSX_3(__lsx_vmaddwod_w_h, v4u32, a + LSX_ODD_PRODUCT(b, c))

/* Not intrinsics. FFmpeg's loongson_intrinsics.h composes them of the four above unless they are macros. */
LSX_2(lsx_dot_w_h, v8i16, LSX_DOT(a, b))
LSX_3(lsx_dot_add_w_h, v4u32, a + LSX_DOT(b, c))
#define __lsx_vdp2_w_h(a, b) lsx_dot_w_h((a), (b))
#define __lsx_vdp2add_w_h(a, b, c) lsx_dot_add_w_h((a), (b), (c))

LSX_2(__lsx_vmul_h, v8u16, a * b)
LSX_2(__lsx_vmul_w, v4u32, a * b)
LSX_3(__lsx_vmadd_w, v4u32, a + b * c)
#ifdef __wasm_simd128__
LSX_2(__lsx_vmuh_h, v8i16,
      wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(wasm_i32x4_extmul_low_i16x8((v128_t)a, (v128_t)b), 16),
                              wasm_i32x4_shr(wasm_i32x4_extmul_high_i16x8((v128_t)a, (v128_t)b), 16)))
#else
LSX_FN __m128i __lsx_vmuh_h(__m128i x, __m128i y)
{
    v8i16 a = (v8i16)x, b = (v8i16)y;
    for (int i = 0; i < 8; i++)
        a[i] = (short)(a[i] * b[i] >> 16);
    return (__m128i)a;
}
#endif

/* Adds the odd elements of `a` to the even elements of `b`. */
LSX_2(lsx_haddw_hu_bu, v16u8, LSX_ODD_BU(a) + LSX_EVEN_BU(b))
LSX_2(lsx_haddw_wu_hu, v8u16, LSX_ODD_HU(a) + LSX_EVEN_HU(b))
LSX_2(__lsx_vhaddw_du_wu, v2u64, (a >> 32) + (b & (v2u64)lsx_fill_d(0xffffffff)))
LSX_FN __m128i __lsx_vhaddw_qu_du(__m128i x, __m128i y)
{
    unsigned long long a = (unsigned long long)x[1], sum = a + (unsigned long long)y[0];
    return (__m128i){(long long)sum, sum < a};
}
#ifdef __wasm_simd128__
/* WebAssembly has an instruction for sums of neighbours in one vector. */
LSX_1(lsx_pairs_hu_bu, v16u8, wasm_u16x8_extadd_pairwise_u8x16((v128_t)a))
LSX_1(lsx_pairs_wu_hu, v8u16, wasm_u32x4_extadd_pairwise_u16x8((v128_t)a))
#define __lsx_vhaddw_hu_bu(a, b) (LSX_SAME(a, b) ? lsx_pairs_hu_bu(a) : lsx_haddw_hu_bu((a), (b)))
#define __lsx_vhaddw_wu_hu(a, b) (LSX_SAME(a, b) ? lsx_pairs_wu_hu(a) : lsx_haddw_wu_hu((a), (b)))
#else
#define __lsx_vhaddw_hu_bu lsx_haddw_hu_bu
#define __lsx_vhaddw_wu_hu lsx_haddw_wu_hu
#endif

/* ---- Shifts and rounding shifts ---- */

LSX_2I(__lsx_vslli_h, v8u16, a << (n & 15))
LSX_2I(__lsx_vslli_w, v4u32, a << (n & 31))
LSX_2I(__lsx_vsrai_h, v8i16, a >> (n & 15))
LSX_2I(__lsx_vsrai_w, v4i32, a >> (n & 31))
LSX_2I(__lsx_vsrli_w, v4u32, a >> (n & 31))
/* Shifts elements of 16 bits, since x86 has no shift of bytes. */
LSX_2I(__lsx_vsrli_b, v8u16, (a >> (n & 7)) & (v8u16)lsx_fill_b(0xff >> (n & 7)))
LSX_FN __m128i __lsx_vsrai_b(__m128i x, int n)
{
    v16u8 sign = (v16u8)lsx_fill_b(0x80 >> (n & 7));
    return (__m128i)(((v16u8)__lsx_vsrli_b(x, n) ^ sign) - sign);
}

/* Computes x / 2^n, rounded, as (x / 2^(n-1) + 1) / 2. This can overflow only if n is 1. */
#define LSX_ROUND(a, n, ones) \
    ((n) == 0 ? (a) : (n) == 1 ? ((a) >> 1) + ((a) & (ones)) : (((a) >> (((n)-1) & 31)) + (ones)) >> 1)
LSX_FN v8i16 lsx_round_h(v8i16 a, int n) { v8i16 ones = lsx_fill_h(1); return LSX_ROUND(a, n, ones); }
LSX_FN v8u16 lsx_round_hu(v8u16 a, int n) { v8u16 ones = (v8u16)lsx_fill_h(1); return LSX_ROUND(a, n, ones); }
LSX_FN v4i32 lsx_round_w(v4i32 a, int n) { v4i32 ones = lsx_fill_w(1); return LSX_ROUND(a, n, ones); }
LSX_2I(__lsx_vsrari_h, v8i16, lsx_round_h(a, n & 15))
LSX_2I(__lsx_vsrari_w, v4i32, lsx_round_w(a, n & 31))
LSX_FN __m128i __lsx_vsrari_b(__m128i x, int n)
{
    __m128i one = (__m128i)lsx_fill_b(1);
    n &= 7;
    if (n == 0)
        return x;
    return __lsx_vadd_b(__lsx_vsrai_b(x, n), (__m128i)((v2u64)__lsx_vsrli_b(x, n - 1) & (v2u64)one));
}

/*
 * Every caller shifts all elements by the same number, as the WebAssembly instruction does, but passes a vector. The
 * compiler removes the loop if it can prove that the elements are equal.
 */
LSX_FN __m128i __lsx_vsrar_w(__m128i x, __m128i y)
{
    v4i32 a = (v4i32)x, n = (v4i32)y;
    if (__builtin_reduce_or(n ^ lsx_fill_w(n[0])) == 0) {
        int by = n[0] & 31;
        return (__m128i)((a >> by) + ((a >> ((by - 1) & 31)) & lsx_fill_w(by != 0)));
    }
    for (int i = 0; i < 4; i++) {
        int by = n[i] & 31;
        a[i] = (a[i] >> by) + (by ? a[i] >> (by - 1) & 1 : 0);
    }
    return (__m128i)a;
}

/* ---- Narrowing: elements of the second operand come first ---- */

#ifdef __wasm_simd128__
#define LSX_NARROW_B(low, high) ((__m128i)wasm_i8x16_narrow_i16x8((v128_t)(low), (v128_t)(high)))
#define LSX_NARROW_BU(low, high) ((__m128i)wasm_u8x16_narrow_i16x8((v128_t)(low), (v128_t)(high)))
#define LSX_NARROW_H(low, high) ((__m128i)wasm_i16x8_narrow_i32x4((v128_t)(low), (v128_t)(high)))
#define LSX_NARROW_HU(low, high) ((__m128i)wasm_u16x8_narrow_i32x4((v128_t)(low), (v128_t)(high)))
#else
#define LSX_NARROW(name, result, count, smallest, largest)                                        \
    LSX_FN __m128i name(__m128i low, __m128i high)                                                \
    {                                                                                             \
        result r;                                                                                 \
        for (int i = 0; i < (count); i++) {                                                       \
            __m128i from = i < (count) / 2 ? low : high;                                          \
            int at = i % ((count) / 2), x = (count) == 16 ? ((v8i16)from)[at] : ((v4i32)from)[at % 4]; \
            r[i] = x < (smallest) ? (smallest) : x > (largest) ? (largest) : x;                   \
        }                                                                                         \
        return (__m128i)r;                                                                        \
    }
LSX_NARROW(lsx_narrow_b, v16i8, 16, -128, 127)
LSX_NARROW(lsx_narrow_bu, v16u8, 16, 0, 255)
LSX_NARROW(lsx_narrow_h, v8i16, 8, -32768, 32767)
LSX_NARROW(lsx_narrow_hu, v8u16, 8, 0, 65535)
#define LSX_NARROW_B(low, high) lsx_narrow_b((__m128i)(low), (__m128i)(high))
#define LSX_NARROW_BU(low, high) lsx_narrow_bu((__m128i)(low), (__m128i)(high))
#define LSX_NARROW_H(low, high) lsx_narrow_h((__m128i)(low), (__m128i)(high))
#define LSX_NARROW_HU(low, high) lsx_narrow_hu((__m128i)(low), (__m128i)(high))
#endif

/*
 * Rounds before narrowing, with a saturating addition if `n` is at most `most`. 32767 >> most must be at least the
 * largest value of the narrow type: the saturated and the exact sum are then narrowed to that value.
 */
LSX_FN v8i16 lsx_round_to(v8i16 a, int n, int most)
{
    if (n == 0 || n > most)
        return lsx_round_h(a, n);
    return (v8i16)__builtin_elementwise_add_sat(a, lsx_fill_h(1 << (n - 1))) >> n;
}
#define LSX_NARROWING(name, vector, n_mask, expression)       \
    LSX_FN __m128i name(__m128i x, __m128i y, int number)     \
    {                                                         \
        vector a = (vector)x, b = (vector)y;                  \
        int n = number & (n_mask);                            \
        return (expression);                                  \
    }
LSX_NARROWING(__lsx_vssrarni_b_h, v8i16, 15, LSX_NARROW_B(lsx_round_to(b, n, 8), lsx_round_to(a, n, 8)))
LSX_NARROWING(__lsx_vssrarni_bu_h, v8i16, 15, LSX_NARROW_BU(lsx_round_to(b, n, 7), lsx_round_to(a, n, 7)))
LSX_NARROWING(__lsx_vssrarni_h_w, v4i32, 31, LSX_NARROW_H(lsx_round_w(b, n), lsx_round_w(a, n)))
/* Rounds unsigned elements. The narrowing instruction reads signed ones, so values from 2^15 on are reduced first. */
LSX_FN v8u16 lsx_round_hu_to_bu(v8u16 a, int n)
{
    v8u16 r = lsx_round_hu(a, n);
    return n > 1 ? r : __builtin_elementwise_min(r, (v8u16)lsx_fill_h(255));
}
LSX_NARROWING(__lsx_vssrlrni_bu_h, v8u16, 15, LSX_NARROW_BU(lsx_round_hu_to_bu(b, n), lsx_round_hu_to_bu(a, n)))
/* Returns the low half of each shifted element. */
LSX_NARROWING(__lsx_vsrani_h_w, v4u32, 31,
              n >= 16 ? LSX_NARROW_H((v4i32)b >> n, (v4i32)a >> n)
                      : LSX_NARROW_HU((b >> n) & (v4u32)lsx_fill_w(0xffff), (a >> n) & (v4u32)lsx_fill_w(0xffff)))
LSX_FN __m128i __lsx_vssrarn_h_w(__m128i a, __m128i b)
{
    /* Only the low five bits of a shift count. The upper half of the result is zero. */
    v4i32 n = (v4i32)b & lsx_fill_w(31);
    return LSX_NARROW_H(__lsx_vsrar_w(a, __builtin_reduce_or((v4i32)b ^ lsx_fill_w(((v4i32)b)[0])) == 0 ? b : (__m128i)n),
                        (__m128i){0});
}

/* Packs every second element with a narrowing instruction, which does not change values that fit. */
LSX_2(__lsx_vpickev_b, v16u8, LSX_NARROW_BU(LSX_EVEN_BU(b), LSX_EVEN_BU(a)))
LSX_2(__lsx_vpickev_h, v8u16, LSX_NARROW_HU(LSX_EVEN_HU(b), LSX_EVEN_HU(a)))
LSX_2(__lsx_vpickev_d, v2i64, __builtin_shufflevector(b, a, 0, 2))
LSX_2(__lsx_vpickod_d, v2i64, __builtin_shufflevector(b, a, 1, 3))

/* ---- Widening of the low or the high half ---- */

#ifdef __wasm_simd128__
#define LSX_WIDEN_B(a) ((v8u16)wasm_i16x8_extend_low_i8x16((v128_t)(a)))
#define LSX_WIDEN_BU(a) ((v8u16)wasm_u16x8_extend_low_u8x16((v128_t)(a)))
#define LSX_WIDEN_H(a) ((v4u32)wasm_i32x4_extend_low_i16x8((v128_t)(a)))
#define LSX_WIDEN_HIGH_H(a) ((v4u32)wasm_i32x4_extend_high_i16x8((v128_t)(a)))
#else
typedef signed char lsx_8i8 __attribute__((vector_size(8)));
typedef unsigned char lsx_8u8 __attribute__((vector_size(8)));
typedef short lsx_4i16 __attribute__((vector_size(8)));
#define LSX_WIDEN_B(a) \
    ((v8u16)__builtin_convertvector((lsx_8i8)__builtin_shufflevector((v2i64)(a), (v2i64)(a), 0), v8i16))
#define LSX_WIDEN_BU(a) \
    __builtin_convertvector((lsx_8u8)__builtin_shufflevector((v2i64)(a), (v2i64)(a), 0), v8u16)
#define LSX_WIDEN_H(a) \
    ((v4u32)__builtin_convertvector((lsx_4i16)__builtin_shufflevector((v2i64)(a), (v2i64)(a), 0), v4i32))
#define LSX_WIDEN_HIGH_H(a) \
    ((v4u32)__builtin_convertvector((lsx_4i16)__builtin_shufflevector((v2i64)(a), (v2i64)(a), 1), v4i32))
#endif
LSX_2I(__lsx_vsllwil_h_b, v16i8, LSX_WIDEN_B(a) << (n & 7))
LSX_2I(__lsx_vsllwil_hu_bu, v16u8, LSX_WIDEN_BU(a) << (n & 7))
LSX_2I(__lsx_vsllwil_w_h, v8i16, LSX_WIDEN_H(a) << (n & 15))
LSX_1(__lsx_vexth_w_h, v8i16, LSX_WIDEN_HIGH_H(a))

/* ---- Interleaving: elements of the second operand come first ---- */

LSX_2(__lsx_vilvl_b, v16i8, __builtin_shufflevector(b, a, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23))
LSX_2(__lsx_vilvl_h, v8i16, __builtin_shufflevector(b, a, 0, 8, 1, 9, 2, 10, 3, 11))
LSX_2(__lsx_vilvl_w, v4i32, __builtin_shufflevector(b, a, 0, 4, 1, 5))
LSX_2(__lsx_vilvl_d, v2i64, __builtin_shufflevector(b, a, 0, 2))
LSX_2(__lsx_vilvh_b, v16i8,
      __builtin_shufflevector(b, a, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31))
LSX_2(__lsx_vilvh_h, v8i16, __builtin_shufflevector(b, a, 4, 12, 5, 13, 6, 14, 7, 15))
LSX_2(__lsx_vilvh_w, v4i32, __builtin_shufflevector(b, a, 2, 6, 3, 7))
LSX_2(__lsx_vilvh_d, v2i64, __builtin_shufflevector(b, a, 1, 3))

/* Interleaves every second element. Shifts and masks are cheaper than a general shuffle of two vectors. */
LSX_2(__lsx_vpackev_b, v8u16, LSX_EVEN_BU(b) | (a << 8))
LSX_2(__lsx_vpackev_h, v4u32, LSX_EVEN_HU(b) | (a << 16))
LSX_2(__lsx_vpackev_w, v4i32, __builtin_shufflevector(b, a, 0, 4, 2, 6))
LSX_2(__lsx_vpackev_d, v2i64, __builtin_shufflevector(b, a, 0, 2))
LSX_2(__lsx_vpackod_b, v8u16, LSX_ODD_BU(b) | (a & (v8u16)lsx_fill_h(0xff00)))
LSX_2(__lsx_vpackod_h, v4u32, LSX_ODD_HU(b) | (a & (v4u32)lsx_fill_w((int)0xffff0000)))
LSX_2(__lsx_vpackod_w, v4i32, __builtin_shufflevector(b, a, 1, 5, 3, 7))
LSX_2(__lsx_vpackod_d, v2i64, __builtin_shufflevector(b, a, 1, 3))

/* ---- Shuffles ---- */

/* `n` must be a constant. It has two bits for each of four elements. */
#define __lsx_vshuf4i_b(a, n)                                                                                         \
    ((__m128i)__builtin_shufflevector((v16i8)(a), (v16i8)(a), (n) & 3, (n) >> 2 & 3, (n) >> 4 & 3, (n) >> 6 & 3,      \
                                      4 + ((n) & 3), 4 + ((n) >> 2 & 3), 4 + ((n) >> 4 & 3), 4 + ((n) >> 6 & 3),      \
                                      8 + ((n) & 3), 8 + ((n) >> 2 & 3), 8 + ((n) >> 4 & 3), 8 + ((n) >> 6 & 3),      \
                                      12 + ((n) & 3), 12 + ((n) >> 2 & 3), 12 + ((n) >> 4 & 3), 12 + ((n) >> 6 & 3)))

/* Returns the bytes of `a` from byte `n` on, followed by zeros. `n` must be a constant. */
#define __lsx_vbsrl_v(a, n)                                                                                     \
    ((__m128i)__builtin_shufflevector((v16i8)(a), (v16i8){0}, ((n) & 15) + 0, ((n) & 15) + 1, ((n) & 15) + 2,   \
                                      ((n) & 15) + 3, ((n) & 15) + 4, ((n) & 15) + 5, ((n) & 15) + 6,           \
                                      ((n) & 15) + 7, ((n) & 15) + 8, ((n) & 15) + 9, ((n) & 15) + 10,          \
                                      ((n) & 15) + 11, ((n) & 15) + 12, ((n) & 15) + 13, ((n) & 15) + 14,       \
                                      ((n) & 15) + 15))

/* Returns the bytes of `a` at the indices `numbers`, and zero for indices above 15. */
LSX_FN v16u8 lsx_lookup(v16u8 a, v16u8 numbers)
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

/* Returns any bytes of the concatenation of `b` and `a`. Kernels use no indices above 31, where processors differ. */
LSX_3(lsx_shuf_b, v16u8, lsx_lookup(b, c) | lsx_lookup(a, c - (v16u8)lsx_fill_b(16)))
LSX_2(lsx_shuf1_b, v16u8, lsx_lookup(a, b & (v16u8)lsx_fill_b(15)))
#define __lsx_vshuf_b(a, b, c) (LSX_SAME(a, b) ? lsx_shuf1_b((a), (c)) : lsx_shuf_b((a), (b), (c)))

#endif
