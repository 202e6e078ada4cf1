#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "client/src/cluster/broker_health.h"
#include "client/src/cluster/metadata_view.h"
#include "client/src/cluster/security.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/rpc/client.h"
#include "common/rpc/control_plane_client.h"
#include "common/rpc/data_plane_client.h"
#include "common/rpc/on_call_client.h"
#include "lanemq/options.h"
#include "lanemq/record.h"

namespace lanemq::client {

/// A broker to call.
struct BrokerTarget {
  core::BrokerId id;
  rpc::Endpoint endpoint;
};

/// The cluster as one client sees it: connections, metadata, and whom to call.
///
/// One thread reads the metadata every `metadata_max_age` and, on RequestRefresh(), at once (but
/// not more often than every `retry_backoff`), from whichever known or bootstrap server answers.
/// What is known is kept while nobody answers. Thread safety: every method from any thread.
class Cluster {
 public:
  /// The options must be valid; `security` is what MakeSecurity() made of them. `name` is for
  /// threads, at most 10 characters.
  Cluster(const ClientOptions& options, Security security, std::string name);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// Called after each change of the view and each failed refresh, on the metadata thread, until
  /// Close(). Set it before anything else; it must not block. Returns when the listener before is
  /// not running any more, unless called by it.
  void SetListener(std::function<void()> listener);

  [[nodiscard]] MetadataPtr View() const;
  void RequestRefresh();
  /// Waits for the metadata of `topic`. A topic that servers do not know for 5 s on end, or until
  /// `deadline`, is kUnknownTopicOrPartition; else what kept the metadata from coming. A refused
  /// token is an error at once.
  Result<MetadataPtr> WaitForTopic(const std::string& topic, Deadline deadline);
  /// That servers refuse the token, as the last reading of the metadata found, with what to do
  /// about it. nullopt: they do not.
  [[nodiscard]] std::optional<Error> Refused() const;
  /// Asks for this topic from now on, without waiting.
  void AddInterest(const std::string& topic);

  /// The broker to send a request for this partition to. nullopt: none is known (a refresh is under
  /// way).
  std::optional<BrokerTarget> Route(const TopicPartition& partition);
  /// Says in a request of the data plane which cluster it is for, so that a broker of another one,
  /// at a reused address, refuses it.
  template <typename Request>
  void NameCluster(Request& request) const {
    if (const MetadataPtr view = View(); !view->cluster_id.empty()) {
      request.__set_cluster_id(view->cluster_id);
    }
  }
  /// A server told that another broker is preferred for the partition.
  void SetHint(const TopicPartition& partition, core::BrokerId broker);
  /// How a call ended. nullopt: the broker answered, whatever it said about partitions.
  /// True when another broker may be called at once.
  bool Report(core::BrokerId broker, const std::optional<Error>& error);

  /// Addresses to try for calls of the control plane, best first.
  [[nodiscard]] std::vector<rpc::Endpoint> Metaservers() const;
  [[nodiscard]] std::vector<rpc::Endpoint> KnownServers() const;

  /// Brokers to try for calls that any of them answers, best first.
  [[nodiscard]] std::vector<rpc::Endpoint> Brokers() const;
  /// Waits until anything is known of the cluster; then, or at `deadline`, returns.
  void WaitForView(Deadline deadline);

  /// One blocking attempt at a server.
  template <typename Response>
  using Attempt = std::function<Result<Response>(const rpc::Endpoint&, Deadline)>;
  /// Calls servers one after another, in rounds with growing pauses, until one answers or declares
  /// an error that another would repeat, or `deadline` passes.
  template <typename Response>
  Result<Response> CallAny(std::vector<rpc::Endpoint> (Cluster::*servers)() const,
                           Deadline deadline, const Attempt<Response>& attempt);

  [[nodiscard]] rpc::DataPlaneClient& data_plane() { return data_; }
  [[nodiscard]] rpc::ControlPlaneClient& control_plane() { return control_; }
  [[nodiscard]] rpc::OnCallClient& on_call() { return on_call_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] const ClientOptions& options() const { return options_; }

