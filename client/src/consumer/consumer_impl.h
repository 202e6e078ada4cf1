#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client/src/cluster/cluster.h"
#include "client/src/consumer/consumer_messages.h"
#include "client/src/consumer/partition_reader.h"
#include "client/src/consumer/usage.h"
#include "client/src/session/group_session.h"
#include "common/base/mutex.h"
#include "common/core/retry/retry_policy.h"
#include "lanemq/consumer.h"
#include "lanemq_types.h"

namespace lanemq {

/// The shell round client::PartitionReader: asks for start positions and records, hands them out.
///
/// Each broker has a few fetches under way, each for all partitions that are read from it, have
/// room and are not asked for already. Replies are decoded on the I/O thread, which sends the next
/// fetch at once: reading goes on while the application works. What fails is asked for again,
/// elsewhere when a broker failed; pauses end in Poll(), so a consumer that is not polled is quiet.
///
/// A subscription's group_ says which partitions to read; a new one is claimed at a broker first.
/// What the listener must hear waits for the application's thread, which alone adds and removes
/// readers.
///
/// Lock order: mutex_, then the group session's, then Cluster's. Nothing is sent and no foreign
/// code runs under mutex_.
class Consumer::Impl {
 public:
  Impl(ConsumerOptions options, client::Security security);
  ~Impl();

  Status Subscribe(std::set<std::string> topics, std::shared_ptr<RebalanceListener> listener);
  Status SubscribePattern(const std::string& regex, std::shared_ptr<RebalanceListener> listener);
  Status Unsubscribe();
  Status Close(std::chrono::milliseconds timeout);
  [[nodiscard]] GroupStatus Group() const { return group_ ? group_->status() : GroupStatus(); }

  Status Assign(std::vector<TopicPartition> partitions);
  Result<std::vector<TopicPartition>> PartitionsOf(const std::string& topic,
                                                   std::chrono::milliseconds timeout);
  Result<std::vector<ConsumedRecord>> Poll(std::chrono::milliseconds timeout);
  void Wakeup();

  /// Without those that wait for their claim: only a seek said where they are.
  [[nodiscard]] Offsets Positions(bool with_unclaimed = false);
  Status CommitSync(const Offsets& offsets, Deadline deadline);
  void CommitAsync(const Offsets& offsets, CommitCallback callback);
  /// Lets a later Poll() call `callback` with `status`.
  void PostCommitResult(CommitCallback callback, Status status);
  Result<Offsets> Committed(const std::vector<TopicPartition>& partitions);

  Result<std::int64_t> Position(const TopicPartition& partition);
  Status Seek(const TopicPartition& partition, std::int64_t offset);
  Status SeekByTime(const std::vector<TopicPartition>& partitions, std::int64_t time);
  /// Offsets by ListOffsets' time: -2 log start, -1 log end, else microseconds.
  Result<Offsets> ListOffsets(const std::map<TopicPartition, std::int64_t>& times);
  Status SetPaused(const std::vector<TopicPartition>& partitions, bool is_paused);
  Status Fail(const ConsumedRecord& record, Failure failure);
  Status Done(const ConsumedRecord& retry);
  /// Every retry that Poll() has returned and that has no outcome.
  void FinishRetries();
  // For the Runner:
  /// Commits `offset` and counts that its record is about to be handled: attempts, this included.
  Result<std::int32_t> BeginRecord(const TopicPartition& id, std::int64_t offset);
  /// nullopt: not assigned.
  [[nodiscard]] std::optional<client::Prospects> ProspectsOf(const TopicPartition& id);
  /// As of about a second ago; nullopt: nothing is known yet. Any thread.
  [[nodiscard]] std::optional<core::RetryPolicy> PolicyOf(const std::string& topic);
  [[nodiscard]] Deadline RequestDeadline() const {
    return Deadline::After(cluster_.clock(), options_.request_timeout);
  }
  /// Since when the oldest handler runs; nullopt: none does.
  void OnHandlers(std::optional<MonotonicTime> since) { group_->OnHandlers(since); }
  [[nodiscard]] client::Usage& usage() { return usage_; }

 private:
  using Token = client::PartitionReader::Token;
  using Tokens = client::Tokens;
  using Owner = client::GroupSession::Identity;
  using Kind = client::RequestKind;
  using Request = client::ConsumerRequest;
  using AsyncCommit = client::AsyncCommit;
  using Settling = client::Settling;
  using CommitReply = Result<idl::CommitOffsetsResponse>;
  enum class Mode { kNone, kAssigned, kSubscribed };

  // What to ask for (consumer_requests.cc).
  /// Sends every request that is due.
  void Pump();
  std::vector<Request> CollectRequests() LANEMQ_REQUIRES(mutex_);
  void CollectStarts(MonotonicTime now, std::vector<Request>& out) LANEMQ_REQUIRES(mutex_);
  void CollectFetches(MonotonicTime now, std::vector<Request>& out) LANEMQ_REQUIRES(mutex_);
  void FillFetch(Request& request) LANEMQ_REQUIRES(mutex_);
  void Send(Request request);

