/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dequantization of H.263 and MPEG-4 in mpegvideo_unquantize.c: dct_unquantize_h263_intra_c and _inter_c. */
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavcodec/mpegvideo.h"
#include "libavcodec/mpegvideo_unquantize.h"

/* Coefficients after the last one are 0, and stay so: eight at a time may be too many. */
static av_always_inline void unquantize(int16_t *block, int last, int factor, int offset)
{
    const v128_t factors = wasm_i16x8_splat(factor), offsets = wasm_i16x8_splat(offset);
    const v128_t zero = wasm_i16x8_const_splat(0);
    for (int i = 0; i <= last; i += 8) {
        v128_t level = wasm_v128_load(block + i);
        v128_t negative = wasm_i16x8_shr(level, 15);
        /* The negated offset for a negative level. */
        v128_t signed_offset = wasm_i16x8_sub(wasm_v128_xor(offsets, negative), negative);
        v128_t value = wasm_i16x8_add(wasm_i16x8_mul(level, factors), signed_offset);
        wasm_v128_store(block + i, wasm_v128_and(value, wasm_i16x8_ne(level, zero)));
    }
}

static void h263_intra(const MPVContext *s, int16_t *block, int n, int qscale)
{
    int dc = block[0];
    if (!s->h263_aic)
        dc *= n < 4 ? s->y_dc_scale : s->c_dc_scale;
    unquantize(block, s->ac_pred ? 63 : s->intra_scantable.raster_end[s->block_last_index[n]],
               qscale * 2, s->h263_aic ? 0 : (qscale - 1) | 1);
    block[0] = dc;
}

static void h263_inter(const MPVContext *s, int16_t *block, int n, int qscale)
{
    unquantize(block, s->inter_scantable.raster_end[s->block_last_index[n]], qscale * 2, (qscale - 1) | 1);
}

av_cold void ff_mpv_unquantize_init_wasm(MPVUnquantDSPContext *s)
{
    if (av_get_cpu_flags() & AV_CPU_FLAG_SIMD128) {
        s->dct_unquantize_h263_intra = h263_intra;
        s->dct_unquantize_h263_inter = h263_inter;
    }
}
