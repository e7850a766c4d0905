/* The rules of POSIX that the suite for filesystems cannot check: flags of open, error numbers, offsets, streams, and
   folders that change while they are read. The first argument is the folder for its files; "/ro" is a read-only
   filesystem, "/full" one without space. Prints "ok" or the checks that failed. Every check holds
   on Linux as well, where it can be compiled with any C compiler. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "line %d: not %s (errno %d, %s)\n", __LINE__, #condition, errno, strerror(errno)); \
            exit(1); \
        } \
    } while (0)

#define FAILS(call, number) CHECK((errno = 0, (call) < 0) && errno == (number))

static int make(const char *path, const char *contents)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
    CHECK(fd >= 0);
    CHECK(write(fd, contents, strlen(contents)) == (ssize_t)strlen(contents));
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

static void flags_of_open(void)
{
    struct stat found;
    CHECK(close(make("file", "0123456789")) == 0);
    CHECK(mkdir("dir", 0777) == 0);
    CHECK(symlink("file", "link") == 0);
    CHECK(symlink("dir", "dirlink") == 0);

    FAILS(open("file", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);
    FAILS(open("link", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);
    FAILS(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
    FAILS(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
    FAILS(open("none", O_RDONLY | O_DIRECTORY), ENOENT);
    FAILS(open("dir", O_WRONLY), EISDIR);
    FAILS(open("dir", O_RDWR | O_CREAT, 0666), EISDIR);
    FAILS(open("none", O_RDWR), ENOENT);
    FAILS(open("none/x", O_RDWR | O_CREAT, 0666), ENOENT);
    FAILS(open("file/x", O_RDWR | O_CREAT, 0666), ENOTDIR);
    FAILS(open("file/", O_RDONLY), ENOTDIR);
    FAILS(open("new/", O_RDWR | O_CREAT, 0666), EISDIR);
    int dir = open("dirlink/", O_RDONLY);
    CHECK(dir >= 0 && fstat(dir, &found) == 0 && S_ISDIR(found.st_mode));
    FAILS(read(dir, &found, 1), EISDIR);
    CHECK(close(dir) == 0);
    FAILS(close(dir), EBADF);

    /* Facts of a file from before it was truncated do not apply after. */
    int fd = open("file", O_RDWR);
    CHECK(fstat(fd, &found) == 0 && found.st_size == 10);
    int other = open("file", O_WRONLY | O_TRUNC);
    CHECK(fstat(fd, &found) == 0 && found.st_size == 0);
    CHECK(lseek(fd, 0, SEEK_END) == 0);
    CHECK(write(other, "abc", 3) == 3);
    CHECK(fstat(fd, &found) == 0 && found.st_size == 3);
    FAILS(read(other, &found, 1), EBADF);
    CHECK(close(other) == 0 && close(fd) == 0);
    fd = open("file", O_RDONLY);
    FAILS(write(fd, "x", 1), EBADF);
    FAILS(ftruncate(fd, 0), EINVAL);
    CHECK((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
    CHECK(close(fd) == 0);

    /* Appending writes at the end, also if another descriptor has moved it. */
    fd = open("file", O_RDWR | O_APPEND);
    CHECK((fcntl(fd, F_GETFL) & O_APPEND) && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
    CHECK(truncate("file", 1) == 0);
    CHECK(lseek(fd, 0, SEEK_SET) == 0 && write(fd, "xyz", 3) == 3);
    CHECK(lseek(fd, 0, SEEK_CUR) == 4);
    char bytes[16];
    CHECK(pread(fd, bytes, sizeof bytes, 0) == 4 && !memcmp(bytes, "axyz", 4));
    CHECK(close(fd) == 0);
    CHECK(unlink("link") == 0 && unlink("dirlink") == 0 && unlink("file") == 0 && rmdir("dir") == 0);
}

static void offsets(void)
{
    char bytes[16] = "";
    int fd = make("file", "0123456789");
    FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
    CHECK(lseek(fd, 0, SEEK_CUR) == 0);
    CHECK(lseek(fd, -3, SEEK_END) == 7);
    CHECK(read(fd, bytes, 16) == 3 && read(fd, bytes, 16) == 0);
    CHECK(lseek(fd, 100, SEEK_SET) == 100 && read(fd, bytes, 16) == 0);
    /* Linux returns EINVAL where POSIX requires EOVERFLOW. */
    CHECK(lseek(fd, INT64_MAX, SEEK_CUR) < 0 && (errno == EOVERFLOW || errno == EINVAL));
    FAILS(pread(fd, bytes, 1, -1), EINVAL);
    CHECK(pread(fd, bytes, 2, 8) == 2 && !memcmp(bytes, "89", 2));
    CHECK(lseek(fd, 0, SEEK_CUR) == 100);

    /* Descriptors made by dup share the offset, others do not. */
    int twin = dup(fd), other = open("file", O_RDONLY);
    CHECK(lseek(twin, 4, SEEK_SET) == 4 && lseek(fd, 0, SEEK_CUR) == 4 && lseek(other, 0, SEEK_CUR) == 0);
    CHECK(close(fd) == 0 && read(twin, bytes, 2) == 2 && !memcmp(bytes, "45", 2));
    CHECK(dup2(twin, other) == other && lseek(other, 0, SEEK_CUR) == 6);
    CHECK(fcntl(twin, F_DUPFD, 20) == 20 && close(20) == 0);
    /* The lowest free number is the next. */
    CHECK(open("file", O_RDONLY) == fd);
    CHECK(close(fd) == 0 && close(twin) == 0 && close(other) == 0);

    /* Several buffers are one read and one write. */
    fd = make("file", "");
    struct iovec parts[] = { { "ab", 2 }, { "", 0 }, { "cde", 3 } };
    CHECK(writev(fd, parts, 3) == 5 && lseek(fd, 1, SEEK_SET) == 1);
    char first[2], second[8];
    struct iovec into[] = { { first, 2 }, { second, 8 } };
    CHECK(readv(fd, into, 2) == 4 && !memcmp(first, "bc", 2) && !memcmp(second, "de", 2));
    CHECK(posix_fallocate(fd, 0, 8) == 0 && lseek(fd, 0, SEEK_END) == 8);
    CHECK(close(fd) == 0 && unlink("file") == 0);

    int ends[] = { 0, 1, 2 };
    for (int i = 0; i < 3; i++)
        FAILS(lseek(ends[i], 0, SEEK_CUR), ESPIPE);
    FAILS(pread(0, bytes, 1, 0), ESPIPE);
    CHECK(!isatty(0) && !isatty(1) && !isatty(2));
    CHECK(read(0, bytes, 5) == 5 && !memcmp(bytes, "input", 5) && read(0, bytes, 1) == 0);
}

static void error_numbers(void)
{
    char name[300], path[PATH_MAX + 2];
    memset(name, 'n', sizeof name);
    name[256] = 0;
    FAILS(open(name, O_RDWR | O_CREAT, 0666), ENAMETOOLONG);
    name[255] = 0;
    CHECK(close(make(name, "")) == 0 && unlink(name) == 0);
    for (size_t i = 0; i < sizeof path - 1; i += 2)
        memcpy(path + i, "./", 2);
    path[sizeof path - 1] = 0;
    FAILS(open(path, O_RDONLY), ENAMETOOLONG);

    CHECK(symlink("b", "a") == 0 && symlink("a", "b") == 0);
    FAILS(open("a", O_RDONLY), ELOOP);
    FAILS(open("a/x", O_RDWR | O_CREAT, 0666), ELOOP);
    FAILS(mkdir("a", 0777), EEXIST);
    CHECK(unlink("a") == 0 && unlink("b") == 0);

    CHECK(mkdir("dir", 0777) == 0 && close(make("dir/file", "")) == 0 && close(make("file", "")) == 0);
    FAILS(rmdir("dir"), ENOTEMPTY);
    FAILS(rmdir("file"), ENOTDIR);
    FAILS(rmdir("none"), ENOENT);
    FAILS(unlink("dir"), EISDIR);
    FAILS(unlink("file/"), ENOTDIR);
    FAILS(mkdir("dir", 0777), EEXIST);
    FAILS(mkdir("none/dir", 0777), ENOENT);
    FAILS(mkdir("file/dir", 0777), ENOTDIR);
    FAILS(rename("file", "dir"), EISDIR);
    FAILS(rename("dir", "file"), ENOTDIR);
    FAILS(rename("dir", "dir/inner"), EINVAL);
    FAILS(rename("none", "x"), ENOENT);
    FAILS(rename("file", "x/"), ENOTDIR);
    CHECK(mkdir("other", 0777) == 0);
    FAILS(rename("other", "dir"), ENOTEMPTY);
    FAILS(link("dir", "x"), EPERM);
    FAILS(link("file", "dir/file"), EEXIST);
    FAILS(readlink("file", name, 10), EINVAL);
    FAILS(chdir("file"), ENOTDIR);
    FAILS(chdir("none"), ENOENT);
    FAILS(fstat(99, &(struct stat) { 0 }), EBADF);
    CHECK(rmdir("other") == 0 && unlink("dir/file") == 0 && rmdir("dir") == 0 && unlink("file") == 0);
}

/* A `..` leads out of the folder that a link before it leads to; nothing leads out of the root. */
static void dots(void)
{
    struct stat here, found;
    CHECK(mkdir("a", 0777) == 0 && mkdir("a/b", 0777) == 0 && symlink("a/b", "link") == 0);
    CHECK(close(make("a/x", "")) == 0 && close(make("file", "")) == 0);
    CHECK(stat("link/../x", &found) == 0);
    CHECK(stat("a/x", &here) == 0 && here.st_ino == found.st_ino);
    FAILS(stat("x", &found), ENOENT);
    FAILS(stat("file/../x", &found), ENOTDIR);
    FAILS(stat("none/../file", &found), ENOENT);
    CHECK(stat("a/./b/../../file", &found) == 0);
    CHECK(stat("/", &here) == 0 && stat("/../../..", &found) == 0 && here.st_ino == found.st_ino);
    CHECK(unlink("link") == 0 && unlink("a/x") == 0 && rmdir("a/b") == 0 && rmdir("a") == 0);
    CHECK(unlink("file") == 0);

    char before[PATH_MAX], path[PATH_MAX];
    CHECK(getcwd(before, sizeof before) && mkdir("inner", 0777) == 0 && chdir("inner") == 0);
    CHECK(getcwd(path, sizeof path) && strlen(path) == strlen(before) + strlen("/inner"));
    CHECK(close(make("here", "")) == 0 && stat("../inner/here", &found) == 0 && unlink("here") == 0);
    /* Not "..": the libc keeps its text, and would look up the removed folder each time. */
    CHECK(chdir(before) == 0 && rmdir("inner") == 0);
}

/* A folder is read to its end although its files are removed meanwhile, and again from the start. */
static void folders(void)
{
    enum { FILES = 1000 };
    char name[300];
    CHECK(mkdir("many", 0777) == 0);
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "many/%0*d", 1 + i % 20, i);
        CHECK(close(make(name, "")) == 0);
    }
    DIR *dir = opendir("many");
    CHECK(dir);
    int found = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        found++;
        CHECK(entry->d_type == DT_REG);
        if (found % 2) {
            snprintf(name, sizeof name, "many/%s", entry->d_name);
            CHECK(unlink(name) == 0);
        }
    }
    CHECK(found == FILES);
    rewinddir(dir);
    found = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        found++;
        snprintf(name, sizeof name, "many/%s", entry->d_name);
        CHECK(unlink(name) == 0);
    }
    CHECK(found == FILES / 2);
    CHECK(closedir(dir) == 0 && rmdir("many") == 0);
    CHECK(!opendir("many") && errno == ENOENT);
}

