// SPDX-License-Identifier: BSD-2-Clause
// The decoder of symbols; replaces the functions of msac.c with the same names and the suffix `_c`.
#include "config.h"

#include "src/msac.h"
#include "src/wasm/simd.h"

enum { PROB_SHIFT = 6, MIN_PROB = 4, WINDOW = 64 };

IN void refill(MsacContext *const s, ec_win dif, int cnt)
{
    const uint8_t *p = s->buf_pos;
    int c = WINDOW - 24 - cnt;
    if (s->buf_end - p >= 8) {
        uint64_t bytes;
        memcpy(&bytes, p, 8);
        bytes = ~__builtin_bswap64(bytes);
        // The bits of the last byte for which there is no space are those that the next refill adds.
        dif |= bytes >> (56 - c);
        const int n = (c >> 3) + 1;
        s->buf_pos = p + n;
        s->cnt = cnt + 8 * n;
        s->dif = dif;
        return;
    }
    do {
        if (p >= s->buf_end) {
            dif |= ~(~(ec_win)0xff << c);
            break;
        }
        dif |= (ec_win)(*p++ ^ 0xff) << c;
        c -= 8;
    } while (c >= 0);
    s->dif = dif;
    s->cnt = WINDOW - c - 24;
    s->buf_pos = p;
}

IN void normalize(MsacContext *const s, const ec_win dif, const unsigned rng)
{
    const int d = clz(rng) - 16, cnt = s->cnt;
    s->rng = rng << d;
    if ((unsigned)cnt < (unsigned)d)
        refill(s, dif << d, cnt - d);
    else {
        s->dif = dif << d;
        s->cnt = cnt - d;
    }
}

IN unsigned decode_bool(MsacContext *const s, const unsigned v)
{
    // Without a branch: the bits of a good encoder cannot be predicted.
    const ec_win dif = s->dif, limit = (ec_win)v << (WINDOW - 16), is_zero = dif >= limit;
    normalize(s, dif - (limit & -is_zero), v + ((s->rng - 2 * v) & -(unsigned)is_zero));
    return !is_zero;
}

unsigned dav1d_msac_decode_bool_equi_wasm(MsacContext *const s)
{
    return decode_bool(s, ((s->rng >> 8) << 7) + MIN_PROB);
}

unsigned dav1d_msac_decode_bool_wasm(MsacContext *const s, const unsigned f)
{
    return decode_bool(s, ((s->rng >> 8) * (f >> PROB_SHIFT) >> (7 - PROB_SHIFT)) + MIN_PROB);
}

unsigned dav1d_msac_decode_bool_adapt_wasm(MsacContext *const s, uint16_t *const cdf)
{
    const unsigned f = *cdf;
    const unsigned bit = decode_bool(s, ((s->rng >> 8) * (f >> PROB_SHIFT) >> (7 - PROB_SHIFT)) + MIN_PROB);
    if (s->allow_update_cdf) {
        const unsigned count = cdf[1];
        const int rate = 4 + (count >> 4);
        cdf[0] = (uint16_t)(bit ? f + ((32768 - f) >> rate) : f - (f >> rate));
        cdf[1] = count + (count < 32);
    }
    return bit;
}

// The smallest probabilities of the symbols after each, for 15 symbols. For fewer, it starts later. Lanes after the last
// symbol have a limit of zero, and so are not counted.
static const uint16_t min_probabilities[31] = { 60, 56, 52, 48, 44, 40, 36, 32, 28, 24, 20, 16, 12, 8, 4 };

// Returns the limits of eight symbols: `r * (cdf >> 6) >> 1`, whose product would not fit in 16 bits.
IN v128_t limits(const v128_t cdf, const unsigned r, const uint16_t *const min)
{
    const v128_t half = mul16(splat16((int)r), wasm_u16x8_shr(cdf, PROB_SHIFT + 1));
    const v128_t is_odd = wasm_i16x8_shr(wasm_i16x8_shl(cdf, 15 - PROB_SHIFT), 15);
    return add16(add16(half, wasm_v128_and(is_odd, splat16((int)(r >> 1)))), wasm_v128_load(min));
}

