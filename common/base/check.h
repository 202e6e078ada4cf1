#pragma once

namespace lanemq {

/// Prints the broken invariant with its place and aborts. Not for input from outside.
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace lanemq

/// Always on: a broken invariant ends the process rather than corrupt a log.
#define LANEMQ_CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::lanemq::CheckFailed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define LANEMQ_DCHECK(condition) void(0)
#else
/// Like LANEMQ_CHECK, in debug builds only: for hot paths.
#define LANEMQ_DCHECK(condition) LANEMQ_CHECK(condition)
#endif
