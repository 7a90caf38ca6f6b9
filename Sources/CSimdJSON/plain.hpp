#pragma once
#include <cstddef>
#include <cstdint>

#include "CSimdJSON.h"
#include "shapes.hpp"

namespace swiftlet {

/// Where quotes and newlines are in a piece of text, from its first byte; ended by `UINT32_MAX`.
struct PlainIndex {
  /// Bytes of text that are indexed at a time: with the index and the events, they stay in the first-level cache.
  static constexpr size_t window = 16 << 10;
  /// How far behind an index its text is read without asking again: a word, or 16 digits, behind a quote and a few bytes.
  static constexpr size_t reach = 64;

  /// Written a block at a time, so there is room for one more.
  uint32_t quotes[window + 64 + 4];
  uint32_t newlines[window + 1];
  /// How many quotes there are before each newline.
  uint32_t quotes_before[window + 1];
  PlainShapes shapes;
};

/// Scans the plain lines that `bytes[0..<length]` begins with, at most `capacity` of them, and stops before the first
/// that is not plain. `consumed` is where it stopped. Returns the number of events; all of them are accepted ones, but for a
/// timestamp given as text, which is the caller's to parse.
///
/// A plain line is an event as most producers write it: one flat JSON object; nothing but ASCII; no escapes; no space, or one,
/// behind a colon and a comma; every field that means something of the right type. Quotes alone are enough to prove that such a line
/// is valid and to take it apart. Whatever is not plain, broken lines too, is left to the reference (`Walk`), which gives the
/// same events for the plain ones.
using PlainLines = size_t (*)(
    PlainIndex &index, const uint8_t *bytes, size_t length, swiftlet_event *events, size_t capacity,
    size_t *consumed);

/// nullptr for the reference, and where this CPU cannot run the kernel.
PlainLines plain_lines(swiftlet_plain_kernel kernel);

/// The fastest that this CPU can run.
swiftlet_plain_kernel fastest_plain_kernel();

size_t plain_lines_avx2(PlainIndex &, const uint8_t *, size_t, swiftlet_event *, size_t, size_t *);
size_t plain_lines_avx512(PlainIndex &, const uint8_t *, size_t, swiftlet_event *, size_t, size_t *);

}  // namespace swiftlet
