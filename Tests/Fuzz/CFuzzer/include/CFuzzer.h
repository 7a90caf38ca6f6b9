#pragma once
#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer's `main` with the remaining options in `argv`.
int LLVMFuzzerRunDriver(
    int *_Nonnull argc, char *_Nullable *_Nonnull *_Nonnull argv,
    int (*_Nonnull callback)(const uint8_t *_Nullable data, size_t size));
