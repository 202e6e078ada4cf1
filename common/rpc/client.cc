#include "common/rpc/client.h"

#include <utility>

#include "common/rpc/client_impl.h"

namespace lanemq::rpc {

RpcClient::RpcClient(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
RpcClient::~RpcClient() { impl_->Close(); }

void RpcClient::Call(const Endpoint& endpoint, OwnedBytes frame, std::size_t seqid_at,
                     Deadline deadline, ReplyCallback callback, RunOn run_on) {
  auto call = std::make_shared<ClientCall>();
  call->endpoint = endpoint;
  call->frame = std::move(frame);
  call->seqid_at = seqid_at;
  call->deadline = deadline;
  call->callback = std::move(callback);
  call->run_on = run_on;
  impl_->Submit(std::move(call));
}

void RpcClient::Close() { impl_->Close(); }
ClientStats RpcClient::Stats() const { return impl_->Stats(); }
const ClientOptions& RpcClient::options() const { return impl_->options(); }
bool RpcClient::IsIoThread() const { return impl_->IsIoThread(); }

}  // namespace lanemq::rpc
