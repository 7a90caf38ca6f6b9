#include "CSimdJSON.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "fields.hpp"
#include "plain.hpp"
#include "walk.hpp"

// simdjson's on-demand interface does not validate what a caller skips, and its document loop cannot resume after a broken
// document. So only simdjson's first stage is used, the vectorized part that dispatches on the CPU, over a chunk of lines at a
// time; `Walk` is the second stage. A chunk that the first stage rejects is scanned again line by line.
// Lines that are plain enough for a single pass (plain.hpp) skip both.

using namespace swiftlet;

namespace {

/// Small enough for text, indexes and events to stay in the L2 cache.
constexpr size_t chunk_target = 128 << 10;
/// After this many plain lines in a row, a line that is not plain counts as an exception.
constexpr size_t plain_run = 16;
/// simdjson's positions are 32 bits.
constexpr size_t chunk_limit = UINT32_MAX - 64;

}  // namespace

struct swiftlet_scanner {
  /// Begin and end (without the newline) of each line of the chunk.
  std::vector<std::pair<uint32_t, uint32_t>> lines;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1;
  size_t capacity = 0;
  /// Unescaped strings of the chunk, and ids given as numbers. Unescaping never makes a string longer; an id grows from
  /// `"user_id":1e18,` to at most 19 digits.
  std::unique_ptr<uint8_t[]> arena;
  size_t arena_used = 0;
  std::vector<bool> nesting;
  /// nullptr if every line takes the reference path.
  PlainLines plain = plain_lines(fastest_plain_kernel());
  PlainIndex plain_index;
  /// Bytes that take the reference path before plain lines are tried again; doubles with every failed attempt.
  size_t detour = 1;
  /// Lines of the latest scan.
  size_t scanned = 0;

  bool reserve(size_t length);
  size_t split(const uint8_t *bytes, size_t length, size_t target, size_t most_lines, bool &escaped_newline);
  bool index(const uint8_t *bytes, size_t length);
  size_t scan_line(Walk &walk, swiftlet_event &event);
  uint8_t scan_object(Walk &walk, swiftlet_event &event);
  bool text(const RawString &raw, View &view);
  bool text_value(Walk &walk, View &view);
  bool optional_text(Walk &walk, swiftlet_event &event, swiftlet_event_field field, View &view);
  bool id(Walk &walk, View &view);
  bool number_value(Walk &walk, swiftlet_event &event, swiftlet_event_field field, double &value);
  bool timestamp_value(Walk &walk, swiftlet_event &event, Required &required);
};

bool swiftlet_scanner::reserve(size_t length) {
  if (length <= capacity) return true;
  size_t wanted = std::min(std::max(length + length / 4, chunk_target), chunk_limit);
  stage1.reset();
  arena.reset();
  capacity = 0;
  // The depth only sizes the memory of a second stage that never runs.
  if (simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, stage1)) return false;
  arena.reset(new (std::nothrow) uint8_t[wanted + wanted / 2 + 64]);
  if (!arena) return false;
  capacity = wanted;
  return true;
}

/// Lists the lines of the next chunk and returns its length, 0 if the first line is too long.
size_t swiftlet_scanner::split(
    const uint8_t *bytes, size_t length, size_t target, size_t most_lines, bool &escaped_newline) {
  lines.clear();
  escaped_newline = false;
  size_t begin = 0;
  while (begin < length && lines.size() < most_lines) {
    auto newline = static_cast<const uint8_t *>(memchr(bytes + begin, '\n', length - begin));
    size_t end = newline ? size_t(newline - bytes) : length;
    size_t next = newline ? end + 1 : length;
    if (next > chunk_limit || (next > target && begin > 0)) break;
    lines.emplace_back(uint32_t(begin), uint32_t(end));
    escaped_newline |= end > begin && bytes[end - 1] == '\\';
    begin = next;
  }
  return begin;
}

/// Runs the first stage. Returns false if the text is not a sequence of well-formed tokens.
bool swiftlet_scanner::index(const uint8_t *bytes, size_t length) {
  if (stage1->stage1(bytes, length, simdjson::stage1_mode::regular)) return false;
  stage1->structural_indexes[stage1->n_structural_indexes] = uint32_t(length);
  return true;
}

bool swiftlet_scanner::text(const RawString &raw, View &view) {
  if (!raw.has_escapes) {
    view = {raw.begin, uint32_t(raw.end - raw.begin)};
    return true;
  }
  uint8_t *out = arena.get() + arena_used;
  ptrdiff_t length = unescape(raw.begin, raw.end, out);
  if (length < 0) return false;
  arena_used += size_t(length);
  view = {out, uint32_t(length)};
  return true;
}

/// Reads a value that should be a string; `view` is empty (nullptr) if it is something else. Returns false if it is malformed.
bool swiftlet_scanner::text_value(Walk &walk, View &view) {
  view = View();
  if (walk.peek() != '"') return walk.skip_value(nesting);
  RawString raw;
  return walk.string(raw) && text(raw, view);
}

