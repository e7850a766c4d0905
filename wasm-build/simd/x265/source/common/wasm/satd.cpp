// SPDX-License-Identifier: GPL-2.0-or-later
// Sums of absolute transformed differences: satd, sa8d and psy_cost_pp of common/pixel.cpp.
//
// The last step of a transform is a maximum, since |x + y| + |x - y| is twice the larger of |x| and |y|. With it,
// the transforms of 10 bits fit 16 bits.
#include "kernels.h"
#include "simd.h"

namespace {

IN v128_t difference(const pixel *a, const pixel *b) { return wasm_i16x8_sub(load8(a), load8(b)); }
// The differences of four pixels in each of two rows.
IN v128_t difference4x2(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    return wasm_i16x8_sub(low64(load4(a), load4(a + sa)), low64(load4(b), load4(b + sb)));
}
IN void butterfly(v128_t &a, v128_t &b)
{
    v128_t s = wasm_i16x8_add(a, b);
    b = wasm_i16x8_sub(a, b);
    a = s;
}
IN v128_t largest(v128_t a, v128_t b) { return wasm_i16x8_max(wasm_i16x8_abs(a), wasm_i16x8_abs(b)); }

// Transforms vertically transformed 4x4 blocks horizontally, and returns half the sums of absolute values.
IN v128_t fold(v128_t a, v128_t b)
{
    v128_t even = wasm_i16x8_shuffle(a, wasm_i32x4_shl(b, 16), 0, 9, 2, 11, 4, 13, 6, 15);
    v128_t odd = wasm_i16x8_shuffle(wasm_u32x4_shr(a, 16), b, 0, 9, 2, 11, 4, 13, 6, 15);
    v128_t sum = wasm_i16x8_abs(wasm_i16x8_add(even, odd));
    v128_t difference = wasm_i16x8_abs(wasm_i16x8_sub(even, odd));
    return wasm_i16x8_max(wasm_i32x4_shuffle(sum, difference, 0, 2, 4, 6),
                          wasm_i32x4_shuffle(sum, difference, 1, 3, 5, 7));
}

// Return lanes of at most 16 times the largest pixel.
IN v128_t satd8x4(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t d0 = difference(a, b), d1 = difference(a + sa, b + sb);
    v128_t d2 = difference(a + 2 * sa, b + 2 * sb), d3 = difference(a + 3 * sa, b + 3 * sb);
    butterfly(d0, d1), butterfly(d2, d3);
    butterfly(d0, d2), butterfly(d1, d3);
    return wasm_i16x8_add(fold(d0, d1), fold(d2, d3));
}
// One block, with two rows in each vector.
IN v128_t satd4x4(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t d01 = difference4x2(a, sa, b, sb), d23 = difference4x2(a + 2 * sa, sa, b + 2 * sb, sb);
    butterfly(d01, d23);
    v128_t low = low64(d01, d23), high = high64(d01, d23);
    butterfly(low, high);
    return fold(low, high);
}

template<int w, int h> int satd(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t sum = splat32(0);
    for (int x = 0; x < w; x += w % 8 && x + 8 > w ? 4 : 8) {
        const pixel *p = a + x, *q = b + x;
        // See sad.cpp.
#pragma clang loop unroll(disable)
        for (int y = 0; y < h; y += 4, p += 4 * sa, q += 4 * sb) {
            v128_t s = w - x < 8 ? satd4x4(p, sa, q, sb) : satd8x4(p, sa, q, sb);
            sum = wasm_i32x4_add(sum, wasm_u32x4_extadd_pairwise_u16x8(s));
        }
    }
    return sum32(sum);
}

// Returns half the sum of absolute values of the transform of 8x8 values, in four lanes.
IN v128_t transformed8x8(v128_t r[8])
{
    v128_t t[8];
    for (int i = 0; i < 4; i++) butterfly(r[i], r[i + 4]);
    for (int i = 0; i < 8; i += 4) butterfly(r[i], r[i + 2]), butterfly(r[i + 1], r[i + 3]);
    for (int i = 0; i < 8; i += 2) butterfly(r[i], r[i + 1]);
    // Each step interleaves pairs of rows, so that it adds lanes that were four apart.
    for (int i = 0; i < 8; i += 2) {
        t[i] = low16(r[i], r[i + 1]), t[i + 1] = high16(r[i], r[i + 1]);
        butterfly(t[i], t[i + 1]);
    }
    for (int i = 0; i < 8; i += 2) {
        r[i] = low16(t[i], t[i + 1]), r[i + 1] = high16(t[i], t[i + 1]);
        butterfly(r[i], r[i + 1]);
    }
    v128_t m[4];
    for (int i = 0; i < 4; i++)
        m[i] = largest(low16(r[2 * i], r[2 * i + 1]), high16(r[2 * i], r[2 * i + 1]));
    return wasm_i32x4_add(wasm_u32x4_extadd_pairwise_u16x8(wasm_i16x8_add(m[0], m[1])),
                          wasm_u32x4_extadd_pairwise_u16x8(wasm_i16x8_add(m[2], m[3])));
}
// Not inlined, since it is large.
__attribute__((noinline)) v128_t sa8d_8x8_lanes(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t r[8];
    for (int i = 0; i < 8; i++) r[i] = difference(a + i * sa, b + i * sb);
    return transformed8x8(r);
}

int sa8d_8x8(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    return (sum32(sa8d_8x8_lanes(a, sa, b, sb)) + 1) >> 1;
}
int sa8d_16x16(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    v128_t top = wasm_i32x4_add(sa8d_8x8_lanes(a, sa, b, sb), sa8d_8x8_lanes(a + 8, sa, b + 8, sb));
    a += 8 * sa, b += 8 * sb;
    v128_t bottom = wasm_i32x4_add(sa8d_8x8_lanes(a, sa, b, sb), sa8d_8x8_lanes(a + 8, sa, b + 8, sb));
    return (sum32(wasm_i32x4_add(top, bottom)) + 1) >> 1;
}
template<int w, int h> int sa8d8(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    int cost = 0;
    for (int y = 0; y < h; y += 8)
        for (int x = 0; x < w; x += 8)
            cost += sa8d_8x8(a + y * sa + x, sa, b + y * sb + x, sb);
    return cost;
}
template<int w, int h> int sa8d16(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    int cost = 0;
    for (int y = 0; y < h; y += 16)
        for (int x = 0; x < w; x += 16)
            cost += sa8d_16x16(a + y * sa + x, sa, b + y * sb + x, sb);
    return cost;
}

// The energy of a block without its mean.
__attribute__((noinline)) int energy8x8(const pixel *p, intptr_t s)
{
    v128_t r[8], sum = splat16(0);
    for (int i = 0; i < 8; i++) r[i] = load8(p + i * s), sum = wasm_i16x8_add(sum, r[i]);
    int mean = sum16(sum) >> 2;
    return ((sum32(transformed8x8(r)) + 1) >> 1) - mean;
}
int energy4x4(const pixel *p, intptr_t s)
{
    v128_t sum = wasm_i16x8_add(low64(load4(p), load4(p + s)), low64(load4(p + 2 * s), load4(p + 3 * s)));
    static const pixel zero[4] = {};
    return sum16(satd4x4(p, s, zero, 0)) - (sum16(sum) >> 2);
}
template<int w> int psy_cost(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb)
{
    if (w == 4) return abs(energy4x4(a, sa) - energy4x4(b, sb));
    int cost = 0;
    for (int y = 0; y < w; y += 8)
        for (int x = 0; x < w; x += 8)
            cost += abs(energy8x8(a + y * sa + x, sa) - energy8x8(b + y * sb + x, sb));
    return cost;
}

}

