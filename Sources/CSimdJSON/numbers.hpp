#pragma once
#include <cstddef>
#include <cstdint>

namespace swiftlet {

/// A number in the grammar of RFC 8259: ±digits × 10^exponent.
struct Number {
  const uint8_t *begin;
  const uint8_t *end;
  /// The leading digits without the dot; all of them if `exact`.
  uint64_t digits;
  /// Power of ten of the last of `digits`; valid only if `exact`.
  int64_t exponent;
  bool negative;
  /// All digits fit into `digits`.
  bool exact;

  /// The nearest double. Returns false if it is beyond all finite doubles.
  bool to_double(double &value) const;

  /// Returns false unless the exact value is an integer of 64 bits.
  bool to_int64(int64_t &value) const;
};

/// Parses the number at `text`. Returns its end, or nullptr if it is malformed; the caller checks what follows.
const uint8_t *parse_number(const uint8_t *text, const uint8_t *end, Number &number);

}  // namespace swiftlet
