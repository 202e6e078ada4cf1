#include "broker/handlers/failures/fetch_retries.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "broker/handlers/failures/settle_checks.h"
#include "broker/handlers/needs_peek.h"
#include "broker/handlers/partition_call.h"
#include "common/base/random.h"
#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/messages.h"

namespace lanemq::broker {
namespace {

constexpr std::int32_t kMessagesDefault = 100;
constexpr std::int32_t kMessagesMax = 1'000;
constexpr std::int32_t kBytesDefault = 1 << 20;
constexpr std::int32_t kBytesMax = 8 << 20;
constexpr std::int64_t kLeaseDefaultMs = 300'000;

Status CheckRange(const char* name, std::int64_t value, std::int64_t max) {
  if (value >= 1 && value <= max) return {};
  return Error{ErrorCode::kInvalidRequest, fmt::format("{} is 1 to {}, not {}", name, max, value)};
}

// Puts the defaults in, and refuses what is out of range.
Status Normalise(idl::FetchRetriesRequest& request) {
  if (!request.__isset.max_messages) request.max_messages = kMessagesDefault;
  if (!request.__isset.max_bytes) request.max_bytes = kBytesDefault;
  if (!request.__isset.lease_ms) request.lease_ms = kLeaseDefaultMs;
  LANEMQ_RETURN_IF_ERROR(CheckRange("max_messages", request.max_messages, kMessagesMax));
  LANEMQ_RETURN_IF_ERROR(CheckRange("max_bytes", request.max_bytes, kBytesMax));
  return CheckLease(request.lease_ms);
}

void Fill(const core::DueRetry& due, const std::string& topic, idl::RetryMessage& out) {
  out.topic = topic;
  out.partition = due.key.partition;
  wire::ToWire(*due.record, out.message);
  out.attempt = due.history.attempts;
  out.__set_first_failed_at_us(due.history.first_at.micros);
  out.__set_last_failed_at_us(due.history.last_at.micros);
  out.__set_reason(due.history.last.reason);
  out.__set_last_error(due.history.last.error);
}

}  // namespace

struct FetchRetriesHandler::State {
  State(idl::FetchRetriesRequest&& r, rpc::Responder<idl::FetchRetriesResponse> to)
      : request(std::move(r)),
        responder(std::move(to)),
        records_left(request.max_messages),
        bytes_left(request.max_bytes) {
    if (const auto call = responder.context()) caller = call->caller();
  }

  void Fail(std::size_t place, const Error& error) {
    idl::SettlePartitionResult& out = response.errors.emplace_back();
    response.__isset.errors = true;
    out.topic = request.partitions[place].topic;
    out.partition = request.partitions[place].partition;
    out.error = wire::ToWire(error);
    out.__isset.error = true;
  }
  void Fail(const NodePart& part, const Error& error) {
    for (const std::size_t place : part.places) Fail(place, error);
  }
  void DueIn(std::chrono::microseconds time) { next = std::min(next.value_or(time), time); }
  void Add(const core::DueRetry& due) {
    --records_left;
    bytes_left -= static_cast<std::int64_t>(core::SizeOf(*due.record));
    Fill(due, view->FindTopic(due.key.topic)->topic->name, response.messages.emplace_back());
  }
  [[nodiscard]] bool is_full() const { return records_left <= 0 || bytes_left <= 0; }
  void Respond() {
    // Never negative, rounded up: a call that comes too early finds nothing.
    if (next) {
      const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*next).count();
      response.__set_next_due_ms(std::max<std::int64_t>(0, wait));
    }
    responder.Respond(response);
  }

  // One node's thread at a time.
  const idl::FetchRetriesRequest request;
  const rpc::Responder<idl::FetchRetriesResponse> responder;
  std::shared_ptr<const core::Caller> caller;  // Null with the guard off.
  std::shared_ptr<const CatalogView> view;
  idl::FetchRetriesResponse response;
  std::vector<NodePart> parts;
  std::size_t asked = 0;  // Of the parts.
  std::int32_t records_left;
  std::int64_t bytes_left;
  std::optional<std::chrono::microseconds> next;
};