/// Reads an optional string; anything but a string or null is left out and noted.
bool swiftlet_scanner::optional_text(Walk &walk, swiftlet_event &event, swiftlet_event_field field, View &view) {
  event.ignored &= uint8_t(~field);
  uint8_t first = walk.peek();
  if (!text_value(walk, view)) return false;
  if (!view.begin && first != 'n') event.ignored |= uint8_t(field);
  return true;
}

/// Reads an id. A number is its decimal digits if it is an integer of 64 bits, otherwise its text.
bool swiftlet_scanner::id(Walk &walk, View &view) {
  uint8_t first = walk.peek();
  if (first != '-' && uint8_t(first - '0') > 9) return text_value(walk, view);
  Number number;
  if (!walk.number(number)) return false;
  int64_t value;
  if (!number.to_int64(value)) {
    view = {number.begin, uint32_t(number.end - number.begin)};
    return true;
  }
  auto out = reinterpret_cast<char *>(arena.get() + arena_used);
  auto end = std::to_chars(out, out + 20, value).ptr;
  view = {arena.get() + arena_used, uint32_t(end - out)};
  arena_used += view.length;
  return true;
}

/// Reads an optional number, or the text of one. NaN if it is null; anything else, and a number beyond all finite doubles, is
/// left out and noted.
bool swiftlet_scanner::number_value(Walk &walk, swiftlet_event &event, swiftlet_event_field field, double &value) {
  value = std::numeric_limits<double>::quiet_NaN();
  event.ignored &= uint8_t(~field);
  uint8_t first = walk.peek();
  Number number;
  bool found;
  if (first == '"') {
    View view;
    if (!text_value(walk, view)) return false;
    const uint8_t *end = view.begin + view.length;
    found = parse_number(view.begin, end, number) == end;
  } else if (first == '-' || uint8_t(first - '0') <= 9) {
    if (!walk.number(number)) return false;
    found = true;
  } else {
    if (first != 'n') event.ignored |= uint8_t(field);
    return walk.skip_value(nesting);
  }
  double parsed;
  if (found && number.to_double(parsed)) {
    value = parsed;
  } else {
    event.ignored |= uint8_t(field);
  }
  return true;
}

bool swiftlet_scanner::timestamp_value(Walk &walk, swiftlet_event &event, Required &required) {
  event.time_text = nullptr;
  required.bad_timestamp = false;
  uint8_t first = walk.peek();
  if (first == '-' || uint8_t(first - '0') < 10) {
    Number number;
    if (!walk.number(number)) return false;
    required.timestamp = Found::right;
    required.bad_timestamp = !number.to_int64(event.timestamp);
    return true;
  }
  View view;
  if (!text_value(walk, view)) return false;
  required.timestamp = view.begin ? Found::right : Found::wrong;
  event.time_text = view.begin;
  event.time_text_length = view.length;
  return true;
}

/// Returns the reason, with the walk at the end of the line's object or somewhere in a malformed line.
uint8_t swiftlet_scanner::scan_object(Walk &walk, swiftlet_event &event) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  event.user = event.session = event.page = event.time_text = nullptr;
  event.user_length = event.session_length = event.page_length = event.time_text_length = 0;
  event.timestamp = 0;
  event.duration = event.price = event.quantity = nan;
  event.type = SWIFTLET_EVENT_OTHER;
  event.ignored = 0;
  Required required;
  walk.advance();
  if (walk.peek() == '}') {
    walk.advance();
    return walk.at_line_end() ? required.reason() : uint8_t(SWIFTLET_EVENT_MALFORMED);
  }
  while (true) {
    RawString raw;
    View name, view;
    if (walk.peek() != '"' || !walk.string(raw) || !text(raw, name)) return SWIFTLET_EVENT_MALFORMED;
    if (walk.peek() != ':') return SWIFTLET_EVENT_MALFORMED;
    walk.advance();
    bool valid;
    uint8_t first;
    switch (key_of(name.begin, name.length)) {
      case Key::event_type:
        valid = text_value(walk, view);
        required.event_type = view.begin ? Found::right : Found::wrong;
        event.type = view.begin ? type_of(view) : uint8_t(SWIFTLET_EVENT_OTHER);
        break;
      case Key::user_id:
        valid = id(walk, view);
        // An empty id is a missing one.
        required.user_id = !view.begin ? Found::wrong : view.length ? Found::right : Found::missing;
        event.user = view.begin;
        event.user_length = view.length;
        break;
      case Key::session_id:
        event.ignored &= uint8_t(~SWIFTLET_FIELD_SESSION);
        first = walk.peek();
        valid = id(walk, view);
        if (!view.begin && first != 'n') event.ignored |= SWIFTLET_FIELD_SESSION;
        event.session = view.begin;
        event.session_length = view.length;
        break;
      case Key::page_url:
        valid = optional_text(walk, event, SWIFTLET_FIELD_PAGE, view);
        event.page = view.begin;
        event.page_length = view.length;
        break;
      case Key::device:
        valid = optional_text(walk, event, SWIFTLET_FIELD_DEVICE, view);
        event.is_mobile = view.begin && view.is("mobile");
        break;
      case Key::timestamp: valid = timestamp_value(walk, event, required); break;
      case Key::duration_ms: valid = number_value(walk, event, SWIFTLET_FIELD_DURATION, event.duration); break;
      case Key::price: valid = number_value(walk, event, SWIFTLET_FIELD_PRICE, event.price); break;
      case Key::quantity: valid = number_value(walk, event, SWIFTLET_FIELD_QUANTITY, event.quantity); break;
      case Key::other: valid = walk.skip_value(nesting); break;
    }
    if (!valid) return SWIFTLET_EVENT_MALFORMED;
    uint8_t after = walk.peek();
    if (after != ',' && after != '}') return SWIFTLET_EVENT_MALFORMED;
    walk.advance();
    if (after == ',') continue;
    return walk.at_line_end() ? required.reason() : uint8_t(SWIFTLET_EVENT_MALFORMED);
  }
}

