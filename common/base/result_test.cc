#include "common/base/result.h"

#include <memory>

#include <gtest/gtest.h>

namespace lanemq {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return Error{ErrorCode::kInvalidRequest, "odd"};
  return n / 2;
}

Result<int> Quarter(int n) {
  LANEMQ_ASSIGN_OR_RETURN(const int half, Half(n));
  LANEMQ_RETURN_IF_ERROR(Half(half));
  return half / 2;
}

TEST(ResultTest, CarriesAValueOrAnError) {
  EXPECT_EQ(*Half(4), 2);
  EXPECT_EQ(Half(3).error().code, ErrorCode::kInvalidRequest);
}

TEST(ResultTest, MacrosPropagateTheFirstError) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_FALSE(Quarter(6).ok());
  EXPECT_FALSE(Quarter(5).ok());
}

TEST(ResultTest, HoldsMoveOnlyValues) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  EXPECT_EQ(*std::move(result).value(), 7);
}

TEST(ResultDeathTest, ReadingTheValueOfAFailureAborts) {
  EXPECT_DEATH((void)Half(3).value(), "broken invariant");
}

TEST(StatusTest, DefaultIsSuccess) {
  EXPECT_TRUE(Status().ok());
  EXPECT_FALSE(Status(Error{ErrorCode::kFenced, "stale"}).ok());
}

}  // namespace
}  // namespace lanemq
