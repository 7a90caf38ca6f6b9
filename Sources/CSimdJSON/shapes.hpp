#pragma once
#include <cstddef>
#include <cstdint>

namespace swiftlet {

/// What the lines of a producer have in common: the order of field names, and which values are strings. A line with as many
/// quotes as an earlier one usually has the same shape; then the texts between the values only have to be compared, all at once,
/// and no field is looked up. Every line is checked against the shape, so shapes affect only speed.
struct PlainShape {
  static constexpr size_t most_parts = 24, longest = 32, most_quotes = 96;
  /// Parts are compared this many at a time; missing ones compare nothing.
  static constexpr size_t step = 4;

  /// The text between two values, with the quotes of those that are strings: `","user_id":"`, `,"price":`, `{"event_type":"`.
  struct Part {
    /// The first quote of the line in this part, and the number of bytes before it in the part.
    uint8_t quote, before;
  };

  /// The field of a number or a literal.
  enum Meaning : uint8_t { ignored, duration, price, quantity, timestamp, no_string };

  /// A number, or a literal.
  struct Scalar {
    /// It starts `behind` bytes after a quote and ends `before` bytes before another one (0: the end of the line).
    uint8_t quote, behind, end_quote, before;
    Meaning meaning;
  };

  /// Number of steps; 0 for no shape.
  uint8_t steps = 0;
  uint8_t quotes = 0, scalars = 0;
  bool ends_with_string = false;
  /// The opening quotes of the strings that features read; 0 for a missing field.
  uint8_t type = 0, user = 0, session = 0, page = 0, device = 0, time_text = 0;
  Part parts[most_parts] = {};
  Scalar scalar[most_parts] = {};
  /// The bytes of the parts, and a mask of them.
  alignas(32) uint8_t texts[most_parts][longest] = {};
  alignas(32) uint8_t masks[most_parts][longest] = {};
};

/// Recently used shapes, by the number of quotes in a line.
struct PlainShapes {
  static constexpr size_t most_sets = 16, ways = 4;
  /// The cost of learning a shape, in lines that must have fitted one: if few lines are alike, learning does not pay off.
  static constexpr int price = 8;
  static constexpr int most_patience = 32 * price;

  struct Set {
    PlainShape shapes[ways];
    /// Most recently used first.
    PlainShape *order[ways];
  };
  Set sets[most_sets];
  int patience = most_patience;

  PlainShapes() {
    for (Set &set : sets) {
      for (size_t way = 0; way < ways; way++) set.order[way] = &set.shapes[way];
    }
  }
  PlainShapes(const PlainShapes &) = delete;
};

}  // namespace swiftlet
