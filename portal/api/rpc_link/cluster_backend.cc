#include "portal/api/rpc_link/cluster_backend.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/base/log.h"
#include "common/base/secure.h"
#include "portal/api/transcode/encode.h"

namespace lanemq::portal {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kServersTimeout{3};
// Of one call: a server that is gone, one that drains, and a third.
constexpr std::size_t kServersTried = 3;

std::vector<rpc::Endpoint> EndpointsIn(const Json& reply, const char* list) {
  std::vector<rpc::Endpoint> endpoints;
  const auto found = reply.find(list);
  if (found == reply.end() || !found->is_array()) return endpoints;
  for (const Json& item : *found) {
    const bool is_dead = item.value("state", "") == "DEAD";
    const int port = item.value("port", 0);
    const std::string host = item.value("host", "");
    if (!is_dead && !host.empty() && port > 0 && port <= 65'535) {
      endpoints.push_back({host, static_cast<std::uint16_t>(port)});
    }
  }
  return endpoints;
}

std::string GroupKey(const Caller& caller) { return Sha256("group:" + caller.token); }

std::string LinkKey(const rpc::Endpoint& endpoint, const Caller& caller) {
  return Sha256(endpoint.ToString() + "\n" + caller.client_address + "\n" + caller.token);
}

// Whether another server may do what this one has not done.
bool ShouldTryNext(const Error& error, bool is_read) {
  switch (RetryOf(error.code)) {
    case Retry::kNever:
    case Retry::kAfterDelay:
      return false;
    case Retry::kSafe:
    case Retry::kAfterRefresh:
      break;
  }
  if (error.code == ErrorCode::kBrokerNotAvailable || error.code == ErrorCode::kShuttingDown) {
    return true;
  }
  return error.code == ErrorCode::kNetworkException && is_read;
}

}  // namespace

ClusterBackend::ClusterBackend(const Schema& schema, ClusterBackendOptions options)
    : schema_(schema), options_(std::move(options)), pool_(options_.pool) {
  LANEMQ_CHECK(!options_.bootstrap.empty());
}

// ---------------------------------------------------------------- calls

RpcReply ClusterBackend::RoundTrip(Link& link, const BackendCall& call, Deadline deadline) {
  const std::int32_t seqid = link.NextSeqid();
  auto reply = link.RoundTrip(EncodeCallFrame(call.method->name, call.request, seqid), deadline);
  if (!reply.ok()) return {{}, {}, reply.error()};
  return DecodeReplyFrame(schema_, *call.method, *std::move(reply), seqid, call.pick);
}

Status ClusterBackend::Authenticate(KnownLink& link, const Caller& caller, const std::string& own,
                                    Deadline deadline) {
  nlohmann::json request;
  request["token"] = caller.token.empty() ? own : caller.token;
  if (!caller.token.empty() && !own.empty()) {
    request["gateway_token"] = own;
    request["client_address"] = caller.client_address;
  }
  const MethodRow& method = *schema_.FindMethod("authenticate");
  Faults faults;
  const std::string bytes =
      EncodeStruct(schema_, schema_.structure(method.request), request, faults);
  if (!faults.empty()) {
    return Error{ErrorCode::kAuthenticationFailed, "this is not a token", 0};
  }
  RpcReply reply = RoundTrip(*link.link, {.method = &method, .request = bytes}, deadline);
  if (!reply.status.ok()) return reply.status;
  link.identity = std::move(reply.body);
  return {};
}

Result<KnownLink> ClusterBackend::OpenLink(const rpc::Endpoint& endpoint, const Caller& caller,
                                           Deadline deadline) {
  KnownLink known;
  LANEMQ_ASSIGN_OR_RETURN(known.link, Link::Open(endpoint, options_.link, deadline));
  const std::string own = options_.token ? options_.token() : std::string();
  if (caller.token.empty() && own.empty()) return known;
  LANEMQ_RETURN_IF_ERROR(Authenticate(known, caller, own, deadline));
  return known;
}

Result<KnownLink> ClusterBackend::OpenKnownLink(const rpc::Endpoint& endpoint, const Caller& caller,
                                                Deadline deadline) {
  const Deadline patience = Deadline::After(clock_, options_.new_token_patience);
  while (true) {
    auto opened = OpenLink(endpoint, caller, deadline);
    if (opened.ok() || opened.error().code != ErrorCode::kMetadataUnavailable) return opened;
    const std::chrono::milliseconds rest{opened.error().retry_after_ms};
    const bool is_in_time =
        rest.count() > 0 && rest < std::min(patience.Left(clock_), deadline.Left(clock_));
    if (!is_in_time) return opened;
    MutexLock lock(mutex_);
    pause_.WaitFor(mutex_, rest);
  }
}

