/* The log of FFmpeg's tools as records, for a host that reads it from a device (AFMPEG_LOG). FFmpeg prints text from
   media into its log, too; a record has its level, its writer and its beginning beside the text, so that no such text
   can pass for a message from FFmpeg itself.

   Each call of av_log is one write:
     byte 0     the level: 0 panic, 1 fatal, 2 error, 3 warning, 4 info, 5 verbose, 6 debug, 7 trace
     byte 1     flags, below
     bytes 2-3  the length of the text's prefix, little-endian
     byte 4     the category of the context that contains the writer (AVClassCategory), 0 without one
     byte 5     the category of the writer
     then the name of the context that wrote it, a NUL, and the text as FFmpeg prints it.

   Errors are written even where -loglevel hides them, without the flag SHOWN: the host reports why a job failed.
   Linked with --wrap=av_log_set_flags, which both tools call before anything else, and
   --wrap=av_log_default_callback, which the callbacks of -report and of ffprobe's -show_log call. */
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libavutil/log.h>
#include <libavutil/time.h>

enum {
    BEGINS = 1,     /* The text begins a line. */
    SHOWN = 2,      /* The user's log level shows it. */
    REPETITION = 4, /* "Last message repeated n times" */
};

/* The length of a record's head, before the writer's name. */
enum { HEAD = 6 };

/* The longest text that one write carries, in bytes; a longer one continues in further writes. */
enum { MAX_TEXT = 16 << 10 };

/* The longest line that is compared with the one before it, as in libavutil/log.c. */
enum { MAX_COMPARED = 1024 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int device = -1;

void __real_av_log_set_flags(int flags);
void __real_av_log_default_callback(void *context, int level, const char *format, va_list arguments);
void __wrap_av_log_default_callback(void *context, int level, const char *format, va_list arguments);

void __wrap_av_log_set_flags(int flags)
{
    static int is_open;

    if (!is_open) {
        const char *path = getenv("AFMPEG_LOG");

        is_open = 1;
        device = path ? open(path, O_WRONLY) : -1;
        if (device >= 0)
            av_log_set_callback(__wrap_av_log_default_callback);
    }
    __real_av_log_set_flags(flags);
}

static const char *name_of(void *context)
{
    const AVClass *class = context ? *(const AVClass **)context : NULL;

    if (!class)
        return "";
    return (class->item_name ? class->item_name : av_default_item_name)(context);
}

static AVClassCategory category_of(void *context)
{
    const AVClass *class = context ? *(const AVClass **)context : NULL;

    if (!class)
        return AV_CLASS_CATEGORY_NA;
    return class->get_category ? class->get_category(context) : class->category;
}

/* The context that contains another one, or NULL. */
static void *parent_of(void *context)
{
    const AVClass *class = context ? *(const AVClass **)context : NULL;

    if (!class || !class->parent_log_context_offset)
        return NULL;
    return *(void **)((uint8_t *)context + class->parent_log_context_offset);
}

static void write_record(int level, int flags, size_t prefix, void *context, const char *text, size_t len)
{
    static char record[HEAD + 256 + MAX_TEXT];
    const char *component = name_of(context);
    size_t name = strnlen(component, 255);

    do {
        size_t piece = len < MAX_TEXT ? len : MAX_TEXT;
        size_t head = prefix < piece ? prefix : piece;

        record[0] = level < 0 ? 0 : level / 8 > 7 ? 7 : level / 8;
        record[1] = flags;
        record[2] = head;
        record[3] = head >> 8;
        record[4] = category_of(parent_of(context));
        record[5] = category_of(context);
        memcpy(record + HEAD, component, name);
        record[HEAD + name] = 0;
        memcpy(record + HEAD + name + 1, text, piece);
        /* A host that has closed the device ends the job itself. */
        if (write(device, record, HEAD + name + 1 + piece) < 0)
            return;
        text += piece;
        len -= piece;
        prefix -= head;
        flags &= ~BEGINS;
    } while (len > 0);
}

/* Replaces control characters other than those of layout, as libavutil/log.c does. */
static void sanitize(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x08 || ((unsigned char)*text > 0x0D && (unsigned char)*text < 0x20))
            *text = '?';
}

/* The time of day that `-loglevel time` and `datetime` put before a line. */
static size_t format_time(char *text, size_t size, int flags)
{
    int64_t now = av_gettime() / 1000;
    time_t seconds = now / 1000;
    struct tm parts;
    size_t len;

    if (!localtime_r(&seconds, &parts))
        return 0;
    len = strftime(text, size, flags & AV_LOG_PRINT_DATETIME ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &parts);
    return len + snprintf(text + len, size - len, ".%03d ", (int)(now % 1000));
}

static int format_line(void *context, int level, const char *format, va_list arguments, char *line, int size, int *begins)
{
    va_list copy;
    int len;

    va_copy(copy, arguments);
    len = av_log_format_line2(context, level, format, copy, line, size, begins);
    va_end(copy);
    return len;
}

void __wrap_av_log_default_callback(void *context, int level, const char *format, va_list arguments)
{
    /* Hidden lines have a separate state, so that they do not change how the shown lines are printed. */
    static int begins_line[2] = { 1, 1 };
    static int repeated;
    static char last[MAX_COMPARED];
    char small[MAX_COMPARED], time_of_day[64];
    char *line = small;
    int *begins, did_begin, len, prefix, flags, is_shown;
    size_t time_len = 0;

    if (device < 0) {
        __real_av_log_default_callback(context, level, format, arguments);
        return;
    }
    if (level >= 0)
        level &= 0xff; /* The rest is a colour. */
    is_shown = level <= av_log_get_level();
    if (!is_shown && level > AV_LOG_ERROR)
        return;
    pthread_mutex_lock(&mutex);

    begins = &begins_line[is_shown];
    did_begin = *begins;
    prefix = format_line(context, level, "", arguments, small, sizeof(small), &(int){ did_begin });
    len = format_line(context, level, format, arguments, small, sizeof(small), &(int){ did_begin });
    if (len < 0)
        goto end;
    if ((size_t)len >= sizeof(small)) {
        line = malloc((size_t)len + 1);
        if (!line) { /* Write only its beginning. */
            line = small;
            len = sizeof(small) - 1;
        }
    }
    format_line(context, level, format, arguments, line, len + 1, begins);
    if (is_shown) {
        int is_line = *begins && len > 0 && line[len - 1] != '\r';

        if (is_line && (av_log_get_flags() & AV_LOG_SKIP_REPEATED) && !strncmp(line, last, sizeof(last) - 1)) {
            repeated++;
            goto end;
        }
        if (repeated) {
            int times = snprintf(time_of_day, sizeof(time_of_day), "    Last message repeated %d times\n", repeated);

            write_record(AV_LOG_INFO, BEGINS | SHOWN | REPETITION, 0, NULL, time_of_day, times);
            repeated = 0;
        }
        snprintf(last, sizeof(last), "%s", line);
    }
    if (did_begin && level > AV_LOG_QUIET && (av_log_get_flags() & (AV_LOG_PRINT_TIME | AV_LOG_PRINT_DATETIME)))
        time_len = format_time(time_of_day, sizeof(time_of_day), av_log_get_flags());
    flags = (did_begin ? BEGINS : 0) | (is_shown ? SHOWN : 0);
    if (time_len) {
        write_record(level, flags, time_len, context, time_of_day, time_len);
        flags &= ~BEGINS;
    }
    sanitize(line);
    if (len > 0)
        write_record(level, flags, prefix < 0 ? 0 : prefix, context, line, len);
end:
    if (line != small)
        free(line);
    pthread_mutex_unlock(&mutex);
}
