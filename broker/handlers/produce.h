#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// produce: checks every field, then hands each partition's batch to its writer.
class ProduceHandler {
 public:
  explicit ProduceHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::ProduceRequest&& request, rpc::Responder<idl::ProduceResponse> responder);

 private:
  struct State;
  void Begin(const std::shared_ptr<State>& state);
  void BeginPartition(const std::shared_ptr<State>& state, std::size_t index,
                      MonotonicTime deadline);

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
