#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/retention/retention_planner.h"
#include "common/core/store/message_store.h"
#include "common/core/store/retention_store.h"

namespace lanemq::testing {

/// A store to be tested, with what it works on.
class RetentionStoreUnderTest {
 public:
  virtual ~RetentionStoreUnderTest() = default;
  virtual core::RetentionStore& store() = 0;
  virtual core::PartitionLocation Location() = 0;
  /// Makes the partition, with the segments of a new one.
  virtual void Create() = 0;
  /// The first row of the empty log will have this offset.
  virtual void StartAt(std::int64_t offset) = 0;
  /// The node's clock.
  virtual WallTime Now() = 0;
  /// Appends `count` rows of about 100 bytes with this timestamp.
  virtual void Append(int count, WallTime at) = 0;
  /// Offsets of the rows that are there.
  virtual std::vector<std::int64_t> Rows() = 0;
  /// A group's commit, made `idle` ago by `member` ('': an explicit reader, or one that has left).
  virtual void Commit(const std::string& group, std::int64_t offset, const std::string& member,
                      std::chrono::hours idle) = 0;
  /// The partition begins, or does not go on, to move to another data node.
  virtual void SetMoving(bool is_moving) = 0;
  /// A term of a lease that is the newest now.
  virtual core::Fence NewTerm() = 0;
  /// What a group has lost in all, as the newest row says.
  virtual std::int64_t LostTotal(const std::string& group) = 0;
  /// How many partition_trims rows there are.
  virtual int Trims() = 0;
};

struct RetentionStoreFactory {
  std::string name;
  std::function<std::unique_ptr<RetentionStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const RetentionStoreFactory& factory, std::ostream* out) {
  *out << factory.name;
}

/// What every RetentionStore must do.
class RetentionStoreSuite : public ::testing::TestWithParam<RetentionStoreFactory> {
 protected:
  using Offset = core::Offset;

  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr)
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
    under_test_->Create();
    now_ = under_test_->Now();
  }

  core::RetentionStore& store() { return under_test_->store(); }
  core::PartitionLocation At() { return under_test_->Location(); }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{30});
  }
  [[nodiscard]] WallTime Ago(std::chrono::microseconds age) const {
    return {now_.micros - age.count()};
  }
  core::RetentionFacts LookOk(const core::RetentionLook& look = {}) {
    const auto facts = store().Look(At(), look, Soon());
    EXPECT_TRUE(facts.ok()) << facts.error().ToString();
    return facts.ok() ? *facts : core::RetentionFacts{};
  }
  std::vector<std::int64_t> Bounds() {
    std::vector<std::int64_t> bounds;
    for (const auto& segment : LookOk().segments) {
      bounds.push_back(segment.bound ? segment.bound->value : -1);
    }
    return bounds;
  }
  core::StartMove To(std::int64_t offset, core::UnreadPolicy unread = core::UnreadPolicy::kWarn) {
    return {.location = At(), .to = Offset{offset}, .unread = unread, .reason = "time"};
  }
  core::StartMoved MoveOk(const core::StartMove& move) {
    const auto moved = store().MoveStart(move, std::nullopt, Soon());
    EXPECT_TRUE(moved.ok()) << moved.error().ToString();
    return moved.ok() ? *moved : core::StartMoved{};
  }
  void SplitOk(std::int64_t bound) {
    const Status done = store().SplitTail(At(), Offset{bound}, 1'000, Soon());
    EXPECT_TRUE(done.ok()) << done.error().ToString();
  }
  std::int64_t DropOk(const std::vector<std::int64_t>& bounds) {
    std::vector<Offset> offsets;
    for (const std::int64_t bound : bounds) offsets.push_back(Offset{bound});
    const auto dropped = store().DropSegments(At(), offsets, Soon());
    EXPECT_TRUE(dropped.ok()) << dropped.error().ToString();
    return dropped.ok() ? *dropped : -1;
  }
  /// "group from-to reason"
  std::vector<std::string> Losses() {
    std::vector<std::string> texts;
    const auto losses = store().Losses(Ago(std::chrono::hours(1)), 1'000, Soon());
    EXPECT_TRUE(losses.ok()) << losses.error().ToString();
    if (!losses.ok()) return texts;
    for (const auto& loss : *losses) {
      EXPECT_EQ(loss.key, At().key);
      texts.push_back(loss.group + " " + std::to_string(loss.from.value) + "-" +
                      std::to_string(loss.to.value) + " " + loss.reason);
    }
    return texts;
  }

  std::unique_ptr<RetentionStoreUnderTest> under_test_;
  WallTime now_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RetentionStoreSuite);

}  // namespace lanemq::testing
