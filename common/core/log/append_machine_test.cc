#include "common/core/log/append_machine.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Runs = std::vector<OffsetRun>;

class AppendMachineTest : public ::testing::Test {
 protected:
  std::vector<AppendEffect> Submit(std::uint64_t id, std::int64_t producer, std::int64_t sequence,
                                   int count = 1) {
    AppendRequest request;
    request.id = AppendRequestId{id};
    request.producer = ProducerId{producer};
    request.base_sequence = sequence;
    request.deadline = times_.now + seconds(30);
    for (int i = 0; i < count; ++i) {
      request.records.push_back(std::make_shared<Record>());
      request.bytes += SizeOf(*request.records.back());
    }
    return Apply(AppendSubmitted{std::move(request)});
  }
  std::vector<AppendEffect> Apply(AppendEvent event) {
    return machine_.Apply(std::move(event), times_);
  }
  TailInfo Tail(std::int64_t end, const std::string& server = "s1", std::int64_t start = 1) {
    TailInfo tail;
    tail.log_start = Offset{start};
    tail.server = server;
    if (end > start) tail.last = Row(end - 1, -9, 0);
    return tail;
  }
  RecordIdentity Row(std::int64_t offset, std::int64_t producer, std::int64_t sequence) {
    return {Offset{offset}, WallTime{50}, ProducerId{producer}, sequence};
  }
  std::vector<RecordIdentity> Others(std::int64_t first, std::int64_t until) {
    std::vector<RecordIdentity> rows;
    for (std::int64_t o = first; o < until; ++o) rows.push_back(Row(o, -9, o));
    return rows;
  }
  // Brings the machine to: log ends at `end`, request 1 of one row is being inserted there.
  void Begin(std::int64_t end) {
    auto effects = Submit(1, 0, 0);
    ASSERT_TRUE(Has<ReadTailEffect>(effects));
    effects = Apply(AppendTailRead{Tail(end)});
    ASSERT_TRUE(Has<LoadSnapshotEffect>(effects));
    effects = Apply(AppendSnapshotLoaded{std::optional<ProducerSnapshot>{}});
    if (end > 1) effects = Apply(AppendIdentitiesRead{Others(1, end)});
    ASSERT_TRUE(Has<InsertRowsEffect>(effects));
    inserted_ = Get<InsertRowsEffect>(effects).rows;
    EXPECT_EQ(inserted_->front()->offset, Offset{end});
  }
  std::vector<AppendEffect> Inserted(Status status = {}) {
    return Apply(AppendRowsInserted{std::move(status)});
  }
  static Error Fail(ErrorCode code) { return {code, "test"}; }
  template <typename T>
  static bool Has(const std::vector<AppendEffect>& effects) {
    for (const auto& effect : effects) {
      if (std::holds_alternative<T>(effect)) return true;
    }
    return false;
  }
  template <typename T>
  static T Get(const std::vector<AppendEffect>& effects) {
    for (const auto& effect : effects) {
      if (std::holds_alternative<T>(effect)) return std::get<T>(effect);
    }
    ADD_FAILURE() << "no such effect";
    return {};
  }

