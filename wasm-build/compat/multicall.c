/* One program, three tools: argv[0] decides between ffmpeg, ffprobe and our own capabilities, which share all of
   FFmpeg's libraries. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The definitions that FFmpeg's shared tool code (fftools/cmdutils.h) expects from each tool. */
char program_name[16];
int program_birth_year;
void show_help_default(const char *opt, const char *arg);

int ffmpeg_main(int argc, char **argv);
void ffmpeg_show_help_default(const char *opt, const char *arg);
int ffprobe_main(int argc, char **argv);
void ffprobe_show_help_default(const char *opt, const char *arg);
int capabilities_main(int argc, char **argv);

static const struct tool {
    const char *name;
    int birth_year;
    int (*main)(int argc, char **argv);
    void (*show_help)(const char *opt, const char *arg);
} tools[] = {
    { "ffmpeg", 2000, ffmpeg_main, ffmpeg_show_help_default },
    { "ffprobe", 2007, ffprobe_main, ffprobe_show_help_default },
    { "capabilities", 0, capabilities_main, NULL },
};

static const struct tool *tool;

/* The result of main: WASI's proc_exit passes on eight bits of it, and FFmpeg's errors have 32. */
int32_t afmpeg_exit_status;

/* Codecs keep whole macroblock rows on the stack of a thread; musl's default is 128 KiB, glibc's 8 MiB. */
enum { THREAD_STACK = 2 << 20 };

void show_help_default(const char *opt, const char *arg)
{
    tool->show_help(opt, arg);
}

int main(int argc, char **argv)
{
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";
    pthread_attr_t attr;

    for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
        if (!strcmp(name, tools[i].name))
            tool = &tools[i];
    if (!tool) {
        fprintf(stderr, "%s: expected ffmpeg, ffprobe or capabilities as argv[0]\n", name);
        return 2;
    }

    if (!pthread_attr_init(&attr)) {
        pthread_attr_setstacksize(&attr, THREAD_STACK);
        pthread_setattr_default_np(&attr);
        pthread_attr_destroy(&attr);
    }

    strcpy(program_name, tool->name);
    program_birth_year = tool->birth_year;
    afmpeg_exit_status = tool->main(argc, argv);
    return afmpeg_exit_status;
}
