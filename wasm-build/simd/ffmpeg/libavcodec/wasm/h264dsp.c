/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deblocking and inverse transforms of H.264, for 8 bits: h264_v and h_loop_filter_luma and _chroma of
 * h264dsp_template.c, ff_h264_idct_add, _add16, _add16intra, _add8, _dc_add and idct8_dc_add of h264idct_template.c, and
 * check_mv and its caller in h264_loopfilter.c. Like the assembly for x86, the transforms compute in 16 bits, which a
 * damaged stream can overflow.
 */
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavcodec/h264_parse.h"
#include "libavcodec/h264dsp.h"
#include "libavcodec/wasm/transpose.h"

#define IN static av_always_inline

IN v128_t difference(v128_t a, v128_t b)
{
    return wasm_v128_or(wasm_u8x16_sub_sat(a, b), wasm_u8x16_sub_sat(b, a));
}

/* Returns 255 where the pixels at both sides of an edge differ so little that the edge is filtered. */
IN v128_t is_flat(v128_t p1, v128_t p0, v128_t q0, v128_t q1, v128_t alpha, v128_t beta)
{
    v128_t inner = wasm_u8x16_max(difference(p1, p0), difference(q1, q0));
    return wasm_v128_and(wasm_u8x16_lt(difference(p0, q0), alpha), wasm_u8x16_lt(inner, beta));
}

/*
 * Changes p0 and q0 by at most tc. Averages of bytes compute the change: (p1 - q1 + 256) / 2, then (4 + that) / 2, which
 * is rounded as the odd bit of p0 ^ q0 demands, and the sum has the bias 128 + 33.
 */
IN void filter_edge(v128_t p1, v128_t *p0, v128_t *q0, v128_t q1, v128_t tc)
{
    const v128_t bias = wasm_u8x16_const_splat(128 + 33);
    v128_t odd = wasm_v128_and(wasm_v128_xor(*p0, *q0), wasm_u8x16_const_splat(1));
    v128_t outer = wasm_u8x16_avgr(wasm_u8x16_avgr(wasm_v128_not(q1), p1), wasm_u8x16_const_splat(3));
    v128_t inner = wasm_u8x16_avgr(wasm_v128_not(*p0), *q0);
    v128_t delta = wasm_u8x16_add_sat(wasm_u8x16_avgr(outer, odd), inner);
    v128_t down = wasm_u8x16_min(wasm_u8x16_sub_sat(bias, delta), tc);
    v128_t up = wasm_u8x16_min(wasm_u8x16_sub_sat(delta, bias), tc);
    *p0 = wasm_u8x16_add_sat(wasm_u8x16_sub_sat(*p0, down), up);
    *q0 = wasm_u8x16_add_sat(wasm_u8x16_sub_sat(*q0, up), down);
}

/* Returns p1, changed by at most tc. */
IN v128_t filter_second(v128_t p2, v128_t p1, v128_t middle, v128_t tc)
{
    v128_t odd = wasm_v128_and(wasm_v128_xor(p2, middle), wasm_u8x16_const_splat(1));
    v128_t to = wasm_i8x16_sub(wasm_u8x16_avgr(p2, middle), odd);
    return wasm_u8x16_min(wasm_u8x16_max(to, wasm_u8x16_sub_sat(p1, tc)), wasm_u8x16_add_sat(p1, tc));
}

/* Filters sixteen pixels at each side of an edge. */
IN void filter_luma(v128_t p2, v128_t *p1, v128_t *p0, v128_t *q0, v128_t *q1, v128_t q2, v128_t flat, v128_t beta,
                    v128_t tc0)
{
    v128_t p_flat = wasm_v128_and(wasm_u8x16_lt(difference(p2, *p0), beta), flat);
    v128_t q_flat = wasm_v128_and(wasm_u8x16_lt(difference(q2, *q0), beta), flat);
    v128_t tc = wasm_i8x16_sub(wasm_i8x16_sub(wasm_v128_and(tc0, flat), p_flat), q_flat);
    v128_t middle = wasm_u8x16_avgr(*p0, *q0);
    v128_t old_p1 = *p1, old_q1 = *q1;
    *p1 = filter_second(p2, old_p1, middle, wasm_v128_and(tc0, p_flat));
    *q1 = filter_second(q2, old_q1, middle, wasm_v128_and(tc0, q_flat));
    filter_edge(old_p1, p0, q0, old_q1, tc);
}

