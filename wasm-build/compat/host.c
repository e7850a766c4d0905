/* The words in which every program and its host speak to each other, beside its calls. They are exported, so that
   the engine knows where they are. */
#include <stdint.h>
#include <unistd.h>

/* Not zero: end. The host writes it. Every function entry and every loop reads it: the engine compiles that in. */
volatile int32_t afmpeg_stop_flag;

/* How many bytes more than it may have the program has asked for, in one piece; 0 while it got all it asked for.
   malloc says only that it failed, and so does FFmpeg. */
volatile uint32_t afmpeg_memory_refused;

void *__real_sbrk(intptr_t increment);

/* Linked with --wrap=sbrk: all of the program's memory comes from here. */
void *__wrap_sbrk(intptr_t increment)
{
    void *start = __real_sbrk(increment);

    if (start == (void *)-1 && (uint32_t)increment > afmpeg_memory_refused)
        afmpeg_memory_refused = (uint32_t)increment;
    return start;
}
