#include "client/src/spool/spool_replayer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "client/src/spool/spool_replayer_rig.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// What a process that sends may say of its records afterwards.
struct Sent {
  std::map<std::string, std::vector<std::string>> tried;  // By key, in order.
  std::set<std::string> acked;
};

// What a process does: rounds with a few records each, until its disk dies.
void SendSome(Rig& rig, Sent& sent, int rounds, int& serial) {
  for (int i = 0; i < rounds && !rig.files.IsDead(); ++i) {
    std::vector<core::OutboxMessage> records;
    std::vector<std::string> bodies;
    for (std::uint64_t n = rig.random.Below(2) * rig.random.Below(6); n > 0; --n) {
      const std::string topic = rig.random.Below(3) == 0 ? "u" : "t";
      const std::string key = topic + std::to_string(rig.random.Below(4));
      const char* const kind = rig.random.Below(10) == 0 ? "bad " : "";
      bodies.push_back(fmt::format("{}{}#{}", kind, key, serial++));
      sent.tried[key].push_back(bodies.back());
      records.push_back(Message(topic, key, bodies.back()));
    }
    const SpoolReplayer::Outcome outcome = rig.Round(std::move(records));
    for (std::size_t k = 0; k < outcome.spooled; ++k) sent.acked.insert(bodies[k]);
  }
}

// Every acknowledged record is there, none twice, none that nobody sent, keys in order.
void Check(Rig& rig, const Sent& sent) {
  std::map<std::string, std::vector<std::string>> stored;
  std::set<std::string> all;
  for (const auto& [partition, log] : rig.publisher.logs) {
    for (const auto& [key, body] : log) {
      stored[key].push_back(body);
      ASSERT_TRUE(all.insert(body).second) << body << " is there twice";
    }
  }
  for (const std::string& body : rig.RefusedForGood()) {
    ASSERT_TRUE(body.starts_with("bad ")) << body;
    ASSERT_TRUE(all.insert(body).second) << body << " is there twice";
  }
  for (const std::string& body : sent.acked) ASSERT_TRUE(all.contains(body)) << body << " is lost";
  for (const auto& [key, bodies] : stored) {
    const auto tried = sent.tried.find(key);
    ASSERT_NE(tried, sent.tried.end());
    auto next = tried->second.begin();
    for (const std::string& body : bodies) {
      next = std::find(next, tried->second.end(), body);
      ASSERT_NE(next, tried->second.end()) << body << " is out of order, or invented";
    }
  }
}

// A process that dies at its k-th operation on the disk, for every k; then another, which dies,
// too; then one that lives. Requests and answers are lost all the while.
void DieEverywhere(bool loses_unsynced, std::uint64_t segment_bytes) {
  int deaths = 0;
  for (int i = 4;; ++i) {
    const int k = i / 4;  // Four histories each.
    SCOPED_TRACE(::testing::Message() << "dies at operation " << k << ", seed " << i);
    Rig rig(static_cast<std::uint64_t>(i));
    rig.options.segment_bytes = segment_bytes;
    rig.publisher.trouble = 0.4;
    Sent sent;
    int serial = 0;
    bool has_died = false;
    for (const int dies_at : {k, k / 2 + 1}) {
      rig.files.dies_at = dies_at;
      if (rig.Open().ok()) SendSome(rig, sent, 12, serial);
      has_died = rig.files.IsDead();
      if (has_died) ++deaths;
      rig.spool.reset();
      rig.publisher.ForgetAnswers();
      rig.files.Revive(loses_unsynced, rig.random);
    }
    const Status opened = rig.Open();
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    SendSome(rig, sent, 6, serial);
    ASSERT_TRUE(rig.Drain());
    Check(rig, sent);
    if (::testing::Test::HasFatalFailure()) return;
    if (!has_died) break;
  }
  EXPECT_GT(deaths, 40);
}

TEST(SpoolReplayerTest, KilledAtAnyStepEachRecordIsStoredOnceInOrder) {
  DieEverywhere(false, 1u << 20);
}
TEST(SpoolReplayerTest, PowerCutAtAnyStepEachRecordIsStoredOnceInOrder) {
  DieEverywhere(true, 1u << 20);
}
TEST(SpoolReplayerTest, PowerCutAtAnyStepWithSmallSegments) { DieEverywhere(true, 600); }

