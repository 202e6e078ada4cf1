#include "broker/handlers/schedule.h"

#include <algorithm>
#include <utility>

#include "broker/handlers/check_batch.h"
#include "broker/handlers/partition_call.h"
#include "common/core/types/delayed_handle.h"
#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/messages.h"

namespace lanemq::broker {

// A request on its way. Each partition's place in `batches` and in the response is written by one
// thread.
struct ScheduleHandler::State : PartitionCall<idl::ScheduleRequest, idl::ScheduleResponse> {
  State(idl::ScheduleRequest&& r, rpc::Responder<idl::ScheduleResponse> to)
      : PartitionCall(std::move(r), std::move(to)),
        batches(request.partitions.size()),
        paid(request.partitions.size()) {}

  std::vector<std::vector<core::DelayedMessage>> batches;
  std::vector<Quotas::Paid> paid;  ///< With what each of them.
};

namespace {

/// The messages as the store wants them. Moves the payloads out of `from`.
Result<std::vector<core::DelayedMessage>> Take(idl::SchedulePartition& from,
                                               std::size_t message_bytes_max,
                                               const core::Limits& limits) {
  LANEMQ_RETURN_IF_ERROR(CheckBatch(from, message_bytes_max, limits));
  const core::ProducerId producer{from.__isset.producer_id ? from.producer_id : 0};
  std::int64_t sequence = from.__isset.base_sequence ? from.base_sequence : 0;
  std::vector<core::DelayedMessage> out;
  out.reserve(from.messages.size());
  std::size_t bytes = 0;
  for (idl::DelayedMessage& delayed : from.messages) {
    auto record = std::make_shared<core::Record>(wire::FromWire(std::move(delayed.message)));
    record->producer = producer;
    record->sequence = producer == core::kNoProducer ? 0 : sequence++;
    bytes += core::SizeOf(*record);
    out.push_back({WallTime{delayed.due_us}, std::move(record)});
  }
  LANEMQ_RETURN_IF_ERROR(CheckBatchBytes(bytes, out.size(), limits));
  return out;
}

Quotas::Batch SizeOf(const std::vector<core::DelayedMessage>& batch) {
  Quotas::Batch size{0, batch.size(), 0};
  for (const core::DelayedMessage& message : batch) {
    size.bytes += core::SizeOf(*message.record);
    if (message.record->body) {
      size.largest_body = std::max(size.largest_body, message.record->body->size());
    }
  }
  return size;
}

WallTime EarliestOf(const std::vector<core::DelayedMessage>& batch) {
  return std::ranges::min_element(batch, {}, &core::DelayedMessage::due)->due;
}

}  // namespace

void ScheduleHandler::Handle(idl::ScheduleRequest&& request,
                             rpc::Responder<idl::ScheduleResponse> responder) {
  Status checked = CheckPartitionCount(request.partitions.size());
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  StartCall<State>(context_.catalog, checked, std::move(request), std::move(responder),
                   [this](const auto& state, const auto& view) { Begin(state, *view); });
}

void ScheduleHandler::Begin(const std::shared_ptr<State>& state, const CatalogView& view) {
  auto parts =
      SplitByNode(view, state->request.partitions,
                  [&](std::size_t place, const Error& error) { state->Fail(place, error); });
  const auto call = state->responder.context();
  const std::shared_ptr<const core::Caller> caller = call ? call->caller() : nullptr;
  for (NodePart& part : parts) {
    for (const std::size_t place : part.places) {
      idl::SchedulePartition& batch = state->request.partitions[place];
      const TopicEntry* topic = view.FindTopic(batch.topic);
      auto taken = Take(batch, topic->message_bytes_max, context_.limits);
      if (!taken.ok()) {
        state->Fail(place, taken.error());
        continue;
      }
      auto paid = context_.quotas.Produce(caller.get(), batch.topic, SizeOf(*taken));
      if (paid.ok()) {
        state->batches[place] = *std::move(taken);
        state->paid[place] = *std::move(paid);
      } else {
        state->Fail(place, paid.error());
      }
    }
  }
  RunOnNodes(
      context_.workers, std::move(parts),
      [this, state](const NodePart& part) { ScheduleOn(*state, part); },
      [this, state](const NodePart& part, const Error& error) {
        for (const std::size_t place : part.places) {
          if (state->batches[place].empty()) continue;  // Refused.
          if (EffectOf(error.code) == Effect::kNone) context_.quotas.GiveBack(state->paid[place]);
          state->Fail(place, error);
        }
      },
      [state] { state->responder.Respond(state->response); });
}

void ScheduleHandler::ScheduleOn(State& state, const NodePart& part) {
  const auto store = context_.stores.DelayedOn(part.node);
  for (std::size_t i = 0; i < part.places.size(); ++i) {
    const std::size_t place = part.places[i];
    const std::vector<core::DelayedMessage>& batch = state.batches[place];
    if (batch.empty()) continue;  // Refused.
    const auto scheduled =
        store->Schedule(part.keys[i], batch, Deadline::After(context_.clock, context_.sql_timeout));
    if (!scheduled.ok()) {
      if (EffectOf(scheduled.error().code) == Effect::kNone) {
        context_.quotas.GiveBack(state.paid[place]);
      }
      state.Fail(place, scheduled.error());
      continue;
    }
    if (static_cast<std::size_t>(scheduled->duplicates) == batch.size()) {
      context_.quotas.GiveBack(state.paid[place]);
    }
    idl::SchedulePartitionResult& result = state.response.partitions[place];
    result.__isset.handles = true;
    for (const core::DelayedId& id : scheduled->ids) result.handles.push_back(core::ToHandle(id));
    result.__set_duplicates(scheduled->duplicates);
    if (context_.on_scheduled) context_.on_scheduled(part.node, part.keys[i], EarliestOf(batch));
  }
}

}  // namespace lanemq::broker
