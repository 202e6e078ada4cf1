#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// metadata: the catalogue as clients see it, with preferred brokers, from memory.
class MetadataHandler {
 public:
  explicit MetadataHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::MetadataRequest&& request, rpc::Responder<idl::MetadataResponse> responder);

 private:
  const HandlerContext& context_;
};

}  // namespace lanemq::broker
