/* The NEON intrinsics for WebAssembly, translated by SIMDe. clang's own header is only for ARM.
   clang has no _Float16 for WebAssembly, so SIMDe uses its portable type.

   SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once
#define SIMDE_FLOAT16_API 1
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/arm/neon.h>
