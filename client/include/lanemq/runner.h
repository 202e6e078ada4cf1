#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "lanemq/options.h"
#include "lanemq/record.h"

namespace lanemq {

/// Which records wait for each other.
enum class HandlingOrder {
  kPartition,  ///< One at a time per partition: as many at once as there are partitions.
  kKey,   ///< One at a time per key: parallel inside a partition, and each key keeps its order.
  kNone,  ///< No order at all.
};

struct RunnerOptions {
  /// `group_id` is required; `enable_auto_commit` is ignored: the runner commits.
  ConsumerOptions consumer;
  std::vector<std::string> topics;
  HandlingOrder order = HandlingOrder::kPartition;
  /// Threads that call the handler. Default: 4. Range: [1, 1,024].
  std::int32_t threads = 4;
  /// Records polled and not finished; polling pauses above. Default: 1,000. Range: [1, 1,000,000].
  std::size_t unfinished_max = 1'000;
  /// Default: 1 s. Range: [10 ms, 1 h].
  std::chrono::milliseconds commit_interval{1'000};
  /// How long a stop, or partitions that are taken away, wait for handlers that are inside a
  /// record. What is not finished then is delivered again. Default: 30 s. Range: [0, 1 h].
  std::chrono::milliseconds drain_timeout{30'000};

  [[nodiscard]] Status Validate() const;
};

/// What a runner has done so far.
struct RunnerStats {
  std::int64_t handled = 0;
  std::int64_t commits = 0;
  std::int64_t commit_failures = 0;
  std::size_t unfinished = 0;
};

/// Handler threads on top of a group's consumer.
///
/// At least once: offsets are committed up to the first record of a partition that is not finished,
/// so a crash repeats records and never skips one, whatever finished out of order. A handler that
/// returns an error stops the runner, uncommitted: nothing is skipped.
///
/// Thread safety: Run() on one thread, once; Stop() and Stats() from any.
class Runner {
 public:
  /// Called on the runner's threads. The record is the handler's for the time of the call.
  using Handler = std::function<Status(const ConsumedRecord&)>;

  /// kInvalidConfig names every fault of the options.
  static Result<std::unique_ptr<Runner>> Create(RunnerOptions options, Handler handler);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Joins the group and works until Stop(), or until a handler or the consumer fails; that error
  /// is returned. Either way running handlers are waited for, the marks committed and the group
  /// left.
  Status Run();
  /// Makes Run() finish in order. Any thread; idempotent.
  void Stop();
  [[nodiscard]] RunnerStats Stats() const;

 private:
  class Impl;
  explicit Runner(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq
