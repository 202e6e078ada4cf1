#include "client/cli/text/offset_spec.h"

#include <limits>

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using Kind = OffsetSpec::Kind;
constexpr WallTime kNow{1'000'000'000'000};

TEST(OffsetSpecTest, ReadsEveryForm) {
  EXPECT_EQ(*ParseOffsetSpec("start", kNow), (OffsetSpec{Kind::kStart, 0, {}}));
  EXPECT_EQ(*ParseOffsetSpec("earliest", kNow), (OffsetSpec{Kind::kStart, 0, {}}));
  EXPECT_EQ(*ParseOffsetSpec("end", kNow), (OffsetSpec{Kind::kEnd, 0, {}}));
  EXPECT_EQ(*ParseOffsetSpec("42", kNow), (OffsetSpec{Kind::kAbsolute, 42, {}}));
  EXPECT_EQ(*ParseOffsetSpec("-10", kNow), (OffsetSpec{Kind::kBeforeEnd, 10, {}}));
  EXPECT_EQ(*ParseOffsetSpec("+10", kNow), (OffsetSpec{Kind::kAfterStart, 10, {}}));
  EXPECT_EQ(*ParseOffsetSpec("@-1m", kNow),
            (OffsetSpec{Kind::kTime, 0, WallTime{kNow.micros - 60'000'000}}));
}

TEST(OffsetSpecTest, RefusesTheRest) {
  for (const std::string_view text :
       {"", "-", "+", "--1", "1.5", "first", "@", "@tomorrow", "1a", "99999999999999999999"}) {
    EXPECT_FALSE(ParseOffsetSpec(text, kNow).ok()) << text;
  }
}

TEST(OffsetSpecTest, ResolvesInsideTheLog) {
  const struct {
    OffsetSpec spec;
    std::int64_t offset;
  } rows[] = {
      {{Kind::kStart, 0, {}}, 5},
      {{Kind::kEnd, 0, {}}, 15},
      {{Kind::kAbsolute, 7, {}}, 7},
      {{Kind::kAbsolute, 0, {}}, 5},
      {{Kind::kAbsolute, 99, {}}, 15},
      {{Kind::kBeforeEnd, 3, {}}, 12},
      {{Kind::kBeforeEnd, 99, {}}, 5},
      {{Kind::kBeforeEnd, 0, {}}, 15},
      {{Kind::kAfterStart, 3, {}}, 8},
      {{Kind::kAfterStart, 99, {}}, 15},
      {{Kind::kAfterStart, std::numeric_limits<std::int64_t>::max(), {}}, 15},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ResolveOffset(row.spec, 5, 15), row.offset) << row.spec.value;
  }
}

}  // namespace
}  // namespace lanemq::cli
