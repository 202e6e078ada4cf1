#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "client/src/publisher/batch_publisher.h"
#include "client/src/spool/journal.h"
#include "client/src/spool/spool_queue.h"
#include "client/src/spool/spool_record.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/random.h"
#include "common/core/outbox/relay_planner.h"

namespace lanemq::client {

/// The spool without its thread: appends what is to be spooled, plans what is sent next with
/// core::RelayPlanner, commits the plan to the journal, sends it, digests the answers.
///
/// Once a record's round has returned well, the record is stored in the cluster exactly once, in
/// the order of its key, or it is in the journal of refused records; whenever the process ends, and
/// whatever answers are lost. (Exactly once as far as brokers remember the producer: see README.)
///
/// Not thread-safe; one owner calls Round(). Answers may come on any thread, at any time, also
/// after the end.
class SpoolReplayer {
 public:
  struct Options {
    std::string directory;
    std::uint64_t segment_bytes = 16u << 20;
    std::uint64_t bytes_max = 1u << 30;
    bool is_synced_each_round = true;  ///< False: only with plans, and when asked to.
    core::OutboxStreams::Options streams;
    std::chrono::nanoseconds request_timeout = std::chrono::seconds(30);
    /// A topic that the cluster does not have is waited for so long; then its records are refused.
    std::chrono::nanoseconds topic_patience = std::chrono::minutes(2);
    std::function<void(const core::OutboxMessage&, const std::string& error)> on_refused;
  };

  /// Reads what earlier processes left. kCorruptMessage: the journal is damaged.
  static Result<std::unique_ptr<SpoolReplayer>> Open(Options options, SpoolFiles& files,
                                                     BatchPublisher& publisher, const Clock& clock,
                                                     Random random);

  struct Outcome {
    /// So many of the given records, the first ones, are spooled.
    std::size_t spooled = 0;
    /// What kept the others from it. kOutcomeUnknown: they may be there when the spool is opened
    /// again.
    std::optional<Error> error;
    /// The next round is due then without another event.
    MonotonicTime next;
  };
  /// Spools `records`, in this order, and takes the replay further. `must_sync`: what was spooled
  /// by earlier rounds without being synced is synced, too.
  Outcome Round(std::vector<core::OutboxMessage> records, bool must_sync);
  /// Called on any thread when an answer has come.
  void SetWake(std::function<void()> wake);

  [[nodiscard]] std::uint64_t bytes() const { return journal_->bytes() + refused_->bytes(); }
  [[nodiscard]] std::uint64_t torn_bytes() const {
    return journal_->torn_bytes() + refused_->torn_bytes();
  }
  [[nodiscard]] std::int64_t replayed() const { return planner_.counts().published; }
  [[nodiscard]] std::int64_t refused() const { return refused_count_; }
  [[nodiscard]] std::size_t records_left() const { return queue_.size(); }
  /// Every record with a lower id is done.
  [[nodiscard]] std::int64_t done_below() const { return queue_.Oldest().value_or(next_id_); }
  [[nodiscard]] std::int64_t next_id() const { return next_id_; }
  [[nodiscard]] bool has_unsynced() const { return !journal_->IsSynced(); }
  /// Set when a failed sync, write or read has ended the spool's work.
  [[nodiscard]] const std::optional<Error>& broken() const { return journal_->broken(); }
  [[nodiscard]] std::optional<Error> last_error() const { return planner_.counts().last_error; }

 private:
  /// Where answers wait; outlives the replayer.
  struct Mailbox {
    Mutex mutex;
    std::vector<std::pair<std::int64_t, std::optional<Error>>> answers LANEMQ_GUARDED_BY(mutex);
    std::function<void()> wake LANEMQ_GUARDED_BY(mutex);
  };
  /// A step that is decided and not in the journal yet.
  struct Pending {
    SpoolStep step;
    std::vector<SpoolRefusal> refusals;
    bool has_refusals_written = false;
  };

  SpoolReplayer(Options options, SpoolFiles& files, BatchPublisher& publisher, const Clock& clock,
                Random random);
  Status Recover();
  Status VisitFrame(const JournalFrame& frame);
  Status ResumePlan();

  /// Writes the records; how many are counted in `outcome`.
  Status Spool(std::vector<core::OutboxMessage>& records, Outcome& outcome);
  Status FinishSegment(std::vector<core::OutboxMessage>& records, std::vector<JournalPlace>& places,
                       Outcome& outcome);
  /// Sync, compact, remove.
  Status TidyUp(bool must_sync);
  /// Makes room for a frame, by a new segment when the newest is full.
  Status MakeRoom(std::size_t bytes, bool is_small);
  void TakeAnswers(MonotonicTime now);
  void LookAtTopics(MonotonicTime now);
  /// All but `finished`, which the step that is being decided calls done.
  void OfferNext(const std::unordered_set<std::int64_t>& finished, MonotonicTime now);
  void Refuse(std::vector<std::int64_t> ids, const std::string& error);
  void Decide(MonotonicTime now);
  Status CommitPending();
  void Forget();
  void Send(MonotonicTime now);
  Status Compact();
  /// A record that cannot be read back ends the spool's work: without it nothing may go on.
  Result<std::string> ReadBack(std::int64_t id);
  Result<core::OutboxMessage> Load(std::int64_t id);
  [[nodiscard]] MonotonicTime NextRound(MonotonicTime now) const;

  const Options options_;
  SpoolFiles& files_;
  BatchPublisher& publisher_;
  const Clock& clock_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Journal> refused_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  SpoolQueue queue_;
  core::RelayPlanner planner_;
  core::OutboxPlan plan_;  // As in the journal.
  std::int64_t next_id_ = 1;
  std::optional<Pending> pending_;
  std::vector<SpoolRefusal> refusals_;            // Decided without the planner.
  std::unordered_set<std::int64_t> refused_ids_;  // Kept as refused, or to be; not done yet.
  std::map<std::string, MonotonicTime> unknown_since_;
  std::int64_t refused_count_ = 0;
  bool was_cut_ = false;
  bool is_stuck_ = false;  // The last round could not write or remove something.
};

}  // namespace lanemq::client
