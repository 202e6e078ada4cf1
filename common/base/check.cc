#include "common/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace lanemq {

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace lanemq
