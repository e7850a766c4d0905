// SPDX-License-Identifier: BSD-2-Clause
// Registers the functions of loopfilter_tmpl.c.
#include "src/cpu.h"
#include "src/loopfilter.h"

decl_loopfilter_sb_fn(BF(dav1d_lpf_h_sb_y, wasm));
decl_loopfilter_sb_fn(BF(dav1d_lpf_v_sb_y, wasm));
decl_loopfilter_sb_fn(BF(dav1d_lpf_h_sb_uv, wasm));
decl_loopfilter_sb_fn(BF(dav1d_lpf_v_sb_uv, wasm));

static ALWAYS_INLINE void loop_filter_dsp_init_wasm(Dav1dLoopFilterDSPContext *const c)
{
    if (!(dav1d_get_cpu_flags() & DAV1D_WASM_CPU_FLAG_SIMD128))
        return;

    c->loop_filter_sb[0][0] = BF(dav1d_lpf_h_sb_y, wasm);
    c->loop_filter_sb[0][1] = BF(dav1d_lpf_v_sb_y, wasm);
    c->loop_filter_sb[1][0] = BF(dav1d_lpf_h_sb_uv, wasm);
    c->loop_filter_sb[1][1] = BF(dav1d_lpf_v_sb_uv, wasm);
}
