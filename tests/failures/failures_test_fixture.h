#pragma once

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/failures/failure_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::failures {

/// A cluster, a topic and a group whose handlers fail. Base of the tests of this folder.
class FailuresTest : public ::testing::TestWithParam<testing::Engine> {
 protected:
  void StartCluster(e2e::ClusterOptions options, std::int32_t partitions) {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    options.engine = GetParam();
    options.metaserver_flags.emplace_back("--group-initial-rebalance-delay-ms=0");
    auto started = e2e::Cluster::Start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    cluster_ = std::move(started).value();
    auto topic = cluster_->CreateTopic("jobs", partitions);
    ASSERT_TRUE(topic.ok()) << topic.error().ToString();
    rig_ = std::make_unique<FailureRig>(*cluster_, std::move(topic).value());
  }

  /// Quick retries, without jitter.
  void SetPolicy(std::int32_t max_attempts, std::vector<std::int64_t> delays_ms,
                 std::vector<std::string> fatal_reasons = {}) {
    idl::RetryPolicy policy;
    policy.__set_max_attempts(max_attempts);
    policy.__set_delays_ms(std::move(delays_ms));
    policy.__set_jitter(0);
    policy.__set_fatal_reasons(std::move(fatal_reasons));
    const Status set = rig_->SetPolicy(policy);
    ASSERT_TRUE(set.ok()) << set.error().ToString();
  }
  void Start(const std::string& name, const WorkerOptions& options = {}) {
    const Status started = rig_->Start(name, options);
    ASSERT_TRUE(started.ok()) << started.error().ToString();
  }
  void Send(const std::vector<TestMessage>& messages) {
    const Status sent = rig_->Send(messages);
    ASSERT_TRUE(sent.ok()) << sent.error().ToString();
  }
  ::testing::AssertionResult WaitUntilFinished() {
    return testing::WaitFor([&] { return rig_->IsFinished(); }, std::chrono::seconds(90),
                            "everything done or dead");
  }
  /// Index of the broker that has the data node's duties; -1: for half a minute nobody has them.
  int WaitForDutyHolder() {
    int holder = -1;
    EXPECT_TRUE(testing::WaitFor([&] { return (holder = rig_->DutyHolder()) >= 0; },
                                 std::chrono::seconds(30), "a broker with the duties"));
    return holder;
  }
  /// Everything is done or dead, in order ended, and the history breaks no rule.
  checker::FailureReport Finish(const checker::FailureCheckOptions& options = {}) {
    EXPECT_TRUE(WaitUntilFinished());
    rig_->StopAll();
    const checker::FailureReport report = rig_->Check(options);
    EXPECT_TRUE(report.ok()) << report.ToString();
    std::cout << report.ToString();
    return report;
  }

  std::unique_ptr<e2e::Cluster> cluster_;
  std::unique_ptr<FailureRig> rig_;
  e2e::StopSignal never_;  // For pauses of the story.
};

}  // namespace lanemq::failures
