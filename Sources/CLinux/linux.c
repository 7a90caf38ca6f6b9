#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int swiftlet_rename_exchange(const char *a, const char *b) {
  return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

int swiftlet_rename_new(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

size_t swiftlet_after_last(const void *bytes, size_t count, int byte) {
  const char *found = memrchr(bytes, byte, count);
  return found ? (size_t)(found - (const char *)bytes) + 1 : 0;
}

int swiftlet_open_temporary(const char *folder) {
  // Not every file system supports nameless files; creating a name and removing it at once is nearly the same.
  int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  if (file >= 0) return file;
  char name[4096];
  int length = snprintf(name, sizeof name, "%s/swiftlet-XXXXXX", folder);
  if (length < 0 || (size_t)length >= sizeof name) {
    errno = ENAMETOOLONG;
    return -1;
  }
  file = mkostemp(name, O_CLOEXEC);
  if (file >= 0) unlink(name);
  return file;
}

int swiftlet_punch_hole(int file, off_t offset, off_t length) {
  return fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

void swiftlet_begin_sync(int file) { sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE); }

void swiftlet_use_large_pages(size_t bytes) {
  const uintptr_t page = 2 << 20;
  // Allocating a block and freeing it at once grows the heap in one step; small steps would get small pages.
  char *block = malloc(bytes);
  if (!block) return;
  uintptr_t start = ((uintptr_t)block + page - 1) / page * page, end = ((uintptr_t)block + bytes) / page * page;
  if (start < end) madvise((void *)start, end - start, MADV_HUGEPAGE);
  free(block);
}
