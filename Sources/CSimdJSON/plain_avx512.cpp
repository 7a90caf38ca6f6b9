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

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi,bmi2,popcnt"))), apply_to = function)

#include "plain_lines.hpp"

namespace swiftlet {
namespace {

struct Avx512 {
  static Masks masks(const uint8_t *at) {
    __m512i bytes = _mm512_loadu_si512(at);
    uint64_t newlines = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n'));
    // As signed bytes, control characters and everything beyond ASCII are less than a space.
    uint64_t special = _mm512_cmplt_epi8_mask(bytes, _mm512_set1_epi8(' ')) |
                       _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\'));
    return {_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')), newlines, special & ~newlines};
  }

  /// Writes the indexes of the bits, 16 at a time: excess values are overwritten later.
  static void write(uint64_t bits, uint32_t base, uint32_t *to) {
    alignas(64) static constexpr auto numbers = [] {
      std::array<uint8_t, 64> numbers{};
      for (size_t i = 0; i < 64; i++) numbers[i] = uint8_t(i);
      return numbers;
    }();
    __m512i indexes = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(numbers.data()));
    int count = __builtin_popcountll(bits);
    store(_mm512_castsi512_si128(indexes), base, to);
    if (count > 16) store(_mm512_extracti32x4_epi32(indexes, 1), base, to + 16);
    if (count > 32) [[unlikely]] {
      store(_mm512_extracti32x4_epi32(indexes, 2), base, to + 32);
      store(_mm512_extracti32x4_epi32(indexes, 3), base, to + 48);
    }
  }

 private:
  static void store(__m128i indexes, uint32_t base, uint32_t *to) {
    _mm512_storeu_si512(to, _mm512_add_epi32(_mm512_cvtepu8_epi32(indexes), _mm512_set1_epi32(int(base))));
  }
};

}  // namespace

size_t plain_lines_avx512(
    PlainIndex &index, const uint8_t *bytes, size_t length, swiftlet_event *events, size_t capacity,
    size_t *consumed) {
  return scan_plain_lines<Avx512>(index, bytes, length, events, capacity, consumed);
}

}  // namespace swiftlet

#pragma clang attribute pop
#endif
