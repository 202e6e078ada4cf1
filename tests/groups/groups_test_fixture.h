#pragma once

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/groups/group_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::groups {

/// A cluster, a topic that is being written to, and a group. Base of the tests of this folder.
class GroupsTest : public ::testing::TestWithParam<testing::Engine> {
 protected:
  /// `options.engine` is the test's; the initial delay of rebalances is 0.
  void StartCluster(e2e::ClusterOptions options, std::int32_t partitions, int per_second = 500) {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    partitions_ = partitions;
    options.engine = GetParam();
    options.metaserver_flags.emplace_back("--group-initial-rebalance-delay-ms=0");
    auto started = e2e::Cluster::Start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    cluster_ = std::move(started).value();
    const auto topic = cluster_->CreateTopic("jobs", partitions);
    ASSERT_TRUE(topic.ok()) << topic.error().ToString();
    rig_ = std::make_unique<GroupRig>(*cluster_, "jobs", partitions);
    rig_->StartWriting(per_second);
  }

  void StartMembers(const std::vector<std::string>& names, const MemberOptions& options = {}) {
    for (const std::string& name : names) {
      const Status started = rig_->Start(name, options);
      ASSERT_TRUE(started.ok()) << started.error().ToString();
    }
    ASSERT_TRUE(WaitForBalance(names));
  }
  /// Each of them holds its share, to within one, and together they hold everything.
  ::testing::AssertionResult WaitForBalance(const std::vector<std::string>& names) {
    return testing::WaitFor(
        [&] {
          std::size_t sum = 0;
          const std::size_t share = static_cast<std::size_t>(partitions_) / names.size();
          for (const std::string& name : names) {
            const std::size_t held = rig_->Holds(name);
            if (held < share || held > share + 1) return false;
            sum += held;
          }
          return sum == static_cast<std::size_t>(partitions_);
        },
        std::chrono::seconds(40), "a balanced group");
  }
  ::testing::AssertionResult WaitForReads(std::int64_t more) {
    const std::int64_t before = rig_->Reads();
    return testing::WaitFor([&] { return rig_->Reads() >= before + more; },
                            std::chrono::seconds(40), "more records read");
  }
  /// Everything written is read, and the history breaks no rule.
  void Finish(bool is_orderly) {
    EXPECT_TRUE(testing::WaitFor([&] { return rig_->Reads() > 1'000; }, std::chrono::seconds(40),
                                 "enough records to judge by"));
    const Status written = rig_->StopWriting();
    EXPECT_TRUE(written.ok()) << written.error().ToString();
    EXPECT_TRUE(testing::WaitFor([&] { return rig_->IsDrained(); }, std::chrono::seconds(40),
                                 "every record read"));
    rig_->StopAll();
    const checker::GroupReport report = rig_->Check(is_orderly);
    EXPECT_TRUE(report.ok()) << report.ToString();
    std::cout << report.ToString();
  }

  std::int32_t partitions_ = 0;
  std::unique_ptr<e2e::Cluster> cluster_;
  std::unique_ptr<GroupRig> rig_;
};

}  // namespace lanemq::groups
