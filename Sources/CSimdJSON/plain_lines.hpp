// The pass over plain lines (see plain.hpp), compiled once per instruction set by the file that includes this one. That file sets
// the target, after including everything used here.

namespace swiftlet {
namespace {

/// One bit for each of 64 bytes.
struct Masks {
  uint64_t quotes;
  uint64_t newlines;
  /// Other bytes that no plain line contains: control characters, backslashes, bytes beyond ASCII.
  uint64_t special;
};

enum class Kind : uint8_t { missing, string, integer, decimal, number, literal };

struct Value {
  union {
    const uint8_t *begin;
    /// The digits of an integer, or of a decimal without its point.
    uint64_t digits;
  };
  uint32_t length;
  Kind kind;
  /// Digits after the decimal point.
  uint8_t fraction = 0;

  static Value string(const uint8_t *begin, uint32_t length) { return {{begin}, length, Kind::string}; }
  static Value number(uint64_t digits, Kind kind, uint8_t fraction = 0) {
    Value value = {{nullptr}, 0, kind, fraction};
    value.digits = digits;
    return value;
  }
};

/// A word of up to 15 bytes, found by its length and its first byte.
struct Word {
  alignas(16) char bytes[16];
  /// The bits that turn upper-case letters into lower-case ones, if case does not matter.
  alignas(16) char fold[16];
  uint8_t meaning;
};

/// A perfect hash table of words. Any other text means 0.
struct Words {
  Word words[32] = {};

  static constexpr size_t index(uint8_t first, size_t length) { return length * 2 + ((first ^ first >> 1) & 1); }

  template <size_t size>
  constexpr void add(const char (&text)[size], uint8_t meaning, bool any_case = true) {
    Word &word = words[index(uint8_t(text[0]), size - 1)];
    for (size_t i = 0; i < size - 1; i++) {
      word.bytes[i] = text[i];
      word.fold[i] = any_case && text[i] >= 'a' && text[i] <= 'z' ? 0x20 : 0;
    }
    word.meaning = meaning;
  }

  /// 16 bytes from `begin` on must be readable.
  uint8_t meaning(const uint8_t *begin, size_t length) const {
    if (length > 15) return 0;
    const Word &word = words[index(begin[0], length)];
    auto load = [](const void *at) { return _mm_loadu_si128(static_cast<const __m128i *>(at)); };
    // 16 bytes of ones, then 16 of zeros: loading from 16 - length gives `length` ones.
    alignas(16) static constexpr uint8_t edge[32] = {
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    __m128i text = _mm_or_si128(_mm_and_si128(load(begin), load(edge + 16 - length)), load(word.fold));
    // The word is hard to predict, so no branch depends on it. All ones if all 16 bytes are equal.
    unsigned same = unsigned(_mm_movemask_epi8(_mm_cmpeq_epi8(text, load(word.bytes))));
    return uint8_t(word.meaning & (0 - ((same + 1) >> 16)));
  }
};

constexpr size_t slots = 10;

constexpr Words make_keys() {
  Words keys;
  keys.add("event_type", uint8_t(Key::event_type), false);
  keys.add("timestamp", uint8_t(Key::timestamp), false);
  keys.add("user_id", uint8_t(Key::user_id), false);
  keys.add("session_id", uint8_t(Key::session_id), false);
  keys.add("page_url", uint8_t(Key::page_url), false);
  keys.add("device", uint8_t(Key::device), false);
  keys.add("duration_ms", uint8_t(Key::duration_ms), false);
  keys.add("price", uint8_t(Key::price), false);
  keys.add("quantity", uint8_t(Key::quantity), false);
  return keys;
}

constexpr Words make_types() {
  Words types;
  types.add("click", SWIFTLET_EVENT_CLICK);
  types.add("search", SWIFTLET_EVENT_SEARCH);
  types.add("purchase", SWIFTLET_EVENT_PURCHASE);
  types.add("page_view", SWIFTLET_EVENT_PAGE_VIEW);
  types.add("add_to_cart", SWIFTLET_EVENT_ADD_TO_CART);
  return types;
}

constexpr Words make_devices() {
  Words devices;
  devices.add("mobile", 1);
  return devices;
}

constexpr Words keys = make_keys();
constexpr Words types = make_types();
constexpr Words devices = make_devices();

/// The values of 16 bytes as digits; over 9 for other bytes.
inline __m128i digits_at(const uint8_t *at) {
  return _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i *>(at)), _mm_set1_epi8('0'));
}

/// The number of digits before the first of 16 bytes that is not one.
inline unsigned leading_digits(__m128i digits) {
  __m128i valid = _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits);
  return unsigned(__builtin_ctz(~unsigned(_mm_movemask_epi8(valid))));
}

