// While producers append, groups commit and log starts move, every sample is the truth of one
// instant: the same as a query that counts rows, in the same snapshot.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "tests/conformance/sql_lag_node.h"

namespace lanemq::testing {
namespace {

constexpr int kPartitions = 100;
constexpr int kGroups = 10;
constexpr int kRounds = 30;
constexpr int kWriters = 3;
constexpr int kCommitters = 3;

std::string GroupName(int group) { return fmt::format("g{}", group); }

/// The truth: rows that are there and not read, counted one by one.
class Truth final : public sql::LagRoundObserver {
 public:
  explicit Truth(const SqlLagNode& node) : node_(node) {}

  Status OnSampled(sql::Connection& connection, const core::LagRound& round) override {
    std::map<std::pair<std::string, int>, std::string> truth;
    std::map<int, std::string> ends;
    for (int partition = 0; partition < kPartitions; ++partition) {
      connection.Text() = fmt::format(
          "SELECT g.group_id,COUNT(m.`offset`),MIN(m.timestamp_us),g.committed_offset FROM "
          "partition_state s JOIN group_offsets g ON g.topic_id=s.topic_id AND "
          "g.partition_index=s.partition_index LEFT JOIN {} m ON m.`offset`>=g.committed_offset "
          "AND m.`offset`>=s.log_start_offset WHERE s.topic_id=1 AND s.partition_index={} GROUP BY "
          "g.group_id,g.committed_offset",
          node_.Table(partition), partition);
      LANEMQ_RETURN_IF_ERROR(connection.QueryText("truth", [&](const sql::Row& row) {
        truth[{row.String(0), partition}] = fmt::format(
            "{} from {} oldest {}", row.Int64(1), row.Int64(3), row.IsNull(2) ? -1 : row.Int64(2));
        return true;
      }));
    }
    EXPECT_EQ(round.groups.size(), truth.size());
    for (const core::LagSample& sample : round.groups) {
      const std::string told =
          fmt::format("{} from {} oldest {}", sample.LagMessages(), sample.committed.value,
                      sample.oldest_unread ? sample.oldest_unread->micros : -1);
      EXPECT_EQ(told, (truth[{sample.group, sample.key.partition}]))
          << sample.group << " partition " << sample.key.partition;
      compared += 1;
      lagging += sample.LagMessages() > 0 ? 1 : 0;
    }
    return {};
  }

  int compared = 0;
  int lagging = 0;

 private:
  const SqlLagNode& node_;
};

class LagTruthTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    node_ = std::make_unique<SqlLagNode>(*server);
    for (int i = 0; i < kPartitions; ++i) {
      node_->Create(i);
      locations_.push_back(SqlLagNode::Location(i));
      for (int group = 0; group < kGroups; ++group) {
        node_->Commit(GroupName(group), i, core::Offset{1});
      }
    }
  }

  void Start() {
    for (int i = 0; i < kWriters; ++i) threads_.emplace_back([this, i] { Write(i); });
    for (int i = 0; i < kCommitters; ++i) threads_.emplace_back([this, i] { CommitAll(i); });
    threads_.emplace_back([this] { MoveStarts(); });
  }
  void Stop() {
    is_over_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  /// Small batches to the partitions of this writer, in a random order.
  void Write(int writer) {
    Random random(static_cast<std::uint64_t>(writer) + 1);
    std::int64_t time = 0;
    while (!is_over_ && !HasFailure()) {
      const int partition = Pick(random, kPartitions / kWriters) * kWriters + writer;
      std::vector<WallTime> times;
      for (int i = Pick(random, 4); i >= 0; --i) times.push_back(WallTime{++time * 1'000});
      node_->Append(partition, times);
      auto& end = ends_[static_cast<std::size_t>(partition)];
      end += static_cast<std::int64_t>(times.size());
    }
  }
  /// Groups commit somewhere between the start and what was appended, most of them at the end.
  void CommitAll(int committer) {
    Random random(static_cast<std::uint64_t>(committer) + 100);
    while (!is_over_ && !HasFailure()) {
      const int group = Pick(random, kGroups);
      std::vector<core::OffsetCommit> commits;
      for (int i = 0; i < 10; ++i) {
        const int partition = Pick(random, kPartitions);
        const std::int64_t end = ends_[static_cast<std::size_t>(partition)];
        const std::int64_t back = Pick(random, 3) == 0 ? Pick(random, 20) : 0;
        commits.push_back({SqlLagNode::Location(partition).key,
                           core::Offset{std::max<std::int64_t>(end - back, 1)}, "", std::nullopt});
      }
      EXPECT_TRUE(node_->offsets().Commit(GroupName(group), {}, commits, SqlLagNode::Soon()).ok());
    }
  }
  void MoveStarts() {
    Random random(1'000);
    while (!is_over_ && !HasFailure()) {
      const int partition = Pick(random, kPartitions);
      const std::int64_t end = ends_[static_cast<std::size_t>(partition)];
      node_->SetLogStart(partition, core::Offset{std::max<std::int64_t>(end - 15, 1)});
    }
  }
  static int Pick(Random& random, int below) {
    return static_cast<int>(random.Below(static_cast<std::uint64_t>(below)));
  }

  std::unique_ptr<SqlLagNode> node_;
  std::vector<core::PartitionLocation> locations_;
  std::array<std::atomic<std::int64_t>, kPartitions> ends_ = Ones();
  std::atomic<bool> is_over_{false};
  std::vector<std::thread> threads_;

 private:
  static std::array<std::atomic<std::int64_t>, kPartitions> Ones() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<std::atomic<std::int64_t>, kPartitions>{((void)I, 1)...};
    }
    (std::make_index_sequence<kPartitions>{});
  }
};
INSTANTIATE_TEST_SUITE_P(On, LagTruthTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(LagTruthTest, EverySampleIsWhatCountingRowsSays) {
  Truth truth(*node_);
  sql::MySqlLagSource source(node_->nodes(), SqlLagNode::kNode, &truth);
  std::vector<core::Offset> known(kPartitions, core::Offset{1});
  Start();
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    const auto sampled = source.Sample({locations_, known}, SqlLagNode::Soon());
    EXPECT_TRUE(sampled.ok()) << sampled.error().ToString();
    if (!sampled.ok()) break;
    EXPECT_EQ(sampled->partitions.size(), static_cast<std::size_t>(kPartitions));
    for (int i = 0; i < kPartitions; ++i) {
      known[static_cast<std::size_t>(i)] = sampled->partitions[static_cast<std::size_t>(i)].end;
    }
  }
  Stop();
  // What was compared was not idle.
  EXPECT_EQ(truth.compared, kRounds * kPartitions * kGroups);
  EXPECT_GT(truth.lagging, truth.compared / 10);
  EXPECT_LT(truth.lagging, truth.compared);
}

}  // namespace
}  // namespace lanemq::testing
