// SPDX-License-Identifier: GPL-2.0-or-later
// Sums of squares: sse_pp, sse_ss, ssd_s and var of common/pixel.cpp. Differences of residuals fit 16 bits.
#include "kernels.h"
#include "simd.h"

namespace {

// A row of w lanes; two vectors in a step, so that their sums do not depend on each other.
template<int w, class T> IN v128_t sum_of_squares(v128_t sum, const T *a, const T *b)
{
    if (w == 4) {
        v128_t d = wasm_i16x8_sub(load4(a), load4(b));
        return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(d, d));
    }
    for (int x = 0; x < w; x += 8) {
        v128_t d = wasm_i16x8_sub(load8(a + x), load8(b + x));
        sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(d, d));
    }
    return sum;
}
IN sse_t total(v128_t a)
{
#if HIGH_BIT_DEPTH
    v128_t s = wasm_i64x2_add(wasm_u64x2_extend_low_u32x4(a), wasm_u64x2_extend_high_u32x4(a));
    return wasm_i64x2_extract_lane(s, 0) + wasm_i64x2_extract_lane(s, 1);
#else
    return sum32(a);
#endif
}
template<int w, int h, class T> sse_t sse(const T *a, intptr_t sa, const T *b, intptr_t sb)
{
    v128_t sum0 = splat32(0), sum1 = sum0;
    for (int y = 0; y < h; y += 2, a += 2 * sa, b += 2 * sb) {
        sum0 = sum_of_squares<w>(sum0, a, b);
        sum1 = sum_of_squares<w>(sum1, a + sa, b + sb);
    }
    return total(wasm_i32x4_add(sum0, sum1));
}
template<int w> sse_t ssd_s(const int16_t *a, intptr_t s)
{
    v128_t sum = splat32(0);
    for (int y = 0; y < w; y++, a += s) {
        for (int x = 0; x < w; x += 8) {
            v128_t r = w == 4 ? load4(a) : load8(a + x);
            sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(r, r));
        }
    }
    return total(sum);
}
template<int w> uint64_t var(const pixel *p, intptr_t s)
{
    v128_t sum = splat32(0), squares = sum, ones = splat16(1);
    for (int y = 0; y < w; y++, p += s) {
        for (int x = 0; x < w; x += 8) {
            v128_t r = w == 4 ? load4(p) : load8(p + x);
            sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(r, ones));
            squares = wasm_i32x4_add(squares, wasm_i32x4_dot_i16x8(r, r));
        }
    }
    return (uint32_t)sum32(sum) + ((uint64_t)(uint32_t)sum32(squares) << 32);
}

}

namespace X265_NS {
void setupSsdPrimitives_wasm(EncoderPrimitives &p)
{
#define SIZE(w)                                                 \
    p.cu[BLOCK_##w##x##w].sse_pp = sse<w, w, pixel>;            \
    p.cu[BLOCK_##w##x##w].sse_ss = sse<w, w, int16_t>;          \
    p.cu[BLOCK_##w##x##w].ssd_s[NONALIGNED] = ssd_s<w>;         \
    p.cu[BLOCK_##w##x##w].ssd_s[ALIGNED] = ssd_s<w>;            \
    p.cu[BLOCK_##w##x##w].var = var<w>;
    SIZE(4) SIZE(8) SIZE(16) SIZE(32) SIZE(64)

#define CHROMA(csp, w, h) p.chroma[X265_CSP_I##csp].cu[BLOCK_##csp##_##w##x##h].sse_pp = sse<w, h, pixel>;
    CHROMA(420, 4, 4) CHROMA(420, 8, 8) CHROMA(420, 16, 16) CHROMA(420, 32, 32)
    CHROMA(422, 4, 8) CHROMA(422, 8, 16) CHROMA(422, 16, 32) CHROMA(422, 32, 64)
}
}
