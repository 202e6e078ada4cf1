#include "tests/checker/checker.h"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::checker {
namespace {

using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

// Each look is one nanosecond later.
class StepClock final : public Clock {
 public:
  MonotonicTime Now() const override { return {std::chrono::nanoseconds{++now_}}; }
  WallTime WallNow() const override { return {now_}; }

 private:
  mutable std::int64_t now_ = 0;
};

// Histories are told as a story: send, read, commit, in this order. One partition unless said.
class CheckerTest : public ::testing::Test {
 protected:
  MessageId Begin(ProducerLog& producer, std::int32_t partition = 0, std::int32_t key = -1) {
    const MessageId id = producer.Next();
    producer.Begin(id, partition, key, MakeBody(id, 20));
    return id;
  }
  MessageId Acked(ProducerLog& producer, std::int64_t offset, std::int32_t partition = 0,
                  std::int32_t key = -1) {
    const MessageId id = Begin(producer, partition, key);
    producer.Acked(id, partition, offset);
    return id;
  }
  static void Saw(ReaderLog& reader, MessageId id, std::int64_t offset,
                  std::int32_t partition = 0) {
    reader.Saw(partition, offset, offset * 10, MakeBody(id, 20));
  }
  // A complete reader that sees these at 1, 2, ...
  ReaderLog& Drain(const std::vector<MessageId>& ids, std::int32_t partition = 0) {
    ReaderLog& reader = history_.AddReader("drain");
    reader.StartAt(partition, 1);
    std::int64_t offset = 0;
    for (const MessageId& id : ids) Saw(reader, id, ++offset, partition);
    reader.MarkComplete();
    return reader;
  }
  Report Judge(CheckOptions options = {}) { return Check(history_, options); }
  // Exactly these rules are broken, and the report says so with this text.
  void ExpectOnly(Rule rule, const std::string& text, CheckOptions options = {}) {
    const Report report = Judge(options);
    EXPECT_THAT(report.counts, UnorderedElementsAre(Key(rule))) << report.ToString();
    EXPECT_THAT(report.ToString(), HasSubstr(std::string(NameOf(rule)))) << report.ToString();
    EXPECT_THAT(report.ToString(), HasSubstr(text)) << report.ToString();
  }

