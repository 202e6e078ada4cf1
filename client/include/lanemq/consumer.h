#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "lanemq/consumer_group.h"
#include "lanemq/options.h"
#include "lanemq/record.h"

namespace lanemq {
namespace client {
class ConsumerAccess;
}

/// Offsets by partition. An offset to commit is the next one to read.
using Offsets = std::map<TopicPartition, std::int64_t>;

/// Reads partitions in offset order, without a gap: a hole in the log, or a record out of order, is
/// an error of Poll(), never skipped. Which ones, the application says (Assign), or the group
/// shares its topics' partitions out among its members (Subscribe).
///
/// Brokers may come and go; the consumer reads on through others. Committed offsets are per group
/// and partition, durable in the partition's own database. With a subscription they are committed
/// under the member's generation: once another member owns the partition, commits are refused with
/// kIllegalGeneration, and what was not committed is delivered to that member. With Assign() they
/// are committed under generation 0.
///
/// A subscribed consumer keeps its membership alive on a thread of its own, as long as the
/// application calls Poll() within `max_poll_interval`. While no coordinator answers, it goes on
/// reading and committing; Group() and the log say so. Within about a second it follows operators
/// who move the group's offsets or pause it.
///
/// A record that could not be handled is given to Fail(): it is then delivered again later, beside
/// the log, or becomes a dead letter, as the group's policy says; the records behind it go on. What
/// failed leaves the log's sequence in the transaction that commits an offset beyond it, so a crash
/// neither loses nor doubles it. Failures are forgotten when their partition is given up, or the
/// record is delivered again, before such a commit.
///
/// Thread safety: one thread at a time; a call that overlaps another fails with
/// kFailedPrecondition. Only Wakeup(), Group(), Fail() and Done() may be called from any thread.
class Consumer {
 public:
  using CommitCallback = std::function<void(const Status&)>;

  /// kInvalidConfig names every fault of the options. Does not wait for the cluster.
  static Result<std::unique_ptr<Consumer>> Create(ConsumerOptions options);
  /// Leaves the group, if it can within a second, without committing and without telling the
  /// listener. Commits only what was assigned by hand, with `enable_auto_commit`. Close() first.
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  /// Joins the group of `group_id` at the next Poll() and reads the partitions that it is given.
  /// Replaces an earlier subscription and its listener; partitions that both cover may be kept. A
  /// topic need not exist yet; new partitions are picked up. No topics: as Unsubscribe().
  /// More members than partitions are normal: Poll() of those without any waits.
  /// Errors: kInvalidGroupId without a group, kFailedPrecondition after Assign().
  Status Subscribe(std::vector<std::string> topics,
                   std::shared_ptr<RebalanceListener> listener = nullptr);
  /// The same for all topics whose whole name matches a regular expression (ECMAScript), also those
  /// that are created later; looked up every `metadata_max_age`. kInvalidRequest: it is none.
  Status SubscribePattern(const std::string& regex,
                          std::shared_ptr<RebalanceListener> listener = nullptr);
  /// Gives up all partitions (OnRevoked is called) and leaves the group, or drops the assignment.
  /// The error is that of an automatic commit; the partitions are given up all the same.
  Status Unsubscribe();
  /// Gives up all partitions, with an automatic commit and OnRevoked before; leaves the group,
  /// unless it is a static member; ends all connections. Waits for servers at most `timeout`,
  /// listeners aside. The error is that of the automatic commit. Everything later fails with
  /// kClosed.
  Status Close(std::chrono::milliseconds timeout = std::chrono::seconds(30));
  /// How its membership stands.
  [[nodiscard]] GroupStatus Group() const;

  /// Replaces the assignment; none ends it. Not together with a subscription. Reading starts at the
  /// group's committed offset, else where `auto_offset_reset` says; Seek() overrides both.
  /// Partitions kept keep their position.
  Status Assign(std::vector<TopicPartition> partitions);
  /// All partitions of a topic, now. kUnknownTopicOrPartition, or what kept it from being known.
  Result<std::vector<TopicPartition>> PartitionsOf(const std::string& topic,
                                                   std::chrono::milliseconds timeout);

