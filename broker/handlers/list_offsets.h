#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// listOffsets: log start, log end, or the first message at or after a time. Always asks the
/// database: other brokers may have written.
class ListOffsetsHandler {
 public:
  explicit ListOffsetsHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::ListOffsetsRequest&& request,
              rpc::Responder<idl::ListOffsetsResponse> responder);

 private:
  struct State;
  void Begin(const std::shared_ptr<State>& state, const CatalogView& view);
  void Look(const core::PartitionLocation& location, std::int64_t time,
            idl::ListOffsetsPartitionResult& result);

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