TEST(SpoolReplayerTest, TheCheckOfTheseTestsFindsWhatIsWrong) {
  Rig rig(1);
  Sent sent{{{"t1", {"t1#0", "t1#1", "t1#2"}}}, {"t1#0"}};
  const auto check = [&](std::vector<FakePublisher::Stored> log) {
    rig.publisher.logs[{"t", 0}] = std::move(log);
    Check(rig, sent);
  };
  check({{"t1", "t1#0"}, {"t1", "t1#2"}});
  static Rig* shared;
  static Sent* history;
  shared = &rig;
  history = &sent;
  rig.publisher.logs[{"t", 0}] = {{"t1", "t1#2"}};
  EXPECT_FATAL_FAILURE(Check(*shared, *history), "lost");
  rig.publisher.logs[{"t", 0}] = {{"t1", "t1#0"}, {"t1", "t1#0"}};
  EXPECT_FATAL_FAILURE(Check(*shared, *history), "twice");
  rig.publisher.logs[{"t", 0}] = {{"t1", "t1#2"}, {"t1", "t1#0"}};
  EXPECT_FATAL_FAILURE(Check(*shared, *history), "out of order");
}

TEST(SpoolReplayerTest, ARefusedRecordIsKeptAndStopsNobody) {
  Rig rig(7);
  ASSERT_TRUE(rig.Open().ok());
  std::vector<core::OutboxMessage> records;
  for (int i = 0; i < 10; ++i) {
    records.push_back(Message("u", "k", fmt::format("{}{}", i == 3 ? "bad" : "good", i)));
  }
  ASSERT_EQ(rig.Round(std::move(records)).spooled, 10u);
  ASSERT_TRUE(rig.Drain());
  EXPECT_THAT(rig.Log("u", 0), ElementsAre("good0", "good1", "good2", "good4", "good5", "good6",
                                           "good7", "good8", "good9"));
  EXPECT_THAT(rig.refused, ElementsAre("bad3: MESSAGE_TOO_LARGE: it is bad"));
  EXPECT_EQ(rig.spool->refused(), 1);
  EXPECT_EQ(rig.spool->replayed(), 9);
  // What was refused is in files of its own.
  std::vector<SpoolRefusal> kept;
  const auto journal =
      Journal::Open(rig.files, {"d/refused"}, [&](const JournalFrame& frame) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(SpoolRefusal refusal, DecodeRefusal(frame.payload));
        kept.push_back(std::move(refusal));
        return {};
      });
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(*kept[0].message.record->body, "bad3");
  EXPECT_EQ(kept[0].error, "MESSAGE_TOO_LARGE: it is bad");
}

TEST(SpoolReplayerTest, IdsOfRefusedRecordsAreNotGivenToOthers) {
  Rig rig(17);
  rig.options.segment_bytes = 100;  // Each frame has a segment of its own.
  ASSERT_TRUE(rig.Open().ok());
  rig.Round({Message("u", "k", "bad")});
  ASSERT_TRUE(rig.Drain());
  for (int process = 0; process < 2; ++process) {
    rig.spool.reset();
    ASSERT_TRUE(rig.Open().ok());
    if (process == 0) {
      rig.publisher.unreachable.insert({"u", 0});
      rig.Round({Message("u", "k", "good")});
    }
  }
  rig.publisher.unreachable.clear();
  ASSERT_TRUE(rig.Drain());
  EXPECT_THAT(rig.Log("u", 0), ElementsAre("good"));
}

TEST(SpoolReplayerTest, ATopicThatIsNotThereIsWaitedForThenItsRecordsAreRefused) {
  Rig rig(3);
  ASSERT_TRUE(rig.Open().ok());
  rig.Round({Message("new", "a", "waits"), Message("u", "b", "goes"), Message("never", "c", "no")});
  core::OutboxMessage misplaced = Message("u", "d", "elsewhere");
  misplaced.partition = 1;
  core::OutboxMessage placed = Message("t", "d", "there");
  placed.partition = 1;
  rig.Round({misplaced, placed});
  for (int i = 0; i < 20; ++i) rig.Round();
  EXPECT_THAT(rig.Log("u", 0), ElementsAre("goes"));
  EXPECT_THAT(rig.Log("t", 1), ElementsAre("there"));
  EXPECT_THAT(rig.refused, ElementsAre(HasSubstr("elsewhere: UNKNOWN_TOPIC_OR_PARTITION")));
  EXPECT_EQ(rig.spool->records_left(), 2u);
  rig.publisher.topics["new"] = 3;
  rig.clock.now = rig.clock.now + 9s;
  rig.Round();
  rig.Round();
  EXPECT_EQ(rig.spool->records_left(), 1u);
  rig.clock.now = rig.clock.now + 2s;
  ASSERT_TRUE(rig.Drain());
  EXPECT_THAT(rig.refused, SizeIs(2));
  EXPECT_THAT(rig.refused[1], HasSubstr("no: UNKNOWN_TOPIC_OR_PARTITION"));
  EXPECT_THAT(rig.publisher.Bodies(), UnorderedElementsAre("goes", "there", "waits"));
}

