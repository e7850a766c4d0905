/*
 * The intrinsics of Arm Neon (AArch64) for WebAssembly, as far as libvpx uses
 * them.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Most are vector expressions of clang, which it lowers to one instruction each.
 * The others use wasm_simd128.h, in the form that is fast on x86-64 and AArch64.
 * A vector of 64 bits lies in the lower half of a register.
 */
#ifndef AFMPEG_ARM_NEON_H_
#define AFMPEG_ARM_NEON_H_

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

#define NEON_FN \
  static inline __attribute__((__always_inline__, __nodebug__, __unused__))

/* Types. */

#define NEON_TYPES(E, B, L, Q)                               \
  typedef E##_t E##x##L##_t __attribute__((vector_size(8))); \
  typedef E##_t E##x##Q##_t __attribute__((vector_size(16)));
NEON_TYPES(int8, 8, 8, 16)
NEON_TYPES(uint8, 8, 8, 16)
NEON_TYPES(int16, 16, 4, 8)
NEON_TYPES(uint16, 16, 4, 8)
NEON_TYPES(int32, 32, 2, 4)
NEON_TYPES(uint32, 32, 2, 4)
NEON_TYPES(int64, 64, 1, 2)
NEON_TYPES(uint64, 64, 1, 2)

#define NEON_TUPLES(T)    \
  typedef struct {        \
    T##_t val[2];         \
  } T##x2_t;              \
  typedef struct {        \
    T##_t val[3];         \
  } T##x3_t;              \
  typedef struct {        \
    T##_t val[4];         \
  } T##x4_t;
NEON_TUPLES(int8x8)
NEON_TUPLES(int8x16)
NEON_TUPLES(uint8x8)
NEON_TUPLES(uint8x16)
NEON_TUPLES(int16x4)
NEON_TUPLES(int16x8)
NEON_TUPLES(uint16x4)
NEON_TUPLES(uint16x8)
NEON_TUPLES(int32x2)
NEON_TUPLES(int32x4)
NEON_TUPLES(uint32x2)
NEON_TUPLES(uint32x4)
NEON_TUPLES(int64x1)
NEON_TUPLES(int64x2)
NEON_TUPLES(uint64x1)
NEON_TUPLES(uint64x2)

/* The lists of types: M(suffix, element, 64 bits, 128 bits, lanes of 64 bits,
 * unsigned 64 bits, unsigned 128 bits). */

#define NEON_EACH_U8(M) M(u8, uint8_t, uint8x8_t, uint8x16_t)
#define NEON_EACH_S8(M) M(s8, int8_t, int8x8_t, int8x16_t)
#define NEON_EACH_U16(M) M(u16, uint16_t, uint16x4_t, uint16x8_t)
#define NEON_EACH_S16(M) M(s16, int16_t, int16x4_t, int16x8_t)
#define NEON_EACH_U32(M) M(u32, uint32_t, uint32x2_t, uint32x4_t)
#define NEON_EACH_S32(M) M(s32, int32_t, int32x2_t, int32x4_t)
#define NEON_EACH_U64(M) M(u64, uint64_t, uint64x1_t, uint64x2_t)
#define NEON_EACH_S64(M) M(s64, int64_t, int64x1_t, int64x2_t)
#define NEON_EACH_TO_32(M) \
  NEON_EACH_U8(M)          \
  NEON_EACH_S8(M)          \
  NEON_EACH_U16(M)         \
  NEON_EACH_S16(M)         \
  NEON_EACH_U32(M)         \
  NEON_EACH_S32(M)
#define NEON_EACH(M)  \
  NEON_EACH_TO_32(M)  \
  NEON_EACH_U64(M)    \
  NEON_EACH_S64(M)

/* M(narrow suffix, wide suffix, narrow 64 bits, narrow 128 bits, wide 128 bits,
 * wide element, unsigned wide 128 bits) */
#define NEON_EACH_WIDENING(M)                                                 \
  M(u8, u16, uint8x8_t, uint8x16_t, uint16x8_t, uint8_t, uint16_t, uint16x8_t)   \
  M(s8, s16, int8x8_t, int8x16_t, int16x8_t, int8_t, int16_t, uint16x8_t)        \
  M(u16, u32, uint16x4_t, uint16x8_t, uint32x4_t, uint16_t, uint32_t, uint32x4_t) \
  M(s16, s32, int16x4_t, int16x8_t, int32x4_t, int16_t, int32_t, uint32x4_t)     \
  M(u32, u64, uint32x2_t, uint32x4_t, uint64x2_t, uint32_t, uint64_t, uint64x2_t) \
  M(s32, s64, int32x2_t, int32x4_t, int64x2_t, int32_t, int64_t, uint64x2_t)

/* Every vector as another type of the same size. */

#define NEON_REINTERPRET(A, B, TA, TB, QA, QB)                   \
  NEON_FN TA vreinterpret_##A##_##B(TB a) { return (TA)a; }      \
  NEON_FN QA vreinterpretq_##A##_##B(QB a) { return (QA)a; }
#define NEON_REINTERPRET_FROM(B, TB, QB)                     \
  NEON_REINTERPRET(u8, B, uint8x8_t, TB, uint8x16_t, QB)     \
  NEON_REINTERPRET(s8, B, int8x8_t, TB, int8x16_t, QB)       \
  NEON_REINTERPRET(u16, B, uint16x4_t, TB, uint16x8_t, QB)   \
  NEON_REINTERPRET(s16, B, int16x4_t, TB, int16x8_t, QB)     \
  NEON_REINTERPRET(u32, B, uint32x2_t, TB, uint32x4_t, QB)   \
  NEON_REINTERPRET(s32, B, int32x2_t, TB, int32x4_t, QB)     \
  NEON_REINTERPRET(u64, B, uint64x1_t, TB, uint64x2_t, QB)   \
  NEON_REINTERPRET(s64, B, int64x1_t, TB, int64x2_t, QB)
NEON_REINTERPRET_FROM(u8, uint8x8_t, uint8x16_t)
NEON_REINTERPRET_FROM(s8, int8x8_t, int8x16_t)
NEON_REINTERPRET_FROM(u16, uint16x4_t, uint16x8_t)
NEON_REINTERPRET_FROM(s16, int16x4_t, int16x8_t)
NEON_REINTERPRET_FROM(u32, uint32x2_t, uint32x4_t)
NEON_REINTERPRET_FROM(s32, int32x2_t, int32x4_t)
NEON_REINTERPRET_FROM(u64, uint64x1_t, uint64x2_t)
NEON_REINTERPRET_FROM(s64, int64x1_t, int64x2_t)

/* Halves, single lanes, memory. A load or store may be unaligned. */

