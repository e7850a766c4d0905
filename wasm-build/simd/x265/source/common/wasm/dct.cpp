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
IN void pairs(const v128_t r[4], v128_t out[4])
{
    v128_t ab = low32(r[0], r[1]), cd = low32(r[2], r[3]);
    out[0] = low64(ab, cd), out[1] = high64(ab, cd);
    ab = high32(r[0], r[1]), cd = high32(r[2], r[3]);
    out[2] = low64(ab, cd), out[3] = high64(ab, cd);
}

IN v128_t truncated(v128_t a, v128_t b, int shift)
{
    const v128_t low = splat32(0xffff);
    a = wasm_v128_and(wasm_i32x4_shr(a, shift), low), b = wasm_v128_and(wasm_i32x4_shr(b, shift), low);
    return wasm_u16x8_narrow_i32x4(a, b);
}

// Whether the values of eight rows are so small that the sums and differences of forward_rows fit 16 bits.
template<int N> IN bool fits(const int16_t *src, intptr_t s)
{
    v128_t bits = splat16(0);
    for (int y = 0; y < 8; y++) {
        for (int x = 0; x < N; x += 8) {
            v128_t r = load8(src + y * s + x);
            bits = wasm_v128_or(bits, wasm_v128_xor(r, wasm_i16x8_shl(r, 1)));
            if (N == 32) bits = wasm_v128_or(bits, wasm_v128_xor(r, wasm_i16x8_shl(r, 2)));
        }
    }
    return !wasm_i16x8_bitmask(bits);
}

// Adds the products with a row of the matrix to the sums of four rows each.
template<int count> IN void add_product(v128_t sums[2], const v128_t *const rows[2], const int16_t *factors)
{
    for (int m = 0; m < count; m++) {
        v128_t c = wasm_v128_load32_splat(factors + 2 * m);
        sums[0] = add_products(sums[0], rows[0][m], c), sums[1] = add_products(sums[1], rows[1][m], c);
    }
}
IN v128_t narrowed(const v128_t sums[2], int shift)
{
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(sums[0], shift), wasm_i32x4_shr(sums[1], shift));
}

// Transforms eight rows: even rows of the matrix are multiplied by sums of mirrored values, odd ones by differences.
// For 32 values, the sums are divided once more.
template<int N>
__attribute__((noinline)) void forward_rows(const int16_t *src, intptr_t s, int16_t *dst, int shift)
{
    constexpr int count = N == 32 ? 4 : N / 4, odd_count = N / 4;
    const v128_t round = splat32(1 << (shift - 1));
    // Pairs of the first four rows, and of the others. `between` is for every second even row of the matrix.
    v128_t even[2][4], between[2][4], odd[2][8];
    for (int half = 0; half < 2; half++) {
        v128_t e[2][4], o[2][4];
        for (int i = 0; i < 4; i++) {
            const int16_t *p = src + (4 * half + i) * s;
            for (int v = 0; v < (N == 32 ? 2 : 1); v++) {
                v128_t a = load8(p + 8 * v), b = reversed(load8(p + N - 8 - 8 * v));
                e[v][i] = wasm_i16x8_add(a, b), o[v][i] = wasm_i16x8_sub(a, b);
            }
            if (N == 32) {
                v128_t a = e[0][i], b = reversed(e[1][i]);
                e[0][i] = wasm_i16x8_add(a, b), e[1][i] = wasm_i16x8_sub(a, b);
            }
        }
        pairs(e[0], even[half]), pairs(o[0], odd[half]);
        if (N == 32) pairs(e[1], between[half]), pairs(o[1], odd[half] + 4);
    }
    const v128_t *const evens[] = {even[0], even[1]}, *const odds[] = {odd[0], odd[1]};
    const v128_t *const betweens[] = {N == 32 ? between[0] : even[0], N == 32 ? between[1] : even[1]};
#pragma clang loop unroll(disable)
    for (int k = 0; k < N; k += 4, dst += 4 * N) {
        v128_t sums[4][2] = {{round, round}, {round, round}, {round, round}, {round, round}};
        add_product<count>(sums[0], evens, matrix_row<N>(k));
        store8(dst, narrowed(sums[0], shift));
        add_product<odd_count>(sums[1], odds, matrix_row<N>(k + 1));
        store8(dst + N, narrowed(sums[1], shift));
        add_product<count>(sums[2], betweens, matrix_row<N>(k + 2));
        store8(dst + 2 * N, narrowed(sums[2], shift));
        add_product<odd_count>(sums[3], odds, matrix_row<N>(k + 3));
        store8(dst + 3 * N, narrowed(sums[3], shift));
    }
}
// The same for any values, with whole rows of the matrix. psy-rdoq transforms pixels, whose means are so large.
template<int N>
__attribute__((noinline)) void forward_large_rows(const int16_t *src, intptr_t s, int16_t *dst, int shift)
{
    const v128_t round = splat32(1 << (shift - 1));
    v128_t p[2][N / 2];
    for (int half = 0; half < 2; half++) {
        for (int x = 0; x < N; x += 8) {
            v128_t r[4];
            for (int i = 0; i < 4; i++) r[i] = load8(src + (4 * half + i) * s + x);
            pairs(r, p[half] + x / 2);
        }
    }
    const v128_t *const rows[] = {p[0], p[1]};
#pragma clang loop unroll(disable)
    for (int k = 0; k < N; k++) {
        v128_t sums[2] = {round, round};
        add_product<N / 2>(sums, rows, matrix_row<N>(k));
        store8(dst + k * N, truncated(sums[0], sums[1], shift));
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
IN Rows4 narrowed4(const v128_t r[4], int shift)
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
    return narrowed4(out, shift);
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
    r = narrowed4(out, shift);
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
