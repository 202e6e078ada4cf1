// What the session sends, and what comes back; see group_session.h.
#include <algorithm>
#include <utility>
#include <variant>

#include "client/src/session/group_session.h"
#include "client/src/session/group_wire.h"
#include "common/base/log.h"
#include "lanemq_types.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""s;

// For one server; the next one is asked then.
constexpr std::chrono::nanoseconds kAskTimeout = 2s;
// What a coordinator may need beyond the time that the group waits for its members.
constexpr std::chrono::nanoseconds kRebalanceSlack = 5s;
// Between looks whether the group has moved, while a join or sync waits.
constexpr std::chrono::nanoseconds kProbePause = 2s;
constexpr std::chrono::nanoseconds kHeartbeatTimeoutMin = 1s;
// A coordinator that moves is not worth a line.
constexpr std::chrono::nanoseconds kProblemMin = 1s;
constexpr std::chrono::nanoseconds kLogPause = 60s;

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

// The coordinator itself, not what the group thinks of this member.
bool IsCoordinatorProblem(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBrokerNotAvailable:
    case ErrorCode::kNetworkException:
    case ErrorCode::kRequestTimedOut:
    case ErrorCode::kCoordinatorNotAvailable:
    case ErrorCode::kCoordinatorLoadInProgress:
    case ErrorCode::kNotCoordinator:
    case ErrorCode::kMetadataUnavailable:
    case ErrorCode::kShuttingDown:
    case ErrorCode::kThrottled:
      return true;
    default:
      return false;
  }
}

template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.ok() ? Status() : Status(result.error());
}

}  // namespace

void GroupSession::Send(const MembershipEffect& effect) {
  if (const auto* const find = std::get_if<FindCoordinator>(&effect)) {
    return AskForCoordinator(
        [this, call = find->call](const auto& found) { OnCoordinator(call, found); });
  }
  std::optional<rpc::Endpoint> coordinator;
  {
    MutexLock lock(mutex_);
    coordinator = coordinator_;
  }
  if (!coordinator) {
    return Refuse(effect, {ErrorCode::kCoordinatorNotAvailable, "no coordinator is known"});
  }
  std::visit(
      Overloaded{[&](const SendJoin& call) { SendTo(call, *coordinator); },
                 [&](const SendSync& call) { SendTo(call, *coordinator); },
                 [&](const SendHeartbeat& call) { SendTo(call, *coordinator); },
                 [&](const SendLeave& call) { SendTo(call, *coordinator); }, [](const auto&) {}},
      effect);
}

void GroupSession::SendTo(const SendJoin& call, const rpc::Endpoint& coordinator) {
  const auto deadline = Deadline::After(clock_, options_.max_poll_interval + kRebalanceSlack);
  Park(call.call, /*is_join=*/true, coordinator);
  cluster_.control_plane().JoinGroup(
      coordinator, ToWire(options_.group_id, call.join), deadline,
      [this, id = call.call](const Result<idl::JoinGroupResponse>& reply) {
        Unpark(id);
        const auto joined = reply.ok() ? FromWire(*reply) : Result<core::JoinReply>(reply.error());
        NoteOutcome(StatusOf(joined));
        Step([&](Membership& machine, MonotonicTime now) {
          return machine.OnJoined(id, joined, now);
        });
      });
}

void GroupSession::SendTo(const SendSync& call, const rpc::Endpoint& coordinator) {
  const auto deadline = Deadline::After(clock_, options_.max_poll_interval + kRebalanceSlack);
  Park(call.call, /*is_join=*/false, coordinator);
  cluster_.control_plane().SyncGroup(
      coordinator, ToWire(options_.group_id, call.sync), deadline,
      [this, id = call.call](const Result<idl::SyncGroupResponse>& reply) {
        Unpark(id);
        NoteOutcome(StatusOf(reply));
        const auto synced = reply.ok() ? Result<core::SyncReply>(FromWire(*reply)) : reply.error();
        Step([&](Membership& machine, MonotonicTime now) {
          return machine.OnSynced(id, synced, now);
        });
      });
}

