// SPDX-License-Identifier: BSD-2-Clause
// Registers the function of looprestoration_tmpl.c.
#include "src/cpu.h"
#include "src/looprestoration.h"

decl_lr_filter_fn(BF(dav1d_wiener_filter, wasm));

static ALWAYS_INLINE void loop_restoration_dsp_init_wasm(Dav1dLoopRestorationDSPContext *const c)
{
    if (!(dav1d_get_cpu_flags() & DAV1D_WASM_CPU_FLAG_SIMD128))
        return;

    c->wiener[0] = c->wiener[1] = BF(dav1d_wiener_filter, wasm);
}
