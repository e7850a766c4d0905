// SPDX-License-Identifier: BSD-2-Clause
// The kernels of the preprocessing, and the function that registers some of them.
#ifndef WELS_WASM_PROCESSING_KERNELS_H__
#define WELS_WASM_PROCESSING_KERNELS_H__

#include "vaacalculation.h"

WELSVP_NAMESPACE_BEGIN
void InitVaaFuncs_wasm (SVaaFuncs& sVaaFuncs);

// The number of blocks of 8x8, of which width times height are compared, whose difference is above the threshold.
int32_t CountMotionBlocks_wasm (uint8_t* cur, int32_t cur_stride, uint8_t* ref, int32_t ref_stride, int32_t width,
                                int32_t height, int32_t threshold);
WELSVP_NAMESPACE_END

#endif
