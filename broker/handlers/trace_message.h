#pragma once

#include <memory>

#include "broker/handlers/handler_context.h"
#include "common/core/store/message_tracer.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// traceMessage: where a message is, and how far each group is with it. A caller is told of the
/// groups that he may describe, and how many others there are; errors of handlers, as dead letters'
/// are, only where he may consume as the group and consume or peek the topic.
class TraceMessageHandler {
 public:
  explicit TraceMessageHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::TraceMessageRequest&& request,
              rpc::Responder<idl::TraceMessageResponse> responder);

 private:
  struct Call;
  Result<idl::TraceMessageResponse> Look(const Call& call, const CatalogView& view,
                                         const core::PartitionLocation& location) const;
  void AddGroups(const Call& call, const core::MessageTrace& trace,
                 idl::TraceMessageResponse& response) const;
  Status AddDeeds(const core::PartitionLocation& location, core::Offset offset,
                  const core::MessageTrace& trace, Deadline deadline,
                  idl::TraceMessageResponse& response) const;
  [[nodiscard]] bool May(const Call& call, core::Action action, const std::string& group) const;

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
