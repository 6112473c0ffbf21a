#include "storage_faults.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_WATCHES = 256, MOST_BESIDE = 8 };

typedef struct {
    char path[512];
    struct timespec changed;
    ino_t inode;
} beside_file;

struct storage_watch {
    char folder[512];
    size_t length;
    pthread_mutex_t lock;
    uint32_t kinds;
    int64_t calls, nth;
    storage_error error;
    int from_then_on;
    char failure[600];
    int is_recording;
    storage_event *events;
    int64_t count, room;
    char *paths[64];
    int path_count;
    beside_file beside[MOST_BESIDE];
    int beside_count;
};

typedef struct {
    sqlite3_file base;
    storage_watch *watch;
    const char *path;
    sqlite3_file *real;
} watched_file;

static pthread_mutex_t watches_lock = PTHREAD_MUTEX_INITIALIZER;
static storage_watch *watches[MOST_WATCHES];
static sqlite3_vfs *system_vfs;
static sqlite3_vfs layer;

static storage_watch *watch_of(const char *path) {
    if (path == NULL) return NULL;
    storage_watch *found = NULL;
    pthread_mutex_lock(&watches_lock);
    for (int i = 0; i < MOST_WATCHES && found == NULL; i++) {
        storage_watch *w = watches[i];
        if (w != NULL && strncmp(path, w->folder, w->length) == 0 && path[w->length] == '/') found = w;
    }
    pthread_mutex_unlock(&watches_lock);
    return found;
}

// Recording. The watch's lock is held.

static const char *kept_path(storage_watch *w, const char *path) {
    for (int i = 0; i < w->path_count; i++) {
        if (strcmp(w->paths[i], path) == 0) return w->paths[i];
    }
    if (w->path_count == 64) abort();
    return w->paths[w->path_count++] = strdup(path);
}

static void add(storage_watch *w, storage_did what, const char *path, int64_t offset, const void *bytes, int64_t size) {
    if (w->count == w->room) {
        w->room = w->room == 0 ? 1024 : w->room * 2;
        w->events = realloc(w->events, (size_t)w->room * sizeof *w->events);
        if (w->events == NULL) abort();
    }
    uint8_t *copy = NULL;
    if (bytes != NULL) {
        copy = malloc(size > 0 ? (size_t)size : 1);
        if (copy == NULL) abort();
        memcpy(copy, bytes, (size_t)size);
    }
    w->events[w->count++] = (storage_event){what, kept_path(w, path), offset, size, copy};
}

static void look_beside(storage_watch *w) {
    for (int i = 0; i < w->beside_count; i++) {
        beside_file *f = &w->beside[i];
        struct stat now;
        if (stat(f->path, &now) != 0) continue;
        if (now.st_ino == f->inode && now.st_mtim.tv_sec == f->changed.tv_sec && now.st_mtim.tv_nsec == f->changed.tv_nsec)
            continue;
        f->inode = now.st_ino;
        f->changed = now.st_mtim;
        FILE *file = fopen(f->path, "rb");
        if (file == NULL) continue;
        uint8_t content[8192];
        size_t size = fread(content, 1, sizeof content, file);
        fclose(file);
        add(w, STORAGE_DID_REPLACE, f->path, 0, content, (int64_t)size);
    }
}

static void did(storage_watch *w, storage_did what, const char *path, int64_t offset, const void *bytes, int64_t size) {
    pthread_mutex_lock(&w->lock);
    if (w->is_recording) {
        look_beside(w);
        add(w, what, path, offset, bytes, size);
    }
    pthread_mutex_unlock(&w->lock);
}

// Failing.

static int fails(storage_watch *w, uint32_t kind, const char *name, const char *path, storage_error *error) {
    int result = 0;
    pthread_mutex_lock(&w->lock);
    if ((w->kinds & kind) != 0) {
        w->calls++;
        result = w->nth > 0 && (w->calls == w->nth || (w->from_then_on && w->calls > w->nth));
        if (result && w->failure[0] == 0) {
            const char *last = path == NULL ? NULL : strrchr(path, '/');
            snprintf(w->failure, sizeof w->failure, "%s %s", name, last == NULL ? "" : last + 1);
        }
        *error = w->error;
    }
    pthread_mutex_unlock(&w->lock);
    return result;
}

// Methods of a file.

static watched_file *in(sqlite3_file *file) { return (watched_file *)file; }

static int file_close(sqlite3_file *file) {
    watched_file *f = in(file);
    return f->real->pMethods == NULL ? SQLITE_OK : f->real->pMethods->xClose(f->real);
}

