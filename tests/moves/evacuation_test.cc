// The data node that has everything is emptied while everybody works: nothing is lost, doubled or
// reordered, groups go on from where they were, and the server can be switched off.
#include <chrono>
#include <iostream>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/groups/group_rig.h"
#include "tests/moves/moves_test_fixture.h"
#include "tests/moves/old_rows.h"

namespace lanemq::moves {
namespace {

using checker::FailureEventKind;
using failures::FailureRig;
using failures::TestMessage;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::WaitFor;

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr int kArchivePartitions = 2;
constexpr int kTaskPartitions = 3;

std::int64_t WallNow() { return SystemClock::Instance().WallNow().micros; }

/// What is there before and must be there afterwards, byte for byte.
struct Keepsake {
  Rows state;
  std::map<std::int32_t, Rows> logs;
};

class EvacuationTest : public EvacuationFixture {
 protected:
  // A topic of which everything is at rest: messages that were done, dead letters, retries and
  // delayed messages that are due in an hour.
  void MakeArchive() {
    archive_ = StartFailing("archive", kArchivePartitions, {3'600'000});
    ASSERT_NE(archive_, nullptr);
    std::vector<TestMessage> messages;
    for (int i = 0; i < 90; ++i) {
      const char* const act = i % 9 == 0 ? "dead" : i % 9 == 1 ? "retry:1" : "ok";
      messages.push_back(
          {.partition = i % kArchivePartitions, .key = fmt::format("k{}", i % 7), .act = act});
    }
    for (int i = 0; i < 6; ++i) {
      messages.push_back({.partition = i % kArchivePartitions,
                          .key = "later",
                          .act = "ok",
                          .due_us = WallNow() + kHourUs + i});
    }
    const Status sent = archive_->Send(messages);
    ASSERT_TRUE(sent.ok()) << sent.error().ToString();
    const Status started = archive_->Start("w");
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    ASSERT_TRUE(WaitFor(
        [&] {
          return archive_->CountOf(FailureEventKind::kOk) >= 70 &&
                 archive_->CountOf(FailureEventKind::kDead) >= 10 &&
                 archive_->CountOf(FailureEventKind::kRetry) >= 10;
        },
        60s, "the archive's group at rest"));
    EXPECT_EQ(archive_->Stop("w"), 0);
  }
  Keepsake Keep(const FailureRig& rig) {
    Keepsake kept;
    const std::int64_t id = rig.topic().id;
    auto state = rig_->StateOf(id);
    EXPECT_TRUE(state.ok()) << state.error().ToString();
    if (state.ok()) kept.state = std::move(state).value();
    for (std::int32_t p = 0; p < rig.partitions(); ++p) {
      auto log = rig_->LogOf(id, p, INT64_MAX);
      EXPECT_TRUE(log.ok()) << log.error().ToString();
      if (log.ok()) kept.logs[p] = std::move(log).value();
    }
    return kept;
  }
  void ExpectKept(const std::string& when) {
    SCOPED_TRACE(when);
    const Keepsake now = Keep(*archive_);
    EXPECT_EQ(DifferencesOf(kept_.state, now.state, false), "");
    for (const auto& [partition, rows] : kept_.logs) {
      EXPECT_FALSE(rows.empty());
      EXPECT_EQ(DifferencesOf(rows, now.logs.at(partition), true), "") << partition;
    }
  }
  void StartLoad() {
    ledger_ = StartRecorded(
        "ledger", {.partitions = 3, .producers = 4, .readers = 2, .think_time = 20ms, .seed = 1});
    ASSERT_NE(ledger_, nullptr);
    plain_ = StartRecorded("plain", {.partitions = 2,
                                     .producers = 2,
                                     .readers = 1,
                                     .is_idempotent = false,
                                     .think_time = 40ms,
                                     .seed = 2});
    ASSERT_NE(plain_, nullptr);
    jobs_ = StartFailing("jobs", 3, {50, 100, 200});
    ASSERT_NE(jobs_, nullptr);
    for (const char* const name : {"a", "b"}) {
      const Status started = jobs_->Start(name);
      ASSERT_TRUE(started.ok()) << started.error().ToString();
    }
    const auto tasks = rig_->cluster().CreateTopic("tasks", kTaskPartitions);
    ASSERT_TRUE(tasks.ok()) << tasks.error().ToString();
    tasks_ = std::make_unique<groups::GroupRig>(rig_->cluster(), "tasks", kTaskPartitions,
                                                "group-of-tasks");
    tasks_->StartWriting(50);
    for (const char* const name : {"m", "n"}) {
      const Status started = tasks_->Start(name);
      ASSERT_TRUE(started.ok()) << started.error().ToString();
    }
    ASSERT_TRUE(WaitFor([&] { return tasks_->Holds("m") + tasks_->Holds("n") == kTaskPartitions; },
                        40s, "a balanced group"));
    ASSERT_TRUE(WaitForAcks(*ledger_, 2'000));
  }
  // Messages that become due before, while and after partitions move.
  void SendDelayed() {
    std::vector<TestMessage> messages;
    const std::int64_t first = WallNow() + 2'000'000;
    for (int i = 0; i < 300; ++i) {
      messages.push_back({.partition = i % 3,
                          .key = fmt::format("k{}", i % 50),
                          .act = "ok",
                          .due_us = first + i * 100'000});
    }
    const Status sent = jobs_->Send(messages);
    ASSERT_TRUE(sent.ok()) << sent.error().ToString();
    jobs_->StartWriting(50);
  }
  void StartOldRows() {
    const auto ends = e2e::LogEnds(rig_->cluster(), ledger_->topic, 30s);
    ASSERT_TRUE(ends.ok()) << ends.error().ToString();
    std::map<std::int32_t, std::int64_t> by_partition;
    for (std::size_t p = 0; p < ends->size(); ++p) {
      by_partition[static_cast<std::int32_t>(p)] = (*ends)[p];
    }
    old_rows_.emplace(rig_->cluster(), "ledger", by_partition);
    const Status started = old_rows_->Start();
    ASSERT_TRUE(started.ok()) << started.error().ToString();
  }
  void Evacuate(const std::string& node) {
    const MonotonicTime begun = SystemClock::Instance().Now();
    const auto run = rig_->Run(
        {"node", "evacuate", node, "--wait", "--mb-per-second", "5", "--yes", "--reason", "a test"},
        240s);
    ASSERT_TRUE(run.ok()) << run.error().ToString();
    std::cout << *run
              << fmt::format("{} was empty after {} ms\n", node,
                             std::chrono::duration_cast<std::chrono::milliseconds>(
                                 SystemClock::Instance().Now() - begun)
                                 .count());
    ExpectEmpty(node);
    for (const std::int64_t id :
         {ledger_->topic.id, plain_->topic.id, jobs_->topic().id, archive_->topic().id}) {
      ExpectAway(node, id);
    }
  }
  // The ledger's partitions go back to where they came from.
  void GoBack() {
    auto run = rig_->Run({"node", "alter", "node1", "--state", "writable", "--yes"});
    ASSERT_TRUE(run.ok()) << run.error().ToString();
    run =
        rig_->Run({"partition", "move", "ledger", "0", "1", "2", "--to", "node1", "--wait"}, 240s);
    ASSERT_TRUE(run.ok()) << run.error().ToString();
    const auto places = rig_->Places(ledger_->topic.id);
    ASSERT_TRUE(places.ok()) << places.error().ToString();
    for (const auto& [partition, place] : *places) EXPECT_EQ(place.node, "node1") << partition;
    EXPECT_EQ(rig_->TablesOnTheWay(), "");
  }
  // The server is gone for good.
  void SwitchOff(const std::string& node) {
    const auto run = rig_->Run({"node", "alter", node, "--state", "disabled", "--yes"});
    ASSERT_TRUE(run.ok()) << run.error().ToString();
    rig_->server(node).Kill();
    ASSERT_TRUE(WaitForAcks(*ledger_, 500));
    ASSERT_TRUE(WaitForAcks(*plain_, 100));
    const std::int64_t read = tasks_->Reads();
    ASSERT_TRUE(WaitFor([&] { return tasks_->Reads() > read + 100; }, 40s, "tasks are read"));
    const std::int64_t done = jobs_->CountOf(FailureEventKind::kOk);
    ASSERT_TRUE(WaitFor([&] { return jobs_->CountOf(FailureEventKind::kOk) > done + 50; }, 40s,
                        "jobs are done"));
  }
  void JudgeAll() {
    const Status old = old_rows_->Stop();
    EXPECT_TRUE(old.ok()) << old.error().ToString();
    EXPECT_GT(old_rows_->passes(), 1) << "nobody read old rows meanwhile";
    std::cout << fmt::format("{} old rows were read {} times\n", old_rows_->rows(),
                             old_rows_->passes());
    PrintPauses(*ledger_);
    const Status written = jobs_->StopWriting();
    EXPECT_TRUE(written.ok()) << written.error().ToString();
    EXPECT_TRUE(WaitFor(
        [&] {
          const auto left = failures::CountDelayed(jobs_->Parts(), jobs_->topic().id);
          return left.ok() && *left == 0;
        },
        90s, "no message waits for its time"));
    const checker::FailureReport report = Judge(*jobs_);
    EXPECT_GT(report.dead, 0) << "no fatal failure: the run shows nothing";
    EXPECT_GT(report.attempts_max, 1) << "no retry: the run shows nothing";
    JudgeTasks();
    Judge(*ledger_, 3'000);
    // A repeat that was stored twice is behind its successors.
    Judge(*plain_, 300, {.is_idempotent = false, .keys_are_ordered = false});
  }
  // Nobody was killed: no record is read twice.
  void JudgeTasks() {
    const Status written = tasks_->StopWriting();
    EXPECT_TRUE(written.ok()) << written.error().ToString();
    EXPECT_TRUE(WaitFor([&] { return tasks_->IsDrained(); }, 60s, "every record read"));
    tasks_->StopAll();
    const checker::GroupReport report = tasks_->Check(true);
    EXPECT_TRUE(report.ok()) << report.ToString();
    std::cout << "tasks: " << report.ToString();
  }

  std::unique_ptr<FailureRig> archive_;
  Keepsake kept_;
  std::unique_ptr<RecordedTopic> ledger_;
  std::unique_ptr<RecordedTopic> plain_;
  std::unique_ptr<FailureRig> jobs_;
  std::unique_ptr<groups::GroupRig> tasks_;
  std::optional<OldRows> old_rows_;
};

TEST_P(EvacuationTest, EverythingGoesOnWhileANodeIsEmptiedFilledAndEmptiedAgain) {
  ASSERT_NO_FATAL_FAILURE(StartCluster());
  if (IsSkipped()) return;
  ASSERT_NO_FATAL_FAILURE(MakeArchive());
  kept_ = Keep(*archive_);
  ASSERT_GT(kept_.state.size(), 20u) << "offsets, dead letters, retries, delayed messages";
  ASSERT_NO_FATAL_FAILURE(StartLoad());
  ASSERT_NO_FATAL_FAILURE(AddNodes());
  ASSERT_NO_FATAL_FAILURE(SendDelayed());
  ASSERT_NO_FATAL_FAILURE(StartOldRows());
  ExpectKept("before");
  EXPECT_NE(rig_->LeftOn("node1"), "") << "whatever it will find, it must find something now";

  ASSERT_NO_FATAL_FAILURE(Evacuate("node1"));
  ExpectKept("elsewhere");
  ASSERT_TRUE(WaitForAcks(*ledger_, 300));

  ASSERT_NO_FATAL_FAILURE(GoBack());
  ASSERT_TRUE(WaitForAcks(*ledger_, 300));
  ASSERT_NO_FATAL_FAILURE(Evacuate("node1"));
  ExpectKept("in the end");

  rig_->cluster().ExpectErrors("node1");
  ASSERT_NO_FATAL_FAILURE(SwitchOff("node1"));
  JudgeAll();
}

INSTANTIATE_TEST_SUITE_P(Engines, EvacuationTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::moves
