/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The C library's <math.h>, with rounding to integers as two instructions instead of a call.
 *
 * clang compiles lrintf and its relatives to calls, which also keeps loops from being vectorised.
 */
#ifndef AFMPEG_MATH_H
#define AFMPEG_MATH_H

#include_next <math.h>

#if defined(__wasm__) && !defined(__cplusplus)
#define AFMPEG_ROUND(name, result, argument, round)                                           \
    static inline __attribute__((always_inline, unused, const)) result afmpeg_##name(argument x) \
    {                                                                                         \
        return (result)round(x);                                                              \
    }
AFMPEG_ROUND(lrintf, long, float, __builtin_rintf)
AFMPEG_ROUND(lrint, long, double, __builtin_rint)
AFMPEG_ROUND(llrintf, long long, float, __builtin_rintf)
AFMPEG_ROUND(llrint, long long, double, __builtin_rint)
#undef AFMPEG_ROUND
#define lrintf afmpeg_lrintf
#define lrint afmpeg_lrint
#define llrintf afmpeg_llrintf
#define llrint afmpeg_llrint
#endif

#endif