static void streams(void)
{
    char line[64];
    FILE *file = fopen("file", "w+");
    CHECK(file && fprintf(file, "one\ntwo\n%d\n", 3) == 10);
    rewind(file);
    CHECK(fgets(line, sizeof line, file) && !strcmp(line, "one\n"));
    CHECK(fseek(file, -2, SEEK_END) == 0 && fgetc(file) == '3');
    CHECK(fclose(file) == 0);
    file = fopen("file", "a+");
    CHECK(file && fputs("four\n", file) >= 0 && ftell(file) == 15 && fclose(file) == 0);
    file = fopen("file", "r+");
    CHECK(file && fputs("ONE", file) >= 0 && fflush(file) == 0);
    CHECK(fseek(file, 0, SEEK_SET) == 0 && fgets(line, sizeof line, file) && !strcmp(line, "ONE\n"));
    CHECK(fclose(file) == 0 && !fopen("file", "wx") && errno == EEXIST && unlink("file") == 0);
    char template[] = "/tmp/test-XXXXXX";
    int fd = mkstemp(template);
    CHECK(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0 && unlink(template) == 0);
}

static void devices(void)
{
    char bytes[64] = "x", other[64];
    int fd = open("/dev/null", O_RDWR);
    CHECK(fd >= 0 && write(fd, bytes, 64) == 64 && read(fd, bytes, 64) == 0 && close(fd) == 0);
    fd = open("/dev/zero", O_RDONLY);
    CHECK(fd >= 0 && read(fd, bytes, 64) == 64 && bytes[0] == 0 && !memcmp(bytes, bytes + 1, 63) && close(fd) == 0);
    fd = open("/dev/urandom", O_RDONLY);
    CHECK(fd >= 0 && read(fd, bytes, 64) == 64 && read(fd, other, 64) == 64 && memcmp(bytes, other, 64));
    CHECK(close(fd) == 0 && getentropy(bytes, 64) == 0 && memcmp(bytes, other, 64));
    struct stat found;
    CHECK(stat("/dev/zero", &found) == 0 && S_ISCHR(found.st_mode));
}

