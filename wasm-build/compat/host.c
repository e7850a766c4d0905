/* The variables that every program shares with its host. They are exported, so that the engine finds their
   addresses. */
#include <stdint.h>
#include <unistd.h>

/* The host writes it; a program that finds another value than zero ends. The engine compiles a check into every
   function entry and every loop. */
volatile int32_t afmpeg_stop_flag;

/* The size in bytes of the largest request for memory that was refused; 0 while none was. malloc and FFmpeg report
   only that an allocation failed. */
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
