#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// resetOffsets and listOffsetResets: an operator moves a group, and what he moved is kept.
class ResetOffsetsHandler {
 public:
  explicit ResetOffsetsHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::ResetOffsetsRequest&& request,
              rpc::Responder<idl::ResetOffsetsResponse> responder);
  void Handle(const idl::ListOffsetResetsRequest& request,
              rpc::Responder<idl::ListOffsetResetsResponse> responder);

 private:
  struct State;
  struct ListState;
  void Begin(const std::shared_ptr<State>& state, const CatalogView& view);
  [[nodiscard]] Status Check(const idl::ResetOffsetsRequest& request) const;

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