  AppendTimes times_{{seconds(100)}, WallTime{1'000}};
  AppendMachine machine_{{}, ProducerId{-77}, 1};
  std::shared_ptr<const std::vector<RecordPtr>> inserted_;
};

TEST_F(AppendMachineTest, LearnsTheTailThenStoresAndAnswers) {
  Begin(5);
  const auto effects = Inserted();
  EXPECT_EQ(Get<StoredEffect>(effects).rows, inserted_);
  const auto answer = Get<AnswerEffect>(effects);
  EXPECT_EQ(answer.request, AppendRequestId{1});
  EXPECT_EQ(answer.outcome.offsets, (Runs{{Offset{5}, 1}}));
  EXPECT_TRUE(machine_.is_idle());
  EXPECT_EQ(machine_.queue_bytes(), 0u);
}

TEST_F(AppendMachineTest, CollectsWhileAnInsertIsInFlightAndStartsTheNextBeforeAnswering) {
  Begin(1);
  EXPECT_TRUE(Submit(2, 0, 0).empty());
  EXPECT_TRUE(Submit(3, 0, 0).empty());
  const auto effects = Inserted();
  ASSERT_EQ(effects.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<StoredEffect>(effects[0]));
  EXPECT_EQ(std::get<InsertRowsEffect>(effects[1]).rows->size(), 2u);
  EXPECT_TRUE(std::holds_alternative<AnswerEffect>(effects[2]));
}

TEST_F(AppendMachineTest, AfterADuplicateKeyItCatchesUpAndTriesAgain) {
  Begin(1);
  auto effects = Inserted(Fail(ErrorCode::kAlreadyExists));
  EXPECT_EQ(Get<ContentionEffect>(effects).losses_in_a_row, 1);
  EXPECT_EQ(Get<ReadIdentitiesEffect>(effects).from, Offset{1});
  effects = Apply(AppendIdentitiesRead{Others(1, 4)});
  EXPECT_EQ(Get<EndMovedEffect>(effects).end, Offset{4});
  EXPECT_EQ(Get<InsertRowsEffect>(effects).rows->front()->offset, Offset{4});
  effects = Inserted(Fail(ErrorCode::kAlreadyExists));
  effects = Apply(AppendIdentitiesRead{Others(4, 5)});
  EXPECT_FALSE(Has<InsertRowsEffect>(effects)) << "losing again means waiting a little";
  times_.now = *machine_.NextDeadline();
  EXPECT_TRUE(Has<InsertRowsEffect>(machine_.Tick(times_)));
  EXPECT_EQ(Get<AnswerEffect>(Inserted()).outcome.offsets, (Runs{{Offset{5}, 1}}));
}

TEST_F(AppendMachineTest, ASequenceGapIsRefusedOnlyOnKnowledgeYoungerThanTheRequest) {
  Begin(1);
  Inserted();
  times_.now = times_.now + milliseconds(5);
  EXPECT_TRUE(Submit(2, 7, 3).empty()) << "the missing ones may be on their way";
  times_.now = *machine_.NextDeadline();
  auto effects = machine_.Tick(times_);
  EXPECT_EQ(Get<ReadIdentitiesEffect>(effects).from, Offset{2});
  effects = Apply(
      AppendIdentitiesRead{std::vector<RecordIdentity>{Row(2, 7, 0), Row(3, 7, 1), Row(4, 7, 2)}});
  EXPECT_EQ(Get<InsertRowsEffect>(effects).rows->front()->offset, Offset{5});
  Inserted();
  times_.now = times_.now + milliseconds(5);
  EXPECT_TRUE(Submit(3, 7, 5).empty());
  times_.now = *machine_.NextDeadline();
  EXPECT_TRUE(Has<ReadIdentitiesEffect>(machine_.Tick(times_)));
  EXPECT_TRUE(Apply(AppendIdentitiesRead{std::vector<RecordIdentity>{}}).empty());
  times_.now = *machine_.NextDeadline();
  EXPECT_TRUE(Has<ReadIdentitiesEffect>(machine_.Tick(times_))) << "once more before a refusal";
  effects = Apply(AppendIdentitiesRead{std::vector<RecordIdentity>{}});
  EXPECT_EQ(Get<AnswerEffect>(effects).outcome.error->code, ErrorCode::kOutOfOrderSequence);
}

TEST_F(AppendMachineTest, BatchesThatOvertookEachOtherAreStoredInOrder) {
  Begin(1);
  Submit(4, 7, 4, 2);
  Submit(3, 7, 2, 2);
  auto effects = Inserted();
  EXPECT_FALSE(Has<InsertRowsEffect>(effects));
  effects = Submit(2, 7, 0, 2);
  EXPECT_EQ(Get<InsertRowsEffect>(effects).rows->size(), 2u);
  effects = Inserted();
  EXPECT_EQ(Get<InsertRowsEffect>(effects).rows->front()->sequence, 2);
  effects = Inserted();
  EXPECT_EQ(Get<InsertRowsEffect>(effects).rows->front()->sequence, 4);
  effects = Inserted();
  EXPECT_EQ(Get<AnswerEffect>(effects).request, AppendRequestId{4});
  EXPECT_TRUE(machine_.is_idle());
}

TEST_F(AppendMachineTest, WhatAnotherBrokerStoredMeanwhileIsADuplicate) {
  Begin(1);
  Inserted();
  Submit(2, 7, 0);
  Inserted(Fail(ErrorCode::kAlreadyExists));
  const auto effects = Apply(AppendIdentitiesRead{std::vector<RecordIdentity>{Row(2, 7, 0)}});
  EXPECT_TRUE(Get<AnswerEffect>(effects).outcome.is_duplicate);
  EXPECT_EQ(Get<AnswerEffect>(effects).outcome.offsets, (Runs{{Offset{2}, 1}}));
}

TEST_F(AppendMachineTest, ALostReplyIsReadBackAndRecognisedByItsOwnIdentity) {
  Begin(3);
  auto effects = Inserted(Fail(ErrorCode::kOutcomeUnknown));
  EXPECT_TRUE(Has<ReadTailEffect>(effects));
  effects = Apply(AppendTailRead{Tail(5)});
  EXPECT_EQ(Get<ReadIdentitiesEffect>(effects).from, Offset{3});
  effects = Apply(AppendIdentitiesRead{
      std::vector<RecordIdentity>{Row(3, -77, inserted_->front()->sequence), Row(4, -9, 1)}});
  const auto answer = Get<AnswerEffect>(effects);
  EXPECT_FALSE(answer.outcome.error);
  EXPECT_EQ(answer.outcome.offsets, (Runs{{Offset{3}, 1}}));
  EXPECT_FALSE(Has<InsertRowsEffect>(effects));
  EXPECT_TRUE(machine_.is_idle());
}

TEST_F(AppendMachineTest, ALostReplyThatIsNotThereIsWrittenAgainAtTheSameOffset) {
  Begin(3);
  Inserted(Fail(ErrorCode::kOutcomeUnknown));
  auto effects = Apply(AppendTailRead{Tail(3)});
  EXPECT_EQ(Get<InsertRowsEffect>(effects).rows->front()->offset, Offset{3});
  // The first insert takes effect after all: the key is in the way, and the row is ours.
  Inserted(Fail(ErrorCode::kAlreadyExists));
  effects = Apply(
      AppendIdentitiesRead{std::vector<RecordIdentity>{Row(3, -77, inserted_->front()->sequence)}});
  EXPECT_EQ(Get<AnswerEffect>(effects).outcome.offsets, (Runs{{Offset{3}, 1}}));
  EXPECT_TRUE(machine_.is_idle());
}

TEST_F(AppendMachineTest, WhatStaysInDoubtIsAnsweredAsSuchAndTheRestFailsAtOnce) {
  Begin(3);
  Submit(2, 0, 0);
  Inserted(Fail(ErrorCode::kOutcomeUnknown));
  auto effects = Apply(AppendTailRead{Fail(ErrorCode::kDataNodeUnavailable)});
  auto answer = Get<AnswerEffect>(effects);
  EXPECT_EQ(answer.request, AppendRequestId{2});
  EXPECT_EQ(answer.outcome.error->code, ErrorCode::kDataNodeUnavailable);
  times_.now = times_.now + seconds(31);
  effects = machine_.Tick(times_);
  answer = Get<AnswerEffect>(effects);
  EXPECT_EQ(answer.request, AppendRequestId{1});
  EXPECT_EQ(answer.outcome.error->code, ErrorCode::kOutcomeUnknown);
}

TEST_F(AppendMachineTest, WhenNothingWasDoneEverybodyIsToldSo) {
  Begin(3);
  Submit(2, 0, 0);
  const auto effects = Inserted(Fail(ErrorCode::kDataNodeUnavailable));
  EXPECT_EQ(effects.size(), 2u);
  EXPECT_TRUE(machine_.is_idle());
  EXPECT_TRUE(Has<InsertRowsEffect>(Submit(3, 0, 0))) << "the tail is still known";
}

TEST_F(AppendMachineTest, AFullQueueIsThrottledWithARetryTime) {
  AppendMachineOptions options;
  options.queue_requests_max = 2;
  AppendMachine machine(options, ProducerId{-1}, 1);
  auto submit = [&](std::uint64_t id) {
    AppendRequest request;
    request.id = AppendRequestId{id};
    request.records.push_back(std::make_shared<Record>());
    request.deadline = times_.now + seconds(1);
    return machine.Apply(AppendSubmitted{std::move(request)}, times_);
  };
  submit(1);
  submit(2);
  const auto answer = Get<AnswerEffect>(submit(3));
  EXPECT_EQ(answer.outcome.error->code, ErrorCode::kThrottled);
  EXPECT_GT(answer.outcome.error->retry_after_ms, 0);
  EXPECT_EQ(machine.queue_requests(), 2u);
}

TEST_F(AppendMachineTest, WhatHasNotBegunExpires) {
  Begin(1);
  Submit(2, 0, 0);
  EXPECT_EQ(machine_.NextDeadline(), times_.now + seconds(30));
  times_.now = times_.now + seconds(30);
  const auto effects = machine_.Tick(times_);
  ASSERT_EQ(effects.size(), 1u) << "request 1 is being written and waits for that";
  const auto answer = Get<AnswerEffect>(effects);
  EXPECT_EQ(answer.request, AppendRequestId{2});
  EXPECT_EQ(answer.outcome.error->code, ErrorCode::kRequestTimedOut);
}

TEST_F(AppendMachineTest, OldKnowledgeIsReadAgainBeforeAWrite) {
  Begin(1);
  Inserted();
  times_.now = times_.now + seconds(19);
  EXPECT_TRUE(Has<InsertRowsEffect>(Submit(2, 0, 0)));
  Inserted();
  times_.now = times_.now + seconds(20);
  EXPECT_TRUE(Has<ReadTailEffect>(Submit(3, 0, 0)));
  // Meanwhile others wrote and retention removed all but the newest row.
  auto effects = Apply(AppendTailRead{Tail(901, "s1", 900)});
  EXPECT_TRUE(Has<LoadSnapshotEffect>(effects));
  effects = Apply(AppendSnapshotLoaded{std::optional<ProducerSnapshot>{}});
  EXPECT_EQ(Get<ReadIdentitiesEffect>(effects).from, Offset{900});
  effects = Apply(AppendIdentitiesRead{Others(900, 901)});
  EXPECT_EQ(Get<InsertRowsEffect>(effects).rows->front()->offset, Offset{901});
  EXPECT_FALSE(Has<DataLossEffect>(effects));
}

TEST_F(AppendMachineTest, AnotherServerWithAShorterLogIsDataLoss) {
  Begin(10);
  Inserted();
  Submit(2, 0, 0);
  Inserted(Fail(ErrorCode::kFenced));
  times_.now = *machine_.NextDeadline();
  EXPECT_TRUE(Has<ReadTailEffect>(machine_.Tick(times_)));
  auto effects = Apply(AppendTailRead{Tail(8, "s2")});
  EXPECT_EQ(Get<DataLossEffect>(effects).first, Offset{8});
  EXPECT_EQ(Get<DataLossEffect>(effects).last, Offset{10});
  EXPECT_EQ(Get<ForgetEffect>(effects).end, Offset{8});
  Apply(AppendSnapshotLoaded{std::optional<ProducerSnapshot>{}});
  effects = Apply(AppendIdentitiesRead{Others(1, 8)});
  EXPECT_EQ(Get<InsertRowsEffect>(effects).rows->front()->offset, Offset{8});
  EXPECT_EQ(Get<InsertRowsEffect>(effects).server, "s2");
}

TEST_F(AppendMachineTest, AHoleIsReportedOnceAndOnlyWhenRetentionDidNotMakeIt) {
  Begin(1);
  Inserted(Fail(ErrorCode::kAlreadyExists));
  const std::vector<RecordIdentity> rows = {Row(4, -9, 4)};
  EXPECT_TRUE(Has<ReadTailEffect>(Apply(AppendIdentitiesRead{rows})));
  EXPECT_TRUE(Has<ReadIdentitiesEffect>(Apply(AppendTailRead{Tail(5)})));
  auto effects = Apply(AppendIdentitiesRead{rows});
  EXPECT_EQ(Get<DataLossEffect>(effects).first, Offset{1});
  EXPECT_EQ(Get<DataLossEffect>(effects).last, Offset{3});
  EXPECT_EQ(Get<ReadIdentitiesEffect>(effects).from, Offset{4});
  effects = Apply(AppendIdentitiesRead{rows});
  EXPECT_FALSE(Has<DataLossEffect>(effects));
  EXPECT_EQ(Get<InsertRowsEffect>(effects).rows->front()->offset, Offset{5});
}

TEST_F(AppendMachineTest, ASnapshotBoundsTheScanAndKeepsTheOriginalOffsets) {
  Producers producers;
  producers.Note(ProducerId{7}, {0, 3, Offset{1}});
  Submit(1, 7, 1, 2);
  Apply(AppendTailRead{Tail(1'001)});
  auto effects =
      Apply(AppendSnapshotLoaded{std::optional(ProducerSnapshot{Offset{998}, producers.Encode()})});
  EXPECT_EQ(Get<ReadIdentitiesEffect>(effects).from, Offset{999});
  effects = Apply(AppendIdentitiesRead{Others(999, 1'001)});
  EXPECT_TRUE(Get<AnswerEffect>(effects).outcome.is_duplicate);
  EXPECT_EQ(Get<AnswerEffect>(effects).outcome.offsets, (Runs{{Offset{2}, 2}}));
}

TEST_F(AppendMachineTest, ASnapshotBeyondTheEndIsDataLossOnlyIfTheLogDoesNotReachIt) {
  const auto snapshot = std::optional(ProducerSnapshot{Offset{20}, Producers().Encode()});
  Submit(1, 0, 0);
  Apply(AppendTailRead{Tail(10)});
  EXPECT_TRUE(Has<ReadTailEffect>(Apply(AppendSnapshotLoaded{snapshot}))) << "others may write";
  Apply(AppendTailRead{Tail(20)});
  const auto effects = Apply(AppendSnapshotLoaded{snapshot});
  EXPECT_EQ(Get<DataLossEffect>(effects).first, Offset{20});
  EXPECT_EQ(Get<DataLossEffect>(effects).last, Offset{20});
}

TEST_F(AppendMachineTest, AfterFailoverAnInsertInDoubtIsLookedForBelowTheSnapshot) {
  Begin(3);
  Inserted(Fail(ErrorCode::kOutcomeUnknown));
  Apply(AppendTailRead{Tail(9, "s2")});
  auto effects =
      Apply(AppendSnapshotLoaded{std::optional(ProducerSnapshot{Offset{7}, Producers().Encode()})});
  EXPECT_EQ(Get<ReadIdentitiesEffect>(effects).from, Offset{3});
  auto rows = Others(3, 9);
  rows[0] = Row(3, -77, inserted_->front()->sequence);
  effects = Apply(AppendIdentitiesRead{rows});
  EXPECT_EQ(Get<AnswerEffect>(effects).outcome.offsets, (Runs{{Offset{3}, 1}}));
}

TEST_F(AppendMachineTest, SavesASnapshotEveryFewRows) {
  AppendMachineOptions options;
  options.snapshot_every_rows = 5;
  AppendMachine machine(options, ProducerId{-1}, 1);
  int snapshots = 0;
  std::vector<AppendEffect> effects;
  for (std::uint64_t i = 0; i < 10; ++i) {
    AppendRequest request;
    request.id = AppendRequestId{i};
    request.deadline = times_.now + seconds(1);
    request.records.push_back(std::make_shared<Record>());
    effects = machine.Apply(AppendSubmitted{std::move(request)}, times_);
    if (i == 0) {
      machine.Apply(AppendTailRead{Tail(1)}, times_);
      machine.Apply(AppendSnapshotLoaded{std::optional<ProducerSnapshot>{}}, times_);
    }
    effects = machine.Apply(AppendRowsInserted{}, times_);
    if (Has<SaveSnapshotEffect>(effects)) {
      ++snapshots;
      EXPECT_EQ(Get<SaveSnapshotEffect>(effects).snapshot.through,
                Offset{static_cast<std::int64_t>(i + 1)});
    }
  }
  EXPECT_EQ(snapshots, 2);
}

}  // namespace
}  // namespace lanemq::core
