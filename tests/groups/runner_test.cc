// The Runner on a real group: parallel handlers, order by key, nothing skipped.
#include "lanemq/runner.h"

#include <algorithm>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "common/base/mutex.h"
#include "tests/groups/groups_test_fixture.h"

namespace lanemq::groups {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::WaitFor;

/// What handlers were given, and whether a key was ever in two hands.
class Journal {
 public:
  Status Handle(const ConsumedRecord& record) {
    const std::string key = record.key.value_or("");
    {
      MutexLock lock(mutex_);
      if (!busy_.insert(key).second) ++overlaps_;
      auto& last = last_[key];
      if (record.offset <= last[record.partition()]) ++repeats_;
      last[record.partition()] = std::max(last[record.partition()], record.offset);
      offsets_[record.partition()].insert(record.offset);
      most_ = std::max(most_, busy_.size());
      idle_.WaitFor(mutex_, 1ms);  // Work that takes a while, so that handlers overlap.
    }
    MutexLock lock(mutex_);
    busy_.erase(key);
    if (fail_once_ && handled_ == 100) {
      fail_once_ = false;
      refused_ = {record.partition(), record.offset};
      offsets_[record.partition()].erase(record.offset);
      return Error{ErrorCode::kFailedPrecondition, "the handler does not want it"};
    }
    ++handled_;
    return {};
  }
  void FailOnce() {
    MutexLock lock(mutex_);
    fail_once_ = true;
  }
  using Offsets = std::map<std::int32_t, std::set<std::int64_t>>;
  [[nodiscard]] Offsets offsets() const {
    MutexLock lock(mutex_);
    return offsets_;
  }
  [[nodiscard]] std::pair<std::int32_t, std::int64_t> refused() const {
    MutexLock lock(mutex_);
    return refused_;
  }
  [[nodiscard]] int overlaps() const {
    MutexLock lock(mutex_);
    return overlaps_;
  }
  [[nodiscard]] int repeats() const {
    MutexLock lock(mutex_);
    return repeats_;
  }
  [[nodiscard]] std::size_t most() const {
    MutexLock lock(mutex_);
    return most_;
  }

 private:
  mutable Mutex mutex_;
  CondVar idle_;
  std::set<std::string> busy_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::string, std::map<std::int32_t, std::int64_t>> last_ LANEMQ_GUARDED_BY(mutex_);
  Offsets offsets_ LANEMQ_GUARDED_BY(mutex_);
  std::pair<std::int32_t, std::int64_t> refused_ LANEMQ_GUARDED_BY(mutex_);
  std::size_t most_ LANEMQ_GUARDED_BY(mutex_) = 0;
  int overlaps_ LANEMQ_GUARDED_BY(mutex_) = 0;
  int repeats_ LANEMQ_GUARDED_BY(mutex_) = 0;
  int handled_ LANEMQ_GUARDED_BY(mutex_) = 0;
  bool fail_once_ LANEMQ_GUARDED_BY(mutex_) = false;
};

/// A runner on a thread of its own, stopped at the end of the test at the latest.
class Running {
 public:
  explicit Running(Runner& runner)
      : runner_(runner), thread_([this] { status_ = runner_.Run(); }) {}
  ~Running() { (void)Stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  Status Stop() {
    runner_.Stop();
    if (thread_.joinable()) thread_.join();
    return status_;
  }

 private:
  Runner& runner_;
  Status status_;
  std::thread thread_;
};

class RunnerTest : public GroupsTest {
 protected:
  void SetUp() override { StartCluster({}, 2); }
  std::unique_ptr<Runner> Make(HandlingOrder order, Journal& journal) {
    RunnerOptions options;
    options.consumer.bootstrap_servers = cluster_->bootstrap();
    options.consumer.group_id = rig_->group();
    options.consumer.auto_offset_reset = OffsetReset::kEarliest;
    options.topics = {"jobs"};
    options.order = order;
    options.threads = 8;
    options.commit_interval = 100ms;
    auto runner = Runner::Create(
        options, [&](const ConsumedRecord& record) { return journal.Handle(record); });
    EXPECT_TRUE(runner.ok()) << runner.error().ToString();
    return runner.ok() ? std::move(runner).value() : nullptr;
  }
  /// Every record there is was handled, by one or the other.
  bool AreHandled(const Journal& one, const Journal& other) {
    const auto ends = rig_->Ends();
    if (!ends.ok()) return false;
    Journal::Offsets all = one.offsets();
    for (auto& [partition, offsets] : other.offsets()) all[partition].merge(offsets);
    return std::ranges::all_of(*ends, [&](const auto& end) {
      return all[end.first].size() == static_cast<std::size_t>(end.second - 1);
    });
  }
};

TEST_P(RunnerTest, KeysKeepTheirOrderWhileOnePartitionIsHandledInParallel) {
  Journal journal;
  auto first = Make(HandlingOrder::kKey, journal);
  auto second = Make(HandlingOrder::kKey, journal);
  ASSERT_TRUE(first && second);
  Running one(*first);
  ASSERT_TRUE(WaitFor([&] { return first->Stats().handled > 300; }, 30s, "the first works"));
  Running two(*second);
  ASSERT_TRUE(WaitFor([&] { return second->Stats().handled > 200; }, 30s, "the second works"));
  const Status first_end = one.Stop();
  EXPECT_TRUE(first_end.ok()) << first_end.error().ToString();
  ASSERT_TRUE(rig_->StopWriting().ok());
  ASSERT_TRUE(WaitFor([&] { return AreHandled(journal, journal); }, 40s, "everything handled"));
  const Status second_end = two.Stop();
  EXPECT_TRUE(second_end.ok()) << second_end.error().ToString();
  EXPECT_EQ(journal.overlaps(), 0);
  EXPECT_EQ(journal.repeats(), 0) << "orderly hand-overs repeat nothing";
  EXPECT_GT(journal.most(), 2u) << "handlers ran side by side";
}

TEST_P(RunnerTest, ARecordThatItsHandlerRefusesIsTriedAgainAndHoldsNothingUp) {
  Journal journal;
  journal.FailOnce();
  auto runner = Make(HandlingOrder::kPartition, journal);
  ASSERT_TRUE(runner);
  Running running(*runner);
  ASSERT_TRUE(WaitFor([&] { return runner->Stats().handled > 300; }, 30s, "it goes on"));
  ASSERT_TRUE(rig_->StopWriting().ok());
  ASSERT_TRUE(WaitFor([&] { return AreHandled(journal, journal); }, 40s, "everything handled"));
  const Status end = running.Stop();
  EXPECT_TRUE(end.ok()) << end.error().ToString();
  const auto [partition, offset] = journal.refused();
  EXPECT_TRUE(journal.offsets()[partition].contains(offset)) << "the refused record was skipped";
  EXPECT_EQ(runner->Stats().failed, 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, RunnerTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::groups
