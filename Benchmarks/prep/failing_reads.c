// Preloaded: one call on a folder's files fails with EIO, as on a drive that goes away.
//
// FAULT_FOLDER  the folder
// FAULT_CALL    which of the opens and reads below it fails, from 1 on
// FAULT_MARK    a file that is made when it has
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_FILES = 4096 };
static atomic_bool is_watched[MOST_FILES];
static atomic_long calls;

static int fails(void) {
  const char *call = getenv("FAULT_CALL");
  if (!call || atomic_fetch_add(&calls, 1) + 1 != atol(call)) return 0;
  const char *mark = getenv("FAULT_MARK");
  if (mark) {
    long file = syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0644);
    if (file >= 0) syscall(SYS_close, file);
  }
  errno = EIO;
  return 1;
}

static int open_watched(int at, const char *path, int flags, int mode) {
  const char *folder = getenv("FAULT_FOLDER");
  int watched = folder && !strncmp(path, folder, strlen(folder));
  if (watched && fails()) return -1;
  int file = (int)syscall(SYS_openat, at, path, flags, mode);
  if (file >= 0 && file < MOST_FILES) is_watched[file] = watched;
  return file;
}

#define MODE(flags)                                   \
  int mode = 0;                                       \
  if (flags & (O_CREAT | __O_TMPFILE)) {              \
    va_list rest;                                     \
    va_start(rest, flags);                            \
    mode = va_arg(rest, int);                         \
    va_end(rest);                                     \
  }

int open(const char *path, int flags, ...) {
  MODE(flags)
  return open_watched(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE(flags)
  return open_watched(AT_FDCWD, path, flags, mode);
}
int openat(int at, const char *path, int flags, ...) {
  MODE(flags)
  return open_watched(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
  MODE(flags)
  return open_watched(at, path, flags, mode);
}

ssize_t read(int file, void *bytes, size_t count) {
  if (file >= 0 && file < MOST_FILES && is_watched[file] && fails()) return -1;
  return syscall(SYS_read, file, bytes, count);
}
