/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sum of squares of mpegvideoencdsp.c: pix_norm1_c. */
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavcodec/avcodec.h"
#include "libavcodec/mpegvideoencdsp.h"

static int pix_norm1(const uint8_t *pix, ptrdiff_t line_size)
{
    v128_t sum = wasm_i32x4_const_splat(0);
#pragma clang loop unroll_count(4)
    for (int y = 0; y < 16; y++, pix += line_size) {
        v128_t row = wasm_v128_load(pix);
        v128_t low = wasm_u16x8_extend_low_u8x16(row), high = wasm_u16x8_extend_high_u8x16(row);
        sum = wasm_i32x4_add(sum, wasm_i32x4_add(wasm_i32x4_dot_i16x8(low, low), wasm_i32x4_dot_i16x8(high, high)));
    }
    sum = wasm_i32x4_add(sum, wasm_i32x4_shuffle(sum, sum, 2, 3, 0, 1));
    return wasm_i32x4_extract_lane(sum, 0) + wasm_i32x4_extract_lane(sum, 1);
}

av_cold void ff_mpegvideoencdsp_init_wasm(MpegvideoEncDSPContext *c, AVCodecContext *avctx)
{
    if (av_get_cpu_flags() & AV_CPU_FLAG_SIMD128)
        c->pix_norm1 = pix_norm1;
}
