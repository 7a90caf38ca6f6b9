// libFuzzer comes with the toolchain and is linked by -sanitize=fuzzer; only its declaration is needed.
#include "CFuzzer.h"
