#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The result for a line. If several reasons apply, the first in this order is reported.
enum swiftlet_event_reason {
  SWIFTLET_EVENT_ACCEPTED = 0,
  SWIFTLET_EVENT_MALFORMED,
  SWIFTLET_EVENT_NOT_AN_OBJECT,
  SWIFTLET_EVENT_MISSING_EVENT_TYPE,
  SWIFTLET_EVENT_WRONG_EVENT_TYPE,
  SWIFTLET_EVENT_MISSING_TIMESTAMP,
  SWIFTLET_EVENT_WRONG_TIMESTAMP,
  SWIFTLET_EVENT_MISSING_USER_ID,
  SWIFTLET_EVENT_WRONG_USER_ID,
  SWIFTLET_EVENT_BAD_TIMESTAMP,
  SWIFTLET_EVENT_REASONS,
};

enum swiftlet_event_type {
  SWIFTLET_EVENT_OTHER = 0,
  SWIFTLET_EVENT_PAGE_VIEW,
  SWIFTLET_EVENT_CLICK,
  SWIFTLET_EVENT_SEARCH,
  SWIFTLET_EVENT_ADD_TO_CART,
  SWIFTLET_EVENT_PURCHASE,
};

/// Optional fields, as bits of `ignored`.
enum swiftlet_event_field {
  SWIFTLET_FIELD_SESSION = 1,
  SWIFTLET_FIELD_PAGE = 2,
  SWIFTLET_FIELD_DEVICE = 4,
  SWIFTLET_FIELD_DURATION = 8,
  SWIFTLET_FIELD_PRICE = 16,
  SWIFTLET_FIELD_QUANTITY = 32,
};

/// One line that is not blank. Unless `reason` is accepted, only `line_offset` and `line_length` are valid, and `is_mobile` is
/// false or true: Swift would take an event with any other byte there for the end of a sequence.
/// Strings are UTF-8 without escapes, valid until the next scan; NULL if the field is missing.
typedef struct swiftlet_event {
  const uint8_t *_Nullable user;
  const uint8_t *_Nullable session;
  const uint8_t *_Nullable page;
  /// A timestamp given as a string, for the caller to parse; NULL if `timestamp` holds it.
  const uint8_t *_Nullable time_text;
  uint32_t user_length, session_length, page_length, time_text_length;
  /// Milliseconds since 1970 UTC.
  int64_t timestamp;
  /// NaN if missing.
  double duration, price, quantity;
  /// Relative to the first scanned byte.
  uint64_t line_offset;
  /// Without the newline.
  uint32_t line_length;
  /// `swiftlet_event_reason`
  uint8_t reason;
  /// `swiftlet_event_type`
  uint8_t type;
  bool is_mobile;
  /// The `swiftlet_event_field`s left out because their value has another type, or is no finite number.
  uint8_t ignored;
} swiftlet_event;

/// Memory that scans reuse. One thread at a time.
typedef struct swiftlet_scanner swiftlet_scanner;

/// Returns NULL if there is no memory.
swiftlet_scanner *_Nullable swiftlet_scanner_create(void);
void swiftlet_scanner_destroy(swiftlet_scanner *_Nullable scanner);

/// Scans the next lines of `bytes[0..<length]`, which start at the beginning of a line; the text after the last newline is a
/// line too. Never reads outside of these bytes.
/// - `events`: room for `capacity` events, at least 1.
/// - `consumed`: receives the length of the scanned lines, at least one line if `length` > 0.
/// Returns the number of events written, in line order; -1 if there is no memory or a line is longer than 4 GB - 64.
ptrdiff_t swiftlet_scanner_scan(
    swiftlet_scanner *_Nonnull scanner, const uint8_t *_Nullable bytes, size_t length, swiftlet_event *_Nonnull events,
    size_t capacity, size_t *_Nonnull consumed);

/// Lines of the latest scan, blank ones included.
size_t swiftlet_scanner_lines(const swiftlet_scanner *_Nonnull scanner);

/// How plain lines are scanned. All kernels find the same events.
enum swiftlet_plain_kernel {
  /// Like every other line: the reference.
  SWIFTLET_PLAIN_REFERENCE = 0,
  SWIFTLET_PLAIN_AVX2,
  SWIFTLET_PLAIN_AVX512,
};

/// Selects a kernel instead of the fastest. Returns false if this CPU cannot run it.
bool swiftlet_scanner_choose(swiftlet_scanner *_Nonnull scanner, enum swiftlet_plain_kernel kernel);

/// The name of simdjson's kernels for this CPU: `icelake`, `haswell`, `fallback` …
const char *_Nonnull swiftlet_scanner_kernels(void);

#ifdef __cplusplus
}
#endif
