/* Runs requests from standard input with the file calls of C programs, and writes the responses to standard output. The
   tests run their conformance suite for filesystems through it, so that each request passes through the libc, WASI and
   the engine's file calls. Words are little-endian, as in WebAssembly. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum operation {
    OPEN, CLOSE, READ, WRITE, APPEND, SET_LEN, SYNC, STAT_OPEN, STAT, STAT_LINK, LIST, MAKE_DIR, REMOVE_FILE,
    REMOVE_DIR, RENAME, SYMLINK, READ_LINK, LINK, SET_TIMES,
};

/* The modes of opening, as bits of the tests' protocol. */
enum { READING = 1, WRITING = 2, APPENDING = 4, CREATING = 8, NEW = 16, TRUNCATING = 32 };

static const int64_t KEEP = INT64_MIN, NANOSECONDS = 1000000000;

struct request {
    uint32_t operation, number, first_len, second_len;
    int64_t place, time;
};

struct answer {
    int32_t error;
    uint32_t len;
    int64_t value;
};

struct what_is_known {
    uint64_t type, len, inode, names;
    int64_t modified, accessed;
};

static char *reply;
static size_t reply_len, reply_room;

static void add(const void *bytes, size_t len)
{
    if (reply_len + len > reply_room) {
        reply_room = (reply_len + len) * 2;
        reply = realloc(reply, reply_room);
        if (!reply)
            exit(3);
    }
    memcpy(reply + reply_len, bytes, len);
    reply_len += len;
}

static int take(void *into, size_t len)
{
    for (char *at = into; len > 0;) {
        ssize_t taken = read(0, at, len);
        if (taken <= 0)
            return 0;
        at += taken;
        len -= taken;
    }
    return 1;
}

static void give(const void *from, size_t len)
{
    for (const char *at = from; len > 0;) {
        ssize_t given = write(1, at, len);
        if (given <= 0)
            exit(2);
        at += given;
        len -= given;
    }
}

static char *take_text(size_t len)
{
    char *text = malloc(len + 1);
    if (!text || !take(text, len))
        exit(1);
    text[len] = 0;
    return text;
}

static uint64_t type_of(mode_t mode)
{
    return S_ISDIR(mode) ? 'd' : S_ISREG(mode) ? 'f' : S_ISLNK(mode) ? 'l' : S_ISCHR(mode) ? 'c' : '?';
}

static int64_t nanoseconds(struct timespec time)
{
    return time.tv_sec * NANOSECONDS + time.tv_nsec;
}

static int64_t known(int result, const struct stat *found)
{
    if (result == 0) {
        struct what_is_known known = {
            type_of(found->st_mode), found->st_size, found->st_ino, found->st_nlink,
            nanoseconds(found->st_mtim), nanoseconds(found->st_atim),
        };
        add(&known, sizeof known);
    }
    return result;
}

static int64_t open_file(const char *path, uint32_t how)
{
    int flags = how & (WRITING | APPENDING) ? how & READING ? O_RDWR : O_WRONLY : O_RDONLY;
    flags |= how & APPENDING ? O_APPEND : 0;
    flags |= how & (CREATING | NEW) ? O_CREAT : 0;
    flags |= how & NEW ? O_EXCL : 0;
    flags |= how & TRUNCATING ? O_TRUNC : 0;
    int fd = open(path, flags, 0666);
    struct stat found;
    if (fd >= 0 && fstat(fd, &found) == 0 && S_ISDIR(found.st_mode)) {
        /* C can open a folder; the suite expects an error. */
        close(fd);
        errno = EISDIR;
        return -1;
    }
    return fd;
}

static int64_t append(int fd, const char *bytes, size_t len)
{
    if (lseek(fd, 0, SEEK_END) < 0)
        return -1;
    for (size_t done = 0; done < len;) {
        ssize_t written = write(fd, bytes + done, len - done);
        if (written < 0)
            return -1;
        done += written;
    }
    off_t end = lseek(fd, 0, SEEK_CUR);
    return end < 0 ? -1 : end - (int64_t)len;
}

static int64_t list(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return -1;
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        uint32_t len = strlen(entry->d_name);
        uint8_t type = entry->d_type == DT_DIR ? 'd' : entry->d_type == DT_REG ? 'f' : entry->d_type == DT_LNK ? 'l' : 'c';
        add(&len, sizeof len);
        add(&type, 1);
        add(entry->d_name, len);
    }
    int failed = errno;
    closedir(dir);
    errno = failed;
    return failed ? -1 : 0;
}

static struct timespec time_of(int64_t time)
{
    if (time == KEEP)
        return (struct timespec) { .tv_nsec = UTIME_OMIT };
    return (struct timespec) { .tv_sec = time / NANOSECONDS, .tv_nsec = time % NANOSECONDS };
}

static int64_t perform(const struct request *request, const char *first, const char *second)
{
    struct stat found;
    int fd = request->number;
    switch ((enum operation)request->operation) {
    case OPEN: return open_file(first, request->number);
    case CLOSE: return close(fd);
    case READ: {
        /* The number of bytes is in the field of the time. */
        char *bytes = malloc(request->time + 1);
        if (!bytes)
            exit(3);
        ssize_t done = pread(fd, bytes, request->time, request->place);
        if (done > 0)
            add(bytes, done);
        free(bytes);
        return done;
    }
    case WRITE: return pwrite(fd, first, request->first_len, request->place);
    case APPEND: return append(fd, first, request->first_len);
    case SET_LEN: return ftruncate(fd, request->place);
    case SYNC: return fsync(fd);
    case STAT_OPEN: return known(fstat(fd, &found), &found);
    case STAT: return known(stat(first, &found), &found);
    case STAT_LINK: return known(lstat(first, &found), &found);
    case LIST: return list(first);
    case MAKE_DIR: return mkdir(first, 0777);
    case REMOVE_FILE: return unlink(first);
    case REMOVE_DIR: return rmdir(first);
    case RENAME: return rename(first, second);
    case SYMLINK: return symlink(first, second);
    case READ_LINK: {
        char text[4096];
        ssize_t len = readlink(first, text, sizeof text);
        if (len > 0)
            add(text, len);
        return len;
    }
    case LINK: return link(first, second);
    case SET_TIMES: {
        struct timespec times[2] = { time_of(request->place), time_of(request->time) };
        return utimensat(AT_FDCWD, first, times, 0);
    }
    }
    exit(4);
}

int main(void)
{
    for (struct request request; take(&request, sizeof request);) {
        char *first = take_text(request.first_len), *second = take_text(request.second_len);
        reply_len = 0;
        errno = 0;
        int64_t value = perform(&request, first, second);
        struct answer answer = { value < 0 ? errno : 0, reply_len, value };
        give(&answer, sizeof answer);
        give(reply, reply_len);
        free(first);
        free(second);
    }
    return 0;
}
