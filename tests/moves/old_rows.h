#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "lanemq_types.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/stop_signal.h"

namespace lanemq::moves {

/// A reader that reads the older part of a topic's log again and again, from its start, through all
/// brokers in turn, and compares each message with what it read the first time.
/// Thread safety: one owner; a thread of its own between Start() and Stop().
class OldRows {
 public:
  /// `ends`: where the older part ends, by partition.
  OldRows(e2e::Cluster& cluster, std::string topic, std::map<std::int32_t, std::int64_t> ends);
  ~OldRows();
  OldRows(const OldRows&) = delete;
  OldRows& operator=(const OldRows&) = delete;

  /// Reads everything once and remembers it, then goes on in the background.
  Status Start();
  /// The first message that was not what it had been, or was not there; a first answer that no
  /// retry mends. OK: there was none.
  Status Stop();
  /// How often everything has been read.
  [[nodiscard]] std::int64_t passes() const { return passes_; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }

 private:
  void Run();
  /// One partition, from its start to the end of its older part.
  Status ReadPartition(std::int32_t partition, std::int64_t end);
  Status Take(std::int32_t partition, const idl::StoredMessage& message);
  void Complain(const Status& status) LANEMQ_EXCLUDES(mutex_);

  e2e::Cluster& cluster_;
  const std::string topic_;
  const std::map<std::int32_t, std::int64_t> ends_;
  e2e::StopSignal stop_;
  /// Of each message by its offset; filled by the first reading.
  std::map<std::int32_t, std::vector<std::uint64_t>> known_;
  bool is_first_ = true;  ///< Of the readings.
  int broker_ = 0;
  std::atomic<std::int64_t> passes_ = 0;
  std::atomic<std::int64_t> rows_ = 0;
  mutable Mutex mutex_;
  Status first_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::moves
