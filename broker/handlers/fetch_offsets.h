#pragma once

#include "broker/handlers/failures/policy_cache.h"
#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// fetchOffsets: what a group has committed, from the data nodes of the partitions asked for, or
/// from all of them; when its next retries are due; its policies.
class FetchOffsetsHandler {
 public:
  FetchOffsetsHandler(const HandlerContext& context, PolicyCache& policies)
      : context_(context), policies_(policies) {}
  void Handle(idl::FetchOffsetsRequest&& request,
              rpc::Responder<idl::FetchOffsetsResponse> responder);

 private:
  struct State;
  struct OnNode;
  void BeginListed(const std::shared_ptr<State>& state, const CatalogView& view);
  void BeginAll(const std::shared_ptr<State>& state);
  void FetchFrom(const std::shared_ptr<State>& state, core::NodeId node,
                 std::vector<core::PartitionKey> keys);
  Result<OnNode> Read(const std::string& group, const CatalogView& view, core::NodeId node,
                      const std::vector<core::PartitionKey>& keys);
  void Done(const std::shared_ptr<State>& state);

  const HandlerContext& context_;
  PolicyCache& policies_;
};

}  // namespace lanemq::broker
