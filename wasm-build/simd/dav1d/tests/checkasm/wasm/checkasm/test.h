// SPDX-License-Identifier: MIT OR Apache-2.0
// The functions that a test calls. It tests a function if the C pass stored another one of the same name.
#ifndef CHECKASM_TEST_H
#define CHECKASM_TEST_H

#include "checkasm/checkasm.h"

typedef void CheckasmFunction(void);

// Returns the C function of that name if `function` is another one.
CheckasmFunction *checkasm_find(CheckasmFunction *function, const char *name, ...) __attribute__((format(printf, 2, 3)));
// Counts a failure of the current function. Returns whether the test should print details.
int checkasm_failed(const char *file, int line);
void checkasm_report(const char *name, ...) __attribute__((format(printf, 1, 2)));
int checkasm_bench_func(void);
double checkasm_seconds(void);
void checkasm_bench_result(double reference, double tested);

static CheckasmFunction *checkasm_reference, *checkasm_tested;

#define check_func(function, ...) \
    (checkasm_tested = (CheckasmFunction *)(function), \
     checkasm_reference = checkasm_find(checkasm_tested, __VA_ARGS__))
#define declare_func(result, ...) typedef result checkasm_type(__VA_ARGS__)
#define call_ref(...) ((checkasm_type *)checkasm_reference)(__VA_ARGS__)
#define call_new(...) ((checkasm_type *)checkasm_tested)(__VA_ARGS__)
#define fail() checkasm_failed(__FILE__, __LINE__)
#define report checkasm_report

enum { CHECKASM_BENCH_RUNS = 2000 };

#define alternate(a, b) (tidx & 1 ? (b) : (a))
#define bench_new(...) do { \
    if (checkasm_bench_func()) { \
        double checkasm_times[2] = { 1e9, 1e9 }; \
        for (int checkasm_i = 0; checkasm_i < 6; checkasm_i++) { \
            const double checkasm_start = checkasm_seconds(); \
            checkasm_type *const checkasm_timed = \
                (checkasm_type *)(checkasm_i & 1 ? checkasm_tested : checkasm_reference); \
            for (int tidx = 0; tidx < CHECKASM_BENCH_RUNS; tidx++) \
                checkasm_timed(__VA_ARGS__); \
            const double checkasm_time = checkasm_seconds() - checkasm_start; \
            if (checkasm_time < checkasm_times[checkasm_i & 1]) \
                checkasm_times[checkasm_i & 1] = checkasm_time; \
        } \
        checkasm_bench_result(checkasm_times[0], checkasm_times[1]); \
    } else { \
        const int tidx = 0; \
        (void)tidx; \
        call_new(__VA_ARGS__); \
    } \
} while (0)

#endif
