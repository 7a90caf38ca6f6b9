#include "plain.hpp"

#include <initializer_list>

namespace swiftlet {

PlainLines plain_lines(swiftlet_plain_kernel kernel) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
              __builtin_cpu_supports("popcnt");
  bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2");
  if (kernel == SWIFTLET_PLAIN_AVX512 && avx2 && avx512) return plain_lines_avx512;
  if (kernel == SWIFTLET_PLAIN_AVX2 && avx2) return plain_lines_avx2;
#endif
  return nullptr;
}

swiftlet_plain_kernel fastest_plain_kernel() {
  for (auto kernel : {SWIFTLET_PLAIN_AVX512, SWIFTLET_PLAIN_AVX2}) {
    if (plain_lines(kernel)) return kernel;
  }
  return SWIFTLET_PLAIN_REFERENCE;
}

}  // namespace swiftlet
