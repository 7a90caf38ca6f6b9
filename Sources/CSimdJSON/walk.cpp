#include "walk.hpp"

namespace swiftlet {

bool Walk::skip_scalar() {
  switch (peek()) {
    case '"': {
      RawString raw;
      return string(raw) && (!raw.has_escapes || unescape(raw.begin, raw.end, nullptr) >= 0);
    }
    case 't': return literal("true", 4);
    case 'f': return literal("false", 5);
    case 'n': return literal("null", 4);
    default: {
      Number ignored;
      return !at_line_end() && number(ignored);
    }
  }
}

bool Walk::skip_key() {
  if (peek() != '"' || !skip_scalar() || peek() != ':') return false;
  advance();
  return true;
}

// Nesting is kept as bits on the heap, not on the stack, so a line of ten million brackets takes a megabyte and does not crash.
bool Walk::skip_value(std::vector<bool> &nesting) {
  nesting.clear();
  while (true) {
    // A value starts here.
    uint8_t first = peek();
    if (first == '{' || first == '[') {
      bool object = first == '{';
      advance();
      if (peek() != (object ? '}' : ']')) {
        nesting.push_back(object);
        if (object && !skip_key()) return false;
        continue;
      }
      advance();
    } else if (!skip_scalar()) {
      return false;
    }
    // A value ends here.
    while (true) {
      if (nesting.empty()) return true;
      uint8_t after = peek();
      if (after == ',') {
        advance();
        if (nesting.back() && !skip_key()) return false;
        break;
      }
      if (after != (nesting.back() ? '}' : ']')) return false;
      advance();
      nesting.pop_back();
    }
  }
}

}  // namespace swiftlet
