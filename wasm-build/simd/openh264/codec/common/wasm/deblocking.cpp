// SPDX-License-Identifier: BSD-2-Clause
// Deblocking filters: DeblockLuma* and DeblockChroma* of deblocking_common.cpp.
#include "deblocking_kernels.h"
#include "simd.h"

namespace {

// Pixels on both sides of an edge, from p3 to q3, of 16 rows or columns.
struct Edge {
  v128_t p3, p2, p1, p0, q0, q1, q2, q3;
};

IN v128_t at_least (v128_t value, int limit) {
  return wasm_i8x16_eq (wasm_u8x16_max (value, splat8 (limit)), value);
}
// A mask of the rows to filter.
IN v128_t is_block_edge (const Edge& e, int alpha, int beta) {
  const v128_t strong = wasm_v128_or (at_least (difference8 (e.p0, e.q0), alpha),
                                      wasm_v128_or (at_least (difference8 (e.p1, e.p0), beta),
                                                    at_least (difference8 (e.q1, e.q0), beta)));
  return wasm_v128_not (strong);
}

// Moves p0 and q0 towards each other, by tc at most.
IN void move (Edge& e, v128_t tc, v128_t mask) {
#define HALF(extend) \
  wasm_i16x8_shr (wasm_i16x8_add ( \
    wasm_i16x8_add (wasm_i16x8_shl (wasm_i16x8_sub (extend (e.q0), extend (e.p0)), 2), wasm_i16x8_const_splat (4)), \
    wasm_i16x8_sub (extend (e.p1), extend (e.q1))), 3)
  v128_t delta = wasm_i8x16_narrow_i16x8 (HALF (wasm_u16x8_extend_low_u8x16), HALF (wasm_u16x8_extend_high_u8x16));
#undef HALF
  const v128_t zero = splat8 (0);
  delta = wasm_i8x16_max (wasm_i8x16_min (delta, tc), wasm_i8x16_sub (zero, tc));
  delta = wasm_v128_and (delta, mask);
  const v128_t up = wasm_i8x16_max (delta, zero), down = wasm_i8x16_max (wasm_i8x16_sub (zero, delta), zero);
  e.p0 = wasm_u8x16_sub_sat (wasm_u8x16_add_sat (e.p0, up), down);
  e.q0 = wasm_u8x16_sub_sat (wasm_u8x16_add_sat (e.q0, down), up);
}

// Moves x1 towards the average of x2 and that of p0 and q0, rounded down, by tc at most.
IN v128_t move_outer (v128_t x1, v128_t x2, v128_t middle, v128_t tc, v128_t mask) {
  const v128_t odd = wasm_v128_and (wasm_v128_xor (x2, middle), splat8 (1));
  v128_t v = wasm_i8x16_sub (wasm_u8x16_avgr (x2, middle), odd);
  v = wasm_u8x16_max (v, wasm_u8x16_sub_sat (x1, tc));
  v = wasm_u8x16_min (v, wasm_u8x16_add_sat (x1, tc));
  return wasm_v128_bitselect (v, x1, mask);
}

// The limits of four parts of the edge, for 16 rows.
IN v128_t limits (const int8_t* tc) {
  const v128_t four = wasm_v128_load32_zero (tc), pairs = low8 (four, four);
  return low16 (pairs, pairs);
}

IN bool luma_lt4 (Edge& e, int alpha, int beta, const int8_t* limit) {
  v128_t tc = limits (limit);
  const v128_t mask = wasm_v128_and (is_block_edge (e, alpha, beta), wasm_i8x16_ge (tc, splat8 (0)));
  if (!wasm_v128_any_true (mask))
    return false;
  const v128_t p = wasm_v128_andnot (mask, at_least (difference8 (e.p2, e.p0), beta));
  const v128_t q = wasm_v128_andnot (mask, at_least (difference8 (e.q2, e.q0), beta));
  const v128_t middle = wasm_u8x16_avgr (e.p0, e.q0);
  const v128_t p1 = move_outer (e.p1, e.p2, middle, tc, p), q1 = move_outer (e.q1, e.q2, middle, tc, q);
  tc = wasm_i8x16_sub (wasm_i8x16_sub (tc, p), q);
  move (e, tc, mask);
  e.p1 = p1;
  e.q1 = q1;
  return true;
}

// (2 * outer + inner + other + 2) / 4
IN v128_t weak (v128_t outer, v128_t inner, v128_t other) {
#define HALF(extend) \
  wasm_u16x8_shr (wasm_i16x8_add (wasm_i16x8_add (wasm_i16x8_shl (extend (outer), 1), extend (inner)), \
                                  wasm_i16x8_add (extend (other), wasm_i16x8_const_splat (2))), 2)
  return wasm_u8x16_narrow_i16x8 (HALF (wasm_u16x8_extend_low_u8x16), HALF (wasm_u16x8_extend_high_u8x16));
#undef HALF
}

// The strong filter of one side of the edge, of 8 rows: replaces x0, x1 and x2, where y0 and y1 are on the other side.
IN void strong_half (v128_t& x0, v128_t& x1, v128_t& x2, v128_t x3, v128_t y0, v128_t y1) {
  const v128_t inner = wasm_i16x8_add (wasm_i16x8_add (x2, x1), wasm_i16x8_add (x0, y0));
  const v128_t four = wasm_i16x8_const_splat (4);
  const v128_t n0 = wasm_i16x8_add (wasm_i16x8_sub (wasm_i16x8_shl (inner, 1), x2), wasm_i16x8_add (y1, four));
  const v128_t n2 = wasm_i16x8_add (wasm_i16x8_shl (wasm_i16x8_add (x3, x2), 1), wasm_i16x8_add (inner, four));
  x0 = wasm_u16x8_shr (n0, 3);
  x1 = wasm_u16x8_shr (wasm_i16x8_add (inner, wasm_i16x8_const_splat (2)), 2);
  x2 = wasm_u16x8_shr (n2, 3);
}
IN void strong (v128_t& x0, v128_t& x1, v128_t& x2, v128_t x3, v128_t y0, v128_t y1, v128_t mask, v128_t close) {
  v128_t l0 = wasm_u16x8_extend_low_u8x16 (x0), l1 = wasm_u16x8_extend_low_u8x16 (x1);
  v128_t l2 = wasm_u16x8_extend_low_u8x16 (x2);
  strong_half (l0, l1, l2, wasm_u16x8_extend_low_u8x16 (x3), wasm_u16x8_extend_low_u8x16 (y0),
               wasm_u16x8_extend_low_u8x16 (y1));
  v128_t h0 = wasm_u16x8_extend_high_u8x16 (x0), h1 = wasm_u16x8_extend_high_u8x16 (x1);
  v128_t h2 = wasm_u16x8_extend_high_u8x16 (x2);
  strong_half (h0, h1, h2, wasm_u16x8_extend_high_u8x16 (x3), wasm_u16x8_extend_high_u8x16 (y0),
               wasm_u16x8_extend_high_u8x16 (y1));
  const v128_t n0 = wasm_v128_bitselect (wasm_u8x16_narrow_i16x8 (l0, h0), weak (x1, x0, y1), close);
  x0 = wasm_v128_bitselect (n0, x0, mask);
  x1 = wasm_v128_bitselect (wasm_u8x16_narrow_i16x8 (l1, h1), x1, close);
  x2 = wasm_v128_bitselect (wasm_u8x16_narrow_i16x8 (l2, h2), x2, close);
}

IN bool luma_eq4 (Edge& e, int alpha, int beta) {
  const v128_t mask = is_block_edge (e, alpha, beta);
  if (!wasm_v128_any_true (mask))
    return false;
  const v128_t close = wasm_v128_andnot (mask, at_least (difference8 (e.p0, e.q0), (alpha >> 2) + 2));
  const v128_t p = wasm_v128_andnot (close, at_least (difference8 (e.p2, e.p0), beta));
  const v128_t q = wasm_v128_andnot (close, at_least (difference8 (e.q2, e.q0), beta));
  const v128_t p0 = e.p0, p1 = e.p1;
  strong (e.p0, e.p1, e.p2, e.p3, e.q0, e.q1, mask, p);
  strong (e.q0, e.q1, e.q2, e.q3, p0, p1, mask, q);
  return true;
}

IN bool chroma_lt4 (Edge& e, int alpha, int beta, v128_t tc) {
  const v128_t mask = wasm_v128_and (is_block_edge (e, alpha, beta), wasm_i8x16_gt (tc, splat8 (0)));
  if (!wasm_v128_any_true (mask))
    return false;
  move (e, tc, mask);
  return true;
}
IN bool chroma_eq4 (Edge& e, int alpha, int beta) {
  const v128_t mask = is_block_edge (e, alpha, beta);
  if (!wasm_v128_any_true (mask))
    return false;
  const v128_t p0 = weak (e.p1, e.p0, e.q1), q0 = weak (e.q1, e.q0, e.p1);
  e.p0 = wasm_v128_bitselect (p0, e.p0, mask);
  e.q0 = wasm_v128_bitselect (q0, e.q0, mask);
  return true;
}

// 16 rows of 8 pixels as columns. Four rounds of interleaving rows with those half the count below them transpose them.
IN void load_columns (Edge& e, const uint8_t* p, int stride) {
  v128_t a[8], b[8];
  p -= 4;
  for (int i = 0; i < 8; i++, p += stride)
    a[i] = low8 (wasm_v128_load64_zero (p), wasm_v128_load64_zero (p + 8 * stride));
  for (int i = 0; i < 4; i++) {
    b[i] = low8 (a[i], a[i + 4]);
    b[i + 4] = high8 (a[i], a[i + 4]);
  }
  for (int i = 0; i < 2; i++) {
    a[i] = low8 (b[i], b[i + 2]);
    a[i + 2] = high8 (b[i], b[i + 2]);
    a[i + 4] = low8 (b[i + 4], b[i + 6]);
    a[i + 6] = high8 (b[i + 4], b[i + 6]);
  }
  e.p3 = low8 (a[0], a[1]);
  e.p2 = high8 (a[0], a[1]);
  e.p1 = low8 (a[2], a[3]);
  e.p0 = high8 (a[2], a[3]);
  e.q0 = low8 (a[4], a[5]);
  e.q1 = high8 (a[4], a[5]);
  e.q2 = low8 (a[6], a[7]);
  e.q3 = high8 (a[6], a[7]);
}

IN void store_4_rows (uint8_t* p, int stride, v128_t rows) {
  wasm_v128_store32_lane (p, rows, 0);
  wasm_v128_store32_lane (p + stride, rows, 1);
  wasm_v128_store32_lane (p + 2 * stride, rows, 2);
  wasm_v128_store32_lane (p + 3 * stride, rows, 3);
}
// Stores four columns.
IN void store_columns (uint8_t* p, int stride, v128_t c0, v128_t c1, v128_t c2, v128_t c3) {
  const v128_t a = low8 (c0, c1), b = low8 (c2, c3), c = high8 (c0, c1), d = high8 (c2, c3);
  store_4_rows (p, stride, low16 (a, b));
  store_4_rows (p + 4 * stride, stride, high16 (a, b));
  store_4_rows (p + 8 * stride, stride, low16 (c, d));
  store_4_rows (p + 12 * stride, stride, high16 (c, d));
}

IN void load_rows (Edge& e, const uint8_t* p, int stride) {
  e.p2 = wasm_v128_load (p - 3 * stride);
  e.p1 = wasm_v128_load (p - 2 * stride);
  e.p0 = wasm_v128_load (p - stride);
  e.q0 = wasm_v128_load (p);
  e.q1 = wasm_v128_load (p + stride);
  e.q2 = wasm_v128_load (p + 2 * stride);
}

// 8 pixels of Cb and 8 of Cr, or 8 of one of them.
template<bool both> IN v128_t load_chroma (const uint8_t* cb, const uint8_t* cr) {
  const v128_t v = wasm_v128_load64_zero (cb);
  return both ? wasm_v128_load64_lane (cr, v, 1) : v;
}
template<bool both> IN void store_chroma (uint8_t* cb, uint8_t* cr, v128_t v) {
  wasm_v128_store64_lane (cb, v, 0);
  if (both)
    wasm_v128_store64_lane (cr, v, 1);
}
template<bool both> IN void load_chroma_rows (Edge& e, const uint8_t* cb, const uint8_t* cr, int stride) {
  e.p1 = load_chroma<both> (cb - 2 * stride, cr - 2 * stride);
  e.p0 = load_chroma<both> (cb - stride, cr - stride);
  e.q0 = load_chroma<both> (cb, cr);
  e.q1 = load_chroma<both> (cb + stride, cr + stride);
}
template<bool both> IN void store_chroma_rows (const Edge& e, uint8_t* cb, uint8_t* cr, int stride) {
  store_chroma<both> (cb - stride, cr - stride, e.p0);
  store_chroma<both> (cb, cr, e.q0);
}

// Rows of 4 pixels as columns.
template<bool both> IN void load_chroma_columns (Edge& e, const uint8_t* cb, const uint8_t* cr, int stride) {
  // Rows 0 to 3 and 4 to 7 of Cb, then of Cr, by the position of the pixel in its row.
  const v128_t a = load_4x4 (cb - 2, stride), b = load_4x4 (cb - 2 + 4 * stride, stride);
  const v128_t c = both ? load_4x4 (cr - 2, stride) : a, d = both ? load_4x4 (cr - 2 + 4 * stride, stride) : b;
#define COLUMNS(v) wasm_i8x16_shuffle (v, v, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)
  const v128_t ta = COLUMNS (a), tb = COLUMNS (b), tc = COLUMNS (c), td = COLUMNS (d);
#undef COLUMNS
  const v128_t ab01 = low32 (ta, tb), ab23 = high32 (ta, tb), cd01 = low32 (tc, td), cd23 = high32 (tc, td);
  e.p1 = low64 (ab01, cd01);
  e.p0 = high64 (ab01, cd01);
  e.q0 = low64 (ab23, cd23);
  e.q1 = high64 (ab23, cd23);
}
IN void store_8_pairs (uint8_t* p, int stride, v128_t pairs) {
  wasm_v128_store16_lane (p, pairs, 0);
  wasm_v128_store16_lane (p + stride, pairs, 1);
  wasm_v128_store16_lane (p + 2 * stride, pairs, 2);
  wasm_v128_store16_lane (p + 3 * stride, pairs, 3);
  p += 4 * stride;
  wasm_v128_store16_lane (p, pairs, 4);
  wasm_v128_store16_lane (p + stride, pairs, 5);
  wasm_v128_store16_lane (p + 2 * stride, pairs, 6);
  wasm_v128_store16_lane (p + 3 * stride, pairs, 7);
}
template<bool both> IN void store_chroma_columns (const Edge& e, uint8_t* cb, uint8_t* cr, int stride) {
  store_8_pairs (cb - 1, stride, low8 (e.p0, e.q0));
  if (both)
    store_8_pairs (cr - 1, stride, high8 (e.p0, e.q0));
}

// The limits of 8 rows, twice.
IN v128_t chroma_limits (const int8_t* tc) {
  const v128_t four = wasm_v128_load32_zero (tc), pairs = low8 (four, four);
  return low64 (pairs, pairs);
}

}

