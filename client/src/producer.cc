#include "lanemq/producer.h"

#include "client/src/producer_impl.h"

namespace lanemq {

Producer::Producer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Producer::~Producer() = default;

Result<std::unique_ptr<Producer>> Producer::Create(ProducerOptions options) {
  LANEMQ_RETURN_IF_ERROR(options.Validate());
  return std::unique_ptr<Producer>(new Producer(std::make_unique<Impl>(std::move(options))));
}

Status Producer::Send(ProducerRecord record, Callback callback) {
  return impl_->Send(std::move(record), std::move(callback), false);
}

std::future<Result<RecordMetadata>> Producer::Send(ProducerRecord record) {
  auto promise = std::make_shared<std::promise<Result<RecordMetadata>>>();
  auto future = promise->get_future();
  const Status accepted = impl_->Send(
      std::move(record),
      [promise](const Result<RecordMetadata>& result) { promise->set_value(result); }, false);
  if (!accepted.ok()) promise->set_value(accepted.error());
  return future;
}

Result<RecordMetadata> Producer::SendSync(ProducerRecord record) {
  std::promise<Result<RecordMetadata>> promise;
  LANEMQ_RETURN_IF_ERROR(impl_->Send(
      std::move(record),
      [&promise](const Result<RecordMetadata>& result) { promise.set_value(result); }, true));
  return promise.get_future().get();
}

Status Producer::Flush(std::chrono::milliseconds timeout) { return impl_->Flush(timeout); }
Status Producer::Close(std::chrono::milliseconds timeout) { return impl_->Close(timeout); }
ProducerStats Producer::Stats() const { return impl_->Stats(); }

}  // namespace lanemq
