#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/store/catalog_store.h"
#include "common/core/store/lease_store.h"
#include "tests/conformance/audit_checks.h"
#include "tests/support/note.h"

namespace lanemq::testing {

/// A store to be tested, empty, on a clock that the test moves.
class CatalogStoreUnderTest {
 public:
  virtual ~CatalogStoreUnderTest() = default;
  virtual core::CatalogStore& store() = 0;
  /// Leases of the same database, for fences.
  virtual core::LeaseStore& leases() = 0;
  virtual void Advance(std::chrono::milliseconds by) = 0;
  /// The audit log, the oldest event first.
  virtual std::vector<core::AuditEvent> Audited() = 0;
};

struct CatalogStoreFactory {
  std::string name;
  std::function<std::unique_ptr<CatalogStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const CatalogStoreFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every CatalogStore must do; the tests are in catalog_store_suite.cc, of the registry in
/// catalog_registry_suite.cc, and of what changes leave in the audit log in catalog_audit_suite.cc.
class CatalogStoreSuite : public ::testing::TestWithParam<CatalogStoreFactory> {
 protected:
  static constexpr std::chrono::milliseconds kSession{6'000};

  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr)
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
    const auto id = store().EnsureCluster("cluster-1", Soon());
    ASSERT_TRUE(id.ok()) << id.error().ToString();
    ASSERT_EQ(*id, "cluster-1");
  }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{20});
  }
  core::CatalogStore& store() { return under_test_->store(); }
  void Advance(std::chrono::milliseconds by) { under_test_->Advance(by); }

  core::CatalogSnapshot Snapshot() {
    auto snapshot = store().LoadSnapshot(Soon());
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    return snapshot.ok() ? *snapshot : core::CatalogSnapshot{};
  }
  std::int64_t Version() {
    const auto version = store().LoadVersion(Soon());
    EXPECT_TRUE(version.ok());
    return version.ok() ? *version : -1;
  }
  /// Runs `change` and expects that it raised the version, or that it did not.
  template <typename F>
  void ExpectBump(bool is_bumped, F&& change) {
    const std::int64_t before = Version();
    change();
    if (is_bumped) {
      EXPECT_GT(Version(), before);
    } else {
      EXPECT_EQ(Version(), before);
    }
  }

  /// What `change` leaves in the audit log.
  template <typename F>
  std::vector<core::AuditEvent> AuditOf(F&& change) {
    const std::size_t known = under_test_->Audited().size();
    change();
    return Behind(known, under_test_->Audited());
  }

  core::DataNode AddNode(const std::string& name, int schemas = 10, int tables = 99) {
    core::DataNode node;
    node.name = name;
    node.host = name + ".example";
    node.port = 3306;
    node.schemas_max = schemas;
    node.tables_per_schema_max = tables;
    const auto added = store().AddDataNode(node, Note(), Soon());
    EXPECT_TRUE(added.ok()) << added.error().ToString();
    return added.ok() ? *added : node;
  }
  static core::Placer PlacerFor(int partitions) {
    return [partitions](std::span<const core::NodeUsage> usage) {
      return core::PlanPlacement(usage, {partitions, {}, {}});
    };
  }
  Result<core::BegunTopic> Begin(const std::string& name, int partitions,
                                 core::TopicConfig config = {}) {
    return store().BeginCreateTopic({name, partitions, std::move(config), "about " + name},
                                    PlacerFor(partitions), Note(), Soon());
  }
  core::TopicRecord BeginOk(const std::string& name, int partitions) {
    const auto begun = Begin(name, partitions);
    EXPECT_TRUE(begun.ok()) << begun.error().ToString();
    return begun.ok() ? begun->record : core::TopicRecord{};
  }
  core::TopicRecord CreateOk(const std::string& name, int partitions) {
    const core::TopicRecord record = BeginOk(name, partitions);
    EXPECT_TRUE(store().MarkPartitionsReady(record.topic.id, partitions, Soon()).ok());
    return FindOk(name);
  }
  core::TopicRecord FindOk(const std::string& name) {
    const auto found = store().FindTopic(name, Soon());
    EXPECT_TRUE(found.ok() && found->has_value()) << name;
    return found.ok() && found->has_value() ? **found : core::TopicRecord{};
  }
  std::set<std::string> Unfinished() {
    std::set<std::string> names;
    const auto topics = store().LoadUnfinishedTopics(Soon());
    EXPECT_TRUE(topics.ok());
    if (topics.ok()) {
      for (const auto& record : *topics) names.insert(record.topic.name);
    }
    return names;
  }
  Result<core::TopicRecord> Grow(const std::string& name, int total) {
    return store().BeginAddPartitions(
        name, total,
        [total](const core::Topic& topic) {
          return PlacerFor(total - static_cast<int>(topic.partitions.size()));
        },
        Note(), Soon());
  }

  static core::Broker MakeBroker(int id, std::int64_t incarnation, int port = 0) {
    core::Broker broker;
    broker.id = core::BrokerId{id};
    broker.incarnation = incarnation;
    broker.host = "10.0.0.1";
    broker.port = port != 0 ? port : static_cast<int>(9'000 + incarnation);
    broker.admin_port = 80;
    broker.version = "1.2";
    return broker;
  }
  Result<bool> Beat(const core::Broker& broker) {
    return store().Heartbeat(broker, kSession, Soon());
  }
  core::BrokerRecord BrokerOk(int id) {
    const auto brokers = store().LoadBrokers(Soon());
    EXPECT_TRUE(brokers.ok());
    if (brokers.ok()) {
      for (const auto& record : *brokers) {
        if (record.broker.id.value == id) return record;
      }
    }
    ADD_FAILURE() << "no broker " << id;
    return {};
  }
  core::Fence TakeFence(const std::string& owner) {
    const auto lease =
        under_test_->leases().Acquire("jobs", owner, std::chrono::seconds{1}, Soon());
    EXPECT_TRUE(lease.ok()) << lease.error().ToString();
    return lease.ok() ? core::Fence{"jobs", lease->token} : core::Fence{};
  }

  template <typename T>
  static void ExpectError(const Result<T>& result, ErrorCode code) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, code) << result.error().ToString();
  }
  static void ExpectError(const Status& status, ErrorCode code) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, code) << status.error().ToString();
  }

  std::unique_ptr<CatalogStoreUnderTest> under_test_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CatalogStoreSuite);

}  // namespace lanemq::testing
