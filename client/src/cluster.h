#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/random.h"
#include "common/base/result.h"
#include "common/rpc/client.h"
#include "common/rpc/control_plane_client.h"
#include "common/rpc/data_plane_client.h"
#include "lanemq/options.h"
#include "lanemq/record.h"

namespace lanemq {

/// What a client knows of the cluster; immutable once published.
struct ClusterView {
  struct Topic {
    std::int64_t id = 0;
    /// By partition: the preferred broker, if one is alive.
    std::vector<std::optional<std::int32_t>> preferred;
    std::vector<std::int64_t> node;
  };
  std::int64_t version = 0;
  std::map<std::int32_t, rpc::Endpoint> brokers;  ///< Active and draining ones.
  std::map<std::string, Topic> topics;            ///< Ready ones.
  std::vector<rpc::Endpoint> metaservers;

  [[nodiscard]] std::int32_t PartitionsOf(const std::string& topic) const {
    const auto found = topics.find(topic);
    return found == topics.end() ? 0 : static_cast<std::int32_t>(found->second.preferred.size());
  }
};

/// A client's way to the cluster: connections, what it knows, which brokers it mistrusts.
///
/// The last known view is kept when a refresh fails; the servers asked are those of the view and
/// those of bootstrap.servers, in turn. A broker that failed is avoided for a while, as long as
/// there is another. Thread safety: every method from any thread.
class Cluster {
 public:
  explicit Cluster(const ClientOptions& options);
  ~Cluster();

  [[nodiscard]] std::shared_ptr<const ClusterView> View() const;
  /// Reads the view again, soon: not more often than every 50 ms, one request at a time.
  void RequestRefresh();
  /// RequestRefresh() when the view is older than metadata.max.age.
  void RefreshIfOld();
  /// Waits until the topic is known and has partitions, refreshing; its error otherwise.
  Result<std::shared_ptr<const ClusterView>> WaitForTopic(const std::string& topic,
                                                          Deadline deadline);

  /// Where to send a partition's requests: its preferred broker, or another one while that is
  /// avoided. nullopt when no broker is known.
  [[nodiscard]] std::optional<rpc::Endpoint> BrokerFor(const std::string& topic,
                                                       std::int32_t partition) const;
  /// A request to `broker` ended with `error`: avoid it for a while if that tells against it, and
  /// refresh if the error asks for it.
  void OnError(const rpc::Endpoint& broker, const Error& error);
  void OnSuccess(const rpc::Endpoint& broker);

  /// Calls servers one after another until one answers or declares an error that another would
  /// repeat. `call` is one blocking attempt.
  template <typename Response>
  Result<Response> CallAny(
      const std::vector<rpc::Endpoint>& servers, Deadline deadline,
      const std::function<Result<Response>(const rpc::Endpoint&, Deadline)>& call);

  [[nodiscard]] std::vector<rpc::Endpoint> Brokers() const;
  [[nodiscard]] std::vector<rpc::Endpoint> Metaservers() const;

  /// No more requests; callbacks in flight have run when this returns. Idempotent.
  void Close();

  [[nodiscard]] rpc::DataPlaneClient& data_plane() { return data_plane_; }
  [[nodiscard]] rpc::ControlPlaneClient& control_plane() { return control_plane_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] const ClientOptions& options() const { return options_; }
  /// Sleeps until `until` or `wake` says so; for bounded retry loops of blocking calls.
  void Pause(std::chrono::milliseconds duration, Deadline deadline);

 private:
  void StartRefresh() LANEMQ_REQUIRES(mutex_);
  void AskNext(std::size_t attempt);
  void Publish(std::shared_ptr<const ClusterView> view);
  [[nodiscard]] std::vector<rpc::Endpoint> Candidates() const LANEMQ_REQUIRES(mutex_);
  [[nodiscard]] bool IsAvoided(const rpc::Endpoint& broker) const LANEMQ_REQUIRES(mutex_);

  const ClientOptions options_;
  const Clock& clock_ = SystemClock::Instance();
  rpc::RpcClient transport_;
  rpc::DataPlaneClient data_plane_;
  rpc::ControlPlaneClient control_plane_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::shared_ptr<const ClusterView> view_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<rpc::Endpoint> asking_ LANEMQ_GUARDED_BY(mutex_);
  bool is_refreshing_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_wanted_again_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_closed_ LANEMQ_GUARDED_BY(mutex_) = false;
  MonotonicTime refreshed_at_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime started_at_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> last_error_ LANEMQ_GUARDED_BY(mutex_);
  std::map<rpc::Endpoint, MonotonicTime> avoided_until_ LANEMQ_GUARDED_BY(mutex_);
  Random random_ LANEMQ_GUARDED_BY(mutex_) = Random::FromSystem();
};

/// Whether another server might answer what this one answered with `code`.
[[nodiscard]] bool IsServerTrouble(ErrorCode code);

template <typename Response>
Result<Response> Cluster::CallAny(
    const std::vector<rpc::Endpoint>& servers, Deadline deadline,
    const std::function<Result<Response>(const rpc::Endpoint&, Deadline)>& call) {
  Error last{ErrorCode::kBrokerNotAvailable, "no server is known"};
  if (servers.empty()) return last;
  for (std::size_t attempt = 0; attempt < 1'000; ++attempt) {
    const rpc::Endpoint& server = servers[attempt % servers.size()];
    Result<Response> result = call(server, deadline);
    if (result.ok() || !IsServerTrouble(result.error().code)) return result;
    last = result.error().Wrap(server.ToString());
    OnError(server, last);
    if ((attempt + 1) % servers.size() == 0) {
      Pause(std::max(options_.retry_backoff, std::chrono::milliseconds(last.retry_after_ms)),
            deadline);
    }
    if (deadline.HasPassed(clock_)) break;
  }
  return last;
}

}  // namespace lanemq
