// SPDX-License-Identifier: BSD-2-Clause
// Registers the functions of mc_tmpl.c.
#include "src/cpu.h"
#include "src/mc.h"

decl_8tap_fns(wasm);
decl_mc_fn(BF(dav1d_put_bilin, wasm));
decl_mct_fn(BF(dav1d_prep_bilin, wasm));
decl_avg_fn(BF(dav1d_avg, wasm));
decl_w_avg_fn(BF(dav1d_w_avg, wasm));
decl_mask_fn(BF(dav1d_mask, wasm));
decl_w_mask_fn(BF(dav1d_w_mask_444, wasm));
decl_w_mask_fn(BF(dav1d_w_mask_422, wasm));
decl_w_mask_fn(BF(dav1d_w_mask_420, wasm));
decl_blend_fn(BF(dav1d_blend, wasm));
decl_blend_dir_fn(BF(dav1d_blend_v, wasm));
decl_blend_dir_fn(BF(dav1d_blend_h, wasm));
decl_warp8x8_fn(BF(dav1d_warp_affine_8x8, wasm));
decl_warp8x8t_fn(BF(dav1d_warp_affine_8x8t, wasm));

static ALWAYS_INLINE void mc_dsp_init_wasm(Dav1dMCDSPContext *const c)
{
    if (!(dav1d_get_cpu_flags() & DAV1D_WASM_CPU_FLAG_SIMD128))
        return;

#define init_mc_fn(type, name, suffix) c->mc[type] = BF(dav1d_put_##name, suffix)
#define init_mct_fn(type, name, suffix) c->mct[type] = BF(dav1d_prep_##name, suffix)
    init_8tap_fns(wasm);
    init_mc_fn(FILTER_2D_BILINEAR, bilin, wasm);
    init_mct_fn(FILTER_2D_BILINEAR, bilin, wasm);
    c->avg = BF(dav1d_avg, wasm);
    c->w_avg = BF(dav1d_w_avg, wasm);
    c->mask = BF(dav1d_mask, wasm);
    c->w_mask[0] = BF(dav1d_w_mask_444, wasm);
    c->w_mask[1] = BF(dav1d_w_mask_422, wasm);
    c->w_mask[2] = BF(dav1d_w_mask_420, wasm);
    c->blend = BF(dav1d_blend, wasm);
    c->blend_v = BF(dav1d_blend_v, wasm);
    c->blend_h = BF(dav1d_blend_h, wasm);
    c->warp8x8 = BF(dav1d_warp_affine_8x8, wasm);
    c->warp8x8t = BF(dav1d_warp_affine_8x8t, wasm);
}