#define NEON_BASIC(S, E, D, Q)                                              \
  NEON_FN Q neon_wide_##S(D a) {                                            \
    return (Q)__builtin_shufflevector((uint64x1_t)a, (uint64x1_t)a, 0, -1); \
  }                                                                         \
  NEON_FN D vcreate_##S(uint64_t a) { return (D)(uint64x1_t){ a }; }        \
  NEON_FN Q vdupq_n_##S(E a) { return (Q){ 0 } + a; }                       \
  NEON_FN D vdup_n_##S(E a) { return (D){ 0 } + a; }                        \
  NEON_FN Q vmovq_n_##S(E a) { return (Q){ 0 } + a; }                       \
  NEON_FN D vmov_n_##S(E a) { return (D){ 0 } + a; }                        \
  NEON_FN Q vld1q_##S(const E *p) {                                         \
    Q a;                                                                    \
    memcpy(&a, p, sizeof(a));                                               \
    return a;                                                               \
  }                                                                         \
  NEON_FN D vld1_##S(const E *p) {                                          \
    D a;                                                                    \
    memcpy(&a, p, sizeof(a));                                               \
    return a;                                                               \
  }                                                                         \
  NEON_FN void vst1q_##S(E *p, Q a) { memcpy(p, &a, sizeof(a)); }           \
  NEON_FN void vst1_##S(E *p, D a) { memcpy(p, &a, sizeof(a)); }            \
  NEON_FN Q vld1q_dup_##S(const E *p) { return (Q){ 0 } + *p; }             \
  NEON_FN D vld1_dup_##S(const E *p) { return (D){ 0 } + *p; }              \
  NEON_FN E neon_get_##S(D a, int lane) { return a[lane]; }                 \
  NEON_FN E neon_getq_##S(Q a, int lane) { return a[lane]; }                \
  NEON_FN D neon_set_##S(E e, D a, int lane) {                              \
    a[lane] = e;                                                            \
    return a;                                                               \
  }                                                                         \
  NEON_FN Q neon_setq_##S(E e, Q a, int lane) {                             \
    a[lane] = e;                                                            \
    return a;                                                               \
  }                                                                         \
  NEON_FN D neon_ld1_lane_##S(const void *p, D a, int lane) {               \
    E e;                                                                    \
    memcpy(&e, p, sizeof(e));                                               \
    a[lane] = e;                                                            \
    return a;                                                               \
  }                                                                         \
  NEON_FN void neon_st1_lane_##S(void *p, D a, int lane) {                  \
    E e = a[lane];                                                          \
    memcpy(p, &e, sizeof(e));                                               \
  }                                                                         \
  NEON_FN D vadd_##S(D a, D b) { return a + b; }                            \
  NEON_FN Q vaddq_##S(Q a, Q b) { return a + b; }                           \
  NEON_FN D vsub_##S(D a, D b) { return a - b; }                            \
  NEON_FN Q vsubq_##S(Q a, Q b) { return a - b; }                           \
  NEON_FN D vand_##S(D a, D b) { return a & b; }                            \
  NEON_FN Q vandq_##S(Q a, Q b) { return a & b; }                           \
  NEON_FN D vorr_##S(D a, D b) { return a | b; }                            \
  NEON_FN Q vorrq_##S(Q a, Q b) { return a | b; }                           \
  NEON_FN D veor_##S(D a, D b) { return a ^ b; }                            \
  NEON_FN Q veorq_##S(Q a, Q b) { return a ^ b; }                           \
  NEON_FN D vbic_##S(D a, D b) { return a & ~b; }                           \
  NEON_FN Q vbicq_##S(Q a, Q b) { return a & ~b; }                          \
  NEON_FN D vmvn_##S(D a) { return ~a; }                                    \
  NEON_FN Q vmvnq_##S(Q a) { return ~a; }                                   \
  NEON_FN D vshr_n_##S(D a, int n) { return a >> (E)n; }                    \
  NEON_FN Q vshrq_n_##S(Q a, int n) { return a >> (E)n; }                   \
  NEON_FN D vshl_n_##S(D a, int n) { return a << (E)n; }                    \
  NEON_FN Q vshlq_n_##S(Q a, int n) { return a << (E)n; }
NEON_EACH(NEON_BASIC)

/* The type of the elements lets clang join a half and its extension. */
#define NEON_HALVES(S, D, Q, L, H, LH)                                     \
  NEON_FN D vget_low_##S(Q a) { return __builtin_shufflevector(a, a, L); } \
  NEON_FN D vget_high_##S(Q a) { return __builtin_shufflevector(a, a, H); } \
  NEON_FN Q vcombine_##S(D a, D b) { return __builtin_shufflevector(a, b, LH); }
#define NEON_LANES(...) __VA_ARGS__
#define NEON_HALVES_8(S, D, Q)                                          \
  NEON_HALVES(S, D, Q, NEON_LANES(0, 1, 2, 3, 4, 5, 6, 7),              \
              NEON_LANES(8, 9, 10, 11, 12, 13, 14, 15),                 \
              NEON_LANES(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,  \
                         14, 15))
#define NEON_HALVES_4(S, D, Q)                                             \
  NEON_HALVES(S, D, Q, NEON_LANES(0, 1, 2, 3), NEON_LANES(4, 5, 6, 7),     \
              NEON_LANES(0, 1, 2, 3, 4, 5, 6, 7))
#define NEON_HALVES_2(S, D, Q) \
  NEON_HALVES(S, D, Q, NEON_LANES(0, 1), NEON_LANES(2, 3), NEON_LANES(0, 1, 2, 3))
NEON_HALVES_8(u8, uint8x8_t, uint8x16_t)
NEON_HALVES_8(s8, int8x8_t, int8x16_t)
NEON_HALVES_4(u16, uint16x4_t, uint16x8_t)
NEON_HALVES_4(s16, int16x4_t, int16x8_t)
NEON_HALVES_2(u32, uint32x2_t, uint32x4_t)
NEON_HALVES_2(s32, int32x2_t, int32x4_t)
NEON_HALVES(u64, uint64x1_t, uint64x2_t, 0, 1, NEON_LANES(0, 1))
NEON_HALVES(s64, int64x1_t, int64x2_t, 0, 1, NEON_LANES(0, 1))

#define vget_lane_u8(a, n) neon_get_u8(a, n)
#define vget_lane_s8(a, n) neon_get_s8(a, n)
#define vget_lane_u16(a, n) neon_get_u16(a, n)
#define vget_lane_s16(a, n) neon_get_s16(a, n)
#define vget_lane_u32(a, n) neon_get_u32(a, n)
#define vget_lane_s32(a, n) neon_get_s32(a, n)
#define vget_lane_u64(a, n) neon_get_u64(a, n)
#define vget_lane_s64(a, n) neon_get_s64(a, n)
#define vgetq_lane_u8(a, n) neon_getq_u8(a, n)
#define vgetq_lane_s8(a, n) neon_getq_s8(a, n)
#define vgetq_lane_u16(a, n) neon_getq_u16(a, n)
#define vgetq_lane_s16(a, n) neon_getq_s16(a, n)
#define vgetq_lane_u32(a, n) neon_getq_u32(a, n)
#define vgetq_lane_s32(a, n) neon_getq_s32(a, n)
#define vgetq_lane_u64(a, n) neon_getq_u64(a, n)
#define vgetq_lane_s64(a, n) neon_getq_s64(a, n)
#define vset_lane_u16(e, a, n) neon_set_u16(e, a, n)
#define vset_lane_s16(e, a, n) neon_set_s16(e, a, n)
#define vset_lane_u32(e, a, n) neon_set_u32(e, a, n)
#define vset_lane_s32(e, a, n) neon_set_s32(e, a, n)
#define vset_lane_u64(e, a, n) neon_set_u64(e, a, n)
#define vset_lane_s64(e, a, n) neon_set_s64(e, a, n)
#define vsetq_lane_u16(e, a, n) neon_setq_u16(e, a, n)
#define vsetq_lane_s16(e, a, n) neon_setq_s16(e, a, n)
#define vsetq_lane_u32(e, a, n) neon_setq_u32(e, a, n)
#define vsetq_lane_s32(e, a, n) neon_setq_s32(e, a, n)
#define vsetq_lane_u64(e, a, n) neon_setq_u64(e, a, n)
#define vsetq_lane_s64(e, a, n) neon_setq_s64(e, a, n)
#define vld1_lane_u8(p, a, n) neon_ld1_lane_u8(p, a, n)
#define vld1_lane_u16(p, a, n) neon_ld1_lane_u16(p, a, n)
#define vld1_lane_s16(p, a, n) neon_ld1_lane_s16(p, a, n)
#define vld1_lane_u32(p, a, n) neon_ld1_lane_u32(p, a, n)
#define vld1_lane_s32(p, a, n) neon_ld1_lane_s32(p, a, n)
#define vst1_lane_u8(p, a, n) neon_st1_lane_u8(p, a, n)
#define vst1_lane_s8(p, a, n) neon_st1_lane_s8(p, a, n)
#define vst1_lane_u16(p, a, n) neon_st1_lane_u16(p, a, n)
#define vst1_lane_s16(p, a, n) neon_st1_lane_s16(p, a, n)
#define vst1_lane_u32(p, a, n) neon_st1_lane_u32(p, a, n)
#define vst1_lane_s32(p, a, n) neon_st1_lane_s32(p, a, n)

