/* The parts of a C++ runtime that openh264, HarfBuzz and x265 need. Debian's libc++ for wasm32 is built without threads
   and cannot be linked into a module with threads. The names are those of the Itanium C++ ABI, for a 32-bit size_t. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

/* Without exceptions, a failed allocation can only end the program. */
static void *allocate(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory)
        abort();
    return memory;
}

void *_Znwm(size_t size) { return allocate(size); }
void *_Znam(size_t size) { return allocate(size); }
void _ZdlPv(void *memory) { free(memory); }
void _ZdaPv(void *memory) { free(memory); }
void _ZdlPvm(void *memory, size_t size) { (void)size; free(memory); }
void _ZdaPvm(void *memory, size_t size) { (void)size; free(memory); }

void __cxa_pure_virtual(void) { abort(); }

/* Guards of static variables in functions: the first byte is set once the variable is initialised. One lock serves all:
   they are few, and no initialiser runs another. */
static pthread_mutex_t guard_lock = PTHREAD_MUTEX_INITIALIZER;

int __cxa_guard_acquire(uint32_t *guard)
{
    if (__atomic_load_n((uint8_t *)guard, __ATOMIC_ACQUIRE))
        return 0;
    pthread_mutex_lock(&guard_lock);
    if (*(uint8_t *)guard) {
        pthread_mutex_unlock(&guard_lock);
        return 0;
    }
    return 1;
}

void __cxa_guard_release(uint32_t *guard)
{
    __atomic_store_n((uint8_t *)guard, 1, __ATOMIC_RELEASE);
    pthread_mutex_unlock(&guard_lock);
}

void __cxa_guard_abort(uint32_t *guard)
{
    (void)guard;
    pthread_mutex_unlock(&guard_lock);
}
