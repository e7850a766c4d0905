/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AVCODEC_WASM_HEVC_SAO10_H
#define AVCODEC_WASM_HEVC_SAO10_H

#include "libavcodec/hevc/dsp.h"

void ff_hevc_sao_init_10_wasm(HEVCDSPContext *c);

#endif
