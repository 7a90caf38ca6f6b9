#pragma once
#include <stddef.h>
#include <stdint.h>

// xxHash is compiled into this target (XXH_INLINE_ALL), so short keys are hashed without a call into a shared library.
uint64_t swiftlet_xxh3_64(const void *_Nullable data, size_t length, uint64_t seed);