  // What came back (consumer_replies.cc). All run on the I/O thread.
  void OnFetched(const client::BrokerTarget& broker, const Tokens& tokens,
                 Result<idl::FetchResponse> reply);
  void OnStartOffsets(const client::BrokerTarget& broker, const Tokens& tokens,
                      const Result<idl::ListOffsetsResponse>& reply);
  void OnCommitted(const client::BrokerTarget& broker, const Tokens& tokens,
                   const Result<idl::FetchOffsetsResponse>& reply);
  /// A whole request failed: its partitions ask again.
  void OnFailure(const client::BrokerTarget& broker, const Tokens& tokens, const Error& error)
      LANEMQ_REQUIRES(mutex_);
  void OnPartitionError(client::PartitionReader& reader, const Error& error)
      LANEMQ_REQUIRES(mutex_);
  void ApplyResetPolicy(client::PartitionReader& reader, const Error& why) LANEMQ_REQUIRES(mutex_);
  /// The reader whose request this is, with the request ended; nullptr when it is stale.
  client::PartitionReader* EndRequest(const TopicPartition& id, Token token)
      LANEMQ_REQUIRES(mutex_);
  void OnMetadata();

  // The group (consumer_group.cc). On the application's thread.
  Status BeginSubscription(std::shared_ptr<RebalanceListener> listener);
  /// What the group has for the application; the error that Poll() returns.
  Status RunGroup();
  /// The first automatic commit that failed. `is_silent`: commits nothing and tells nobody.
  Status RunListenerCalls(bool is_silent);
  Status RunListenerCall(const client::CallListener& call, bool is_silent);
  void AddClaimed(const std::vector<TopicPartition>& partitions);
  void Drop(const std::vector<TopicPartition>& partitions);
  Status CommitBeforeLeaving(const std::vector<TopicPartition>& partitions);
  /// Runs listener calls until `is_done`.
  Status FinishGroup(bool is_silent, Deadline deadline, const std::function<bool()>& is_done);
  void ShutDown();
  void OnGroupNews();
  /// For commits that nobody waits for by his own choice.
  [[nodiscard]] std::chrono::milliseconds CommitPatience() const;

  // Claims and the group's rows (consumer_rows.cc).
  void CollectClaims(MonotonicTime now, std::vector<Request>& out) LANEMQ_REQUIRES(mutex_);
  void OnClaimed(const client::BrokerTarget& broker, const Tokens& tokens, const Owner& owner,
                 const Result<idl::ClaimPartitionsResponse>& reply);
  /// The generation of the row that refused; nullopt: no row did.
  std::optional<core::Generation> TakeClaim(client::PartitionReader& reader,
                                            const idl::FetchOffsetsPartitionResult* result)
      LANEMQ_REQUIRES(mutex_);
  void WaitForGroup(client::PartitionReader& reader, const Error& why) LANEMQ_REQUIRES(mutex_);
  /// Asks for resets and pauses of all partitions, on the group's thread.
  void AskForRows();
  void OnRows(const client::BrokerTarget& broker, const std::vector<TopicPartition>& partitions,
              const Result<idl::FetchOffsetsResponse>& reply);

  // Retries (consumer_retries.cc). Their requests do not occupy the readers.
  std::size_t RoomForRetries() LANEMQ_REQUIRES(mutex_);
  void CollectRetries(MonotonicTime now, std::vector<Request>& out) LANEMQ_REQUIRES(mutex_);
  void CollectFailureChecks(std::vector<Request>& out) LANEMQ_REQUIRES(mutex_);
  void OnRetries(const client::BrokerTarget& broker, const Tokens& tokens, MonotonicTime sent_at,
                 Result<idl::FetchRetriesResponse> reply);
  void OnLogStart(const Tokens& tokens, const Result<idl::ListOffsetsResponse>& reply);
  std::size_t ReadyRetries() LANEMQ_REQUIRES(mutex_);
  void TakeRetries(std::size_t max, std::vector<ConsumedRecord>& records) LANEMQ_REQUIRES(mutex_);
  void AskForRowsIfAssigned();
  void LearnPolicies(const idl::FetchOffsetsResponse& reply) LANEMQ_REQUIRES(mutex_);
  using Row = idl::FetchOffsetsPartitionResult;
  void LearnRetries(const TopicPartition& id, const Row* row) LANEMQ_REQUIRES(mutex_);

