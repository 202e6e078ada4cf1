#include "client/src/cluster/cluster.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "client/src/options/endpoints.h"
#include "common/base/log.h"
#include "lanemq_types.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""s;

// A topic that was just created may be unknown to some servers for this long.
constexpr std::chrono::seconds kTopicMayAppear = 5s;
// For one server; the next one is asked then.
constexpr std::chrono::seconds kRefreshTimeout = 2s;
// An older version is taken for a server that lags, until nothing newer was seen for this long:
// then the metadata database was set back.
constexpr std::chrono::seconds kVersionMayLag = 60s;
// A broker that drains is left alone for this long unless it comes back as a new one.
constexpr std::chrono::seconds kDrainPause = 5s;

std::vector<rpc::Endpoint> ParseAll(const std::vector<std::string>& servers) {
  std::vector<rpc::Endpoint> endpoints;
  for (const std::string& server : servers) {
    if (auto endpoint = ParseEndpoint(server); endpoint.ok()) endpoints.push_back(*endpoint);
  }
  return endpoints;
}

void AddUnique(std::vector<rpc::Endpoint>& list, const rpc::Endpoint& endpoint) {
  if (std::find(list.begin(), list.end(), endpoint) == list.end()) list.push_back(endpoint);
}

bool IsRefusal(const std::optional<Error>& error) {
  return error && error->code == ErrorCode::kAuthenticationFailed;
}

bool IsBrokerFailure(ErrorCode code) {
  return code == ErrorCode::kBrokerNotAvailable || code == ErrorCode::kNetworkException ||
         code == ErrorCode::kRequestTimedOut || code == ErrorCode::kShuttingDown ||
         code == ErrorCode::kInconsistentClusterId;
}

}  // namespace

Cluster::Cluster(const ClientOptions& options, Security security, std::string name)
    : options_(options),
      clock_(SystemClock::Instance()),
      bootstrap_(ParseAll(options.bootstrap_servers)),
      // One connection per server: requests of one partition arrive in the order they were sent.
      rpc_({.name = std::move(name),
            .connections_per_endpoint_max = 1,
            .tls = std::move(security.tls),
            .token = std::move(security.token)}),
      data_(rpc_),
      control_(rpc_),
      on_call_(rpc_),
      view_(std::make_shared<MetadataView>()),
      thread_([this] { Run(); }) {}

Cluster::~Cluster() { Close(); }

void Cluster::Close() {
  {
    MutexLock lock(mutex_);
    is_closing_ = true;
    wake_.NotifyAll();
    changed_.NotifyAll();
  }
  rpc_.Close();
  if (thread_.joinable()) thread_.join();
}

void Cluster::SetListener(std::function<void()> listener) {
  MutexLock lock(mutex_);
  listener_ = std::move(listener);
  while (listening_ != std::thread::id() && listening_ != std::this_thread::get_id()) {
    changed_.Wait(mutex_);
  }
}

MetadataPtr Cluster::View() const {
  MutexLock lock(mutex_);
  return view_;
}

void Cluster::RequestRefresh() {
  MutexLock lock(mutex_);
  is_refresh_wanted_ = true;
  wake_.NotifyOne();
}

void Cluster::AddInterest(const std::string& topic) {
  MutexLock lock(mutex_);
  if (!interest_.insert(topic).second) return;
  is_refresh_wanted_ = true;
  wake_.NotifyOne();
}

Result<MetadataPtr> Cluster::WaitForTopic(const std::string& topic, Deadline deadline) {
  AddInterest(topic);
  MutexLock lock(mutex_);
  const MonotonicTime patience_ends = clock_.Now() + kTopicMayAppear;
  while (true) {
    if (const TopicView* found = view_->FindTopic(topic); found != nullptr && found->IsUsable()) {
      return view_;
    }
    if (is_closing_) return Error{ErrorCode::kClosed, "the client was closed"};
    if (IsRefusal(refresh_error_)) return *refresh_error_;
    const MonotonicTime now = clock_.Now();
    const bool is_absent = view_->asked.contains(topic);
    if (now >= deadline.at || (is_absent && now >= patience_ends)) {
      if (is_absent) {
        return Error{ErrorCode::kUnknownTopicOrPartition, "there is no topic '" + topic + "'"};
      }
      return refresh_error_.value_or(
          Error{ErrorCode::kBrokerNotAvailable, "no metadata of topic '" + topic + "' yet"});
    }
    is_refresh_wanted_ = true;
    wake_.NotifyOne();
    changed_.WaitFor(mutex_, deadline.at - now);
  }
}

std::optional<Error> Cluster::Refused() const {
  MutexLock lock(mutex_);
  return IsRefusal(refresh_error_) ? refresh_error_ : std::nullopt;
}