static int file_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset) {
    watched_file *f = in(file);
    storage_error error;
    if (fails(f->watch, STORAGE_READ, "read", f->path, &error)) return SQLITE_IOERR_READ;
    return f->real->pMethods->xRead(f->real, bytes, size, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset) {
    watched_file *f = in(file);
    storage_error error;
    int result = SQLITE_OK;
    if (fails(f->watch, STORAGE_WRITE, "write", f->path, &error)) {
        result = error == STORAGE_EIO ? SQLITE_IOERR_WRITE : SQLITE_FULL;
        if (error != STORAGE_SHORT_WRITE || size < 2) return result;
        size /= 2;
    }
    int done = f->real->pMethods->xWrite(f->real, bytes, size, offset);
    if (done == SQLITE_OK) did(f->watch, STORAGE_DID_WRITE, f->path, offset, bytes, size);
    return done == SQLITE_OK ? result : done;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    watched_file *f = in(file);
    storage_error error;
    if (fails(f->watch, STORAGE_TRUNCATE, "truncate", f->path, &error)) return SQLITE_IOERR_TRUNCATE;
    int done = f->real->pMethods->xTruncate(f->real, size);
    if (done == SQLITE_OK) did(f->watch, STORAGE_DID_TRUNCATE, f->path, size, NULL, 0);
    return done;
}

static int file_sync(sqlite3_file *file, int flags) {
    (void)flags;
    watched_file *f = in(file);
    storage_error error;
    if (fails(f->watch, STORAGE_SYNC, "sync", f->path, &error)) return SQLITE_IOERR_FSYNC;
    did(f->watch, STORAGE_DID_SYNC, f->path, 0, NULL, 0);
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    watched_file *f = in(file);
    storage_error error;
    if (fails(f->watch, STORAGE_SIZE, "size", f->path, &error)) return SQLITE_IOERR_FSTAT;
    return f->real->pMethods->xFileSize(f->real, size);
}

static int file_lock(sqlite3_file *file, int level) {
    watched_file *f = in(file);
    storage_error error;
    if (fails(f->watch, STORAGE_LOCK, "lock", f->path, &error)) return SQLITE_IOERR_LOCK;
    return f->real->pMethods->xLock(f->real, level);
}

static int file_unlock(sqlite3_file *file, int level) {
    return in(file)->real->pMethods->xUnlock(in(file)->real, level);
}

static int file_check_lock(sqlite3_file *file, int *result) {
    watched_file *f = in(file);
    storage_error error;
    if (fails(f->watch, STORAGE_LOCK, "check-lock", f->path, &error)) return SQLITE_IOERR_CHECKRESERVEDLOCK;
    return f->real->pMethods->xCheckReservedLock(f->real, result);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    return in(file)->real->pMethods->xFileControl(in(file)->real, operation, argument);
}

static int file_sector(sqlite3_file *file) { return in(file)->real->pMethods->xSectorSize(in(file)->real); }

static int file_device(sqlite3_file *file) { return in(file)->real->pMethods->xDeviceCharacteristics(in(file)->real); }

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
    watched_file *f = in(file);
    storage_error error;
    if (fails(f->watch, STORAGE_SHARED_MEMORY, "map", f->path, &error)) {
        *memory = NULL;
        return error == STORAGE_EIO ? SQLITE_IOERR_SHMMAP : SQLITE_IOERR_SHMSIZE;
    }
    return f->real->pMethods->xShmMap(f->real, page, size, extend, memory);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    watched_file *f = in(file);
    storage_error error;
    if ((flags & SQLITE_SHM_LOCK) != 0 && fails(f->watch, STORAGE_LOCK, "lock-shm", f->path, &error))
        return SQLITE_IOERR_SHMLOCK;
    return f->real->pMethods->xShmLock(f->real, offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file) { in(file)->real->pMethods->xShmBarrier(in(file)->real); }

static int file_shm_unmap(sqlite3_file *file, int remove) {
    return in(file)->real->pMethods->xShmUnmap(in(file)->real, remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, .xClose = file_close, .xRead = file_read, .xWrite = file_write, .xTruncate = file_truncate,
    .xSync = file_sync, .xFileSize = file_size, .xLock = file_lock, .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock, .xFileControl = file_control, .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device, .xShmMap = file_shm_map, .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier, .xShmUnmap = file_shm_unmap,
};

// Methods of the layer.

static int layer_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *opened) {
    (void)vfs;
    storage_watch *w = watch_of(path);
    if (w == NULL) return system_vfs->xOpen(system_vfs, path, file, flags, opened);
    watched_file *f = in(file);
    f->base.pMethods = NULL;
    storage_error error;
    if (fails(w, STORAGE_OPEN, "open", path, &error)) return SQLITE_CANTOPEN;
    f->watch = w;
    f->path = path;
    f->real = (sqlite3_file *)(f + 1);
    f->real->pMethods = NULL;
    int done = system_vfs->xOpen(system_vfs, path, f->real, flags, opened);
    if (f->real->pMethods != NULL) f->base.pMethods = &methods;
    return done;
}

static int layer_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    (void)vfs;
    storage_watch *w = watch_of(path);
    storage_error error;
    if (w != NULL && fails(w, STORAGE_DELETE, "delete", path, &error)) return SQLITE_IOERR_DELETE;
    int done = system_vfs->xDelete(system_vfs, path, w == NULL ? sync : 0);
    if (w != NULL && done == SQLITE_OK) did(w, STORAGE_DID_DELETE, path, sync, NULL, 0);
    return done;
}

