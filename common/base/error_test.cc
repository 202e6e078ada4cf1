#include "common/base/error.h"

#include <set>

#include <gtest/gtest.h>

namespace lanemq {
namespace {

TEST(ErrorTest, NumbersAndNamesAreUniqueAndEveryCodeHasAMeaning) {
  std::set<int> numbers;
  std::set<std::string_view> names;
#define LANEMQ_X(enumerator, wire, number, retry, effect, meaning)                \
  EXPECT_TRUE(numbers.insert(number).second) << number;                           \
  EXPECT_TRUE(names.insert(NameOf(ErrorCode::enumerator)).second) << #enumerator; \
  EXPECT_EQ(ErrorCodeFromNumber(number), ErrorCode::enumerator);                  \
  EXPECT_FALSE(MeaningOf(ErrorCode::enumerator).empty());
  LANEMQ_ERROR_CODES(LANEMQ_X)
#undef LANEMQ_X
}

TEST(ErrorTest, OnlyCodesThatLeaveTheOutcomeOpenMayHaveTakenEffect) {
  const std::set<ErrorCode> open = {ErrorCode::kUnknownServerError, ErrorCode::kRequestTimedOut,
                                    ErrorCode::kNetworkException, ErrorCode::kOutcomeUnknown};
#define LANEMQ_X(enumerator, wire, number, retry, effect, meaning) \
  EXPECT_EQ(EffectOf(ErrorCode::enumerator) == Effect::kPossible,  \
            open.contains(ErrorCode::enumerator));
  LANEMQ_ERROR_CODES(LANEMQ_X)
#undef LANEMQ_X
}

TEST(ErrorTest, ForeignNumbersBecomeUnknownServerError) {
  EXPECT_EQ(ErrorCodeFromNumber(424242), ErrorCode::kUnknownServerError);
}

TEST(ErrorTest, WrapPutsTheContextInFrontAndKeepsTheRest) {
  const Error error{ErrorCode::kThrottled, "queue full", 250};
  EXPECT_EQ(error.Wrap("append to orders/3"),
            (Error{ErrorCode::kThrottled, "append to orders/3: queue full", 250}));
  EXPECT_EQ(error.ToString(), "THROTTLED: queue full");
}

}  // namespace
}  // namespace lanemq
