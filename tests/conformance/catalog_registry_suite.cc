// What every CatalogStore must do with data nodes, brokers and metaservers.
#include "tests/conformance/catalog_store_suite.h"

namespace lanemq::testing {

using core::BrokerState;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_P(CatalogStoreSuite, DataNodesAreAddedOnceAndAltered) {
  core::DataNode node;
  ExpectBump(true, [&] { node = AddNode("one", 3, 7); });
  ExpectBump(false, [&] { EXPECT_EQ(AddNode("one", 3, 7), node); });
  ASSERT_EQ(Snapshot().nodes, std::vector{node});
  core::DataNode other = node;
  other.port = 3307;
  ExpectError(store().AddDataNode(other, Note(), Soon()), ErrorCode::kAlreadyExists);
  other = node;
  other.name = "two";
  ExpectError(store().AddDataNode(other, Note(), Soon()), ErrorCode::kAlreadyExists);

  ExpectBump(true, [&] {
    const auto closed =
        store().AlterDataNode({"one", core::NodeState::kClosed, {}, 3399}, Note(), Soon());
    ASSERT_TRUE(closed.ok()) << closed.error().ToString();
    EXPECT_EQ(closed->state, core::NodeState::kClosed);
    EXPECT_EQ(closed->port, 3399);
    EXPECT_EQ(closed->host, node.host);
    EXPECT_EQ(Snapshot().nodes, std::vector{*closed});
  });
  ExpectBump(false, [&] {
    EXPECT_TRUE(
        store().AlterDataNode({"one", core::NodeState::kClosed, {}, 3399}, Note(), Soon()).ok());
  });
  ExpectError(store().AlterDataNode({"nope", core::NodeState::kClosed, {}, {}}, Note(), Soon()),
              ErrorCode::kNotFound);
  AddNode("two");
  ExpectError(store().AlterDataNode({"two", {}, node.host, 3399}, Note(), Soon()),
              ErrorCode::kAlreadyExists);
  ExpectError(Begin("orders", 100'000), ErrorCode::kInsufficientCapacity);
}

TEST_P(CatalogStoreSuite, CredentialsAreKeptByteByByteAndChangedLikeTheRest) {
  std::string sealed;
  for (int i = 0; i < 2'048; ++i) sealed += static_cast<char>(i);
  core::DataNode node;
  node.name = "one";
  node.host = "10.0.0.9";
  node.port = 3306;
  node.sealed_credentials = sealed;
  ExpectBump(true, [&] {
    const auto added = store().AddDataNode(node, Note(), Soon());
    ASSERT_TRUE(added.ok()) << added.error().ToString();
    EXPECT_EQ(added->sealed_credentials, sealed);
  });
  EXPECT_EQ(Snapshot().nodes.at(0).sealed_credentials, sealed);
  ExpectBump(false, [&] { EXPECT_TRUE(store().AddDataNode(node, Note(), Soon()).ok()); });
  node.sealed_credentials = "other";
  ExpectError(store().AddDataNode(node, Note(), Soon()), ErrorCode::kAlreadyExists);

  core::NodeChange change{"one", {}, {}, 3307};
  ExpectBump(true, [&] { EXPECT_TRUE(store().AlterDataNode(change, Note(), Soon()).ok()); });
  EXPECT_EQ(Snapshot().nodes.at(0).sealed_credentials, sealed);
  change.sealed_credentials = "second";
  ExpectBump(true, [&] { EXPECT_TRUE(store().AlterDataNode(change, Note(), Soon()).ok()); });
  EXPECT_EQ(Snapshot().nodes.at(0).sealed_credentials, "second");
  ExpectBump(false, [&] { EXPECT_TRUE(store().AlterDataNode(change, Note(), Soon()).ok()); });
  change.sealed_credentials = "";
  ExpectBump(true, [&] { EXPECT_TRUE(store().AlterDataNode(change, Note(), Soon()).ok()); });
  EXPECT_EQ(Snapshot().nodes.at(0).sealed_credentials, "");
}

TEST_P(CatalogStoreSuite, CredentialsAreResealedUnlessTheyChangedMeanwhile) {
  AddNode("one");
  core::NodeChange change{"one", {}, {}, {}};
  change.sealed_credentials = "first";
  ASSERT_TRUE(store().AlterDataNode(change, Note(), Soon()).ok());
  const std::size_t audited = under_test_->Audited().size();
  ExpectBump(true, [&] { EXPECT_TRUE(*store().ResealDataNode("one", "first", "anew", Soon())); });
  EXPECT_EQ(Snapshot().nodes.at(0).sealed_credentials, "anew");
  ExpectBump(false, [&] { EXPECT_FALSE(*store().ResealDataNode("one", "first", "late", Soon())); });
  ExpectBump(false, [&] { EXPECT_FALSE(*store().ResealDataNode("two", "anew", "x", Soon())); });
  EXPECT_EQ(Snapshot().nodes.at(0).sealed_credentials, "anew");
  EXPECT_EQ(under_test_->Audited().size(), audited);
}

TEST_P(CatalogStoreSuite, ATopicSaysWhenItChangedLast) {
  AddNode("one");
  CreateOk("orders", 1);
  const WallTime before = FindOk("orders").changed_at;
  EXPECT_GT(before.micros, 0);
  Advance(seconds{90});
  ASSERT_TRUE(store().BeginDeleteTopic("orders", Note(), Soon()).ok());
  EXPECT_EQ(FindOk("orders").changed_at.micros - before.micros, 90'000'000);
}

TEST_P(CatalogStoreSuite, AHeartbeatChangesTheCatalogueOnlyWhenTheBrokerDoes) {
  core::Broker broker = MakeBroker(1, 77);
  ExpectBump(true, [&] { EXPECT_TRUE(*Beat(broker)); });
  ExpectBump(false, [&] { EXPECT_FALSE(*Beat(broker)); });
  broker.state = BrokerState::kDraining;
  ExpectBump(true, [&] { EXPECT_TRUE(*Beat(broker)); });
  broker.port = 9999;
  ExpectBump(true, [&] { EXPECT_TRUE(*Beat(broker)); });
  const core::Broker seen = Snapshot().brokers.at(0);
  EXPECT_EQ(seen.id, broker.id);
  EXPECT_EQ(seen.incarnation, 77);
  EXPECT_EQ(seen.state, BrokerState::kDraining);
  EXPECT_EQ(seen.port, 9999);
  EXPECT_EQ(seen.admin_port, 80);
  EXPECT_EQ(seen.version, "1.2");
  EXPECT_GT(seen.started_at.micros, 0);
}

TEST_P(CatalogStoreSuite, SilenceIsMeasuredByTheDatabasesClock) {
  ASSERT_TRUE(Beat(MakeBroker(1, 77)).ok());
  Advance(milliseconds{2'500});
  EXPECT_EQ(BrokerOk(1).silent_for, milliseconds{2'500});
  const WallTime started = BrokerOk(1).broker.started_at;
  ASSERT_TRUE(Beat(MakeBroker(1, 77)).ok());
  EXPECT_EQ(BrokerOk(1).silent_for, milliseconds{0});
  EXPECT_EQ(BrokerOk(1).broker.started_at, started);
}

TEST_P(CatalogStoreSuite, ASecondIncarnationIsFencedWhileTheFirstLives) {
  ASSERT_TRUE(Beat(MakeBroker(1, 7)).ok());
  Advance(kSession);
  ExpectBump(false, [&] { ExpectError(Beat(MakeBroker(1, 8)), ErrorCode::kFenced); });
  ASSERT_TRUE(Beat(MakeBroker(1, 7)).ok());
  Advance(kSession + milliseconds{1});
  const WallTime first_start = BrokerOk(1).broker.started_at;
  ExpectBump(true, [&] { EXPECT_TRUE(*Beat(MakeBroker(1, 8))); });
  EXPECT_GT(BrokerOk(1).broker.started_at, first_start);
  ExpectError(Beat(MakeBroker(1, 7)), ErrorCode::kFenced);
}

TEST_P(CatalogStoreSuite, ARestartAtTheSameAddressNeedNotWait) {
  ASSERT_TRUE(Beat(MakeBroker(1, 7, 9'000)).ok());
  EXPECT_TRUE(*Beat(MakeBroker(1, 8, 9'000)));
  EXPECT_EQ(BrokerOk(1).broker.incarnation, 8);
}

TEST_P(CatalogStoreSuite, AnUnregisteredBrokerIsGone) {
  ASSERT_TRUE(Beat(MakeBroker(1, 7)).ok());
  ExpectBump(false, [&] {
    EXPECT_FALSE(*store().UnregisterBroker(core::BrokerId{1}, 6, Note(), Soon()));
  });
  ExpectBump(true,
             [&] { EXPECT_TRUE(*store().UnregisterBroker(core::BrokerId{1}, 7, Note(), Soon())); });
  EXPECT_FALSE(*store().UnregisterBroker(core::BrokerId{1}, 7, Note(), Soon()));
  EXPECT_TRUE(Snapshot().brokers.empty());
}

TEST_P(CatalogStoreSuite, OnlyTheSilentAreEvictedAndOnlyInTheirIncarnation) {
  for (const int id : {1, 2, 3}) ASSERT_TRUE(Beat(MakeBroker(id, 7)).ok());
  Advance(kSession + milliseconds{1});
  ASSERT_TRUE(Beat(MakeBroker(2, 7)).ok());  // Spoke after the decision.
  ASSERT_TRUE(Beat(MakeBroker(3, 8)).ok());  // Came back.
  const std::vector<core::BrokerSilence> silent = {
      {core::BrokerId{1}, 7, seconds{7}},
      {core::BrokerId{2}, 7, seconds{7}},
      {core::BrokerId{3}, 7, seconds{7}},
      {core::BrokerId{9}, 7, seconds{7}},
  };
  const core::Fence fence = TakeFence("a");
  ExpectBump(true, [&] {
    const auto evicted = store().EvictBrokers(silent, kSession, fence, Soon());
    ASSERT_TRUE(evicted.ok()) << evicted.error().ToString();
    EXPECT_EQ(*evicted, std::vector{core::BrokerId{1}});
  });
  EXPECT_EQ(BrokerOk(1).broker.state, BrokerState::kDead);
  EXPECT_EQ(BrokerOk(2).broker.state, BrokerState::kActive);
  ExpectBump(false,
             [&] { EXPECT_TRUE(store().EvictBrokers(silent, kSession, fence, Soon())->empty()); });
  // Back from the dead, by itself or in a new incarnation.
  ExpectBump(true, [&] { EXPECT_TRUE(*Beat(MakeBroker(1, 7))); });
  EXPECT_EQ(BrokerOk(1).broker.state, BrokerState::kActive);
}

TEST_P(CatalogStoreSuite, AnOldTermOfALeaseEvictsAndForgetsNothing) {
  ASSERT_TRUE(Beat(MakeBroker(1, 7)).ok());
  const core::Fence old = TakeFence("a");
  Advance(kSession + milliseconds{1});
  const core::Fence now = TakeFence("b");
  const std::vector<core::BrokerSilence> silent = {{core::BrokerId{1}, 7, seconds{7}}};
  ExpectError(store().EvictBrokers(silent, kSession, old, Soon()), ErrorCode::kFenced);
  ExpectError(store().EvictBrokers(silent, kSession, {"no-such-lease", now.token}, Soon()),
              ErrorCode::kFenced);
  ExpectError(store().ForgetStale(seconds{1}, old, Soon()), ErrorCode::kFenced);
  EXPECT_EQ(BrokerOk(1).broker.state, BrokerState::kActive);
  EXPECT_EQ(store().EvictBrokers(silent, kSession, now, Soon())->size(), 1u);
}

TEST_P(CatalogStoreSuite, StaleMetaserversAndDeadBrokersAreForgotten) {
  const core::Endpoint old_address{"10.0.0.1", 1};
  const core::Endpoint address{"10.0.0.2", 2};
  ExpectBump(true, [&] { EXPECT_TRUE(*store().RegisterMetaserver(old_address, Soon())); });
  ExpectBump(false, [&] { EXPECT_FALSE(*store().RegisterMetaserver(old_address, Soon())); });
  ASSERT_TRUE(Beat(MakeBroker(1, 7)).ok());
  ASSERT_TRUE(Beat(MakeBroker(2, 7)).ok());
  Advance(seconds{100});
  ASSERT_TRUE(store().RegisterMetaserver(address, Soon()).ok());
  const core::Fence fence = TakeFence("a");
  const std::vector<core::BrokerSilence> silent = {{core::BrokerId{1}, 7, seconds{100}}};
  ASSERT_TRUE(store().EvictBrokers(silent, kSession, fence, Soon()).ok());
  EXPECT_EQ(*store().ForgetStale(seconds{101}, fence, Soon()), 0);
  ExpectBump(true, [&] { EXPECT_EQ(*store().ForgetStale(seconds{99}, fence, Soon()), 2); });
  EXPECT_EQ(Snapshot().metaservers, std::vector{address});
  ASSERT_EQ(Snapshot().brokers.size(), 1u);  // Silent, but nobody declared it dead.
  EXPECT_EQ(Snapshot().brokers[0].id, core::BrokerId{2});
}

}  // namespace lanemq::testing
