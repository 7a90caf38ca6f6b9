// Finds the values of wanted keys in lines of JSON. Every byte is checked as the general scanner does (Basics/JSON/JSONScanner.swift);
// what is unusual or wrong is left to it.
#include "json_lines.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { DEEPEST = 60 };

typedef struct text {
  const uint8_t *at;
  const uint8_t *end;
} text;

static inline void skip_space(text *t) {
  while (t->at < t->end && (*t->at == ' ' || *t->at == '\t' || *t->at == '\r' || *t->at == '\n')) t->at++;
}

// Passes the rest of a string behind its opening quote. Returns the closing quote; NULL for a string that is not closed or holds
// control characters.
static inline const uint8_t *string_end(const uint8_t *at, const uint8_t *end, bool *escaped) {
  while (true) {
#if defined(__SSE2__)
    // A byte is special if it is a quote, a backslash, or at most 0x1f.
    __m128i bytes = _mm_loadu_si128((const __m128i *)at);
    __m128i hits = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))),
        _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes));
    unsigned mask = (unsigned)_mm_movemask_epi8(hits);
    if (mask == 0) {
      at += 16;
      if (at >= end) return NULL;
      continue;
    }
    at += __builtin_ctz(mask);
#else
    while (at < end && *at != '"' && *at != '\\' && *at > 0x1f) at++;
#endif
    if (at >= end) return NULL;
    if (*at == '"') return at;
    if (*at != '\\') return NULL;
    *escaped = true;
    at += 2;
    if (at >= end) return NULL;
  }
}

static inline bool is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

// Bytes past the end are no digits: a line end or zeros follow every line.
static inline bool skip_number(text *t) {
  const uint8_t *at = t->at;
  if (*at == '-') at++;
  const uint8_t *digits = at;
  while (at < t->end && is_digit(*at)) at++;
  if (at == digits || (*digits == '0' && at - digits > 1)) return false;
  if (at < t->end && *at == '.') {
    digits = ++at;
    while (at < t->end && is_digit(*at)) at++;
    if (at == digits) return false;
  }
  if (at < t->end && (*at | 0x20) == 'e') {
    at++;
    if (at < t->end && (*at == '+' || *at == '-')) at++;
    digits = at;
    while (at < t->end && is_digit(*at)) at++;
    if (at == digits) return false;
  }
  t->at = at;
  return true;
}

static inline bool skip_word(text *t, const char *word, size_t length) {
  if ((size_t)(t->end - t->at) < length || memcmp(t->at, word, length) != 0) return false;
  t->at += length;
  return true;
}

static inline bool skip_scalar(text *t) {
  if (t->at >= t->end) return false;
  switch (*t->at) {
    case '"': {
      bool escaped = false;
      const uint8_t *closing = string_end(t->at + 1, t->end, &escaped);
      if (closing == NULL) return false;
      t->at = closing + 1;
      return true;
    }
    case 't': return skip_word(t, "true", 4);
    case 'f': return skip_word(t, "false", 5);
    case 'n': return skip_word(t, "null", 4);
    default: return skip_number(t);
  }
}

// Passes a key and its colon.
static inline bool skip_key(text *t) {
  if (t->at >= t->end || *t->at != '"' || !skip_scalar(t)) return false;
  skip_space(t);
  if (t->at >= t->end || *t->at != ':') return false;
  t->at++;
  skip_space(t);
  return true;
}

// Passes an object or an array.
static bool skip_nested(text *t) {
  // Bit d says whether level d is an object.
  uint64_t objects = 0;
  int depth = 0;
  while (true) {
    // At a value.
    if (t->at >= t->end) return false;
    if (*t->at == '{' || *t->at == '[') {
      bool is_object = *t->at == '{';
      if (++depth > DEEPEST) return false;
      objects = is_object ? objects | 1ull << depth : objects & ~(1ull << depth);
      t->at++;
      skip_space(t);
      if (t->at >= t->end) return false;
      if (*t->at != (is_object ? '}' : ']')) {
        if (is_object && !skip_key(t)) return false;
        continue;
      }
      t->at++;
      depth--;
    } else if (!skip_scalar(t)) {
      return false;
    }
    // Behind a value.
    while (true) {
      if (depth == 0) return true;
      skip_space(t);
      if (t->at >= t->end) return false;
      bool is_object = objects >> depth & 1;
      if (*t->at == ',') {
        t->at++;
        skip_space(t);
        if (is_object && !skip_key(t)) return false;
        break;
      }
      if (*t->at != (is_object ? '}' : ']')) return false;
      t->at++;
      depth--;
    }
  }
}

bool swiftlet_json_line(
    const uint8_t *bytes, size_t start, size_t end, const swiftlet_json_key *keys, uint32_t count,
    swiftlet_cell *cells, size_t stride) {
  for (uint32_t key = 0; key < count; key++) cells[key * stride] = (swiftlet_cell){0, SWIFTLET_CELL_NULL};
  text t = {bytes + start, bytes + end};
  skip_space(&t);
  if (t.at >= t.end || *t.at != '{') return false;
  t.at++;
  skip_space(&t);
  // Objects tend to have their keys in one order.
  uint32_t expected = 0;
  if (t.at < t.end && *t.at == '}') {
    t.at++;
  } else {
    while (true) {
      if (t.at >= t.end || *t.at != '"') return false;
      const uint8_t *name = t.at + 1;
      bool escaped = false;
      const uint8_t *closing = string_end(name, t.end, &escaped);
      if (closing == NULL || escaped) return false;
      size_t length = (size_t)(closing - name);
      uint32_t found = count;
      for (uint32_t step = 0, key = expected; step < count; step++, key = key + 1 == count ? 0 : key + 1) {
        if (keys[key].length == length && memcmp(keys[key].bytes, name, length) == 0) {
          found = key;
          expected = key + 1 == count ? 0 : key + 1;
          break;
        }
      }
      t.at = closing + 1;
      skip_space(&t);
      if (t.at >= t.end || *t.at != ':') return false;
      t.at++;
      skip_space(&t);
      if (t.at >= t.end) return false;
      const uint8_t *from = t.at;
      swiftlet_cell cell;
      if (*from == '"') {
        bool has_escapes = false;
        closing = string_end(from + 1, t.end, &has_escapes);
        if (closing == NULL) return false;
        t.at = closing + 1;
        uint32_t flags = SWIFTLET_CELL_QUOTED | (has_escapes ? SWIFTLET_CELL_ESCAPED : 0);
        cell = (swiftlet_cell){(uint32_t)(from + 1 - bytes), (uint32_t)(closing - from - 1) | flags};
      } else {
        bool is_null = *from == 'n';
        if (*from == '{' || *from == '[') {
          if (!skip_nested(&t)) return false;
        } else if (!skip_scalar(&t)) {
          return false;
        }
        cell = (swiftlet_cell){
            (uint32_t)(from - bytes), is_null ? SWIFTLET_CELL_NULL : (uint32_t)(t.at - from)};
      }
      if (found < count) cells[found * stride] = cell;
      skip_space(&t);
      if (t.at >= t.end) return false;
      if (*t.at == '}') {
        t.at++;
        break;
      }
      if (*t.at != ',') return false;
      t.at++;
      skip_space(&t);
    }
  }
  skip_space(&t);
  return t.at == t.end;
}
