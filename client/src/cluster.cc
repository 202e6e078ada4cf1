#include "client/src/cluster.h"

#include <algorithm>
#include <utility>

#include "client/src/endpoints.h"
#include "lanemq_types.h"

namespace lanemq {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRefreshPause{50};
constexpr milliseconds kRefreshTimeout{3'000};
constexpr milliseconds kAvoidFor{1'000};

std::shared_ptr<const ClusterView> ToView(const idl::MetadataResponse& response) {
  auto view = std::make_shared<ClusterView>();
  view->version = response.version;
  for (const idl::Broker& broker : response.brokers) {
    if (broker.state == idl::BrokerState::DEAD) continue;
    view->brokers[broker.broker_id] = {broker.host, static_cast<std::uint16_t>(broker.port)};
  }
  for (const idl::TopicMetadata& topic : response.topics) {
    if (topic.state != idl::TopicState::ACTIVE) continue;
    ClusterView::Topic& known = view->topics[topic.name];
    known.id = topic.topic_id;
    for (const idl::PartitionMetadata& partition : topic.partitions) {
      known.preferred.push_back(partition.__isset.preferred_broker_id
                                    ? std::optional(partition.preferred_broker_id)
                                    : std::nullopt);
      known.node.push_back(partition.node_id);
    }
  }
  for (const idl::Endpoint& endpoint : response.metaservers) {
    view->metaservers.push_back({endpoint.host, static_cast<std::uint16_t>(endpoint.port)});
  }
  return view;
}

}  // namespace

bool IsServerTrouble(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBrokerNotAvailable:
    case ErrorCode::kNetworkException:
    case ErrorCode::kRequestTimedOut:
    case ErrorCode::kShuttingDown:
    case ErrorCode::kMetadataUnavailable:
    case ErrorCode::kThrottled:
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kDataNodeUnavailable:
    case ErrorCode::kConflict:
    case ErrorCode::kUnsupportedVersion:
      return true;
    default:  // NOLINT: the list names the codes that speak of the server, of which there are few.
      return false;
  }
}

Cluster::Cluster(const ClientOptions& options)
    : options_(options),
      transport_({.name = "lanemq", .connections_per_endpoint_max = 2}),
      data_plane_(transport_),
      control_plane_(transport_),
      view_(std::make_shared<ClusterView>()) {
  RequestRefresh();
}

Cluster::~Cluster() { Close(); }

void Cluster::Close() {
  {
    MutexLock lock(mutex_);
    is_closed_ = true;
  }
  changed_.NotifyAll();
  transport_.Close();
}

std::shared_ptr<const ClusterView> Cluster::View() const {
  MutexLock lock(mutex_);
  return view_;
}

std::vector<rpc::Endpoint> Cluster::Candidates() const {
  std::vector<rpc::Endpoint> servers;
  const auto add = [&](const rpc::Endpoint& endpoint) {
    if (std::find(servers.begin(), servers.end(), endpoint) == servers.end()) {
      servers.push_back(endpoint);
    }
  };
  for (const auto& [id, endpoint] : view_->brokers) {
    if (!IsAvoided(endpoint)) add(endpoint);
  }
  for (const rpc::Endpoint& endpoint : view_->metaservers) add(endpoint);
  for (const std::string& address : options_.bootstrap_servers) {
    if (const auto endpoint = ParseEndpoint(address)) add(*endpoint);
  }
  for (const auto& [id, endpoint] : view_->brokers) add(endpoint);
  return servers;
}

void Cluster::RequestRefresh() {
  MutexLock lock(mutex_);
  if (is_refreshing_ || clock_.Now() - started_at_ < kRefreshPause) {
    is_wanted_again_ = true;
    return;
  }
  StartRefresh();
}

void Cluster::RefreshIfOld() {
  MutexLock lock(mutex_);
  if (is_refreshing_ || is_closed_) return;
  const auto now = clock_.Now();
  const auto age_max = is_wanted_again_ ? kRefreshPause : options_.metadata_max_age;
  if (now - started_at_ >= age_max) StartRefresh();
}

void Cluster::StartRefresh() {
  if (is_closed_) return;
  is_refreshing_ = true;
  is_wanted_again_ = false;
  started_at_ = clock_.Now();
  asking_ = Candidates();
  // Everybody starts elsewhere, so that no server answers all.
  if (!asking_.empty()) {
    std::rotate(asking_.begin(),
                asking_.begin() + static_cast<std::ptrdiff_t>(random_.Below(asking_.size())),
                asking_.end());
  }
  mutex_.unlock();
  AskNext(0);
  mutex_.lock();
}

void Cluster::AskNext(std::size_t attempt) {
  rpc::Endpoint server;
  {
    MutexLock lock(mutex_);
    if (attempt >= asking_.size() || is_closed_) {
      is_refreshing_ = false;
      is_wanted_again_ = true;
      changed_.NotifyAll();
      return;
    }
    server = asking_[attempt];
  }
  idl::MetadataRequest request;
  data_plane_.Metadata(server, request, Deadline::After(clock_, kRefreshTimeout),
                       [this, server, attempt](Result<idl::MetadataResponse> response) {
                         if (response.ok()) {
                           Publish(ToView(*response));
                           return;
                         }
                         {
                           MutexLock lock(mutex_);
                           last_error_ =
                               response.error().Wrap("metadata from " + server.ToString());
                         }
                         AskNext(attempt + 1);
                       });
}

void Cluster::Publish(std::shared_ptr<const ClusterView> view) {
  {
    MutexLock lock(mutex_);
    // A server that is behind must not take back what a newer one told.
    if (view->version >= view_->version) view_ = std::move(view);
    is_refreshing_ = false;
    refreshed_at_ = clock_.Now();
    last_error_.reset();
  }
  changed_.NotifyAll();
}

Result<std::shared_ptr<const ClusterView>> Cluster::WaitForTopic(const std::string& topic,
                                                                 Deadline deadline) {
  for (;;) {
    RefreshIfOld();
    MutexLock lock(mutex_);
    if (view_->PartitionsOf(topic) > 0) return view_;
    if (is_closed_) return Error{ErrorCode::kClosed, "the client is closed"};
    if (deadline.HasPassed(clock_)) {
      if (last_error_) return *last_error_;
      return Error{ErrorCode::kUnknownTopicOrPartition, "no topic '" + topic + "'"};
    }
    is_wanted_again_ = true;
    changed_.WaitFor(mutex_,
                     std::min<std::chrono::nanoseconds>(kRefreshPause, deadline.Left(clock_)));
  }
}

bool Cluster::IsAvoided(const rpc::Endpoint& broker) const {
  const auto found = avoided_until_.find(broker);
  return found != avoided_until_.end() && clock_.Now() < found->second;
}

std::optional<rpc::Endpoint> Cluster::BrokerFor(const std::string& topic,
                                                std::int32_t partition) const {
  MutexLock lock(mutex_);
  if (view_->brokers.empty()) return std::nullopt;
  const auto found = view_->topics.find(topic);
  const auto index = static_cast<std::size_t>(partition);
  if (found != view_->topics.end() && index < found->second.preferred.size()) {
    if (const auto id = found->second.preferred[index]) {
      const auto broker = view_->brokers.find(*id);
      if (broker != view_->brokers.end() && !IsAvoided(broker->second)) return broker->second;
    }
  }
  // The same stand-in for one partition, others for other partitions.
  std::vector<rpc::Endpoint> working;
  for (const auto& [id, endpoint] : view_->brokers) {
    if (!IsAvoided(endpoint)) working.push_back(endpoint);
  }
  if (!working.empty()) return working[index % working.size()];
  return std::next(view_->brokers.begin(),
                   static_cast<std::ptrdiff_t>(index % view_->brokers.size()))
      ->second;
}

void Cluster::OnError(const rpc::Endpoint& broker, const Error& error) {
  const bool is_its_fault =
      error.code == ErrorCode::kBrokerNotAvailable || error.code == ErrorCode::kNetworkException ||
      error.code == ErrorCode::kRequestTimedOut || error.code == ErrorCode::kShuttingDown;
  if (is_its_fault) {
    MutexLock lock(mutex_);
    avoided_until_[broker] = clock_.Now() + kAvoidFor;
    if (avoided_until_.size() > 1'000) avoided_until_.clear();
  }
  if (is_its_fault || error.code == ErrorCode::kUnknownTopicOrPartition) RequestRefresh();
}

void Cluster::OnSuccess(const rpc::Endpoint& broker) {
  MutexLock lock(mutex_);
  if (!avoided_until_.empty()) avoided_until_.erase(broker);
}

std::vector<rpc::Endpoint> Cluster::Brokers() const {
  MutexLock lock(mutex_);
  std::vector<rpc::Endpoint> working;
  std::vector<rpc::Endpoint> avoided;
  for (const auto& [id, endpoint] : view_->brokers) {
    (IsAvoided(endpoint) ? avoided : working).push_back(endpoint);
  }
  working.insert(working.end(), avoided.begin(), avoided.end());
  return working;
}

std::vector<rpc::Endpoint> Cluster::Metaservers() const {
  MutexLock lock(mutex_);
  std::vector<rpc::Endpoint> servers = view_->metaservers;
  for (const std::string& address : options_.bootstrap_servers) {
    const auto endpoint = ParseEndpoint(address);
    if (endpoint && std::find(servers.begin(), servers.end(), *endpoint) == servers.end()) {
      servers.push_back(*endpoint);
    }
  }
  return servers;
}

void Cluster::Pause(milliseconds duration, Deadline deadline) {
  MutexLock lock(mutex_);
  if (!is_closed_) {
    changed_.WaitFor(mutex_, std::min<std::chrono::nanoseconds>(duration, deadline.Left(clock_)));
  }
}

}  // namespace lanemq
