#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <lanemq_types.h>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/rpc/access_client.h"
#include "common/rpc/client.h"
#include "common/rpc/control_plane_client.h"
#include "common/rpc/data_plane_client.h"
#include "common/rpc/governance_client.h"
#include "common/rpc/on_call_client.h"
#include "common/rpc/tls.h"

namespace lanemq::cli {

/// As whom a cluster is called, and why.
struct CallerFlags {
  std::shared_ptr<rpc::TlsClient> tls;  ///< Null: plain TCP.
  std::function<std::string()> token;   ///< Absent: none.
  std::string reason;                   ///< Goes with every change, for the audit log.
};

/// Calls on the cluster behind some addresses: finds its servers, goes to another one when one
/// fails, repeats what may be repeated until the timeout.
/// Not thread-safe; one owner.
class Cluster {
 public:
  Cluster(std::vector<rpc::Endpoint> bootstrap, std::chrono::microseconds timeout,
          CallerFlags caller);

  /// The timeout counts anew from here: for work in many steps, each of which gets somewhere.
  void RestartTimeout();

  /// Brokers, metaservers and topics; the first call is remembered. `is_fresh` asks again.
  Result<idl::MetadataResponse> Metadata(bool is_fresh = false);
  /// The topic in the metadata; kUnknownTopicOrPartition when there is none.
  Result<idl::TopicMetadata> Topic(const std::string& name);
  /// Who a server is; of that server only, once.
  Result<idl::ServerInfo> InfoOf(const rpc::Endpoint& endpoint, std::chrono::milliseconds patience);
  /// Whom a server takes `token` for: the first that answers.
  Result<idl::AuthenticateResponse> Identity(const std::string& token);
  /// What took long on a server; of that server only, once.
  Result<idl::SlowCallsResponse> SlowCallsOf(const rpc::Endpoint& endpoint,
                                             const idl::SlowCallsRequest& request,
                                             std::chrono::milliseconds patience);
  /// What a server was started with; likewise.
  Result<idl::ServerSettingsResponse> SettingsOf(const rpc::Endpoint& endpoint,
                                                 std::chrono::milliseconds patience);

  /// Calls a method of the control plane on any metaserver. A change carries --reason.
  template <typename Client, typename Reply, typename Request>
  Result<Reply> Control(Result<Reply> (Client::*method)(const rpc::Endpoint&, const Request&,
                                                        Deadline),
                        const Request& request) {
    LANEMQ_ASSIGN_OR_RETURN(const auto metaservers, Metaservers());
    const Request explained = WithReason(request);
    return OnAny<Reply>(metaservers, [&](const rpc::Endpoint& endpoint, Deadline deadline) {
      return (ClientOf<Client>().*method)(endpoint, explained, deadline);
    });
  }
  /// The same, but never again once it may have been done: for what must not be done twice.
  template <typename Client, typename Reply, typename Request>
  Result<Reply> ControlOnce(Result<Reply> (Client::*method)(const rpc::Endpoint&, const Request&,
                                                            Deadline),
                            const Request& request) {
    LANEMQ_ASSIGN_OR_RETURN(const auto metaservers, Metaservers());
    const Request explained = WithReason(request);
    return OnAny<Reply>(
        metaservers,
        [&](const rpc::Endpoint& endpoint, Deadline deadline) {
          return (ClientOf<Client>().*method)(endpoint, explained, deadline);
        },
        /*is_repeatable=*/false);
  }
  /// On the servers that were given, without asking them which others there are, and never again
  /// once it may have been done: for who has not said yet who he is.
  template <typename Client, typename Reply, typename Request>
  Result<Reply> ControlOfGiven(Result<Reply> (Client::*method)(const rpc::Endpoint&, const Request&,
                                                               Deadline),
                               const Request& request) {
    const Request explained = WithReason(request);
    return OnAny<Reply>(
        bootstrap_,
        [&](const rpc::Endpoint& endpoint, Deadline deadline) {
          return (ClientOf<Client>().*method)(endpoint, explained, deadline);
        },
        /*is_repeatable=*/false);
  }
  /// Of the metaserver that is on call: as findCoordinator names it, else each is asked once, since
  /// it answers from memory also while the metadata database is down. kNotCoordinator: none is on
  /// call. kUnsupportedVersion: they are all of an older version.
  Result<idl::GroupLagResponse> GroupLag(const idl::GroupLagRequest& request);
  /// So, too.
  Result<idl::SummarizeDeadLettersResponse> DeadLetters();

