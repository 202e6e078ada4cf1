#include "broker/handlers/delayed_page.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::broker {
namespace {

using core::DelayedId;
using Listed = core::DelayedStore::Listed;

Listed Message(const DelayedId& id, std::size_t bytes = 10) {
  auto record = std::make_shared<core::Record>();
  record->body = std::string(bytes, 'x');
  return {id, std::move(record)};
}
DelayedId IdAt(std::int32_t partition, std::int64_t due) {
  return {{core::TopicId{1}, partition}, WallTime{due}, core::ProducerId{1}, due};
}
std::vector<DelayedId> IdsOf(const DelayedPage::Taken& taken) {
  std::vector<DelayedId> ids;
  for (const Listed& one : taken.messages) ids.push_back(one.id);
  return ids;
}

TEST(DelayedPageTest, IsOfNothing) {
  DelayedPage page(5, 1'000);
  page.Add({}, false);
  const auto taken = page.Take();
  EXPECT_TRUE(taken.messages.empty());
  EXPECT_FALSE(taken.has_more);
}

TEST(DelayedPageTest, EndsWhereANodeMayHaveMore) {
  DelayedPage page(100, 100'000);
  page.Add({Message(IdAt(0, 1)), Message(IdAt(0, 5))}, true);
  page.Add({Message(IdAt(1, 1)), Message(IdAt(1, 2))}, false);
  const auto taken = page.Take();
  EXPECT_EQ(IdsOf(taken), (std::vector{IdAt(0, 1), IdAt(0, 5)}));
  EXPECT_TRUE(taken.has_more);
}

TEST(DelayedPageTest, EndsWithTheMessageThatReachesTheBytes) {
  DelayedPage page(100, 1'000);
  page.Add({Message(IdAt(0, 1), 500), Message(IdAt(0, 2), 500), Message(IdAt(0, 3), 1)}, false);
  const auto taken = page.Take();
  EXPECT_EQ(taken.messages.size(), 2u);
  EXPECT_TRUE(taken.has_more);
}

TEST(DelayedPageTest, OneMessageIsTakenHoweverLarge) {
  DelayedPage page(100, 10);
  page.Add({Message(IdAt(0, 1), 5'000)}, false);
  const auto taken = page.Take();
  EXPECT_EQ(taken.messages.size(), 1u);
  EXPECT_FALSE(taken.has_more);
}

// Partitions dealt out to nodes at random, each node reading in pieces: walking the pages gives
// every message once, in order, and ends.
TEST(DelayedPageTest, PagesAreTheWholeInOrder) {
  const auto seed = static_cast<std::uint64_t>(Random::FromSystem().PositiveId());
  Random random(seed);
  for (int round = 0; round < 200; ++round) {
    const std::size_t node_count = 1 + random.Below(4);
    const std::size_t messages_max = 1 + random.Below(12);
    std::vector<std::vector<DelayedId>> nodes(node_count);
    std::vector<DelayedId> all;
    for (std::int32_t partition = 0; partition < 6; ++partition) {
      auto& node = nodes[random.Below(node_count)];
      const std::uint64_t count = random.Below(15);
      for (std::uint64_t i = 0; i < count; ++i) {
        node.push_back(IdAt(partition, static_cast<std::int64_t>(i)));
        all.push_back(node.back());
      }
    }
    std::vector<DelayedId> walked;
    std::optional<DelayedId> after;
    for (std::size_t pages = 0;; ++pages) {
      ASSERT_LE(pages, all.size()) << "seed " << seed;
      DelayedPage page(messages_max, 200 + random.Below(1'000));
      for (const auto& node : nodes) {
        const std::size_t read_max = 1 + random.Below(messages_max);
        std::vector<Listed> listed;
        auto at = after ? std::ranges::upper_bound(node, *after) : node.begin();
        while (at != node.end() && listed.size() < read_max) listed.push_back(Message(*at++));
        const bool has_more = at != node.end();
        page.Add(std::move(listed), has_more);
      }
      const auto taken = page.Take();
      const auto ids = IdsOf(taken);
      ASSERT_LE(ids.size(), messages_max);
      walked.insert(walked.end(), ids.begin(), ids.end());
      if (!taken.has_more) break;
      ASSERT_FALSE(ids.empty()) << "seed " << seed;
      after = ids.back();
    }
    ASSERT_EQ(walked, all) << "seed " << seed;
  }
}

}  // namespace
}  // namespace lanemq::broker
