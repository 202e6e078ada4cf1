// The judge of what must stay the same: every way in which it can differ is noticed.
#include "tests/moves/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::moves {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Rows kRows = {"1\ta", "2\tb", "3\tc"};

TEST(RowsTest, EqualRowsDoNotDiffer) {
  EXPECT_THAT(DifferencesOf(kRows, kRows, true), IsEmpty());
  EXPECT_THAT(DifferencesOf({}, {}, true), IsEmpty());
}

TEST(RowsTest, ALostRowIsMissing) {
  EXPECT_THAT(DifferencesOf(kRows, {"1\ta", "3\tc"}, true),
              AllOf(HasSubstr("1 missing"), HasSubstr("2\tb"), Not(HasSubstr("not there"))));
}

TEST(RowsTest, AnAlteredRowIsMissingAndNew) {
  EXPECT_THAT(DifferencesOf(kRows, {"1\ta", "2\tB", "3\tc"}, true),
              AllOf(HasSubstr("1 missing"), HasSubstr("1 not there before"), HasSubstr("2\tB")));
}

TEST(RowsTest, ARowThatIsThereTwiceIsToldApartFromANewOne) {
  EXPECT_THAT(DifferencesOf(kRows, {"1\ta", "2\tb", "2\tb", "3\tc"}, true),
              AllOf(HasSubstr("1 more often"), Not(HasSubstr("not there"))));
}

TEST(RowsTest, AnotherOrderCountsWhereItIsAskedFor) {
  const Rows swapped = {"1\ta", "3\tc", "2\tb"};
  EXPECT_THAT(DifferencesOf(kRows, swapped, true), HasSubstr("another order, first: 2\tb"));
  EXPECT_THAT(DifferencesOf(kRows, swapped, false), IsEmpty());
}

TEST(RowsTest, OfManyDifferencesAFewAreShownAndAllAreCounted) {
  EXPECT_THAT(DifferencesOf(kRows, {}, true, 1),
              AllOf(HasSubstr("3 missing"), HasSubstr("1\ta"), Not(HasSubstr("2\tb"))));
}

}  // namespace
}  // namespace lanemq::moves