  /// Of whoever is on call, who knows most, or of another one.
  Result<idl::AdviseCapacityResponse> Capacity(const idl::AdviseCapacityRequest& request);

  /// Calls a method of the data plane on any broker.
  template <typename Reply, typename Request>
  Result<Reply> Data(Result<Reply> (rpc::DataPlaneClient::*method)(const rpc::Endpoint&,
                                                                   const Request&, Deadline),
                     const Request& request) {
    LANEMQ_ASSIGN_OR_RETURN(const auto brokers, LiveBrokers());
    return OnAny<Reply>(brokers, [&](const rpc::Endpoint& endpoint, Deadline deadline) {
      return (data_.*method)(endpoint, request, deadline);
    });
  }

  /// One result per partition, in the servers' order, each with its offset or its error.
  Result<std::vector<idl::ListOffsetsPartitionResult>> OffsetsOf(
      const std::vector<idl::ListOffsetsPartition>& partitions);
  /// Offset of `timestamp_us` (-2: log start, -1: log end) per partition of `topic`.
  Result<std::vector<std::int64_t>> Offsets(const std::string& topic, std::int32_t partitions,
                                            std::int64_t timestamp_us);
  [[nodiscard]] const std::vector<rpc::Endpoint>& bootstrap() const { return bootstrap_; }

 private:
  using Endpoints = std::vector<rpc::Endpoint>;

  /// On who is on call; when nobody is known to be, on each metaserver in turn.
  template <typename Client, typename Reply, typename Request>
  Result<Reply> OfOnCall(Result<Reply> (Client::*method)(const rpc::Endpoint&, const Request&,
                                                         Deadline),
                         const Request& request);
  template <typename Client>
  Client& ClientOf() {
    if constexpr (std::is_same_v<Client, rpc::OnCallClient>) {
      return on_call_;
    } else if constexpr (std::is_same_v<Client, rpc::AccessClient>) {
      return access_;
    } else if constexpr (std::is_same_v<Client, rpc::GovernanceClient>) {
      return governance_;
    } else {
      return control_;
    }
  }
  template <typename Request>
  Request WithReason(Request request) const {
    if constexpr (requires { request.__isset.origin; }) {
      if (!caller_.reason.empty() && !request.__isset.origin) {
        idl::Origin origin;
        origin.__set_reason(caller_.reason);
        request.__set_origin(origin);
      }
    }
    return request;
  }
  Result<Endpoints> Metaservers();
  Result<Endpoints> LiveBrokers();
  /// For a call of one server of several.
  [[nodiscard]] Deadline AttemptDeadline() const;
  /// What to do after `error` of this round, of 1, 2, ...: the time to wait before the next one, or
  /// nullopt to give up.
  std::optional<std::chrono::milliseconds> Patience(const Error& error, int round) const;

  template <typename Reply>
  Result<Reply> OnAny(const Endpoints& endpoints,
                      const std::function<Result<Reply>(const rpc::Endpoint&, Deadline)>& call,
                      bool is_repeatable = true) {
    Error last{ErrorCode::kBrokerNotAvailable, "no server is known"};
    for (int round = 1;; ++round) {
      for (const rpc::Endpoint& endpoint : endpoints) {
        // Nothing would be sent: what was wrong before says more.
        if (round > 1 && deadline_.HasPassed(SystemClock::Instance())) return last;
        Result<Reply> reply = call(endpoint, deadline_);
        if (reply.ok()) return reply;
        // A broker does not know the control plane's methods: that is not the answer to keep.
        const bool is_other_kind = reply.error().code == ErrorCode::kUnsupportedVersion;
        if (!is_other_kind || last.code == ErrorCode::kBrokerNotAvailable) last = reply.error();
        if (RetryOf(last.code) == Retry::kNever && !is_other_kind) return last;
        if (!is_repeatable && EffectOf(last.code) == Effect::kPossible) return last;
      }
      const auto pause = Patience(last, round);
      if (!pause) return last;
      Sleep(*pause);
    }
  }
  static void Sleep(std::chrono::milliseconds pause);

  const Endpoints bootstrap_;
  const std::chrono::microseconds timeout_;
  const CallerFlags caller_;
  Deadline deadline_;
  rpc::RpcClient rpc_;
  rpc::ControlPlaneClient control_;
  rpc::DataPlaneClient data_;
  rpc::OnCallClient on_call_;
  rpc::AccessClient access_;
  rpc::GovernanceClient governance_;
  std::optional<idl::MetadataResponse> metadata_;
};

}  // namespace lanemq::cli