void GroupSession::SendTo(const SendHeartbeat& call, const rpc::Endpoint& coordinator) {
  const auto patience = std::min<std::chrono::nanoseconds>(
      options_.request_timeout,
      std::max<std::chrono::nanoseconds>(options_.heartbeat_interval, kHeartbeatTimeoutMin));
  std::chrono::milliseconds poll_age = call.poll_age;
  {
    MutexLock lock(mutex_);
    if (handling_since_) {
      poll_age = std::max(poll_age, std::chrono::duration_cast<std::chrono::milliseconds>(
                                        clock_.Now() - *handling_since_));
    }
  }
  cluster_.control_plane().GroupHeartbeat(
      coordinator, ToHeartbeat(options_.group_id, call.heartbeat, poll_age),
      Deadline::After(clock_, patience),
      [this, id = call.call](const Result<idl::GroupHeartbeatResponse>& reply) {
        if (reply.ok() && reply->is_degraded) {
          NoteOutcome(Error{ErrorCode::kMetadataUnavailable,
                            "the coordinator cannot reach the metadata database"});
        } else {
          NoteOutcome(StatusOf(reply));
        }
        Step([&](Membership& machine, MonotonicTime now) {
          return machine.OnHeartbeat(id, StatusOf(reply), now);
        });
      });
}

void GroupSession::SendTo(const SendLeave& call, const rpc::Endpoint& coordinator) {
  cluster_.control_plane().LeaveGroup(coordinator, ToLeave(options_.group_id, call.leave),
                                      Deadline::After(clock_, kAskTimeout),
                                      [this](const Result<idl::LeaveGroupResponse>&) { OnLeft(); });
}

void GroupSession::OnLeft() {
  {
    MutexLock lock(mutex_);
    --leaves_;
  }
  callbacks_.on_news();
}

void GroupSession::Refuse(const MembershipEffect& effect, const Error& why) {
  if (std::holds_alternative<SendLeave>(effect)) return OnLeft();
  Step([&](Membership& machine, MonotonicTime now) {
    return std::visit(
        Overloaded{
            [&](const SendJoin& call) { return machine.OnJoined(call.call, why, now); },
            [&](const SendSync& call) { return machine.OnSynced(call.call, why, now); },
            [&](const SendHeartbeat& call) { return machine.OnHeartbeat(call.call, why, now); },
            [](const auto&) { return MembershipEffects(); }},
        effect);
  });
}

void GroupSession::AskForCoordinator(Found found) {
  // Before anything is known of the cluster, the bootstrap servers are asked.
  AskForCoordinator(cluster_.Metaservers(), 0,
                    {ErrorCode::kCoordinatorNotAvailable, "no metaserver is known"},
                    std::move(found));
}

void GroupSession::AskForCoordinator(std::vector<rpc::Endpoint> servers, std::size_t next,
                                     Error last, Found found) {
  if (next >= servers.size()) return found(last);
  const rpc::Endpoint server = servers[next];
  idl::FindCoordinatorRequest request;
  request.group = options_.group_id;
  cluster_.control_plane().FindCoordinator(
      server, request, Deadline::After(clock_, kAskTimeout),
      [this, servers = std::move(servers), next, last = std::move(last), server,
       found = std::move(found)](const Result<idl::FindCoordinatorResponse>& reply) {
        if (reply.ok()) {
          return found(rpc::Endpoint{reply->coordinator.host,
                                     static_cast<std::uint16_t>(reply->coordinator.port)});
        }
        if (!MayGoBetterElsewhere(reply.error().code)) return found(reply.error());
        // Brokers among the bootstrap servers do not know the call: no news.
        const bool is_news = reply.error().code != ErrorCode::kUnsupportedVersion;
        AskForCoordinator(servers, next + 1, is_news ? reply.error().Wrap(server.ToString()) : last,
                          found);
      });
}

void GroupSession::OnCoordinator(core::GroupCallId call, const Result<rpc::Endpoint>& found) {
  if (found.ok()) {
    MutexLock lock(mutex_);
    coordinator_ = *found;
  } else {
    NoteOutcome(found.error());
  }
  Step([&](Membership& machine, MonotonicTime now) {
    return machine.OnCoordinator(call, StatusOf(found), now);
  });
}

