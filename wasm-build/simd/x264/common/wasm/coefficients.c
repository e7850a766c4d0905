/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches for coefficients that are not zero: decimate_score*, coeff_last* and coeff_level_run* of common/quant.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

/* Sixteen coefficients in 8 bits. They saturate, so none becomes zero. */
IN v128_t load16(const dctcoef *p) { return wasm_i8x16_narrow_i16x8(wasm_v128_load(p), wasm_v128_load(p + 8)); }

/* Returns a bit for each coefficient that is not zero, the first in bit 0. */
IN uint32_t mask(v128_t x) { return wasm_i8x16_bitmask(wasm_i8x16_ne(x, wasm_i8x16_const_splat(0))); }
/* Returns a bit for each coefficient that is not -1, 0 or 1. */
IN uint32_t large(v128_t x) { return wasm_i8x16_bitmask(wasm_u8x16_gt(wasm_i8x16_abs(x), wasm_i8x16_const_splat(1))); }

/* Returns the number of the highest bit, and -1 for zero. */
IN int highest(uint64_t x) { return x ? 63 - __builtin_clzll(x) : -1; }

IN uint32_t mask4(const dctcoef *p)
{
    v128_t x = wasm_v128_load64_zero(p);
    return mask(wasm_i8x16_narrow_i16x8(x, x)) & 15;
}
IN uint32_t mask8(const dctcoef *p)
{
    v128_t x = wasm_v128_load(p);
    return mask(wasm_i8x16_narrow_i16x8(x, x)) & 255;
}
/* Fifteen coefficients are inside a block of sixteen, behind its first or before its last. */
IN uint32_t mask15(const dctcoef *p) { return mask(load16(p)) & 0x7fff; }
IN uint32_t mask16(const dctcoef *p) { return mask(load16(p)); }
IN uint64_t mask64(const dctcoef *p)
{
    uint64_t m = 0;
    for (int i = 0; i < 4; i++)
        m |= (uint64_t)mask(load16(p + 16 * i)) << 16 * i;
    return m;
}

/* Returns the sum of the scores of the runs of zeros before each coefficient. */
IN int score(uint64_t m, const uint8_t *table)
{
    int sum = 0;
    for (int at = highest(m); m;) {
        m ^= 1ull << at;
        int next = highest(m);
        sum += table[at - next - 1];
        at = next;
    }
    return sum;
}

int x264_decimate_score15_wasm(dctcoef *dct)
{
    v128_t x = load16(dct);
    return large(x) >> 1 ? 9 : score(mask(x) >> 1, x264_decimate_table4);
}
int x264_decimate_score16_wasm(dctcoef *dct)
{
    v128_t x = load16(dct);
    return large(x) ? 9 : score(mask(x), x264_decimate_table4);
}
int x264_decimate_score64_wasm(dctcoef *dct)
{
    uint32_t any = 0;
    for (int i = 0; i < 4; i++)
        any |= large(load16(dct + 16 * i));
    return any ? 9 : score(mask64(dct), x264_decimate_table8);
}

IN int level_run(const dctcoef *dct, uint32_t m, x264_run_level_t *runlevel)
{
    int total = 0, at = highest(m);
    runlevel->last = at;
    runlevel->mask = m;
    for (; m; at = highest(m)) {
        runlevel->level[total++] = dct[at];
        m ^= 1u << at;
    }
    return total;
}

#define LAST(n) \
    int x264_coeff_last##n##_wasm(dctcoef *dct) { return highest(mask##n(dct)); }
#define LEVEL_RUN(n)                                                                    \
    int x264_coeff_level_run##n##_wasm(dctcoef *dct, x264_run_level_t *runlevel)        \
    {                                                                                   \
        return level_run(dct, mask##n(dct), runlevel);                                  \
    }
LAST(4) LAST(8) LAST(15) LAST(16) LAST(64)
LEVEL_RUN(4) LEVEL_RUN(8) LEVEL_RUN(15) LEVEL_RUN(16)
#endif
