// SPDX-License-Identifier: BSD-2-Clause
// Every engine that runs the module has SIMD: the flag exists so that checkasm can choose C.
#ifndef DAV1D_SRC_WASM_CPU_H
#define DAV1D_SRC_WASM_CPU_H

enum CpuFlags {
    DAV1D_WASM_CPU_FLAG_SIMD128 = 1 << 0,
};

#endif
