#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "tests/checker/message.h"

namespace lanemq::checker {

/// How a send ended, as its caller knows it.
enum class Outcome : std::uint8_t {
  kUnknown,  ///< Timeout, broken connection, or never completed: it may be stored.
  kAcked,    ///< Definitely stored.
  kFailed,   ///< Definitely not stored, by any of its attempts.
};

struct Send {
  std::int32_t partition = -1;  ///< -1: not known before the acknowledgement.
  std::int32_t key = -1;        ///< -1: no key, no order promised.
  std::uint64_t fingerprint = 0;
  Outcome outcome = Outcome::kUnknown;
  std::int64_t offset = -1;  ///< -1: not known.
  MonotonicTime begun;
  MonotonicTime ended;
};

struct Read {
  std::int32_t partition = 0;
  std::int32_t session = 0;  ///< Index into ReaderEvents::sessions.
  std::int64_t offset = 0;
  std::int64_t timestamp_us = 0;
  MessageId id;  ///< Producer -1: the content is no message of this run.
  std::uint64_t fingerprint = 0;
  MonotonicTime at;
};

/// A reader was put at a position: start, seek or restart. Order counts within a session.
struct Session {
  std::int32_t partition = 0;
  std::int64_t start = 0;
  MonotonicTime at;
};

struct Commit {
  std::int32_t partition = 0;
  std::int64_t offset = 0;  ///< The next one to read.
  bool is_acked = false;
  MonotonicTime begun;
  MonotonicTime ended;
};

/// A look at the group's committed offset.
struct Observation {
  std::int32_t partition = 0;
  std::int64_t offset = -1;  ///< -1: nothing committed.
  MonotonicTime begun;
  MonotonicTime ended;
};

/// What one producer did. Cheap: one uncontended lock per call.
/// Thread safety: every method from any thread.
class ProducerLog {
 public:
  ProducerLog(std::int32_t index, const Clock& clock) : index_(index), clock_(clock) {}

  /// The id of the next message, to put into its body. Call in the order of sending.
  MessageId Next() LANEMQ_EXCLUDES(mutex_);
  /// Just before the first attempt of the message `id`, once Next() gave it.
  void Begin(MessageId id, std::int32_t partition, std::int32_t key, std::string_view body)
      LANEMQ_EXCLUDES(mutex_);
  /// At most one of these per message. `offset` -1: stored, nobody knows where.
  void Acked(MessageId id, std::int32_t partition, std::int64_t offset) LANEMQ_EXCLUDES(mutex_);
  void Failed(MessageId id) LANEMQ_EXCLUDES(mutex_);
  void Unknown(MessageId id) LANEMQ_EXCLUDES(mutex_);

  [[nodiscard]] std::int64_t acked() const LANEMQ_EXCLUDES(mutex_);
  [[nodiscard]] std::deque<Send> Copy() const LANEMQ_EXCLUDES(mutex_);

 private:
  void End(MessageId id, Outcome outcome) LANEMQ_EXCLUDES(mutex_);

  const std::int32_t index_;
  const Clock& clock_;
  mutable Mutex mutex_;
  std::deque<Send> sends_ LANEMQ_GUARDED_BY(mutex_);
  std::int64_t acked_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

struct ReaderEvents {
  std::string name;
  std::string group;  ///< Empty: none.
  bool is_complete = false;
  std::vector<Session> sessions;
  std::vector<Read> reads;
  std::vector<Commit> commits;
  std::vector<Observation> observations;
};

/// What one reader did and saw. Thread safety: every method from any thread.
class ReaderLog {
 public:
  ReaderLog(std::string name, std::string group, const Clock& clock);

  /// The reader goes on from `offset` of the partition, wherever it was before.
  void StartAt(std::int32_t partition, std::int64_t offset) LANEMQ_EXCLUDES(mutex_);
  /// A message arrived. The partition needs a StartAt() first.
  void Saw(std::int32_t partition, std::int64_t offset, std::int64_t timestamp_us,
           std::string_view body) LANEMQ_EXCLUDES(mutex_);
  /// Before a commit; the answer is for CommitAcked(), which is left out when it failed.
  std::size_t CommitBegun(std::int32_t partition, std::int64_t offset) LANEMQ_EXCLUDES(mutex_);
  void CommitAcked(std::size_t commit) LANEMQ_EXCLUDES(mutex_);
  /// The group's committed offset was asked for at `begun` and is `offset` (-1: none).
  void Observed(std::int32_t partition, std::int64_t offset, MonotonicTime begun)
      LANEMQ_EXCLUDES(mutex_);
  /// Claims that this reader has read every partition from its start to its end: what it has not
  /// seen is lost.
  void MarkComplete() LANEMQ_EXCLUDES(mutex_);

  [[nodiscard]] std::int64_t reads() const LANEMQ_EXCLUDES(mutex_);
  [[nodiscard]] ReaderEvents Copy() const LANEMQ_EXCLUDES(mutex_);

 private:
  const Clock& clock_;
  mutable Mutex mutex_;
  ReaderEvents events_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::int32_t> session_of_ LANEMQ_GUARDED_BY(mutex_);  ///< By partition; -1: none.
};

/// Everything that happened in one run, as its clients saw it; Check() (checker.h) judges it.
/// Partitions are numbers; a run over several topics numbers them through.
///
/// Thread safety: every method from any thread. The logs live as long as the history.
class History {
 public:
  explicit History(const Clock& clock = SystemClock::Instance()) : clock_(clock) {}

  ProducerLog& AddProducer() LANEMQ_EXCLUDES(mutex_);
  ReaderLog& AddReader(std::string name, std::string group = "") LANEMQ_EXCLUDES(mutex_);

  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] std::int64_t acked() const LANEMQ_EXCLUDES(mutex_);
  /// By producer.
  [[nodiscard]] std::vector<std::deque<Send>> Sends() const LANEMQ_EXCLUDES(mutex_);
  [[nodiscard]] std::vector<ReaderEvents> Readers() const LANEMQ_EXCLUDES(mutex_);

 private:
  const Clock& clock_;
  mutable Mutex mutex_;
  std::deque<ProducerLog> producers_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<ReaderLog> readers_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::checker
