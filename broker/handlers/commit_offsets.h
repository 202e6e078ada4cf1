#pragma once

#include "broker/handlers/by_node.h"
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
  void CommitOn(State& state, const NodePart& part);

  const HandlerContext& context_;
};

/// kOffsetOutOfRange when `offset` is beyond the log's end, which is asked for again before that is
/// said. Blocking: for the data nodes' threads.
Status CheckCommitOffset(const HandlerContext& context, const core::PartitionLocation& location,
                         core::Offset offset);

}  // namespace lanemq::broker
