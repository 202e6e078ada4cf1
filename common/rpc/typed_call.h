#pragma once

#include <functional>
#include <future>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <thrift/protocol/TProtocol.h>

#include "common/base/check.h"
#include "common/base/result.h"
#include "common/rpc/client.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::rpc {

/// A call as RpcClient::Call() takes it.
struct EncodedCall {
  OwnedBytes frame;
  std::size_t seqid_at = 0;
};

/// Encodes a call; the frame is empty when it would exceed `bytes_max`.
[[nodiscard]] EncodedCall EncodeCall(
    std::string_view method, std::size_t bytes_max,
    const std::function<void(apache::thrift::protocol::TProtocol&)>& write_args);

/// Reads a reply: `read_result` reads the result struct. A TApplicationException and bytes that do
/// not decode become errors.
[[nodiscard]] Status DecodeReply(
    std::span<const std::uint8_t> reply,
    const std::function<void(apache::thrift::protocol::TProtocol&)>& read_result);

/// Calls `method` with generated `PArgs` and `PResult`, for example DataPlane_fetch_pargs and
/// DataPlane_fetch_presult.
template <typename PArgs, typename PResult, typename Response, typename Request>
void TypedCall(RpcClient& client, const Endpoint& endpoint, std::string_view method,
               const Request& request, Deadline deadline,
               std::function<void(Result<Response>)> callback,
               RpcClient::RunOn run_on = RpcClient::RunOn::kExecutor) {
  using apache::thrift::protocol::TProtocol;
  EncodedCall call =
      EncodeCall(method, client.options().request_bytes_max, [&](TProtocol& protocol) {
        PArgs args;
        args.request = &request;
        args.write(&protocol);
      });
  auto on_reply = [callback = std::move(callback)](Result<std::span<const std::uint8_t>> reply) {
    if (!reply.ok()) return callback(reply.error());
    Response response;
    PResult result;
    result.success = &response;
    if (Status status = DecodeReply(*reply, [&](TProtocol& protocol) { result.read(&protocol); });
        !status.ok()) {
      return callback(status.error());
    }
    if (result.__isset.error) return callback(wire::FromWire(result.error));
    if (!result.__isset.success) {
      return callback(Error{ErrorCode::kUnknownServerError, "the reply has no result", 0});
    }
    callback(std::move(response));
  };
  client.Call(endpoint, std::move(call.frame), call.seqid_at, deadline, std::move(on_reply),
              run_on);
}

/// The same, waiting for the answer. Does not need the executor, so it may run on it.
template <typename PArgs, typename PResult, typename Response, typename Request>
Result<Response> TypedCallSync(RpcClient& client, const Endpoint& endpoint, std::string_view method,
                               const Request& request, Deadline deadline) {
  LANEMQ_CHECK(!client.IsIoThread());
  const auto promise = std::make_shared<std::promise<Result<Response>>>();
  auto future = promise->get_future();
  TypedCall<PArgs, PResult, Response>(
      client, endpoint, method, request, deadline,
      [promise](Result<Response> result) { promise->set_value(std::move(result)); },
      RpcClient::RunOn::kIoThread);
  return future.get();
}

}  // namespace lanemq::rpc
