#include "lanemq/producer.h"

#include <utility>

#include "client/src/producer/producer_impl.h"

namespace lanemq {

Result<std::unique_ptr<Producer>> Producer::Create(ProducerOptions options) {
  LANEMQ_RETURN_IF_ERROR(options.Validate());
  LANEMQ_ASSIGN_OR_RETURN(client::Security security, client::MakeSecurity(options));
  auto impl = std::make_unique<Impl>(std::move(options), std::move(security));
  LANEMQ_RETURN_IF_ERROR(impl->OpenSpool());
  return std::unique_ptr<Producer>(new Producer(std::move(impl)));
}

Producer::Producer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Producer::~Producer() = default;

Status Producer::Send(ProducerRecord record, Callback callback) {
  client::Completion completion;
  if (callback) completion = std::move(callback);
  return impl_->Send(std::move(record), completion, /*is_urgent=*/false);
}

std::future<Result<RecordMetadata>> Producer::Send(ProducerRecord record) {
  std::promise<Result<RecordMetadata>> promise;
  auto future = promise.get_future();
  client::Completion completion = std::move(promise);
  const Status accepted = impl_->Send(std::move(record), completion, /*is_urgent=*/false);
  if (!accepted.ok()) std::get<2>(completion).set_value(accepted.error());
  return future;
}

Result<RecordMetadata> Producer::SendSync(ProducerRecord record) {
  if (impl_->IsCallbackThread()) {
    return Error{ErrorCode::kFailedPrecondition,
                 "SendSync() on the callback thread would hold up its own answer"};
  }
  std::promise<Result<RecordMetadata>> promise;
  auto future = promise.get_future();
  client::Completion completion = std::move(promise);
  LANEMQ_RETURN_IF_ERROR(impl_->Send(std::move(record), completion, /*is_urgent=*/true));
  return future.get();
}

Result<std::vector<CancelState>> Producer::Cancel(const std::vector<std::string>& handles) {
  return impl_->Cancel(handles);
}

Status Producer::Flush(std::chrono::milliseconds timeout) { return impl_->Flush(timeout); }
Status Producer::Close(std::chrono::milliseconds timeout) { return impl_->Close(timeout); }
ProducerStats Producer::Stats() const { return impl_->Stats(); }

}  // namespace lanemq