/// Scans the line at the walk. Returns 1, or 0 for a blank line.
size_t swiftlet_scanner::scan_line(Walk &walk, swiftlet_event &event) {
  if (walk.at_line_end()) return 0;
  if (walk.peek() == '{') {
    event.reason = scan_object(walk, event);
  } else {
    bool valid = walk.skip_value(nesting) && walk.at_line_end();
    event.reason = valid ? SWIFTLET_EVENT_NOT_AN_OBJECT : SWIFTLET_EVENT_MALFORMED;
  }
  return 1;
}

extern "C" swiftlet_scanner *swiftlet_scanner_create(void) {
  auto scanner = new (std::nothrow) swiftlet_scanner;
  if (scanner && !scanner->reserve(chunk_target)) {
    delete scanner;
    return nullptr;
  }
  return scanner;
}

extern "C" void swiftlet_scanner_destroy(swiftlet_scanner *scanner) { delete scanner; }

extern "C" bool swiftlet_scanner_choose(swiftlet_scanner *scanner, swiftlet_plain_kernel kernel) {
  PlainLines plain = plain_lines(kernel);
  if (!plain && kernel != SWIFTLET_PLAIN_REFERENCE) return false;
  scanner->plain = plain;
  return true;
}

extern "C" size_t swiftlet_scanner_lines(const swiftlet_scanner *scanner) { return scanner->scanned; }

extern "C" const char *swiftlet_scanner_kernels(void) {
  static const std::string name = simdjson::get_active_implementation()->name();
  return name.c_str();
}

extern "C" ptrdiff_t swiftlet_scanner_scan(
    swiftlet_scanner *scanner, const uint8_t *bytes, size_t length, swiftlet_event *events, size_t capacity,
    size_t *consumed) {
  *consumed = 0;
  scanner->scanned = 0;
  if (length == 0) return 0;
  size_t target = chunk_target;
  if (scanner->plain) {
    size_t count = scanner->plain(scanner->plain_index, bytes, length, events, capacity, consumed);
    if (count >= plain_run) scanner->detour = 1;
    scanner->scanned = count;
    if (count > 0) return ptrdiff_t(count);
    target = scanner->detour;
    scanner->detour = std::min(scanner->detour * 2, chunk_target);
  }
  // The portable first stage takes a newline after a backslash as part of the string, so such lines go one by one.
  bool escaped_newline;
  size_t chunk = scanner->split(bytes, length, target, capacity, escaped_newline);
  if (chunk == 0 || !scanner->reserve(chunk)) return -1;
  scanner->arena_used = 0;
  swiftlet_event *event = events;
  auto begin_event = [&](uint32_t begin, uint32_t end) {
    event->line_offset = begin;
    event->line_length = end - begin;
    // Also for rejected lines: any byte but false and true means "no event" to Swift.
    event->is_mobile = false;
  };
  auto scan = [&](Walk &walk, uint32_t offset, uint32_t begin, uint32_t end) {
    walk.begin_line(end - offset);
    begin_event(begin, end);
    event += scanner->scan_line(walk, *event);
    walk.skip_line();
  };
  if (!escaped_newline && scanner->index(bytes, chunk)) {
    Walk walk(bytes, chunk, scanner->stage1->structural_indexes.get());
    for (auto [begin, end] : scanner->lines) scan(walk, 0, begin, end);
  } else {
    for (auto [begin, end] : scanner->lines) {
      auto line = bytes + begin;
      size_t size = end - begin;
      if (scanner->index(line, size)) {
        Walk walk(line, size, scanner->stage1->structural_indexes.get());
        scan(walk, begin, begin, end);
      } else if (std::any_of(line, line + size, [](uint8_t b) { return b != ' ' && b != '\t' && b != '\r'; })) {
        begin_event(begin, end);
        event->reason = SWIFTLET_EVENT_MALFORMED;
        event++;
      }
    }
  }
  *consumed = chunk;
  scanner->scanned = scanner->lines.size();
  return event - events;
}