std::optional<BrokerTarget> Cluster::Route(const TopicPartition& partition) {
  MutexLock lock(mutex_);
  core::PartitionKey key{core::TopicId{0}, partition.partition};
  std::optional<core::BrokerId> wanted;
  if (const TopicView* topic = view_->FindTopic(partition.topic); topic != nullptr) {
    key.topic = topic->id;
    if (partition.partition >= 0 && partition.partition < topic->partitions()) {
      wanted = topic->preferred[static_cast<std::size_t>(partition.partition)];
    }
  }
  if (const auto hint = hints_.find(partition); hint != hints_.end()) {
    if (hint->second.version == view_->version) {
      wanted = hint->second.broker;
    } else {
      hints_.erase(hint);
    }
  }
  const auto id = health_.Choose(key, wanted, view_->brokers, clock_.Now());
  if (!id) {
    is_refresh_wanted_ = true;
    wake_.NotifyOne();
    return std::nullopt;
  }
  return BrokerTarget{*id, EndpointOf(*view_->FindBroker(*id))};
}

void Cluster::SetHint(const TopicPartition& partition, core::BrokerId broker) {
  MutexLock lock(mutex_);
  if (view_->FindBroker(broker) == nullptr) {
    is_refresh_wanted_ = true;
    wake_.NotifyOne();
    return;
  }
  hints_[partition] = {broker, view_->version};
}

bool Cluster::Report(core::BrokerId broker, const std::optional<Error>& error) {
  MutexLock lock(mutex_);
  if (!error) {
    health_.OnSuccess(broker);
    return false;
  }
  if (!IsBrokerFailure(error->code)) return false;
  const bool is_draining = error->code == ErrorCode::kShuttingDown;
  health_.OnFailure(
      broker, clock_.Now(),
      is_draining ? std::chrono::nanoseconds(kDrainPause) : std::chrono::nanoseconds{});
  is_refresh_wanted_ = true;
  wake_.NotifyOne();
  return std::any_of(view_->brokers.begin(), view_->brokers.end(), [&](const core::Broker& other) {
    mutex_.AssertHeld();
    return other.id != broker && other.state == core::BrokerState::kActive &&
           health_.IsHealthy(other.id);
  });
}

bool MayGoBetterElsewhere(ErrorCode code) {
  // kUnsupportedVersion: it is the other kind of server. kUnknownTopicOrPartition is an answer.
  return code == ErrorCode::kUnsupportedVersion ||
         (RetryOf(code) != Retry::kNever && code != ErrorCode::kUnknownTopicOrPartition &&
          code != ErrorCode::kOffsetOutOfRange && code != ErrorCode::kOffsetReset);
}

void Cluster::ReportEndpoint(const rpc::Endpoint& endpoint, const Error& error) {
  const MetadataPtr view = View();
  for (const core::Broker& broker : view->brokers) {
    if (EndpointOf(broker) == endpoint) (void)Report(broker.id, error);
  }
}

void Cluster::Pause(std::chrono::nanoseconds pause, Deadline deadline) {
  MutexLock lock(mutex_);
  const MonotonicTime until = std::min(clock_.Now() + pause, deadline.at);
  while (!is_closing_) {
    const MonotonicTime now = clock_.Now();
    if (now >= until) return;
    changed_.WaitFor(mutex_, until - now);
  }
}

void Cluster::WaitForView(Deadline deadline) {
  MutexLock lock(mutex_);
  while (view_->version < 0 && !refresh_error_ && !is_closing_) {
    const MonotonicTime now = clock_.Now();
    if (now >= deadline.at) return;
    changed_.WaitFor(mutex_, deadline.at - now);
  }
}

std::vector<rpc::Endpoint> Cluster::Brokers() const {
  MutexLock lock(mutex_);
  std::vector<rpc::Endpoint> list;
  std::vector<rpc::Endpoint> rest;
  for (const core::Broker& broker : view_->brokers) {
    const bool is_good = broker.state == core::BrokerState::kActive && health_.IsHealthy(broker.id);
    (is_good ? list : rest).push_back(EndpointOf(broker));
  }
  // Clients spread, and each stays with its choice.
  if (!list.empty()) {
    const auto first = static_cast<std::ptrdiff_t>(Salt() % list.size());
    std::rotate(list.begin(), list.begin() + first, list.end());
  }
  list.insert(list.end(), rest.begin(), rest.end());
  return list;
}

std::vector<rpc::Endpoint> Cluster::Metaservers() const {
  MutexLock lock(mutex_);
  std::vector<rpc::Endpoint> list = view_->metaservers;
  for (const rpc::Endpoint& endpoint : bootstrap_) AddUnique(list, endpoint);
  return list;
}

std::vector<rpc::Endpoint> Cluster::KnownServers() const {
  MutexLock lock(mutex_);
  std::vector<rpc::Endpoint> list = view_->metaservers;
  for (const core::Broker& broker : view_->brokers) AddUnique(list, EndpointOf(broker));
  for (const rpc::Endpoint& endpoint : bootstrap_) AddUnique(list, endpoint);
  return list;
}

