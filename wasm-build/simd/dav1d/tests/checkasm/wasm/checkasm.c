// SPDX-License-Identifier: MIT OR Apache-2.0
// Runs dav1d's tests twice: first with C, to store its functions by name, then with our kernels.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "checkasm/checkasm.h"
#include "checkasm/test.h"
#include "checkasm/utils.h"

typedef struct Entry {
    struct Entry *next;
    CheckasmFunction *function;
    int is_tested, is_failed;
    char name[];
} Entry;

enum { BUCKETS = 4096 };

static Entry *entries[BUCKETS], *current;
static int is_first_pass, tested, failed, part_tested, part_failed, with_bench;
static const char *part_of_name;
static uint64_t state;

int checkasm_rand(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)(state >> 32 & 0x7fffffff);
}

static void seed(uint32_t number)
{
    state = 0x9e3779b97f4a7c15u * ((uint64_t)number + 1);
    for (int i = 0; i < 8; i++)
        checkasm_rand();
}

void checkasm_init(void *buffer, size_t size)
{
    uint8_t *bytes = buffer;
    while (size) {
        size_t run = (size_t)checkasm_rand() % 64 + 1;
        const int kind = checkasm_rand() % 4;
        for (run = run < size ? run : size; run; run--, size--)
            *bytes++ = (uint8_t)(kind == 0 ? 0 : kind == 1 ? 255 : checkasm_rand());
    }
}

CheckasmFunction *checkasm_find(CheckasmFunction *function, const char *format, ...)
{
    char name[256];
    va_list list;
    va_start(list, format);
    vsnprintf(name, sizeof(name), format, list);
    va_end(list);
    unsigned hash = 5381;
    for (const char *c = name; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    Entry **place = &entries[hash % BUCKETS];
    while (*place && strcmp((*place)->name, name))
        place = &(*place)->next;
    if (!*place) {
        Entry *const entry = calloc(1, sizeof(*entry) + strlen(name) + 1);
        if (!entry)
            abort();
        strcpy(entry->name, name);
        entry->function = function;
        *place = entry;
    }
    current = *place;
    if (is_first_pass || !function || function == current->function)
        return NULL;
    if (part_of_name && !strstr(name, part_of_name))
        return NULL;
    if (!current->is_tested) {
        current->is_tested = 1;
        tested++;
        part_tested++;
    }
    return current->function;
}

int checkasm_failed(const char *file, int line)
{
    if (current->is_failed)
        return 0;
    current->is_failed = 1;
    failed++;
    part_failed++;
    fprintf(stderr, "FAILED: %s (%s:%d)\n", current->name, file, line);
    return 1;
}

int checkasm_compare(size_t size, const char *file, int line, const void *a, ptrdiff_t stride_a, const void *b,
                     ptrdiff_t stride_b, int w, int h, const char *name, int align_w, int align_h, int border)
{
    const int right = (w + align_w - 1) / align_w * align_w + border;
    const int bottom = (h + align_h - 1) / align_h * align_h + border;
    for (int y = -border; y < bottom; y++) {
        for (int x = -border; x < right; x++) {
            const int is_inside = x >= 0 && x < w && y >= 0 && y < h;
            const int is_border = x < 0 || x >= right - border || y < 0 || y >= bottom - border;
            if (!is_inside && !is_border)
                continue;
            const ptrdiff_t byte = x * (ptrdiff_t)size;
            if (!memcmp((const char *)a + y * stride_a + byte, (const char *)b + y * stride_b + byte, size))
                continue;
            if (checkasm_failed(file, line))
                fprintf(stderr, "    %s differs at %d,%d of %dx%d\n", name, x, y, w, h);
            return 1;
        }
    }
    return 0;
}

void checkasm_report(const char *format, ...)
{
    if (part_tested) {
        va_list list;
        va_start(list, format);
        fputs(" - ", stdout);
        vprintf(format, list);
        va_end(list);
        printf(": %d of %d functions passed\n", part_tested - part_failed, part_tested);
    }
    part_tested = part_failed = 0;
}

int checkasm_bench_func(void)
{
    return with_bench;
}

double checkasm_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void checkasm_bench_result(double reference, double tested_time)
{
    const double nanoseconds = 1e9 / CHECKASM_BENCH_RUNS;
    printf("%-60s %9.1f %9.1f ns %6.2f\n", current->name, reference * nanoseconds, tested_time * nanoseconds,
           reference / tested_time);
}

int checkasm_main(CheckasmConfig *config, int argc, const char *argv[])
{
    const char *name = NULL;
    uint32_t number = (uint32_t)time(NULL);
    for (int i = 1; i < argc; i++) {
        if (!strncmp(argv[i], "--test=", 7))
            name = argv[i] + 7;
        else if (!strncmp(argv[i], "--function=", 11))
            part_of_name = argv[i] + 11;
        else if (!strcmp(argv[i], "--bench"))
            with_bench = 1;
        else
            number = (uint32_t)strtoul(argv[i], NULL, 10);
    }
    printf("checkasm: seed %u\n", number);
    for (is_first_pass = 1; is_first_pass >= 0; is_first_pass--) {
        config->set_cpu_flags(is_first_pass ? 0 : config->cpu);
        for (const CheckasmTest *test = config->tests; test->name; test++) {
            if (name && strncmp(test->name, name, strlen(name)))
                continue;
            if (!is_first_pass)
                printf("%s:\n", test->name);
            seed(number);
            test->func();
            part_tested = part_failed = 0;
        }
    }
    if (failed)
        printf("checkasm: %d of %d tests failed\n", failed, tested);
    else
        printf("checkasm: all %d tests passed\n", tested);
    return failed != 0 || tested == 0;
}
