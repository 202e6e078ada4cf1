// Topics on real databases: what a crash leaves at any step is finished by a repeated call or by
// the background job, and several metaservers do not get in each other's way.
#include <atomic>
#include <thread>
#include <utility>

#include <gmock/gmock.h>

#include "tests/integration/meta/meta_rig.h"

namespace lanemq::testing {
namespace {

using core::TopicState;
using ::testing::HasSubstr;

class CatalogServiceTest : public MetaTest {
 protected:
  /// A metaserver whose stores stop working for good at the `n`-th event (before or after a call):
  /// to the databases this is what its death looks like.
  std::unique_ptr<MetaRig> Mortal(int n) {
    return std::make_unique<MetaRig>(
        *server_, prefix_, [left = std::make_shared<std::atomic<int>>(n)](std::string_view, bool) {
          if (left->fetch_sub(1) > 0) return Status{};
          return Status{Error{ErrorCode::kMetadataUnavailable, "this metaserver is dead"}};
        });
  }
  /// How often the audit log says that the topic was made, changed and removed.
  std::string Audited(const std::string& topic) {
    const auto rows = server_->Query(fmt::format(
        "SELECT CONCAT(SUM(before_json IS NULL), ' made, ', SUM(before_json IS NOT NULL AND "
        "after_json IS NOT NULL), ' changed, ', SUM(after_json IS NULL), ' removed') FROM "
        "{}_meta.audit_events WHERE object_kind = 'topic' AND object_name = '{}'",
        prefix_, topic));
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    return rows.ok() ? rows->substr(0, rows->find('\n')) : "";
  }
};
INSTANTIATE_TEST_SUITE_P(On, CatalogServiceTest, ::testing::ValuesIn(Engines()), EngineName);

TEST_P(CatalogServiceTest, CreateGrowAlterDelete) {
  MetaRig rig(*server_, prefix_);
  rig.AddNode("one");
  const auto topic = rig.Create("orders", 3);
  ASSERT_TRUE(topic.ok()) << topic.error().ToString();
  EXPECT_EQ(topic->state, TopicState::kActive);
  EXPECT_EQ(rig.Tables().size(), 3u);
  rig.ExpectConsistent();
  ASSERT_EQ(rig.cache.Current()->topics.size(), 1u);
  EXPECT_EQ(rig.cache.Current()->topics[0], *topic);

  const auto again = rig.Create("orders", 3);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, *topic);
  EXPECT_EQ(rig.Create("orders", 4).error().code, ErrorCode::kTopicAlreadyExists);
  auto other_config = MetaRig::Want("orders", 3);
  other_config.topic.config["retention.ms"] = "5";
  EXPECT_EQ(rig.catalog.Create(other_config, Note()).error().code, ErrorCode::kTopicAlreadyExists);

  const auto grown = rig.catalog.AddPartitions("orders", 5, Note());
  ASSERT_TRUE(grown.ok()) << grown.error().ToString();
  EXPECT_EQ(grown->partitions.size(), 5u);
  rig.ExpectConsistent();
  EXPECT_EQ(rig.catalog.AddPartitions("orders", 4, Note()).error().code,
            ErrorCode::kInvalidPartitions);
  EXPECT_TRUE(rig.catalog.AddPartitions("orders", 5, Note()).ok());

  EXPECT_TRUE(rig.catalog.Alter({"orders", {{"retention.ms", "9"}}, {}, {}}, Note()).ok());
  EXPECT_EQ(rig.catalog.Alter({"orders", {{"retention.sm", "9"}}, {}, {}}, Note()).error().code,
            ErrorCode::kInvalidConfig);
  EXPECT_EQ(rig.cache.Current()->topics[0].config.at("retention.ms"), "9");

