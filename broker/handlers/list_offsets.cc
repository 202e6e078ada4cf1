#include "broker/handlers/list_offsets.h"

#include <atomic>
#include <utility>

#include "broker/handlers/partition_call.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::broker {
namespace {

constexpr std::int64_t kLogStart = -2;

void SetError(const Error& error, idl::ListOffsetsPartitionResult& result) {
  result.error = wire::ToWire(error);
  result.__isset.error = true;
}

}  // namespace

struct ListOffsetsHandler::State
    : PartitionCall<idl::ListOffsetsRequest, idl::ListOffsetsResponse> {
  State(idl::ListOffsetsRequest&& r, rpc::Responder<idl::ListOffsetsResponse> to)
      : PartitionCall(std::move(r), std::move(to)), open(request.partitions.size()) {}
  void Done() {
    if (open.fetch_sub(1) == 1) responder.Respond(response);
  }

  std::atomic<std::size_t> open;
};

void ListOffsetsHandler::Handle(idl::ListOffsetsRequest&& request,
                                rpc::Responder<idl::ListOffsetsResponse> responder) {
  Status checked = CheckPartitionCount(request.partitions.size());
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  StartCall<State>(context_.catalog, checked, std::move(request), std::move(responder),
                   [this](const auto& state, const auto& view) { Begin(state, *view); });
}

void ListOffsetsHandler::Begin(const std::shared_ptr<State>& state, const CatalogView& view) {
  for (std::size_t i = 0; i < state->request.partitions.size(); ++i) {
    const idl::ListOffsetsPartition& asked = state->request.partitions[i];
    idl::ListOffsetsPartitionResult& result = state->response.partitions[i];
    const auto found = view.Find(asked.topic, asked.partition);
    if (!found.ok()) {
      SetError(found.error(), result);
      state->Done();
      continue;
    }
    if (asked.timestamp_us < kLogStart) {
      SetError({ErrorCode::kInvalidRequest, "timestamp_us is -2, -1 or a time"}, result);
      state->Done();
      continue;
    }
    const auto location = found->location;
    const bool is_posted =
        context_.workers.Of(location.node).reads.TryPost([this, state, location, &asked, &result] {
          Look(location, asked.timestamp_us, result);
          state->Done();
        });
    if (is_posted) continue;
    SetError({ErrorCode::kThrottled, "too many calls wait for the data node", 100}, result);
    state->Done();
  }
}

void ListOffsetsHandler::Look(const core::PartitionLocation& location, std::int64_t time,
                              idl::ListOffsetsPartitionResult& result) {
  if (time >= 0) {
    const auto found = context_.messages.FindByTime(
        location, WallTime{time}, Deadline::After(context_.clock, context_.sql_timeout));
    if (!found.ok()) return SetError(found.error(), result);
    if (*found) {
      result.__set_offset((*found)->offset.value);
      result.__set_timestamp_us((*found)->timestamp.micros);
      return;
    }
  }
  const auto ends = context_.reader.ReadEnds(location);
  if (!ends.ok()) return SetError(ends.error(), result);
  result.__set_offset(time == kLogStart ? ends->start.value : ends->end.value);
}

}  // namespace lanemq::broker