/* Vectors of one lane of another. */

#define NEON_DUP_LANE(S, E, D, Q)                                            \
  NEON_FN D neon_dup_lane_##S(D a, int n) { return (D){ 0 } + a[n]; }        \
  NEON_FN Q neon_dupq_lane_##S(D a, int n) { return (Q){ 0 } + a[n]; }       \
  NEON_FN Q neon_dupq_laneq_##S(Q a, int n) { return (Q){ 0 } + a[n]; }
NEON_EACH(NEON_DUP_LANE)
#define vdup_lane_s8(a, n) neon_dup_lane_s8(a, n)
#define vdup_lane_u8(a, n) neon_dup_lane_u8(a, n)
#define vdup_lane_s16(a, n) neon_dup_lane_s16(a, n)
#define vdup_lane_u16(a, n) neon_dup_lane_u16(a, n)
#define vdup_lane_s32(a, n) neon_dup_lane_s32(a, n)
#define vdup_lane_u32(a, n) neon_dup_lane_u32(a, n)
#define vdupq_lane_s8(a, n) neon_dupq_lane_s8(a, n)
#define vdupq_lane_u8(a, n) neon_dupq_lane_u8(a, n)
#define vdupq_lane_s16(a, n) neon_dupq_lane_s16(a, n)
#define vdupq_lane_u16(a, n) neon_dupq_lane_u16(a, n)
#define vdupq_lane_s32(a, n) neon_dupq_lane_s32(a, n)
#define vdupq_lane_u32(a, n) neon_dupq_lane_u32(a, n)
#define vdupq_lane_s64(a, n) neon_dupq_lane_s64(a, n)
#define vdupq_lane_u64(a, n) neon_dupq_lane_u64(a, n)
#define vdupq_laneq_s16(a, n) neon_dupq_laneq_s16(a, n)
#define vdupq_laneq_u16(a, n) neon_dupq_laneq_u16(a, n)

/* Comparisons, extremes, products, absolute values. */

#define NEON_COMPARE(S, E, D, Q, U, V)                                      \
  NEON_FN U vceq_##S(D a, D b) { return (U)(a == b); }                      \
  NEON_FN V vceqq_##S(Q a, Q b) { return (V)(a == b); }                     \
  NEON_FN U vcgt_##S(D a, D b) { return (U)(a > b); }                       \
  NEON_FN V vcgtq_##S(Q a, Q b) { return (V)(a > b); }                      \
  NEON_FN U vcge_##S(D a, D b) { return (U)(a >= b); }                      \
  NEON_FN V vcgeq_##S(Q a, Q b) { return (V)(a >= b); }                     \
  NEON_FN U vclt_##S(D a, D b) { return (U)(a < b); }                       \
  NEON_FN V vcltq_##S(Q a, Q b) { return (V)(a < b); }                      \
  NEON_FN U vcle_##S(D a, D b) { return (U)(a <= b); }                      \
  NEON_FN V vcleq_##S(Q a, Q b) { return (V)(a <= b); }                     \
  NEON_FN U vtst_##S(D a, D b) { return (U)((a & b) != 0); }                \
  NEON_FN V vtstq_##S(Q a, Q b) { return (V)((a & b) != 0); }               \
  NEON_FN D vmax_##S(D a, D b) { return __builtin_elementwise_max(a, b); }  \
  NEON_FN Q vmaxq_##S(Q a, Q b) { return __builtin_elementwise_max(a, b); } \
  NEON_FN D vmin_##S(D a, D b) { return __builtin_elementwise_min(a, b); }  \
  NEON_FN Q vminq_##S(Q a, Q b) { return __builtin_elementwise_min(a, b); } \
  NEON_FN D vbsl_##S(U m, D a, D b) {                                       \
    return (D)(((U)a & m) | ((U)b & ~m));                                   \
  }                                                                         \
  NEON_FN Q vbslq_##S(V m, Q a, Q b) {                                      \
    return (Q)wasm_v128_bitselect((v128_t)a, (v128_t)b, (v128_t)m);         \
  }                                                                         \
  NEON_FN D vmul_##S(D a, D b) { return a * b; }                            \
  NEON_FN Q vmulq_##S(Q a, Q b) { return a * b; }                           \
  NEON_FN D vmla_##S(D c, D a, D b) { return c + a * b; }                   \
  NEON_FN Q vmlaq_##S(Q c, Q a, Q b) { return c + a * b; }                  \
  NEON_FN D vmls_##S(D c, D a, D b) { return c - a * b; }                   \
  NEON_FN Q vmlsq_##S(Q c, Q a, Q b) { return c - a * b; }                  \
  NEON_FN D vmul_n_##S(D a, E b) { return a * b; }                          \
  NEON_FN Q vmulq_n_##S(Q a, E b) { return a * b; }                         \
  NEON_FN Q vmlaq_n_##S(Q c, Q a, E b) { return c + a * b; }                \
  NEON_FN Q vmlsq_n_##S(Q c, Q a, E b) { return c - a * b; }                \
  NEON_FN D neon_mul_lane_##S(D a, D b, int n) { return a * b[n]; }         \
  NEON_FN Q neon_mulq_lane_##S(Q a, D b, int n) { return a * b[n]; }        \
  NEON_FN Q vpaddq_##S(Q a, Q b) { return neon_evenq_##S(a, b) + neon_oddq_##S(a, b); } \
  NEON_FN D vpadd_##S(D a, D b) { return neon_even_##S(a, b) + neon_odd_##S(a, b); } \
  NEON_FN D vpmax_##S(D a, D b) {                                           \
    return __builtin_elementwise_max(neon_even_##S(a, b), neon_odd_##S(a, b)); \
  }                                                                         \
  NEON_FN D vpmin_##S(D a, D b) {                                           \
    return __builtin_elementwise_min(neon_even_##S(a, b), neon_odd_##S(a, b)); \
  }                                                                         \
  NEON_FN E vmaxvq_##S(Q a) { return __builtin_reduce_max(a); }             \
  NEON_FN E vminvq_##S(Q a) { return __builtin_reduce_min(a); }             \
  NEON_FN E vaddv_##S(D a) { return (E)__builtin_reduce_add(a); }           \
  NEON_FN E vaddvq_##S(Q a) { return (E)__builtin_reduce_add(a); }

