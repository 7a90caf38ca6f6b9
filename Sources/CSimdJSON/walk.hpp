#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "numbers.hpp"
#include "text.hpp"

namespace swiftlet {

/// A string between its quotes, still escaped.
struct RawString {
  const uint8_t *begin;
  const uint8_t *end;
  bool has_escapes;
};

/// Walks the JSON of one line at a time, along the structural indexes that simdjson's first stage found for a whole chunk of lines.
/// That stage has validated that the text is UTF-8, that no string contains a control character and that each is closed (so none
/// crosses the end of a line), and has listed the position of every `{ } [ ] : ,`, every opening quote, and the start of everything
/// else. The rest of the grammar is validated here, for every value, used or not.
class Walk {
 public:
  /// `structurals` ends with an index of at least `length`.
  Walk(const uint8_t *text, size_t length, const uint32_t *structurals)
      : text_(text), text_end_(text + length), next_(structurals), backslash_(text), line_end_(0) {
    find_backslash(text);
  }

  void begin_line(uint32_t end) { line_end_ = end; }
  void skip_line() { while (*next_ < line_end_) next_++; }

  /// The byte at the next structural index of the line; 0 at its end.
  uint8_t peek() const { return *next_ < line_end_ ? text_[*next_] : 0; }
  void advance() { next_++; }
  bool at_line_end() const { return *next_ >= line_end_; }

  /// Reads the string whose opening quote is next. Only white space separates its closing quote from the next structural, so its
  /// end is found backwards, without reading its content.
  bool string(RawString &string) {
    const uint8_t *open = text_ + *next_++;
    const uint8_t *close = text_ + (*next_ < line_end_ ? *next_ : line_end_) - 1;
    while (close > open && is_space(*close)) close--;
    if (close == open || *close != '"') return false;
    string.begin = open + 1;
    string.end = close;
    if (backslash_ < open) find_backslash(open);
    string.has_escapes = backslash_ < close;
    return true;
  }

  bool number(Number &number) {
    const uint8_t *end = parse_number(text_ + *next_++, text_ + line_end_, number);
    return end && ends_value(end);
  }

  /// Validates the next value, whatever it is, and moves past it.
  bool skip_value(std::vector<bool> &nesting);

 private:
  const uint8_t *text_;
  const uint8_t *text_end_;
  const uint32_t *next_;
  /// The first backslash at or after the last string checked; `text_end_` if there is none.
  const uint8_t *backslash_;
  uint32_t line_end_;

  static bool is_space(uint8_t byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

  void find_backslash(const uint8_t *from) {
    auto found = memchr(from, '\\', size_t(text_end_ - from));
    backslash_ = found ? static_cast<const uint8_t *>(found) : text_end_;
  }

  /// A number or literal must be followed by white space, a structural or the end of the line: the indexes do not show what
  /// directly follows it.
  bool ends_value(const uint8_t *end) const {
    if (end == text_ + line_end_) return true;
    return is_space(*end) || *end == ',' || *end == '}' || *end == ']';
  }

  bool literal(const char *word, size_t length) {
    const uint8_t *at = text_ + *next_++;
    if (size_t(text_ + line_end_ - at) < length || memcmp(at, word, length) != 0) return false;
    return ends_value(at + length);
  }

  /// A string, number or literal.
  bool skip_scalar();
  bool skip_key();
};

}  // namespace swiftlet
