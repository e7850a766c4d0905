// SPDX-License-Identifier: GPL-2.0-or-later
// Registers our kernels.
#include "kernels.h"

namespace X265_NS {
void setupAssemblyPrimitives(EncoderPrimitives &p, int cpuMask)
{
    if (!(cpuMask & X265_CPU_SIMD128))
        return;
    setupSadPrimitives_wasm(p);
    setupSsdPrimitives_wasm(p);
    setupSatdPrimitives_wasm(p);
    setupBlockPrimitives_wasm(p);
    setupDCTPrimitives_wasm(p);
    setupQuantPrimitives_wasm(p);
    setupFilterPrimitives_wasm(p);
    setupIntraPrimitives_wasm(p);
    setupSaoPrimitives_wasm(p);
    setupScanPrimitives_wasm(p);
    setupWeightPrimitives_wasm(p);
}
}
