/* setjmp and longjmp, which the WASIX libc lacks. clang lowers them (-mllvm -wasm-enable-sjlj) to these three
   functions and the tag __c_longjmp; LLVM's WebAssemblyLowerEmscriptenEHSjLj.cpp describes them. Every function that
   calls setjmp catches the exception, whose payload is the address of a pair, and checks whether it filled the buffer.
   Linked into every program. */
#include <stdint.h>

struct pair {
    void *buffer;
    int value;
};

/* The first words of a jmp_buf. */
struct mark {
    /* The running call of the function that called setjmp... */
    void *invocation;
    /* ...and which setjmp of that function, counted from 1. */
    uint32_t label;
};

/* One pair per thread, not one per buffer: so the host throws the same exception object every time, and a program that
   jumps without end does not fill the host's memory. The pair is read where the exception is caught, before another
   one can be thrown. */
static _Thread_local struct pair pair;

__attribute__((import_module("env"), import_name("afmpeg_throw_longjmp"), noreturn))
void afmpeg_throw_longjmp(struct pair *pair);

void __wasm_setjmp(void *buffer, uint32_t label, void *invocation)
{
    struct mark *mark = buffer;

    mark->invocation = invocation;
    mark->label = label;
}

uint32_t __wasm_setjmp_test(void *buffer, void *invocation)
{
    struct mark *mark = buffer;

    return mark->invocation == invocation ? mark->label : 0;
}

void __wasm_longjmp(void *buffer, int value)
{
    pair.buffer = buffer;
    pair.value = value ? value : 1;
    afmpeg_throw_longjmp(&pair);
}
