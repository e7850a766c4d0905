// SPDX-License-Identifier: GPL-2.0-or-later
// The transforms of common/dct.cpp, as products of pairs of 16-bit values that are summed in 32 bits.
#include "kernels.h"
#include "constants.h"
#include "simd.h"

using namespace X265_NS;

namespace {

template<int N> IN const int16_t *matrix_row(int k)
{
    return N == 32 ? g_t32[k] : N == 16 ? g_t16[k] : N == 8 ? g_t8[k] : g_t4[k];
}

IN v128_t reversed(v128_t a) { return wasm_i16x8_shuffle(a, a, 7, 6, 5, 4, 3, 2, 1, 0); }
IN v128_t add_products(v128_t sum, v128_t a, v128_t b) { return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(a, b)); }

// Turns four rows of eight values into four vectors, each with one pair of values of each row.
IN void pairs(v128_t a, v128_t b, v128_t c, v128_t d, v128_t out[4])
{
    v128_t ab = low32(a, b), cd = low32(c, d);
    out[0] = low64(ab, cd), out[1] = high64(ab, cd);
    ab = high32(a, b), cd = high32(c, d);
    out[2] = low64(ab, cd), out[3] = high64(ab, cd);
}

IN v128_t truncated(v128_t a, v128_t b, int shift)
{
    const v128_t low = splat32(0xffff);
    a = wasm_v128_and(wasm_i32x4_shr(a, shift), low), b = wasm_v128_and(wasm_i32x4_shr(b, shift), low);
    return wasm_u16x8_narrow_i32x4(a, b);
}

// Whether sums and differences of two values fit 16 bits.
template<int N> IN bool fits(const int16_t *src, intptr_t s)
{
    v128_t bits = splat16(0);
    for (int y = 0; y < 8; y++) {
        for (int x = 0; x < N; x += 8) {
            v128_t r = load8(src + y * s + x);
            bits = wasm_v128_or(bits, wasm_v128_xor(r, wasm_i16x8_shl(r, 1)));
        }
    }
    return !wasm_i16x8_bitmask(bits);
}

// Transforms eight rows: even columns of the matrix are products with sums of mirrored values, odd ones with differences.
template<int N> __attribute__((noinline)) void forward_rows(const int16_t *src, intptr_t s, int16_t *dst, int shift)
{
    constexpr int H = N / 2, vectors = N == 32 ? 2 : 1;
    const v128_t round = splat32(1 << (shift - 1));
    // Pairs of the first four rows, and of the others.
    v128_t even[2][4 * vectors], odd[2][4 * vectors];
    for (int half = 0; half < 2; half++) {
        for (int v = 0; v < vectors; v++) {
            v128_t e[4], o[4];
            for (int i = 0; i < 4; i++) {
                const int16_t *p = src + (4 * half + i) * s;
                v128_t a = load8(p + 8 * v), b = reversed(load8(p + N - 8 - 8 * v));
                e[i] = wasm_i16x8_add(a, b), o[i] = wasm_i16x8_sub(a, b);
            }
            pairs(e[0], e[1], e[2], e[3], even[half] + 4 * v);
            pairs(o[0], o[1], o[2], o[3], odd[half] + 4 * v);
        }
    }
#pragma clang loop unroll(disable)
    for (int k = 0; k < N; k += 2) {
        const int16_t *te = matrix_row<N>(k), *to = matrix_row<N>(k + 1);
        v128_t e0 = round, e1 = round, o0 = round, o1 = round;
        for (int m = 0; m < H / 2; m++) {
            v128_t c = wasm_v128_load32_splat(te + 2 * m), d = wasm_v128_load32_splat(to + 2 * m);
            e0 = add_products(e0, even[0][m], c), e1 = add_products(e1, even[1][m], c);
            o0 = add_products(o0, odd[0][m], d), o1 = add_products(o1, odd[1][m], d);
        }
        int16_t *out = dst + k * N;
        store8(out, wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(e0, shift), wasm_i32x4_shr(e1, shift)));
        store8(out + N, wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(o0, shift), wasm_i32x4_shr(o1, shift)));
    }
}
// The same for any values, with whole products. Means of pixels are so large, which are transformed for psy-rdoq.
template<int N> __attribute__((noinline)) void forward_large_rows(const int16_t *src, intptr_t s, int16_t *dst, int shift)
{
    const v128_t round = splat32(1 << (shift - 1));
    v128_t p[2][N / 2];
    for (int half = 0; half < 2; half++) {
        const int16_t *r = src + 4 * half * s;
        for (int x = 0; x < N; x += 8)
            pairs(load8(r + x), load8(r + s + x), load8(r + 2 * s + x), load8(r + 3 * s + x), p[half] + x / 2);
    }
#pragma clang loop unroll(disable)
    for (int k = 0; k < N; k++) {
        const int16_t *t = matrix_row<N>(k);
        v128_t a = round, b = round;
        for (int m = 0; m < N / 2; m++) {
            v128_t c = wasm_v128_load32_splat(t + 2 * m);
            a = add_products(a, p[0][m], c), b = add_products(b, p[1][m], c);
        }
        store8(dst + k * N, truncated(a, b, shift));
    }
}
// Transforms the rows of a block, and transposes it. N is 8, 16 or 32.
template<int N> IN void forward(const int16_t *src, intptr_t s, int16_t *dst, int shift)
{
#pragma clang loop unroll(disable)
    for (int y = 0; y < N; y += 8, src += 8 * s) {
        if (fits<N>(src, s)) forward_rows<N>(src, s, dst + y, shift);
        else forward_large_rows<N>(src, s, dst + y, shift);
    }
}

