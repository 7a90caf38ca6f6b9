#include "plain.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

// Included before the target is set: their code may be shared with code for every CPU.
#include "fields.hpp"
#include "numbers.hpp"

#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,popcnt"))), apply_to = function)

#include "plain_lines.hpp"

namespace swiftlet {
namespace {

struct Avx2 {
  static uint64_t bits(__m256i low, __m256i high) {
    return uint32_t(_mm256_movemask_epi8(low)) | uint64_t(uint32_t(_mm256_movemask_epi8(high))) << 32;
  }

  /// As signed bytes, control characters and everything beyond ASCII are less than a space.
  static __m256i special(__m256i bytes) {
    return _mm256_or_si256(
        _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), bytes), _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')));
  }

  static Masks masks(const uint8_t *at) {
    __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(at));
    __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(at + 32));
    auto equal = [&](char byte) {
      __m256i bytes = _mm256_set1_epi8(byte);
      return bits(_mm256_cmpeq_epi8(low, bytes), _mm256_cmpeq_epi8(high, bytes));
    };
    uint64_t newlines = equal('\n');
    return {equal('"'), newlines, bits(special(low), special(high)) & ~newlines};
  }

  /// Writes the indexes of the bits, eight at a time: excess values are overwritten later.
  static void write(uint64_t bits, uint32_t base, uint32_t *to) {
    for (int count = __builtin_popcountll(bits); count > 0; count -= 8, to += 8) {
      for (int i = 0; i < 8; i++, bits &= bits - 1) to[i] = base + uint32_t(_tzcnt_u64(bits));
    }
  }
};

}  // namespace

size_t plain_lines_avx2(
    PlainIndex &index, const uint8_t *bytes, size_t length, swiftlet_event *events, size_t capacity,
    size_t *consumed) {
  return scan_plain_lines<Avx2>(index, bytes, length, events, capacity, consumed);
}

}  // namespace swiftlet

#pragma clang attribute pop
#endif
