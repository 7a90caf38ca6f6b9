#pragma once
#include <cstddef>
#include <cstdint>

namespace swiftlet {

/// A number by the grammar of RFC 8259, as its text gives it: ±digits × 10^exponent.
struct Number {
  const uint8_t *begin;
  const uint8_t *end;
  /// The leading digits without the dot; all of them where `exact`.
  uint64_t digits;
  /// Power of ten of the last of `digits`; only where `exact`.
  int64_t exponent;
  bool negative;
  /// All digits fit into `digits`.
  bool exact;

  /// The nearest double, like every correct parser; false where it is beyond all finite doubles.
  bool to_double(double &value) const;

  /// False unless the value, exactly, is an integer of 64 bits.
  bool to_int64(int64_t &value) const;
};

/// Parses the number at `text`. Returns its end, or nullptr where the grammar is broken; what follows is the caller's to check.
const uint8_t *parse_number(const uint8_t *text, const uint8_t *end, Number &number);

}  // namespace swiftlet