// Moves the values towards 32768 if the symbol is after them, else towards zero.
IN v128_t adapted(const v128_t cdf, const v128_t is_after, const int rate)
{
    const v128_t distance = wasm_v128_bitselect(sub16(splat16(-32768), cdf), cdf, is_after);
    const v128_t step = wasm_u16x8_shr(distance, rate);
    return wasm_v128_bitselect(add16(cdf, step), sub16(cdf, step), is_after);
}

// Decodes one of at most `lanes` symbols: 4, 8, or 16.
IN unsigned decode_symbol(MsacContext *const s, uint16_t *const cdf, const size_t n_symbols, const int lanes)
{
    const unsigned c = (unsigned)(s->dif >> (WINDOW - 16)), r = s->rng >> 8;
    const uint16_t *const min = min_probabilities + 15 - n_symbols;
    // The range, then the limits: a symbol is between its limit and the one before.
    uint16_t v[8 + 16] __attribute__((aligned(16)));
    const v128_t point = splat16((int)c);
    v128_t a = lanes == 4 ? wasm_v128_load64_zero(cdf) : wasm_v128_load(cdf), b = a;
    const v128_t limits_a = limits(a, r, min);
    // The last limit is zero, which is after every point.
    const v128_t is_after_a = wasm_u16x8_gt(limits_a, point);
    v128_t is_after_b = is_after_a;
    v[7] = (uint16_t)s->rng;
    wasm_v128_store(v + 8, limits_a);
    unsigned mask = wasm_i16x8_bitmask(is_after_a);
    if (lanes == 16) {
        b = wasm_v128_load(cdf + 8);
        const v128_t limits_b = limits(b, r, min + 8);
        is_after_b = wasm_u16x8_gt(limits_b, point);
        wasm_v128_store(v + 16, limits_b);
        mask = wasm_i8x16_bitmask(wasm_i8x16_narrow_i16x8(is_after_a, is_after_b));
    }
    const unsigned val = (unsigned)ctz(~mask);

    if (s->allow_update_cdf) {
        const unsigned count = cdf[n_symbols];
        const int rate = 4 + (count >> 4) + (n_symbols > 2);
        a = adapted(a, is_after_a, rate);
        if (lanes == 4)
            wasm_v128_store64_lane(cdf, a, 0);
        else
            wasm_v128_store(cdf, a);
        if (lanes == 16)
            wasm_v128_store(cdf + 8, adapted(b, is_after_b, rate));
        cdf[n_symbols] = count + (count < 32);
    }
    const unsigned limit = v[8 + val];
    normalize(s, s->dif - ((ec_win)limit << (WINDOW - 16)), v[7 + val] - limit);
    return val;
}

unsigned dav1d_msac_decode_symbol_adapt4_wasm(MsacContext *const s, uint16_t *const cdf, const size_t n_symbols)
{
    return decode_symbol(s, cdf, n_symbols, 4);
}

unsigned dav1d_msac_decode_symbol_adapt8_wasm(MsacContext *const s, uint16_t *const cdf, const size_t n_symbols)
{
    return decode_symbol(s, cdf, n_symbols, 8);
}

unsigned dav1d_msac_decode_symbol_adapt16_wasm(MsacContext *const s, uint16_t *const cdf, const size_t n_symbols)
{
    return decode_symbol(s, cdf, n_symbols, 16);
}

unsigned dav1d_msac_decode_hi_tok_wasm(MsacContext *const s, uint16_t *const cdf)
{
    unsigned tok = 3, part;
    do {
        part = decode_symbol(s, cdf, 3, 4);
        tok += part;
    } while (part == 3 && tok < 15);
    return tok;
}
