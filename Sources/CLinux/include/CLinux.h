// What Swift's Glibc module leaves out: headers that it does not list, and calls that it hides (_GNU_SOURCE).
#pragma once
#include <malloc.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>

extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);

/// Swaps two paths in one step; both must exist. Returns 0, or -1 with errno.
int swiftlet_rename_exchange(const char *a, const char *b);

/// Renames `from` to `to`, which must not exist. Returns 0, or -1 with errno.
int swiftlet_rename_new(const char *from, const char *to);

/// One more than the index of the last `byte` among `count` bytes, 0 where there is none.
size_t swiftlet_after_last(const void *bytes, size_t count, int byte);

/// A file in `folder` that has no name, for reading and writing. Returns its descriptor, or -1 with errno.
int swiftlet_open_temporary(const char *folder);

/// Gives the space of a part of a file back; the part reads as zeros. Returns 0, or -1 with errno.
int swiftlet_punch_hole(int file, off_t offset, off_t length);

/// Lets the disk begin to write what of a file is not there yet, without a wait. Errors are told by the fsync that follows.
void swiftlet_begin_sync(int file);

/// The next `bytes` that the calling thread's heap gives out come in large pages, where the system has them: fewer faults, and
/// fewer misses when memory is looked at here and there. Needs `M_MMAP_THRESHOLD` over `bytes`. Only a hint.
void swiftlet_use_large_pages(size_t bytes);
