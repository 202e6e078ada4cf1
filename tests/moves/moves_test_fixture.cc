#include "tests/moves/moves_test_fixture.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include <fmt/format.h>

#include "lanemq_types.h"

namespace lanemq::moves {

using std::chrono_literals::operator""s;
using testing::WaitFor;

void EvacuationFixture::StartCluster(std::chrono::milliseconds lease_ttl) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  e2e::ClusterOptions options;
  options.engine = GetParam();
  options.metaservers = 2;
  options.metaserver_flags = {"--group-initial-rebalance-delay-ms=0",
                              fmt::format("--lease-ttl={}", lease_ttl.count())};
  auto started = MoveRig::Start(std::move(options));
  ASSERT_TRUE(started.ok()) << started.error().ToString();
  rig_ = std::move(started).value();
}

void EvacuationFixture::AddNodes() {
  for (int i = 0; i < 2; ++i) {
    const Status added = rig_->AddNode();
    ASSERT_TRUE(added.ok()) << added.error().ToString();
  }
}

std::unique_ptr<RecordedTopic> EvacuationFixture::StartRecorded(const std::string& name,
                                                                e2e::WorkloadOptions options) {
  auto created = rig_->cluster().CreateTopic(name, options.partitions);
  if (!created.ok()) {
    ADD_FAILURE() << created.error().ToString();
    return nullptr;
  }
  auto recorded = std::make_unique<RecordedTopic>();
  recorded->topic = std::move(created).value();
  options.patience = 60s;
  options.rows_of = [this, id = recorded->topic.id](std::int32_t partition) {
    return rig_->RowsOf(id, partition);
  };
  recorded->workload = std::make_unique<e2e::Workload>(rig_->cluster(), recorded->topic,
                                                       recorded->history, std::move(options));
  recorded->workload->Start();
  return recorded;
}

std::unique_ptr<failures::FailureRig> EvacuationFixture::StartFailing(
    const std::string& name, std::int32_t partitions, const std::vector<std::int64_t>& delays_ms) {
  auto created = rig_->cluster().CreateTopic(name, partitions);
  if (!created.ok()) {
    ADD_FAILURE() << created.error().ToString();
    return nullptr;
  }
  const std::int64_t id = created->id;
  auto failing = std::make_unique<failures::FailureRig>(rig_->cluster(), std::move(created).value(),
                                                        "group-of-" + name);
  failing->SetParts([this, id] { return rig_->Parts(id); });
  idl::RetryPolicy policy;
  policy.__set_max_attempts(16);
  policy.__set_delays_ms(delays_ms);
  policy.__set_jitter(0);
  const Status set = failing->SetPolicy(policy);
  if (!set.ok()) ADD_FAILURE() << set.error().ToString();
  return failing;
}

::testing::AssertionResult EvacuationFixture::WaitForAcks(const RecordedTopic& topic,
                                                          std::int64_t more) {
  const std::int64_t before = topic.workload->acked();
  return WaitFor([&] { return topic.workload->acked() >= before + more; }, 120s,
                 "acknowledgements of " + topic.topic.name);
}

void EvacuationFixture::Judge(RecordedTopic& topic, std::int64_t acked_min,
                              checker::CheckOptions options) {
  SCOPED_TRACE(topic.topic.name);
  const Status finished = topic.workload->Finish();
  EXPECT_TRUE(finished.ok()) << finished.error().ToString();
  const checker::Report report = checker::Check(topic.history, options);
  EXPECT_TRUE(report.ok()) << report.ToString();
  EXPECT_GT(report.acked, acked_min) << "too little happened to show anything";
  EXPECT_EQ(report.unknown, 0) << "every send gets a final answer in the end";
  std::cout << fmt::format("{}: {}repeated requests {}\n", topic.topic.name, report.ToString(),
                           topic.workload->retries());
}

checker::FailureReport EvacuationFixture::Judge(failures::FailureRig& rig,
                                                const checker::FailureCheckOptions& options) {
  SCOPED_TRACE(rig.topic().name);
  EXPECT_TRUE(WaitFor([&] { return rig.IsFinished(); }, 90s, "everything done or dead"));
  rig.StopAll();
  const checker::FailureReport report = rig.Check(options);
  EXPECT_TRUE(report.ok()) << report.ToString();
  EXPECT_EQ(report.done + report.dead, report.sent) << "acknowledged: done or dead";
  std::cout << rig.topic().name << ": " << report.ToString();
  return report;
}

void EvacuationFixture::ExpectAway(const std::string& node, std::int64_t topic_id) {
  const auto places = rig_->Places(topic_id);
  ASSERT_TRUE(places.ok()) << places.error().ToString();
  for (const auto& [partition, place] : *places) EXPECT_NE(place.node, node) << partition;
}

void EvacuationFixture::ExpectEmpty(const std::string& node) {
  EXPECT_EQ(rig_->LeftOn(node), "");
  EXPECT_EQ(rig_->TablesOnTheWay(), "");
}

::testing::AssertionResult EvacuationFixture::WaitForMoves(std::chrono::seconds timeout) {
  return WaitFor([&] { return !rig_->HasMovesUnderWay(); }, timeout, "the end of all moves");
}

void EvacuationFixture::EvacuateToTheEnd(const std::string& node,
                                         const std::string& mb_per_second) {
  // A metaserver that died in the middle may have made a pause too long.
  constexpr int kTimesMax = 4;
  for (int i = 0; i < kTimesMax && !rig_->LeftOn(node).empty(); ++i) {
    const auto run = rig_->Run(
        {"node", "evacuate", node, "--wait", "--mb-per-second", mb_per_second, "--yes"}, 240s);
    std::cout << (run.ok() ? *run : run.error().ToString()) << "\n";
  }
  ExpectEmpty(node);
}

void EvacuationFixture::PrintPauses(const RecordedTopic& topic) {
  const auto moves = rig_->Moves();
  ASSERT_TRUE(moves.ok()) << moves.error().ToString();
  for (const MoveRow& move : *moves) {
    std::cout << fmt::format("move {} of {}/{} from {} to {}: {}, paused {} ms {}\n", move.id,
                             move.topic, move.partition, move.from, move.to, move.state,
                             move.paused_us / 1'000, move.error);
  }
  std::map<std::int32_t, std::vector<MonotonicTime>> acks;
  for (const auto& sends : topic.history.Sends()) {
    for (const checker::Send& send : sends) {
      if (send.outcome == checker::Outcome::kAcked) acks[send.partition].push_back(send.ended);
    }
  }
  for (auto& [partition, times] : acks) {
    std::ranges::sort(times);
    std::chrono::nanoseconds longest{0};
    for (std::size_t i = 1; i < times.size(); ++i) {
      longest = std::max<std::chrono::nanoseconds>(longest, times[i] - times[i - 1]);
    }
    std::cout << fmt::format(
        "{}/{}: longest time without an acknowledgement {} ms\n", topic.topic.name, partition,
        std::chrono::duration_cast<std::chrono::milliseconds>(longest).count());
  }
}

}  // namespace lanemq::moves
