// SPDX-License-Identifier: BSD-2-Clause
// Random numbers, and buffers that are compared together with a border around them, laid out as by the library checkasm.
#ifndef CHECKASM_UTILS_H
#define CHECKASM_UTILS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Returns a random number from 0 to INT_MAX.
int checkasm_rand(void);
// Fills a buffer with random bytes, or with runs of the lowest and of the highest values.
void checkasm_init(void *buffer, size_t size);

// Compares two rectangles of elements of `size` bytes. The functions may write up to a multiple of `align_w` and
// `align_h`; `border` elements after that, and before the rectangle, must be the same, too.
int checkasm_compare(size_t size, const char *file, int line, const void *a, ptrdiff_t stride_a, const void *b,
                     ptrdiff_t stride_b, int w, int h, const char *name, int align_w, int align_h, int border);

#define checkasm_check(type, ...) checkasm_compare(sizeof(type), __FILE__, __LINE__, __VA_ARGS__, 1, 1, 0)
#define checkasm_check_rect_padded_align(a, ...) \
    checkasm_compare(sizeof(*(a)), __FILE__, __LINE__, a, __VA_ARGS__, CHECKASM_BORDER)
#define checkasm_check_rect_padded(a, ...) checkasm_check_rect_padded_align(a, __VA_ARGS__, 1, 1)

enum { CHECKASM_BORDER = 8 };
#define CHECKASM_WIDTH(w) (((w) + 63 & ~63) + 64)

// Declares a rectangle with a border: `name`, its `name_stride` in bytes, and its memory `name_buf` of `name_buf_h` rows.
#define BUF_RECT(type, name, w, h) \
    type name##_buf[((h) + 32) * CHECKASM_WIDTH(w) + 64] __attribute__((aligned(64))); \
    const ptrdiff_t name##_stride = CHECKASM_WIDTH(w) * (ptrdiff_t)sizeof(type); \
    const int name##_buf_h = (h) + 32; \
    (void)name##_stride; \
    (void)name##_buf_h; \
    type *const name = name##_buf + 16 * CHECKASM_WIDTH(w) + 64
#define CLEAR_BUF_RECT(name) memset(name##_buf, 0x99, sizeof(name##_buf))
#define INITIALIZE_BUF(name) checkasm_init(name, sizeof(name))
#define INITIALIZE_BUF_RECT(name) INITIALIZE_BUF(name##_buf)

#endif
