/* Looks for bytes on its standard input without waiting for them, as programs do that read keys. Prints each step. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <unistd.h>

static int polled(int milliseconds)
{
    struct pollfd input = { .fd = 0, .events = POLLIN };
    int ready = poll(&input, 1, milliseconds);

    if (ready < 0 || (ready > 0 && !(input.revents & POLLIN)))
        exit(1);
    return ready;
}

static int selected(void)
{
    struct timeval no_time = { 0 };
    fd_set inputs;

    FD_ZERO(&inputs);
    FD_SET(0, &inputs);
    return select(1, &inputs, NULL, NULL, &no_time);
}

static void read_one(void)
{
    char byte;
    ssize_t got = read(0, &byte, 1);

    if (got == 1)
        printf("read %c\n", byte);
    else
        printf("read returned %zd\n", got);
}

int main(void)
{
    printf("at the start %d, %d; after 50 ms %d\n", polled(0), selected(), polled(50));
    puts("waiting");
    fflush(stdout);
    while (!polled(1000)) {
    }
    read_one();
    /* A look finds a byte once it has arrived, which takes longer on a busy machine, and later looks find it too. */
    printf("with a byte left %d", polled(-1));
    printf(", %d, %d\n", polled(0), selected());
    read_one();
    printf("at the end %d\n", polled(-1));
    read_one();
    return 0;
}
