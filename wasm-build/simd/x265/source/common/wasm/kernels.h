// SPDX-License-Identifier: GPL-2.0-or-later
// Our kernels for WebAssembly. Each function registers those of one file.
#ifndef X265_WASM_KERNELS_H
#define X265_WASM_KERNELS_H

#include "common.h"
#include "primitives.h"

namespace X265_NS {
void setupSadPrimitives_wasm(EncoderPrimitives &p);
void setupSsdPrimitives_wasm(EncoderPrimitives &p);
void setupSatdPrimitives_wasm(EncoderPrimitives &p);
void setupBlockPrimitives_wasm(EncoderPrimitives &p);
void setupDCTPrimitives_wasm(EncoderPrimitives &p);
void setupQuantPrimitives_wasm(EncoderPrimitives &p);
void setupFilterPrimitives_wasm(EncoderPrimitives &p);
void setupIntraPrimitives_wasm(EncoderPrimitives &p);
void setupSaoPrimitives_wasm(EncoderPrimitives &p);
void setupScanPrimitives_wasm(EncoderPrimitives &p);
void setupWeightPrimitives_wasm(EncoderPrimitives &p);
}

#endif
