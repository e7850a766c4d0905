/* Repeats an action, or does it at the end of the memory: argv[1] is the action, argv[2] the count. The tests measure
   the memory that the host keeps until the program ends. */
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int ran;

static void *run(void *argument)
{
    ran++;
    return argument;
}

static void jump(long times)
{
    jmp_buf buffer;
    volatile long jumped = 0;

    while (jumped < times) {
        if (setjmp(buffer) == 0)
            longjmp(buffer, 1);
        jumped++;
    }
}

/* Threads one after the other, each with its own jump. */
static void *jump_once(void *argument)
{
    jump(1);
    return run(argument);
}

static int start(long times, void *(*work)(void *))
{
    for (long i = 0; i < times; i++) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, work, NULL) || pthread_join(thread, NULL))
            return 1;
    }
    return ran == times ? 0 : 2;
}

/* Threads with stacks beyond the first 2 GiB, which are never touched. */
static int start_high(long times)
{
    enum { GIB = 1 << 30 };
    char *low = malloc(GIB), *middle = malloc(GIB + (GIB >> 2));

    if (!low || !middle)
        return 3;
    low[0] = middle[0] = 1;
    return start(times, jump_once);
}

/* Memory in steps up to the last 32 MiB of 4 GiB, with a byte written at the end of each step. */
static int grow(void)
{
    enum { STEP = 16 << 20 };
    unsigned long last = 0;

    while (last < 0xffffffffUL - 2 * STEP) {
        char *next = sbrk(STEP);

        if (next == (char *)-1)
            return 4;
        next[STEP - 1] = 1;
        last = (unsigned long)next + STEP - 1;
    }
    return *(char *)last == 1 ? 0 : 5;
}

int main(int argc, char **argv)
{
    const char *action = argc > 1 ? argv[1] : "";
    long times = argc > 2 ? atol(argv[2]) : 0;

    if (!strcmp(action, "longjmp"))
        jump(times);
    else if (!strcmp(action, "threads"))
        return start(times, jump_once);
    else if (!strcmp(action, "high-threads"))
        return start_high(times);
    else if (!strcmp(action, "grow"))
        return grow();
    else
        return 64;
    return 0;
}
