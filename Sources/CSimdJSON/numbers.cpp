#include "numbers.hpp"

#include <charconv>
#include <limits>

namespace swiftlet {
namespace {

bool is_digit(uint8_t byte) { return uint8_t(byte - '0') < 10; }

constexpr double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// Larger exponents all behave alike, as no line has 10^15 digits.
constexpr int64_t largest_exponent = 1'000'000'000'000'000;

int64_t parse_exponent(const uint8_t *text, const uint8_t *end) {
  bool negative = *text == '-';
  if (*text == '-' || *text == '+') text++;
  int64_t value = 0;
  for (; text < end; text++) {
    if (value < largest_exponent) value = value * 10 + (*text - '0');
  }
  return negative ? -value : value;
}

/// The significant digits of a number's text of any length.
struct Significant {
  const uint8_t *first = nullptr;  // first nonzero digit; nullptr for zero
  const uint8_t *last = nullptr;   // last nonzero digit
  int64_t last_power = 0;          // power of ten of `last`
  int64_t first_power = 0;

  explicit Significant(const Number &number) {
    const uint8_t *text = number.begin + number.negative;
    int64_t exponent = 0;
    const uint8_t *end = text;
    for (; end < number.end && (is_digit(*end) || *end == '.'); end++) {}
    if (end < number.end) exponent = parse_exponent(end + 1, number.end);
    for (; text < end; text++) {
      if (*text == '.' || *text == '0') continue;
      if (!first) first = text;
      last = text;
    }
    if (!first) return;
    last_power = exponent + power(number, last, end);
    first_power = exponent + power(number, first, end);
  }

  /// The power of ten of the digit at `at`, before the exponent is applied.
  static int64_t power(const Number &number, const uint8_t *at, const uint8_t *end) {
    const uint8_t *dot = number.begin;
    while (dot < end && *dot != '.') dot++;
    return at < dot ? dot - at - 1 : dot - at;
  }
};

}  // namespace

bool Number::to_double(double &value) const {
  if (exact && digits <= (uint64_t(1) << 53) && exponent >= -22 && exponent <= 22) {
    // Both are exact doubles, so one rounding gives the nearest double (Clinger 1990).
    double magnitude = double(digits);
    magnitude = exponent < 0 ? magnitude / powers_of_ten[-exponent] : magnitude * powers_of_ten[exponent];
    value = negative ? -magnitude : magnitude;
    return true;
  }
  auto text = reinterpret_cast<const char *>(begin);
  double parsed = 0;
  auto result = std::from_chars(text, reinterpret_cast<const char *>(end), parsed);
  if (result.ec == std::errc()) {
    value = parsed;
    return parsed <= std::numeric_limits<double>::max() && parsed >= std::numeric_limits<double>::lowest();
  }
  // Out of range: too large, or so small that zero is the nearest double.
  if (Significant(*this).first_power > 0) return false;
  value = negative ? -0.0 : 0.0;
  return true;
}

bool Number::to_int64(int64_t &value) const {
  uint64_t magnitude = digits;
  if (!exact || exponent != 0) {
    Significant significant(*this);
    magnitude = 0;
    if (significant.first) {
      if (significant.last_power < 0 || significant.first_power > 18) return false;
      for (auto at = significant.first; at <= significant.last; at++) {
        if (*at != '.') magnitude = magnitude * 10 + (*at - '0');  // at most 19 digits
      }
      for (int64_t power = 0; power < significant.last_power; power++) magnitude *= 10;
    }
  }
  const uint64_t limit = uint64_t(std::numeric_limits<int64_t>::max());
  if (magnitude > limit + negative) return false;
  value = negative ? int64_t(~magnitude + 1) : int64_t(magnitude);
  return true;
}

const uint8_t *parse_number(const uint8_t *text, const uint8_t *end, Number &number) {
  number.begin = text;
  number.negative = text < end && *text == '-';
  text += number.negative;
  const uint8_t *first = text;
  uint64_t digits = 0;
  while (text < end && is_digit(*text)) digits = digits * 10 + (*text++ - '0');  // may wrap; then not exact
  ptrdiff_t count = text - first;
  if (count == 0 || (count > 1 && *first == '0')) return nullptr;
  int64_t exponent = 0;
  if (text < end && *text == '.') {
    const uint8_t *fraction = ++text;
    while (text < end && is_digit(*text)) digits = digits * 10 + (*text++ - '0');
    if (text == fraction) return nullptr;
    count += text - fraction;
    exponent = fraction - text;
  }
  if (text < end && (*text | 0x20) == 'e') {
    const uint8_t *sign = ++text;
    if (text < end && (*text == '-' || *text == '+')) text++;
    const uint8_t *power = text;
    while (text < end && is_digit(*text)) text++;
    if (text == power) return nullptr;
    exponent += parse_exponent(sign, text);
  }
  number.end = text;
  number.digits = digits;
  number.exponent = exponent;
  number.exact = count <= 19;
  return text;
}

}  // namespace swiftlet
