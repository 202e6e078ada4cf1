#include "common/core/move/move_words.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

TEST(MoveWordsTest, WhyItIsTakenBackIsFoundAgainBesideWhatIsInTheWay) {
  const std::string long_why(900, 'w');
  for (const std::string& why : {std::string(), std::string("not handed over; seal: gone"),
                                 std::string("the copy differs: log rows: 1"), long_why}) {
    EXPECT_EQ(WhyOf(BothErrors(why, "")), why);
    const std::string both = BothErrors(why, "unseal: down");
    EXPECT_NE(both.find("now: unseal: down"), std::string::npos) << both;
    EXPECT_EQ(WhyOf(both), why.substr(0, 500));
    EXPECT_EQ(WhyOf(BothErrors(WhyOf(both), "drop the copy: down")), why.substr(0, 500));
  }
}

TEST(MoveWordsTest, ALongReasonLeavesRoomForWhatIsInTheWay) {
  EXPECT_LT(BothErrors(std::string(5'000, 'w'), "unseal: down").size(), 600u);
}

}  // namespace
}  // namespace lanemq::core
