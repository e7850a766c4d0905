/* Checks that variables have their initial values, and changes them. The next job must not find the changes. */
#include <pthread.h>
#include <string.h>

enum { NUMBERS = 1 << 16, MIDDLE = 40000 };

static const char text[] = "initial data";
static const char *pointer = text;
static unsigned numbers[NUMBERS] = {[0] = 1, [MIDDLE] = 2, [NUMBERS - 1] = 3};
static unsigned zeros[NUMBERS];
static _Thread_local unsigned own = 4;

static int has_initial_values(void)
{
    for (int i = 0; i < NUMBERS; i++) {
        unsigned expected = i == 0 ? 1 : i == MIDDLE ? 2 : i == NUMBERS - 1 ? 3 : 0;

        if (numbers[i] != expected || zeros[i] != 0)
            return 0;
    }
    return own == 4 && pointer == text && strcmp(text, "initial data") == 0;
}

static void change(void)
{
    for (int i = 0; i < NUMBERS; i++)
        numbers[i] = zeros[i] = i + 5;
    pointer = NULL;
    own = 6;
}

/* A thread has the variables of the program, and its own thread-local ones. */
static void *check(void *argument)
{
    for (int i = 0; i < NUMBERS; i++) {
        if (numbers[i] != i + 5u || zeros[i] != i + 5u)
            return NULL;
    }
    return own == 4 && !pointer ? argument : NULL;
}

int main(void)
{
    pthread_t thread;
    void *result = NULL;

    if (!has_initial_values())
        return 1;
    change();
    if (pthread_create(&thread, NULL, check, &thread) || pthread_join(thread, &result))
        return 2;
    return result == &thread && own == 6 ? 0 : 3;
}
