#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client/src/publisher/batch_publisher.h"
#include "client/src/spool/spool_files.h"
#include "client/src/spool/spool_replayer.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "lanemq/options.h"
#include "lanemq/record.h"

namespace lanemq::client {

/// What a producer with ProducerOptions::spool_dir sends through: records go to a journal, and a
/// thread takes them to the cluster.
///
/// Sends that come while the journal is being synced share the next sync. Thread safety: every
/// method from any thread; Close() before the publisher's cluster is closed.
class Spool {
 public:
  using Done = std::function<void(const Result<RecordMetadata>&)>;
  struct Stats {
    std::int64_t spooled = 0;
    std::int64_t replayed = 0;
    std::int64_t refused = 0;
    std::uint64_t bytes = 0;
    std::uint64_t torn_bytes = 0;
  };
  /// `publisher` becomes the spool's own; `on_refused` runs on the spool's thread.
  static Result<std::unique_ptr<Spool>> Open(
      const ProducerOptions& options, std::unique_ptr<BatchPublisher> publisher, const Clock& clock,
      std::function<void(const ProducerRecord&, const std::string&)> on_refused);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// `done` runs on the spool's thread and must not block. An error returned here means that the
  /// record was not accepted, and `done` is not called.
  Status Send(ProducerRecord record, std::optional<std::int64_t> due_us, Done done,
              Deadline deadline);
  /// Waits until what was accepted so far is in the cluster, or refused.
  Status Flush(Deadline deadline);
  /// What was accepted is in the journal when it returns; the rest is for the next Open().
  /// Idempotent.
  void Close();
  [[nodiscard]] Stats stats() const;

 private:
  struct Waiting {
    core::OutboxMessage message;
    std::size_t bytes = 0;
    Done done;
  };

  Spool(const ProducerOptions& options, std::unique_ptr<BatchPublisher> publisher,
        const Clock& clock);
  void Run();
  /// What has gathered until it is time for a round. False: the spool is closed.
  bool Take(std::vector<Waiting>& taken) LANEMQ_EXCLUDES(mutex_);
  void DoRound(std::vector<Waiting> taken);
  void Wake() LANEMQ_EXCLUDES(mutex_);
  void Update(std::size_t bytes_taken, std::size_t records_spooled) LANEMQ_REQUIRES(mutex_);
  [[nodiscard]] bool IsSyncDue(MonotonicTime now) const;

  const ProducerOptions options_;
  const Clock& clock_;
  PosixSpoolFiles files_;
  std::unique_ptr<DirectoryLock> lock_;
  std::unique_ptr<BatchPublisher> publisher_;
  std::unique_ptr<SpoolReplayer> replayer_;  // The thread's.
  MonotonicTime next_round_;                 // The thread's.
  MonotonicTime last_sync_;                  // The thread's.

  mutable Mutex mutex_;
  CondVar wake_;
  CondVar changed_;  // Those who wait for room, or in Flush().
  std::vector<Waiting> waiting_ LANEMQ_GUARDED_BY(mutex_);
  std::size_t waiting_bytes_ LANEMQ_GUARDED_BY(mutex_) = 0;  // Of a round under way, too.
  std::int64_t accepted_ LANEMQ_GUARDED_BY(mutex_) = 0;      // Records, ever.
  std::int64_t settled_ LANEMQ_GUARDED_BY(mutex_) = 0;       // Of these, not waiting any more.
  std::int64_t done_below_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::int64_t next_id_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::size_t records_left_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::optional<Error> broken_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> last_error_ LANEMQ_GUARDED_BY(mutex_);
  Stats stats_ LANEMQ_GUARDED_BY(mutex_);
  bool is_woken_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_closing_ LANEMQ_GUARDED_BY(mutex_) = false;

  std::jthread thread_;  // Last: uses everything above.
};

}  // namespace lanemq::client
