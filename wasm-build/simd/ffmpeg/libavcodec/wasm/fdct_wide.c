/* SPDX-License-Identifier: IJG AND LGPL-2.1-or-later */
/* The forward DCT of JPEG: ff_jpeg_fdct_islow_8 of jfdctint_template.c, with sums of 32 bits. This software is
 * based in part on the work of the Independent JPEG Group: see the notice in jfdctint_template.c, which applies here too. */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavcodec/wasm/fdct_wide.h"
#include "libavcodec/wasm/transpose.h"

#define IN static av_always_inline

/* Arithmetic wraps, as that of C's unsigned. */
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));

IN u32x4 rounded(u32x4 x, int bits) { return (u32x4)((i32x4)(x + (1u << (bits - 1))) >> bits); }

/* One pass over four rows or columns, of which `x[i]` has the elements number `i`. */
IN void transform(u32x4 x[8], int is_first)
{
    const int bits = is_first ? CONST_BITS - PASS1_BITS : CONST_BITS + PASS1_BITS;
    u32x4 t0 = x[0] + x[7], t7 = x[0] - x[7], t1 = x[1] + x[6], t6 = x[1] - x[6];
    u32x4 t2 = x[2] + x[5], t5 = x[2] - x[5], t3 = x[3] + x[4], t4 = x[3] - x[4];
    u32x4 t10 = t0 + t3, t13 = t0 - t3, t11 = t1 + t2, t12 = t1 - t2;
    u32x4 z1 = (t12 + t13) * C0_541, z2, z3, z4, z5;

    x[0] = is_first ? (t10 + t11) << PASS1_BITS : rounded(t10 + t11, PASS1_BITS);
    x[4] = is_first ? (t10 - t11) << PASS1_BITS : rounded(t10 - t11, PASS1_BITS);
    x[2] = rounded(z1 + t13 * C0_765, bits);
    x[6] = rounded(z1 - t12 * C1_847, bits);

    z3 = t4 + t6;
    z4 = t5 + t7;
    z5 = (z3 + z4) * C1_175;
    z3 = z5 - z3 * C1_961;
    z4 = z5 - z4 * C0_390;
    z1 = (t4 + t7) * C0_899;
    z2 = (t5 + t6) * C2_562;
    x[7] = rounded(t4 * C0_298 - z1 + z3, bits);
    x[5] = rounded(t5 * C2_053 - z2 + z4, bits);
    x[3] = rounded(t6 * C3_072 - z2 + z3, bits);
    x[1] = rounded(t7 * C1_501 - z1 + z4, bits);
}

/* Both halves of eight rows or columns. No result for samples of 8 bits, nor for their differences, exceeds 16 bits. */
IN void pass(v128_t x[8], int is_first)
{
    u32x4 low[8], high[8];
    for (int i = 0; i < 8; i++) {
        low[i]  = (u32x4)wasm_i32x4_extend_low_i16x8(x[i]);
        high[i] = (u32x4)wasm_i32x4_extend_high_i16x8(x[i]);
    }
    transform(low, is_first);
    transform(high, is_first);
    for (int i = 0; i < 8; i++)
        x[i] = wasm_i16x8_narrow_i32x4((v128_t)low[i], (v128_t)high[i]);
}

void ff_fdct_wide_simd128(int16_t *block)
{
    v128_t x[8];
    load_block(x, block);
    transpose(x);
    pass(x, 1);
    transpose(x);
    pass(x, 0);
    store_block(block, x);
}
