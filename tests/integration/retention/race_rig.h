#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "lanemq_types.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/stop_signal.h"

namespace lanemq::e2e {

/// Producers, groups that commit, readers without a group and people with open transactions, on one
/// topic from which retention removes what is old. Each writes down what must not be.
///
/// Thread safety: one owner. Threads of its own between Start() and Finish().
class RetentionLoad {
 public:
  RetentionLoad(Cluster& cluster, TestTopic topic, int producers);
  ~RetentionLoad();

  void Start();
  /// Producers get their last answers, groups read to the end; then the tables are held against
  /// what was acknowledged.
  void Finish();

  [[nodiscard]] std::int64_t acked() const { return acked_; }
  /// Reads of rows that retention took away under a reader without a group.
  [[nodiscard]] std::int64_t out_of_range() const { return out_of_range_; }
  /// Open transactions that saw the same rows at their beginning and at their end.
  [[nodiscard]] std::int64_t long_reads() const { return long_reads_; }
  [[nodiscard]] std::vector<std::string> complaints() const LANEMQ_EXCLUDES(mutex_);

 private:
  struct Row {
    std::int64_t offset = 0;
    std::string body;
  };
  void Produce(int index);
  void ReadAsGroup(int index);
  void ReadFreely(int index);
  void HoldTransactions(std::size_t partition);
  void WatchStarts();
  /// False: nothing was read, `error` says why (absent: the end).
  bool Fetch(int broker, std::int32_t partition, std::int64_t from, std::vector<Row>& rows,
             std::optional<Error>& error);
  bool Commit(int broker, const std::string& group, std::int32_t partition, std::int64_t offset);
  void CheckTables();
  void Complain(std::string what) LANEMQ_EXCLUDES(mutex_);

  Cluster& cluster_;
  const TestTopic topic_;
  const int producer_count_;
  StopSignal stop_producers_;
  StopSignal stop_readers_;
  StopSignal stop_watchers_;
  std::vector<std::jthread> producers_;
  std::vector<std::jthread> groups_;
  std::vector<std::jthread> others_;
  std::atomic<std::int64_t> acked_ = 0;
  std::atomic<std::int64_t> out_of_range_ = 0;
  std::atomic<std::int64_t> long_reads_ = 0;
  mutable Mutex mutex_;
  /// By partition and offset: what was acknowledged there; and what each group has read.
  std::vector<std::map<std::int64_t, std::string>> stored_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::pair<int, std::int32_t>, std::map<std::int64_t, std::string>> read_
      LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::string> complaints_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::e2e