/* Four limits, each for four pixels. */
IN v128_t luma_limits(const int8_t *tc0)
{
    v128_t tc = wasm_v128_load32_zero(tc0);
    return wasm_i8x16_shuffle(tc, tc, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
}

IN v128_t flat_luma(v128_t p1, v128_t p0, v128_t q0, v128_t q1, int alpha, v128_t beta, v128_t tc0)
{
    v128_t flat = is_flat(p1, p0, q0, q1, wasm_i8x16_splat(alpha), beta);
    return wasm_v128_and(flat, wasm_i8x16_gt(tc0, wasm_i8x16_const_splat(-1)));
}

static void v_loop_filter_luma(uint8_t *pix, ptrdiff_t stride, int alpha, int beta, int8_t *tc0)
{
    uint8_t *above = pix - 3 * stride;
    v128_t p2 = wasm_v128_load(above), p1 = wasm_v128_load(above + stride), p0 = wasm_v128_load(above + 2 * stride);
    v128_t q0 = wasm_v128_load(pix), q1 = wasm_v128_load(pix + stride), q2 = wasm_v128_load(pix + 2 * stride);
    v128_t tc = luma_limits(tc0), small = wasm_i8x16_splat(beta);
    v128_t flat = flat_luma(p1, p0, q0, q1, alpha, small, tc);
    if (!wasm_v128_any_true(flat))
        return;
    filter_luma(p2, &p1, &p0, &q0, &q1, q2, flat, small, tc);
    wasm_v128_store(above + stride, p1);
    wasm_v128_store(above + 2 * stride, p0);
    wasm_v128_store(pix, q0);
    wasm_v128_store(pix + stride, q1);
}

#define LOW8(a, b)   wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH8(a, b)  wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define LOW32(a, b)  wasm_i32x4_shuffle(a, b, 0, 4, 1, 5)
#define HIGH32(a, b) wasm_i32x4_shuffle(a, b, 2, 6, 3, 7)
#define LOW64(a, b)  wasm_i64x2_shuffle(a, b, 0, 2)
#define HIGH64(a, b) wasm_i64x2_shuffle(a, b, 1, 3)

/* Loads a row and the eighth after it, byte by byte in turn. */
IN v128_t pair(const uint8_t *p, ptrdiff_t stride)
{
    return LOW8(wasm_v128_load64_zero(p), wasm_v128_load64_zero(p + 8 * stride));
}

/* Stores four pixels in each of four rows. */
IN void store_rows(uint8_t *p, ptrdiff_t stride, v128_t rows)
{
    wasm_v128_store32_lane(p, rows, 0);
    wasm_v128_store32_lane(p += stride, rows, 1);
    wasm_v128_store32_lane(p += stride, rows, 2);
    wasm_v128_store32_lane(p += stride, rows, 3);
}

static void h_loop_filter_luma(uint8_t *pix, ptrdiff_t stride, int alpha, int beta, int8_t *tc0)
{
    const uint8_t *left = pix - 3;
    /* Of each name, the number is the first of its rows, whose distance is 4 or 2; then, the number is the column. */
    v128_t a0 = pair(left, stride), a4 = pair(left + 4 * stride, stride);
    v128_t low0 = LOW8(a0, a4), high0 = HIGH8(a0, a4);
    v128_t a2 = pair(left += 2 * stride, stride), a6 = pair(left + 4 * stride, stride);
    v128_t low2 = LOW8(a2, a6), high2 = HIGH8(a2, a6);
    v128_t even01 = LOW8(low0, low2), even23 = HIGH8(low0, low2), even45 = LOW8(high0, high2);
    v128_t a1 = pair(left -= stride, stride), a5 = pair(left + 4 * stride, stride);
    v128_t low1 = LOW8(a1, a5), high1 = HIGH8(a1, a5);
    v128_t a3 = pair(left += 2 * stride, stride), a7 = pair(left + 4 * stride, stride);
    v128_t low3 = LOW8(a3, a7), high3 = HIGH8(a3, a7);
    v128_t odd01 = LOW8(low1, low3), odd23 = HIGH8(low1, low3), odd45 = LOW8(high1, high3);
    v128_t p2 = LOW8(even01, odd01), p1 = HIGH8(even01, odd01), p0 = LOW8(even23, odd23);
    v128_t q0 = HIGH8(even23, odd23), q1 = LOW8(even45, odd45), q2 = HIGH8(even45, odd45);

    v128_t tc = luma_limits(tc0), small = wasm_i8x16_splat(beta);
    v128_t flat = flat_luma(p1, p0, q0, q1, alpha, small, tc);
    if (!wasm_v128_any_true(flat))
        return;
    filter_luma(p2, &p1, &p0, &q0, &q1, q2, flat, small, tc);

    v128_t p = LOW8(p1, p0), q = LOW8(q0, q1);
    pix -= 2;
    store_rows(pix, stride, interleave_low(p, q));
    store_rows(pix + 4 * stride, stride, interleave_high(p, q));
    p = HIGH8(p1, p0);
    q = HIGH8(q0, q1);
    pix += 8 * stride;
    store_rows(pix, stride, interleave_low(p, q));
    store_rows(pix + 4 * stride, stride, interleave_high(p, q));
}

/* Filters eight pixels at each side of an edge. Returns whether any has changed. */
IN int filter_chroma(v128_t p1, v128_t *p0, v128_t *q0, v128_t q1, int alpha, int beta, const int8_t *tc0)
{
    v128_t flat = is_flat(p1, *p0, *q0, q1, wasm_i8x16_splat(alpha), wasm_i8x16_splat(beta));
    v128_t tc = wasm_i8x16_max(wasm_v128_load32_zero(tc0), wasm_i8x16_const_splat(0));
    tc = wasm_v128_and(LOW8(tc, tc), flat);
    if (!wasm_v128_any_true(tc))
        return 0;
    filter_edge(p1, p0, q0, q1, tc);
    return 1;
}

static void v_loop_filter_chroma(uint8_t *pix, ptrdiff_t stride, int alpha, int beta, int8_t *tc0)
{
    v128_t p1 = wasm_v128_load64_zero(pix - 2 * stride), p0 = wasm_v128_load64_zero(pix - stride);
    v128_t q0 = wasm_v128_load64_zero(pix), q1 = wasm_v128_load64_zero(pix + stride);
    if (!filter_chroma(p1, &p0, &q0, q1, alpha, beta, tc0))
        return;
    wasm_v128_store64_lane(pix - stride, p0, 0);
    wasm_v128_store64_lane(pix, q0, 0);
}

/* Loads four pixels of a row and of the fourth after it, byte by byte in turn. */
IN v128_t chroma_pair(const uint8_t *p, ptrdiff_t stride)
{
    return LOW8(wasm_v128_load32_zero(p), wasm_v128_load32_zero(p + 4 * stride));
}

static void h_loop_filter_chroma(uint8_t *pix, ptrdiff_t stride, int alpha, int beta, int8_t *tc0)
{
    uint8_t *left = pix - 2;
    v128_t even = LOW8(chroma_pair(left, stride), chroma_pair(left + 2 * stride, stride));
    v128_t odd = LOW8(chroma_pair(left + stride, stride), chroma_pair(left + 3 * stride, stride));
    v128_t p1 = LOW8(even, odd), p0 = HIGH64(p1, p1), q0 = HIGH8(even, odd), q1 = HIGH64(q0, q0);
    if (!filter_chroma(p1, &p0, &q0, q1, alpha, beta, tc0))
        return;
    v128_t rows = LOW8(p0, q0);
    left = pix - 1;
    wasm_v128_store16_lane(left, rows, 0);
    wasm_v128_store16_lane(left += stride, rows, 1);
    wasm_v128_store16_lane(left += stride, rows, 2);
    wasm_v128_store16_lane(left += stride, rows, 3);
    wasm_v128_store16_lane(left += stride, rows, 4);
    wasm_v128_store16_lane(left += stride, rows, 5);
    wasm_v128_store16_lane(left += stride, rows, 6);
    wasm_v128_store16_lane(left += stride, rows, 7);
}

/* Returns the four blocks of each of four rows of a cache. */
IN v128_t blocks(const void *cache)
{
    return wasm_i32x4_shuffle(wasm_v128_load(cache), wasm_v128_load((const uint8_t *)cache + 12), 0, 2, 5, 7);
}

/* Returns bytes that are not 0 where the vectors of blocks differ: by four quarters of a pixel, or two in fields. */
IN v128_t moves(const int16_t (*a)[2], const int16_t (*b)[2], v128_t limit)
{
    v128_t r0 = wasm_i16x8_sub(wasm_v128_load(a), wasm_v128_load(b));
    v128_t r1 = wasm_i16x8_sub(wasm_v128_load(a + 8), wasm_v128_load(b + 8));
    v128_t r2 = wasm_i16x8_sub(wasm_v128_load(a + 16), wasm_v128_load(b + 16));
    v128_t r3 = wasm_i16x8_sub(wasm_v128_load(a + 24), wasm_v128_load(b + 24));
    v128_t range = wasm_i8x16_add(limit, limit);
    r0 = wasm_i8x16_add(wasm_i8x16_narrow_i16x8(r0, r1), limit);
    r2 = wasm_i8x16_add(wasm_i8x16_narrow_i16x8(r2, r3), limit);
    return wasm_i8x16_narrow_i16x8(wasm_u8x16_sub_sat(r0, range), wasm_u8x16_sub_sat(r2, range));
}

/* Like moves, for blocks and their neighbours: whether their references or vectors differ. */
IN v128_t motion(int8_t ref[2][40], int16_t mv[2][40][2], int bidir, int neighbour, v128_t limit)
{
    const int first = 12, other = first + neighbour;
    v128_t ref0 = blocks(ref[0] + first), other0 = blocks(ref[0] + other), ref1, other1, crossed;
    v128_t straight = wasm_v128_or(wasm_v128_xor(ref0, other0), moves(mv[0] + first, mv[0] + other, limit));
    if (!bidir)
        return straight;
    ref1 = blocks(ref[1] + first);
    other1 = blocks(ref[1] + other);
    straight = wasm_v128_or(straight, wasm_v128_xor(ref1, other1));
    crossed = wasm_v128_or(wasm_v128_xor(ref0, other1), wasm_v128_xor(ref1, other0));
    straight = wasm_v128_or(straight, moves(mv[1] + first, mv[1] + other, limit));
    crossed = wasm_v128_or(crossed, moves(mv[0] + first, mv[1] + other, limit));
    crossed = wasm_v128_or(crossed, moves(mv[1] + first, mv[0] + other, limit));
    return wasm_u8x16_min(straight, crossed);
}

/* The strength is 2 between blocks of which one has coefficients, or 1 if the motion differs. */
IN v128_t strength(v128_t coded, v128_t motion)
{
    const v128_t one = wasm_i8x16_const_splat(1);
    coded = wasm_u8x16_min(coded, one);
    return wasm_u8x16_max(wasm_i8x16_add(coded, coded), wasm_u8x16_min(motion, one));
}

/* Also sets the strengths of the edges that `edges` and `step` leave out, which are not used. */
static void loop_filter_strength(int16_t bS[2][4][4], uint8_t nnz[40], int8_t ref[2][40], int16_t mv[2][40][2],
                                 int bidir, int edges, int step, int mask_mv0, int mask_mv1, int field)
{
    const v128_t limit = wasm_i16x8_splat(field ? 0x103 : 0x303), coded = blocks(nnz + 12);
    v128_t left = motion(ref, mv, bidir, -1, limit), above = motion(ref, mv, bidir, -8, limit);
    if (mask_mv0 & 3)
        left = wasm_i32x4_shuffle(left, left, 0, 0, 0, 0);
    if (mask_mv1 & 2)
        above = wasm_v128_and(above, wasm_i32x4_const(-1, 0, 0, 0));
    else if (mask_mv1 & 1)
        above = wasm_v128_and(above, wasm_i32x4_const(-1, 0, -1, 0));
    left = strength(wasm_v128_or(coded, blocks(nnz + 11)), left);
    above = strength(wasm_v128_or(coded, blocks(nnz + 4)), above);
    left = wasm_i8x16_shuffle(left, left, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    wasm_v128_store(bS[0][0], wasm_u16x8_extend_low_u8x16(left));
    wasm_v128_store(bS[0][2], wasm_u16x8_extend_high_u8x16(left));
    wasm_v128_store(bS[1][0], wasm_u16x8_extend_low_u8x16(above));
    wasm_v128_store(bS[1][2], wasm_u16x8_extend_high_u8x16(above));
}

/* Adds to a row of eight pixels. */
IN void add_row(uint8_t *dst, v128_t row)
{
    row = wasm_i16x8_add(row, wasm_u16x8_load8x8(dst));
    wasm_v128_store64_lane(dst, wasm_u8x16_narrow_i16x8(row, row), 0);
}

/* Adds to rows of four pixels: the lower half of `rows` to the upper row. */
IN void add_rows4(uint8_t *dst, ptrdiff_t stride, v128_t rows)
{
    v128_t pixels = wasm_v128_load32_lane(dst + stride, wasm_v128_load32_zero(dst), 1);
    rows = wasm_i16x8_add(rows, wasm_u16x8_extend_low_u8x16(pixels));
    rows = wasm_u8x16_narrow_i16x8(rows, rows);
    wasm_v128_store32_lane(dst, rows, 0);
    wasm_v128_store32_lane(dst + stride, rows, 1);
}

/* One dimension of the transform of four values, in place. */
#define TRANSFORM(r0, r1, r2, r3)                                                                           \
    do {                                                                                                    \
        v128_t z0 = wasm_i16x8_add(r0, r2), z1 = wasm_i16x8_sub(r0, r2);                                    \
        v128_t z2 = wasm_i16x8_sub(wasm_i16x8_shr(r1, 1), r3), z3 = wasm_i16x8_add(r1, wasm_i16x8_shr(r3, 1)); \
        r0 = wasm_i16x8_add(z0, z3);                                                                        \
        r1 = wasm_i16x8_add(z1, z2);                                                                        \
        r2 = wasm_i16x8_sub(z1, z2);                                                                        \
        r3 = wasm_i16x8_sub(z0, z3);                                                                        \
    } while (0)

static void idct_add(uint8_t *dst, int16_t *block, int stride)
{
    v128_t r0 = wasm_v128_load(block), r2 = wasm_v128_load(block + 8);
    v128_t r1 = HIGH64(r0, r0), r3 = HIGH64(r2, r2), a, b;
    wasm_v128_store(block, wasm_i16x8_const_splat(0));
    wasm_v128_store(block + 8, wasm_i16x8_const_splat(0));
    r0 = wasm_i16x8_add(r0, wasm_i16x8_const(32, 0, 0, 0, 0, 0, 0, 0));
    TRANSFORM(r0, r1, r2, r3);
    a = interleave_low(r0, r1);
    b = interleave_low(r2, r3);
    r0 = LOW32(a, b);
    r2 = HIGH32(a, b);
    r1 = HIGH64(r0, r0);
    r3 = HIGH64(r2, r2);
    TRANSFORM(r0, r1, r2, r3);
    add_rows4(dst, stride, wasm_i16x8_shr(LOW64(r0, r1), 6));
    add_rows4(dst + 2 * stride, stride, wasm_i16x8_shr(LOW64(r2, r3), 6));
}

/* Transforms two blocks beside each other. */
IN void idct_add_pair(uint8_t *dst, int16_t *block, int stride)
{
    v128_t a0 = wasm_v128_load(block), a2 = wasm_v128_load(block + 8);
    v128_t b0 = wasm_v128_load(block + 16), b2 = wasm_v128_load(block + 24);
    v128_t r0 = LOW64(a0, b0), r1 = HIGH64(a0, b0), r2 = LOW64(a2, b2), r3 = HIGH64(a2, b2);
    wasm_v128_store(block, wasm_i16x8_const_splat(0));
    wasm_v128_store(block + 8, wasm_i16x8_const_splat(0));
    wasm_v128_store(block + 16, wasm_i16x8_const_splat(0));
    wasm_v128_store(block + 24, wasm_i16x8_const_splat(0));
    r0 = wasm_i16x8_add(r0, wasm_i16x8_const(32, 0, 0, 0, 32, 0, 0, 0));
    TRANSFORM(r0, r1, r2, r3);
    a0 = interleave_low(r0, r1);
    a2 = interleave_low(r2, r3);
    b0 = interleave_high(r0, r1);
    b2 = interleave_high(r2, r3);
    r0 = LOW32(a0, a2);
    r2 = HIGH32(a0, a2);
    r1 = LOW32(b0, b2);
    r3 = HIGH32(b0, b2);
    a0 = LOW64(r0, r1);
    b0 = HIGH64(r0, r1);
    a2 = LOW64(r2, r3);
    b2 = HIGH64(r2, r3);
    TRANSFORM(a0, b0, a2, b2);
    add_row(dst, wasm_i16x8_shr(a0, 6));
    add_row(dst += stride, wasm_i16x8_shr(b0, 6));
    add_row(dst += stride, wasm_i16x8_shr(a2, 6));
    add_row(dst += stride, wasm_i16x8_shr(b2, 6));
}

static void idct_dc_add(uint8_t *dst, int16_t *block, int stride)
{
    v128_t dc = wasm_i16x8_splat((block[0] + 32) >> 6);
    block[0] = 0;
    add_rows4(dst, stride, dc);
    add_rows4(dst + 2 * stride, stride, dc);
}

static void idct8_dc_add(uint8_t *dst, int16_t *block, int stride)
{
    v128_t dc = wasm_i16x8_splat((block[0] + 32) >> 6);
    block[0] = 0;
#pragma clang loop unroll(disable)
    for (int i = 0; i < 8; i += 4, dst += 4 * stride) {
        add_row(dst, dc);
        add_row(dst + stride, dc);
        add_row(dst + 2 * stride, dc);
        add_row(dst + 3 * stride, dc);
    }
}

/* Adds the mean of two blocks beside each other. */
IN void dc_add_pair(uint8_t *dst, int16_t *block, int stride)
{
    v128_t dc = LOW64(wasm_i16x8_splat((block[0] + 32) >> 6), wasm_i16x8_splat((block[16] + 32) >> 6));
    block[0] = block[16] = 0;
    add_row(dst, dc);
    add_row(dst += stride, dc);
    add_row(dst += stride, dc);
    add_row(dst += stride, dc);
}

IN int two_counts(const uint8_t *nnzc, int i)
{
    uint16_t counts;
    memcpy(&counts, nnzc + scan8[i], sizeof(counts));
    return counts;
}

/* Two blocks in turn are beside each other. The transform of a block of zeros adds nothing. */
static void idct_add16(uint8_t *dst, const int *block_offset, int16_t *block, int stride, const uint8_t nnzc[5 * 8])
{
#pragma clang loop unroll(disable)
    for (int i = 0; i < 16; i += 2, block += 32)
        if (two_counts(nnzc, i))
            idct_add_pair(dst + block_offset[i], block, stride);
}

IN void idct_add_intra(uint8_t *dst, int offset, int16_t *block, int stride, int counts)
{
    if (counts)
        idct_add_pair(dst + offset, block, stride);
    else if (block[0] | block[16])
        dc_add_pair(dst + offset, block, stride);
}

static void idct_add16intra(uint8_t *dst, const int *block_offset, int16_t *block, int stride,
                            const uint8_t nnzc[5 * 8])
{
#pragma clang loop unroll(disable)
    for (int i = 0; i < 16; i += 2, block += 32)
        idct_add_intra(dst, block_offset[i], block, stride, two_counts(nnzc, i));
}

static void idct_add8(uint8_t **dst, const int *block_offset, int16_t *block, int stride, const uint8_t nnzc[15 * 8])
{
#pragma clang loop unroll(disable)
    for (int n = 0; n < 4; n++) {
        const int i = 16 + (n >> 1) * 16 + (n & 1) * 2;
        idct_add_intra(dst[n >> 1], block_offset[i], block + i * 16, stride, two_counts(nnzc, i));
    }
}

av_cold void ff_h264dsp_init_wasm(H264DSPContext *c, const int bit_depth, const int chroma_format_idc)
{
    if (bit_depth > 8 || !(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128))
        return;
    c->v_loop_filter_luma = v_loop_filter_luma;
    c->h_loop_filter_luma = h_loop_filter_luma;
    c->v_loop_filter_chroma = v_loop_filter_chroma;
    c->idct_add = idct_add;
    c->idct_dc_add = idct_dc_add;
    c->idct8_dc_add = idct8_dc_add;
    c->idct_add16 = idct_add16;
    c->idct_add16intra = idct_add16intra;
    if (chroma_format_idc <= 1) {
        c->loop_filter_strength = loop_filter_strength;
        c->h_loop_filter_chroma = h_loop_filter_chroma;
        c->idct_add8 = idct_add8;
    }
}
