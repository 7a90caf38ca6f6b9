#pragma once
#include <cstddef>
#include <cstdint>

#include "CSimdJSON.h"
#include "shapes.hpp"

namespace swiftlet {

/// Positions of quotes and newlines in a piece of text, ended by `UINT32_MAX`.
struct PlainIndex {
  /// Bytes of text that are indexed at a time. With the index and the events, they stay in the L1 cache.
  static constexpr size_t window = 16 << 10;
  /// How far past an index its text is read without another bounds check: a word or 16 digits after a quote and a few bytes.
  static constexpr size_t reach = 64;

  /// Written a block at a time, hence the room for one more block.
  uint32_t quotes[window + 64 + 4];
  uint32_t newlines[window + 1];
  /// The number of quotes before each newline.
  uint32_t quotes_before[window + 1];
  PlainShapes shapes;
};

/// Scans the plain lines at the start of `bytes[0..<length]`, at most `capacity` of them, and stops before the first line that is
/// not plain; `consumed` receives this position. Returns the number of events. All of them are accepted, except that the caller
/// parses timestamps given as text.
///
/// A plain line is an event as most producers write it: one flat JSON object; only ASCII; no escapes; at most one space after
/// a colon or comma; every field that features read of the right type. The positions of its quotes are enough to validate such a
/// line and to take it apart. Everything else, broken lines too, is left to the reference (`Walk`), which gives the same events
/// for plain lines.
using PlainLines = size_t (*)(
    PlainIndex &index, const uint8_t *bytes, size_t length, swiftlet_event *events, size_t capacity,
    size_t *consumed);

/// Returns nullptr for the reference, and if this CPU cannot run the kernel.
PlainLines plain_lines(swiftlet_plain_kernel kernel);

/// Returns the fastest kernel that this CPU can run.
swiftlet_plain_kernel fastest_plain_kernel();

size_t plain_lines_avx2(PlainIndex &, const uint8_t *, size_t, swiftlet_event *, size_t, size_t *);
size_t plain_lines_avx512(PlainIndex &, const uint8_t *, size_t, swiftlet_event *, size_t, size_t *);

}  // namespace swiftlet
