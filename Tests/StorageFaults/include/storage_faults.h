// Storage below SQLite that fails and forgets: a VFS over the system's own.
//
// A watched folder's files go through it, all others do not. Each call that storage can fail is counted; the Nth fails as
// asked, once or from then on. Everything that changes a file can be recorded, so that the state of the disk after a power
// cut at any moment can be made anew. Syncs of watched files are recorded and not carried out.
#ifndef STORAGE_FAULTS_H
#define STORAGE_FAULTS_H

#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct storage_watch storage_watch;

// Calls that can fail, as bits.
enum {
    STORAGE_OPEN = 1, STORAGE_READ = 2, STORAGE_WRITE = 4, STORAGE_TRUNCATE = 8, STORAGE_SYNC = 16, STORAGE_SIZE = 32,
    STORAGE_LOCK = 64, STORAGE_DELETE = 128, STORAGE_ACCESS = 256, STORAGE_SHARED_MEMORY = 512
};

// How a call fails.
typedef enum {
    STORAGE_EIO,
    // No space: for calls that take space.
    STORAGE_ENOSPC,
    // Half of what was to be written is, then there is no space.
    STORAGE_SHORT_WRITE
} storage_error;

// What was recorded.
typedef enum {
    STORAGE_DID_WRITE, STORAGE_DID_TRUNCATE, STORAGE_DID_SYNC, STORAGE_DID_DELETE,
    // A file beside the database has another content.
    STORAGE_DID_REPLACE,
    // storage_mark was called; the offset is its number.
    STORAGE_DID_MARK
} storage_did;

typedef struct {
    storage_did what;
    // Of the file; empty for a mark. Lives as long as the watch.
    const char *path;
    // Of a write; the new size of a truncation.
    int64_t offset;
    int64_t size;
    const uint8_t *_Nullable bytes;
} storage_event;

// Watches the files below a folder; makes the layer SQLite's default at the first call. NULL when there is no memory, or
// too many folders are watched.
storage_watch *_Nullable storage_watch_begin(const char *folder);
// No database of the folder is open any more.
void storage_watch_end(storage_watch *);

// Counts calls of these kinds from now on, and fails the Nth (from 1; 0 = none).
void storage_fail(storage_watch *, uint32_t kinds, int64_t nth, storage_error, int from_then_on);
// Calls counted since storage_fail.
int64_t storage_calls(storage_watch *);
// What the first call that failed was: `write journal.sqlite-wal`; NULL where none did.
const char *_Nullable storage_failure(storage_watch *);

// Records from now on. `beside` are files whose replacement is noticed, up to a NULL.
void storage_record(storage_watch *, const char *_Nullable const *_Nonnull beside);
// Puts a number among what is recorded.
void storage_mark(storage_watch *, int64_t number);
int64_t storage_events(storage_watch *);
storage_event storage_event_at(storage_watch *, int64_t index);

#pragma clang assume_nonnull end
#endif
