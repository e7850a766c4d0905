// SPDX-License-Identifier: BSD-2-Clause
// Registers the functions of filmgrain_tmpl.c. C generates the grain: each value depends on the one before.
#include "src/cpu.h"
#include "src/filmgrain.h"

decl_fgy_32x32xn_fn(BF(dav1d_fgy_32x32xn, wasm));
decl_fguv_32x32xn_fn(BF(dav1d_fguv_32x32xn_420, wasm));
decl_fguv_32x32xn_fn(BF(dav1d_fguv_32x32xn_422, wasm));
decl_fguv_32x32xn_fn(BF(dav1d_fguv_32x32xn_444, wasm));

static ALWAYS_INLINE void film_grain_dsp_init_wasm(Dav1dFilmGrainDSPContext *const c)
{
    if (!(dav1d_get_cpu_flags() & DAV1D_WASM_CPU_FLAG_SIMD128))
        return;

    c->fgy_32x32xn = BF(dav1d_fgy_32x32xn, wasm);
    c->fguv_32x32xn[DAV1D_PIXEL_LAYOUT_I420 - 1] = BF(dav1d_fguv_32x32xn_420, wasm);
    c->fguv_32x32xn[DAV1D_PIXEL_LAYOUT_I422 - 1] = BF(dav1d_fguv_32x32xn_422, wasm);
    c->fguv_32x32xn[DAV1D_PIXEL_LAYOUT_I444 - 1] = BF(dav1d_fguv_32x32xn_444, wasm);
}