/* Orders of lanes. */

#define NEON_EVEN_2(a, b) __builtin_shufflevector(a, b, 0, 2)
#define NEON_ODD_2(a, b) __builtin_shufflevector(a, b, 1, 3)
#define NEON_TRN1_2 NEON_EVEN_2
#define NEON_TRN2_2 NEON_ODD_2
#define NEON_ZIP1_2 NEON_EVEN_2
#define NEON_ZIP2_2 NEON_ODD_2
#define NEON_EVEN_4(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define NEON_ODD_4(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define NEON_TRN1_4(a, b) __builtin_shufflevector(a, b, 0, 4, 2, 6)
#define NEON_TRN2_4(a, b) __builtin_shufflevector(a, b, 1, 5, 3, 7)
#define NEON_ZIP1_4(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define NEON_ZIP2_4(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define NEON_EVEN_8(a, b) \
  __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define NEON_ODD_8(a, b) \
  __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define NEON_TRN1_8(a, b) \
  __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14)
#define NEON_TRN2_8(a, b) \
  __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15)
#define NEON_ZIP1_8(a, b) \
  __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define NEON_ZIP2_8(a, b) \
  __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define NEON_EVEN_16(a, b)                                                   \
  __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, \
                          26, 28, 30)
#define NEON_ODD_16(a, b)                                                    \
  __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, \
                          27, 29, 31)
#define NEON_TRN1_16(a, b)                                                   \
  __builtin_shufflevector(a, b, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, \
                          28, 14, 30)
#define NEON_TRN2_16(a, b)                                                   \
  __builtin_shufflevector(a, b, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, \
                          29, 15, 31)
#define NEON_ZIP1_16(a, b)                                                  \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, \
                          22, 7, 23)
#define NEON_ZIP2_16(a, b)                                                    \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, \
                          14, 30, 15, 31)

#define NEON_ORDERS(S, T, Q, N)                                        \
  NEON_FN T##_t neon_even##Q##_##S(T##_t a, T##_t b) {                 \
    return NEON_EVEN_##N(a, b);                                        \
  }                                                                    \
  NEON_FN T##_t neon_odd##Q##_##S(T##_t a, T##_t b) {                  \
    return NEON_ODD_##N(a, b);                                         \
  }                                                                    \
  NEON_FN T##x2_t vtrn##Q##_##S(T##_t a, T##_t b) {                    \
    return (T##x2_t){ { NEON_TRN1_##N(a, b), NEON_TRN2_##N(a, b) } };  \
  }                                                                    \
  NEON_FN T##x2_t vzip##Q##_##S(T##_t a, T##_t b) {                    \
    return (T##x2_t){ { NEON_ZIP1_##N(a, b), NEON_ZIP2_##N(a, b) } };  \
  }                                                                    \
  NEON_FN T##x2_t vuzp##Q##_##S(T##_t a, T##_t b) {                    \
    return (T##x2_t){ { NEON_EVEN_##N(a, b), NEON_ODD_##N(a, b) } };   \
  }
NEON_ORDERS(u8, uint8x8, , 8)
NEON_ORDERS(s8, int8x8, , 8)
NEON_ORDERS(u16, uint16x4, , 4)
NEON_ORDERS(s16, int16x4, , 4)
NEON_ORDERS(u32, uint32x2, , 2)
NEON_ORDERS(s32, int32x2, , 2)
NEON_ORDERS(u8, uint8x16, q, 16)
NEON_ORDERS(s8, int8x16, q, 16)
NEON_ORDERS(u16, uint16x8, q, 8)
NEON_ORDERS(s16, int16x8, q, 8)
NEON_ORDERS(u32, uint32x4, q, 4)
NEON_ORDERS(s32, int32x4, q, 4)
NEON_FN int64x2_t vtrn1q_s64(int64x2_t a, int64x2_t b) {
  return NEON_TRN1_2(a, b);
}
NEON_FN int64x2_t vtrn2q_s64(int64x2_t a, int64x2_t b) {
  return NEON_TRN2_2(a, b);
}
NEON_FN uint64x2_t vtrn1q_u64(uint64x2_t a, uint64x2_t b) {
  return NEON_TRN1_2(a, b);
}
NEON_FN uint64x2_t vtrn2q_u64(uint64x2_t a, uint64x2_t b) {
  return NEON_TRN2_2(a, b);
}

NEON_COMPARE(u8, uint8_t, uint8x8_t, uint8x16_t, uint8x8_t, uint8x16_t)
NEON_COMPARE(s8, int8_t, int8x8_t, int8x16_t, uint8x8_t, uint8x16_t)
NEON_COMPARE(u16, uint16_t, uint16x4_t, uint16x8_t, uint16x4_t, uint16x8_t)
NEON_COMPARE(s16, int16_t, int16x4_t, int16x8_t, uint16x4_t, uint16x8_t)
NEON_COMPARE(u32, uint32_t, uint32x2_t, uint32x4_t, uint32x2_t, uint32x4_t)
NEON_COMPARE(s32, int32_t, int32x2_t, int32x4_t, uint32x2_t, uint32x4_t)
NEON_FN int64_t vaddvq_s64(int64x2_t a) { return a[0] + a[1]; }
NEON_FN uint64_t vaddvq_u64(uint64x2_t a) { return a[0] + a[1]; }
#define vmul_lane_s16(a, b, n) neon_mul_lane_s16(a, b, n)
#define vmla_lane_s16(c, a, b, n) ((c) + neon_mul_lane_s16(a, b, n))
#define vmulq_lane_s16(a, b, n) neon_mulq_lane_s16(a, b, n)
#define vmulq_lane_s32(a, b, n) neon_mulq_lane_s32(a, b, n)
#define vmlaq_lane_s16(c, a, b, n) ((c) + neon_mulq_lane_s16(a, b, n))
#define vmlsq_lane_s16(c, a, b, n) ((c) - neon_mulq_lane_s16(a, b, n))
#define vmlaq_lane_s32(c, a, b, n) ((c) + neon_mulq_lane_s32(a, b, n))
#define vmlsq_lane_s32(c, a, b, n) ((c) - neon_mulq_lane_s32(a, b, n))

#define NEON_SIGNED(S, E, D, Q)                                         \
  NEON_FN D vneg_##S(D a) { return -a; }                                \
  NEON_FN Q vnegq_##S(Q a) { return -a; }                               \
  NEON_FN D vabs_##S(D a) { return __builtin_elementwise_abs(a); }      \
  NEON_FN Q vabsq_##S(Q a) { return __builtin_elementwise_abs(a); }
NEON_EACH_S8(NEON_SIGNED)
NEON_EACH_S16(NEON_SIGNED)
NEON_EACH_S32(NEON_SIGNED)

/* |a - b| as max - min, whose difference wraps to the right bits. */
#define NEON_DISTANCE(S, E, D, Q)                                      \
  NEON_FN D vabd_##S(D a, D b) { return vmax_##S(a, b) - vmin_##S(a, b); }    \
  NEON_FN Q vabdq_##S(Q a, Q b) { return vmaxq_##S(a, b) - vminq_##S(a, b); } \
  NEON_FN D vaba_##S(D c, D a, D b) { return c + vabd_##S(a, b); }            \
  NEON_FN Q vabaq_##S(Q c, Q a, Q b) { return c + vabdq_##S(a, b); }
NEON_EACH_TO_32(NEON_DISTANCE)

