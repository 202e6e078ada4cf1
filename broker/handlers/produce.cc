#include "broker/handlers/produce.h"

#include <atomic>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/messages.h"

namespace lanemq::broker {
namespace {

constexpr std::int32_t kTimeoutDefaultMs = 30'000;
constexpr std::int32_t kTimeoutMaxMs = 300'000;

Status CheckMessage(const idl::Message& message, std::size_t message_bytes_max,
                    const core::Limits& limits) {
  const auto too_large = [](const char* what, std::size_t bytes, std::size_t max) {
    return Error{ErrorCode::kMessageTooLarge,
                 fmt::format("{} of {} bytes; the limit is {}", what, bytes, max)};
  };
  if (message.body.size() > message_bytes_max) {
    return too_large("a body", message.body.size(), message_bytes_max);
  }
  if (message.key.size() > limits.key_bytes_max) {
    return too_large("a key", message.key.size(), limits.key_bytes_max);
  }
  if (message.headers.size() > limits.headers_max) {
    return Error{
        ErrorCode::kMessageTooLarge,
        fmt::format("{} headers; the limit is {}", message.headers.size(), limits.headers_max)};
  }
  std::size_t bytes = 0;
  for (const idl::Header& header : message.headers) {
    bytes += header.name.size() + header.value.size();
  }
  if (bytes > limits.headers_bytes_max) {
    return too_large("headers", bytes, limits.headers_bytes_max);
  }
  return {};
}

void SetOutcome(core::AppendOutcome outcome, idl::ProducePartitionResult& result) {
  if (outcome.error) {
    result.error = wire::ToWire(*outcome.error);
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

Status CheckBatch(const idl::ProducePartition& batch, std::size_t message_bytes_max,
                  const core::Limits& limits) {
  const std::size_t count = batch.messages.size();
  if (count == 0) return Error{ErrorCode::kInvalidRequest, "a batch without messages"};
  if (count > limits.batch_records_max) {
    return Error{ErrorCode::kRecordListTooLarge,
                 fmt::format("{} messages; the limit is {}", count, limits.batch_records_max)};
  }
  for (const idl::Message& message : batch.messages) {
    LANEMQ_RETURN_IF_ERROR(CheckMessage(message, message_bytes_max, limits));
  }
  const std::int64_t producer = batch.__isset.producer_id ? batch.producer_id : 0;
  if (producer < 0) return Error{ErrorCode::kInvalidRequest, "a negative producer_id"};
  if (producer == 0) return {};
  if (!batch.__isset.base_sequence || batch.base_sequence < 0 ||
      batch.base_sequence >
          std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(count)) {
    return Error{ErrorCode::kInvalidRequest, "a producer_id goes with a base_sequence from 0 on"};
  }
  return {};
}

// A request on its way; the last partition's answer sends the response.
struct ProduceHandler::State {
  State(idl::ProduceRequest&& r, rpc::Responder<idl::ProduceResponse> to)
      : request(std::move(r)), responder(std::move(to)), open(request.partitions.size()) {
    response.partitions.resize(request.partitions.size());
  }
  void Done() {
    if (open.fetch_sub(1) == 1) responder.Respond(response);
  }

  idl::ProduceRequest request;
  rpc::Responder<idl::ProduceResponse> responder;
  idl::ProduceResponse response;
  std::shared_ptr<const CatalogView> view;
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
    result.error = wire::ToWire(error);
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
  for (idl::Message& message : batch.messages) {
    append.records.push_back(std::make_shared<core::Record>(wire::FromWire(std::move(message))));
    append.bytes += core::SizeOf(*append.records.back());
  }
  if (append.bytes > context_.limits.batch_bytes_max && append.records.size() > 1) {
    return fail(
        {ErrorCode::kRecordListTooLarge,
         fmt::format("{} bytes; the limit is {}", append.bytes, context_.limits.batch_bytes_max)});
  }
  context_.writers.Of(found->location)
      ->Append(std::move(append), [state, &result](core::AppendOutcome outcome) {
        SetOutcome(std::move(outcome), result);
        state->Done();
      });
}

}  // namespace lanemq::broker
