#include "text.hpp"

#include <cstring>

namespace swiftlet {
namespace {

/// Reads four hexadecimal digits. Returns -1 for anything else.
int32_t hex4(const uint8_t *text, const uint8_t *end) {
  if (end - text < 4) return -1;
  int32_t value = 0;
  for (int i = 0; i < 4; i++) {
    uint8_t byte = text[i], digit = uint8_t(byte - '0');
    if (digit > 9) {
      digit = uint8_t((byte | 0x20) - 'a');
      if (digit > 5) return -1;
      digit += 10;
    }
    value = value << 4 | digit;
  }
  return value;
}

size_t encode(uint32_t scalar, uint8_t *out) {
  size_t length = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
  if (!out) return length;
  if (length == 1) {
    out[0] = uint8_t(scalar);
    return 1;
  }
  for (size_t i = length - 1; i > 0; i--, scalar >>= 6) out[i] = uint8_t(0x80 | (scalar & 0x3f));
  out[0] = uint8_t((0xf00 >> length) | scalar);
  return length;
}

/// Decodes the escape at `text` (after the backslash) and moves past it. Returns -1 for an invalid escape.
int32_t decode(const uint8_t *&text, const uint8_t *end) {
  if (text == end) return -1;
  switch (*text++) {
    case '"': return '"';
    case '\\': return '\\';
    case '/': return '/';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': break;
    default: return -1;
  }
  int32_t unit = hex4(text, end);
  if (unit < 0) return -1;
  text += 4;
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  if (unit < 0xdc00 && end - text >= 6 && text[0] == '\\' && text[1] == 'u') {
    int32_t low = hex4(text + 2, end);
    if (low >= 0xdc00 && low <= 0xdfff) {
      text += 6;
      return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
  }
  return 0xfffd;
}

}  // namespace

ptrdiff_t unescape(const uint8_t *text, const uint8_t *end, uint8_t *out) {
  size_t length = 0;
  while (text < end) {
    auto backslash = static_cast<const uint8_t *>(memchr(text, '\\', size_t(end - text)));
    size_t plain = size_t((backslash ? backslash : end) - text);
    if (out) memcpy(out + length, text, plain);
    length += plain;
    if (!backslash) break;
    text = backslash + 1;
    int32_t scalar = decode(text, end);
    if (scalar < 0) return -1;
    length += encode(uint32_t(scalar), out ? out + length : nullptr);
  }
  return ptrdiff_t(length);
}

}  // namespace swiftlet
