/* The little that openh264 and x265 need of a C++ runtime. Debian's libc++ for wasm32 is built without threads and
   cannot be linked into a module that has them. The names are the Itanium C++ ABI's, for a 32-bit size_t. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

/* Without exceptions, an allocation that fails has nowhere to go but out. */
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

/* Guards of static variables in functions: the first byte says that the variable is made. One lock serves all:
   there are few, and none is made while another is. */
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
