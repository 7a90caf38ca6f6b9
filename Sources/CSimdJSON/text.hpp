#pragma once
#include <cstddef>
#include <cstdint>

namespace swiftlet {

/// Writes the inside of a JSON string without its escapes. A surrogate without its other half, which the grammar allows and UTF-8
/// cannot hold, becomes U+FFFD. `out` may be nullptr to check alone; the output is never longer than the input.
/// Returns the number of bytes of the output, -1 for an escape that is none.
ptrdiff_t unescape(const uint8_t *text, const uint8_t *end, uint8_t *out);

}  // namespace swiftlet
