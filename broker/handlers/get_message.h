#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// getMessage: one message with what people want to see of its row.
class GetMessageHandler {
 public:
  explicit GetMessageHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::GetMessageRequest&& request, rpc::Responder<idl::GetMessageResponse> responder);

 private:
  Result<idl::GetMessageResponse> Look(const core::PartitionLocation& location, core::Offset offset,
                                       const CatalogView& view);

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