template<int N> void dct(const int16_t *src, int16_t *dst, intptr_t s)
{
    constexpr int log2 = N == 32 ? 5 : N == 16 ? 4 : 3;
    ALIGN_VAR_32(int16_t, coef[N * N]);
    forward<N>(src, s, coef, log2 - 1 + X265_DEPTH - 8);
    forward<N>(coef, N, dst, log2 + 6);
}

// The pairs of values of rows k and k + 2 of a matrix, for each column x of its left half.
template<int N> struct InversePairs {
    int16_t even[N / 2][N / 4][2], odd[N / 2][N / 4][2];
    void fill()
    {
        for (int x = 0; x < N / 2; x++) {
            for (int m = 0; m < N / 4; m++) {
                for (int i = 0; i < 2; i++) {
                    even[x][m][i] = matrix_row<N>(4 * m + 2 * i)[x];
                    odd[x][m][i] = matrix_row<N>(4 * m + 2 * i + 1)[x];
                }
            }
        }
    }
};
InversePairs<8> inverse8;
InversePairs<16> inverse16;
InversePairs<32> inverse32;

// Transforms the columns of a block of which only the first `rows` rows are not zero, and transposes it.
template<int N>
IN void inverse(const int16_t *src, int rows, int16_t *dst, intptr_t s, int shift, const InversePairs<N> &table)
{
    int groups = (rows + 3) / 4;
    v128_t round = splat32(1 << (shift - 1));
    for (int x = 0; x < N; x += 8) {
        v128_t even[2][N / 4], odd[2][N / 4], out[N];
        for (int m = 0; m < groups; m++) {
            const int16_t *p = src + 4 * m * N + x;
            v128_t r0 = load8(p), r1 = load8(p + N), r2 = load8(p + 2 * N), r3 = load8(p + 3 * N);
            even[0][m] = low16(r0, r2), even[1][m] = high16(r0, r2);
            odd[0][m] = low16(r1, r3), odd[1][m] = high16(r1, r3);
        }
#pragma clang loop unroll(disable)
        for (int n = 0; n < N / 2; n++) {
            v128_t e0 = round, e1 = round, o0 = splat32(0), o1 = o0;
#pragma clang loop unroll(disable)
            for (int m = 0; m < groups; m++) {
                v128_t c = wasm_v128_load32_splat(table.even[n][m]), d = wasm_v128_load32_splat(table.odd[n][m]);
                e0 = add_products(e0, even[0][m], c), e1 = add_products(e1, even[1][m], c);
                o0 = add_products(o0, odd[0][m], d), o1 = add_products(o1, odd[1][m], d);
            }
            out[n] = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(wasm_i32x4_add(e0, o0), shift),
                                             wasm_i32x4_shr(wasm_i32x4_add(e1, o1), shift));
            out[N - 1 - n] = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(wasm_i32x4_sub(e0, o0), shift),
                                                     wasm_i32x4_shr(wasm_i32x4_sub(e1, o1), shift));
        }
#pragma clang loop unroll(disable)
        for (int n = 0; n < N; n += 8) {
            transpose8x8(out + n);
            for (int i = 0; i < 8; i++) store8(dst + (x + i) * s + n, out[n + i]);
        }
    }
}
// The number of rows without the zeros at the end.
template<int N> IN int nonzero_rows(const int16_t *p)
{
    for (int y = N; y > 0; y--) {
        v128_t any = splat16(0);
        for (int x = 0; x < N; x += 8) any = wasm_v128_or(any, load8(p + (y - 1) * N + x));
        if (wasm_v128_any_true(any)) return y;
    }
    return 0;
}
template<int N> IN void idct(const int16_t *src, int16_t *dst, intptr_t s, const InversePairs<N> &table)
{
    ALIGN_VAR_32(int16_t, coef[N * N]);
    inverse<N>(src, nonzero_rows<N>(src), coef, N, 7, table);
    inverse<N>(coef, nonzero_rows<N>(coef), dst, s, 12 - (X265_DEPTH - 8), table);
}
void idct8(const int16_t *src, int16_t *dst, intptr_t s) { idct<8>(src, dst, s, inverse8); }
void idct16(const int16_t *src, int16_t *dst, intptr_t s) { idct<16>(src, dst, s, inverse16); }
void idct32(const int16_t *src, int16_t *dst, intptr_t s) { idct<32>(src, dst, s, inverse32); }

