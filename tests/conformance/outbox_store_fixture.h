#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/store/outbox_admin.h"
#include "common/core/store/outbox_store.h"
#include "tests/conformance/fake_outbox_store.h"

namespace lanemq::testing {

using NewOutboxRow = FakeOutboxStore::NewRow;

/// A business transaction that has inserted rows and stays open until told.
class OpenInsert {
 public:
  virtual ~OpenInsert() = default;
  [[nodiscard]] virtual std::int64_t id() const = 0;
  virtual void Commit() = 0;
  virtual void RollBack() = 0;
};

/// An outbox to be tested, with the business that fills it and the clock of its database.
class OutboxUnderTest {
 public:
  virtual ~OutboxUnderTest() = default;
  virtual core::OutboxStore& store() = 0;
  /// That of another relay.
  virtual core::OutboxStore& other() = 0;
  /// One that keeps what is published, from now on.
  virtual core::OutboxStore& archiving() = 0;
  virtual core::OutboxAdmin& admin() = 0;
  virtual std::int64_t Insert(const NewOutboxRow& row) = 0;
  virtual std::unique_ptr<OpenInsert> InsertUncommitted(const NewOutboxRow& row) = 0;
  virtual void Advance(std::chrono::microseconds by) = 0;
};

struct OutboxFactory {
  std::string name;
  std::function<std::unique_ptr<OutboxUnderTest>(std::string* why)> make;
};

inline void PrintTo(const OutboxFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every OutboxStore and its OutboxAdmin must do.
class OutboxStoreSuite : public ::testing::TestWithParam<OutboxFactory> {
 protected:
  using Ids = std::vector<std::int64_t>;
  static constexpr std::chrono::seconds kTtl{10};

  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr) {
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
    }
    for (std::int32_t bucket = 0; bucket < core::kOutboxBuckets; ++bucket) all_.push_back(bucket);
  }

  core::OutboxStore& store() { return under_test_->store(); }
  core::OutboxAdmin& admin() { return under_test_->admin(); }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{30});
  }

  core::OutboxSession OpenOk(const std::string& name = "relay") {
    const auto session = store().Open(name, "", kTtl, Soon());
    EXPECT_TRUE(session.ok()) << session.error().ToString();
    return session.ok() ? *session : core::OutboxSession{};
  }
  std::int64_t Insert(const std::optional<std::string>& key, const std::string& body,
                      const std::string& topic = "t") {
    return under_test_->Insert({topic, key, body, {}, {}, 0});
  }
  std::vector<core::OutboxMessage> ReadAll(core::OutboxReadLimits limits = {},
                                           std::int32_t first = 0) {
    const auto read = store().Read(all_, first, limits, Soon());
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    return read.ok() ? *read : std::vector<core::OutboxMessage>{};
  }
  static Ids IdsOf(const std::vector<core::OutboxMessage>& messages) {
    Ids ids;
    for (const auto& message : messages) ids.push_back(message.id);
    return ids;
  }
  static std::vector<std::int32_t> BucketsOf(const std::vector<core::OutboxMessage>& messages) {
    std::vector<std::int32_t> buckets;
    for (const auto& message : messages) buckets.push_back(message.bucket);
    return buckets;
  }
  void CommitOk(const core::OutboxSession& session, const core::OutboxChange& change) {
    const Status done = store().Commit(session, change, Soon());
    EXPECT_TRUE(done.ok()) << done.error().ToString();
  }
  void Publish(core::OutboxStore& on, const core::OutboxSession& session, const Ids& ids) {
    core::OutboxChange change;
    change.published = ids;
    const Status done = on.Commit(session, change, Soon());
    EXPECT_TRUE(done.ok()) << done.error().ToString();
  }
  void Bury(const core::OutboxSession& session, const Ids& ids) {
    core::OutboxChange change;
    for (const std::int64_t id : ids) change.dead.push_back({id, 3, "refused"});
    CommitOk(session, change);
  }
  void Hold(const core::OutboxSession& session, const core::OutboxHoldKey& key, const Ids& ids) {
    core::OutboxChange change;
    change.held = ids;
    change.holds.push_back({key, 1, std::chrono::seconds{1}, {}, "no"});
    CommitOk(session, change);
  }
  static core::OutboxHoldKey KeyHold(const std::string& key, const std::string& topic = "t") {
    return {FakeOutboxStore::BucketOf(key, {}), topic, key, std::nullopt, std::nullopt};
  }
  Ids Held(const core::OutboxHoldKey& hold, std::int64_t after = 0) {
    const auto read = store().ReadHeld(hold, after, {}, Soon());
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    return read.ok() ? IdsOf(*read) : Ids{};
  }
  std::vector<core::OutboxHold> Holds() {
    const auto read = store().ReadHolds(all_, 1'000, Soon());
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    return read.ok() ? *read : std::vector<core::OutboxHold>{};
  }
  core::OutboxStats Stats() {
    const auto stats = store().Stats(Soon());
    EXPECT_TRUE(stats.ok()) << stats.error().ToString();
    return stats.ok() ? *stats : core::OutboxStats{};
  }
  Ids Listed(core::OutboxState state, const std::optional<std::string>& topic = {}) {
    const auto listed = admin().List(state, topic, 0, 1'000, Soon());
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    return listed.ok() ? IdsOf(*listed) : Ids{};
  }
  static core::OutboxPlan PlanOf(const Ids& ids) {
    return {{core::OutboxGroup{"t", 2, false, core::ProducerId{77}, 40, ids}}};
  }
  static void ExpectFenced(const Status& status) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kFenced) << status.error().ToString();
  }
  template <typename T>
  static void ExpectFenced(const Result<T>& result) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::kFenced) << result.error().ToString();
  }

  std::unique_ptr<OutboxUnderTest> under_test_;
  std::vector<std::int32_t> all_;  ///< Every bucket.
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(OutboxStoreSuite);

}  // namespace lanemq::testing
