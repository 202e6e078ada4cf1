#include "broker/handlers/fetch.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "broker/access/rights.h"
#include "broker/handlers/needs_peek.h"
#include "common/core/access/access_table.h"
#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/messages.h"

namespace lanemq::broker {
namespace {

constexpr std::int32_t kWaitDefaultMs = 500;
constexpr std::int32_t kWaitMaxMs = 60'000;
constexpr std::int32_t kBytesMax = 8 << 20;
constexpr std::int32_t kMessagesDefault = 5'000;
constexpr std::int32_t kMessagesMax = 50'000;

Status CheckRange(const char* name, std::int32_t value, std::int32_t min, std::int32_t max) {
  if (value >= min && value <= max) return {};
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("{} is {} to {}, not {}", name, min, max, value)};
}

// Puts the defaults in, and refuses what is out of range.
Status Normalise(idl::FetchRequest& request) {
  LANEMQ_RETURN_IF_ERROR(CheckPartitionCount(request.partitions.size()));
  if (!request.__isset.max_wait_ms) request.max_wait_ms = kWaitDefaultMs;
  if (!request.__isset.min_bytes) request.min_bytes = 1;
  if (!request.__isset.max_bytes) request.max_bytes = kBytesMax;
  if (!request.__isset.max_messages) request.max_messages = kMessagesDefault;
  LANEMQ_RETURN_IF_ERROR(CheckRange("max_wait_ms", request.max_wait_ms, 0, kWaitMaxMs));
  LANEMQ_RETURN_IF_ERROR(CheckRange("min_bytes", request.min_bytes, 0, kBytesMax));
  LANEMQ_RETURN_IF_ERROR(CheckRange("max_messages", request.max_messages, 1, kMessagesMax));
  if (request.max_bytes < 1) {
    return Error{ErrorCode::kInvalidRequest, "max_bytes is at least 1"};
  }
  request.max_bytes = std::min(request.max_bytes, kBytesMax);
  for (idl::FetchPartition& partition : request.partitions) {
    if (partition.offset < 0) return Error{ErrorCode::kInvalidRequest, "a negative offset"};
    if (!partition.__isset.max_bytes) partition.max_bytes = request.max_bytes;
    if (partition.max_bytes < 1) {
      return Error{ErrorCode::kInvalidRequest, "max_bytes is at least 1"};
    }
  }
  return {};
}

// What the reply needs besides the slots.
struct Reply {
  struct Partition {
    std::string topic;
    std::optional<core::BrokerId> preferred;
    std::string paying_team;  // Empty: nobody pays.
  };
  idl::FetchResponse response;        // Errors found before the fetch began.
  std::vector<Partition> partitions;  // By slot index.
};

// People who consume without the right to peek see that messages are there, not what is in them. By
// the newest book, as the answer goes.
class Hiding {
 public:
  Hiding(const HandlerContext& context, const rpc::CallContext* call) : context_(context) {
    if (call != nullptr && NeedsPeek(context.guard, call->caller().get())) {
      caller_ = call->caller();
    }
  }
  bool Hides(const std::string& topic) {
    if (caller_ == nullptr) return false;
    const auto [found, is_new] = by_topic_.try_emplace(topic);
    if (is_new) {
      const core::Resource resource{core::ResourceKind::kTopic, topic};
      found->second = !context_.guard.Check(caller_.get(), core::Action::kPeek, resource).ok();
    }
    return found->second;
  }

