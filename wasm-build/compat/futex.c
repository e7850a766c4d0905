/* Waits and wakes of threads. The timed waits of the WASIX libc ignore their deadlines: pthread_cond_timedwait never
   times out, and FFmpeg, whose main thread relies on it, reports its progress only at the end.
   The other waits of the libc call the host; these use WebAssembly's instructions, which cost less.
   Linked into every program, with --wrap of each function here. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <time.h>

static int wait32(volatile int *word, int value, int64_t nanoseconds)
{
    switch (__builtin_wasm_memory_atomic_wait32((int *)word, value, nanoseconds)) {
    case 1: /* The word has another value. */
        return EAGAIN;
    case 2:
        return ETIMEDOUT;
    default:
        return 0;
    }
}

/* A negative time means no limit. Errors are negative, too. */
int __wrap___wasilibc_futex_wait_wasix(volatile void *word, int operation, int value, int64_t nanoseconds)
{
    return -wait32(word, value, nanoseconds);
}

int __wrap___wasilibc_futex_wake_wasix(volatile void *word, int count)
{
    if (count < 1)
        return 0;
    return __builtin_wasm_memory_atomic_notify((int *)word, count == INT_MAX ? UINT_MAX : (unsigned)count);
}

/* Waits while the word has this value, until the clock reaches `until`, if it is not NULL. */
int __wrap___timedwait_cp(volatile int *word, int value, clockid_t clock, const struct timespec *until, int private)
{
    int64_t left = -1;

    if (until) {
        struct timespec now;

        if (until->tv_nsec < 0 || until->tv_nsec >= 1000000000)
            return EINVAL;
        if (clock_gettime(clock, &now))
            return EINVAL;
        /* The nanoseconds of decades overflow: such a wait has no limit. */
        if (until->tv_sec - now.tv_sec < 1LL << 30)
            left = (until->tv_sec - now.tv_sec) * 1000000000LL + until->tv_nsec - now.tv_nsec;
        else
            until = NULL;
        if (until && left <= 0)
            return ETIMEDOUT;
    }
    /* Only a timeout is an error: all callers check the word again. */
    return wait32(word, value, left) == ETIMEDOUT ? ETIMEDOUT : 0;
}

int __wrap___timedwait(volatile int *word, int value, clockid_t clock, const struct timespec *until, int private)
{
    return __wrap___timedwait_cp(word, value, clock, until, private);
}