#define NEON_SATURATING(S, E, D, Q)                                             \
  NEON_FN D vqadd_##S(D a, D b) { return __builtin_elementwise_add_sat(a, b); } \
  NEON_FN Q vqaddq_##S(Q a, Q b) { return __builtin_elementwise_add_sat(a, b); } \
  NEON_FN D vqsub_##S(D a, D b) { return __builtin_elementwise_sub_sat(a, b); } \
  NEON_FN Q vqsubq_##S(Q a, Q b) { return __builtin_elementwise_sub_sat(a, b); }
NEON_EACH(NEON_SATURATING)

/* Every vector is shifted by one count in libvpx: to the left, or to the right
 * by a negative count. */
#define NEON_SHIFT(S, E, Q, I)                      \
  NEON_FN Q vshlq_##S(Q a, I b) {                   \
    int n = (int)b[0];                              \
    return n < 0 ? a >> (E)-n : a << (E)n;          \
  }
NEON_SHIFT(s16, int16_t, int16x8_t, int16x8_t)
NEON_SHIFT(u16, uint16_t, uint16x8_t, int16x8_t)
NEON_SHIFT(s32, int32_t, int32x4_t, int32x4_t)
NEON_SHIFT(u32, uint32_t, uint32x4_t, int32x4_t)
NEON_SHIFT(u64, uint64_t, uint64x2_t, int64x2_t)

/* Wider results. */

#define NEON_WIDENING(S, W, D, Q, R, E, F, U)                                  \
  NEON_FN R vmovl_##S(D a) { return __builtin_convertvector(a, R); }           \
  NEON_FN R vaddl_##S(D a, D b) { return vmovl_##S(a) + vmovl_##S(b); }        \
  NEON_FN R vsubl_##S(D a, D b) { return vmovl_##S(a) - vmovl_##S(b); }        \
  NEON_FN R vaddw_##S(R a, D b) { return a + vmovl_##S(b); }                   \
  NEON_FN R vsubw_##S(R a, D b) { return a - vmovl_##S(b); }                   \
  NEON_FN R vmull_##S(D a, D b) { return vmovl_##S(a) * vmovl_##S(b); }        \
  NEON_FN R vmlal_##S(R c, D a, D b) { return c + vmull_##S(a, b); }           \
  NEON_FN R vmlsl_##S(R c, D a, D b) { return c - vmull_##S(a, b); }           \
  NEON_FN R vmull_n_##S(D a, E b) { return vmull_##S(a, vdup_n_##S(b)); }      \
  NEON_FN R vmlal_n_##S(R c, D a, E b) { return c + vmull_n_##S(a, b); }       \
  NEON_FN R vmlsl_n_##S(R c, D a, E b) { return c - vmull_n_##S(a, b); }       \
  NEON_FN R neon_mull_lane_##S(D a, D b, int n) {                              \
    return vmull_##S(a, vdup_n_##S(b[n]));                                     \
  } \
  NEON_FN R vabdl_##S(D a, D b) {                                              \
    return (R)__builtin_convertvector((neon_u_##S)vabd_##S(a, b), U);          \
  }                                                                            \
  NEON_FN R vabal_##S(R c, D a, D b) { return c + vabdl_##S(a, b); }           \
  NEON_FN R vshll_n_##S(D a, int n) { return vmovl_##S(a) << (F)n; }
typedef uint8x8_t neon_u_u8, neon_u_s8;
typedef uint16x4_t neon_u_u16, neon_u_s16;
typedef uint32x2_t neon_u_u32, neon_u_s32;
NEON_EACH_WIDENING(NEON_WIDENING)
/* A constant would become a product of 64 bits, which x86-64 has not. */
NEON_FN int64x2_t neon_mull_n_s32(int32x2_t a, int32_t b) {
  int32x4_t c = vdupq_n_s32(b);
  __asm__("" : "+r"(c));
  return vmull_s32(a, vget_low_s32(c));
}
#define vmull_n_s32(a, b) neon_mull_n_s32(a, b)
#define vmlal_n_s32(c, a, b) ((c) + neon_mull_n_s32(a, b))
#define vmlsl_n_s32(c, a, b) ((c) - neon_mull_n_s32(a, b))
#define vmull_lane_s16(a, b, n) neon_mull_lane_s16(a, b, n)
#define vmlal_lane_s16(c, a, b, n) ((c) + neon_mull_lane_s16(a, b, n))
#define vmlsl_lane_s16(c, a, b, n) ((c) - neon_mull_lane_s16(a, b, n))
#define vmull_lane_s32(a, b, n) neon_mull_lane_s32(a, b, n)
#define vmlal_lane_s32(c, a, b, n) ((c) + neon_mull_lane_s32(a, b, n))
#define vmlsl_lane_s32(c, a, b, n) ((c) - neon_mull_lane_s32(a, b, n))

/* Sums of neighbours. */

NEON_FN uint16x8_t vpaddlq_u8(uint8x16_t a) {
  return (uint16x8_t)wasm_u16x8_extadd_pairwise_u8x16((v128_t)a);
}
NEON_FN int16x8_t vpaddlq_s8(int8x16_t a) {
  return (int16x8_t)wasm_i16x8_extadd_pairwise_i8x16((v128_t)a);
}
NEON_FN uint32x4_t vpaddlq_u16(uint16x8_t a) {
  return (uint32x4_t)wasm_u32x4_extadd_pairwise_u16x8((v128_t)a);
}
NEON_FN int32x4_t vpaddlq_s16(int16x8_t a) {
  return (int32x4_t)wasm_i32x4_extadd_pairwise_i16x8((v128_t)a);
}
NEON_FN uint64x2_t vpaddlq_u32(uint32x4_t a) {
  uint64x2_t b = (uint64x2_t)a;
  return (b & 0xffffffffu) + (b >> 32);
}
NEON_FN int64x2_t vpaddlq_s32(int32x4_t a) {
  int64x2_t b = (int64x2_t)a;
  return ((b << 32) >> 32) + (b >> 32);
}
NEON_FN uint16x4_t vpaddl_u8(uint8x8_t a) {
  return vget_low_u16(vpaddlq_u8(neon_wide_u8(a)));
}
NEON_FN uint32x2_t vpaddl_u16(uint16x4_t a) {
  return vget_low_u32(vpaddlq_u16(neon_wide_u16(a)));
}
NEON_FN uint64x1_t vpaddl_u32(uint32x2_t a) {
  return (uint64x1_t){ (uint64_t)a[0] + a[1] };
}
NEON_FN int64x1_t vpaddl_s32(int32x2_t a) {
  return (int64x1_t){ (int64_t)a[0] + a[1] };
}
NEON_FN uint16x8_t vpadalq_u8(uint16x8_t c, uint8x16_t a) {
  return c + vpaddlq_u8(a);
}
NEON_FN uint32x4_t vpadalq_u16(uint32x4_t c, uint16x8_t a) {
  return c + vpaddlq_u16(a);
}
NEON_FN int32x4_t vpadalq_s16(int32x4_t c, int16x8_t a) {
  return c + vpaddlq_s16(a);
}
NEON_FN uint64x2_t vpadalq_u32(uint64x2_t c, uint32x4_t a) {
  return c + vpaddlq_u32(a);
}
NEON_FN int64x2_t vpadalq_s32(int64x2_t c, int32x4_t a) {
  return c + vpaddlq_s32(a);
}
NEON_FN uint32_t vaddlvq_u16(uint16x8_t a) { return vaddvq_u32(vpaddlq_u16(a)); }
NEON_FN int32_t vaddlvq_s16(int16x8_t a) { return vaddvq_s32(vpaddlq_s16(a)); }
NEON_FN uint16_t vaddlvq_u8(uint8x16_t a) {
  return (uint16_t)vaddvq_u32(vpaddlq_u16(vpaddlq_u8(a)));
}
NEON_FN int16_t vaddlvq_s8(int8x16_t a) {
  return (int16_t)vaddvq_s32(vpaddlq_s16(vpaddlq_s8(a)));
}
NEON_FN uint16_t vaddlv_u8(uint8x8_t a) {
  return (uint16_t)vaddvq_u32(vpaddlq_u16(vmovl_u8(a)));
}
NEON_FN uint64_t vaddlvq_u32(uint32x4_t a) { return vaddvq_u64(vpaddlq_u32(a)); }
NEON_FN int64_t vaddlvq_s32(int32x4_t a) { return vaddvq_s64(vpaddlq_s32(a)); }

/* Halves of sums and differences. */

NEON_FN uint8x16_t vrhaddq_u8(uint8x16_t a, uint8x16_t b) {
  return (uint8x16_t)wasm_u8x16_avgr((v128_t)a, (v128_t)b);
}
NEON_FN uint16x8_t vrhaddq_u16(uint16x8_t a, uint16x8_t b) {
  return (uint16x8_t)wasm_u16x8_avgr((v128_t)a, (v128_t)b);
}
NEON_FN uint8x8_t vrhadd_u8(uint8x8_t a, uint8x8_t b) {
  return vget_low_u8(vrhaddq_u8(neon_wide_u8(a), neon_wide_u8(b)));
}
NEON_FN uint16x4_t vrhadd_u16(uint16x4_t a, uint16x4_t b) {
  return vget_low_u16(vrhaddq_u16(neon_wide_u16(a), neon_wide_u16(b)));
}
NEON_FN uint8x16_t vhaddq_u8(uint8x16_t a, uint8x16_t b) {
  return vrhaddq_u8(a, b) - ((a ^ b) & 1);
}
NEON_FN uint8x8_t vhadd_u8(uint8x8_t a, uint8x8_t b) {
  return vrhadd_u8(a, b) - ((a ^ b) & 1);
}
NEON_FN uint16x8_t vhaddq_u16(uint16x8_t a, uint16x8_t b) {
  return (a & b) + ((a ^ b) >> 1);
}
NEON_FN uint16x4_t vhadd_u16(uint16x4_t a, uint16x4_t b) {
  return (a & b) + ((a ^ b) >> 1);
}
NEON_FN int16x8_t vhaddq_s16(int16x8_t a, int16x8_t b) {
  return (a & b) + ((a ^ b) >> 1);
}
NEON_FN int32x4_t vhaddq_s32(int32x4_t a, int32x4_t b) {
  return (a & b) + ((a ^ b) >> 1);
}
NEON_FN int16x8_t vhsubq_s16(int16x8_t a, int16x8_t b) {
  return ((a ^ b) >> 1) - (~a & b);
}
NEON_FN int32x4_t vhsubq_s32(int32x4_t a, int32x4_t b) {
  return ((a ^ b) >> 1) - (~a & b);
}

/* Right shifts that round: the last bit that is shifted out is added, so that no
 * sum overflows. */

#define NEON_ROUND(S, E, D, Q)                                                \
  NEON_FN D vrshr_n_##S(D a, int n) {                                         \
    return (a >> (E)n) + ((a >> (E)(n - 1)) & 1);                             \
  }                                                                           \
  NEON_FN Q vrshrq_n_##S(Q a, int n) {                                        \
    return (a >> (E)n) + ((a >> (E)(n - 1)) & 1);                             \
  }                                                                           \
  NEON_FN Q vrsraq_n_##S(Q c, Q a, int n) { return c + vrshrq_n_##S(a, n); }
