// A data node is emptied while those who do it, those who use it and where it goes are killed and
// frozen, and while people change their minds.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "lanemq_types.h"
#include "sql/driver/transaction.h"
#include "tests/moves/moves_test_fixture.h"
#include "tests/moves/old_rows.h"

namespace lanemq::moves {
namespace {

using checker::FailureEventKind;
using failures::FailureRig;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::WaitFor;

/// So that a copy takes some seconds: the rate is kept until 2,000 rows are left, which go after
/// the seal, as fast as they can.
constexpr const char* kSlowly = "0.3";
constexpr std::int64_t kBulkRows = 4'000;
constexpr std::int64_t kBulkRowBytes = 1'000;
/// States of a move: its partition can be used, or it cannot.
const std::vector<std::string> kCopied = {"copying"};
const std::vector<std::string> kShut = {"sealing", "handing_over", "opening"};

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

class EvacuationChaosTest : public EvacuationFixture {
 protected:
  // Topics under load, and one with a log that takes a while to copy; two empty data nodes.
  void StartAll(std::chrono::milliseconds lease_ttl = 2'000ms) {
    ASSERT_NO_FATAL_FAILURE(StartCluster(lease_ttl));
    if (IsSkipped()) return;
    rig_->cluster().ExpectErrors("");  // Everything complains about killed neighbours.
    ASSERT_NO_FATAL_FAILURE(Fill("bulk"));
    ledger_ = StartRecorded(
        "ledger",
        {.partitions = 3, .producers = 4, .readers = 2, .think_time = 30ms, .seed = seed_});
    ASSERT_NE(ledger_, nullptr);
    jobs_ = StartFailing("jobs", 2, {50, 100, 200});
    ASSERT_NE(jobs_, nullptr);
    const Status started = jobs_->Start("w");
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    jobs_->StartWriting(40);
    ASSERT_TRUE(WaitForAcks(*ledger_, 800));
    ASSERT_NO_FATAL_FAILURE(AddNodes());
    std::cout << "seed " << seed_ << "\n";
  }
  void Fill(const std::string& name) {
    const auto topic = rig_->cluster().CreateTopic(name, 1);
    ASSERT_TRUE(topic.ok()) << topic.error().ToString();
    bulk_ = *topic;
    for (std::int64_t row = 0; row < kBulkRows;) {
      idl::ProduceRequest request;
      idl::ProducePartition& part = request.partitions.emplace_back();
      part.topic = name;
      part.partition = 0;
      for (int i = 0; i < 50; ++i, ++row) {
        part.messages.emplace_back().__set_body(checker::MakeBody({0, row}, kBulkRowBytes));
      }
      const auto stored =
          rig_->cluster().data_plane().ProduceSync(rig_->cluster().broker(0), request, In(20s));
      ASSERT_TRUE(stored.ok()) << stored.error().ToString();
      ASSERT_FALSE(stored->partitions.at(0).__isset.error);
    }
    const auto log = rig_->LogOf(bulk_.id, 0, INT64_MAX);
    ASSERT_TRUE(log.ok()) << log.error().ToString();
    bulk_log_ = *log;
  }
  // Everybody writes and reads again, and nothing was lost, doubled or reordered.
  void JudgeAll() {
    EXPECT_TRUE(WaitForAcks(*ledger_, 200));
    const std::int64_t done = jobs_->CountOf(FailureEventKind::kOk);
    EXPECT_TRUE(WaitFor([&] { return jobs_->CountOf(FailureEventKind::kOk) > done + 20; }, 60s,
                        "jobs are done"));
    PrintPauses(*ledger_);
    const Status written = jobs_->StopWriting();
    EXPECT_TRUE(written.ok()) << written.error().ToString();
    Judge(*jobs_);
    Judge(*ledger_, 1'000);
    ExpectBulk();
  }
  void ExpectBulk() {
    const auto log = rig_->LogOf(bulk_.id, 0, INT64_MAX);
    ASSERT_TRUE(log.ok()) << log.error().ToString();
    EXPECT_EQ(DifferencesOf(bulk_log_, *log, true), "");
  }
  // Its moves are written down when this returns.
  Command Begin(const std::vector<std::string>& more = {}, const char* mb_per_second = kSlowly) {
    std::vector<std::string> words = {
        "node", "evacuate", "node1", "--wait", "--mb-per-second", mb_per_second, "--yes"};
    words.insert(words.end(), more.begin(), more.end());
    auto begun = rig_->Begin(words);
    EXPECT_TRUE(begun.ok()) << begun.error().ToString();
    EXPECT_TRUE(WaitFor([&] { return rig_->HasMovesUnderWay(); }, 30s, "moves"));
    return begun.ok() ? std::move(begun).value() : Command{};
  }
  ::testing::AssertionResult WaitForState(const std::vector<std::string>& states) {
    return WaitFor([&] { return rig_->IsAnyMove(states); }, 60s,
                   fmt::format("a move that is {}", fmt::join(states, " or ")));
  }
  // False: everything ended before. A moment that is over too soon to be met is passed by.
  bool Meet(const std::vector<std::string>& states) {
    EXPECT_TRUE(WaitFor([&] { return rig_->IsAnyMove(states) || !rig_->HasMovesUnderWay(); }, 60s,
                        fmt::format("a move that is {}, or the end", fmt::join(states, " or "))));
    return rig_->HasMovesUnderWay();
  }
  ::testing::AssertionResult WaitForMover() {
    return WaitFor([&] { return rig_->Mover() >= 0; }, 30s, "a metaserver that moves partitions");
  }
  std::chrono::milliseconds Some(int max_ms) {
    return std::chrono::milliseconds(random_() % static_cast<std::uint64_t>(max_ms));
  }
  std::unique_ptr<sql::Connection> ConnectToMetadata() {
    const testing::DatabaseServer& server = rig_->cluster().metadata_server();
    auto connection =
        sql::Connection::Open({.host = server.host(),
                               .port = server.port(),
                               .user = server.user(),
                               .password = server.password(),
                               .schema = fmt::format("{}_meta", rig_->cluster().schema_prefix())},
                              1, SystemClock::Instance(), In(10s));
    EXPECT_TRUE(connection.ok()) << connection.error().ToString();
    return connection.ok() ? *std::move(connection) : nullptr;
  }
  // What is left of a topic on any data node.
  std::string LeftOf(std::int64_t topic_id) {
    std::string left;
    for (const char* const node : {"node1", "node2", "node3"}) {
      const auto tables = rig_->server(node).Query(
          fmt::format("SELECT CONCAT('{}: ', table_name) FROM information_schema.tables WHERE "
                      "table_name REGEXP "
                      "'^msg_{}_' AND table_schema LIKE '{}%'",
                      node, topic_id, rig_->cluster().schema_prefix()));
      left += tables.ok() ? *tables : tables.error().ToString();
    }
    const auto state = rig_->StateOf(topic_id);
    for (const std::string& row : state.ok() ? *state : Rows{"?"}) left += row + "\n";
    return left;
  }

  const std::uint64_t seed_ = static_cast<std::uint64_t>(Random::FromSystem().PositiveId());
  std::mt19937_64 random_{seed_};
  e2e::TestTopic bulk_;
  Rows bulk_log_;
  std::unique_ptr<RecordedTopic> ledger_;
  std::unique_ptr<FailureRig> jobs_;
};

TEST_P(EvacuationChaosTest, TheMetaserverThatMovesIsKilledAgainAndAgain) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  if (IsSkipped()) return;
  Command command = Begin();
  int kills = 0;
  const Deadline deadline = In(150s);
  ASSERT_TRUE(WaitForState(kCopied));
  while (rig_->HasMovesUnderWay() && kills < 12 && !deadline.HasPassed(SystemClock::Instance())) {
    never_.WaitFor(Some(2'500));
    const int mover = rig_->Mover();
    if (mover < 0) continue;
    rig_->cluster().KillMetaserver(mover);
    ++kills;
    never_.WaitFor(Some(500));
    const Status started = rig_->cluster().StartMetaserver(mover);
    ASSERT_TRUE(started.ok()) << started.error().ToString();
  }
  EXPECT_GE(kills, 1) << "it was over before it was disturbed";
  ASSERT_TRUE(WaitForMoves(150s));
  // The command may have lost its metaserver as well; what it began goes on.
  const auto ended = rig_->End(command, 60s);
  std::cout << "killed " << kills << " times; " << (ended.ok() ? *ended : ended.error().ToString())
            << "\n";
  EvacuateToTheEnd("node1", "5");
  JudgeAll();
}

// Whoever was frozen finds that others have gone on, and changes nothing.
TEST_P(EvacuationChaosTest, AMoverThatWasFrozenPastItsLeaseChangesNothing) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  if (IsSkipped()) return;
  Command command = Begin();
  int frozen = 0;
  for (const auto& moment : {kCopied, kShut, kShut, kCopied}) {
    ASSERT_TRUE(WaitForMover());
    const int mover = rig_->Mover();
    if (mover < 0) continue;
    if (!Meet(moment)) break;
    testing::Process& process = rig_->cluster().metaserver_process(mover);
    process.Signal(SIGSTOP);
    ++frozen;
    EXPECT_TRUE(WaitFor([&] { return rig_->Mover() == 1 - mover; }, 30s, "another mover"));
    never_.WaitFor(1s + Some(3'000));
    process.Signal(SIGCONT);
  }
  EXPECT_GE(frozen, 1) << "it was over before it was disturbed";
  (void)rig_->End(command, 150s);
  ASSERT_TRUE(WaitForMoves(150s));
  EvacuateToTheEnd("node1", "5");
  // Long enough for a late step to do its harm.
  never_.WaitFor(5s);
  ExpectEmpty("node1");
  JudgeAll();
}

// It has locked the row of its lease when it is frozen: the database lets go of it soon, not when a
// session has been idle for as long as others may be.
TEST_P(EvacuationChaosTest, AMoverThatIsFrozenInATransactionKeepsNobodyWaiting) {
  ASSERT_NO_FATAL_FAILURE(StartCluster());
  if (IsSkipped()) return;
  rig_->cluster().ExpectErrors("");
  ASSERT_NO_FATAL_FAILURE(Fill("bulk"));
  ASSERT_NO_FATAL_FAILURE(AddNodes());
  Command command = Begin();
  ASSERT_TRUE(WaitForState(kCopied));
  int mover = -1;
  ASSERT_TRUE(WaitFor([&] { return (mover = rig_->Mover()) >= 0; }, 30s, "a mover"));
  testing::Process& process = rig_->cluster().metaserver_process(mover);
  {
    const auto holder = ConnectToMetadata();
    ASSERT_NE(holder, nullptr);
    auto held = sql::Transaction::Begin(*holder);
    ASSERT_TRUE(held.ok()) << held.error().ToString();
    holder->Text() = "SELECT move_id FROM partition_moves WHERE is_open = 1 FOR UPDATE";
    const Status locked = holder->QueryText("hold", [](const sql::Row&) { return true; });
    ASSERT_TRUE(locked.ok()) << locked.error().ToString();
    ASSERT_TRUE(WaitFor([&] { return rig_->IsExecuting("FROM partition_moves%FOR UPDATE"); }, 30s,
                        "a step that waits for its move"));
    process.Signal(SIGSTOP);
  }
  EXPECT_TRUE(WaitFor([&] { return rig_->Mover() == 1 - mover; }, 25s, "another mover"));
  process.Signal(SIGCONT);
  const auto ended = rig_->End(command, 150s);
  EXPECT_TRUE(ended.ok()) << ended.error().ToString();
  ASSERT_TRUE(WaitForMoves(60s));
  ExpectEmpty("node1");
  ExpectBulk();
}

// It remembers places that are left, and wakes up with requests and writers for them.
TEST_P(EvacuationChaosTest, ABrokerThatSleptThroughTheWholeEvacuationLosesNothing) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  if (IsSkipped()) return;
  testing::Process& broker = rig_->cluster().broker_process(1);
  const auto sleep_through = [&](const std::string& node, const std::string& to) {
    broker.Signal(SIGSTOP);
    const auto run = rig_->Run({"node", "evacuate", node, "--to", to, "--wait", "--yes"}, 240s);
    EXPECT_TRUE(run.ok()) << run.error().ToString();
    broker.Signal(SIGCONT);
    EXPECT_TRUE(WaitForAcks(*ledger_, 200));
  };
  sleep_through("node1", "node2");
  ExpectEmpty("node1");
  // Twice in one sleep, back to where the sleeper thinks that everything has always been.
  const auto opened = rig_->Run({"node", "alter", "node1", "--state", "writable", "--yes"});
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  broker.Signal(SIGSTOP);
  auto run = rig_->Run({"node", "evacuate", "node2", "--to", "node3", "--wait", "--yes"}, 240s);
  EXPECT_TRUE(run.ok()) << run.error().ToString();
  run = rig_->Run({"node", "alter", "node2", "--state", "writable", "--yes"});
  EXPECT_TRUE(run.ok()) << run.error().ToString();
  // Who asks the sleeper waits for seven seconds, which every second batch does.
  ASSERT_TRUE(WaitForAcks(*ledger_, 60)) << "the other broker goes on";
  run = rig_->Run({"node", "evacuate", "node3", "--to", "node2", "--wait", "--yes"}, 240s);
  EXPECT_TRUE(run.ok()) << run.error().ToString();
  broker.Signal(SIGCONT);
  EXPECT_TRUE(WaitForAcks(*ledger_, 300));
  ExpectEmpty("node3");
  // What it had read when it fell asleep it carries out when it wakes up: commits and settlements
  // by their sequences without effect.
  JudgeAll();
}

TEST_P(EvacuationChaosTest, TheServerThatPartitionsGoToIsKilledInTheMiddle) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  if (IsSkipped()) return;
  Command command = Begin({"--to", "node2"});
  int kills = 0;
  for (const auto& moment : {kCopied, kShut, kShut}) {
    if (!Meet(moment)) break;
    rig_->server("node2").Kill();
    ++kills;
    never_.WaitFor(Some(1'500));
    const Status again = rig_->server("node2").StartAgain();
    ASSERT_TRUE(again.ok()) << again.error().ToString();
  }
  EXPECT_GE(kills, 1) << "it was over before it was disturbed";
  (void)rig_->End(command, 150s);
  ASSERT_TRUE(WaitForMoves(150s));
  EvacuateToTheEnd("node1", "5");
  JudgeAll();
}

TEST_P(EvacuationChaosTest, WhatIsCancelledInTheMiddleStaysAndGoesOn) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  if (IsSkipped()) return;
  Command command = Begin({}, "0.1");  // It never gets to the end of its copy.
  ASSERT_TRUE(WaitForState(kCopied));
  ASSERT_TRUE(WaitFor([&] { return !rig_->TablesOnTheWay().empty(); }, 30s, "a copy"));
  const auto cancelled = rig_->Run({"move", "cancel", "--node", "node1", "--yes"});
  std::cout << (cancelled.ok() ? *cancelled : cancelled.error().ToString()) << "\n";
  ASSERT_TRUE(WaitForMoves(60s));
  EXPECT_FALSE(rig_->End(command, 60s).ok()) << "it must say that not everything has moved";
  EXPECT_EQ(rig_->TablesOnTheWay(), "");
  const auto moves = rig_->Moves();
  ASSERT_TRUE(moves.ok()) << moves.error().ToString();
  const auto places = rig_->Places(bulk_.id);
  ASSERT_TRUE(places.ok()) << places.error().ToString();
  EXPECT_EQ(places->at(0).node, "node1") << "it was in the middle of its copy";
  EXPECT_TRUE(std::ranges::any_of(*moves, [](const MoveRow& m) { return m.state == "cancelled"; }));
  for (const MoveRow& move : *moves) {
    EXPECT_TRUE(move.state == "cancelled" || move.state == "done") << move.state << move.error;
  }
  ASSERT_TRUE(WaitForAcks(*ledger_, 300));
  ExpectBulk();
  // And once more, to the end.
  EvacuateToTheEnd("node1", "5");
  JudgeAll();
}

TEST_P(EvacuationChaosTest, ATopicThatIsDeletedInTheMiddleLeavesNothing) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  if (IsSkipped()) return;
  const e2e::TestTopic doomed = bulk_;
  Command command = Begin();
  ASSERT_TRUE(WaitForState(kCopied));
  ASSERT_TRUE(WaitFor([&] { return !rig_->TablesOnTheWay().empty(); }, 30s, "a copy"));
  idl::DeleteTopicRequest request;
  request.name = doomed.name;
  request.__set_purge_now(true);
  const auto deleted = rig_->cluster().control_plane().DeleteTopicSync(rig_->cluster().metaserver(),
                                                                       request, In(30s));
  ASSERT_TRUE(deleted.ok()) << deleted.error().ToString();
  ASSERT_TRUE(WaitForMoves(120s));
  (void)rig_->End(command, 60s);
  EXPECT_TRUE(WaitFor([&] { return LeftOf(doomed.id).empty(); }, 60s, "nothing left of the topic"))
      << LeftOf(doomed.id);
  EvacuateToTheEnd("node1", "5");
  // The others must be as they were; there is no bulk any more.
  ASSERT_NO_FATAL_FAILURE(Fill("bulk-again"));
  JudgeAll();
}

TEST_P(EvacuationChaosTest, PartitionsThatAreAddedInTheMiddleAreElsewhereAtOnce) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  if (IsSkipped()) return;
  Command command = Begin();
  ASSERT_TRUE(WaitForState(kCopied));
  idl::AddPartitionsRequest request;
  request.name = "ledger";
  request.partitions = 6;
  const auto added = rig_->cluster().control_plane().AddPartitionsSync(rig_->cluster().metaserver(),
                                                                       request, In(30s));
  ASSERT_TRUE(added.ok()) << added.error().ToString();
  const auto ended = rig_->End(command, 150s);
  EXPECT_TRUE(ended.ok()) << ended.error().ToString();
  ASSERT_TRUE(WaitForMoves(60s));
  EvacuateToTheEnd("node1", "5");
  const auto places = rig_->Places(ledger_->topic.id);
  ASSERT_TRUE(places.ok()) << places.error().ToString();
  EXPECT_EQ(places->size(), 6u);
  for (const auto& [partition, place] : *places) EXPECT_NE(place.node, "node1") << partition;
  idl::ProduceRequest produce;
  idl::ProducePartition& part = produce.partitions.emplace_back();
  part.topic = "ledger";
  part.partition = 5;
  part.messages.emplace_back().__set_body("new");
  EXPECT_TRUE(WaitFor(
      [&] {
        const auto stored =
            rig_->cluster().data_plane().ProduceSync(rig_->cluster().broker(0), produce, In(5s));
        return stored.ok() && !stored->partitions.at(0).__isset.error;
      },
      30s, "a message in a new partition"));
  JudgeAll();
}

INSTANTIATE_TEST_SUITE_P(Engines, EvacuationChaosTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::moves
