#include "client/src/consumer/fake_group_servers.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "common/base/clock.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::client {
namespace {

using rpc::Responder;
using std::chrono_literals::operator""ms;

constexpr std::int64_t kBatch = 10;

template <typename T>
TopicPartition IdOf(const T& wire) {
  return {wire.topic, wire.partition};
}

template <typename Out>
Out Named(const TopicPartition& id) {
  Out out;
  out.topic = id.topic;
  out.partition = id.partition;
  return out;
}

std::vector<core::TopicPartition> FromWire(const std::vector<idl::TopicPartition>& wire) {
  std::vector<core::TopicPartition> out;
  for (const auto& id : wire) out.push_back({id.topic, id.partition});
  return out;
}

std::vector<idl::TopicPartition> ToWire(const std::vector<core::TopicPartition>& ids) {
  std::vector<idl::TopicPartition> out;
  for (const auto& id : ids) out.push_back(Named<idl::TopicPartition>({id.topic, id.partition}));
  return out;
}

core::JoinCall FromWire(const idl::JoinGroupRequest& request) {
  core::JoinCall join;
  join.member_id = request.member_id;
  join.instance_id = request.group_instance_id;
  join.client_id = request.client_id;
  join.host = request.host;
  join.session_timeout = std::chrono::milliseconds(request.session_timeout_ms);
  join.rebalance_timeout = std::chrono::milliseconds(request.rebalance_timeout_ms);
  join.protocols = request.protocols;
  join.subscription.topics = request.topics;
  join.subscription.owned = FromWire(request.owned);
  join.subscription.owned_generation = core::Generation{request.owned_generation};
  join.generation_floor = core::Generation{request.generation_floor};
  join.reason = request.reason;
  return join;
}

idl::JoinGroupResponse ToWire(const core::JoinReply& reply) {
  idl::JoinGroupResponse response;
  response.member_id = reply.member_id;
  if (reply.must_rejoin_with_id) {
    response.__set_error(wire::ToWire(Error{ErrorCode::kMemberIdRequired, "with this id"}));
    return response;
  }
  response.generation = reply.generation.value;
  response.protocol = reply.protocol;
  response.leader = reply.leader;
  for (const core::GroupMember& member : reply.members) {
    idl::GroupMemberInfo& info = response.members.emplace_back();
    info.member_id = member.member_id;
    if (!member.instance_id.empty()) info.__set_group_instance_id(member.instance_id);
    info.topics = member.subscription.topics;
    info.__set_owned(ToWire(member.subscription.owned));
    info.__set_owned_generation(member.subscription.owned_generation.value);
  }
  return response;
}

MonotonicTime Now() { return SystemClock::Instance().Now(); }

}  // namespace

void FakeCluster::SetTopic(const std::string& name, std::int32_t partitions) {
  MutexLock lock(mutex_);
  topics_[name] = partitions;
  ++version_;
}

void FakeCluster::SetPort(bool is_broker, std::uint16_t port) {
  MutexLock lock(mutex_);
  (is_broker ? broker_port_ : meta_port_) = port;
}

idl::MetadataResponse FakeCluster::Metadata(const idl::MetadataRequest& request) const {
  MutexLock lock(mutex_);
  idl::MetadataResponse response;
  response.version = version_;
  response.is_unchanged = request.__isset.known_version && request.known_version == version_;
  response.__set_cluster_id("test");
  if (response.is_unchanged) return response;
  idl::Broker broker;
  broker.broker_id = 1;
  broker.host = "127.0.0.1";
  broker.port = broker_port_;
  broker.state = idl::BrokerState::ACTIVE;
  response.__set_brokers({broker});
  idl::Endpoint meta;
  meta.host = "127.0.0.1";
  meta.port = meta_port_;
  response.__set_metaservers({meta});
  response.__set_topics({});
  for (const auto& [name, partitions] : topics_) {
    const auto& wanted = request.topics;
    if (request.__isset.topics && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) {
      continue;
    }
    idl::TopicMetadata& topic = response.topics.emplace_back();
    topic.name = name;
    topic.topic_id = 1;
    topic.state = idl::TopicState::ACTIVE;
    for (std::int32_t p = 0; p < partitions; ++p) {
      idl::PartitionMetadata& partition = topic.partitions.emplace_back();
      partition.partition = p;
      partition.__set_preferred_broker_id(1);
    }
  }
  return response;
}

