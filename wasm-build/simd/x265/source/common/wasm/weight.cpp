// SPDX-License-Identifier: GPL-2.0-or-later
// Weighted prediction: weight_pp and weight_sp of common/pixel.cpp.
#include "kernels.h"
#include "simd.h"

namespace {

struct Weight {
    v128_t factor, round, offset;
    int shift;

    inline __attribute__((always_inline)) v128_t operator()(v128_t a) const
    {
        v128_t low = wasm_i32x4_extmul_low_i16x8(a, factor), high = wasm_i32x4_extmul_high_i16x8(a, factor);
        low = wasm_i32x4_add(wasm_i32x4_shr(wasm_i32x4_add(low, round), shift), offset);
        high = wasm_i32x4_add(wasm_i32x4_shr(wasm_i32x4_add(high, round), shift), offset);
        return wasm_i16x8_narrow_i32x4(low, high);
    }
};

void weight_pp(const pixel *src, pixel *dst, intptr_t s, int w, int h, int w0, int round, int shift, int offset)
{
    const Weight weight = {splat16(w0), splat32(round), splat32(offset), shift};
    for (int y = 0; y < h; y++, src += s, dst += s)
        for (int x = 0; x < w; x += 8)
            store8_clipped(dst + x, weight(wasm_i16x8_shl(load8(src + x), IF_INTERNAL_PREC - X265_DEPTH)));
}

void weight_sp(const int16_t *src, pixel *dst, intptr_t s, intptr_t sd, int w, int h, int w0, int round, int shift,
               int offset)
{
    const Weight weight = {splat16(w0), splat32(round), splat32(offset), shift};
    for (int y = 0; y < h; y++, src += s, dst += sd) {
        int x = 0;
        for (; x + 8 <= w; x += 8)
            store8_clipped(dst + x, weight(wasm_i16x8_add(load8(src + x), splat16(IF_INTERNAL_OFFS))));
        for (; x < w; x++) dst[x] = x265_clip(((w0 * (src[x] + IF_INTERNAL_OFFS) + round) >> shift) + offset);
    }
}

}

namespace X265_NS {
void setupWeightPrimitives_wasm(EncoderPrimitives &p)
{
    p.weight_pp = weight_pp;
    p.weight_sp = weight_sp;
}
}