void DeblockLumaLt4V_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc) {
  Edge e;
  load_rows (e, p, stride);
  if (!luma_lt4 (e, alpha, beta, tc))
    return;
  wasm_v128_store (p - 2 * stride, e.p1);
  wasm_v128_store (p - stride, e.p0);
  wasm_v128_store (p, e.q0);
  wasm_v128_store (p + stride, e.q1);
}
void DeblockLumaLt4H_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc) {
  Edge e;
  load_columns (e, p, stride);
  if (luma_lt4 (e, alpha, beta, tc))
    store_columns (p - 2, stride, e.p1, e.p0, e.q0, e.q1);
}
void DeblockLumaEq4V_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta) {
  Edge e;
  load_rows (e, p, stride);
  e.p3 = wasm_v128_load (p - 4 * stride);
  e.q3 = wasm_v128_load (p + 3 * stride);
  if (!luma_eq4 (e, alpha, beta))
    return;
  wasm_v128_store (p - 3 * stride, e.p2);
  wasm_v128_store (p - 2 * stride, e.p1);
  wasm_v128_store (p - stride, e.p0);
  wasm_v128_store (p, e.q0);
  wasm_v128_store (p + stride, e.q1);
  wasm_v128_store (p + 2 * stride, e.q2);
}
void DeblockLumaEq4H_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta) {
  Edge e;
  load_columns (e, p, stride);
  if (!luma_eq4 (e, alpha, beta))
    return;
  store_columns (p - 4, stride, e.p3, e.p2, e.p1, e.p0);
  store_columns (p, stride, e.q0, e.q1, e.q2, e.q3);
}