NEON_EACH(NEON_ROUND)

/* Narrower results. */

NEON_FN uint8x8_t vmovn_u16(uint16x8_t a) {
  a &= 255;
  return vget_low_u8((uint8x16_t)wasm_u8x16_narrow_i16x8((v128_t)a, (v128_t)a));
}
NEON_FN int8x8_t vmovn_s16(int16x8_t a) {
  return (int8x8_t)vmovn_u16((uint16x8_t)a);
}
NEON_FN int16x4_t vmovn_s32(int32x4_t a) {
  a = a << 16 >> 16;
  return vget_low_s16((int16x8_t)wasm_i16x8_narrow_i32x4((v128_t)a, (v128_t)a));
}
NEON_FN uint16x4_t vmovn_u32(uint32x4_t a) {
  return (uint16x4_t)vmovn_s32((int32x4_t)a);
}
NEON_FN uint32x2_t vmovn_u64(uint64x2_t a) {
  return __builtin_convertvector(a, uint32x2_t);
}
NEON_FN int32x2_t vmovn_s64(int64x2_t a) {
  return __builtin_convertvector(a, int32x2_t);
}
/* The carry that a rounding sum loses would be above the bits of the result. */
#define NEON_NARROWING(S, W, D, Q, R, E, F, U)                            \
  NEON_FN D vshrn_n_##W(R a, int n) { return vmovn_##W(a >> (F)n); }      \
  NEON_FN D vrshrn_n_##W(R a, int n) {                                    \
    return vmovn_##W((R)((U)a + (((U){ 0 } + 1) << (F)(n - 1))) >> (F)n); \
  }
NEON_EACH_WIDENING(NEON_NARROWING)

NEON_FN int16x4_t neon_vrshrn_n_s32(int32x4_t a, int n) {
  a = (a + (1 << (n - 1))) << (16 - n) >> 16;
  return vget_low_s16((int16x8_t)wasm_i16x8_narrow_i32x4((v128_t)a, (v128_t)a));
}
#define vrshrn_n_s32(a, n) neon_vrshrn_n_s32(a, n)

NEON_FN uint8x8_t vqmovun_s16(int16x8_t a) {
  return vget_low_u8(
      (uint8x16_t)wasm_u8x16_narrow_i16x8((v128_t)a, (v128_t)a));
}
NEON_FN int8x8_t vqmovn_s16(int16x8_t a) {
  return vget_low_s8((int8x16_t)wasm_i8x16_narrow_i16x8((v128_t)a, (v128_t)a));
}
NEON_FN uint16x4_t vqmovun_s32(int32x4_t a) {
  return vget_low_u16(
      (uint16x8_t)wasm_u16x8_narrow_i32x4((v128_t)a, (v128_t)a));
}
NEON_FN int16x4_t vqmovn_s32(int32x4_t a) {
  return vget_low_s16(
      (int16x8_t)wasm_i16x8_narrow_i32x4((v128_t)a, (v128_t)a));
}
NEON_FN uint8x8_t vqmovn_u16(uint16x8_t a) {
  return vqmovun_s16((int16x8_t)vminq_u16(a, vdupq_n_u16(255)));
}
NEON_FN uint16x4_t vqmovn_u32(uint32x4_t a) {
  return vqmovun_s32((int32x4_t)vminq_u32(a, vdupq_n_u32(65535)));
}
NEON_FN uint32x2_t vqmovn_u64(uint64x2_t a) {
  return (uint32x2_t){ (uint32_t)(a[0] >> 32 ? UINT32_MAX : a[0]),
                       (uint32_t)(a[1] >> 32 ? UINT32_MAX : a[1]) };
}
/* Where the sum with the rounding saturates, so does the result, unless more
 * than 7 bits (8 if unsigned) are shifted out. */
