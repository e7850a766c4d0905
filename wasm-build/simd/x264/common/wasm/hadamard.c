/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums of absolute values of the transform of 8x8: pixel_sa8d_* and pixel_hadamard_ac_* of common/pixel.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "hadamard.h"

/* Returns half the sum of absolute values. */
static __attribute__((noinline)) int sa8d(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t x[8], sum = wasm_i16x8_const_splat(0);
    for (int i = 0; i < 8; i++, a += sa, b += sb)
        x[i] = difference8(a, b);
    columns8(x);
    for (int i = 0; i < 8; i += 2)
        sum = wasm_i16x8_add(sum, rows8_half(x[i], x[i + 1]));
    return sum_i16(sum);
}
int x264_pixel_sa8d_8x8_wasm(pixel *a, intptr_t sa, pixel *b, intptr_t sb) { return (2 * sa8d(a, sa, b, sb) + 2) >> 2; }
int x264_pixel_sa8d_16x16_wasm(pixel *a, intptr_t sa, pixel *b, intptr_t sb)
{
    int sum = sa8d(a, sa, b, sb) + sa8d(a + 8, sa, b + 8, sb);
    a += 8 * sa;
    b += 8 * sb;
    return (2 * (sum + sa8d(a, sa, b, sb) + sa8d(a + 8, sa, b + 8, sb)) + 2) >> 2;
}

/* Returns the sums of a block without its mean: of the transform of 8x8 in the upper half, of those of 4x4 in the lower. */
static __attribute__((noinline)) uint64_t hadamard_ac(const pixel *p, intptr_t stride)
{
    v128_t x[8], sum4 = wasm_i16x8_const_splat(0), sum8 = sum4;
    for (int i = 0; i < 8; i++, p += stride)
        x[i] = wasm_u16x8_load8x8(p);
    columns4(&x[0], &x[1], &x[2], &x[3]);
    columns4(&x[4], &x[5], &x[6], &x[7]);
    int mean = sum_i16(wasm_i16x8_add(x[0], x[4]));
    for (int i = 0; i < 8; i += 2) {
        rows4(&x[i], &x[i + 1]);
        sum4 = wasm_i16x8_add(sum4, wasm_i16x8_add(wasm_i16x8_abs(x[i]), wasm_i16x8_abs(x[i + 1])));
    }
    for (int i = 0; i < 4; i++)
        butterfly(&x[i], &x[i + 4]);
    for (int i = 0; i < 8; i += 2)
        sum8 = wasm_i16x8_add(sum8, last_step(x[i], x[i + 1]));
    return (uint64_t)(uint32_t)(2 * sum_i16(sum8) - mean) << 32 | (uint32_t)(sum_i16(sum4) - mean);
}

#define HADAMARD_AC(w, h)                                                                          \
    uint64_t x264_pixel_hadamard_ac_##w##x##h##_wasm(pixel *p, intptr_t stride)                    \
    {                                                                                              \
        uint64_t sum = hadamard_ac(p, stride);                                                     \
        if (w == 16)                                                                               \
            sum += hadamard_ac(p + 8, stride);                                                     \
        if (h == 16)                                                                               \
            sum += hadamard_ac(p + 8 * stride, stride);                                            \
        if (w == 16 && h == 16)                                                                    \
            sum += hadamard_ac(p + 8 * stride + 8, stride);                                        \
        return (sum >> 34 << 32) + ((uint32_t)sum >> 1);                                           \
    }
HADAMARD_AC(16, 16) HADAMARD_AC(16, 8) HADAMARD_AC(8, 16) HADAMARD_AC(8, 8)
#endif
