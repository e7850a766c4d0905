// SPDX-License-Identifier: BSD-2-Clause
// Registers the functions of cdef_tmpl.c.
#include "src/cdef.h"
#include "src/cpu.h"

decl_cdef_dir_fn(BF(dav1d_cdef_dir, wasm));
decl_cdef_fn(BF(dav1d_cdef_filter_8x8, wasm));
decl_cdef_fn(BF(dav1d_cdef_filter_4x8, wasm));
decl_cdef_fn(BF(dav1d_cdef_filter_4x4, wasm));

static ALWAYS_INLINE void cdef_dsp_init_wasm(Dav1dCdefDSPContext *const c)
{
    if (!(dav1d_get_cpu_flags() & DAV1D_WASM_CPU_FLAG_SIMD128))
        return;

    c->dir = BF(dav1d_cdef_dir, wasm);
    c->fb[0] = BF(dav1d_cdef_filter_8x8, wasm);
    c->fb[1] = BF(dav1d_cdef_filter_4x8, wasm);
    c->fb[2] = BF(dav1d_cdef_filter_4x4, wasm);
}
