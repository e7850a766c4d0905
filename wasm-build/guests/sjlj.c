/* setjmp and longjmp, as in real C code: over one frame and fifty, nested, with the values 0, 1 and others,
   in main and in four threads, thousands of times. Prints a line for each thread; exits with 1 at the first
   failure. */
#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEPTH = 50, ROUNDS = 500, THREADS = 4 };

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            printf("line %d: not %s\n", __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

static __attribute__((noinline)) int dive(jmp_buf buffer, int depth, int value)
{
    volatile int here = depth;
    if (depth == 0)
        longjmp(buffer, value);
    return dive(buffer, depth - 1, value) + here;
}

static __attribute__((noinline)) void jump_once(int depth, int value)
{
    jmp_buf buffer;
    volatile int jumped = 0;
    int got = setjmp(buffer);

    if (!jumped) {
        CHECK(got == 0);
        jumped = 1;
        dive(buffer, depth, value);
        CHECK(!"longjmp came back");
    }
    CHECK(got == (value ? value : 1));
}

/* An inner buffer catches its own jump, and lets the one for the outer buffer pass. */
static __attribute__((noinline)) void jump_nested(void)
{
    jmp_buf outer, inner;
    volatile int inner_caught = 0;

    if (setjmp(outer) == 0) {
        if (setjmp(inner) == 0)
            dive(inner, 3, 7);
        inner_caught++;
        dive(outer, DEPTH, 9);
        CHECK(!"longjmp came back");
    }
    CHECK(inner_caught == 1);
}

/* Many jumps to one buffer: a loop. */
static __attribute__((noinline)) void jump_repeatedly(void)
{
    jmp_buf buffer;
    volatile int count = 0;
    int got = setjmp(buffer);

    CHECK(got == count);
    if (++count < 10)
        dive(buffer, 2, count);
}

static void *work(void *name)
{
    static const int values[] = { 0, 1, 42, -5 };

    for (int round = 0; round < ROUNDS; round++) {
        jump_once(0, values[round % 4]);
        jump_once(DEPTH, values[(round + 1) % 4]);
        jump_nested();
        jump_repeatedly();
    }
    printf("%s: ok\n", (const char *)name);
    return NULL;
}

int main(void)
{
    static char names[THREADS][16];
    pthread_t threads[THREADS];

    work("main");
    for (int i = 0; i < THREADS; i++) {
        snprintf(names[i], sizeof(names[i]), "thread %d", i + 1);
        CHECK(!pthread_create(&threads[i], NULL, work, names[i]));
    }
    for (int i = 0; i < THREADS; i++)
        CHECK(!pthread_join(threads[i], NULL));
    return 0;
}
