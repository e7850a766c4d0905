// SPDX-License-Identifier: BSD-2-Clause
// Registers the functions of itx_tmpl.c. The lossless transform remains C.
#include "src/cpu.h"
#include "src/itx.h"

#define decl_itx1_fns(w, h, opt) decl_itx_fn(BF(dav1d_inv_txfm_add_dct_dct_##w##x##h, opt))

decl_itx16_fns( 4,  4, wasm);
decl_itx16_fns( 4,  8, wasm);
decl_itx16_fns( 4, 16, wasm);
decl_itx16_fns( 8,  4, wasm);
decl_itx16_fns( 8,  8, wasm);
decl_itx16_fns( 8, 16, wasm);
decl_itx2_fns ( 8, 32, wasm);
decl_itx16_fns(16,  4, wasm);
decl_itx16_fns(16,  8, wasm);
decl_itx12_fns(16, 16, wasm);
decl_itx2_fns (16, 32, wasm);
decl_itx1_fns (16, 64, wasm);
decl_itx2_fns (32,  8, wasm);
decl_itx2_fns (32, 16, wasm);
decl_itx2_fns (32, 32, wasm);
decl_itx1_fns (32, 64, wasm);
decl_itx1_fns (64, 16, wasm);
decl_itx1_fns (64, 32, wasm);
decl_itx1_fns (64, 64, wasm);

static ALWAYS_INLINE void itx_dsp_init_wasm(Dav1dInvTxfmDSPContext *const c)
{
    if (!(dav1d_get_cpu_flags() & DAV1D_WASM_CPU_FLAG_SIMD128))
        return;

    assign_itx16_fn( ,  4,  4, wasm);
    assign_itx16_fn(R,  4,  8, wasm);
    assign_itx16_fn(R,  4, 16, wasm);
    assign_itx16_fn(R,  8,  4, wasm);
    assign_itx16_fn( ,  8,  8, wasm);
    assign_itx16_fn(R,  8, 16, wasm);
    assign_itx2_fn (R,  8, 32, wasm);
    assign_itx16_fn(R, 16,  4, wasm);
    assign_itx16_fn(R, 16,  8, wasm);
    assign_itx12_fn( , 16, 16, wasm);
    assign_itx2_fn (R, 16, 32, wasm);
    assign_itx1_fn (R, 16, 64, wasm);
    assign_itx2_fn (R, 32,  8, wasm);
    assign_itx2_fn (R, 32, 16, wasm);
    assign_itx2_fn ( , 32, 32, wasm);
    assign_itx1_fn (R, 32, 64, wasm);
    assign_itx1_fn (R, 64, 16, wasm);
    assign_itx1_fn (R, 64, 32, wasm);
    assign_itx1_fn ( , 64, 64, wasm);
}
