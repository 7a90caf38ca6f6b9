#pragma once

/// Asks for the cache line at an address that is read soon; any address will do.
static inline void swiftlet_prefetch(const void *_Nullable address) { __builtin_prefetch(address); }