  // Polling (consumer_impl.cc).
  bool TakeRecords(std::vector<ConsumedRecord>& records) LANEMQ_REQUIRES(mutex_);
  /// A new one, or (`is_idle`) any.
  const Error* FindFailure(bool is_idle) LANEMQ_REQUIRES(mutex_);
  /// At most until `deadline` or until a partition's pause ends.
  void WaitForNews(Deadline deadline) LANEMQ_REQUIRES(mutex_);
  void RunEvents();
  void RunCommitCallbacks();
  void CommitAutomatically();
  client::PartitionReader MakeReader(const TopicPartition& id) LANEMQ_REQUIRES(mutex_);
  Result<client::PartitionReader*> FindReader(const TopicPartition& id) LANEMQ_REQUIRES(mutex_);

  // Committing (consumer_commit.cc).
  Status CheckGroup() const;
  /// As whom to commit; kIllegalGeneration when a subscription does not own one of them,
  /// kRebalanceInProgress when it is not claimed yet.
  Result<Owner> OwnerOf(const Offsets& offsets);
  AsyncCommit MakeCommit(const Offsets& offsets, const Owner& owner);
  /// The first error of the reply. Partitions that an operator has reset follow him; the group
  /// hears when another member has one that was not given up since.
  Status TakeCommitReply(const Settling& sent, const CommitReply& reply);
  bool IsPresent(const std::map<TopicPartition, Token>& readers, const TopicPartition& id)
      LANEMQ_REQUIRES(mutex_);
  Status WaitForQueue(Deadline deadline);
  Status WaitForClaims(const Offsets& offsets, Deadline deadline);
  Result<idl::FetchOffsetsResponse> FetchCommitted(const std::vector<TopicPartition>& partitions,
                                                   Deadline deadline);
  Status LearnResetEpochs(const Offsets& offsets, Deadline deadline);
  void SendNextCommit();
  void OnCommitReply(const AsyncCommit& commit, Status status);
  void SendCommit(AsyncCommit commit);
  void SendSettling(AsyncCommit commit, std::shared_ptr<const Settling> sending, int attempt);

  // Failures (consumer_settle.cc).
  /// The next message of a commit: each has a sequence of its own, which its repeats share.
  Settling Prepare(AsyncCommit& commit);
  bool AddToSettling(const TopicPartition& id, const idl::CommitPartition* commit,
                     client::PartitionReader& reader, bool with_retries, std::size_t& left,
                     Settling& out) LANEMQ_REQUIRES(mutex_);
  CommitReply TakeSettleReply(const Settling& sent, const Result<idl::SettleResponse>& reply);
  Status SendSync(const Settling& sending, Deadline deadline);
  bool HasOutcomes();
  Status CommitNow(const Offsets& offsets, bool begins, Deadline deadline);

  const ConsumerOptions options_;
  client::Usage usage_;
  std::atomic<bool> is_woken_{false};
  // Of the one thread that uses the consumer:
  MonotonicTime next_auto_commit_;
  MonotonicTime next_rows_;
  Mode mode_ = Mode::kNone;
  std::shared_ptr<RebalanceListener> listener_;

  Mutex mutex_;
  CondVar news_;
  std::map<TopicPartition, client::PartitionReader> readers_ LANEMQ_GUARDED_BY(mutex_);
  std::map<core::BrokerId, int> fetches_ LANEMQ_GUARDED_BY(mutex_);  // Under way, by broker.
  std::map<TopicPartition, core::BrokerId> asked_ LANEMQ_GUARDED_BY(mutex_);  // Under way.
  std::optional<TopicPartition> last_served_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<TopicPartition> last_retried_ LANEMQ_GUARDED_BY(mutex_);
  // By topic; nullopt: for all others.
  std::map<std::optional<std::string>, core::RetryPolicy> policies_ LANEMQ_GUARDED_BY(mutex_);
  bool knows_policies_ LANEMQ_GUARDED_BY(mutex_) = false;
  client::RetryShare retry_share_ LANEMQ_GUARDED_BY(mutex_);
  client::KeptRecords kept_ LANEMQ_GUARDED_BY(mutex_){options_.retry_lease};
  std::map<core::BrokerId, std::size_t> retries_asked_ LANEMQ_GUARDED_BY(mutex_);  // Under way.
  std::vector<std::string> events_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<AsyncCommit> commits_ LANEMQ_GUARDED_BY(mutex_);  // In order; one is under way.
  bool is_committing_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::int64_t last_commit_sequence_ LANEMQ_GUARDED_BY(mutex_) = 0;  // Through all generations.
  std::deque<std::pair<CommitCallback, Status>> done_commits_ LANEMQ_GUARDED_BY(mutex_);
  bool is_closing_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_group_news_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::set<core::BrokerId> rows_asked_ LANEMQ_GUARDED_BY(mutex_);  // Under way.
  Token last_reader_ LANEMQ_GUARDED_BY(mutex_) = 0;

  const std::unique_ptr<client::GroupSession> group_;  // Null without a group id.
  client::Cluster cluster_;                            // Last: its callbacks use everything above.
};

}  // namespace lanemq
