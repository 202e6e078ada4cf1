#include "common/core/catalog/deleted_topic.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

TEST(DeletedTopicTest, SaysHowToBringItBackOrToRemoveItForGood) {
  Topic topic;
  topic.name = "orders";
  topic.state = TopicState::kDeleting;
  constexpr std::int64_t kDay = 86'400'000'000;
  topic.deletion = {WallTime{kDay + 3'661'999'999}, WallTime{8 * kDay}, "person:ann"};
  EXPECT_EQ(DeletedText(topic),
            "topic 'orders' was deleted by person:ann at 1970-01-02T01:01:01Z and is kept until "
            "1970-01-09T00:00:00Z: `lanemq topic undelete orders` brings it back, `lanemq topic "
            "purge orders` removes it for good");
  topic.deletion->by.clear();
  EXPECT_NE(DeletedText(topic).find("by somebody at"), std::string::npos);
  topic.deletion.reset();
  EXPECT_EQ(DeletedText(topic), "topic 'orders' is being deleted");
}

}  // namespace
}  // namespace lanemq::core
