// The library is linked; this target has no code of its own.
#include "CPgQuery.h"