void FetchRetriesHandler::Handle(idl::FetchRetriesRequest&& request,
                                 rpc::Responder<idl::FetchRetriesResponse> responder) {
  Status checked = CheckPartitionCount(request.partitions.size());
  if (checked.ok()) checked = CheckGroup(request.group, context_.limits);
  if (checked.ok()) checked = CheckMember(request.generation, request.member_id);
  if (checked.ok()) checked = Normalise(request);
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  StartCall<State>(context_.catalog, checked, std::move(request), std::move(responder),
                   [this](const auto& state, std::shared_ptr<const CatalogView> view) {
                     const Status allowed = CheckPeople(*state);
                     if (!allowed.ok()) return state->responder.Fail(allowed.error());
                     state->view = std::move(view);
                     Begin(state);
                   });
}

// What a person fails comes back as a retry; a retry without its content is of no use to a handler.
Status FetchRetriesHandler::CheckPeople(const State& state) const {
  if (!NeedsPeek(context_.guard, state.caller.get())) return {};
  for (const idl::TopicPartition& partition : state.request.partitions) {
    LANEMQ_RETURN_IF_ERROR(
        context_.guard.Check(state.caller.get(), core::Action::kPeek,
                             core::Resource{core::ResourceKind::kTopic, partition.topic}));
  }
  return {};
}

void FetchRetriesHandler::Begin(const std::shared_ptr<State>& state) {
  state->parts =
      SplitByNode(*state->view, state->request.partitions,
                  [&](std::size_t place, const Error& error) { state->Fail(place, error); });
  // Not always the same node first: one with many retries would keep the others from their turn.
  if (state->parts.size() > 1) {
    const auto first = Random::FromSystem().Below(state->parts.size());
    std::rotate(state->parts.begin(), state->parts.begin() + static_cast<std::ptrdiff_t>(first),
                state->parts.end());
  }
  Next(state);
}

void FetchRetriesHandler::Next(const std::shared_ptr<State>& state) {
  while (state->asked < state->parts.size() && !state->is_full()) {
    const NodePart& part = state->parts[state->asked++];
    const bool is_posted = context_.workers.Of(part.node).reads.TryPost([this, state, &part] {
      LeaseOn(*state, part);
      Next(state);
    });
    if (is_posted) return;
    state->Fail(part, {ErrorCode::kThrottled, "too many calls wait for the data node", 100});
  }
  // Whoever was not asked may have some that are due.
  if (state->asked < state->parts.size()) state->DueIn(std::chrono::microseconds(0));
  state->Respond();
}

void FetchRetriesHandler::LeaseOn(State& state, const NodePart& part) {
  const Deadline deadline = Deadline::After(context_.clock, context_.sql_timeout);
  const idl::FetchRetriesRequest& request = state.request;
  const auto store = context_.stores.RetriesOn(part.node);
  const auto policies = policies_.Get(request.group, part.node, *store, deadline);
  if (!policies.ok()) return state.Fail(part, policies.error());
  std::vector<core::RetryWish> wishes;
  for (const core::PartitionKey& key : part.keys) {
    wishes.push_back({key, (*policies)->For(key.topic).max_attempts});
  }
  const core::RetryLimits limits{.records_max = state.records_left,
                                 .bytes_max = static_cast<std::size_t>(state.bytes_left)};
  auto leased = store->Lease(
      request.group, {core::Generation{request.generation}, request.member_id}, wishes, limits,
      std::chrono::milliseconds(request.lease_ms), request.take_over, deadline);
  if (!leased.ok()) return state.Fail(part, leased.error());
  for (std::size_t i = 0; i < part.places.size(); ++i) {
    if (!leased->statuses[i].ok()) state.Fail(part.places[i], leased->statuses[i].error());
  }
  if (leased->dead > 0) context_.metrics.GroupFailures("lost").Increment(leased->dead);
  for (const core::DueRetry& due : leased->due) state.Add(due);
  if (leased->next_due_in) state.DueIn(*leased->next_due_in);
}

}  // namespace lanemq::broker
