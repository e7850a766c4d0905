/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AVCODEC_WASM_HEVC_MC_H
#define AVCODEC_WASM_HEVC_MC_H

#include "libavcodec/hevc/dsp.h"

void ff_hevc_mc_init_8_wasm(HEVCDSPContext *c);
void ff_hevc_mc_init_10_wasm(HEVCDSPContext *c);

#endif