  /// Fails what is in flight (callbacks run) and joins. Idempotent.
  void Close();

 private:
  void Run();
  void RefreshOnce();
  [[nodiscard]] std::vector<rpc::Endpoint> RefreshCandidates() const;
  /// Waits for `pause`, less when the client closes or `deadline` is nearer.
  void Pause(std::chrono::nanoseconds pause, Deadline deadline);
  /// Differs between clients, stays within one.
  [[nodiscard]] std::size_t Salt() const { return reinterpret_cast<std::uintptr_t>(this) >> 6; }
  void ReportEndpoint(const rpc::Endpoint& endpoint, const Error& error);
  /// True when the view changed.
  bool Accept(const std::shared_ptr<MetadataView>& view) LANEMQ_REQUIRES(mutex_);

  const ClientOptions options_;
  const Clock& clock_;
  const std::vector<rpc::Endpoint> bootstrap_;
  rpc::RpcClient rpc_;
  rpc::DataPlaneClient data_;
  rpc::ControlPlaneClient control_;
  rpc::OnCallClient on_call_;

  mutable Mutex mutex_;
  CondVar wake_;     // The metadata thread.
  CondVar changed_;  // Those who wait for metadata.
  std::function<void()> listener_ LANEMQ_GUARDED_BY(mutex_);
  std::thread::id listening_ LANEMQ_GUARDED_BY(mutex_);  // Who runs it; none: nobody.
  MetadataPtr view_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime view_confirmed_at_ LANEMQ_GUARDED_BY(mutex_);
  std::set<std::string> interest_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Error> refresh_error_ LANEMQ_GUARDED_BY(mutex_);  // Of the last refresh.
  std::optional<rpc::Endpoint> last_good_ LANEMQ_GUARDED_BY(mutex_);
  bool is_refresh_wanted_ LANEMQ_GUARDED_BY(mutex_) = true;
  bool is_closing_ LANEMQ_GUARDED_BY(mutex_) = false;
  BrokerHealth health_ LANEMQ_GUARDED_BY(mutex_);
  struct Hint {
    core::BrokerId broker;
    std::int64_t version = 0;  // Of the metadata it corrects.
  };
  std::map<TopicPartition, Hint> hints_ LANEMQ_GUARDED_BY(mutex_);

  std::jthread thread_;  // Last: uses everything above.
};

/// Whether another server, or the same one later, might answer what this one answered with `code`.
[[nodiscard]] bool MayGoBetterElsewhere(ErrorCode code);

template <typename Response>
Result<Response> Cluster::CallAny(std::vector<rpc::Endpoint> (Cluster::*servers)() const,
                                  Deadline deadline, const Attempt<Response>& attempt) {
  WaitForView(deadline);
  Error last{ErrorCode::kBrokerNotAvailable, "no server is known"};
  std::chrono::nanoseconds pause = options_.retry_backoff;
  while (true) {
    for (const rpc::Endpoint& server : (this->*servers)()) {
      Result<Response> result = attempt(server, deadline);
      if (result.ok()) return result;
      if (!MayGoBetterElsewhere(result.error().code)) return WithAdvice(result.error(), options_);
      ReportEndpoint(server, result.error());
      // Brokers among the bootstrap servers do not know the control plane: no news.
      if (result.error().code != ErrorCode::kUnsupportedVersion ||
          last.code == ErrorCode::kBrokerNotAvailable) {
        last = result.error().Wrap(server.ToString());
      }
      if (deadline.HasPassed(clock_)) return last;
    }
    const std::chrono::nanoseconds asked = std::chrono::milliseconds(last.retry_after_ms);
    if (deadline.Left(clock_) <= std::max(pause, asked)) return last;
    Pause(std::max(pause, asked), deadline);
    pause = std::min<std::chrono::nanoseconds>(pause * 2, options_.retry_backoff_max);
  }
}

}  // namespace lanemq::client
