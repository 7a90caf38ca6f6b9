#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "csv.h"

#ifdef __cplusplus
extern "C" {
#endif

/// A wanted key of JSON objects, without escapes.
typedef struct swiftlet_json_key {
  const uint8_t *_Nullable bytes;
  uint32_t length;
} swiftlet_json_key;

/// Finds the cells of a line that is one JSON object and nothing unusual: no escapes in keys, nesting of at most 60 levels.
/// - `bytes[start..<end]`: the line; readable for 64 bytes past `end`.
/// - `cells`: the cell of key k is written to `cells[k * stride]`; a null without the key.
/// Returns false for any other line, which the caller must look at more closely; cells may be written then.
bool swiftlet_json_line(
    const uint8_t *_Nonnull bytes, size_t start, size_t end, const swiftlet_json_key *_Nonnull keys, uint32_t count,
    swiftlet_cell *_Nonnull cells, size_t stride);

#ifdef __cplusplus
}
#endif
