// libFuzzer is part of the toolchain and linked by -sanitize=fuzzer. Only its declaration is needed.
#include "CFuzzer.h"
