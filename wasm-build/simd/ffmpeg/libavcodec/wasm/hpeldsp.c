/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Motion compensation by half pixels of hpeldsp.c: PIXOP2, blocks 16 and 8 pixels wide. */
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavcodec/hpeldsp.h"
#include "libavcodec/wasm/pixels.h"

/* The mean of two rows, rounded up, and the bits in which they differ: the lowest one is set if the mean is rounded. */
typedef struct Pair {
    v128_t mean, difference;
} Pair;

IN Pair pair(v128_t a, v128_t b)
{
    return (Pair){ wasm_u8x16_avgr(a, b), wasm_v128_xor(a, b) };
}

/* (a + b + c + d + 2) >> 2: the mean of two means is too large by one if it is rounded up after one of them was. */
IN v128_t mean_of_4(Pair a, Pair b)
{
    v128_t rounded_twice = wasm_v128_and(wasm_v128_or(a.difference, b.difference), wasm_v128_xor(a.mean, b.mean));
    return wasm_i8x16_sub(wasm_u8x16_avgr(a.mean, b.mean), wasm_v128_and(rounded_twice, wasm_i8x16_const_splat(1)));
}

/* The position is 1 for half a pixel to the right, 2 for half a pixel down, 3 for both. Means that are rounded down are
 * those of the inverted pixels, inverted. The height is a multiple of 4. */
IN void interpolate(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int height,
                    int width, int position, int round_down, int average)
{
    const v128_t invert = wasm_i8x16_splat(round_down ? -1 : 0);
#define LOAD(offset) wasm_v128_xor(load(src + (offset), width), invert)
    v128_t row = LOAD(0);
    Pair above = position == 3 ? pair(row, LOAD(1)) : (Pair){ row, row };

#pragma clang loop unroll_count(4)
    for (int y = 0; y < height; y++) {
        v128_t result;
        if (position == 0) {
            result = LOAD(0);
        } else if (position == 1) {
            result = wasm_u8x16_avgr(LOAD(0), LOAD(1));
        } else {
            v128_t below = LOAD(stride);
            if (position == 2) {
                result = wasm_u8x16_avgr(row, below);
                row = below;
            } else {
                Pair next = pair(below, LOAD(stride + 1));
                result = mean_of_4(above, next);
                above = next;
            }
        }
        store(dst, wasm_v128_xor(result, invert), width, average);
        src += stride;
        dst += stride;
    }
}

#define KERNEL(name, width, position, round_down, average)                                       \
static void name(uint8_t *dst, const uint8_t *src, ptrdiff_t stride, int height)                 \
{                                                                                                \
    interpolate(dst, src, stride, height, width, position, round_down, average);                 \
}
#define KERNELS(name, width, round_down, average)      \
    KERNEL(name ## _x, width, 1, round_down, average)  \
    KERNEL(name ## _y, width, 2, round_down, average)  \
    KERNEL(name ## _xy, width, 3, round_down, average)

KERNEL(put_16, 16, 0, 0, 0)
KERNEL(put_8, 8, 0, 0, 0)
KERNEL(avg_16, 16, 0, 0, 1)
KERNEL(avg_8, 8, 0, 0, 1)
KERNELS(put_16, 16, 0, 0)
KERNELS(put_8, 8, 0, 0)
KERNELS(avg_16, 16, 0, 1)
KERNELS(avg_8, 8, 0, 1)
KERNELS(put_no_rnd_16, 16, 1, 0)
KERNELS(put_no_rnd_8, 8, 1, 0)
KERNELS(avg_no_rnd_16, 16, 1, 1)

av_cold void ff_hpeldsp_init_wasm(HpelDSPContext *c, int flags)
{
    if (!(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128))
        return;
#define SET(table, whole, name)  \
    table[0] = whole;            \
    table[1] = name ## _x;       \
    table[2] = name ## _y;       \
    table[3] = name ## _xy
    SET(c->put_pixels_tab[0], put_16, put_16);
    SET(c->put_pixels_tab[1], put_8, put_8);
    SET(c->avg_pixels_tab[0], avg_16, avg_16);
    SET(c->avg_pixels_tab[1], avg_8, avg_8);
    SET(c->put_no_rnd_pixels_tab[0], put_16, put_no_rnd_16);
    SET(c->put_no_rnd_pixels_tab[1], put_8, put_no_rnd_8);
    SET(c->avg_no_rnd_pixels_tab, avg_16, avg_no_rnd_16);
}