/* Checks that need a sandbox with these two filesystems. */
static void other_filesystems(void)
{
    struct stat found;
    FAILS(open("/ro/new", O_RDWR | O_CREAT, 0666), EROFS);
    FAILS(open("/ro/file", O_WRONLY), EROFS);
    FAILS(mkdir("/ro/dir", 0777), EROFS);
    FAILS(unlink("/ro/file"), EROFS);
    FAILS(rename("/ro/file", "/ro/other"), EROFS);
    CHECK(stat("/ro/file", &found) == 0 && found.st_size == 4);
    CHECK(close(make("file", "x")) == 0);
    FAILS(rename("file", "/full/file"), EXDEV);
    FAILS(link("file", "/full/file"), EXDEV);
    FAILS(rename("/full", "x"), EBUSY);
    CHECK(unlink("file") == 0);
    int fd = open("/full/file", O_RDWR | O_CREAT, 0666);
    CHECK(fd >= 0);
    FAILS(write(fd, "more than there is room for", 27), ENOSPC);
    CHECK(close(fd) == 0);
}

int main(int argc, char **argv)
{
    CHECK(argc >= 2 && chdir(argv[1]) == 0);
    flags_of_open();
    offsets();
    error_numbers();
    dots();
    folders();
    streams();
    devices();
    if (argc > 2)
        other_filesystems();
    puts("ok");
    return 0;
}
