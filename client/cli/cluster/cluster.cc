#include "client/cli/cluster/cluster.h"

#include <algorithm>
#include <poll.h>
#include <utility>

#include <fmt/format.h>

#include "client/cli/text/suggest.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;

// Longer than a broker needs to take over, much shorter than people wait.
constexpr std::chrono::milliseconds kRetryPause = 150ms;
constexpr int kConflictRounds = 3;
// For one of several metaservers, any of which may hang.
constexpr std::chrono::milliseconds kOneServerPatience = 3'000ms;
constexpr std::chrono::milliseconds kNewTopicPatience = 3'000ms;

rpc::Endpoint EndpointOf(const std::string& host, std::int32_t port) {
  return {host, static_cast<std::uint16_t>(port)};
}

}  // namespace

Cluster::Cluster(std::vector<rpc::Endpoint> bootstrap, std::chrono::microseconds timeout,
                 CallerFlags caller)
    : bootstrap_(std::move(bootstrap)),
      timeout_(timeout),
      caller_(std::move(caller)),
      deadline_(Deadline::After(SystemClock::Instance(), timeout)),
      rpc_({.name = "cli",
            .reconnect_backoff = 1ms,
            .reconnect_backoff_max = 50ms,
            .tls = caller_.tls,
            .token = caller_.token}),
      control_(rpc_),
      data_(rpc_),
      on_call_(rpc_),
      access_(rpc_),
      governance_(rpc_) {}

void Cluster::RestartTimeout() { deadline_ = Deadline::After(SystemClock::Instance(), timeout_); }

Result<idl::MetadataResponse> Cluster::Metadata(bool is_fresh) {
  if (metadata_ && !is_fresh) return *metadata_;
  auto reply = OnAny<idl::MetadataResponse>(bootstrap_,
                                            [&](const rpc::Endpoint& endpoint, Deadline deadline) {
                                              return control_.MetadataSync(endpoint, {}, deadline);
                                            });
  if (reply.ok()) metadata_ = *reply;
  return reply;
}

Result<idl::TopicMetadata> Cluster::Topic(const std::string& name) {
  LANEMQ_ASSIGN_OR_RETURN(const idl::MetadataResponse metadata, Metadata());
  std::vector<std::string> names;
  for (const idl::TopicMetadata& topic : metadata.topics) {
    if (topic.name == name) return topic;
    names.push_back(topic.name);
  }
  const auto near = Suggest(name, names);
  return Error{ErrorCode::kUnknownTopicOrPartition,
               fmt::format("there is no topic '{}'{}", name,
                           near ? fmt::format(" (did you mean '{}'?)", *near) : "")};
}

Result<idl::ServerInfo> Cluster::InfoOf(const rpc::Endpoint& endpoint,
                                        std::chrono::milliseconds patience) {
  return control_.ServerInfoSync(endpoint, {}, Deadline::After(SystemClock::Instance(), patience));
}

Result<idl::AuthenticateResponse> Cluster::Identity(const std::string& token) {
  idl::AuthenticateRequest request;
  request.__set_token(token);
  return OnAny<idl::AuthenticateResponse>(
      bootstrap_, [&](const rpc::Endpoint& endpoint, Deadline deadline) {
        return access_.AuthenticateSync(endpoint, request, deadline);
      });
}

Result<idl::SlowCallsResponse> Cluster::SlowCallsOf(const rpc::Endpoint& endpoint,
                                                    const idl::SlowCallsRequest& request,
                                                    std::chrono::milliseconds patience) {
  return data_.SlowCallsSync(endpoint, request, Deadline::After(SystemClock::Instance(), patience));
}

Result<idl::ServerSettingsResponse> Cluster::SettingsOf(const rpc::Endpoint& endpoint,
                                                        std::chrono::milliseconds patience) {
  return data_.ServerSettingsSync(endpoint, {}, Deadline::After(SystemClock::Instance(), patience));
}

Result<idl::GroupLagResponse> Cluster::GroupLag(const idl::GroupLagRequest& request) {
  return OfOnCall(&rpc::OnCallClient::GroupLagSync, request);
}

Result<idl::SummarizeDeadLettersResponse> Cluster::DeadLetters() {
  return OfOnCall(&rpc::OnCallClient::SummarizeDeadLettersSync, idl::SummarizeDeadLettersRequest());
}

Result<idl::AdviseCapacityResponse> Cluster::Capacity(const idl::AdviseCapacityRequest& request) {
  return OfOnCall(&rpc::GovernanceClient::AdviseCapacitySync, request);
}

template <typename Client, typename Reply, typename Request>
Result<Reply> Cluster::OfOnCall(Result<Reply> (Client::*method)(const rpc::Endpoint&,
                                                                const Request&, Deadline),
                                const Request& request) {
  LANEMQ_ASSIGN_OR_RETURN(Endpoints servers, Metaservers());
  idl::FindCoordinatorRequest find;
  find.__set_duty("on-call");
  for (const rpc::Endpoint& server : servers) {
    const auto found = control_.FindCoordinatorSync(server, find, AttemptDeadline());
    if (!found.ok()) continue;
    const rpc::Endpoint holder = EndpointOf(found->coordinator.host, found->coordinator.port);
    std::erase(servers, holder);
    servers.insert(servers.begin(), holder);
    break;
  }
  Error last{ErrorCode::kNotCoordinator, "no metaserver is on call"};
  bool is_somebody_new = false;  // Knows the call, so its answer is the one to tell.
  for (const rpc::Endpoint& server : servers) {
    auto reply = (ClientOf<Client>().*method)(server, request, AttemptDeadline());
    if (reply.ok()) return reply;
    const bool is_old = reply.error().code == ErrorCode::kUnsupportedVersion;
    if (!is_old || !is_somebody_new) last = reply.error();
    is_somebody_new |= !is_old;
    if (RetryOf(last.code) == Retry::kNever && !is_old) return last;
  }
  return last;
}

