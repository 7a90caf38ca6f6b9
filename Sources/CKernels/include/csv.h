#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A value in text: its bytes, without the quotes around them. The top bits of `length` are flags.
typedef struct swiftlet_cell {
  uint32_t start;
  uint32_t length;
} swiftlet_cell;

enum swiftlet_cell_flag {
  /// Quotes were around the value.
  SWIFTLET_CELL_QUOTED = 0x80000000u,
  /// The bytes hold escapes.
  SWIFTLET_CELL_ESCAPED = 0x40000000u,
  /// There is no value.
  SWIFTLET_CELL_NULL = 0x20000000u,
  SWIFTLET_CELL_FLAGS = 0xe0000000u,
};

/// A record of text. Offsets count from the first scanned byte, lines and ordinals from 0.
typedef struct swiftlet_record {
  uint32_t start;
  /// Without the line end.
  uint32_t end;
  /// Lines before it.
  uint32_t line;
  /// Records before it, those that do not fit included.
  uint32_t ordinal;
  uint32_t fields;
} swiftlet_record;

/// How CSV is written, and which fields are wanted. Bytes are -1 if there is no such byte.
typedef struct swiftlet_csv {
  int16_t delimiter, quote, escape, comment;
  /// Fields of every record; 0 for any number.
  uint32_t columns;
  /// For each of `columns`, the slot of its cells, or -1.
  const int32_t *_Nullable slots;
  /// The most records of a scan.
  uint32_t capacity;
  /// An empty line is a record with one empty field.
  bool blank_is_record;
  /// No bytes follow the scanned ones.
  bool final;
} swiftlet_csv;

typedef struct swiftlet_csv_result {
  /// Bytes of complete records, and of blank and comment lines.
  size_t consumed;
  uint32_t records, rejected, lines, ordinals;
  /// The last record ends inside quotes; only if `final`.
  bool unclosed;
} swiftlet_csv_result;

/// Scans records that begin at the first byte.
/// - `bytes`: readable for 64 bytes past `length`, which is below 2^29.
/// - `cells`: the cell of slot s and record r is written to `cells[s * capacity + r]`.
/// - `records`: room for `capacity` records with the right number of fields.
/// - `rejected`: room for `capacity` records with another number of fields. A scan ends when either is full.
swiftlet_csv_result swiftlet_csv_scan(
    const swiftlet_csv *_Nonnull csv, const uint8_t *_Nonnull bytes, size_t length, swiftlet_cell *_Nullable cells,
    swiftlet_record *_Nonnull records, swiftlet_record *_Nonnull rejected);

#ifdef __cplusplus
}
#endif