  /// The next records, up to `max_poll_records`, as soon as there are any; none when `timeout`
  /// passes. Due retries are among them, behind new records: at most a quarter (but one in four
  /// calls may bring one) while there are new records. Errors:
  /// - kOffsetOutOfRange, kNotFound (no committed offset) with OffsetReset::kError: Seek() first.
  /// - kDataLossDetected: the log has a hole at this position; a person must decide. Seek() goes
  /// on.
  /// - kFailedPrecondition: nothing is subscribed to or assigned, or another thread is inside.
  /// - kFencedInstanceId: another process has this member's instance id; for good.
  /// - what the coordinator does not accept: kInvalidSessionTimeout, kInconsistentGroupProtocol,
  /// kGroupMaxSizeReached, ...; the next Poll() tries again.
  /// - kAuthenticationFailed: servers refuse the token; once there is another one in `token_file`,
  /// later calls go on.
  /// - kTopicAuthorizationFailed, kGroupAuthorizationFailed: it may not; other partitions go on.
  /// Ask the owning team for a grant; after that, Seek() or a new assignment goes on.
  /// - others that retries cannot mend. Connection trouble is not an error: Poll() returns none.
  Result<std::vector<ConsumedRecord>> Poll(std::chrono::milliseconds timeout);
  /// Makes a running or the next Poll() return at once. Any thread.
  void Wakeup();

  /// `record` failed, with its `attempt`. Of the log: sent with the next commit of an offset beyond
  /// it. A retry: sent with the next commit. Any thread. Errors: kInvalidRequest (reason too long,
  /// negative delay), kInvalidGroupId, kFailedPrecondition (its partition was given up, or a retry
  /// was delivered again since: its next delivery decides), kQueueFull (commit first).
  Status Fail(const ConsumedRecord& record, Failure failure);
  /// `retry` is processed; sent with the next commit. Any thread. kFailedPrecondition: as Fail().
  Status Done(const ConsumedRecord& retry);

  /// Commits the positions of all assigned partitions: what Poll() has returned counts as
  /// processed, retries too, unless they were given to Fail(). Retried until `request_timeout`.
  /// Durable when ok. Errors: kIllegalGeneration (another member has a partition, or may soon; its
  /// records will be delivered there), kOffsetReset (an operator moved the group: the position
  /// follows), kNotFound (a failed record is no longer in the log; `on_event` says which, later
  /// commits go on without it), kInvalidGroupId without a group.
  Status CommitSync();
  /// Commits exactly these, and of the retries what Done() and Fail() said.
  Status CommitSync(const Offsets& offsets);
  /// The same without waiting; `callback` runs inside a later Poll(), CommitSync() or destructor.
  void CommitAsync(CommitCallback callback);
  void CommitAsync(const Offsets& offsets, CommitCallback callback);
  /// What the group has committed; partitions without a commit are left out.
  Result<Offsets> Committed(const std::vector<TopicPartition>& partitions);

  /// The next offset Poll() will return of the partition. Resolves it first when it is not known.
  Result<std::int64_t> Position(const TopicPartition& partition);
  /// Goes on at `offset`. What was fetched ahead is dropped.
  Status Seek(const TopicPartition& partition, std::int64_t offset);
  Status SeekToBeginning(const std::vector<TopicPartition>& partitions);
  Status SeekToEnd(const std::vector<TopicPartition>& partitions);

  /// Log start and log end offsets, and the first offset at or after a time (the log end when every
  /// message is older).
  Result<Offsets> BeginningOffsets(const std::vector<TopicPartition>& partitions);
  Result<Offsets> EndOffsets(const std::vector<TopicPartition>& partitions);
  Result<Offsets> OffsetsForTimes(const std::map<TopicPartition, std::int64_t>& timestamps_us);

  /// Paused partitions stay assigned and are not returned by Poll().
  Status Pause(const std::vector<TopicPartition>& partitions);
  Status Resume(const std::vector<TopicPartition>& partitions);

 private:
  friend class client::ConsumerAccess;
  class Impl;
  explicit Consumer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq
