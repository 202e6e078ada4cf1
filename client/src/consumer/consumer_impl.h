#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/src/cluster/cluster.h"
#include "client/src/consumer/partition_reader.h"
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
/// Lock order: mutex_, then Cluster's. Nothing is sent and no foreign code runs under mutex_.
class Consumer::Impl {
 public:
  explicit Impl(ConsumerOptions options);
  ~Impl();

  Status Assign(std::vector<TopicPartition> partitions);
  Result<std::vector<TopicPartition>> PartitionsOf(const std::string& topic,
                                                   std::chrono::milliseconds timeout);
  Result<std::vector<ConsumedRecord>> Poll(std::chrono::milliseconds timeout);
  void Wakeup();

  [[nodiscard]] Offsets Positions();
  Status CommitSync(const Offsets& offsets, Deadline deadline);
  void CommitAsync(Offsets offsets, CommitCallback callback);
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

  /// Marks the consumer as used by this thread until destroyed; two at a time is misuse.
  class Use {
   public:
    explicit Use(Impl& impl) : impl_(impl), is_ok_(!impl.is_used_.exchange(true)) {}
    ~Use() {
      if (is_ok_) impl_.is_used_ = false;
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    [[nodiscard]] Status Check() const {
      if (is_ok_) return {};
      return Error{ErrorCode::kFailedPrecondition, "another thread is using this consumer"};
    }

   private:
    Impl& impl_;
    const bool is_ok_;
  };

 private:
  using Token = client::PartitionReader::Token;
  using Tokens = std::vector<std::pair<TopicPartition, Token>>;
  enum class Kind { kFetch, kStartOffsets, kCommitted };
  /// A request that goes out once the lock is released. One of the messages is filled.
  struct Request {
    Kind kind = Kind::kFetch;
    client::BrokerTarget broker;
    Tokens tokens;
    idl::FetchRequest fetch;
    idl::ListOffsetsRequest list;
    idl::FetchOffsetsRequest committed;
  };
  struct AsyncCommit {
    Offsets offsets;
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

  // Polling (consumer_impl.cc).
  bool TakeRecords(std::vector<ConsumedRecord>& records) LANEMQ_REQUIRES(mutex_);
  /// The failure to return now: a new one, or (`is_idle`) any.
  const Error* FindFailure(bool is_idle) LANEMQ_REQUIRES(mutex_);
  /// Waits for news, at most until `deadline` or until a partition's pause ends.
  void WaitForNews(Deadline deadline) LANEMQ_REQUIRES(mutex_);
  void RunEvents();
  void RunCommitCallbacks();
  void CommitAutomatically();
  Result<client::PartitionReader*> FindReader(const TopicPartition& id) LANEMQ_REQUIRES(mutex_);

  // Committing (consumer_commit.cc).
  Status CheckGroup() const;
  idl::CommitOffsetsRequest CommitRequest(const Offsets& offsets);
  /// The first error of the reply. Partitions that an operator has reset follow him.
  Status TakeCommitReply(const idl::CommitOffsetsResponse& response);
  Result<idl::FetchOffsetsResponse> FetchCommitted(const std::vector<TopicPartition>& partitions,
                                                   Deadline deadline);
  Status LearnResetEpochs(const Offsets& offsets, Deadline deadline);
  void SendNextCommit();
  void OnCommitReply(const AsyncCommit& commit, const Result<idl::CommitOffsetsResponse>& reply);
  void SendCommit(AsyncCommit commit, int attempt);

  const ConsumerOptions options_;
  std::atomic<bool> is_used_{false};
  std::atomic<bool> is_woken_{false};
  MonotonicTime next_auto_commit_;  // Of the one thread that polls.

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
  std::vector<std::pair<CommitCallback, Status>> done_commits_ LANEMQ_GUARDED_BY(mutex_);
  bool is_closing_ LANEMQ_GUARDED_BY(mutex_) = false;

  client::Cluster cluster_;  // Last: its callbacks use everything above.
};

}  // namespace lanemq