namespace X265_NS {
void setupSatdPrimitives_wasm(EncoderPrimitives &p)
{
#define LUMA(w, h) p.pu[LUMA_##w##x##h].satd = satd<w, h>;
    FOR_LUMA_SIZES(LUMA)
    p.cu[BLOCK_4x4].sa8d = satd<4, 4>;
    p.cu[BLOCK_8x8].sa8d = sa8d_8x8;
    p.cu[BLOCK_16x16].sa8d = sa8d_16x16;
    p.cu[BLOCK_32x32].sa8d = sa8d16<32, 32>;
    p.cu[BLOCK_64x64].sa8d = sa8d16<64, 64>;
    p.cu[BLOCK_4x4].psy_cost_pp = psy_cost<4>;
    p.cu[BLOCK_8x8].psy_cost_pp = psy_cost<8>;
    p.cu[BLOCK_16x16].psy_cost_pp = psy_cost<16>;
    p.cu[BLOCK_32x32].psy_cost_pp = psy_cost<32>;
    p.cu[BLOCK_64x64].psy_cost_pp = psy_cost<64>;

    EncoderPrimitives::Chroma &c422 = p.chroma[X265_CSP_I422];
    c422.pu[CHROMA_422_8x12].satd = satd<8, 12>;
    c422.pu[CHROMA_422_16x24].satd = satd<16, 24>;
    c422.pu[CHROMA_422_12x32].satd = satd<12, 32>;
    c422.pu[CHROMA_422_4x32].satd = satd<4, 32>;
    c422.pu[CHROMA_422_32x48].satd = satd<32, 48>;
    c422.pu[CHROMA_422_24x64].satd = satd<24, 64>;
    c422.pu[CHROMA_422_8x64].satd = satd<8, 64>;
    c422.cu[BLOCK_16x16].sa8d = sa8d8<8, 16>;
    c422.cu[BLOCK_32x32].sa8d = sa8d16<16, 32>;
    c422.cu[BLOCK_64x64].sa8d = sa8d16<32, 64>;
}
}
