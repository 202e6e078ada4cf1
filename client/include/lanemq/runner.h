#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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

/// What happens to a record whose handler fails.
enum class OnFailure {
  kStepAside,  ///< Its lane goes on; it is tried again later, by the group's policy.
  /// Its lane waits in place for the policy's back-off and tries again; at the policy's limit it
  /// becomes a dead letter, and the lane goes on. Retries that come from elsewhere step aside.
  kBlock,
};

/// How a handler ended.
class Outcome {
 public:
  static Outcome Ok() { return {}; }
  /// Again later, after `delay` or as the group's policy says. `reason`: a word to count by, at
  /// most 64 bytes; `error` is for people.
  static Outcome Retry(std::string reason,
                       std::optional<std::chrono::milliseconds> delay = std::nullopt,
                       std::string error = {});
  /// Never again: a dead letter.
  static Outcome Dead(std::string reason, std::string error = {});
  /// An error is tried again, its code's name being the reason.
  Outcome(const Status& status);  // NOLINT: handlers may return a Status.
  Outcome(const Error& error);    // NOLINT: or an Error.

  [[nodiscard]] bool ok() const { return !failure_; }
  /// nullopt: ok.
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }

 private:
  Outcome() = default;
  std::optional<Failure> failure_;
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
  OnFailure on_failure = OnFailure::kStepAside;
  /// A handler that takes longer has failed ("timeout"); what it returns later is ignored. Its
  /// thread is replaced, at most `threads` times; then the runner stops. 0: none. Retries are
  /// leased for at least twice as long. Default: 5 min. Range: [0, 5 h].
  std::chrono::milliseconds handler_timeout{300'000};

  [[nodiscard]] Status Validate() const;
};

/// What a runner has done so far.
struct RunnerStats {
  std::int64_t handled = 0;   ///< Successfully.
  std::int64_t failed = 0;    ///< Given to the group's retries or dead letters.
  std::int64_t timeouts = 0;  ///< Handlers given up.
  std::int64_t commits = 0;
  std::int64_t commit_failures = 0;
  std::size_t unfinished = 0;
};

/// Handler threads on top of a group's consumer.
///
/// At least once: offsets are committed up to the first record of a partition that is not finished,
/// so a crash repeats records and never skips one, whatever finished out of order. A record that a
/// handler fails goes to the group's retries or dead letters with the commit that passes it, or
/// blocks its lane (`on_failure`). A record whose handler kills the process again and again is
/// found out: after some restarts records are handled one by one and counted before, and at the
/// policy's limit it becomes a dead letter ("lost").
///
/// Thread safety: Run() on one thread, once; Stop() and Stats() from any.
class Runner {
 public:
  /// Called on the runner's threads; may return a Status, too. An exception is tried again
  /// ("exception"). One that never returns keeps its thread beyond the runner's life, and
  /// what it refers to must live as long.
  /// It runs within a TraceScope: what it sends through a Producer or an Outbox gets the record's
  /// trace and a new span, unless their option `trace` or a `traceparent` of its own says
  /// otherwise.
  using Handler = std::function<Outcome(const ConsumedRecord&)>;

  /// kInvalidConfig names every fault of the options.
  static Result<std::unique_ptr<Runner>> Create(RunnerOptions options, Handler handler);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Joins the group and works until Stop(), or until the consumer fails or too many handlers hang;
  /// that error is returned. Either way running handlers are waited for, the marks committed and
  /// the group left.
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
