// Storage that fails below a whole program: preloaded (LD_PRELOAD) into the executable, told by its environment.
//
//   STORAGE_FAULT_PATH   part of the paths whose files fail; PATH$ = PATH itself and nothing below it
//   STORAGE_FAULT_CALLS  which calls, of: open write sync truncate rename unlink mkdir read; several with commas
//   STORAGE_FAULT_NTH    the call that fails, from 1; default 1
//   STORAGE_FAULT_ERROR  EIO (default), ENOSPC, EROFS, or SHORT: a write of half the bytes, then ENOSPC
//   STORAGE_FAULT_ONCE   1 = later calls work again
//   STORAGE_FAULT_WHEN   a file: calls count and fail only while it is there
//   STORAGE_FAULT_LOG    a file: a line for each call that failed
//
// `open` fails where it would make or change a file; `sync` is fsync and fdatasync.
#ifndef STORAGE_PRELOAD_H
#define STORAGE_PRELOAD_H
#endif
