#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// pauseGroup and deleteOffsets: about listed partitions, or about everything the group has on any
/// data node. An error may leave a part of it done; repeating is harmless.
class GroupControlHandler {
 public:
  explicit GroupControlHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::PauseGroupRequest&& request, rpc::Responder<idl::PauseGroupResponse> responder);
  void Handle(idl::DeleteOffsetsRequest&& request,
              rpc::Responder<idl::DeleteOffsetsResponse> responder);

 private:
  struct PauseState;
  struct DeleteState;
  void BeginPause(const std::shared_ptr<PauseState>& state);
  void BeginDelete(const std::shared_ptr<DeleteState>& state, const CatalogView& view);
  /// What a part is about: its list, or all that is stored of the group on the node.
  Result<std::vector<core::PartitionKey>> KeysOf(const std::string& group, core::OffsetStore& store,
                                                 const std::vector<core::PartitionKey>& listed);
  [[nodiscard]] Deadline SqlDeadline() const {
    return Deadline::After(context_.clock, context_.sql_timeout);
  }

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