/// Moves the first `count` of 16 bytes to the end, with zeros before them.
inline __m128i at_the_end(__m128i bytes, unsigned count) {
  // Loading from `count` gives 16 - count bytes that select zero, then the bytes in order.
  alignas(16) static constexpr int8_t shifts[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                                    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15};
  return _mm_shuffle_epi8(bytes, _mm_loadu_si128(reinterpret_cast<const __m128i *>(shifts + count)));
}

/// The value of 16 digits, combined into pairs, then fours, then eights.
inline uint64_t sixteen_digits(__m128i digits) {
  __m128i value = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010a));
  value = _mm_madd_epi16(value, _mm_set1_epi32(0x00010064));
  value = _mm_packus_epi32(value, value);
  value = _mm_madd_epi16(value, _mm_set1_epi32(0x00012710));
  uint64_t halves = uint64_t(_mm_cvtsi128_si64(value));
  return (halves & UINT32_MAX) * 100'000'000 + (halves >> 32);
}

/// The value of the first 1 to 15 digits.
inline uint64_t integer(__m128i digits, unsigned count) { return sixteen_digits(at_the_end(digits, count)); }

/// The value of the digits in the first `length` bytes, leaving out the byte at `point`.
inline uint64_t decimal(__m128i digits, unsigned length, unsigned point) {
  // Digits after the point stay, digits before it move up by one.
  alignas(16) static constexpr uint8_t edge[32] = {0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
                                                   0,   0,   0,   0,   0,   255, 255, 255, 255, 255, 255,
                                                   255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  __m128i behind = _mm_loadu_si128(reinterpret_cast<const __m128i *>(edge + length - 1 - point));
  return sixteen_digits(_mm_blendv_epi8(at_the_end(digits, length - 1), at_the_end(digits, length), behind));
}

constexpr double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

inline bool ends_field(uint8_t byte) { return byte == ',' || byte == '}'; }

/// Reads a number or a literal and returns its end; nullptr if it is neither, or too close to the end of all lines.
__attribute__((noinline)) const uint8_t *rare_scalar(const uint8_t *at, const uint8_t *end, Value &value) {
  auto word = [&](const char *text, size_t length) { return memcmp(at, text, length) == 0 ? at + length : nullptr; };
  const uint8_t *behind;
  switch (*at) {
    // Like a missing field.
    case 'n': behind = word("null", 4); value = {}; break;
    case 't': behind = word("true", 4); value = {{nullptr}, 0, Kind::literal}; break;
    case 'f': behind = word("false", 5); value = {{nullptr}, 0, Kind::literal}; break;
    default: {
      Number number;
      behind = parse_number(at, end, number);
      value = {{at}, 0, Kind::number};
    }
  }
  return behind && end - behind > 3 && ends_field(*behind) ? behind : nullptr;
}

inline __attribute__((always_inline)) const uint8_t *plain_scalar(const uint8_t *at, const uint8_t *end, Value &value) {
  __m128i digits = digits_at(at);
  unsigned count = leading_digits(digits);
  if (count == 0 || count > 15 || (count > 1 && *at == '0')) return rare_scalar(at, end, value);
  if (ends_field(at[count])) {
    value = Value::number(integer(digits, count), Kind::integer);
    return at + count;
  }
  if (at[count] == '.') {
    const uint8_t *behind = at + count + 1;
    __m128i more = digits_at(behind);
    unsigned fraction = leading_digits(more);
    // More digits than these may not be exact.
    if (fraction > 0 && count + fraction < 16 && ends_field(behind[fraction])) {
      uint64_t whole = integer(digits, count) * uint64_t(powers[fraction]);
      value = Value::number(whole + integer(more, fraction), Kind::decimal, uint8_t(fraction));
      return behind + fraction;
    }
  }
  return rare_scalar(at, end, value);
}

inline __attribute__((always_inline)) bool plain_double(const Value &value, const uint8_t *end, double &number) {
  number = std::numeric_limits<double>::quiet_NaN();
  switch (value.kind) {
    case Kind::missing: return true;
    case Kind::string:
    case Kind::literal: return false;
    case Kind::integer: number = double(value.digits); return true;
    // Both are exact doubles, so one rounding gives the nearest double (Clinger 1990).
    case Kind::decimal: number = double(value.digits) / powers[value.fraction]; return true;
    case Kind::number: {
      Number text;
      return parse_number(value.begin, end, text) && text.to_double(number);
    }
  }
  return false;
}

inline bool is_string_or_missing(const Value &value) { return value.kind <= Kind::string; }

/// Fills an event with the fields of a line. Returns false if the reference has to decide.
inline __attribute__((always_inline)) bool plain_event(const Value *values, const uint8_t *end, swiftlet_event &event) {
  auto value = [&](Key key) -> const Value & { return values[size_t(key)]; };
  const Value &type = value(Key::event_type), &time = value(Key::timestamp), &user = value(Key::user_id);
  const Value &session = value(Key::session_id), &page = value(Key::page_url), &device = value(Key::device);
  if (type.kind != Kind::string || user.kind != Kind::string || user.length == 0) return false;
  if (!is_string_or_missing(session) || !is_string_or_missing(page) || !is_string_or_missing(device)) return false;
  if (time.kind == Kind::integer) {
    event.timestamp = int64_t(time.digits);
    event.time_text = nullptr;
    event.time_text_length = 0;
  } else if (time.kind == Kind::string) {
    event.timestamp = 0;
    event.time_text = time.begin;
    event.time_text_length = time.length;
  } else {
    return false;
  }
  if (!plain_double(value(Key::duration_ms), end, event.duration)) return false;
  if (!plain_double(value(Key::price), end, event.price)) return false;
  if (!plain_double(value(Key::quantity), end, event.quantity)) return false;
  event.user = user.begin;
  event.user_length = user.length;
  event.session = session.begin;
  event.session_length = session.length;
  event.page = page.begin;
  event.page_length = page.length;
  event.type = types.meaning(type.begin, type.length);
  event.is_mobile = device.begin && devices.meaning(device.begin, device.length);
  event.reason = SWIFTLET_EVENT_ACCEPTED;
  event.ignored = 0;
  return true;
}

/// Finds the quotes and newlines of the next blocks, up to the first byte that no plain line contains. All at once, so that no
/// field of a line has to wait for the end of the field before.
template <class Block>
inline void find(PlainIndex &index, const uint8_t *text, size_t length) {
  uint32_t *quotes = index.quotes, *newlines = index.newlines, *quotes_before = index.quotes_before;
  size_t quote_count = 0, newline_count = 0;
  // All text before this position is plain.
  uint32_t clean = uint32_t(length / 64 * 64);
  for (uint32_t block = 0; block < clean; block += 64) {
    Masks masks = Block::masks(text + block);
    if (masks.special) [[unlikely]] clean = block + uint32_t(__builtin_ctzll(masks.special));
    Block::write(masks.quotes, block, quotes + quote_count);
    auto newline = [&](uint64_t from) {
      newlines[newline_count] = block + uint32_t(__builtin_ctzll(from | uint64_t(1) << 63));
      quotes_before[newline_count] = uint32_t(quote_count) + uint32_t(__builtin_popcountll(masks.quotes & (from ^ (from - 1))));
      newline_count += from != 0;
    };
    // Usually one or none, so the first needs no branch.
    newline(masks.newlines);
    for (uint64_t more = masks.newlines & (masks.newlines - 1); more; more &= more - 1) [[unlikely]] newline(more);
    quote_count += size_t(__builtin_popcountll(masks.quotes));
  }
  while (quote_count > 0 && quotes[quote_count - 1] >= clean) quote_count--;
  while (newline_count > 0 && newlines[newline_count - 1] >= clean) newline_count--;
  // As many as are read without a check for the end.
  for (size_t i = 0; i < 4; i++) quotes[quote_count + i] = UINT32_MAX;
  newlines[newline_count] = UINT32_MAX;
}

/// Scans the line at `line`, whose first quote is at `quote`. Returns the start of the next line and moves `quote` to its first
/// quote; returns 0 if the line is not plain or extends past the indexed text.
__attribute__((noinline)) uint32_t plain_line(
    const uint8_t *text, uint32_t line, uint32_t newline, const uint8_t *end, const uint32_t *&quote,
    swiftlet_event &event) {
  Value values[slots] = {};
  const uint32_t *next = quote;
  uint32_t at = line;
  if (text[at++] != '{') return 0;
  while (true) {
    uint32_t open = next[0], close = next[1];
    if (open != at || close == UINT32_MAX) return 0;
    uint32_t begin = close + 1;
    if (text[begin++] != ':') return 0;
    if (text[begin] == ' ') [[unlikely]] begin++;
    Value &value = values[keys.meaning(text + open + 1, close - open - 1)];
    if (text[begin] == '"') {
      // The bytes between are known, so `next[2]` is this quote.
      at = next[3];
      if (at == UINT32_MAX) return 0;
      value = Value::string(text + begin + 1, at - begin - 1);
      at++;
      next += 4;
    } else {
      const uint8_t *behind = plain_scalar(text + begin, end, value);
      if (!behind) return 0;
      at = uint32_t(behind - text);
      next += 2;
    }
    if (text[at] == ',') {
      at++;
      if (text[at] == ' ') [[unlikely]] at++;
      continue;
    }
    // An earlier newline would be inside of a string.
    if (text[at++] != '}' || at != newline) return 0;
    if (!plain_event(values, end, event)) return 0;
    event.line_length = at - line;
    quote = next;
    return at + 1;
  }
}

/// Reads the number or literal from `at` to `behind` as a field of an event. Returns false for anything else.
inline __attribute__((always_inline)) bool shaped_scalar(
    const uint8_t *at, const uint8_t *behind, const uint8_t *end, PlainShape::Meaning meaning, double *numbers,
    int64_t &timestamp) {
  size_t length = size_t(behind - at);
  __m128i digits = digits_at(at);
  __m128i valid = _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits);
  unsigned others = ~unsigned(_mm_movemask_epi8(valid)) & ((1u << (length & 31)) - 1);
  if (length - 1 < 15 && others == 0 && (*at != '0' || length == 1)) {
    uint64_t value = integer(digits, unsigned(length));
    if (meaning == PlainShape::timestamp) {
      timestamp = int64_t(value);
      return true;
    }
    numbers[meaning] = double(value);
    return meaning != PlainShape::no_string;
  }
  unsigned point = unsigned(__builtin_ctz(others | 1u << 31));
  // One byte that is not a digit, between digits; at most 15 digits, which are exact.
  if (length - 3 < 14 && (others & (others - 1)) == 0 && at[point] == '.' && point - 1 < length - 2 &&
      (*at != '0' || point == 1) && meaning < PlainShape::timestamp) {
    // Both are exact doubles, so one rounding gives the nearest double (Clinger 1990).
    numbers[meaning] = double(decimal(digits, unsigned(length), point)) / powers[length - 1 - point];
    return true;
  }
  Value value;
  double number;
  if (plain_scalar(at, end, value) != behind) return false;
  if (meaning == PlainShape::ignored) return true;
  if (meaning == PlainShape::timestamp) return false;
  if (meaning == PlainShape::no_string) return value.kind == Kind::missing;
  if (!plain_double(value, end, number)) return false;
  numbers[meaning] = number;
  return true;
}

