// SPDX-License-Identifier: MIT OR Apache-2.0
// The interface of the library `checkasm` that dav1d's tests use, for programs in WebAssembly. The library itself saves
// registers and catches signals in assembly, which WebAssembly does not have.
#ifndef CHECKASM_H
#define CHECKASM_H

#include <stdint.h>

typedef uint64_t CheckasmCpu;

typedef struct {
    const char *name, *suffix;
    CheckasmCpu flag;
} CheckasmCpuInfo;

typedef struct {
    const char *name;
    void (*func)(void);
} CheckasmTest;

typedef struct {
    const CheckasmCpuInfo *cpu_flags;
    const CheckasmTest *tests;
    void (*set_cpu_flags)(CheckasmCpu);
    CheckasmCpu cpu;
} CheckasmConfig;

// Runs the tests. Arguments: the seed, `--test=<name>`, `--function=<part of a name>`, `--bench`.
int checkasm_main(CheckasmConfig *config, int argc, const char *argv[]);

#endif
