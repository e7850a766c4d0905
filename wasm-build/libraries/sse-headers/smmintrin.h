/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* All our intrinsics of SSE are in one file. */
#include "emmintrin.h"
