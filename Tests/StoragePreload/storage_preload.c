#define _GNU_SOURCE
#include "storage_preload.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OPEN = 1, WRITE = 2, SYNC = 4, TRUNCATE = 8, RENAME = 16, UNLINK = 32, MKDIR = 64, READ = 128 };
enum { SHORT_WRITE = -1 };

static const struct {
    const char *name;
    int bit;
} names[] = {{"open", OPEN}, {"write", WRITE}, {"sync", SYNC}, {"truncate", TRUNCATE},
             {"rename", RENAME}, {"unlink", UNLINK}, {"mkdir", MKDIR}, {"read", READ}};

static struct {
    const char *part, *when, *log;
    int calls, error, is_once;
    long nth;
} wish;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long count;

// The next definition of a function in the order of libraries.
#define NEXT(name) ((__typeof__(&name))next((void **)&next_##name, #name))
#define DECLARE(name) static void *next_##name

DECLARE(open);
DECLARE(open64);
DECLARE(openat);
DECLARE(openat64);
DECLARE(write);
DECLARE(writev);
DECLARE(pwrite);
DECLARE(pwrite64);
DECLARE(read);
DECLARE(pread);
DECLARE(pread64);
DECLARE(fsync);
DECLARE(fdatasync);
DECLARE(ftruncate);
DECLARE(ftruncate64);
DECLARE(rename);
DECLARE(renameat);
DECLARE(renameat2);
DECLARE(unlink);
DECLARE(mkdir);
DECLARE(copy_file_range);
DECLARE(sendfile);
DECLARE(fallocate);

static void *next(void **place, const char *name) {
    void *found = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    if (found == NULL) {
        found = dlsym(RTLD_NEXT, name);
        __atomic_store_n(place, found, __ATOMIC_RELEASE);
    }
    return found;
}

__attribute__((constructor)) static void begin(void) {
    const char *calls = getenv("STORAGE_FAULT_CALLS"), *nth = getenv("STORAGE_FAULT_NTH");
    const char *error = getenv("STORAGE_FAULT_ERROR"), *once = getenv("STORAGE_FAULT_ONCE");
    wish.when = getenv("STORAGE_FAULT_WHEN");
    wish.log = getenv("STORAGE_FAULT_LOG");
    wish.nth = nth == NULL ? 1 : atol(nth);
    wish.is_once = once != NULL && strcmp(once, "1") == 0;
    wish.error = EIO;
    if (error != NULL && strcmp(error, "ENOSPC") == 0) wish.error = ENOSPC;
    if (error != NULL && strcmp(error, "EROFS") == 0) wish.error = EROFS;
    if (error != NULL && strcmp(error, "SHORT") == 0) wish.error = SHORT_WRITE;
    for (size_t i = 0; calls != NULL && i < sizeof names / sizeof *names; i++) {
        if (strstr(calls, names[i].name) != NULL) wish.calls |= names[i].bit;
    }
    wish.part = getenv("STORAGE_FAULT_PATH");
}

// Whether a path is one of those that fail: it has PATH in it or, where PATH ends in $, it ends there.
static int is_meant(const char *path) {
    size_t part = strlen(wish.part), size = strlen(path);
    if (part == 0 || wish.part[part - 1] != '$') return strstr(path, wish.part) != NULL;
    part--;
    return size >= part && strncmp(path + size - part, wish.part, part) == 0;
}

// Whether this call fails; errno is set then. A short write is told by SHORT_WRITE.
static int fails(int call, const char *path) {
    if (wish.part == NULL || (wish.calls & call) == 0 || path == NULL || !is_meant(path)) return 0;
    if (wish.log != NULL && strcmp(path, wish.log) == 0) return 0;
    int kept = errno;
    if (wish.when != NULL && faccessat(AT_FDCWD, wish.when, F_OK, 0) != 0) {
        errno = kept;
        return 0;
    }
    pthread_mutex_lock(&lock);
    long number = ++count;
    pthread_mutex_unlock(&lock);
    errno = kept;
    if (number < wish.nth || (wish.is_once && number > wish.nth)) return 0;
    if (wish.log != NULL) {
        char line[4200];
        const char *name = "?";
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            if (names[i].bit == call) name = names[i].name;
        }
        int size = snprintf(line, sizeof line, "%s %s\n", name, path);
        int log = NEXT(open)(wish.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (log >= 0) {
            if (NEXT(write)(log, line, (size_t)size) != size) abort();
            close(log);
        }
    }
    if (wish.error == SHORT_WRITE && call == WRITE && number == wish.nth) return SHORT_WRITE;
    errno = wish.error == SHORT_WRITE ? ENOSPC : wish.error;
    return 1;
}

static int fails_at(int call, int descriptor) {
    if (wish.part == NULL || (wish.calls & call) == 0) return 0;
    char name[64], path[4096];
    int kept = errno;
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    ssize_t size = readlink(name, path, sizeof path - 1);
    errno = kept;
    if (size <= 0) return 0;
    path[size] = 0;
    return fails(call, path);
}