TEST(SpoolReplayerTest, APartitionThatIsAwayNeitherStopsTheOthersNorKeepsTheirFiles) {
  for (const int waiting : {3, 60}) {  // Few in a segment; more than fit into the oldest.
    SCOPED_TRACE(waiting);
    Rig rig(5);
    rig.options.segment_bytes = 4'096;
    rig.options.bytes_max = 32'768;
    ASSERT_TRUE(rig.Open().ok());
    rig.publisher.unreachable.insert({"u", 0});
    std::vector<std::string> bodies;
    for (int i = 0; i < waiting; ++i) {
      bodies.push_back(fmt::format("u{:030}", i));
      rig.Round({Message("u", "k", bodies.back())});
    }
    for (int i = 0; i < 1'000; ++i) {
      rig.Round({Message("t", std::to_string(i % 7), fmt::format("{:0100}", i))});
      ASSERT_LT(rig.spool->bytes(), rig.options.bytes_max);
    }
    for (int i = 0; i < 20; ++i) rig.Round();
    EXPECT_EQ(rig.spool->records_left(), bodies.size());
    // Also in the eyes of the next process.
    rig.spool.reset();
    ASSERT_TRUE(rig.Open().ok());
    EXPECT_EQ(rig.spool->records_left(), bodies.size());
    rig.publisher.unreachable.clear();
    ASSERT_TRUE(rig.Drain());
    EXPECT_EQ(rig.Log("u", 0), bodies);
    EXPECT_THAT(rig.publisher.Bodies(), SizeIs(1'000 + bodies.size()));
  }
}

TEST(SpoolReplayerTest, AFullDiskRefusesRecordsAndIsRecoveredFrom) {
  Rig rig(9);
  ASSERT_TRUE(rig.Open().ok());
  rig.publisher.unreachable.insert({"u", 0});
  ASSERT_EQ(rig.Round({Message("u", "k", "first")}).spooled, 1u);
  rig.files.space = 20;
  const auto full = rig.Round({Message("u", "k", "second")});
  EXPECT_EQ(full.spooled, 0u);
  ASSERT_TRUE(full.error);
  EXPECT_EQ(full.error->code, ErrorCode::kQueueFull);
  // Nothing can be noted, so nothing new is sent; what is known is kept.
  rig.publisher.unreachable.clear();
  for (int i = 0; i < 5; ++i) rig.Round();
  EXPECT_THAT(rig.Log("u", 0), ElementsAre("first"));
  EXPECT_EQ(rig.spool->records_left(), 1u);
  rig.files.space = SIZE_MAX;
  EXPECT_EQ(rig.Round({Message("u", "k", "third")}).spooled, 1u);
  ASSERT_TRUE(rig.Drain());
  EXPECT_THAT(rig.Log("u", 0), ElementsAre("first", "third"));
}

TEST(SpoolReplayerTest, AfterAFailedSyncNothingIsTakenAndNothingIsSent) {
  Rig rig(11);
  ASSERT_TRUE(rig.Open().ok());
  rig.files.do_syncs_fail = true;
  const auto failed = rig.Round({Message("u", "k", "first")});
  EXPECT_EQ(failed.spooled, 0u);
  ASSERT_TRUE(failed.error);
  EXPECT_EQ(failed.error->code, ErrorCode::kOutcomeUnknown);
  rig.files.do_syncs_fail = false;
  const auto later = rig.Round({Message("u", "k", "second")});
  ASSERT_TRUE(later.error);
  EXPECT_EQ(later.error->code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(later.error->message, HasSubstr("fsync failed"));
  EXPECT_EQ(rig.publisher.requests, 0);
}

TEST(SpoolReplayerTest, RecordsWithoutAKeyAndDelayedOnesGoOnceToo) {
  Rig rig(13);
  rig.publisher.trouble = 0.3;
  ASSERT_TRUE(rig.Open().ok());
  std::vector<std::string> expected;
  for (int i = 0; i < 60; ++i) {
    core::OutboxMessage message = Message("t", std::nullopt, fmt::format("m{}", i));
    if (i % 3 == 0) message.due = WallTime{1'800'000'000'000'000 + i};
    expected.push_back(*message.record->body);
    rig.Round({message});
  }
  ASSERT_TRUE(rig.Drain());
  EXPECT_THAT(rig.publisher.Bodies(), ::testing::UnorderedElementsAreArray(expected));
  EXPECT_FALSE(rig.Log("t", 0).empty());
  EXPECT_FALSE(rig.Log("t", 1).empty());
}

TEST(SpoolReplayerTest, ARefusalIsNeverAnotherRecordsWhenThePowerIsCut) {
  for (int i = 4; i < 100; ++i) {
    SCOPED_TRACE(i);
    Rig rig(static_cast<std::uint64_t>(i));
    rig.options.is_synced_each_round = false;
    rig.files.dies_at = i / 4;
    core::OutboxMessage misplaced = Message("u", "k", "bad");
    misplaced.partition = 1;
    if (rig.Open().ok()) rig.Round({misplaced});
    rig.spool.reset();
    rig.files.Revive(/*loses_unsynced=*/true, rig.random);
    rig.publisher.unreachable.insert({"u", 0});
    ASSERT_TRUE(rig.Open().ok());
    ASSERT_EQ(rig.Round({Message("u", "k", "good")}).spooled, 1u);
    rig.publisher.unreachable.clear();
    ASSERT_TRUE(rig.Open().ok());
    ASSERT_TRUE(rig.Drain());
    EXPECT_THAT(rig.Log("u", 0), ElementsAre("good"));
    EXPECT_THAT(rig.RefusedForGood(), SizeIs(::testing::Le(1)));
  }
}

TEST(SpoolReplayerTest, IdsGoOnWhenTheNewestSegmentWasNeverFinished) {
  Rig rig(19);
  ASSERT_TRUE(rig.Open().ok());
  rig.Round({Message("u", "k", "0"), Message("u", "k", "1")});
  ASSERT_TRUE(rig.Drain());
  const std::int64_t next_id = rig.spool->next_id();
  rig.spool.reset();
  rig.files.files["d/0000000002.journal"] = {};
  for (int process = 0; process < 2; ++process) {
    ASSERT_TRUE(rig.Open().ok());
    EXPECT_EQ(rig.spool->next_id(), next_id);
    rig.Round();  // Removes the first segment.
    EXPECT_FALSE(rig.files.files.contains("d/0000000001.journal"));
  }
}

TEST(SpoolReplayerTest, ARecordThatCannotBeReadBackEndsTheWork) {
  for (const bool is_refused : {false, true}) {
    Rig rig(21);
    rig.publisher.topics.erase("u");
    ASSERT_TRUE(rig.Open().ok());
    ASSERT_EQ(rig.Round({Message("u", "k", "first")}).spooled, 1u);
    std::string& bytes = rig.files.files.at("d/0000000001.journal").bytes;
    bytes.at(bytes.find("first")) = 'F';
    if (is_refused) {
      rig.clock.now = rig.clock.now + 11s;
    } else {
      rig.publisher.topics["u"] = 1;
    }
    const auto outcome = rig.Round({Message("u", "k", "second")});
    ASSERT_TRUE(outcome.error);
    EXPECT_THAT(outcome.error->message, HasSubstr("has changed at offset"));
    EXPECT_TRUE(rig.spool->broken());
    EXPECT_EQ(rig.spool->records_left(), 2u);
    EXPECT_THAT(rig.RefusedForGood(), IsEmpty());
    EXPECT_EQ(rig.publisher.requests, 0);
  }
}

TEST(SpoolReplayerTest, AnswersAndRefusalsDoNotKeepTheNextOnesWaiting) {
  Rig rig(23);
  ASSERT_TRUE(rig.Open().ok());
  std::vector<core::OutboxMessage> records;
  for (int i = 0; i < 10; ++i) records.push_back(Message("u", "k", std::to_string(i)));
  rig.Round(std::move(records));
  EXPECT_THAT(rig.Log("u", 0), SizeIs(5));
  for (std::size_t i = 1; i <= 4; ++i) {
    core::OutboxMessage misplaced = Message("u", "k", "bad");
    misplaced.partition = 1;
    rig.Round({misplaced, Message("t", "k", "good")});
    EXPECT_THAT(rig.Log("u", 0), SizeIs(10));
    EXPECT_EQ(rig.Log("t", 0).size() + rig.Log("t", 1).size(), i);
    EXPECT_THAT(rig.refused, SizeIs(i));
  }
}

}  // namespace
}  // namespace lanemq::client