FakeCluster::Row FakeCluster::Get(const TopicPartition& id) const {
  MutexLock lock(mutex_);
  const auto found = rows_.find(id);
  return found == rows_.end() ? Row() : found->second;
}

void FakeCluster::Change(const TopicPartition& id, const std::function<void(Row&)>& change) {
  MutexLock lock(mutex_);
  change(rows_[id]);
}

FakeBroker::~FakeBroker() {
  MutexLock lock(mutex_);
  is_ending_ = true;
  wake_.NotifyAll();
}

void FakeBroker::Run() {
  MutexLock lock(mutex_);
  while (!is_ending_) {
    for (const auto& responder : parked_) responder.Respond({});
    parked_.clear();
    for (const auto& claim : std::exchange(parked_claims_, {})) claim();
    if (!holds_settles) {
      for (const auto& settle : std::exchange(parked_settles_, {})) settle();
    }
    wake_.WaitFor(mutex_, 20ms);
  }
}

void FakeBroker::metadata(Cob<idl::MetadataResponse> cob, ExnCob,
                          const idl::MetadataRequest& request) {
  cob(cluster_.Metadata(request));
}

void FakeBroker::fetch(Cob<idl::FetchResponse> cob, ExnCob exn, const idl::FetchRequest& request) {
  const Responder<idl::FetchResponse> responder(std::move(cob), std::move(exn));
  idl::FetchResponse response;
  bool is_empty = true;
  for (const idl::FetchPartition& wanted : request.partitions) {
    auto result = Named<idl::FetchPartitionResult>(IdOf(wanted));
    for (std::int64_t o = wanted.offset; o < std::min(wanted.offset + kBatch, kLogEnd); ++o) {
      result.messages.emplace_back().offset = o;
      is_empty = false;
    }
    result.__set_log_end_offset(kLogEnd);
    if (hides) result.__set_is_hidden(true);
    response.partitions.push_back(std::move(result));
  }
  if (!is_empty) return responder.Respond(response);
  MutexLock lock(mutex_);
  parked_.push_back(responder);
}

void FakeBroker::listOffsets(Cob<idl::ListOffsetsResponse> cob, ExnCob,
                             const idl::ListOffsetsRequest& request) {
  idl::ListOffsetsResponse response;
  for (const auto& wanted : request.partitions) {
    auto result = Named<idl::ListOffsetsPartitionResult>(IdOf(wanted));
    result.__set_offset(wanted.timestamp_us == -1 ? kLogEnd : log_start.load());
    response.partitions.push_back(std::move(result));
  }
  cob(response);
}

void FakeBroker::claimPartitions(Cob<idl::ClaimPartitionsResponse> cob, ExnCob,
                                 const idl::ClaimPartitionsRequest& request) {
  if (!claims_late) return cob(Claim(request));
  MutexLock lock(mutex_);
  parked_claims_.push_back([this, cob = std::move(cob), request] { cob(Claim(request)); });
}

idl::ClaimPartitionsResponse FakeBroker::Claim(const idl::ClaimPartitionsRequest& request) {
  idl::ClaimPartitionsResponse response;
  for (const auto& wanted : request.partitions) {
    cluster_.Change(IdOf(wanted), [&](FakeCluster::Row& row) {
      const bool is_old = request.generation < row.generation;
      if (!is_old) {
        const bool is_repeated =
            row.generation == request.generation && row.member == request.member_id;
        if (!is_repeated) row.commit_sequence = 0;
        row.generation = request.generation;
        row.member = request.member_id;
        ++row.claims;
      }
      idl::FetchOffsetsPartitionResult result = FakeCluster::ToWire(IdOf(wanted), row);
      if (is_old) result.__set_error(wire::ToWire(Error{ErrorCode::kIllegalGeneration, "old"}));
      response.partitions.push_back(std::move(result));
    });
  }
  return response;
}

