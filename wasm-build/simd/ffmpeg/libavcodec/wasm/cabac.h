/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The arithmetic decoder of H.264 and HEVC: get_cabac_inline of cabac_functions.h, with its variables in registers. In C,
 * the store of the state may change the decoder, so that it is stored and loaded again in the middle of each bit.
 */
#ifndef AVCODEC_WASM_CABAC_H
#define AVCODEC_WASM_CABAC_H

#include <stdint.h>

#include "libavutil/attributes.h"
#include "libavutil/intmath.h"
#include "libavcodec/cabac.h"
#include "config.h"

#define get_cabac_inline get_cabac_inline_wasm
static av_always_inline int get_cabac_inline_wasm(CABACContext *c, uint8_t *const state)
{
    /* Unsigned, so that the address of a table becomes part of the load. */
    unsigned range = c->range, low = c->low, s = *state;
    const unsigned lps = ff_h264_cabac_tables[H264_LPS_RANGE_OFFSET + 2 * (range & 0xC0) + s];
    unsigned scaled, shift;
    int is_lps;

    range -= lps;
    scaled = range << (CABAC_BITS + 1);
    is_lps = scaled < low;
    low -= is_lps ? scaled : 0;
    range = is_lps ? lps : range;
    s ^= is_lps ? 0xFF : 0x00;
    *state = ff_h264_cabac_tables[H264_MLPS_STATE_OFFSET + (s ^ 0x80)];

    shift = ff_clz(range) - 23;
    range <<= shift;
    low <<= shift;
    if (!(low & CABAC_MASK)) {
        const uint8_t *bytes = c->bytestream;
        const unsigned next = (bytes[0] << 9) + (bytes[1] << 1) - CABAC_MASK;
        low += next << (ff_ctz(low) - CABAC_BITS);
#if !UNCHECKED_BITSTREAM_READER
        if (bytes < c->bytestream_end)
#endif
            c->bytestream = bytes + CABAC_BITS / 8;
    }
    c->range = range;
    c->low = low;
    return s & 1;
}

#endif
