#pragma once

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client/src/cluster/cluster.h"
#include "client/src/consumer/partition_reader.h"
#include "client/src/session/group_session.h"
#include "common/base/mutex.h"
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
  explicit Impl(ConsumerOptions options);
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
  [[nodiscard]] Deadline RequestDeadline() const {
    return Deadline::After(cluster_.clock(), options_.request_timeout);
  }

  /// Marks the consumer as used by this thread until destroyed; two at a time is misuse. Inside a
  /// rebalance listener its thread may do what `may_nest`.
  class Use {
   public:
    explicit Use(Impl& impl, bool may_nest = true) : impl_(impl) {
      std::thread::id user;
      is_first_ = impl.user_.compare_exchange_strong(user, std::this_thread::get_id());
      is_nested_ = !is_first_ && user == std::this_thread::get_id() && impl.is_in_listener_;
      is_ok_ = is_first_ || (is_nested_ && may_nest);
    }
    ~Use() {
      if (is_first_) impl_.user_ = std::thread::id();
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    [[nodiscard]] Status Check() const {
      if (!is_ok_) {
        return Error{ErrorCode::kFailedPrecondition, is_nested_
                                                         ? "not inside a rebalance listener"
                                                         : "another thread is using this consumer"};
      }
      if (impl_.is_closed_) return Error{ErrorCode::kClosed, "the consumer was closed"};
      return {};
    }

   private:
    Impl& impl_;
    bool is_first_ = false;
    bool is_nested_ = false;
    bool is_ok_ = false;
  };

 private:
  using Token = client::PartitionReader::Token;
  using Tokens = std::vector<std::pair<TopicPartition, Token>>;
  using Owner = client::GroupSession::Identity;
  enum class Kind { kFetch, kStartOffsets, kCommitted, kClaim };
  enum class Mode { kNone, kAssigned, kSubscribed };
  /// A request that goes out once the lock is released. One of the messages is filled.
  struct Request {
    Kind kind = Kind::kFetch;
    client::BrokerTarget broker;
    Tokens tokens;
    idl::FetchRequest fetch;
    idl::ListOffsetsRequest list;
    idl::FetchOffsetsRequest committed;
    idl::ClaimPartitionsRequest claim;
  };
  struct AsyncCommit {
    // As it was made: it must not pass as a later generation's, nor as read after a reset.
    idl::CommitOffsetsRequest request;
    std::map<TopicPartition, Token> readers;  // Their serials.
    CommitCallback callback;
  };

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
  [[nodiscard]] std::chrono::milliseconds CommitPatience() const {
    return std::min<std::chrono::milliseconds>(options_.request_timeout, std::chrono::seconds(5));
  }

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

  // Polling (consumer_impl.cc).
  bool TakeRecords(std::vector<ConsumedRecord>& records) LANEMQ_REQUIRES(mutex_);
  /// The failure to return now: a new one, or (`is_idle`) any.
  const Error* FindFailure(bool is_idle) LANEMQ_REQUIRES(mutex_);
  /// Waits for news, at most until `deadline` or until a partition's pause ends.
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
  Status TakeCommitReply(const AsyncCommit& commit,
                         const Result<idl::CommitOffsetsResponse>& reply);
  bool IsPresent(const AsyncCommit& commit, const TopicPartition& id) LANEMQ_REQUIRES(mutex_);
  Status WaitForQueue(Deadline deadline);
  Status WaitForClaims(const Offsets& offsets, Deadline deadline);
  Result<idl::FetchOffsetsResponse> FetchCommitted(const std::vector<TopicPartition>& partitions,
                                                   Deadline deadline);
  Status LearnResetEpochs(const Offsets& offsets, Deadline deadline);
  void SendNextCommit();
  void OnCommitReply(const AsyncCommit& commit, const Result<idl::CommitOffsetsResponse>& reply);
  void SendCommit(AsyncCommit commit, int attempt);

  const ConsumerOptions options_;
  std::atomic<std::thread::id> user_;
  std::atomic<bool> is_woken_{false};
  // Of the one thread that uses the consumer:
  MonotonicTime next_auto_commit_;
  Mode mode_ = Mode::kNone;
  bool is_in_listener_ = false;
  bool is_closed_ = false;
  std::shared_ptr<RebalanceListener> listener_;

  Mutex mutex_;
  CondVar news_;
  std::map<TopicPartition, client::PartitionReader> readers_ LANEMQ_GUARDED_BY(mutex_);
  std::map<core::BrokerId, int> fetches_ LANEMQ_GUARDED_BY(mutex_);  // Under way, by broker.
  std::map<TopicPartition, core::BrokerId> asked_
      LANEMQ_GUARDED_BY(mutex_);  // By request under way.
  std::optional<TopicPartition> last_served_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::string> events_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<AsyncCommit> commits_ LANEMQ_GUARDED_BY(mutex_);  // In order; one is under way.
  bool is_committing_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::deque<std::pair<CommitCallback, Status>> done_commits_ LANEMQ_GUARDED_BY(mutex_);
  bool is_closing_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_group_news_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::set<core::BrokerId> rows_asked_ LANEMQ_GUARDED_BY(mutex_);  // Under way.
  Token last_reader_ LANEMQ_GUARDED_BY(mutex_) = 0;

  const std::unique_ptr<client::GroupSession> group_;  // Null without a group id.
  client::Cluster cluster_;                            // Last: its callbacks use everything above.
};

}  // namespace lanemq
