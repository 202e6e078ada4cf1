#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/src/cluster/cluster.h"
#include "client/src/publisher/batch_publisher.h"
#include "common/base/mutex.h"

namespace lanemq::client {

/// Since the publisher was made.
struct PublishCounts {
  std::int64_t requests = 0;    ///< Sent; without those for which there was no broker.
  std::int64_t messages = 0;    ///< Sent, each attempt counted.
  std::int64_t bytes = 0;       ///< Likewise; by core::SizeOf().
  std::int64_t stored = 0;      ///< Messages answered well, duplicates included.
  std::int64_t duplicates = 0;  ///< Messages that had been stored before.
  std::int64_t failures = 0;    ///< Attempts that ended with an error.
};

/// Sends batches to the brokers that a Cluster knows, each as one request to the preferred broker
/// of its partition, or to another one while that fails. It repeats nothing: its caller does, with
/// the same sequences.
///
/// Never blocks. The errors of transport are those of RpcClient, with the broker's number in front;
/// a broker that vanishes from the metadata while it has a request is kNetworkException at once.
/// Thread safety: every method from any thread. Becomes the listener of the cluster, which must be
/// closed, or idle for good, before this is destroyed.
class ClusterPublisher final : public BatchPublisher {
 public:
  struct Options {
    /// A topic that servers do not know is "not known yet" for so long from the first question on:
    /// a new topic reaches them one after another.
    std::chrono::nanoseconds topic_patience = std::chrono::seconds(1);
  };
  ClusterPublisher(Cluster& cluster, Options options);
  explicit ClusterPublisher(Cluster& cluster) : ClusterPublisher(cluster, Options{}) {}
  ~ClusterPublisher() override;

  Result<std::int32_t> PartitionsOf(const std::string& topic) override;
  void Publish(const core::OutboxGroup& group, const std::vector<core::OutboxMessage>& messages,
               Deadline deadline, Done done) override;
  void SetListener(std::function<void()> on_change) override;

  [[nodiscard]] PublishCounts Counts() const;

 private:
  struct Call {
    core::BrokerId broker;
    std::int64_t messages = 0;
    Done done;
  };
  struct Absence {
    MonotonicTime since;         // The first of a row of questions.
    MonotonicTime asked;         // The last of them.
    std::int64_t refreshes = 0;  // Before the first.
  };
  /// A partition's result in a reply, whatever it was about.
  struct Answer {
    std::optional<Error> error;
    bool is_from_broker = false;  // It answered; nothing is known against it.
    std::int64_t duplicates = 0;
    std::optional<core::BrokerId> preferred;
  };

  template <typename Request>
  void Send(Request request, const core::OutboxGroup& group, const BrokerTarget& target,
            std::int64_t serial, Deadline deadline);
  template <typename Response>
  static Answer Read(Result<Response> reply, std::int64_t messages);
  void OnAnswer(const TopicPartition& partition, std::int64_t serial, Answer answer);
  void Finish(Call call, const std::optional<Error>& error, std::int64_t duplicates);
  void OnMetadata();

  Cluster& cluster_;
  const Options options_;
  mutable Mutex mutex_;
  std::function<void()> listener_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::int64_t, Call> calls_ LANEMQ_GUARDED_BY(mutex_);  // In flight.
  std::int64_t next_serial_ LANEMQ_GUARDED_BY(mutex_) = 1;
  std::map<std::string, Absence> absent_ LANEMQ_GUARDED_BY(mutex_);  // At most kAbsentMax.
  std::int64_t refreshes_ LANEMQ_GUARDED_BY(mutex_) = 0;
  PublishCounts counts_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::client
