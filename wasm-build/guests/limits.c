/* Exhausts the resource of a job that argv[1] names. Jobs that are stopped are stopped here. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned sink;

/* A loop without a call. */
static void spin(void)
{
    for (unsigned i = 0;; i++)
        sink = i;
}

/* Calls without a loop, which the compiler must not turn into one. */
__attribute__((noinline)) static unsigned fibonacci(volatile unsigned n)
{
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static void call(void)
{
    sink = fibonacci(90);
}

static void park(void)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t never = PTHREAD_COND_INITIALIZER;

    pthread_mutex_lock(&mutex);
    for (;;)
        pthread_cond_wait(&never, &mutex);
}

static void sleep_long(void)
{
    for (;;)
        sleep(3600);
}

static void read_much(void)
{
    char byte;
    int fd = open("/dev/zero", O_RDONLY);

    for (;;)
        pread(fd, &byte, 1, 0);
}

static void copy_much(void)
{
    static char from[1 << 20], to[1 << 20];

    for (;;)
        memcpy(to, from, sizeof(to));
}

static const struct waste {
    const char *name;
    void (*run)(void);
} wastes[] = {
    { "spin", spin }, { "call", call }, { "park", park },
    { "sleep", sleep_long }, { "read", read_much }, { "copy", copy_much },
};

static void *waste(void *argument)
{
    ((const struct waste *)argument)->run();
    return NULL;
}

static const struct waste *find(const char *name)
{
    for (size_t i = 0; i < sizeof(wastes) / sizeof(wastes[0]); i++)
        if (!strcmp(name, wastes[i].name))
            return &wastes[i];
    exit(2);
}

/* Threads that each exhaust a resource, while main waits for them. */
static int threads(int count, char **names)
{
    pthread_t last;

    for (int i = 0; i < count; i++)
        if (pthread_create(&last, NULL, waste, (void *)find(names[i])))
            return 3;
    printf("started\n");
    fflush(stdout);
    pthread_join(last, NULL);
    return 0;
}

/* As many threads as the host allows. */
static int many_threads(void)
{
    pthread_t thread;
    int error = 0;

    for (int i = 0; i < 5000 && !error; i++)
        error = pthread_create(&thread, NULL, waste, (void *)find("park"));
    fprintf(stderr, "pthread_create: %s\n", strerror(error));
    return error ? 4 : 0;
}

/* As much memory as the host allows, all of it written to. */
static int much_memory(void)
{
    enum { PIECE = 1 << 20 };
    char *volatile piece;

    while ((piece = malloc(PIECE)))
        memset(piece, 1, PIECE);
    perror("malloc");
    return errno;
}

static int much_output(int many);

/* Requests more of the resource argv[2] than the limit, and then ends with success, or continues with the resource argv[3]
   if that is given. */
static int unmoved(int argc, char **argv)
{
    if (!strcmp(argv[2], "memory"))
        much_memory();
    if (!strcmp(argv[2], "many-threads"))
        many_threads();
    if (!strcmp(argv[2], "files"))
        much_output(1);
    if (!strcmp(argv[2], "output"))
        much_output(0);
    if (argc > 3)
        find(argv[3])->run();
    return 0;
}

__attribute__((noinline)) static int deep(volatile char *above, int depth)
{
    volatile char here[256];

    here[0] = above ? above[0] : 1;
    return deep(here, depth + 1) + here[0];
}

/* Many files, or one long file. */
static int much_output(int many)
{
    char name[32], bytes[4096] = { 0 };

    for (int i = 0; i < 100000; i++) {
        int fd;

        snprintf(name, sizeof(name), "/out/%d", many ? i : 0);
        fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0666);
        if (fd < 0 || write(fd, bytes, sizeof(bytes)) != sizeof(bytes)) {
            perror(name);
            return 5;
        }
        close(fd);
    }
    return 0;
}

/* Writes to every place that keeps data in memory, until all refuse more. */
static int hoard(void)
{
    static const char piece[1 << 16] = { 1 };
    int fds[] = { open("/out/hoard", O_WRONLY | O_CREAT, 0666), open("/tmp/hoard", O_WRONLY | O_CREAT, 0666), 1 };
    int taken;

    do {
        taken = 0;
        for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
            taken += write(fds[i], piece, sizeof(piece)) > 0;
    } while (taken);
    return 6;
}

int main(int argc, char **argv)
{
    const char *resource = argc > 1 ? argv[1] : "";

    if (!strcmp(resource, "nothing"))
        return 0;
    if (!strcmp(resource, "main") && argc > 2)
        find(argv[2])->run();
    if (!strcmp(resource, "threads"))
        return threads(argc - 2, argv + 2);
    if (!strcmp(resource, "many-threads"))
        return many_threads();
    if (!strcmp(resource, "memory"))
        return much_memory();
    if (!strcmp(resource, "unmoved") && argc > 2)
        return unmoved(argc, argv);
    if (!strcmp(resource, "hoard"))
        return hoard();
    if (!strcmp(resource, "stack"))
        return deep(NULL, 0);
    if (!strcmp(resource, "files"))
        return much_output(1);
    if (!strcmp(resource, "output"))
        return much_output(0);
    if (!strcmp(resource, "stdout"))
        while (puts("a line of output that nobody reads") >= 0 && !fflush(stdout))
            ;
    if (!strcmp(resource, "log"))
        for (int i = 0; i < 100000; i++)
            fprintf(stderr, "line %d of a log that is too long\n", i);
    if (!strcmp(resource, "time"))
        printf("%lld\n", (long long)time(NULL));
    return resource[0] ? 0 : 2;
}
