#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// fetchOffsets: what a group has committed, from the data nodes of the partitions asked for, or
/// from all of them.
class FetchOffsetsHandler {
 public:
  explicit FetchOffsetsHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::FetchOffsetsRequest&& request,
              rpc::Responder<idl::FetchOffsetsResponse> responder);

 private:
  struct State;
  void BeginListed(const std::shared_ptr<State>& state, const CatalogView& view);
  void BeginAll(const std::shared_ptr<State>& state);
  void FetchFrom(const std::shared_ptr<State>& state, core::NodeId node,
                 std::vector<core::PartitionKey> keys);
  void Done(const std::shared_ptr<State>& state);

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
