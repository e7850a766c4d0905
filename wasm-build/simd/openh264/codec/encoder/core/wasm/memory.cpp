// SPDX-License-Identifier: BSD-2-Clause
// WelsSetMemZero_c of encoder.cpp. It mostly gets a few hundred bytes, for which memory.fill takes longer.
#include "encoder_kernels.h"
#include "simd.h"

namespace {

// Without this attribute, clang makes a call of memset of the loop.
__attribute__ ((no_builtin ("memset"))) void zero (void* p, int32_t size) {
  uint8_t* bytes = (uint8_t*) p;
  const v128_t zeros = splat8 (0);
#pragma clang loop unroll(disable)
  for (; size >= 64; size -= 64, bytes += 64) {
    wasm_v128_store (bytes, zeros);
    wasm_v128_store (bytes + 16, zeros);
    wasm_v128_store (bytes + 32, zeros);
    wasm_v128_store (bytes + 48, zeros);
  }
  if (size & 32) {
    wasm_v128_store (bytes, zeros);
    wasm_v128_store (bytes + 16, zeros);
    bytes += 32;
  }
  if (size & 16) {
    wasm_v128_store (bytes, zeros);
    bytes += 16;
  }
  if (size & 8)
    wasm_v128_store64_lane (bytes, zeros, 0);
}

}

namespace WelsEnc {
void InitSetMemZero_wasm (SWelsFuncPtrList* pFuncList) {
  pFuncList->pfSetMemZeroSize8 = zero;
  pFuncList->pfSetMemZeroSize64 = zero;
  pFuncList->pfSetMemZeroSize64Aligned16 = zero;
}
}