  StepClock clock_;
  History history_{clock_};
  ProducerLog& a_ = history_.AddProducer();
  ProducerLog& b_ = history_.AddProducer();
};

TEST_F(CheckerTest, SoundHistoryPasses) {
  ReaderLog& tail = history_.AddReader("tail", "g");
  tail.StartAt(0, 1);
  const MessageId a0 = Acked(a_, 1);
  const MessageId b0 = Begin(b_);  // Its answer gets lost, and it is stored.
  b_.Unknown(b0);
  Saw(tail, a0, 1);
  Saw(tail, b0, 2);
  tail.CommitAcked(tail.CommitBegun(0, 3));
  tail.Observed(0, 3, clock_.Now());
  const MessageId a1 = Begin(a_);
  a_.Failed(a1);
  const MessageId a2 = Acked(a_, 3);
  const MessageId never_answered = Begin(b_);
  static_cast<void>(never_answered);
  tail.StartAt(0, 3);
  Saw(tail, a2, 3);
  Drain({a0, b0, a2});
  const Report report = Judge();
  EXPECT_TRUE(report.ok()) << report.ToString();
  EXPECT_EQ(report.sent, 5);
  EXPECT_EQ(report.acked, 2);
  EXPECT_EQ(report.failed, 1);
  EXPECT_EQ(report.unknown, 2);
  EXPECT_EQ(report.unknown_stored, 1);
  EXPECT_EQ(report.log_length, 3);
  EXPECT_THAT(report.ToString(), HasSubstr("sound: sent 5"));
}

TEST_F(CheckerTest, CatchesLost) {
  const MessageId a0 = Acked(a_, 1);
  Acked(b_, 2);
  Drain({a0});
  ExpectOnly(Rule::kLost, "p1#0: acknowledged at partition 0 offset 2, never given to drain");
}

TEST_F(CheckerTest, CatchesLossOfAMessageWhosePlaceNobodyKnows) {
  const MessageId a0 = Acked(a_, 1);
  Acked(b_, -1);
  Drain({a0});
  ExpectOnly(Rule::kLost, "p1#0");
}

TEST_F(CheckerTest, CatchesAMissingDrain) {
  ReaderLog& reader = history_.AddReader("tail");
  reader.StartAt(0, 1);
  Saw(reader, Acked(a_, 1), 1);
  ExpectOnly(Rule::kUndrained, "no complete reader");
}

TEST_F(CheckerTest, CatchesASkippedRow) {
  ReaderLog& tail = history_.AddReader("tail");
  tail.StartAt(0, 1);
  const MessageId a0 = Acked(a_, 1);
  Saw(tail, a0, 1);
  const MessageId b0 = Acked(b_, 3);  // Visible before the row below it.
  Saw(tail, b0, 3);
  const MessageId a1 = Begin(a_);
  a_.Unknown(a1);
  Drain({a0, a1, b0});
  ExpectOnly(Rule::kSkipped, "tail: partition 0 offset 2 (p0#1) was passed by: it was given 3");
}

TEST_F(CheckerTest, CatchesASkipBetweenStartAndFirstRow) {
  ReaderLog& tail = history_.AddReader("tail");
  tail.StartAt(0, 1);
  const MessageId a0 = Acked(a_, 1);
  const MessageId a1 = Acked(a_, 2);
  Saw(tail, a1, 2);
  Drain({a0, a1});
  ExpectOnly(Rule::kSkipped, "offset 1 (p0#0) was passed by");
}

TEST_F(CheckerTest, CatchesARowBelowWhatWasRead) {
  ReaderLog& tail = history_.AddReader("tail");
  tail.StartAt(0, 1);
  const MessageId a0 = Acked(a_, 1);
  const MessageId a1 = Acked(a_, 2);
  Saw(tail, a1, 2);
  Saw(tail, a0, 1);
  Drain({a0, a1});
  ExpectOnly(Rule::kBackwards, "tail: partition 0 offset 1 after 2");
}

TEST_F(CheckerTest, CatchesRepetitionWithinASessionOnly) {
  ReaderLog& tail = history_.AddReader("tail");
  tail.StartAt(0, 1);
  const MessageId a0 = Acked(a_, 1);
  Saw(tail, a0, 1);
  tail.StartAt(0, 1);
  Saw(tail, a0, 1);  // After a seek: allowed.
  Drain({a0});
  EXPECT_TRUE(Judge().ok()) << Judge().ToString();
  Saw(tail, a0, 1);
  ExpectOnly(Rule::kBackwards, "offset 1 after 1");
}

TEST_F(CheckerTest, CatchesHoles) {
  const MessageId a0 = Acked(a_, 1);
  const MessageId a1 = Acked(a_, 4);
  ReaderLog& drain = Drain({a0});
  Saw(drain, a1, 4);
  ExpectOnly(Rule::kHole, "partition 0 offset 2 to 3: nothing there, but p0#1 is at 4");
  EXPECT_TRUE(Judge({.offsets_are_dense = false}).ok());
}

TEST_F(CheckerTest, CatchesAHoleAtTheStart) {
  const MessageId a0 = Acked(a_, 2);
  ReaderLog& drain = Drain({});
  Saw(drain, a0, 2);
  ExpectOnly(Rule::kHole, "offset 1 to 1");
  EXPECT_TRUE(Judge({.log_start = 2}).ok());
}

TEST_F(CheckerTest, CatchesDuplicates) {
  const MessageId a0 = Acked(a_, 1);
  Drain({a0, a0});
  ExpectOnly(Rule::kDuplicate, "p0#0: partition 0 offset 1 and partition 0 offset 2 (2 places)");
  EXPECT_TRUE(Judge({.is_idempotent = false}).ok());
}

TEST_F(CheckerTest, CatchesADuplicateInAnotherPartition) {
  const MessageId a0 = Begin(a_, 0);
  a_.Unknown(a0);
  Drain({a0}, 0);
  Drain({a0}, 1);
  ExpectOnly(Rule::kDuplicate, "partition 0 offset 1 and partition 1 offset 1");
}

TEST_F(CheckerTest, CatchesTwoContentsAtOneOffset) {
  const MessageId a0 = Begin(a_);
  const MessageId b0 = Begin(b_);
  Drain({a0, b0});
  ReaderLog& other = history_.AddReader("other");
  other.StartAt(0, 1);
  Saw(other, b0, 1);
  const Report report = Judge();
  EXPECT_EQ(report.CountOf(Rule::kInconsistent), 1);
  EXPECT_THAT(report.ToString(), HasSubstr("offset 1: p0#0 (by drain) and p1#0 (by other)"));
}

TEST_F(CheckerTest, CatchesTwoAcknowledgementsOfOneOffset) {
  const MessageId a0 = Acked(a_, 1);
  Acked(b_, 1);
  Drain({a0});
  const Report report = Judge();
  EXPECT_EQ(report.CountOf(Rule::kInconsistent), 1) << report.ToString();
  EXPECT_EQ(report.CountOf(Rule::kLost), 1);
}

TEST_F(CheckerTest, CatchesAlteredBytes) {
  const MessageId a0 = Begin(a_);
  ReaderLog& drain = Drain({});
  std::string body = MakeBody(a0, 20);
  body.back() ^= 1;
  drain.Saw(0, 1, 10, body);
  ExpectOnly(Rule::kAltered, "p0#0 has other bytes than were sent, read by drain");
}

TEST_F(CheckerTest, CatchesPhantoms) {
  Drain({MessageId{.producer = 1, .number = 7}});
  ExpectOnly(Rule::kPhantom, "offset 1: p1#7 was never sent");
  ReaderLog& drain = Drain({});
  drain.Saw(0, 2, 20, "not a message of ours");
  EXPECT_EQ(Judge().CountOf(Rule::kPhantom), 2);
}

TEST_F(CheckerTest, CatchesAbortedReads) {
  const MessageId a0 = Begin(a_);
  a_.Failed(a0);
  Drain({a0});
  ExpectOnly(Rule::kAbortedRead, "p0#0 was answered as not stored");
}

TEST_F(CheckerTest, CatchesAWrongAcknowledgement) {
  const MessageId a0 = Acked(a_, 2);
  const MessageId b0 = Begin(b_);
  Drain({a0, b0});
  const Report report = Judge();
  EXPECT_EQ(report.CountOf(Rule::kWrongAck), 1);
  EXPECT_THAT(report.ToString(),
              HasSubstr("acknowledged at partition 0 offset 2, read at partition 0 offset 1"));
}

TEST_F(CheckerTest, CatchesKeysOutOfOrder) {
  const MessageId first = Begin(a_, 0, 5);
  const MessageId second = Begin(a_, 0, 5);
  const MessageId other_key = Begin(a_, 0, 6);
  Drain({other_key, second, first});
  ExpectOnly(Rule::kKeyOrder, "offset 3: p0#0 of key 5, but p0#1 is at 2");
  EXPECT_TRUE(Judge({.keys_are_ordered = false}).ok());
}

TEST_F(CheckerTest, CatchesAnOffsetBelowAnEarlierAcknowledgement) {
  const MessageId a0 = Acked(a_, 2);
  const MessageId b0 = Acked(b_, 1);  // Sent after the other was acknowledged.
  Drain({b0, a0});
  ExpectOnly(Rule::kRealTime, "p1#0 was sent after p0#0 had been acknowledged at 2");
}

TEST_F(CheckerTest, ConcurrentSendsMayBeStoredInAnyOrder) {
  const MessageId b0 = Begin(b_);
  const MessageId a0 = Acked(a_, 2);
  b_.Acked(b0, 0, 1);
  Drain({b0, a0});
  EXPECT_TRUE(Judge().ok()) << Judge().ToString();
}

TEST_F(CheckerTest, CatchesTimeGoingBackwards) {
  const MessageId a0 = Acked(a_, 1);
  const MessageId a1 = Acked(a_, 2);
  ReaderLog& drain = Drain({a0});
  drain.Saw(0, 2, 9, MakeBody(a1, 20));
  ExpectOnly(Rule::kTimestamp, "offset 2: 9 us, before it 10 us");
}

TEST_F(CheckerTest, CatchesACommitAheadOfTheReader) {
  ReaderLog& tail = history_.AddReader("tail", "g");
  tail.StartAt(0, 1);
  const MessageId a0 = Acked(a_, 1);
  const MessageId a1 = Acked(a_, 2);
  Saw(tail, a0, 1);
  tail.CommitBegun(0, 3);
  Saw(tail, a1, 2);
  Drain({a0, a1});
  ExpectOnly(Rule::kCommitAhead,
             "group g partition 0: committed 3 (tail), readers were at most at 2");
}

TEST_F(CheckerTest, CatchesALostCommit) {
  ReaderLog& tail = history_.AddReader("tail", "g");
  tail.StartAt(0, 1);
  const MessageId a0 = Acked(a_, 1);
  Saw(tail, a0, 1);
  tail.CommitAcked(tail.CommitBegun(0, 1));
  tail.CommitAcked(tail.CommitBegun(0, 2));
  tail.Observed(0, 1, clock_.Now());
  Drain({a0});
  ExpectOnly(Rule::kCommitLost, "found 1 (tail), acknowledged was 2");
}

TEST_F(CheckerTest, CatchesAVanishedCommit) {
  ReaderLog& tail = history_.AddReader("tail", "g");
  tail.StartAt(0, 1);
  const MessageId a0 = Acked(a_, 1);
  Saw(tail, a0, 1);
  tail.CommitAcked(tail.CommitBegun(0, 2));
  tail.Observed(0, -1, clock_.Now());
  Drain({a0});
  ExpectOnly(Rule::kCommitLost, "found -1");
}

TEST_F(CheckerTest, CatchesACommitOutOfNowhere) {
  ReaderLog& tail = history_.AddReader("tail", "g");
  tail.StartAt(0, 1);
  const MessageId a0 = Acked(a_, 1);
  Saw(tail, a0, 1);
  tail.Observed(0, 2, clock_.Now());
  tail.CommitBegun(0, 2);
  Drain({a0});
  ExpectOnly(Rule::kCommitPhantom, "found 2 (tail)");
}

TEST_F(CheckerTest, ReportShowsTheFirstAndCountsTheRest) {
  for (int i = 0; i < 8; ++i) Acked(a_, i + 1);
  Drain({});
  const Report report = Judge({.shown_max = 3});
  EXPECT_EQ(report.CountOf(Rule::kLost), 8);
  EXPECT_THAT(report.ToString(), HasSubstr("8 x lost"));
  EXPECT_THAT(report.ToString(), HasSubstr("... and 5 more"));
}

TEST(MessageTest, BodiesCarryTheirId) {
  const MessageId id{.producer = 3, .number = 123'456};
  EXPECT_EQ(MakeBody(id, 100).size(), 100u);
  EXPECT_EQ(IdOfBody(MakeBody(id, 100)), id);
  EXPECT_EQ(IdOfBody(MakeBody(id, 0)), id);
  EXPECT_NE(Fingerprint(MakeBody(id, 100)), Fingerprint(MakeBody({3, 123'457}, 100)));
  for (const char* other : {"", "x", "1", "1.", "1.2", "1.x.", ".1.2."}) {
    EXPECT_EQ(IdOfBody(other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace lanemq::checker
