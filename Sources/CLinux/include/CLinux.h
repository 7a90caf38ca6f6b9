// Fills gaps in Swift's Glibc module: headers that it does not list, and calls that it hides (_GNU_SOURCE).
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
extern void *memmem(const void *text, size_t length, const void *part, size_t part_length);

/// Atomically swaps two paths; both must exist. Returns 0, or -1 with errno set.
int swiftlet_rename_exchange(const char *a, const char *b);

/// Renames `from` to `to`, which must not exist. Returns 0, or -1 with errno set.
int swiftlet_rename_new(const char *from, const char *to);

/// Returns one more than the index of the last `byte` among `count` bytes, or 0 if it does not occur.
size_t swiftlet_after_last(const void *bytes, size_t count, int byte);

/// Opens a nameless file in `folder` for reading and writing. Returns its descriptor, or -1 with errno set.
int swiftlet_open_temporary(const char *folder);

/// Releases the disk space of part of a file; that part then reads as zeros. Returns 0, or -1 with errno set.
int swiftlet_punch_hole(int file, off_t offset, off_t length);

/// Starts writing unsaved data of a file to disk without waiting. The following fsync reports any errors.
void swiftlet_begin_sync(int file);

/// Places the next `bytes` bytes that the calling thread's heap allocates in large pages, if the system supports them. This
/// means fewer page faults, and fewer TLB misses on random access. Needs `M_MMAP_THRESHOLD` above `bytes`. Only a hint.
void swiftlet_use_large_pages(size_t bytes);
