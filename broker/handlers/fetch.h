#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// fetch: checks the request and turns it into a FetchCall, and its results into the reply.
class FetchHandler {
 public:
  explicit FetchHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::FetchRequest&& request, rpc::Responder<idl::FetchResponse> responder);

 private:
  void Begin(const idl::FetchRequest& request, const rpc::Responder<idl::FetchResponse>& responder,
             const CatalogView& view);

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
