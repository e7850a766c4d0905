/* SPDX-License-Identifier: IJG AND LGPL-2.1-or-later */
/* The forward DCT of JPEG: ff_jpeg_fdct_islow_8 of jfdctint_template.c, with all rows or columns at once. This software is
 * based in part on the work of the Independent JPEG Group: see the notice in jfdctint_template.c, which applies here too. */
#ifndef AVCODEC_WASM_FDCT_H
#define AVCODEC_WASM_FDCT_H

#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavcodec/wasm/fdct_wide.h"
#include "libavcodec/wasm/transpose.h"

void ff_fdct_simd128(int16_t *block);

/* Pairs of values of 16 bits, of which those of the first half are in `low`. */
typedef struct Pairs {
    v128_t low, high;
} Pairs;

static av_always_inline Pairs pairs(v128_t a, v128_t b)
{
    return (Pairs){interleave_low(a, b), interleave_high(a, b)};
}

/* Returns the sums rounded, and shifted right. */
static av_always_inline v128_t descale(v128_t low, v128_t high, int bits)
{
    v128_t half = wasm_i32x4_splat(1 << (bits - 1));
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(wasm_i32x4_add(low, half), bits),
                                   wasm_i32x4_shr(wasm_i32x4_add(high, half), bits));
}

/* Returns `p` * `pf`, where a factor is a pair, too. */
static av_always_inline v128_t products(Pairs p, v128_t pf, int bits)
{
    return descale(wasm_i32x4_dot_i16x8(p.low, pf), wasm_i32x4_dot_i16x8(p.high, pf), bits);
}

/* Returns `p` * `pf` + `q` * `qf`. */
static av_always_inline v128_t sum_of_products(Pairs p, v128_t pf, Pairs q, v128_t qf, int bits)
{
    return descale(wasm_i32x4_add(wasm_i32x4_dot_i16x8(p.low, pf), wasm_i32x4_dot_i16x8(q.low, qf)),
                   wasm_i32x4_add(wasm_i32x4_dot_i16x8(p.high, pf), wasm_i32x4_dot_i16x8(q.high, qf)), bits);
}

#define FACTORS(a, b) wasm_i16x8_const(a, b, a, b, a, b, a, b)

/* One pass over eight rows or columns, of which `x[i]` has the elements number `i`. */
static av_always_inline void forward_pass(v128_t x[8], int is_first)
{
    const int bits = is_first ? CONST_BITS - PASS1_BITS : CONST_BITS + PASS1_BITS;
    v128_t t0 = wasm_i16x8_add(x[0], x[7]), t7 = wasm_i16x8_sub(x[0], x[7]);
    v128_t t1 = wasm_i16x8_add(x[1], x[6]), t6 = wasm_i16x8_sub(x[1], x[6]);
    v128_t t2 = wasm_i16x8_add(x[2], x[5]), t5 = wasm_i16x8_sub(x[2], x[5]);
    v128_t t3 = wasm_i16x8_add(x[3], x[4]), t4 = wasm_i16x8_sub(x[3], x[4]);
    Pairs p, q;

    if (is_first) {
        v128_t t10 = wasm_i16x8_add(t0, t3), t11 = wasm_i16x8_add(t1, t2);
        p = pairs(wasm_i16x8_sub(t0, t3), wasm_i16x8_sub(t1, t2));
        x[0] = wasm_i16x8_shl(wasm_i16x8_add(t10, t11), PASS1_BITS);
        x[4] = wasm_i16x8_shl(wasm_i16x8_sub(t10, t11), PASS1_BITS);
        x[2] = products(p, FACTORS(C0_541 + C0_765, C0_541), bits);
        x[6] = products(p, FACTORS(C0_541, C0_541 - C1_847), bits);
    } else {
        /* The sums and differences of t0 to t3 have 17 bits. */
        p = pairs(t0, t3);
        q = pairs(t1, t2);
        x[0] = sum_of_products(p, FACTORS(1, 1), q, FACTORS(1, 1), PASS1_BITS);
        x[4] = sum_of_products(p, FACTORS(1, 1), q, FACTORS(-1, -1), PASS1_BITS);
        x[2] = sum_of_products(p, FACTORS(C0_541 + C0_765, -C0_541 - C0_765), q, FACTORS(C0_541, -C0_541), bits);
        x[6] = sum_of_products(p, FACTORS(C0_541, -C0_541), q, FACTORS(C0_541 - C1_847, C1_847 - C0_541), bits);
    }

    p = pairs(t4, t5);
    q = pairs(t6, t7);
    x[7] = sum_of_products(p, FACTORS(C0_298 - C0_899 + C1_175 - C1_961, C1_175),
                           q, FACTORS(C1_175 - C1_961, C1_175 - C0_899), bits);
    x[5] = sum_of_products(p, FACTORS(C1_175, C2_053 - C2_562 + C1_175 - C0_390),
                           q, FACTORS(C1_175 - C2_562, C1_175 - C0_390), bits);
    x[3] = sum_of_products(p, FACTORS(C1_175 - C1_961, C1_175 - C2_562),
                           q, FACTORS(C3_072 - C2_562 + C1_175 - C1_961, C1_175), bits);
    x[1] = sum_of_products(p, FACTORS(C1_175 - C0_899, C1_175 - C0_390),
                           q, FACTORS(C1_175, C1_501 - C0_899 + C1_175 - C0_390), bits);
}

/* Returns whether a value is not in 0 to 255 after `offset` is added. */
static av_always_inline int exceeds_byte(const v128_t x[8], int offset)
{
    v128_t by = wasm_i16x8_splat(offset), all = wasm_i16x8_add(x[0], by);
    for (int i = 1; i < 8; i++)
        all = wasm_v128_or(all, wasm_i16x8_add(x[i], by));
    return wasm_v128_any_true(wasm_v128_and(all, wasm_i16x8_const_splat(~255)));
}

/* Transforms the rows of `block` into `x`, and may change the block.
 *
 * Pixels are less than 256, so that the sums of the first pass are at most 255 * 8 << PASS1_BITS. The second pass adds two
 * of them in 16 bits. For that, it needs a range around zero, so 128 is taken from each pixel. This changes only the
 * constant parts: all those of the first pass, and that of the result. Most differences are in such a range already. */
static av_always_inline void forward_dct(v128_t x[8], int16_t *block)
{
    int is_signed;
    load_block(x, block);
    is_signed = exceeds_byte(x, 0);
    if (is_signed && exceeds_byte(x, 128)) {
        ff_fdct_wide_simd128(block);
        load_block(x, block);
        return;
    }
    transpose(x);
    forward_pass(x, 1);
    x[0] = wasm_i16x8_sub(x[0], wasm_i16x8_splat(is_signed ? 0 : 128 * 8 << PASS1_BITS));
    transpose(x);
    forward_pass(x, 0);
    x[0] = wasm_i16x8_add(x[0], wasm_i16x8_make(is_signed ? 0 : 128 * 64, 0, 0, 0, 0, 0, 0, 0));
}

#endif
