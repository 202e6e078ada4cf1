#include "client/cli/text/exec_verdict.h"

#include <fmt/format.h>

namespace lanemq::cli {
namespace {

constexpr int kDataError = 65;       // EX_DATAERR of sysexits.h.
constexpr int kNotExecutable = 126;  // Of the shell.
constexpr int kNotFound = 127;

}  // namespace

ExecVerdict JudgeChild(const ChildResult& result) {
  using Kind = ExecVerdict::Kind;
  ExecVerdict verdict{.kind = Kind::kRetry, .reason = {}, .error = result.error_tail};
  while (verdict.error.ends_with('\n')) verdict.error.pop_back();
  std::string what;
  if (result.is_timed_out) {
    verdict.reason = "timeout";
    what = "killed: it took too long";
  } else if (result.signal) {
    verdict.reason = fmt::format("signal_{}", *result.signal);
    what = fmt::format("ended by signal {}", *result.signal);
  } else {
    const int code = result.exit_code.value_or(0);
    verdict.reason = fmt::format("exit_{}", code);
    what = fmt::format("exit code {}", code);
    if (code == 0) return {};
    if (code == kDataError) verdict.kind = Kind::kDead;
    if (code == kNotExecutable || code == kNotFound) verdict.kind = Kind::kStop;
  }
  if (verdict.error.empty()) verdict.error = what;
  return verdict;
}

}  // namespace lanemq::cli
