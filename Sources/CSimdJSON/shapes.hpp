#pragma once
#include <cstddef>
#include <cstdint>

namespace swiftlet {

/// What the lines of a producer have in common: names of fields in an order, and which of the values are strings. A line that has
/// as many quotes as one before mostly has its shape; then the texts between the values need only be compared, all of them
/// at once, and no field is looked up. Whether a line fits is found out for every line, so a shape decides about speed alone.
struct PlainShape {
  static constexpr size_t most_parts = 24, longest = 32, most_quotes = 96;
  /// Parts are compared so many at a time; what is missing to that compares nothing.
  static constexpr size_t step = 4;

  /// The text between two values, with the quotes of those that are strings: `","user_id":"`, `,"price":`, `{"event_type":"`.
  struct Part {
    /// Which quote of the line comes first in it, and how many bytes come before that.
    uint8_t quote, before;
  };

  /// What a number or a literal means to an event.
  enum Meaning : uint8_t { ignored, duration, price, quantity, timestamp, no_string };

  /// A number, or a literal.
  struct Scalar {
    /// It begins `behind` bytes after a quote, and ends `before` bytes in front of another; 0 for the end of the line.
    uint8_t quote, behind, end_quote, before;
    Meaning meaning;
  };

  /// Of steps; 0 for no shape.
  uint8_t steps = 0;
  uint8_t quotes = 0, scalars = 0;
  bool ends_with_string = false;
  /// The opening quotes of the strings that mean something, 0 where there is none.
  uint8_t type = 0, user = 0, session = 0, page = 0, device = 0, time_text = 0;
  Part parts[most_parts] = {};
  Scalar scalar[most_parts] = {};
  /// Their bytes, and ones where there are some.
  alignas(32) uint8_t texts[most_parts][longest] = {};
  alignas(32) uint8_t masks[most_parts][longest] = {};
};

/// The shapes of late, by the number of quotes of a line.
struct PlainShapes {
  static constexpr size_t most_sets = 16, ways = 4;
  /// What it costs to learn a shape: so many lines must have fitted one, or lines are not much alike and it does not pay.
  static constexpr int price = 8;
  static constexpr int most_patience = 32 * price;

  struct Set {
    PlainShape shapes[ways];
    /// The latest first.
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