// 4x4 blocks are products with whole matrices, in two vectors of two rows. The sine transform has its own.
const int16_t sine[4][4] = {{29, 55, 74, 84}, {74, 74, 0, -74}, {84, -29, -74, 55}, {55, -84, 74, -29}};

struct Rows4 { v128_t top, bottom; };

IN Rows4 load4x4(const int16_t *p, intptr_t s)
{
    return {low64(load4(p), load4(p + s)), low64(load4(p + 2 * s), load4(p + 3 * s))};
}
IN Rows4 narrowed(const v128_t r[4], int shift)
{
    return {wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(r[0], shift), wasm_i32x4_shr(r[1], shift)),
            wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(r[2], shift), wasm_i32x4_shr(r[3], shift))};
}
// Transforms rows, and transposes.
IN Rows4 forward4(Rows4 r, const int16_t t[4][4], int shift)
{
    v128_t a = wasm_i32x4_shuffle(r.top, r.bottom, 0, 2, 4, 6), b = wasm_i32x4_shuffle(r.top, r.bottom, 1, 3, 5, 7);
    v128_t out[4];
    for (int k = 0; k < 4; k++) {
        out[k] = add_products(splat32(1 << (shift - 1)), a, wasm_v128_load32_splat(t[k]));
        out[k] = add_products(out[k], b, wasm_v128_load32_splat(t[k] + 2));
    }
    return narrowed(out, shift);
}
// Transforms columns, and transposes.
IN Rows4 inverse4(Rows4 r, const int16_t t[4][4], int shift)
{
    v128_t a = low16(r.top, high64(r.top, r.top)), b = low16(r.bottom, high64(r.bottom, r.bottom));
    v128_t out[4];
    for (int n = 0; n < 4; n++) {
        v128_t c = wasm_i16x8_make(t[0][n], t[1][n], t[0][n], t[1][n], t[0][n], t[1][n], t[0][n], t[1][n]);
        v128_t d = wasm_i16x8_make(t[2][n], t[3][n], t[2][n], t[3][n], t[2][n], t[3][n], t[2][n], t[3][n]);
        out[n] = add_products(add_products(splat32(1 << (shift - 1)), a, c), b, d);
    }
    r = narrowed(out, shift);
    a = low16(r.top, high64(r.top, r.top)), b = low16(r.bottom, high64(r.bottom, r.bottom));
    return {low32(a, b), high32(a, b)};
}
const int16_t cosine[4][4] = {{64, 64, 64, 64}, {83, 36, -36, -83}, {64, -64, -64, 64}, {36, -83, 83, -36}};

template<bool is_sine> void dct4(const int16_t *src, int16_t *dst, intptr_t s)
{
    const int16_t (*t)[4] = is_sine ? sine : cosine;
    Rows4 r = forward4(forward4(load4x4(src, s), t, 1 + X265_DEPTH - 8), t, 8);
    wasm_v128_store(dst, r.top);
    wasm_v128_store(dst + 8, r.bottom);
}
template<bool is_sine> void idct4(const int16_t *src, int16_t *dst, intptr_t s)
{
    const int16_t (*t)[4] = is_sine ? sine : cosine;
    Rows4 r = inverse4(inverse4(load4x4(src, 4), t, 7), t, 12 - (X265_DEPTH - 8));
    store4(dst, r.top), store4(dst + s, high64(r.top, r.top));
    store4(dst + 2 * s, r.bottom), store4(dst + 3 * s, high64(r.bottom, r.bottom));
}

}

namespace X265_NS {
void setupDCTPrimitives_wasm(EncoderPrimitives &p)
{
    inverse8.fill(), inverse16.fill(), inverse32.fill();
    p.dst4x4 = dct4<true>;
    p.idst4x4 = idct4<true>;
    p.cu[BLOCK_4x4].dct = dct4<false>;
    p.cu[BLOCK_4x4].idct = idct4<false>;
    p.cu[BLOCK_8x8].dct = dct<8>;
    p.cu[BLOCK_16x16].dct = dct<16>;
    p.cu[BLOCK_32x32].dct = dct<32>;
    p.cu[BLOCK_8x8].idct = idct8;
    p.cu[BLOCK_16x16].idct = idct16;
    p.cu[BLOCK_32x32].idct = idct32;
}
}
