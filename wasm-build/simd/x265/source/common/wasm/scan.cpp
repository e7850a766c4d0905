// SPDX-License-Identifier: GPL-2.0-or-later
// Scans of coefficients: scanPosLast and findPosFirstLast of common/dct.cpp.
#include "kernels.h"
#include "simd.h"

using namespace X265_NS;

namespace {

// Packs a group of 4x4 coefficients into bytes. Saturation keeps signs, and does not turn a value into 0.
IN v128_t group(const int16_t *p, intptr_t s)
{
    return wasm_i8x16_narrow_i16x8(low64(load4(p), load4(p + s)), low64(load4(p + 2 * s), load4(p + 3 * s)));
}
// A scan as indices of bytes.
IN v128_t order(const uint16_t *scan)
{
    return wasm_u8x16_narrow_i16x8(wasm_v128_load(scan), wasm_v128_load(scan + 8));
}

int scan_pos_last(const uint16_t *scan, const coeff_t *coeff, uint16_t *signs, uint16_t *flags, uint8_t *counts,
                  int left, const uint16_t *scan4x4, const int size)
{
    memset(counts, 0, MLS_GRP_NUM * sizeof(*counts));
    memset(flags, 0, MLS_GRP_NUM * sizeof(*flags));
    memset(signs, 0, MLS_GRP_NUM * sizeof(*signs));
    const v128_t indices = order(scan4x4);
    for (int i = 0;; i++) {
        v128_t c = wasm_i8x16_swizzle(group(coeff + scan[i * SCAN_SET_SIZE], size), indices);
        uint32_t nonzero = 0xffff & ~wasm_i8x16_bitmask(wasm_i8x16_eq(c, wasm_i8x16_const_splat(0)));
        uint32_t negative = wasm_i8x16_bitmask(c);
        int count = __builtin_popcount(nonzero);
        left -= count;
        counts[i] = (uint8_t)count;
        if (negative) {
            uint32_t sign = 0, n = 0;
            for (uint32_t rest = nonzero; rest; rest &= rest - 1) sign |= (negative >> __builtin_ctz(rest) & 1) << n++;
            signs[i] = (uint16_t)sign;
        }
        // The first coefficient of a scan has the highest flag. The last group ends with its last coefficient.
        uint32_t reversed = __builtin_bitreverse16((uint16_t)nonzero);
        if (left <= 0) {
            int last = 31 - __builtin_clz(nonzero);
            flags[i] = (uint16_t)(reversed >> (15 - last));
            return i * SCAN_SET_SIZE + last;
        }
        flags[i] = (uint16_t)reversed;
    }
}

uint32_t find_first_last(const int16_t *coeff, const intptr_t size, const uint16_t scan[16])
{
    v128_t g = group(coeff, size), c = wasm_i8x16_swizzle(g, order(scan));
    uint32_t nonzero = 0xffff & ~wasm_i8x16_bitmask(wasm_i8x16_eq(c, wasm_i8x16_const_splat(0)));
    if (!nonzero) return ((uint32_t)-1 << 8) | 16;
    // The parity of the sum is that of the number of odd values, from which saturation would take some.
    v128_t odd = wasm_v128_xor(wasm_v128_xor(load4(coeff), load4(coeff + size)),
                               wasm_v128_xor(load4(coeff + 2 * size), load4(coeff + 3 * size)));
    uint32_t parity = __builtin_popcount(wasm_i16x8_bitmask(wasm_i16x8_shl(odd, 15)));
    return (parity << 31) | (uint32_t)(31 - __builtin_clz(nonzero)) << 8 | (uint32_t)__builtin_ctz(nonzero);
}

}

namespace X265_NS {
void setupScanPrimitives_wasm(EncoderPrimitives &p)
{
    p.scanPosLast = scan_pos_last;
    p.findPosFirstLast = find_first_last;
}
}
