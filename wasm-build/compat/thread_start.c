/* Lets threads start anywhere in the 4 GiB of a program. pthread_create passes the host a block on the stack of the new
   thread, and wasmer-wasix converts its address to a positive number of 31 bits: it panics from 2 GiB on. So the host
   gets a copy in static memory, which has lower addresses.
   Linked into every program, with --wrap of both functions here. */
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include <wasi/api.h>

/* More than a job may have threads (Limits::MAX_THREADS), since a block is free again once its thread runs. */
enum { BLOCKS = 1088 };

static struct block {
    /* The block that the host and wasi_thread_start read. */
    __wasi_thread_start_t start;
    /* The block of the libc. */
    void *libc;
    atomic_flag is_used;
} blocks[BLOCKS];

size_t __real___wasi_thread_spawn(void *start);
void __real___wasi_thread_start_C(int thread, void *start);

/* Returns the thread, or a negative error number. */
size_t __wrap___wasi_thread_spawn(void *start)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        struct block *block = &blocks[i];
        size_t thread;

        if (atomic_flag_test_and_set(&block->is_used))
            continue;
        memcpy(&block->start, start, sizeof(block->start));
        block->libc = start;
        thread = __real___wasi_thread_spawn(&block->start);
        if ((ptrdiff_t)thread < 0)
            atomic_flag_clear(&block->is_used);
        return thread;
    }
    return (size_t)-__WASI_ERRNO_AGAIN;
}

void __wrap___wasi_thread_start_C(int thread, void *start)
{
    struct block *block = start;
    void *libc = block->libc;

    atomic_flag_clear(&block->is_used);
    __real___wasi_thread_start_C(thread, libc);
}
