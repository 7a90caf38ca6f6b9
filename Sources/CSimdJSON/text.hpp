#pragma once
#include <cstddef>
#include <cstdint>

namespace swiftlet {

/// Unescapes the inside of a JSON string. A lone surrogate, which the grammar allows but UTF-8 cannot encode, becomes U+FFFD.
/// `out` may be nullptr to validate only; the output is never longer than the input.
/// Returns the number of bytes of the output, -1 for an invalid escape.
ptrdiff_t unescape(const uint8_t *text, const uint8_t *end, uint8_t *out);

}  // namespace swiftlet
