#include "common/base/error.h"

namespace lanemq {
namespace {

struct Row {
  ErrorCode code;
  std::string_view name;
  Retry retry;
  Effect effect;
  std::string_view meaning;
};

constexpr Row kRows[] = {
#define LANEMQ_X(enumerator, wire, number, retry, effect, meaning) \
  {ErrorCode::enumerator, #wire, Retry::retry, Effect::effect, meaning},
    LANEMQ_ERROR_CODES(LANEMQ_X)
#undef LANEMQ_X
};

const Row& RowOf(ErrorCode code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row;
  }
  return kRows[0];
}

}  // namespace

std::string_view NameOf(ErrorCode code) { return RowOf(code).name; }
std::string_view MeaningOf(ErrorCode code) { return RowOf(code).meaning; }
Retry RetryOf(ErrorCode code) { return RowOf(code).retry; }
Effect EffectOf(ErrorCode code) { return RowOf(code).effect; }

ErrorCode ErrorCodeFromNumber(std::int32_t number) {
  return RowOf(static_cast<ErrorCode>(number)).code;
}

Error Error::Wrap(std::string_view context) const {
  return Error{code, std::string(context) + ": " + message, retry_after_ms};
}

std::string Error::ToString() const { return std::string(NameOf(code)) + ": " + message; }

}  // namespace lanemq