#define CHROMA(both, rows, filter) { \
    Edge e; \
    load_chroma_##rows<both> (e, cb, cr, stride); \
    if (filter) \
      store_chroma_##rows<both> (e, cb, cr, stride); \
  }
void DeblockChromaLt4V_wasm (uint8_t* cb, uint8_t* cr, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc)
CHROMA (true, rows, chroma_lt4 (e, alpha, beta, chroma_limits (tc)))
void DeblockChromaLt4H_wasm (uint8_t* cb, uint8_t* cr, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc)
CHROMA (true, columns, chroma_lt4 (e, alpha, beta, chroma_limits (tc)))
void DeblockChromaEq4V_wasm (uint8_t* cb, uint8_t* cr, int32_t stride, int32_t alpha, int32_t beta)
CHROMA (true, rows, chroma_eq4 (e, alpha, beta))
void DeblockChromaEq4H_wasm (uint8_t* cb, uint8_t* cr, int32_t stride, int32_t alpha, int32_t beta)
CHROMA (true, columns, chroma_eq4 (e, alpha, beta))

#undef CHROMA
#define CHROMA(rows, filter) { \
    Edge e; \
    load_chroma_##rows<false> (e, p, p, stride); \
    if (filter) \
      store_chroma_##rows<false> (e, p, p, stride); \
  }
void DeblockChromaLt4V2_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc)
CHROMA (rows, chroma_lt4 (e, alpha, beta, chroma_limits (tc)))
void DeblockChromaLt4H2_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc)
CHROMA (columns, chroma_lt4 (e, alpha, beta, chroma_limits (tc)))
void DeblockChromaEq4V2_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta)
CHROMA (rows, chroma_eq4 (e, alpha, beta))
void DeblockChromaEq4H2_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta)
CHROMA (columns, chroma_eq4 (e, alpha, beta))
