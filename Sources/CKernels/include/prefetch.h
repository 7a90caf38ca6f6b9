#pragma once

/// Prefetches the cache line at an address; any address is allowed.
static inline void swiftlet_prefetch(const void *_Nullable address) { __builtin_prefetch(address); }