RpcReply ClusterBackend::CallOne(const rpc::Endpoint& endpoint, const Caller& caller,
                                 const BackendCall& call, Deadline deadline) {
  const std::string key = LinkKey(endpoint, caller);
  KnownLink known = pool_.Take(key, clock_.Now());
  if (known.link == nullptr) {
    auto opened = OpenKnownLink(endpoint, caller, deadline);
    if (!opened.ok()) {
      // Nothing of the call itself was sent.
      Error error = opened.error();
      if (error.code == ErrorCode::kNetworkException || error.code == ErrorCode::kRequestTimedOut) {
        error.code = ErrorCode::kBrokerNotAvailable;
      }
      return {{}, {}, std::move(error)};
    }
    known = *std::move(opened);
  }
  RpcReply reply;
  const bool is_identity = call.method->name == "authenticate";
  if (is_identity) {
    reply.body = known.identity;
  } else {
    reply = RoundTrip(*known.link, call, deadline);
  }
  const bool is_usable = reply.status.ok() || !reply.server_request_id.empty();
  const bool is_known =
      reply.status.ok() || reply.status.error().code != ErrorCode::kAuthenticationFailed;
  if (is_usable && is_known) {
    pool_.Put(key, GroupKey(caller), std::move(known), clock_.Now());
  }
  return reply;
}

RpcReply ClusterBackend::CallAny(const std::vector<rpc::Endpoint>& endpoints, const Caller& caller,
                                 const BackendCall& call, Deadline deadline) {
  RpcReply reply{{}, {}, Error{ErrorCode::kBrokerNotAvailable, "no server is known", 0}};
  for (std::size_t i = 0; i < std::min(endpoints.size(), kServersTried); ++i) {
    reply = CallOne(endpoints[i], caller, call, deadline);
    if (reply.status.ok() || !ShouldTryNext(reply.status.error(), call.is_read)) break;
    if (deadline.HasPassed(clock_)) break;
  }
  return reply;
}

RpcReply ClusterBackend::CallNamed(const Caller& caller, const BackendCall& call,
                                   Deadline deadline) {
  const Servers servers = KnownServers(deadline);
  if (servers.metaservers.empty()) {
    return {{}, {}, Error{ErrorCode::kBrokerNotAvailable, "no server is known", 0}};
  }
  // None but the cluster's own: the gateway connects to no address because a client says so.
  for (const auto* list : {&servers.metaservers, &servers.brokers}) {
    const auto found = std::ranges::find(*list, call.server, &rpc::Endpoint::ToString);
    if (found != list->end()) return CallOne(*found, caller, call, deadline);
  }
  return {{}, {}, Error{ErrorCode::kNotFound, "the cluster has no server of that address", 0}};
}

RpcReply ClusterBackend::Call(const Caller& caller, const BackendCall& call, Deadline deadline) {
  if (!call.server.empty()) return CallNamed(caller, call, deadline);
  if (call.target == Target::kBestOnCall) {
    const Deadline soon{
        std::min(deadline.at, Deadline::After(clock_, options_.on_call_timeout).at)};
    if (const auto on_call = OnCallServer(caller, soon)) {
      RpcReply reply = CallOne(*on_call, caller, call, soon);
      const bool is_late = !reply.status.ok() && call.is_read &&
                           reply.status.error().code == ErrorCode::kRequestTimedOut;
      if (reply.status.ok() || (!is_late && !ShouldTryNext(reply.status.error(), call.is_read))) {
        return reply;
      }
    }
  }
  RpcReply reply = CallAny(Candidates(call.target, deadline), caller, call, deadline);
  if (call.target != Target::kOnCall || reply.status.ok() ||
      reply.status.error().code != ErrorCode::kNotCoordinator) {
    return reply;
  }
  const auto on_call = OnCallServer(caller, deadline);
  if (!on_call) return reply;
  return CallOne(*on_call, caller, call, deadline);
}

