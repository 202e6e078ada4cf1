#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/checker/checker.h"
#include "tests/e2e/stop_signal.h"
#include "tests/e2e/workload.h"
#include "tests/failures/failure_rig.h"
#include "tests/moves/move_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::moves {

/// A topic whose producers and readers are recorded and judged.
struct RecordedTopic {
  e2e::TestTopic topic;
  checker::History history;
  std::unique_ptr<e2e::Workload> workload;
};

/// A cluster with topics under load on its first data node, and empty ones to go to. Base of the
/// tests of this folder.
class EvacuationFixture : public ::testing::TestWithParam<testing::Engine> {
 protected:
  /// Two brokers, two metaservers, whose background leases last `lease_ttl`; one data node.
  void StartCluster(std::chrono::milliseconds lease_ttl = std::chrono::milliseconds(2'000));
  /// Two more data nodes, empty.
  void AddNodes();
  /// A topic with `options.partitions` partitions. Producers and readers begin.
  std::unique_ptr<RecordedTopic> StartRecorded(const std::string& name,
                                               e2e::WorkloadOptions options);
  /// A topic with a group whose handlers fail now and then.
  std::unique_ptr<failures::FailureRig> StartFailing(const std::string& name,
                                                     std::int32_t partitions,
                                                     const std::vector<std::int64_t>& delays_ms);
  ::testing::AssertionResult WaitForAcks(const RecordedTopic& topic, std::int64_t more);
  /// Ends producers and readers, and judges what they saw.
  void Judge(RecordedTopic& topic, std::int64_t acked_min, checker::CheckOptions options = {});
  /// Everything is done or dead, and the group's history breaks no rule.
  checker::FailureReport Judge(failures::FailureRig& rig,
                               const checker::FailureCheckOptions& options = {});

  /// The partitions of the topic are not on the data node, by the catalogue.
  void ExpectAway(const std::string& node, std::int64_t topic_id);
  /// Nothing that moves leave on their way, and nothing of partitions that have left it on `node`.
  void ExpectEmpty(const std::string& node);
  ::testing::AssertionResult WaitForMoves(std::chrono::seconds timeout);
  /// `lanemq node evacuate` until nothing is left there: a move that was given up is begun again.
  void EvacuateToTheEnd(const std::string& node, const std::string& mb_per_second);
  /// What each move has cost, and how long clients of each of the topic's partitions had to wait
  /// for an acknowledgement at most.
  void PrintPauses(const RecordedTopic& topic);

  std::unique_ptr<MoveRig> rig_;
  e2e::StopSignal never_;  // For pauses of the story.
};

}  // namespace lanemq::moves
