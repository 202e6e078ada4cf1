#include "broker/catalog/catalog.h"

#include <atomic>
#include <fstream>
#include <future>

#include <gtest/gtest.h>

#include "broker/catalog/fake_meta_client.h"
#include "broker/catalog/snapshot_file.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_for.h"

namespace lanemq::broker {
namespace {

using lanemq::testing::TempDir;
using lanemq::testing::WaitFor;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeMetaClient;
using testing::TestTopic;

class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest() {
    meta_.Change([](auto& snapshot) { snapshot.topics = {TestTopic(1, "orders", 2)}; });
    options_.metaservers = {{"a", 1}, {"b", 2}};
    options_.snapshot_file = dir_.path() / "catalog.snapshot";
    options_.heartbeat_interval = milliseconds(20);
    options_.refresh_interval_min = milliseconds(1);
  }
  std::unique_ptr<Catalog> Make() {
    core::Broker self;
    self.id = core::BrokerId{7};
    self.host = "h";
    return std::make_unique<Catalog>(options_, meta_, self, SystemClock::Instance(),
                                     [this](const CatalogView&) { ++changes_; });
  }

  TempDir dir_;
  FakeMetaClient meta_;
  CatalogOptions options_;
  std::atomic<int> changes_{0};
};

TEST_F(CatalogTest, LearnsTheCatalogueAndRegisters) {
  auto catalog = Make();
  catalog->SetAddress(99, 98);
  catalog->Start(seconds(5));
  EXPECT_TRUE(catalog->is_loaded());
  EXPECT_TRUE(catalog->View()->Find("orders", 1).ok());
  EXPECT_EQ(catalog->View()->Find("orders", 2).error().code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_TRUE(WaitFor([&] { return !meta_.snapshot().brokers.empty(); }, seconds(5), "registered"));
  EXPECT_EQ(meta_.snapshot().brokers[0].port, 99);
  EXPECT_TRUE(WaitFor(
      [&] {
        const auto preferred = catalog->View()->Find("orders", 0)->preferred;
        return preferred == core::BrokerId{7};
      },
      seconds(5), "it is its own preferred broker"));
}

TEST_F(CatalogTest, GoesToAnotherMetaserverWhenOneIsDown) {
  meta_.SetDown({"a", 1}, true);
  auto catalog = Make();
  catalog->Start(seconds(5));
  EXPECT_TRUE(catalog->View()->Find("orders", 0).ok());
  meta_.SetDown({"a", 1}, false);
  meta_.SetDown({"b", 2}, true);
  meta_.Change([](auto& snapshot) { snapshot.topics.push_back(TestTopic(2, "new", 1)); });
  EXPECT_TRUE(
      WaitFor([&] { return catalog->View()->Find("new", 0).ok(); }, seconds(5), "new topic"));
}

TEST_F(CatalogTest, ServesFromDiskWhenEverythingElseIsDown) {
  Make()->Start(seconds(5));
  meta_.SetAllDown(true);
  auto catalog = Make();
  catalog->Start(milliseconds(1));
  EXPECT_TRUE(catalog->is_loaded());
  EXPECT_FALSE(catalog->confirmed_at());
  EXPECT_TRUE(catalog->View()->Find("orders", 0).ok());
}

TEST_F(CatalogTest, ADamagedSnapshotIsNotUsed) {
  const auto path = dir_.path() / "x";
  EXPECT_EQ(LoadCatalog(path).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(SaveCatalog(path, meta_.snapshot()).ok());
  ASSERT_TRUE(LoadCatalog(path).ok());
  EXPECT_EQ(*LoadCatalog(path), meta_.snapshot());
  std::string bytes;
  {
    std::ifstream in(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    std::ofstream(path, std::ios::binary) << damaged;
    EXPECT_EQ(LoadCatalog(path).error().code, ErrorCode::kCorruptMessage) << i;
  }
  std::ofstream(path, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  EXPECT_EQ(LoadCatalog(path).error().code, ErrorCode::kCorruptMessage);
}

TEST_F(CatalogTest, ARefreshOnRequestFindsATopicThatWasJustCreated) {
  options_.heartbeat_interval = seconds(60);
  auto catalog = Make();
  catalog->Start(seconds(5));
  meta_.Change([](auto& snapshot) { snapshot.topics.push_back(TestTopic(2, "new", 1)); });
  std::promise<bool> found;
  catalog->Refresh([&] { found.set_value(catalog->View()->Find("new", 0).ok()); });
  EXPECT_TRUE(found.get_future().get());
}

TEST_F(CatalogTest, WaitingRefreshesAreBoundedAndAllAnswered) {
  options_.refresh_waiters_max = 2;
  options_.refresh_interval_min = seconds(60);
  auto catalog = Make();
  catalog->Start(seconds(5));
  std::atomic<int> answered{0};
  for (int i = 0; i < 5; ++i) catalog->Refresh([&] { ++answered; });
  EXPECT_GE(answered, 3) << "beyond the bound they are answered at once";
  catalog->Stop();
  EXPECT_EQ(answered, 5);
}

TEST_F(CatalogTest, AMetaserverOfAnotherClusterIsNotBelieved) {
  Make()->Start(seconds(5));  // Leaves its catalogue on disk.
  meta_.Change([](auto& snapshot) {
    snapshot.cluster_id = "another";
    snapshot.topics = {TestTopic(9, "theirs", 1)};
    snapshot.brokers.clear();
  });
  auto catalog = Make();
  catalog->Start(milliseconds(1));
  const int before = meta_.heartbeats();
  ASSERT_TRUE(WaitFor([&] { return meta_.heartbeats() > before + 2; }, seconds(5), "refused"));
  EXPECT_EQ(catalog->View()->snapshot().cluster_id, "test");
  EXPECT_TRUE(catalog->View()->Find("orders", 0).ok());
  EXPECT_FALSE(catalog->View()->Find("theirs", 0).ok());
  EXPECT_TRUE(meta_.snapshot().brokers.empty()) << "it registered with another cluster";
}

TEST_F(CatalogTest, DrainingIsAnnouncedAndUnregisteringRemoves) {
  auto catalog = Make();
  catalog->Start(seconds(5));
  catalog->SetState(core::BrokerState::kDraining);
  EXPECT_TRUE(
      WaitFor([&] { return meta_.snapshot().brokers.at(0).state == core::BrokerState::kDraining; },
              seconds(5), "draining heartbeat"));
  catalog->Stop();
  catalog->Unregister(seconds(1));
  EXPECT_TRUE(meta_.snapshot().brokers.empty());
}

TEST(CatalogViewTest, TopicSettingsAndStatesAreHonoured) {
  core::CatalogSnapshot snapshot;
  snapshot.topics = {TestTopic(1, "big", 1), TestTopic(2, "odd", 1), TestTopic(3, "gone", 1)};
  snapshot.topics[0].config["max.message.bytes"] = "100000000";
  snapshot.topics[1].config["max.message.bytes"] = "12x";
  snapshot.topics[2].state = core::TopicState::kDeleting;
  const CatalogView view(snapshot);
  EXPECT_EQ(view.FindTopic("big")->message_bytes_max, core::kMessageBytesHardMax);
  EXPECT_EQ(view.FindTopic("odd")->message_bytes_max, core::Limits{}.message_bytes_max);
  EXPECT_FALSE(view.Find("gone", 0).ok());
  EXPECT_FALSE(view.Find("big", -1).ok());
  EXPECT_EQ(view.Find("big", 0)->preferred, std::nullopt);
}

TEST_F(CatalogTest, WhatAnOlderMetaserverLeftOutIsAskedForAgain) {
  core::DataNode node;
  node.id = core::NodeId{1};
  node.name = "one";
  meta_.Change([&](auto& snapshot) { snapshot.nodes = {node}; });
  std::atomic<bool> is_refused{false};
  options_.may_lack_login = [&] { return is_refused.load(); };
  options_.lack_interval = milliseconds(1);
  auto catalog = Make();
  catalog->Start(seconds(5));
  ASSERT_EQ(catalog->View()->snapshot().nodes.size(), 1u);
  const int calls = meta_.catalog_calls();
  const int beats = meta_.heartbeats();
  // The metaserver is of a newer version by now, and the catalogue is the same.
  meta_.SetLogin("one", "sealed");
  ASSERT_TRUE(WaitFor([&] { return meta_.heartbeats() > beats + 2; }, seconds(5), "it goes on"));
  EXPECT_EQ(meta_.catalog_calls(), calls) << "nobody misses anything";
  is_refused = true;
  EXPECT_TRUE(
      WaitFor([&] { return catalog->View()->snapshot().nodes[0].sealed_credentials == "sealed"; },
              seconds(5), "the login comes"));
  const int changes = changes_;
  const int later = meta_.catalog_calls();
  ASSERT_TRUE(WaitFor([&] { return meta_.catalog_calls() > later + 2; }, seconds(5), "it asks"));
  EXPECT_EQ(changes_, changes) << "what is the same is no news";
}

TEST_F(CatalogTest, WhatThePreferredMetaserverLeavesOutIsAskedOfTheOthersAndStays) {
  core::DataNode node;
  node.id = core::NodeId{1};
  node.name = "one";
  node.sealed_credentials = "sealed";
  meta_.Change([&](auto& snapshot) { snapshot.nodes = {node}; });
  meta_.SetTooOldForLogins({"a", 1});
  std::atomic<bool> is_refused{false};
  options_.may_lack_login = [&] { return is_refused.load(); };
  options_.lack_interval = milliseconds(1);
  auto catalog = Make();
  const auto login = [&] { return catalog->View()->snapshot().nodes.at(0).sealed_credentials; };
  catalog->Start(seconds(5));
  EXPECT_EQ(login(), "");
  is_refused = true;
  ASSERT_TRUE(WaitFor([&] { return login() == "sealed"; }, seconds(5), "the other one tells"));
  const int changes = changes_;
  const int calls = meta_.catalog_calls();
  ASSERT_TRUE(WaitFor([&] { return meta_.catalog_calls() > calls + 4; }, seconds(5), "it asks"));
  EXPECT_EQ(changes_, changes) << "at the same version nothing is lost again";
  EXPECT_EQ(login(), "sealed");
}

}  // namespace
}  // namespace lanemq::broker
