#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// commitOffsets: one transaction per data node; a commit beyond the log end is refused.
class CommitOffsetsHandler {
 public:
  explicit CommitOffsetsHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::CommitOffsetsRequest&& request,
              rpc::Responder<idl::CommitOffsetsResponse> responder);

 private:
  struct State;
  void Begin(const std::shared_ptr<State>& state, const CatalogView& view);
  void CommitOn(State& state, core::NodeId node, const std::vector<std::size_t>& indexes);
  std::optional<Error> CheckOffset(const core::PartitionLocation& location, core::Offset offset);

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
