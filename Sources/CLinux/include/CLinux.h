// Calls of glibc that Swift's own module of it leaves out.
#ifndef CLINUX_H
#define CLINUX_H
#include <stddef.h>

/// Swaps two paths in one step; both must exist. Returns 0, or -1 with errno.
int swiftlet_rename_exchange(const char *a, const char *b);

/// Renames `from` to `to`, which must not exist. Returns 0, or -1 with errno.
int swiftlet_rename_new(const char *from, const char *to);

/// One more than the index of the last `byte` among `count` bytes, 0 where there is none.
size_t swiftlet_after_last(const void *bytes, size_t count, int byte);

#endif