/// Scans a line that is expected to have a shape. Returns false if it has another one or is not plain.
inline bool shaped_line(
    const PlainShape &shape, const uint8_t *text, uint32_t line, uint32_t newline, const uint8_t *end,
    const uint32_t *quote, swiftlet_event &event) {
  auto load = [](const void *at) { return _mm256_loadu_si256(static_cast<const __m256i *>(at)); };
  if (text[newline - 1] != '}') return false;
  __m256i difference = _mm256_setzero_si256();
  const PlainShape::Part *part = shape.parts;
  const uint8_t(*wanted)[PlainShape::longest] = shape.texts, (*mask)[PlainShape::longest] = shape.masks;
  for (size_t i = 0; i < shape.steps; i++, part += PlainShape::step, wanted += PlainShape::step, mask += PlainShape::step) {
    for (size_t k = 0; k < PlainShape::step; k++) {
      __m256i found = _mm256_xor_si256(load(text + quote[part[k].quote] - part[k].before), load(wanted[k]));
      difference = _mm256_or_si256(difference, _mm256_and_si256(found, load(mask[k])));
    }
  }
  if (!_mm256_testz_si256(difference, difference)) return false;
  if (shape.ends_with_string && quote[shape.quotes - 1] != newline - 2) return false;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  double numbers[] = {nan, nan, nan, nan, nan, nan};
  event.timestamp = 0;
  for (size_t i = 0; i < shape.scalars; i++) {
    PlainShape::Scalar scalar = shape.scalar[i];
    const uint8_t *at = text + quote[scalar.quote] + scalar.behind;
    const uint8_t *behind = text + (scalar.end_quote ? quote[scalar.end_quote] - scalar.before : newline - 1);
    if (!shaped_scalar(at, behind, end, scalar.meaning, numbers, event.timestamp)) return false;
  }
  event.duration = numbers[PlainShape::duration];
  event.price = numbers[PlainShape::price];
  event.quantity = numbers[PlainShape::quantity];
  auto string = [&](uint8_t open, const uint8_t *&begin, uint32_t &length) {
    uint32_t from = quote[open] + 1, to = quote[open + 1];
    begin = open ? text + from : nullptr;
    length = open ? to - from : 0;
  };
  string(shape.user, event.user, event.user_length);
  if (event.user_length == 0) [[unlikely]] return false;
  string(shape.session, event.session, event.session_length);
  string(shape.page, event.page, event.page_length);
  string(shape.time_text, event.time_text, event.time_text_length);
  const uint8_t *word;
  uint32_t length;
  string(shape.type, word, length);
  event.type = types.meaning(word, length);
  string(shape.device, word, length);
  event.is_mobile = word && devices.meaning(word, length);
  event.reason = SWIFTLET_EVENT_ACCEPTED;
  event.ignored = 0;
  return true;
}

