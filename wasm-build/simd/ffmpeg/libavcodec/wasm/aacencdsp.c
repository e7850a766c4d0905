/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Quantization of the AAC encoder: abs_pow34_v and quantize_bands of aacencdsp.c. All sizes are multiples of 4. */
#include <stddef.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavcodec/aacencdsp.h"

static void abs_pow34(float *out, const float *in, const int size)
{
    for (int i = 0; i < size; i += 4) {
        const v128_t a = wasm_f32x4_abs(wasm_v128_load(in + i));
        wasm_v128_store(out + i, wasm_f32x4_sqrt(wasm_f32x4_mul(a, wasm_f32x4_sqrt(a))));
    }
}

static void quant_bands(int *out, const float *in, const float *scaled, int size, int is_signed, int maxval,
                        const float Q34, const float rounding)
{
    const v128_t factor = wasm_f32x4_splat(Q34), round = wasm_f32x4_splat(rounding);
    const v128_t max = wasm_f32x4_splat(maxval), is_signed_mask = wasm_i32x4_splat(-is_signed);

    for (int i = 0; i < size; i += 4) {
        const v128_t x = wasm_f32x4_add(wasm_f32x4_mul(wasm_v128_load(scaled + i), factor), round);
        const v128_t n = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_pmin(x, max));
        const v128_t negative = wasm_v128_and(wasm_f32x4_lt(wasm_v128_load(in + i), wasm_f32x4_splat(0)),
                                              is_signed_mask);
        wasm_v128_store(out + i, wasm_i32x4_sub(wasm_v128_xor(n, negative), negative));
    }
}

av_cold void ff_aacenc_dsp_init_wasm(AACEncDSPContext *s)
{
    if (!(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128))
        return;
    s->abs_pow34   = abs_pow34;
    s->quant_bands = quant_bands;
}