void FakeBroker::commitOffsets(Cob<idl::CommitOffsetsResponse> cob, ExnCob,
                               const idl::CommitOffsetsRequest& request) {
  idl::CommitOffsetsResponse response;
  for (const auto& commit : request.partitions) {
    auto result = Named<idl::CommitPartitionResult>(IdOf(commit));
    cluster_.Change(IdOf(commit), [&](FakeCluster::Row& row) {
      std::optional<Error> error;
      row.sequences.push_back(request.commit_sequence);
      Commit(commit, {request.generation, request.member_id, request.commit_sequence}, row, error);
      if (error) result.__set_error(wire::ToWire(*error));
    });
    response.partitions.push_back(std::move(result));
  }
  cob(response);
}

void FakeBroker::fetchOffsets(Cob<idl::FetchOffsetsResponse> cob, ExnCob,
                              const idl::FetchOffsetsRequest& request) {
  ++row_fetches;
  idl::FetchOffsetsResponse response;
  for (const auto& wanted : request.partitions) {
    response.partitions.push_back(FakeCluster::ToWire(IdOf(wanted), cluster_.Get(IdOf(wanted))));
  }
  {
    MutexLock lock(mutex_);
    if (policy_) response.__isset.policies = true;
    if (policy_) response.policies.emplace_back().policy = *policy_;
  }
  cob(response);
}

FakeCoordinator::FakeCoordinator(FakeCluster& cluster)
    : cluster_(cluster),
      machine_("g", {.session_timeout_min = 1ms, .initial_rebalance_delay = 0ms},
               [this](const std::string& client_id) {
                 return client_id + "-" + std::to_string(++members_named_);
               }),
      thread_([this] { Run(); }) {}

FakeCoordinator::~FakeCoordinator() {
  MutexLock lock(mutex_);
  is_ending_ = true;
  wake_.NotifyAll();
}

void FakeCoordinator::Run() {
  MutexLock lock(mutex_);
  while (!is_ending_) {
    Do(machine_.OnTime(Now()));
    wake_.WaitFor(mutex_, 5ms);
  }
}

void FakeCoordinator::Hang() {
  MutexLock lock(mutex_);
  is_hanging_ = true;
}

void FakeCoordinator::Expel(const std::string& member_id) {
  MutexLock lock(mutex_);
  Do(machine_.Leave(++last_call_, {.member_id = member_id}, Now()));
}

core::StoredGroup FakeCoordinator::Group() const {
  MutexLock lock(mutex_);
  return machine_.Snapshot();
}

std::string FakeCoordinator::last_host() const {
  MutexLock lock(mutex_);
  return last_host_;
}

void FakeCoordinator::Do(core::GroupEffects effects) {
  for (std::size_t i = 0; i < effects.size(); ++i) {
    if (auto* const join = std::get_if<core::ReplyToJoin>(&effects[i])) {
      if (const auto call = joins_.extract(join->call)) call.mapped()(join->reply);
    } else if (auto* const sync = std::get_if<core::ReplyToSync>(&effects[i])) {
      if (const auto call = syncs_.extract(sync->call)) call.mapped()(sync->reply);
    } else if (auto* const other = std::get_if<core::ReplyToMember>(&effects[i])) {
      if (const auto call = others_.extract(other->call)) call.mapped()(other->reply);
    } else if (auto* const write = std::get_if<core::PersistGroup>(&effects[i])) {
      core::GroupEffects more = machine_.OnPersisted(write->id, {}, Now());
      effects.insert(effects.end(), std::make_move_iterator(more.begin()),
                     std::make_move_iterator(more.end()));
    }
  }
}

