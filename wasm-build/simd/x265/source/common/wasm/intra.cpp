// SPDX-License-Identifier: GPL-2.0-or-later
// Intra prediction of common/intrapred.cpp.
#include "kernels.h"
#include "simd.h"

using namespace X265_NS;

namespace {

template<int w> IN void copy_row(pixel *dst, const pixel *src)
{
    constexpr int n = w * sizeof(pixel), rest = n < 16 ? n : 16;
    if (rest == 4) wasm_v128_store32_lane(dst, wasm_v128_load32_zero(src), 0);
    else if (rest == 8) wasm_v128_store64_lane(dst, wasm_v128_load64_zero(src), 0);
    else {
        char *d = (char *)dst;
        const char *s = (const char *)src;
        wasm_v128_store(d, wasm_v128_load(s));
        if (n >= 32) wasm_v128_store(d + 16, wasm_v128_load(s + 16));
        if (n >= 64) wasm_v128_store(d + 32, wasm_v128_load(s + 32)), wasm_v128_store(d + 48, wasm_v128_load(s + 48));
    }
}

// Transposes a block.
template<int w> IN void transpose(pixel *dst, intptr_t sd, const pixel *src, intptr_t s)
{
    if (w == 4) {
        v128_t a = low16(load4(src), load4(src + 2 * s)), b = low16(load4(src + s), load4(src + 3 * s));
        v128_t top = low16(a, b), bottom = high16(a, b);
        store4(dst, top), store4(dst + sd, high64(top, top));
        store4(dst + 2 * sd, bottom), store4(dst + 3 * sd, high64(bottom, bottom));
        return;
    }
    for (int y = 0; y < w; y += 8) {
#pragma clang loop unroll(disable)
        for (int x = 0; x < w; x += 8) {
            v128_t r[8];
            for (int i = 0; i < 8; i++) r[i] = load8(src + (y + i) * s + x);
            transpose8x8(r);
            for (int i = 0; i < 8; i++) store8(dst + (x + i) * sd + y, r[i]);
        }
    }
}
template<int w> void transpose_block(pixel *dst, const pixel *src, intptr_t s) { transpose<w>(dst, w, src, s); }

// Predicts along an angle from the row above, whose first pixel is ref[0].
template<int w> IN void angular(pixel *dst, intptr_t sd, const pixel *ref, int angle)
{
    constexpr int n = w < 8 ? 4 : 8;
    int sum = 0;
    for (int y = 0; y < w; y++, dst += sd) {
        sum += angle;
        const pixel *p = ref + (sum >> 5);
        int fraction = sum & 31;
        if (!fraction) {
            copy_row<w>(dst, p);
            continue;
        }
        v128_t f0 = splat16(32 - fraction), f1 = splat16(fraction), round = splat16(16);
        for (int x = 0; x < w; x += n) {
            v128_t a = wasm_i16x8_mul(load<n>(p + x), f0), b = wasm_i16x8_mul(load<n>(p + x + 1), f1);
            store<n>(dst + x, wasm_u16x8_shr(wasm_i16x8_add(wasm_i16x8_add(a, b), round), 5));
        }
    }
}

template<int w> void intra_angular(pixel *dst, intptr_t sd, const pixel *src, int mode, int filter)
{
    static const int8_t angles[17] = {-32, -26, -21, -17, -13, -9, -5, -2, 0, 2, 5, 9, 13, 17, 21, 26, 32};
    static const int16_t inverse_angles[8] = {4096, 1638, 910, 630, 482, 390, 315, 256};
    const bool horizontal = mode < 18;
    const int offset = horizontal ? 10 - mode : mode - 26, angle = angles[8 + offset];

    // The neighbours on the side from which the block is predicted, and on the other. Each has the corner before it.
    const pixel *main = horizontal ? src + 2 * w : src, *side = horizontal ? src : src + 2 * w;
    // The longest row has the projected neighbours, the corner and w pixels, or 2 * w pixels and one that is not used.
    pixel row[2 * 32 + 16], block[32 * 32];
    pixel *ref = row + w;
    if (angle <= 0) {
        for (int x = 0; x < w; x += 16 / (int)sizeof(pixel) < w ? 16 / (int)sizeof(pixel) : w)
            copy_row<(w * sizeof(pixel) < 16 ? w : 16 / sizeof(pixel))>(ref + x, main + 1 + x);
        ref[-1] = src[0];
        int projected = -((w * angle) >> 5) - 1, sum = 128;
        for (int i = 0; i < projected; i++) {
            sum += inverse_angles[-offset - 1];
            ref[-2 - i] = side[sum >> 8];
        }
    } else {
        ref = (pixel *)main + 1;
    }

    pixel *out = horizontal ? block : dst;
    const intptr_t s = horizontal ? w : sd;
    if (angle) {
        angular<w>(out, s, ref, angle);
    } else {
        for (int y = 0; y < w; y++) copy_row<w>(out + y * s, ref);
        if (filter)
            for (int y = 0; y < w; y++)
                out[y * s] = x265_clip((int16_t)(ref[0] + ((side[1 + y] - src[0]) >> 1)));
    }
    if (horizontal) transpose<w>(dst, sd, block, w);
}

template<int w> void intra_planar(pixel *dst, intptr_t sd, const pixel *src, int, int)
{
    constexpr int n = w < 8 ? 4 : 8, log2 = w == 4 ? 2 : w == 8 ? 3 : w == 16 ? 4 : 5;
    const pixel *above = src + 1, *left = src + 2 * w + 1;
    const v128_t right = splat16(above[w]), index = wasm_i16x8_const(0, 1, 2, 3, 4, 5, 6, 7);
    const int bottom = left[w];
    for (int x = 0; x < w; x += n) {
        v128_t column = wasm_i16x8_add(index, splat16(x)), a = load<n>(above + x);
        v128_t to_left = wasm_i16x8_sub(splat16(w - 1), column);
        // The sum of the parts that change with a row only by the difference of the neighbours above and below.
        v128_t sum = wasm_i16x8_add(wasm_i16x8_mul(wasm_i16x8_add(column, splat16(1)), right), splat16(w + bottom));
        sum = wasm_i16x8_add(sum, wasm_i16x8_mul(a, splat16(w - 1)));
        v128_t change = wasm_i16x8_sub(splat16(bottom), a);
        for (int y = 0; y < w; y++) {
            v128_t r = wasm_i16x8_add(sum, wasm_i16x8_mul(to_left, splat16(left[y])));
            store<n>(dst + y * sd + x, wasm_u16x8_shr(r, log2 + 1));
            sum = wasm_i16x8_add(sum, change);
        }
    }
}

template<int w> void intra_dc(pixel *dst, intptr_t sd, const pixel *src, int, int filter)
{
    constexpr int n = w < 8 ? 4 : 8;
    const pixel *above = src + 1, *left = src + 2 * w + 1;
    v128_t sums = splat16(0);
    for (int x = 0; x < w; x += n) sums = wasm_i16x8_add(sums, wasm_i16x8_add(load<n>(above + x), load<n>(left + x)));
    const int mean = (sum16(sums) + w) / (2 * w);
    v128_t value = splat16(mean);
    for (int y = 0; y < w; y++)
        for (int x = 0; x < w; x += n) store<n>(dst + y * sd + x, value);
    if (filter) {
        const v128_t three = splat16(3 * mean + 2);
        for (int x = 0; x < w; x += n) store<n>(dst + x, wasm_u16x8_shr(wasm_i16x8_add(load<n>(above + x), three), 2));
        dst[0] = (pixel)((above[0] + left[0] + 2 * mean + 2) >> 2);
        for (int y = 1; y < w; y++) dst[y * sd] = (pixel)((left[y] + 3 * mean + 2) >> 2);
    }
}

template<int w> void intra_filter(const pixel *samples, pixel *filtered)
{
    const pixel corner = samples[0], above = samples[2 * w], left = samples[4 * w];
    // The corner is between the first pixels above and to the left, which are not beside it in memory.
    for (int i = 0; i < 4 * w; i += 8) {
        v128_t p = load8(samples + i), sides = wasm_i16x8_add(load8(samples + i + 1), i ? load8(samples + i - 1) : p);
        if (!i) sides = wasm_i16x8_add(load8(samples + 1), wasm_i16x8_shuffle(p, p, 0, 0, 1, 2, 3, 4, 5, 6));
        v128_t sum = wasm_i16x8_add(wasm_i16x8_add(p, p), wasm_i16x8_add(sides, splat16(2)));
        store8(filtered + i, wasm_u16x8_shr(sum, 2));
    }
    filtered[0] = (2 * corner + samples[1] + samples[2 * w + 1] + 2) >> 2;
    filtered[2 * w] = above;
    filtered[2 * w + 1] = (2 * samples[2 * w + 1] + corner + samples[2 * w + 2] + 2) >> 2;
    filtered[4 * w] = left;
}

}

namespace X265_NS {
void setupIntraPrimitives_wasm(EncoderPrimitives &p)
{
#define SIZE(w)                                                            \
    p.cu[BLOCK_##w##x##w].intra_filter = intra_filter<w>;                  \
    p.cu[BLOCK_##w##x##w].intra_pred[PLANAR_IDX] = intra_planar<w>;        \
    p.cu[BLOCK_##w##x##w].intra_pred[DC_IDX] = intra_dc<w>;                \
    for (int i = 2; i < NUM_INTRA_MODE; i++)                               \
        p.cu[BLOCK_##w##x##w].intra_pred[i] = intra_angular<w>;            \
    p.cu[BLOCK_##w##x##w].transpose = transpose_block<w>;
    SIZE(4) SIZE(8) SIZE(16) SIZE(32)
    p.cu[BLOCK_64x64].transpose = transpose_block<64>;
}
}