NEON_FN uint8x8_t vqrshrun_n_s16(int16x8_t a, int n) {
  return vqmovun_s16(
      n < 8 ? vqaddq_s16(a, vdupq_n_s16((int16_t)(1 << (n - 1)))) >> (int16_t)n
            : vrshrq_n_s16(a, n));
}
NEON_FN uint8x8_t vqrshrn_n_u16(uint16x8_t a, int n) {
  /* A shifted unsigned number is not negative as a signed one. */
  return vqmovun_s16((int16x8_t)(vqaddq_u16(a, vdupq_n_u16((uint16_t)(1 << (n - 1)))) >>
                     (uint16_t)n));
}
NEON_FN uint16x4_t vqrshrun_n_s32(int32x4_t a, int n) {
  return vqmovun_s32(vrshrq_n_s32(a, n));
}
NEON_FN int16x4_t vqrshrn_n_s32(int32x4_t a, int n) {
  return vqmovn_s32(vrshrq_n_s32(a, n));
}
NEON_FN int8x8_t vqrshrn_n_s16(int16x8_t a, int n) {
  return vqmovn_s16(vrshrq_n_s16(a, n));
}
NEON_FN int8x8_t vqshrn_n_s16(int16x8_t a, int n) {
  return vqmovn_s16(a >> (int16_t)n);
}
NEON_FN uint8x8_t vqshrun_n_s16(int16x8_t a, int n) {
  return vqmovun_s16(a >> (int16_t)n);
}
NEON_FN uint16x8_t vqshluq_n_s16(int16x8_t a, int n) {
  uint16x8_t b = (uint16x8_t)vmaxq_s16(a, vdupq_n_s16(0));
  return (uint16x8_t)(b > (uint16_t)(65535 >> n)) | b << (uint16_t)n;
}

/* High halves of doubled products. */

NEON_FN int16x8_t vqrdmulhq_s16(int16x8_t a, int16x8_t b) {
  return (int16x8_t)wasm_i16x8_q15mulr_sat((v128_t)a, (v128_t)b);
}
NEON_FN int16x4_t vqrdmulh_s16(int16x4_t a, int16x4_t b) {
  return vget_low_s16(vqrdmulhq_s16(neon_wide_s16(a), neon_wide_s16(b)));
}
NEON_FN int16x8_t vqrdmulhq_n_s16(int16x8_t a, int16_t b) {
  return vqrdmulhq_s16(a, vdupq_n_s16(b));
}
NEON_FN int16x4_t vqrdmulh_n_s16(int16x4_t a, int16_t b) {
  return vqrdmulh_s16(a, vdup_n_s16(b));
}
#define vqrdmulhq_lane_s16(a, b, n) vqrdmulhq_n_s16(a, (b)[n])
#define vqrdmulh_lane_s16(a, b, n) vqrdmulh_n_s16(a, (b)[n])
NEON_FN int16x8_t vqdmulhq_s16(int16x8_t a, int16x8_t b) {
  int32x4_t lo = vmull_s16(vget_low_s16(a), vget_low_s16(b));
  int32x4_t hi = vmull_s16(vget_high_s16(a), vget_high_s16(b));
  return (int16x8_t)wasm_i16x8_narrow_i32x4((v128_t)(lo >> 15),
                                            (v128_t)(hi >> 15));
}
NEON_FN int16x8_t vqdmulhq_n_s16(int16x8_t a, int16_t b) {
  return vqdmulhq_s16(a, vdupq_n_s16(b));
}
NEON_FN int32x4_t neon_high_s64(int64x2_t lo, int64x2_t hi) {
  return NEON_ODD_4((int32x4_t)lo, (int32x4_t)hi);
}
/* The doubled product of two times -2^31 saturates. */
NEON_FN int32x4_t vqdmulhq_s32(int32x4_t a, int32x4_t b) {
  int64x2_t lo = vmull_s32(vget_low_s32(a), vget_low_s32(b));
  int64x2_t hi = vmull_s32(vget_high_s32(a), vget_high_s32(b));
  int32x4_t c = neon_high_s64(lo << 1, hi << 1);
  return c ^ (int32x4_t)((a == (int32_t)INT32_MIN) & (b == (int32_t)INT32_MIN));
}
NEON_FN int32x4_t vqrdmulhq_s32(int32x4_t a, int32x4_t b) {
  int64x2_t lo = vmull_s32(vget_low_s32(a), vget_low_s32(b));
  int64x2_t hi = vmull_s32(vget_high_s32(a), vget_high_s32(b));
  int32x4_t c = neon_high_s64((lo << 1) + 0x80000000, (hi << 1) + 0x80000000);
  return c ^ (int32x4_t)((a == (int32_t)INT32_MIN) & (b == (int32_t)INT32_MIN));
}

/* Lanes that move. */

#define NEON_EXT8(a, b, n)                                                  \
  __builtin_shufflevector(a, b, (n), (n) + 1, (n) + 2, (n) + 3, (n) + 4,    \
                          (n) + 5, (n) + 6, (n) + 7)
#define vextq_u8(a, b, n)                                                    \
  __builtin_shufflevector(a, b, (n), (n) + 1, (n) + 2, (n) + 3, (n) + 4,     \
                          (n) + 5, (n) + 6, (n) + 7, (n) + 8, (n) + 9,       \
                          (n) + 10, (n) + 11, (n) + 12, (n) + 13, (n) + 14,  \
                          (n) + 15)
#define vext_u8(a, b, n) NEON_EXT8(a, b, n)
#define vextq_u16(a, b, n) NEON_EXT8(a, b, n)
#define vextq_s16(a, b, n) NEON_EXT8(a, b, n)
#define vext_u16(a, b, n) \
  __builtin_shufflevector(a, b, (n), (n) + 1, (n) + 2, (n) + 3)
#define vext_s16 vext_u16
#define vextq_s32 vext_u16
#define vextq_u32 vext_u16
NEON_FN uint8x8_t vrev64_u8(uint8x8_t a) {
  return __builtin_shufflevector(a, a, 7, 6, 5, 4, 3, 2, 1, 0);
}
NEON_FN uint8x16_t vrev64q_u8(uint8x16_t a) {
  return __builtin_shufflevector(a, a, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12,
                                 11, 10, 9, 8);
}
NEON_FN uint16x4_t vrev64_u16(uint16x4_t a) {
  return __builtin_shufflevector(a, a, 3, 2, 1, 0);
}
NEON_FN uint16x8_t vrev64q_u16(uint16x8_t a) {
  return __builtin_shufflevector(a, a, 3, 2, 1, 0, 7, 6, 5, 4);
}

/* What Neon has no instruction for, but WebAssembly has. */

