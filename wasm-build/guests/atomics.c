/* Checks that atomic stores change their own bytes only, and are in one order for all threads. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

enum { ROUNDS = 20000 };

#define CHECK_WIDTH(type, value)                                              \
    do {                                                                      \
        struct { unsigned char before[8]; _Atomic type stored; unsigned char after[8]; } place; \
        unsigned char guard[8];                                               \
                                                                              \
        memset(guard, 0xa5, sizeof(guard));                                   \
        memset(&place, 0xa5, sizeof(place));                                  \
        atomic_store(&place.stored, (type)(value));                           \
        if (atomic_load(&place.stored) != (type)(value)                       \
            || memcmp(place.before, guard, sizeof(guard))                     \
            || memcmp(place.after, guard, sizeof(guard)))                     \
            return 1;                                                         \
    } while (0)

static _Atomic int started, first, second, finished;
static int seen_by_other;

/* Waits for a value, and lets the other thread run if that takes long. */
static void wait_for(_Atomic int *variable, int value)
{
    for (int i = 1; atomic_load(variable) != value; i++) {
        if (i % 4096 == 0)
            sched_yield();
    }
}

/* Stores to one variable and reads the other: at least one of the two threads finds the other's store. */
static void *store_second(void *argument)
{
    for (int i = 1; i <= ROUNDS; i++) {
        wait_for(&started, i);
        atomic_store(&second, i);
        seen_by_other = atomic_load(&first);
        atomic_store(&finished, i);
    }
    return argument;
}

int main(void)
{
    pthread_t thread;
    uint64_t value = 0x0123456789abcdef;

    CHECK_WIDTH(uint8_t, value);
    CHECK_WIDTH(uint16_t, value);
    CHECK_WIDTH(uint32_t, value);
    CHECK_WIDTH(uint64_t, value);
    if (pthread_create(&thread, NULL, store_second, NULL))
        return 2;
    for (int i = 1; i <= ROUNDS; i++) {
        int seen;

        atomic_store(&started, i);
        /* The other thread needs a while to see that. Of many delays, some let both store at the same time. */
        for (volatile int delay = i % 256; delay > 0;)
            delay--;
        atomic_store(&first, i);
        seen = atomic_load(&second);
        wait_for(&finished, i);
        if (seen != i && seen_by_other != i)
            return 3;
    }
    return pthread_join(thread, NULL) ? 4 : 0;
}
