// Finds the fields of CSV: one step for each delimiter, quote and line end, which are found 64 bytes at a time.
#include "csv.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { BLOCK = 64, KINDS = 5 };

typedef struct masks {
  uint8_t special[KINDS];
  int count;
} masks;

// One bit for each special byte.
static inline uint64_t find_specials(const masks *m, const uint8_t *p) {
  uint64_t found = 0;
#if defined(__SSE2__)
  for (int part = 0; part < 4; part++) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)(p + 16 * part));
    __m128i hits = _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)m->special[0]));
    for (int kind = 1; kind < KINDS; kind++)
      hits = _mm_or_si128(hits, _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)m->special[kind])));
    found |= (uint64_t)(uint32_t)_mm_movemask_epi8(hits) << (16 * part);
  }
#else
  for (int i = 0; i < BLOCK; i++) {
    bool hit = false;
    for (int kind = 0; kind < KINDS; kind++) hit |= p[i] == m->special[kind];
    found |= (uint64_t)hit << i;
  }
#endif
  return found;
}

// The special bytes of a text, one after the other.
typedef struct cursor {
  masks special;
  const uint8_t *bytes;
  size_t length, block;
  uint64_t mask;
} cursor;

static inline void load(cursor *c, size_t block) {
  c->block = block;
  c->mask = block < c->length ? find_specials(&c->special, c->bytes + block) : 0;
}

// The next special byte; `length` at the end.
static inline size_t next(cursor *c) {
  while (c->mask == 0) {
    if (c->block + BLOCK >= c->length) return c->length;
    load(c, c->block + BLOCK);
  }
  size_t found = c->block + (size_t)__builtin_ctzll(c->mask);
  c->mask &= c->mask - 1;
  return found < c->length ? found : c->length;
}

// Makes `position` the first byte that `next` may find.
static inline void seek(cursor *c, size_t position) {
  if (position >= c->length) {
    c->block = c->length;
    c->mask = 0;
    return;
  }
  if (position - c->block >= BLOCK) load(c, position & ~(size_t)(BLOCK - 1));
  // Special bytes before the position were passed over: only those of its block can be left.
  c->mask = find_specials(&c->special, c->bytes + c->block) & (~0ull << (position - c->block));
}

swiftlet_csv_result swiftlet_csv_scan(
    const swiftlet_csv *csv, const uint8_t *bytes, size_t length, swiftlet_cell *cells, swiftlet_record *records,
    swiftlet_record *rejected) {
  swiftlet_csv_result result = {0};
  if (length == 0) return result;
  const int delimiter = csv->delimiter, quote = csv->quote, escape = csv->escape, comment = csv->comment;
  cursor c = {.bytes = bytes, .length = length};
  c.special.special[0] = (uint8_t)delimiter;
  c.special.special[1] = '\n';
  c.special.special[2] = '\r';
  c.special.special[3] = quote >= 0 ? (uint8_t)quote : '\n';
  c.special.special[4] = escape >= 0 ? (uint8_t)escape : '\n';
  load(&c, 0);
  size_t position = 0;
  uint32_t line = 0, ordinal = 0;
  const uint32_t columns = csv->columns;
  while (position < length && result.records < csv->capacity && result.rejected < csv->capacity) {
    const size_t record_start = position;
    const uint32_t record_line = line;
    uint32_t field = 0;
    int first = bytes[position];
    if (first == comment || ((first == '\n' || first == '\r') && !csv->blank_is_record)) {
      size_t end;
      do end = next(&c);
      while (end < length && bytes[end] != '\n' && bytes[end] != '\r');
      if (end == length && !csv->final) break;
      position = end + 1;
      if (end < length && bytes[end] == '\r') {
        if (position == length && !csv->final) break;
        if (position < length && bytes[position] == '\n') {
          position++;
          next(&c);
        }
      }
      if (position > length) position = length;
      line++;
      result.consumed = position;
      result.lines = line;
      continue;
    }
    size_t end;
    while (true) {  // one field
      const size_t start = position;
      swiftlet_cell cell;
      if (quote >= 0 && start < length && bytes[start] == quote) {
        uint32_t flags = SWIFTLET_CELL_QUOTED;
        next(&c);  // the opening quote
        size_t closing;
        while (true) {
          closing = next(&c);
          if (closing == length) break;
          int byte = bytes[closing];
          // Before the quote: a byte may be both.
          if (byte == escape && escape != quote) {
            flags |= SWIFTLET_CELL_ESCAPED;
            if (closing + 1 < length) {
              // The LF of a CRLF counts when it comes.
              int escaped = bytes[closing + 1];
              bool crlf = escaped == '\r' && closing + 2 < length && bytes[closing + 2] == '\n';
              if (escaped == '\n' || (escaped == '\r' && !crlf)) line++;
              seek(&c, closing + 2);
            }
          } else if (byte == quote) {
            if (closing + 1 == length || bytes[closing + 1] != quote) break;
            flags |= SWIFTLET_CELL_ESCAPED;
            next(&c);
          } else if (byte == '\n') {
            line++;
          } else if (byte == '\r') {
            if (closing + 1 == length || bytes[closing + 1] != '\n') line++;
          }
        }
        if (closing == length) {
          if (!csv->final) return result;
          result.unclosed = true;
          end = length;
          cell = (swiftlet_cell){(uint32_t)(start + 1), (uint32_t)(length - start - 1) | flags};
        } else {
          position = closing + 1;
          if (position == length && !csv->final) return result;
          if (position == length || bytes[position] == delimiter || bytes[position] == '\n' || bytes[position] == '\r') {
            end = position < length ? next(&c) : length;
            cell = (swiftlet_cell){(uint32_t)(start + 1), (uint32_t)(closing - start - 1) | flags};
          } else {
            // Text after the closing quote belongs to the value.
            do end = next(&c);
            while (end < length && bytes[end] != delimiter && bytes[end] != '\n' && bytes[end] != '\r');
            cell = (swiftlet_cell){
                (uint32_t)(start + 1), (uint32_t)(end - start - 1) | flags | SWIFTLET_CELL_ESCAPED};
          }
        }
      } else {
        do end = next(&c);
        while (end < length && bytes[end] != delimiter && bytes[end] != '\n' && bytes[end] != '\r');
        cell = (swiftlet_cell){(uint32_t)start, (uint32_t)(end - start)};
      }
      if (end == length && !csv->final) return result;
      if (field < columns && csv->slots[field] >= 0)
        cells[(size_t)csv->slots[field] * csv->capacity + result.records] = cell;
      field++;
      if (end == length || bytes[end] != delimiter) break;
      position = end + 1;
    }
    position = end < length ? end + 1 : length;
    if (end < length && bytes[end] == '\r') {
      // LF may be among the bytes that follow.
      if (position == length && !csv->final) return result;
      if (position < length && bytes[position] == '\n') {
        position++;
        next(&c);
      }
    }
    line++;
    swiftlet_record record = {
        (uint32_t)record_start, (uint32_t)end, record_line, ordinal, field};
    ordinal++;
    if ((field == columns || columns == 0) && !result.unclosed)
      records[result.records++] = record;
    else
      rejected[result.rejected++] = record;
    result.consumed = position;
    result.lines = line;
    result.ordinals = ordinal;
  }
  result.lines = line;
  return result;
}