std::vector<rpc::Endpoint> Cluster::RefreshCandidates() const {
  MutexLock lock(mutex_);
  std::vector<rpc::Endpoint> list;
  if (last_good_) list.push_back(*last_good_);
  for (const core::Broker& broker : view_->brokers) {
    if (broker.state == core::BrokerState::kActive && health_.IsHealthy(broker.id)) {
      AddUnique(list, EndpointOf(broker));
    }
  }
  for (const rpc::Endpoint& server : view_->metaservers) AddUnique(list, server);
  for (const rpc::Endpoint& server : bootstrap_) AddUnique(list, server);
  for (const core::Broker& broker : view_->brokers) AddUnique(list, EndpointOf(broker));
  return list;
}

void Cluster::Run() {
  int failures = 0;
  MonotonicTime last_begun{};
  while (true) {
    {
      MutexLock lock(mutex_);
      // The rate limit of refreshes on errors, and the back-off while nobody answers.
      const auto gap = std::min<std::chrono::nanoseconds>(
          options_.retry_backoff * (1LL << std::min(failures, 16)), options_.retry_backoff_max);
      while (!is_closing_) {
        const MonotonicTime now = clock_.Now();
        const bool is_wanted = is_refresh_wanted_ || refresh_error_.has_value();
        const MonotonicTime due =
            last_begun + (is_wanted ? gap : std::chrono::nanoseconds(options_.metadata_max_age));
        if (last_begun == MonotonicTime{} || now >= due) break;
        wake_.WaitFor(mutex_, due - now);
      }
      if (is_closing_) return;
      is_refresh_wanted_ = false;
      last_begun = clock_.Now();
    }
    RefreshOnce();
    std::function<void()> listener;
    {
      MutexLock lock(mutex_);
      failures = refresh_error_ ? failures + 1 : 0;
      changed_.NotifyAll();
      listener = listener_;
      if (is_closing_) return;
      if (listener) listening_ = std::this_thread::get_id();
    }
    if (!listener) continue;
    listener();
    MutexLock lock(mutex_);
    listening_ = {};
    changed_.NotifyAll();
  }
}

void Cluster::RefreshOnce() {
  Error last{ErrorCode::kBrokerNotAvailable, "no server is known"};
  std::optional<Error> refusal;  // The one to tell, whatever other servers say.
  for (const rpc::Endpoint& server : RefreshCandidates()) {
    idl::MetadataRequest request;
    std::set<std::string> asked;
    {
      MutexLock lock(mutex_);
      if (is_closing_) return;
      asked = interest_;
      if (view_->version >= 0 && asked == view_->asked) request.__set_known_version(view_->version);
    }
    request.__set_topics({asked.begin(), asked.end()});
    const auto timeout =
        std::min<std::chrono::nanoseconds>(kRefreshTimeout, options_.request_timeout);
    auto reply = data_.MetadataSync(server, request, Deadline::After(clock_, timeout));
    if (!reply.ok()) {
      last = WithAdvice(reply.error().Wrap("metadata from " + server.ToString()), options_);
      if (last.code == ErrorCode::kAuthenticationFailed) refusal = last;
      continue;
    }
    MutexLock lock(mutex_);
    // An address may be another cluster's by now. What it says must not move anybody there.
    if (!view_->cluster_id.empty() && reply->cluster_id != view_->cluster_id) {
      last = {ErrorCode::kInconsistentClusterId,
              fmt::format("{} is of cluster {}, this client talks to cluster {}", server.ToString(),
                          reply->cluster_id, view_->cluster_id)};
      continue;
    }
    if (reply->is_unchanged) {
      view_confirmed_at_ = clock_.Now();
    } else if (!Accept(std::make_shared<MetadataView>(ViewOf(*reply, std::move(asked))))) {
      last = {ErrorCode::kMetadataUnavailable, server.ToString() + " has older metadata"};
      continue;
    }
    last_good_ = server;
    refresh_error_.reset();
    return;
  }
  MutexLock lock(mutex_);
  refresh_error_ = refusal.value_or(last);
}

bool Cluster::Accept(const std::shared_ptr<MetadataView>& view) {
  const MonotonicTime now = clock_.Now();
  const bool is_older = view->version < view_->version;
  if (is_older && now - view_confirmed_at_ < kVersionMayLag) return false;
  view_confirmed_at_ = now;
  for (const core::Broker& broker : view->brokers) {
    const core::Broker* before = view_->FindBroker(broker.id);
    // A broker that came back is a new one.
    if (before == nullptr || before->started_at != broker.started_at ||
        EndpointOf(*before) != EndpointOf(broker)) {
      health_.OnSuccess(broker.id);
    }
  }
  view_ = view;
  return true;
}

}  // namespace lanemq::client