/* c + the sums of two neighbouring products */
NEON_FN int32x4_t neon_dot_s16(int32x4_t c, int16x8_t a, int16x8_t b) {
  return c + (int32x4_t)wasm_i32x4_dot_i16x8((v128_t)a, (v128_t)b);
}
NEON_FN uint32x4_t neon_squares_u8(uint32x4_t c, uint8x8_t a) {
  int16x8_t b = (int16x8_t)vmovl_u8(a);
  return (uint32x4_t)neon_dot_s16((int32x4_t)c, b, b);
}
/* a * c + b * d, with 16 bits, to 32 bits */
NEON_FN int32x4x2_t neon_butterfly_s16(int16x8_t a, int16_t c, int16x8_t b, int16_t d) {
  int16x8_t cd = (int16x8_t)vdupq_n_u32((uint16_t)c | (uint32_t)(uint16_t)d << 16);
  int16x8x2_t ab = vzipq_s16(a, b);
  return (int32x4x2_t){ { neon_dot_s16(vdupq_n_s32(0), ab.val[0], cd),
                          neon_dot_s16(vdupq_n_s32(0), ab.val[1], cd) } };
}
NEON_FN int32x4_t neon_butterfly_low_s16(int16x4_t a, int16_t c, int16x4_t b, int16_t d) {
  int16x8_t cd = (int16x8_t)vdupq_n_u32((uint16_t)c | (uint32_t)(uint16_t)d << 16);
  int16x8_t ab = NEON_ZIP1_8(neon_wide_s16(a), neon_wide_s16(b));
  return neon_dot_s16(vdupq_n_s32(0), ab, cd);
}
/* (a * c + b * d + 2^13) >> 14 with 64 bits in between, for |c|, |d| < 2^14: the
 * products of the upper and the lower bits have 32. */
NEON_FN int32x4_t neon_butterfly_s32(int32x4_t a, int32_t c, int32x4_t b, int32_t d) {
  int32x4_t low = (a & 0x3fff) * c + (b & 0x3fff) * d + 0x2000;
  return (a >> 14) * c + (b >> 14) * d + (low >> 14);
}
NEON_FN int32x4_t neon_scale_s32(int32x4_t a, int32_t c) {
  return (a >> 14) * c + (((a & 0x3fff) * c + 0x2000) >> 14);
}
/* Both halves at once: saturating, and with rounding. */
NEON_FN int16x8_t neon_qmovn2_s32(int32x4_t a, int32x4_t b) {
  return (int16x8_t)wasm_i16x8_narrow_i32x4((v128_t)a, (v128_t)b);
}
NEON_FN int16x8_t neon_movn2_s32(int32x4_t a, int32x4_t b) {
  return neon_qmovn2_s32(a << 16 >> 16, b << 16 >> 16);
}
NEON_FN int16x8_t neon_rshrn2_s32(int32x4_t a, int32x4_t b, int n) {
  int32_t r = 1 << (n - 1);
  return neon_qmovn2_s32((a + r) << (16 - n) >> 16, (b + r) << (16 - n) >> 16);
}
NEON_FN uint8x16_t neon_qmovun2_s16(int16x8_t a, int16x8_t b) {
  return (uint8x16_t)wasm_u8x16_narrow_i16x8((v128_t)a, (v128_t)b);
}
/* For results that 8 bits hold. */
NEON_FN uint8x16_t neon_rshrn2_u16(uint16x8_t a, uint16x8_t b, int n) {
  uint16_t r = (uint16_t)(1 << (n - 1));
  return neon_qmovun2_s16((int16x8_t)((a + r) >> (uint16_t)n),
                          (int16x8_t)((b + r) >> (uint16_t)n));
}

/* Structures in memory. */

NEON_FN uint8x16x2_t vld1q_u8_x2(const uint8_t *p) {
  return (uint8x16x2_t){ { vld1q_u8(p), vld1q_u8(p + 16) } };
}
NEON_FN uint8x16x3_t vld1q_u8_x3(const uint8_t *p) {
  return (uint8x16x3_t){ { vld1q_u8(p), vld1q_u8(p + 16), vld1q_u8(p + 32) } };
}
NEON_FN uint8x16x2_t vld2q_u8(const uint8_t *p) {
  return vuzpq_u8(vld1q_u8(p), vld1q_u8(p + 16));
}
NEON_FN int16x8x2_t vld2q_s16(const int16_t *p) {
  return vuzpq_s16(vld1q_s16(p), vld1q_s16(p + 8));
}
NEON_FN int32x4x2_t vld2q_s32(const int32_t *p) {
  return vuzpq_s32(vld1q_s32(p), vld1q_s32(p + 4));
}
NEON_FN uint8x8x4_t vld4_u8(const uint8_t *p) {
  uint8x16x2_t a = vuzpq_u8(vld1q_u8(p), vld1q_u8(p + 16));
  uint8x16x2_t even = vuzpq_u8(a.val[0], a.val[0]);
  uint8x16x2_t odd = vuzpq_u8(a.val[1], a.val[1]);
  return (uint8x8x4_t){ { vget_low_u8(even.val[0]), vget_low_u8(odd.val[0]),
                          vget_low_u8(even.val[1]), vget_low_u8(odd.val[1]) } };
}
NEON_FN uint8x16x4_t vld4q_u8(const uint8_t *p) {
  uint8x16x2_t a = vld2q_u8(p), b = vld2q_u8(p + 32);
  uint8x16x2_t even = vuzpq_u8(a.val[0], b.val[0]);
  uint8x16x2_t odd = vuzpq_u8(a.val[1], b.val[1]);
  return (uint8x16x4_t){ { even.val[0], odd.val[0], even.val[1],
                           odd.val[1] } };
}
NEON_FN void vst2q_u8(uint8_t *p, uint8x16x2_t a) {
  uint8x16x2_t b = vzipq_u8(a.val[0], a.val[1]);
  vst1q_u8(p, b.val[0]);
  vst1q_u8(p + 16, b.val[1]);
}
NEON_FN void vst2q_s16(int16_t *p, int16x8x2_t a) {
  int16x8x2_t b = vzipq_s16(a.val[0], a.val[1]);
  vst1q_s16(p, b.val[0]);
  vst1q_s16(p + 8, b.val[1]);
}
#define NEON_STRUCTURE_LANES(S, E, T, N, L)                           \
  NEON_FN void L##_##S(E *p, T a, int n) {                            \
    for (int i = 0; i < N; ++i) p[i] = a.val[i][n];                   \
  }
NEON_STRUCTURE_LANES(u8, uint8_t, uint8x8x2_t, 2, neon_st2_lane)
NEON_STRUCTURE_LANES(u8, uint8_t, uint8x8x3_t, 3, neon_st3_lane)
NEON_STRUCTURE_LANES(u8, uint8_t, uint8x8x4_t, 4, neon_st4_lane)
NEON_STRUCTURE_LANES(u16, uint16_t, uint16x8x3_t, 3, neon_st3q_lane)
NEON_STRUCTURE_LANES(u16, uint16_t, uint16x8x4_t, 4, neon_st4q_lane)
NEON_FN uint8x8x4_t neon_ld4_lane_u8(const uint8_t *p, uint8x8x4_t a, int n) {
  for (int i = 0; i < 4; ++i) a.val[i][n] = p[i];
  return a;
}
#define vst2_lane_u8(p, a, n) neon_st2_lane_u8(p, a, n)
#define vst3_lane_u8(p, a, n) neon_st3_lane_u8(p, a, n)
#define vst4_lane_u8(p, a, n) neon_st4_lane_u8(p, a, n)
#define vst3q_lane_u16(p, a, n) neon_st3q_lane_u16(p, a, n)
#define vst4q_lane_u16(p, a, n) neon_st4q_lane_u16(p, a, n)
#define vld4_lane_u8(p, a, n) neon_ld4_lane_u8(p, a, n)

#endif /* AFMPEG_ARM_NEON_H_ */
