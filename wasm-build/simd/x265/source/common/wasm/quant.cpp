// SPDX-License-Identifier: GPL-2.0-or-later
// Quantization, and counts of coefficients, of common/dct.cpp.
#include "kernels.h"
#include "simd.h"

namespace {

IN v128_t low(v128_t a) { return wasm_i32x4_extend_low_i16x8(a); }
IN v128_t high(v128_t a) { return wasm_i32x4_extend_high_i16x8(a); }

// Quantizes four magnitudes; `delta` gets the remainders.
IN v128_t level(v128_t magnitude, const int32_t *scale, v128_t add, int bits, int32_t *delta)
{
    v128_t scaled = wasm_i32x4_mul(magnitude, wasm_v128_load(scale));
    v128_t level = wasm_i32x4_shr(wasm_i32x4_add(scaled, add), bits);
    if (delta)
        wasm_v128_store(delta, wasm_i32x4_shr(wasm_i32x4_sub(scaled, wasm_i32x4_shl(level, bits)), bits - 8));
    return level;
}
template<bool with_delta>
IN uint32_t quantize(const int16_t *coef, const int32_t *scale, int32_t *delta, int16_t *out, int bits, int add,
                     int count)
{
    v128_t round = splat32(add), zeros = splat16(0);
    for (int i = 0; i < count; i += 8) {
        v128_t c = wasm_v128_load(coef + i), sign = wasm_i16x8_shr(c, 15);
        // A magnitude of 32768 is positive in 32 bits, and so extended without a sign.
        v128_t m = wasm_i16x8_abs(c);
        int32_t *d = with_delta ? delta + i : NULL;
        v128_t a = level(wasm_u32x4_extend_low_u16x8(m), scale + i, round, bits, d);
        v128_t b = level(wasm_u32x4_extend_high_u16x8(m), scale + i + 4, round, bits, with_delta ? d + 4 : NULL);
        v128_t sa = low(sign), sb = high(sign);
        v128_t r = wasm_i16x8_narrow_i32x4(wasm_i32x4_sub(wasm_v128_xor(a, sa), sa),
                                           wasm_i32x4_sub(wasm_v128_xor(b, sb), sb));
        // Adds -1 for each zero.
        zeros = wasm_i16x8_add(zeros, wasm_i16x8_eq(r, splat16(0)));
        wasm_v128_store(out + i, with_delta ? r : wasm_i16x8_abs(r));
    }
    return count + sum32(wasm_i32x4_extadd_pairwise_i16x8(zeros));
}
uint32_t quant(const int16_t *coef, const int32_t *scale, int32_t *delta, int16_t *out, int bits, int add, int count)
{
    return quantize<true>(coef, scale, delta, out, bits, add, count);
}
uint32_t nquant(const int16_t *coef, const int32_t *scale, int16_t *out, int bits, int add, int count)
{
    return quantize<false>(coef, scale, NULL, out, bits, add, count);
}

void dequant_normal(const int16_t *in, int16_t *coef, int count, int scale, int shift)
{
    v128_t factor = splat32(scale), round = splat32(1 << (shift - 1));
    for (int i = 0; i < count; i += 8) {
        v128_t q = wasm_v128_load(in + i);
        v128_t a = wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_mul(low(q), factor), round), shift);
        v128_t b = wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_mul(high(q), factor), round), shift);
        wasm_v128_store(coef + i, wasm_i16x8_narrow_i32x4(a, b));
    }
}

template<int w> int count_nonzero(const int16_t *coef)
{
    v128_t zeros = splat16(0);
    for (int i = 0; i < w * w; i += 8)
        zeros = wasm_i16x8_add(zeros, wasm_i16x8_eq(wasm_v128_load(coef + i), splat16(0)));
    return w * w + sum32(wasm_i32x4_extadd_pairwise_i16x8(zeros));
}
template<int w> uint32_t copy_count(int16_t *coef, const int16_t *residual, intptr_t s)
{
    v128_t zeros = splat16(0);
    constexpr int rows = w == 4 ? 2 : 1;
    for (int y = 0; y < w; y += rows, residual += rows * s) {
        for (int x = 0; x < w; x += 8, coef += 8) {
            v128_t r = w == 4 ? low64(load4(residual), load4(residual + s)) : load8(residual + x);
            zeros = wasm_i16x8_add(zeros, wasm_i16x8_eq(r, splat16(0)));
            wasm_v128_store(coef, r);
        }
    }
    return w * w + sum32(wasm_i32x4_extadd_pairwise_i16x8(zeros));
}

}

namespace X265_NS {
void setupQuantPrimitives_wasm(EncoderPrimitives &p)
{
    p.quant = quant;
    p.nquant = nquant;
    p.dequant_normal = dequant_normal;
#define SIZE(w)                                            \
    p.cu[BLOCK_##w##x##w].count_nonzero = count_nonzero<w>; \
    p.cu[BLOCK_##w##x##w].copy_cnt = copy_count<w>;
    SIZE(4) SIZE(8) SIZE(16) SIZE(32)
}
}
