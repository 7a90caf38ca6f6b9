#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What became of a line. Where several reasons apply, the first in this order is told.
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

/// One line that is not blank. Where `reason` is not accepted, only `line_offset` and `line_length` mean something; `is_mobile`
/// is false or true there too, because Swift takes an event in which it is neither for the end of a sequence of events.
/// Strings are UTF-8 without escapes, valid until the next scan; NULL where the field is missing.
typedef struct swiftlet_event {
  const uint8_t *_Nullable user;
  const uint8_t *_Nullable session;
  const uint8_t *_Nullable page;
  /// A timestamp that was given as a string, for the caller to parse; NULL where `timestamp` holds it.
  const uint8_t *_Nullable time_text;
  uint32_t user_length, session_length, page_length, time_text_length;
  /// Milliseconds since 1970 UTC.
  int64_t timestamp;
  /// NaN where missing.
  double duration, price, quantity;
  /// From the first byte of the scanned bytes.
  uint64_t line_offset;
  /// Without the newline.
  uint32_t line_length;
  /// `swiftlet_event_reason`
  uint8_t reason;
  /// `swiftlet_event_type`
  uint8_t type;
  bool is_mobile;
} swiftlet_event;

/// Memory that scans reuse. One thread at a time.
typedef struct swiftlet_scanner swiftlet_scanner;

/// NULL where there is no memory.
swiftlet_scanner *_Nullable swiftlet_scanner_create(void);
void swiftlet_scanner_destroy(swiftlet_scanner *_Nullable scanner);

/// Scans the next lines of `bytes[0..<length]`, which begins at the beginning of a line; what follows the last newline is
/// a line too. Nothing outside is read.
/// - `events`: room for `capacity` of them, at least 1.
/// - `consumed`: the bytes of the scanned lines, at least one line where `length` > 0.
/// Returns the number of events written, in the order of the lines; -1 where there is no memory, or a line is longer
/// than 4 GB - 64.
ptrdiff_t swiftlet_scanner_scan(
    swiftlet_scanner *_Nonnull scanner, const uint8_t *_Nullable bytes, size_t length, swiftlet_event *_Nonnull events,
    size_t capacity, size_t *_Nonnull consumed);

/// How plain lines are scanned; the events are the same.
enum swiftlet_plain_kernel {
  /// As every other line is: the reference.
  SWIFTLET_PLAIN_REFERENCE = 0,
  SWIFTLET_PLAIN_AVX2,
  SWIFTLET_PLAIN_AVX512,
};

/// Chooses a kernel instead of the fastest; false where this CPU cannot run it.
bool swiftlet_scanner_choose(swiftlet_scanner *_Nonnull scanner, enum swiftlet_plain_kernel kernel);

/// The name of the kernels that were chosen for this CPU: `icelake`, `haswell`, `fallback` …
const char *_Nonnull swiftlet_scanner_kernels(void);

#ifdef __cplusplus
}
#endif