void GroupSession::Park(core::GroupCallId call, bool is_join, const rpc::Endpoint& coordinator) {
  MutexLock lock(mutex_);
  parked_ = {.call = call, .is_join = is_join, .coordinator = coordinator, .moved_to = {}};
  next_probe_ = clock_.Now() + kProbePause;
}

void GroupSession::Unpark(core::GroupCallId call) {
  MutexLock lock(mutex_);
  if (parked_ && parked_->call == call) parked_.reset();
}

void GroupSession::OnProbe(core::GroupCallId call, const Result<rpc::Endpoint>& found) {
  bool is_join = false;
  {
    MutexLock lock(mutex_);
    is_probing_ = false;
    next_probe_ = clock_.Now() + kProbePause;
    wake_.NotifyAll();
    if (!parked_ || parked_->call != call || !found.ok()) return;
    const auto before = std::exchange(parked_->moved_to, *found);
    if (*found == parked_->coordinator || before != *found) return;
    is_join = parked_->is_join;
    parked_.reset();
  }
  const Error moved{ErrorCode::kNotCoordinator, "the group has moved to " + found->ToString()};
  Step([&](Membership& machine, MonotonicTime now) {
    return is_join ? machine.OnJoined(call, moved, now) : machine.OnSynced(call, moved, now);
  });
}

void GroupSession::AskForTopics(std::vector<rpc::Endpoint> servers, std::size_t next) {
  const rpc::Endpoint server = next < servers.size() ? servers[next] : rpc::Endpoint{};
  if (server.port == 0) {
    return OnTopics({}, 0, Error{ErrorCode::kBrokerNotAvailable, "no server is known"});
  }
  idl::MetadataRequest request;
  {
    MutexLock lock(mutex_);
    if (listed_version_ >= 0) request.__set_known_version(listed_version_);
  }
  cluster_.data_plane().Metadata(
      server, request, Deadline::After(clock_, kAskTimeout),
      [this, servers = std::move(servers), next](const Result<idl::MetadataResponse>& reply) {
        OnTopics(servers, next, reply);
      });
}

void GroupSession::OnTopics(std::vector<rpc::Endpoint> servers, std::size_t asked,
                            const Result<idl::MetadataResponse>& reply) {
  if (!reply.ok() && asked + 1 < servers.size()) {
    return AskForTopics(std::move(servers), asked + 1);
  }
  {
    MutexLock lock(mutex_);
    is_listing_ = false;
    next_listing_ =
        clock_.Now() + (reply.ok() ? options_.metadata_max_age : options_.retry_backoff_max);
    const bool is_news = reply.ok() && TakeUp(FollowPattern(*reply));
    wake_.NotifyAll();
    if (!is_news) return;
  }
  callbacks_.on_news();
}

void GroupSession::NoteOutcome(const Status& outcome) {
  bool is_new = false;
  bool is_over = false;
  std::string problem;
  {
    MutexLock lock(mutex_);
    const bool is_problem = !outcome.ok() && IsCoordinatorProblem(outcome.error().code);
    problem_ = problem = is_problem ? outcome.error().ToString() : std::string();
    const MonotonicTime now = clock_.Now();
    if (is_problem) {
      if (!problem_since_) problem_since_ = now;
      is_new = now - *problem_since_ >= kProblemMin &&
               (!problem_logged_at_ || now - *problem_logged_at_ >= kLogPause);
      if (is_new) problem_logged_at_ = now;
    } else {
      problem_since_.reset();
      is_over = std::exchange(problem_logged_at_, std::nullopt).has_value();
    }
  }
  if (is_new) {
    LANEMQ_LOG(WARN, "group.no_coordinator", {"group", options_.group_id}, {"problem", problem},
               {"effect", "reading and committing go on, rebalances wait"});
  } else if (is_over) {
    LANEMQ_LOG(INFO, "group.coordinator_back", {"group", options_.group_id});
  }
}

}  // namespace lanemq::client