RpcReply ClusterBackend::Identify(const Caller& caller, bool is_fresh, Deadline deadline) {
  // A connection that is kept says what was true when it was made.
  if (is_fresh) Forget(caller);
  const BackendCall call{.method = schema_.FindMethod("authenticate"), .is_read = true};
  return CallAny(Candidates(Target::kMetaserver, deadline), caller, call, deadline);
}

void ClusterBackend::Forget(const Caller& caller) { pool_.Drop(GroupKey(caller)); }

void ClusterBackend::Sweep() { pool_.Sweep(clock_.Now()); }

// ---------------------------------------------------------------- servers

std::optional<rpc::Endpoint> ClusterBackend::OnCallServer(const Caller& caller, Deadline deadline) {
  const MethodRow& method = *schema_.FindMethod("findCoordinator");
  Faults faults;
  const std::string bytes = EncodeStruct(schema_, schema_.structure(method.request),
                                         {{"group", ""}, {"duty", "on-call"}}, faults);
  const RpcReply reply = CallAny(Candidates(Target::kMetaserver, deadline), caller,
                                 {.method = &method, .request = bytes, .is_read = true}, deadline);
  if (!reply.status.ok()) return std::nullopt;
  const Json wrapped{{"list", Json::array({reply.body.value("coordinator", Json())})}};
  const auto endpoints = EndpointsIn(wrapped, "list");
  if (endpoints.empty()) return std::nullopt;
  return endpoints.front();
}

std::vector<rpc::Endpoint> ClusterBackend::Candidates(Target target, Deadline deadline) {
  const Servers servers = KnownServers(deadline);
  std::vector<rpc::Endpoint> endpoints =
      target == Target::kBroker ? servers.brokers : servers.metaservers;
  if (endpoints.empty()) return endpoints;
  MutexLock lock(mutex_);
  const auto first = static_cast<std::ptrdiff_t>(turn_++ % endpoints.size());
  std::rotate(endpoints.begin(), endpoints.begin() + first, endpoints.end());
  return endpoints;
}

ClusterBackend::Servers ClusterBackend::KnownServers(Deadline deadline) {
  {
    MutexLock lock(mutex_);
    const bool is_known = !servers_.metaservers.empty();
    const bool is_new = clock_.Now() - servers_at_ < options_.servers_age_max;
    // One asks, and the others go on with what there is.
    if (is_known && (is_new || is_asking_)) return servers_;
    is_asking_ = true;
  }
  auto asked = AskForServers(deadline);
  MutexLock lock(mutex_);
  is_asking_ = false;
  if (asked.ok()) {
    servers_ = *std::move(asked);
    servers_at_ = clock_.Now();
  } else {
    LANEMQ_LOG(WARN, "portal.servers_unknown", {"error", asked.error().ToString()});
    if (!servers_.metaservers.empty()) servers_at_ = clock_.Now();
  }
  return servers_;
}

Result<ClusterBackend::Servers> ClusterBackend::AskForServers(Deadline deadline) {
  const MethodRow& method = *schema_.FindMethod("metadata");
  Faults faults;
  // No topics: what is wanted are the servers.
  const std::string bytes = EncodeStruct(schema_, schema_.structure(method.request),
                                         {{"topics", nlohmann::json::array()}}, faults);
  std::vector<rpc::Endpoint> endpoints;
  {
    MutexLock lock(mutex_);
    endpoints = servers_.metaservers;
  }
  endpoints.insert(endpoints.end(), options_.bootstrap.begin(), options_.bootstrap.end());
  const Deadline soon = Deadline::After(clock_, kServersTimeout);
  deadline.at = std::min(deadline.at, soon.at);
  const RpcReply reply =
      CallAny(endpoints, {}, {.method = &method, .request = bytes, .is_read = true}, deadline);
  if (!reply.status.ok()) return reply.status.error();
  Servers servers{EndpointsIn(reply.body, "metaservers"), EndpointsIn(reply.body, "brokers")};
  if (servers.metaservers.empty()) {
    return Error{ErrorCode::kMetadataUnavailable, "the cluster names no metaserver", 0};
  }
  return servers;
}

Status ClusterBackend::CheckReady(Deadline deadline) {
  const MethodRow& method = *schema_.FindMethod("serverInfo");
  Faults faults;
  const std::string bytes =
      EncodeStruct(schema_, schema_.structure(method.request), nlohmann::json::object(), faults);
  return CallAny(Candidates(Target::kMetaserver, deadline), {},
                 {.method = &method, .request = bytes, .is_read = true}, deadline)
      .status;
}

}  // namespace lanemq::portal