 private:
  const HandlerContext& context_;
  std::shared_ptr<const core::Caller> caller_;  // Null: nothing is hidden.
  std::map<std::string, bool> by_topic_;
};

void Fill(const HandlerContext& context, const Reply::Partition& partition, FetchSlot& slot,
          const rpc::Responder<idl::FetchResponse>& responder, bool is_hidden,
          idl::FetchPartitionResult& out) {
  out.topic = partition.topic;
  out.partition = slot.location.key.partition;
  if (slot.error) {
    out.error = wire::ToWire(*slot.error, responder.request_id());
    out.__isset.error = true;
  }
  if (const auto ends = context.view.EndsOf(slot.location.key)) {
    if (ends->start.value > 0) out.__set_log_start_offset(ends->start.value);
    out.__set_log_end_offset(ends->end.value);
  }
  if (partition.preferred && *partition.preferred != context.self) {
    out.__set_preferred_broker_id(partition.preferred->value);
  }
  out.messages.resize(slot.records.size());
  if (is_hidden) out.__set_is_hidden(true);
  for (std::size_t i = 0; i < slot.records.size(); ++i) {
    if (is_hidden) {
      out.messages[i].offset = slot.records[i]->offset.value;
      out.messages[i].timestamp_us = slot.records[i]->timestamp.micros;
    } else {
      wire::ToWire(*slot.records[i], out.messages[i]);
    }
  }
}

// False, with errors in the slots, once something that the call waits for may not be read any more.
bool IsAllowed(const Rights& rights, const std::string& group, Reply& reply, FetchCall& call) {
  constexpr core::Action kAction = core::AccessOf("fetch").action;
  const Status whole = group.empty() ? Status() : rights.CheckGroup(kAction, group);
  bool is_allowed = true;
  Status allowed = whole;
  const std::string* topic = nullptr;  // That `allowed` is about.
  for (FetchSlot& slot : call.slots) {
    std::string& name = reply.partitions[slot.index].topic;
    if (whole.ok() && (topic == nullptr || *topic != name)) {
      allowed = rights.CheckTopicLent(kAction, name);
      topic = &name;
    }
    if (allowed.ok()) continue;
    slot.records.clear();
    slot.bytes = 0;
    slot.error = allowed.error();
    is_allowed = false;
  }
  return is_allowed;
}

// The partitions that can be read, as slots; of the others, errors in the reply.
void AddSlots(const HandlerContext& context, const idl::FetchRequest& request,
              const rpc::Responder<idl::FetchResponse>& responder, const CatalogView& view,
              Reply& reply, FetchCall& call) {
  const auto rpc_call = responder.context();
  const std::shared_ptr<const core::Caller> caller = rpc_call ? rpc_call->caller() : nullptr;
  for (std::size_t i = 0; i < request.partitions.size(); ++i) {
    const idl::FetchPartition& partition = request.partitions[i];
    const auto refuse = [&](const Error& error) {
      idl::FetchPartitionResult& result = reply.response.partitions.emplace_back();
      result.topic = partition.topic;
      result.partition = partition.partition;
      result.error = wire::ToWire(error, responder.request_id());
      result.__isset.error = true;
    };
    const auto found = view.Find(partition.topic, partition.partition);
    if (!found.ok()) {
      refuse(found.error());
      continue;
    }
    auto paying = context.quotas.Fetch(caller.get(), partition.topic);
    if (!paying.ok()) {
      refuse(paying.error());
      continue;
    }
    FetchSlot& slot = call.slots.emplace_back();
    slot.index = reply.partitions.size();
    slot.location = found->location;
    slot.offset = core::Offset{partition.offset};
    slot.bytes_max = static_cast<std::size_t>(partition.max_bytes);
    reply.partitions.push_back({partition.topic, found->preferred, *std::move(paying)});
  }
}

// Partitions of one team are paid for together.
void Pay(Quotas& quotas, const Reply& reply, const FetchCall& call) {
  std::map<std::string_view, std::size_t> bytes;
  for (const FetchSlot& slot : call.slots) {
    const std::string& team = reply.partitions[slot.index].paying_team;
    if (team.empty()) continue;
    for (const core::RecordPtr& record : slot.records) bytes[team] += core::SizeOf(*record);
  }
  for (const auto& [team, sum] : bytes) quotas.PayForFetch(std::string(team), sum);
}

// Each slot alone is within limits, all together may not be: cuts the later ones.
void Cut(FetchCall& call) {
  std::size_t bytes = 0;
  for (FetchSlot& slot : call.slots) {
    std::size_t kept = 0;
    for (; kept < slot.records.size(); ++kept) {
      const std::size_t size = core::SizeOf(*slot.records[kept]);
      if (bytes > 0 && bytes + size > call.bytes_max) break;
      bytes += size;
    }
    slot.records.resize(kept);
  }
}

}  // namespace

void FetchHandler::Handle(idl::FetchRequest&& request,
                          rpc::Responder<idl::FetchResponse> responder) {
  Status checked = Normalise(request);
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  const auto topics = TopicsOf(request.partitions);
  responder.NoteDetail(DetailOf(request.partitions));
  WithTopics(
      context_.catalog, topics,
      [this, request = std::move(request), responder = std::move(responder)](
          const std::shared_ptr<const CatalogView>& view) { Begin(request, responder, *view); });
}

void FetchHandler::Begin(const idl::FetchRequest& request,
                         const rpc::Responder<idl::FetchResponse>& responder,
                         const CatalogView& view) {
  auto reply = std::make_shared<Reply>();
  auto call = std::make_unique<FetchCall>();
  AddSlots(context_, request, responder, view, *reply, *call);
  const bool has_error = !reply->response.partitions.empty();
  call->bytes_min = has_error ? 0 : static_cast<std::size_t>(request.min_bytes);
  call->bytes_max = static_cast<std::size_t>(request.max_bytes);
  call->records_max = request.max_messages;
  call->deadline = context_.clock.Now() +
                   std::chrono::milliseconds(request.min_bytes == 0 ? 0 : request.max_wait_ms);
  call->is_wanted = [responder] { return !responder.is_cancelled(); };
  if (context_.guard.is_on()) {
    call->is_allowed = [rights =
                            Rights(context_.guard, context_.metrics, responder.context().get()),
                        reply, group = request.group](FetchCall& parked) {
      return IsAllowed(rights, group, *reply, parked);
    };
  }
  call->done = [this, reply, responder](FetchCall& done) {
    if (const auto rpc = responder.context()) rpc->NoteWaited(done.waited);
    Cut(done);
    Pay(context_.quotas, *reply, done);
    Hiding hiding(context_, responder.context().get());
    for (FetchSlot& slot : done.slots) {
      if (slot.records.empty() && !slot.error) continue;
      const Reply::Partition& partition = reply->partitions[slot.index];
      Fill(context_, partition, slot, responder, hiding.Hides(partition.topic),
           reply->response.partitions.emplace_back());
    }
    responder.Respond(reply->response);
  };
  if (call->slots.empty()) {
    call->done(*call);
    return;
  }
  const FetchId id = context_.fetches.NewId();
  if (call->bytes_min > 0 && request.max_wait_ms > 0) {
    responder.OnCancel([&fetches = context_.fetches, id] { fetches.Cancel(id); });
  }
  context_.fetches.Start(id, std::move(call));
}

}  // namespace lanemq::broker
