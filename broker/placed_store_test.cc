#include "broker/placed_store.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "tests/conformance/fake_message_store.h"

namespace lanemq::broker {
namespace {

using core::Offset;
using lanemq::testing::FakeMessageStore;
using lanemq::testing::StoreCall;
using std::chrono::milliseconds;

class TestClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override { return now; }
  [[nodiscard]] WallTime WallNow() const override { return {}; }
  MonotonicTime now{std::chrono::seconds(100)};
};

class PlacedStoreTest : public ::testing::Test {
 protected:
  PlacedStoreTest() { EXPECT_TRUE(fake_.CreatePartition(at_, "t", {}).ok()); }

  std::vector<core::RecordPtr> Row(std::int64_t offset) {
    auto record = std::make_shared<core::Record>();
    record->offset = Offset{offset};
    return {std::move(record)};
  }
  /// The error of every call for a place, each of which fails.
  std::vector<ErrorCode> AskAll(const core::PartitionLocation& at) {
    return {store_.Append(at, Row(1), fake_.server(), {}).error().code,
            store_.ReadTail(at, {}).error().code,
            store_.ReadIdentities(at, Offset{1}, 1, {}).error().code,
            store_.Read(at, Offset{1}, {}, {}).error().code,
            store_.FindByTime(at, WallTime{0}, {}).error().code,
            store_.LoadProducerSnapshot(at, {}).error().code,
            store_.SaveProducerSnapshot(at, {}, {}).error().code};
  }

  const core::PartitionLocation at_{{core::TopicId{1}, 0}, core::NodeId{1}, 0};
  FakeMessageStore fake_;
  TestClock clock_;
  bool is_active_ = true;
  int refreshes_ = 0;
  PlacedStore store_{fake_,
                     {.is_active = [this](const core::PartitionKey&) { return is_active_; },
                      .refresh = [this] { ++refreshes_; },
                      .refresh_every = milliseconds(200)},
                     clock_};
};

TEST_F(PlacedStoreTest, WhatIsThereIsPassedOn) {
  EXPECT_TRUE(store_.Append(at_, Row(1), fake_.server(), {}).ok());
  EXPECT_EQ(store_.ReadTail(at_, {})->End(), Offset{2});
  fake_.FailNext(StoreCall::kAppend, {.code = ErrorCode::kOutcomeUnknown});
  EXPECT_EQ(store_.Append(at_, Row(2), fake_.server(), {}).error().code, ErrorCode::kOutcomeUnknown)
      << "a doubt stays one";
  EXPECT_EQ(refreshes_, 0);
}

TEST_F(PlacedStoreTest, APlaceThatThePartitionHasLeftIsToBeTriedAgain) {
  fake_.Seal(at_);
  for (const ErrorCode code : AskAll(at_)) EXPECT_EQ(code, ErrorCode::kDataNodeUnavailable);
  EXPECT_GT(store_.ReadTail(at_, {}).error().retry_after_ms, 0);
}

TEST_F(PlacedStoreTest, ATopicThatIsGoneIsUnknown) {
  fake_.Seal(at_);
  is_active_ = false;
  for (const ErrorCode code : AskAll(at_)) EXPECT_EQ(code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(refreshes_, 0);
}

TEST_F(PlacedStoreTest, ANewerCatalogueIsAskedForNowAndThenOnly) {
  fake_.Seal(at_);
  for (int i = 0; i < 10; ++i) (void)AskAll(at_);
  EXPECT_EQ(refreshes_, 1);
  clock_.now = clock_.now + milliseconds(199);
  (void)AskAll(at_);
  EXPECT_EQ(refreshes_, 1);
  clock_.now = clock_.now + milliseconds(1);
  (void)AskAll(at_);
  EXPECT_EQ(refreshes_, 2);
  clock_.now = clock_.now + milliseconds(200);
  EXPECT_TRUE(store_.ReadEnds({&at_, 1}, {})->empty());
  EXPECT_EQ(refreshes_, 3) << "an end that is left out is a sign as well";
}

}  // namespace
}  // namespace lanemq::broker