void FakeCoordinator::metadata(Cob<idl::MetadataResponse> cob, ExnCob,
                               const idl::MetadataRequest& request) {
  cob(cluster_.Metadata(request));
}

void FakeCoordinator::findCoordinator(Cob<idl::FindCoordinatorResponse> cob, ExnCob,
                                      const idl::FindCoordinatorRequest&) {
  idl::FindCoordinatorResponse response;
  response.coordinator.host = "127.0.0.1";
  response.coordinator.port = port_;
  response.epoch = 1;
  cob(response);
}

void FakeCoordinator::joinGroup(Cob<idl::JoinGroupResponse> cob, ExnCob exn,
                                const idl::JoinGroupRequest& request) {
  const Responder<idl::JoinGroupResponse> responder(std::move(cob), std::move(exn));
  MutexLock lock(mutex_);
  if (is_hanging_) return hanging_.push_back(responder);
  last_host_ = request.host;
  joins_[++last_call_] = [responder](const Result<core::JoinReply>& reply) {
    if (!reply.ok()) return responder.Fail(reply.error());
    responder.Respond(ToWire(*reply));
  };
  Do(machine_.Join(last_call_, FromWire(request), Now()));
}

void FakeCoordinator::syncGroup(Cob<idl::SyncGroupResponse> cob, ExnCob exn,
                                const idl::SyncGroupRequest& request) {
  const Responder<idl::SyncGroupResponse> responder(std::move(cob), std::move(exn));
  core::SyncCall sync{.member_id = request.member_id,
                      .instance_id = request.group_instance_id,
                      .generation = core::Generation{request.generation},
                      .assignments = {}};
  for (const auto& assignment : request.assignments) {
    sync.assignments[assignment.member_id] = FromWire(assignment.partitions);
  }
  MutexLock lock(mutex_);
  syncs_[++last_call_] = [responder](const Result<core::SyncReply>& reply) {
    if (!reply.ok()) return responder.Fail(reply.error());
    idl::SyncGroupResponse response;
    response.assignment = ToWire(reply->assignment);
    response.generation = reply->generation.value;
    response.protocol = reply->protocol;
    responder.Respond(response);
  };
  Do(machine_.Sync(last_call_, std::move(sync), Now()));
}

void FakeCoordinator::groupHeartbeat(Cob<idl::GroupHeartbeatResponse> cob, ExnCob exn,
                                     const idl::GroupHeartbeatRequest& request) {
  const Responder<idl::GroupHeartbeatResponse> responder(std::move(cob), std::move(exn));
  poll_age_ms = request.__isset.last_poll_age_ms ? request.last_poll_age_ms : -1;
  MutexLock lock(mutex_);
  others_[++last_call_] = [responder](const Status& reply) {
    if (!reply.ok()) return responder.Fail(reply.error());
    responder.Respond({});
  };
  Do(machine_.Heartbeat(last_call_,
                        {.member_id = request.member_id,
                         .instance_id = request.group_instance_id,
                         .generation = core::Generation{request.generation},
                         .reason = {}},
                        Now()));
}

void FakeCoordinator::leaveGroup(Cob<idl::LeaveGroupResponse> cob, ExnCob exn,
                                 const idl::LeaveGroupRequest& request) {
  const Responder<idl::LeaveGroupResponse> responder(std::move(cob), std::move(exn));
  MutexLock lock(mutex_);
  others_[++last_call_] = [responder](const Status& reply) {
    if (!reply.ok()) return responder.Fail(reply.error());
    responder.Respond({});
  };
  Do(machine_.Leave(last_call_,
                    {.member_id = request.member_id,
                     .instance_id = request.group_instance_id,
                     .generation = {},
                     .reason = request.reason},
                    Now()));
}

}  // namespace lanemq::client
