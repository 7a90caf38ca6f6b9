#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

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
