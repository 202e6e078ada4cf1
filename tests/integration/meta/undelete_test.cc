// Topics that are deleted and brought back, on real databases: by one metaserver, by several at
// once, and by one that dies at any step.
#include <atomic>
#include <thread>
#include <utility>

#include <gmock/gmock.h>

#include "tests/integration/meta/meta_rig.h"

namespace lanemq::testing {
namespace {

using core::TopicState;
using metaserver::CatalogService;
using ::testing::HasSubstr;

constexpr std::chrono::hours kKeep{168};

class UndeleteTest : public MetaTest {
 protected:
  std::unique_ptr<MetaRig> Rig(StoreHook hook = {}) {
    return std::make_unique<MetaRig>(*server_, prefix_, std::move(hook), kKeep);
  }
  /// Dies at the `n`-th event: see CatalogServiceTest.
  std::unique_ptr<MetaRig> Mortal(int n) {
    return Rig([left = std::make_shared<std::atomic<int>>(n)](std::string_view, bool) {
      if (left->fetch_sub(1) > 0) return Status{};
      return Status{Error{ErrorCode::kMetadataUnavailable, "this metaserver is dead"}};
    });
  }
};
INSTANTIATE_TEST_SUITE_P(On, UndeleteTest, ::testing::ValuesIn(Engines()), EngineName);

TEST_P(UndeleteTest, WhatIsDeletedKeepsItsTablesAndItsNameUntilItIsBroughtBack) {
  const auto rig = Rig();
  rig->AddNode("one");
  const auto topic = rig->Create("orders", 3);
  ASSERT_TRUE(topic.ok()) << topic.error().ToString();
  const auto tables = rig->Tables();
  const auto deleted = rig->catalog.Delete("orders", Note());
  ASSERT_TRUE(deleted.ok()) << deleted.error().ToString();
  ASSERT_TRUE(deleted->has_value());
  EXPECT_EQ(rig->Tables(), tables);
  EXPECT_EQ(rig->cache.Current()->topics.at(0).state, TopicState::kDeleting);
  rig->ExpectConsistent();

  const auto again = rig->catalog.Delete("orders", Note());
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::kUnknownTopicOrPartition);
  const auto taken = rig->Create("orders", 3);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, ErrorCode::kTopicAlreadyExists);
  EXPECT_THAT(taken.error().message, HasSubstr("`lanemq topic undelete orders` brings it back"));
  auto planned = MetaRig::Want("orders", 3);
  planned.validate_only = true;
  EXPECT_EQ(rig->catalog.Create(planned, Note()).error().code, ErrorCode::kTopicAlreadyExists);

  const auto back = rig->catalog.Undelete("orders", Note());
  ASSERT_TRUE(back.ok()) << back.error().ToString();
  EXPECT_EQ(*back, *topic);
  EXPECT_EQ(rig->cache.Current()->topics.at(0), *topic);
  EXPECT_EQ(rig->Tables(), tables);
}

TEST_P(UndeleteTest, APurgeRemovesWhatIsDeletedAndWhatIsNot) {
  const auto rig = Rig();
  rig->AddNode("one");
  for (const bool is_deleted : {false, true}) {
    ASSERT_TRUE(rig->Create("orders", 2).ok());
    ASSERT_TRUE(!is_deleted || rig->catalog.Delete("orders", Note()).ok());
    const auto purged = rig->catalog.Delete("orders", Note(), CatalogService::DeleteHow::kForGood);
    ASSERT_TRUE(purged.ok()) << purged.error().ToString();
    EXPECT_FALSE(purged->has_value());
    EXPECT_TRUE(rig->Tables().empty());
    EXPECT_EQ(rig->catalog.Undelete("orders", Note()).error().code,
              ErrorCode::kUnknownTopicOrPartition);
  }
}

TEST_P(UndeleteTest, ADeletionOrItsUndoingThatIsCutAtAnyStepIsWholeOrNot) {
  const auto healthy = Rig();
  healthy->AddNode("one");
  bool survived = false;
  for (int step = 0; !survived; ++step) {
    ASSERT_LT(step, 100);
    SCOPED_TRACE("died at event " + std::to_string(step));
    const std::string name = "t" + std::to_string(step);
    const auto made = healthy->Create(name, 2);
    ASSERT_TRUE(made.ok()) << made.error().ToString();
    const auto mortal = Mortal(step);
    survived =
        mortal->catalog.Delete(name, Note()).ok() && mortal->catalog.Undelete(name, Note()).ok();
    const auto back = healthy->catalog.Undelete(name, Note());
    ASSERT_TRUE(back.ok()) << back.error().ToString();
    EXPECT_EQ(*back, *made);
    healthy->ExpectConsistent();
  }
}

TEST_P(UndeleteTest, APurgeAndAnUndoingAtOnceLeaveNothingHalfGone) {
  const auto one = Rig();
  const auto two = Rig();
  one->AddNode("one");
  for (int round = 0; round < 10; ++round) {
    const std::string name = "t" + std::to_string(round);
    ASSERT_TRUE(one->Create(name, 2).ok());
    ASSERT_TRUE(one->catalog.Delete(name, Note()).ok());
    std::thread purger([&] {
      EXPECT_TRUE(one->catalog.Delete(name, Note(), CatalogService::DeleteHow::kForGood).ok());
    });
    (void)two->catalog.Undelete(name, Note());
    purger.join();
    // A purge removes what is active, too: whichever came first, nothing is half gone.
    one->ExpectConsistent();
    EXPECT_FALSE(one->real_catalog.FindTopic(name, MetaRig::Soon())->has_value());
  }
}

TEST_P(UndeleteTest, ATopicThatIsDeletedWhileItGrowsComesBackGrown) {
  std::atomic<bool> is_deleted{false};
  const auto other = Rig();
  other->AddNode("one");
  ASSERT_TRUE(other->Create("orders", 2).ok());
  const auto rig = Rig([&](std::string_view call, bool is_after) {
    if (call == "MarkPartitionsReady" && !is_after && !is_deleted.exchange(true)) {
      EXPECT_TRUE(other->catalog.Delete("orders", Note()).ok());
    }
    return Status{};
  });
  // It is told that the topic was deleted; the tables that it has made stay.
  EXPECT_FALSE(rig->catalog.AddPartitions("orders", 4, Note()).ok());
  EXPECT_TRUE(is_deleted);
  const auto back = other->catalog.Undelete("orders", Note());
  ASSERT_TRUE(back.ok()) << back.error().ToString();
  EXPECT_EQ(back->partitions.size(), 4u);
  EXPECT_EQ(other->Tables().size(), 4u);
  other->ExpectConsistent();
}

}  // namespace
}  // namespace lanemq::testing