// The same for a path that is told from a folder.
static int fails_below(int call, int folder, const char *path) {
    if (wish.part == NULL || (wish.calls & call) == 0 || path == NULL) return 0;
    if (path[0] == '/' || folder == AT_FDCWD) return fails(call, path);
    char name[64], whole[4096];
    int kept = errno;
    snprintf(name, sizeof name, "/proc/self/fd/%d", folder);
    ssize_t size = readlink(name, whole, sizeof whole - 1);
    errno = kept;
    if (size <= 0) return 0;
    snprintf(whole + size, sizeof whole - (size_t)size, "/%s", path);
    return fails(call, whole);
}

static int changes(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_ACCMODE) != O_RDONLY; }

static mode_t mode_of(int flags, va_list arguments) {
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

#define DEFINE_OPEN(name)                                                                                              \
    int name(const char *path, int flags, ...) {                                                                       \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        mode_t mode = mode_of(flags, arguments);                                                                       \
        va_end(arguments);                                                                                             \
        if (changes(flags) && fails(OPEN, path)) return -1;                                                            \
        return NEXT(name)(path, flags, mode);                                                                          \
    }

#define DEFINE_OPENAT(name)                                                                                            \
    int name(int folder, const char *path, int flags, ...) {                                                           \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        mode_t mode = mode_of(flags, arguments);                                                                       \
        va_end(arguments);                                                                                             \
        if (changes(flags) && fails_below(OPEN, folder, path)) return -1;                                              \
        return NEXT(name)(folder, path, flags, mode);                                                                  \
    }

DEFINE_OPEN(open)
DEFINE_OPEN(open64)
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

ssize_t write(int descriptor, const void *bytes, size_t size) {
    int failed = fails_at(WRITE, descriptor);
    if (failed == SHORT_WRITE) return NEXT(write)(descriptor, bytes, size / 2 + size % 2);
    return failed ? -1 : NEXT(write)(descriptor, bytes, size);
}

ssize_t writev(int descriptor, const struct iovec *parts, int number) {
    return fails_at(WRITE, descriptor) ? -1 : NEXT(writev)(descriptor, parts, number);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    int failed = fails_at(WRITE, descriptor);
    if (failed == SHORT_WRITE) return NEXT(pwrite)(descriptor, bytes, size / 2 + size % 2, offset);
    return failed ? -1 : NEXT(pwrite)(descriptor, bytes, size, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset) {
    int failed = fails_at(WRITE, descriptor);
    if (failed == SHORT_WRITE) return NEXT(pwrite64)(descriptor, bytes, size / 2 + size % 2, offset);
    return failed ? -1 : NEXT(pwrite64)(descriptor, bytes, size, offset);
}

ssize_t read(int descriptor, void *bytes, size_t size) {
    return fails_at(READ, descriptor) ? -1 : NEXT(read)(descriptor, bytes, size);
}

ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset) {
    return fails_at(READ, descriptor) ? -1 : NEXT(pread)(descriptor, bytes, size, offset);
}

ssize_t pread64(int descriptor, void *bytes, size_t size, off64_t offset) {
    return fails_at(READ, descriptor) ? -1 : NEXT(pread64)(descriptor, bytes, size, offset);
}

int fsync(int descriptor) { return fails_at(SYNC, descriptor) ? -1 : NEXT(fsync)(descriptor); }

int fdatasync(int descriptor) { return fails_at(SYNC, descriptor) ? -1 : NEXT(fdatasync)(descriptor); }

int ftruncate(int descriptor, off_t size) {
    return fails_at(TRUNCATE, descriptor) ? -1 : NEXT(ftruncate)(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) {
    return fails_at(TRUNCATE, descriptor) ? -1 : NEXT(ftruncate64)(descriptor, size);
}

int fallocate(int descriptor, int mode, off_t offset, off_t size) {
    return fails_at(WRITE, descriptor) ? -1 : NEXT(fallocate)(descriptor, mode, offset, size);
}

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *there, size_t size, unsigned flags) {
    return fails_at(WRITE, to) ? -1 : NEXT(copy_file_range)(from, at, to, there, size, flags);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t size);
ssize_t sendfile(int to, int from, off_t *offset, size_t size) {
    return fails_at(WRITE, to) ? -1 : NEXT(sendfile)(to, from, offset, size);
}

int rename(const char *old, const char *new) { return fails(RENAME, new) ? -1 : NEXT(rename)(old, new); }

int renameat(int folder, const char *old, int other, const char *new) {
    return fails_below(RENAME, other, new) ? -1 : NEXT(renameat)(folder, old, other, new);
}

int renameat2(int folder, const char *old, int other, const char *new, unsigned flags) {
    return fails_below(RENAME, other, new) ? -1 : NEXT(renameat2)(folder, old, other, new, flags);
}

int unlink(const char *path) { return fails(UNLINK, path) ? -1 : NEXT(unlink)(path); }

int mkdir(const char *path, mode_t mode) { return fails(MKDIR, path) ? -1 : NEXT(mkdir)(path, mode); }