static int layer_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    (void)vfs;
    storage_watch *w = watch_of(path);
    storage_error error;
    if (w != NULL && fails(w, STORAGE_ACCESS, "access", path, &error)) return SQLITE_IOERR_ACCESS;
    return system_vfs->xAccess(system_vfs, path, flags, result);
}

static int layer_full_path(sqlite3_vfs *vfs, const char *path, int size, char *result) {
    (void)vfs;
    return system_vfs->xFullPathname(system_vfs, path, size, result);
}

static int layer_random(sqlite3_vfs *vfs, int size, char *bytes) {
    (void)vfs;
    return system_vfs->xRandomness(system_vfs, size, bytes);
}

static int layer_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return system_vfs->xSleep(system_vfs, microseconds);
}

static int layer_time(sqlite3_vfs *vfs, double *now) {
    (void)vfs;
    return system_vfs->xCurrentTime(system_vfs, now);
}

static int layer_time64(sqlite3_vfs *vfs, sqlite3_int64 *now) {
    (void)vfs;
    return system_vfs->xCurrentTimeInt64(system_vfs, now);
}

static int layer_last_error(sqlite3_vfs *vfs, int size, char *text) {
    (void)vfs;
    return system_vfs->xGetLastError(system_vfs, size, text);
}

static void install(void) {
    sqlite3_initialize();
    system_vfs = sqlite3_vfs_find(NULL);
    layer = (sqlite3_vfs){
        .iVersion = 2, .szOsFile = (int)sizeof(watched_file) + system_vfs->szOsFile,
        .mxPathname = system_vfs->mxPathname, .zName = "storage-faults", .xOpen = layer_open, .xDelete = layer_delete,
        .xAccess = layer_access, .xFullPathname = layer_full_path, .xRandomness = layer_random, .xSleep = layer_sleep,
        .xCurrentTime = layer_time, .xGetLastError = layer_last_error, .xCurrentTimeInt64 = layer_time64,
    };
    sqlite3_vfs_register(&layer, 1);
}

// What tests call.

storage_watch *storage_watch_begin(const char *folder) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    storage_watch *w = calloc(1, sizeof *w);
    if (w == NULL) return NULL;
    snprintf(w->folder, sizeof w->folder, "%s", folder);
    w->length = strlen(w->folder);
    pthread_mutex_init(&w->lock, NULL);
    int is_kept = 0;
    pthread_mutex_lock(&watches_lock);
    for (int i = 0; i < MOST_WATCHES && !is_kept; i++) {
        if (watches[i] == NULL) {
            watches[i] = w;
            is_kept = 1;
        }
    }
    pthread_mutex_unlock(&watches_lock);
    if (is_kept) return w;
    free(w);
    return NULL;
}

void storage_watch_end(storage_watch *w) {
    pthread_mutex_lock(&watches_lock);
    for (int i = 0; i < MOST_WATCHES; i++) {
        if (watches[i] == w) watches[i] = NULL;
    }
    pthread_mutex_unlock(&watches_lock);
    for (int64_t i = 0; i < w->count; i++) free((void *)w->events[i].bytes);
    for (int i = 0; i < w->path_count; i++) free(w->paths[i]);
    free(w->events);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void storage_fail(storage_watch *w, uint32_t kinds, int64_t nth, storage_error error, int from_then_on) {
    pthread_mutex_lock(&w->lock);
    w->kinds = kinds;
    w->calls = 0;
    w->nth = nth;
    w->error = error;
    w->from_then_on = from_then_on;
    w->failure[0] = 0;
    pthread_mutex_unlock(&w->lock);
}

int64_t storage_calls(storage_watch *w) {
    pthread_mutex_lock(&w->lock);
    int64_t calls = w->calls;
    pthread_mutex_unlock(&w->lock);
    return calls;
}

const char *storage_failure(storage_watch *w) { return w->failure[0] == 0 ? NULL : w->failure; }

void storage_record(storage_watch *w, const char *const *beside) {
    pthread_mutex_lock(&w->lock);
    for (w->beside_count = 0; beside[w->beside_count] != NULL && w->beside_count < MOST_BESIDE; w->beside_count++)
        snprintf(w->beside[w->beside_count].path, sizeof w->beside[0].path, "%s", beside[w->beside_count]);
    w->is_recording = 1;
    look_beside(w);
    pthread_mutex_unlock(&w->lock);
}

void storage_mark(storage_watch *w, int64_t number) { did(w, STORAGE_DID_MARK, "", number, NULL, 0); }

int64_t storage_events(storage_watch *w) {
    pthread_mutex_lock(&w->lock);
    int64_t count = w->count;
    pthread_mutex_unlock(&w->lock);
    return count;
}

storage_event storage_event_at(storage_watch *w, int64_t index) { return w->events[index]; }
