/* SPDX-License-Identifier: IJG AND LGPL-2.1-or-later */
/* The forward DCT of JPEG: ff_jpeg_fdct_islow_8 of jfdctint_template.c, with all rows or columns at once. This software is
 * based in part on the work of the Independent JPEG Group: see the notice in jfdctint_template.c, which applies here too. */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavcodec/avcodec.h"
#include "libavcodec/fdctdsp.h"
#include "libavcodec/wasm/fdct.h"

void ff_fdct_simd128(int16_t *block)
{
    v128_t x[8];
    forward_dct(x, block);
    store_block(block, x);
}

av_cold void ff_fdctdsp_init_wasm(FDCTDSPContext *c, AVCodecContext *avctx, unsigned high_bit_depth)
{
    if (av_get_cpu_flags() & AV_CPU_FLAG_SIMD128 && !high_bit_depth && c->fdct == ff_jpeg_fdct_islow_8)
        c->fdct = ff_fdct_simd128;
}