/// Learns the shape of a plain line. Returns false if it has too many fields, too long names, or a name twice.
__attribute__((noinline)) bool learn(PlainShape &shape, const uint8_t *text, uint32_t line, uint32_t newline, const uint32_t *quote, size_t quotes) {
  if (quotes > PlainShape::most_quotes) return false;
  shape = PlainShape();
  shape.quotes = uint8_t(quotes);
  uint32_t at = line, seen = 0;
  size_t count = 0;
  for (size_t next = 0; next < quotes;) {
    // From the end of the last value, including its closing quote, to the next value, including its opening quote.
    uint32_t open = quote[next], close = quote[next + 1], begin = close + 1 + 1;
    if (text[begin] == ' ') begin++;
    bool is_string = text[begin] == '"';
    uint32_t length = begin + is_string - at;
    if (count == PlainShape::most_parts || length > PlainShape::longest) return false;
    // The first quote of the part: it closes the string before, or opens the name.
    bool has_quote_before = text[at] == '"';
    PlainShape::Part &part = shape.parts[count];
    part.quote = uint8_t(has_quote_before ? next - 1 : next);
    part.before = uint8_t(has_quote_before ? 0 : open - at);
    memcpy(shape.texts[count], text + at, length);
    memset(shape.masks[count], 0xff, length);
    Key key = Key(keys.meaning(text + open + 1, close - open - 1));
    if (key != Key::other && seen >> unsigned(key) & 1) return false;
    seen |= 1u << unsigned(key);
    shape.ends_with_string = is_string;
    if (is_string) {
      uint8_t value = uint8_t(next + 2);
      switch (key) {
        case Key::event_type: shape.type = value; break;
        case Key::user_id: shape.user = value; break;
        case Key::session_id: shape.session = value; break;
        case Key::page_url: shape.page = value; break;
        case Key::device: shape.device = value; break;
        case Key::timestamp: shape.time_text = value; break;
        default: break;
      }
      at = quote[next + 3];
      next += 4;
    } else {
      PlainShape::Scalar &scalar = shape.scalar[shape.scalars++];
      scalar.quote = part.quote;
      scalar.behind = uint8_t(length - part.before);
      switch (key) {
        case Key::timestamp: scalar.meaning = PlainShape::timestamp; break;
        case Key::duration_ms: scalar.meaning = PlainShape::duration; break;
        case Key::price: scalar.meaning = PlainShape::price; break;
        case Key::quantity: scalar.meaning = PlainShape::quantity; break;
        case Key::other: scalar.meaning = PlainShape::ignored; break;
        default: scalar.meaning = PlainShape::no_string; break;
      }
      next += 2;
      for (at = begin; !ends_field(text[at]); at++) {}
      if (next < quotes) {
        scalar.end_quote = uint8_t(next);
        scalar.before = uint8_t(quote[next] - at);
      }
    }
    count++;
  }
  if (count == 0 || at + (shape.ends_with_string ? 2 : 1) != newline) return false;
  shape.steps = uint8_t((count + PlainShape::step - 1) / PlainShape::step);
  return true;
}