Deadline Cluster::AttemptDeadline() const {
  const Clock& clock = SystemClock::Instance();
  return Deadline::After(
      clock, std::min<std::chrono::nanoseconds>(kOneServerPatience, deadline_.Left(clock)));
}

Result<Cluster::Endpoints> Cluster::Metaservers() {
  LANEMQ_ASSIGN_OR_RETURN(const idl::MetadataResponse metadata, Metadata());
  Endpoints endpoints;
  for (const idl::Endpoint& server : metadata.metaservers) {
    endpoints.push_back(EndpointOf(server.host, server.port));
  }
  // What was given may be a metaserver that is too new to be in the metadata.
  for (const rpc::Endpoint& given : bootstrap_) {
    if (std::find(endpoints.begin(), endpoints.end(), given) == endpoints.end()) {
      endpoints.push_back(given);
    }
  }
  return endpoints;
}

Result<Cluster::Endpoints> Cluster::LiveBrokers() {
  LANEMQ_ASSIGN_OR_RETURN(const idl::MetadataResponse metadata, Metadata());
  Endpoints endpoints;
  for (const idl::Broker& broker : metadata.brokers) {
    if (broker.state == idl::BrokerState::ACTIVE) {
      endpoints.push_back(EndpointOf(broker.host, broker.port));
    }
  }
  if (!endpoints.empty()) return endpoints;
  return Error{ErrorCode::kBrokerNotAvailable, "no broker is alive"};
}

Result<std::vector<idl::ListOffsetsPartitionResult>> Cluster::OffsetsOf(
    const std::vector<idl::ListOffsetsPartition>& partitions) {
  const auto is_unknown = [](const idl::ListOffsetsPartitionResult& result) {
    return result.__isset.error &&
           ErrorCodeFromNumber(result.error.code) == ErrorCode::kUnknownTopicOrPartition;
  };
  idl::ListOffsetsRequest request;
  request.__set_partitions(partitions);
  // Brokers learn of a new topic or partition a moment after the metaserver has made it.
  const Deadline patience = Deadline::After(SystemClock::Instance(), kNewTopicPatience);
  while (true) {
    LANEMQ_ASSIGN_OR_RETURN(idl::ListOffsetsResponse reply,
                            Data(&rpc::DataPlaneClient::ListOffsetsSync, request));
    if (std::ranges::none_of(reply.partitions, is_unknown) ||
        patience.HasPassed(SystemClock::Instance())) {
      return std::move(reply.partitions);
    }
    Sleep(kRetryPause);
  }
}

Result<std::vector<std::int64_t>> Cluster::Offsets(const std::string& topic,
                                                   std::int32_t partitions,
                                                   std::int64_t timestamp_us) {
  std::vector<idl::ListOffsetsPartition> wanted(static_cast<std::size_t>(partitions));
  for (std::int32_t i = 0; i < partitions; ++i) {
    idl::ListOffsetsPartition& one = wanted[static_cast<std::size_t>(i)];
    one.__set_topic(topic);
    one.__set_partition(i);
    one.__set_timestamp_us(timestamp_us);
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto results, OffsetsOf(wanted));
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(partitions), -1);
  for (const idl::ListOffsetsPartitionResult& result : results) {
    if (result.__isset.error) {
      return Error{ErrorCodeFromNumber(result.error.code),
                   fmt::format("{}/{}: {}", topic, result.partition, result.error.message)};
    }
    const auto index = static_cast<std::size_t>(result.partition);
    if (index < offsets.size()) offsets[index] = result.offset;
  }
  return offsets;
}

std::optional<std::chrono::milliseconds> Cluster::Patience(const Error& error, int round) const {
  // Nobody listens there: waiting rarely helps, and people want to know at once.
  if (error.code == ErrorCode::kBrokerNotAvailable || RetryOf(error.code) == Retry::kNever ||
      error.code == ErrorCode::kUnknownTopicOrPartition ||
      error.code == ErrorCode::kOffsetOutOfRange) {
    return std::nullopt;
  }
  // Servers try lost races again themselves. A version that is not the one that was seen stays so.
  if (error.code == ErrorCode::kConflict && round >= kConflictRounds) return std::nullopt;
  const auto wanted = std::max(kRetryPause, std::chrono::milliseconds(error.retry_after_ms));
  const auto left = deadline_.Left(SystemClock::Instance());
  return left > wanted ? std::optional(wanted) : std::nullopt;
}

void Cluster::Sleep(std::chrono::milliseconds pause) {
  poll(nullptr, 0, static_cast<int>(pause.count()));  // Ctrl-C ends the process meanwhile.
}

}  // namespace lanemq::cli