  ASSERT_TRUE(rig.catalog.Delete("orders", Note()).ok());
  EXPECT_TRUE(rig.Tables().empty());
  EXPECT_TRUE(rig.cache.Current()->topics.empty());
  EXPECT_EQ(rig.catalog.Delete("orders", Note()).error().code, ErrorCode::kUnknownTopicOrPartition);
}

TEST_P(CatalogServiceTest, ValidationChangesNothing) {
  MetaRig rig(*server_, prefix_);
  auto request = MetaRig::Want("orders", 3);
  request.validate_only = true;
  EXPECT_THAT(rig.catalog.Create(request, Note()).error().message,
              HasSubstr("add a data node first"));
  rig.AddNode("one", 1, 3);
  const std::int64_t version = rig.cache.Current()->version;
  const auto planned = rig.catalog.Create(request, Note());
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(planned->partitions.size(), 3u);
  EXPECT_EQ(planned->id.value, 0);
  request.topic.partitions = 4;
  EXPECT_EQ(rig.catalog.Create(request, Note()).error().code, ErrorCode::kInsufficientCapacity);
  request.topic.name = "..";
  EXPECT_EQ(rig.catalog.Create(request, Note()).error().code, ErrorCode::kInvalidTopic);
  EXPECT_EQ(*rig.real_catalog.LoadVersion(MetaRig::Soon()), version);
  EXPECT_TRUE(rig.Tables().empty());
}

TEST_P(CatalogServiceTest, ACreationCutAtAnyStepIsFinishedByTheSameCallOrByTheJob) {
  MetaRig healthy(*server_, prefix_);
  healthy.AddNode("one");
  bool survived = false;
  int step = 0;
  for (; !survived; ++step) {
    ASSERT_LT(step, 100);
    SCOPED_TRACE("died at event " + std::to_string(step));
    const std::string name = "t" + std::to_string(step);
    survived = Mortal(step)->Create(name, 2).ok();
    if (step % 2 == 0) {
      const auto finished = healthy.Create(name, 2);
      ASSERT_TRUE(finished.ok()) << finished.error().ToString();
      EXPECT_EQ(finished->state, TopicState::kActive);
    } else {
      const auto unfinished = healthy.real_catalog.LoadUnfinishedTopics(MetaRig::Soon());
      ASSERT_TRUE(unfinished.ok());
      for (const auto& record : *unfinished) ASSERT_TRUE(healthy.catalog.Finish(record).ok());
    }
    healthy.ExpectConsistent();
    const bool is_made = healthy.real_catalog.FindTopic(name, MetaRig::Soon())->has_value();
    EXPECT_EQ(Audited(name), is_made ? "1 made, 0 changed, 0 removed" : "NULL");
  }
  EXPECT_GT(step, 8);  // Four calls at least were cut before and after.
}

TEST_P(CatalogServiceTest, ADeletionCutAtAnyStepIsFinishedByTheSameCallOrByTheJob) {
  MetaRig healthy(*server_, prefix_);
  healthy.AddNode("one");
  bool survived = false;
  for (int step = 0; !survived; ++step) {
    ASSERT_LT(step, 100);
    SCOPED_TRACE("died at event " + std::to_string(step));
    ASSERT_TRUE(healthy.Create("orders", 2).ok());
    survived = Mortal(step)->catalog.Delete("orders", Note()).ok();
    if (step % 3 == 0) {
      const auto deleted = healthy.catalog.Delete("orders", Note());
      EXPECT_TRUE(deleted.ok() || deleted.error().code == ErrorCode::kUnknownTopicOrPartition);
    } else if (step % 3 == 1) {
      const auto unfinished = healthy.real_catalog.LoadUnfinishedTopics(MetaRig::Soon());
      ASSERT_TRUE(unfinished.ok());
      for (const auto& record : *unfinished) ASSERT_TRUE(healthy.catalog.Finish(record).ok());
    } else {
      // A new creation of the name finishes the deletion first.
      ASSERT_TRUE(healthy.Create("orders", 2).ok());
    }
    healthy.ExpectConsistent();
  }
}

TEST_P(CatalogServiceTest, AGrowthCutAtAnyStepShowsNothingUntilItIsFinished) {
  MetaRig healthy(*server_, prefix_);
  healthy.AddNode("one");
  bool survived = false;
  for (int step = 0; !survived; ++step) {
    ASSERT_LT(step, 100);
    SCOPED_TRACE("died at event " + std::to_string(step));
    const std::string name = "t" + std::to_string(step);
    ASSERT_TRUE(healthy.Create(name, 1).ok());
    survived = Mortal(step)->catalog.AddPartitions(name, 3, Note()).ok();
    healthy.cache.Reload();
    for (const core::Topic& topic : healthy.cache.Current()->topics) {
      if (topic.name == name) {
        EXPECT_TRUE(topic.partitions.size() == 1 || topic.partitions.size() == 3);
      }
    }
    const auto grown = healthy.catalog.AddPartitions(name, 3, Note());
    ASSERT_TRUE(grown.ok()) << grown.error().ToString();
    EXPECT_EQ(grown->partitions.size(), 3u);
    healthy.ExpectConsistent();
    EXPECT_EQ(Audited(name), "1 made, 1 changed, 0 removed");
  }
}

TEST_P(CatalogServiceTest, AChangeThatCannotBeAuditedDoesNotHappen) {
  MetaRig rig(*server_, prefix_);
  rig.AddNode("one");
  ASSERT_TRUE(rig.Create("orders", 1).ok());
  const auto rename = [&](std::string_view from, std::string_view to) {
    const auto done =
        server_->Query(fmt::format("RENAME TABLE {0}_meta.{1} TO {0}_meta.{2}", prefix_, from, to));
    ASSERT_TRUE(done.ok()) << done.error().ToString();
  };
  rename("audit_events", "taken_away");
  EXPECT_FALSE(rig.Create("more", 1).ok());
  EXPECT_FALSE(rig.catalog.Alter({"orders", {{"retention.ms", "9"}}, {}, {}}, Note()).ok());
  EXPECT_FALSE(rig.catalog.AddPartitions("orders", 3, Note()).ok());
  EXPECT_FALSE(rig.catalog.Delete("orders", Note()).ok());
  EXPECT_FALSE(rig.catalog.AlterNode({"one", core::NodeState::kClosed, {}, {}}, Note()).ok());
  rename("taken_away", "audit_events");
  rig.ExpectConsistent();
  const auto snapshot = rig.cache.Current();
  ASSERT_EQ(snapshot->topics.size(), 1u);
  EXPECT_TRUE(snapshot->topics[0].config.empty());
  EXPECT_EQ(snapshot->topics[0].partitions.size(), 1u);
  EXPECT_EQ(snapshot->nodes.at(0).state, core::NodeState::kWritable);
  EXPECT_EQ(Audited("orders"), "1 made, 0 changed, 0 removed");
}

TEST_P(CatalogServiceTest, SeveralMetaserversCreateWithoutOverfillingAndEachNameOnce) {
  constexpr int kServers = 3;
  MetaRig first(*server_, prefix_);
  first.AddNode("one", 2, 6);
  first.AddNode("two", 2, 6);
  std::vector<std::unique_ptr<MetaRig>> rigs;
  for (int i = 0; i < kServers; ++i) rigs.push_back(std::make_unique<MetaRig>(*server_, prefix_));
  std::atomic<int> created{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kServers; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 8; ++n) {
        const std::string name =
            n % 2 == 0 ? "shared" + std::to_string(n) : fmt::format("own-{}-{}", i, n);
        const auto topic = rigs[static_cast<std::size_t>(i)]->Create(name, 2);
        if (topic.ok()) {
          EXPECT_EQ(topic->partitions.size(), 2u);
          ++created;
        } else {
          EXPECT_EQ(topic.error().code, ErrorCode::kInsufficientCapacity)
              << topic.error().ToString();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  first.ExpectConsistent();
  EXPECT_EQ(first.Tables().size(), 24u);  // 16 topics were wanted, 12 fit.
  EXPECT_GE(created, 12);
}

TEST_P(CatalogServiceTest, CreationsAndDeletionsOfOneNameRaceToAConsistentEnd) {
  MetaRig a(*server_, prefix_);
  a.AddNode("one");
  MetaRig b(*server_, prefix_);
  std::thread deleter([&] {
    for (int i = 0; i < 15; ++i) {
      const auto deleted = b.catalog.Delete("orders", Note());
      EXPECT_TRUE(deleted.ok() || deleted.error().code == ErrorCode::kUnknownTopicOrPartition)
          << deleted.error().ToString();
    }
  });
  for (int i = 0; i < 15; ++i) {
    const auto created = a.Create("orders", 2);
    EXPECT_TRUE(created.ok() || created.error().code == ErrorCode::kFailedPrecondition)
        << created.error().ToString();
  }
  deleter.join();
  a.ExpectConsistent();
}

TEST_P(CatalogServiceTest, ACreationThatADeletionHasOvertakenTakesItsTablesAway) {
  MetaRig deleter(*server_, prefix_);
  deleter.AddNode("one");
  bool is_first = true;
  MetaRig creator(*server_, prefix_, [&](std::string_view call, bool is_after) {
    if (call == "CreatePartition" && !is_after && std::exchange(is_first, false)) {
      // The intention is recorded, no table is made yet: there is nothing to drop.
      EXPECT_TRUE(deleter.catalog.Delete("orders", Note()).ok());
    }
    return Status{};
  });
  const auto created = creator.Create("orders", 2);
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.error().code, ErrorCode::kFailedPrecondition) << created.error().ToString();
  EXPECT_FALSE(is_first);
  deleter.ExpectConsistent();
  EXPECT_TRUE(deleter.Tables().empty());
}

TEST_P(CatalogServiceTest, AnUnreachableNodeLeavesTheIntentionWhichIsFinishedLater) {
  std::atomic<bool> is_down{true};
  MetaRig rig(*server_, prefix_, [&](std::string_view call, bool is_after) {
    if (call == "CreatePartition" && !is_after && is_down) {
      return Status{Error{ErrorCode::kDataNodeUnavailable, "down"}};
    }
    return Status{};
  });
  rig.AddNode("one");
  const auto failed = rig.Create("orders", 2);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::kDataNodeUnavailable);
  EXPECT_THAT(failed.error().message, HasSubstr("make partition orders/0"));
  rig.cache.Reload();
  EXPECT_EQ(rig.cache.Current()->topics.at(0).state, TopicState::kCreating);
  is_down = false;
  EXPECT_TRUE(rig.Create("orders", 2).ok());
  rig.ExpectConsistent();
}

TEST_P(CatalogServiceTest, ANodesNewAddressMustHaveItsPartitions) {
  MetaRig rig(*server_, prefix_);
  const core::DataNode node = rig.AddNode("one");
  ASSERT_TRUE(rig.Create("orders", 1).ok());
  auto other = DatabaseServer::Start({.engine = GetParam()});
  ASSERT_TRUE(other.ok()) << other.error().ToString();
  const auto refused = rig.catalog.AlterNode({"one", {}, {}, (*other)->port()}, Note());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition) << refused.error().ToString();
  EXPECT_EQ(rig.cache.Current()->nodes.at(0), node);
  const auto nobody = rig.catalog.AlterNode({"one", {}, {}, 1}, Note());
  EXPECT_EQ(nobody.error().code, ErrorCode::kDataNodeUnavailable);
  const auto same =
      rig.catalog.AlterNode({"one", core::NodeState::kClosed, "localhost", {}}, Note());
  ASSERT_TRUE(same.ok()) << same.error().ToString();
  EXPECT_EQ(rig.Create("more", 1).error().code, ErrorCode::kInsufficientCapacity);
}

}  // namespace
}  // namespace lanemq::testing