/// Scans a line like `plain_line`, by the shape of an earlier line if one fits.
inline uint32_t expected_line(
    PlainShapes &shapes, const uint8_t *text, uint32_t line, uint32_t newline, const uint8_t *end,
    const uint32_t *&quote, size_t quotes, swiftlet_event &event) {
  if (newline == UINT32_MAX || quotes == 0 || quote[0] != line + 1) return 0;
  // Shapes with the same number of quotes mostly differ at the end: the name before a number, or a string.
  uint32_t last = quote[quotes - 1];
  size_t ending = last + 2 == newline ? 0 : text[last - 1];
  auto &ways = shapes.sets[(quotes / 2 ^ ending) % PlainShapes::most_sets];
  for (PlainShape *&shape : ways.order) {
    if (shape->quotes != quotes || shape->steps == 0) continue;
    if (!shaped_line(*shape, text, line, newline, end, quote, event)) continue;
    event.line_length = newline - line;
    quote += quotes;
    std::swap(shape, ways.order[0]);
    shapes.patience = std::min(shapes.patience + 1, PlainShapes::most_patience);
    return newline + 1;
  }
  const uint32_t *first = quote;
  uint32_t next = plain_line(text, line, newline, end, quote, event);
  if (next == 0 || shapes.patience < PlainShapes::price) return next;
  shapes.patience -= PlainShapes::price;
  // Replaces the least recently used shape.
  std::swap(ways.order[0], ways.order[PlainShapes::ways - 1]);
  if (!learn(*ways.order[0], text, line, newline, first, quotes)) ways.order[0]->steps = 0;
  return next;
}

template <class Block>
inline size_t scan_plain_lines(
    PlainIndex &index, const uint8_t *bytes, size_t length, swiftlet_event *events, size_t capacity,
    size_t *consumed) {
  size_t count = 0, done = 0, latest = 0;
  // The index of a window is lost if there is no room for all of its events.
  while (capacity - count > latest && length - done > PlainIndex::reach) {
    size_t former = count;
    const uint8_t *text = bytes + done;
    find<Block>(index, text, std::min(length - done - PlainIndex::reach, PlainIndex::window));
    const uint32_t *quote = index.quotes, *newline = index.newlines, *before = index.quotes_before;
    index.shapes.patience = std::max(index.shapes.patience, 2 * PlainShapes::price);
    uint32_t line = 0;
    while (count < capacity) {
      size_t quotes = *before - size_t(quote - index.quotes);
      uint32_t next = expected_line(index.shapes, text, line, *newline, bytes + length, quote, quotes, events[count]);
      if (next == 0) break;
      events[count++].line_offset = done + line;
      line = next;
      newline++;
      before++;
    }
    if (line == 0) break;
    done += line;
    latest = count - former;
  }
  *consumed = done;
  return count;
}

}  // namespace
}  // namespace swiftlet
