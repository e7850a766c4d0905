// SPDX-License-Identifier: BSD-2-Clause
// The functions that register the kernels of the preprocessing.
#ifndef WELS_WASM_PROCESSING_KERNELS_H__
#define WELS_WASM_PROCESSING_KERNELS_H__

#include "vaacalculation.h"

WELSVP_NAMESPACE_BEGIN
void InitVaaFuncs_wasm (SVaaFuncs& sVaaFuncs);
WELSVP_NAMESPACE_END

#endif
