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

#include "client/src/cluster.h"
#include "common/base/mutex.h"
#include "lanemq/consumer.h"
#include "lanemq_types.h"

namespace lanemq {

// How records travel: each broker has at most one fetch outstanding, for all partitions that are
// read from it and have room; a reply is decoded on the transport's thread, put into its
// partition's buffer, and the next fetch goes out at once. Poll() takes from the buffers. A seek
// raises the partition's epoch, so that what was fetched before is thrown away.
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
  Status CommitSync(const Offsets& offsets);
  void CommitAsync(const Offsets& offsets, CommitCallback callback);
  Result<Offsets> Committed(const std::vector<TopicPartition>& partitions);

  Result<std::int64_t> Position(const TopicPartition& partition);
  Status Seek(const TopicPartition& partition, std::int64_t offset);
  Status SeekByTime(const std::vector<TopicPartition>& partitions, std::int64_t time);
  /// Offsets by ListOffsets' time: -2 log start, -1 log end, else microseconds.
  Result<Offsets> ListOffsets(const std::map<TopicPartition, std::int64_t>& times);
  Status SetPaused(const std::vector<TopicPartition>& partitions, bool is_paused);

  /// Marks the consumer as used by this thread until destroyed; two at a time is misuse.
  class Use {
   public:
    explicit Use(Impl& impl) : impl_(impl), is_ok_(!impl.is_used_.exchange(true)) {}
    ~Use() {
      if (is_ok_) impl_.is_used_ = false;
    }
    [[nodiscard]] Status Check() const {
      if (is_ok_) return {};
      return Error{ErrorCode::kFailedPrecondition, "another thread is using this consumer"};
    }

   private:
    Impl& impl_;
    const bool is_ok_;
  };

 private:
  struct Partition {
    std::shared_ptr<const TopicPartition> id;
    std::optional<std::int64_t> position;  ///< The next Poll() returns; nullopt: not resolved.
    std::int64_t next_fetch = 0;
    std::deque<std::vector<ConsumedRecord>> buffered;
    std::size_t front_taken = 0;  ///< Records already taken from the first buffer.
    std::deque<std::size_t> buffered_bytes;
    std::int64_t epoch = 0;
    std::optional<std::int64_t> reset_epoch;
    bool is_paused = false;
    bool is_fetching = false;
    std::optional<Error> error;  ///< Returned by Poll() until a seek.
    MonotonicTime not_before;    ///< After a failed fetch.
  };
  /// One fetch, ready to go out once the lock is released.
  struct Fetch {
    rpc::Endpoint broker;
    idl::FetchRequest request;
    std::vector<std::pair<TopicPartition, std::int64_t>> epochs;
  };

  // consumer_fetch.cc
  void StartFetches();
  std::vector<Fetch> CollectFetches() LANEMQ_REQUIRES(mutex_);
  void SendFetch(Fetch fetch);
  void OnFetched(const Fetch& fetch, Result<idl::FetchResponse> reply);
  void TakeResult(idl::FetchPartitionResult& result, std::int64_t epoch,
                  const rpc::Endpoint& broker) LANEMQ_REQUIRES(mutex_);
  void OnPartitionError(Partition& partition, const Error& error, const rpc::Endpoint& broker)
      LANEMQ_REQUIRES(mutex_);

  Status ResolvePositions(Deadline deadline);
  Status ResetPosition(const TopicPartition& partition, const Error& why, Deadline deadline);
  bool TakeRecords(std::vector<ConsumedRecord>& records) LANEMQ_REQUIRES(mutex_);
  std::optional<std::pair<TopicPartition, Error>> FirstError() LANEMQ_REQUIRES(mutex_);
  static void DropBuffer(Partition& partition);
  Status FollowReset(const TopicPartition& partition);
  void RunCommitCallbacks();
  Status CheckGroup() const;
  idl::CommitOffsetsRequest CommitRequest(const Offsets& offsets);
  Status FirstCommitError(const idl::CommitOffsetsResponse& response,
                          std::vector<TopicPartition>* was_reset);
  Result<idl::FetchOffsetsResponse> FetchCommitted(const std::vector<TopicPartition>& partitions,
                                                   Deadline deadline);
  [[nodiscard]] Deadline RequestDeadline() const {
    return Deadline::After(cluster_.clock(), cluster_.options().request_timeout);
  }

  const ConsumerOptions options_;
  Cluster cluster_;
  std::atomic<bool> is_used_{false};
  std::atomic<bool> is_woken_{false};

  Mutex mutex_;
  CondVar arrived_;
  std::map<TopicPartition, Partition> partitions_ LANEMQ_GUARDED_BY(mutex_);
  std::set<rpc::Endpoint> busy_brokers_ LANEMQ_GUARDED_BY(mutex_);
  std::size_t buffered_bytes_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::int64_t next_epoch_ LANEMQ_GUARDED_BY(mutex_) = 1;
  std::optional<TopicPartition> last_served_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::pair<CommitCallback, Status>> done_commits_ LANEMQ_GUARDED_BY(mutex_);
  std::size_t commits_in_flight_ LANEMQ_GUARDED_BY(mutex_) = 0;
  bool is_closing_ LANEMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace lanemq
