#include "broker/handlers/produce.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include <fmt/format.h>

#include "broker/handlers/check_batch.h"
#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/messages.h"

namespace lanemq::broker {
namespace {

constexpr std::int32_t kTimeoutDefaultMs = 30'000;
constexpr std::int32_t kTimeoutMaxMs = 300'000;

/// A producer that was throttled sends what came behind the refused batch once more, and is not to
/// pay for it twice.
bool IsForNothing(const core::AppendOutcome& outcome) {
  return outcome.is_duplicate || (outcome.error && EffectOf(outcome.error->code) == Effect::kNone);
}

void SetOutcome(core::AppendOutcome outcome, const rpc::Responder<idl::ProduceResponse>& responder,
                idl::ProducePartitionResult& result) {
  if (outcome.error) {
    result.error = wire::ToWire(*outcome.error, responder.request_id());
    result.__isset.error = true;
  }
  if (outcome.timestamp) result.__set_timestamp_us(outcome.timestamp->micros);
  if (outcome.is_duplicate) result.__set_is_duplicate(true);
  if (outcome.offsets.empty()) return;
  result.__set_base_offset(outcome.offsets.front().first.value);
  if (outcome.offsets.size() == 1) return;
  result.__isset.offsets = true;
  for (const core::OffsetRun& run : outcome.offsets) {
    for (std::int64_t i = 0; i < run.count; ++i) {
      const bool is_forgotten = run.first == core::kForgottenOffset;
      result.offsets.push_back(is_forgotten ? run.first.value : run.first.value + i);
    }
  }
}

}  // namespace

// A request on its way; the last partition's answer sends the response.
struct ProduceHandler::State {
  State(idl::ProduceRequest&& r, rpc::Responder<idl::ProduceResponse> to)
      : request(std::move(r)), responder(std::move(to)), open(request.partitions.size()) {
    response.partitions.resize(request.partitions.size());
    responder.NoteDetail(DetailOf(request.partitions));
    if (const auto call = responder.context()) caller = call->caller();
  }
  void Done() {
    if (open.fetch_sub(1) == 1) responder.Respond(response);
  }

  idl::ProduceRequest request;
  rpc::Responder<idl::ProduceResponse> responder;
  idl::ProduceResponse response;
  std::shared_ptr<const CatalogView> view;
  std::shared_ptr<const core::Caller> caller;  ///< Null: the connection has not said.
  std::atomic<std::size_t> open;
};

void ProduceHandler::Handle(idl::ProduceRequest&& request,
                            rpc::Responder<idl::ProduceResponse> responder) {
  const Status count = CheckPartitionCount(request.partitions.size());
  const std::int32_t timeout = request.__isset.timeout_ms ? request.timeout_ms : kTimeoutDefaultMs;
  if (!count.ok()) {
    responder.Fail(count.error());
    return;
  }
  if (timeout < 1 || timeout > kTimeoutMaxMs) {
    responder.Fail({ErrorCode::kInvalidRequest,
                    fmt::format("timeout_ms is 1 to {}, not {}", kTimeoutMaxMs, timeout)});
    return;
  }
  if (const Status status = CheckCluster(context_.catalog, request); !status.ok()) {
    responder.Fail(status.error());
    return;
  }
  request.timeout_ms = timeout;
  auto state = std::make_shared<State>(std::move(request), std::move(responder));
  WithTopics(context_.catalog, TopicsOf(state->request.partitions),
             [this, state](std::shared_ptr<const CatalogView> view) {
               state->view = std::move(view);
               Begin(state);
             });
}

void ProduceHandler::Begin(const std::shared_ptr<State>& state) {
  const MonotonicTime deadline =
      context_.clock.Now() + std::chrono::milliseconds(state->request.timeout_ms);
  for (std::size_t i = 0; i < state->request.partitions.size(); ++i) {
    BeginPartition(state, i, deadline);
  }
}

void ProduceHandler::BeginPartition(const std::shared_ptr<State>& state, std::size_t index,
                                    MonotonicTime deadline) {
  idl::ProducePartition& batch = state->request.partitions[index];
  idl::ProducePartitionResult& result = state->response.partitions[index];
  result.topic = std::move(batch.topic);
  result.partition = batch.partition;
  const auto fail = [&](const Error& error) {
    result.error = wire::ToWire(error, state->responder.request_id());
    result.__isset.error = true;
    state->Done();
  };
  const auto found = state->view->Find(result.topic, batch.partition);
  if (!found.ok()) return fail(found.error());
  if (found->preferred && *found->preferred != context_.self) {
    result.__set_preferred_broker_id(found->preferred->value);
  }
  const Status checked = CheckBatch(batch, found->topic->message_bytes_max, context_.limits);
  if (!checked.ok()) return fail(checked.error());

  core::AppendRequest append;
  append.producer = core::ProducerId{batch.__isset.producer_id ? batch.producer_id : 0};
  append.base_sequence = batch.base_sequence;
  append.deadline = deadline;
  append.records.reserve(batch.messages.size());
  std::size_t largest_body = 0;
  for (idl::Message& message : batch.messages) {
    largest_body = std::max(largest_body, message.body.size());
    append.records.push_back(std::make_shared<core::Record>(wire::FromWire(std::move(message))));
    append.bytes += core::SizeOf(*append.records.back());
  }
  const Status fits = CheckBatchBytes(append.bytes, append.records.size(), context_.limits);
  if (!fits.ok()) return fail(fits.error());
  auto paid = context_.quotas.Produce(state->caller.get(), result.topic,
                                      {append.bytes, append.records.size(), largest_body});
  if (!paid.ok()) return fail(paid.error());
  context_.writers.Of(found->location)
      ->Append(std::move(append),
               [this, state, &result, paid = *std::move(paid)](core::AppendOutcome outcome) {
                 if (IsForNothing(outcome)) context_.quotas.GiveBack(paid);
                 SetOutcome(std::move(outcome), state->responder, result);
                 state->Done();
               });
}

}  // namespace lanemq::broker
