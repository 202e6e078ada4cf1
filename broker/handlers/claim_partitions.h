#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// claimPartitions: a member becomes the owner of partitions and learns what was committed; one
/// transaction per data node.
class ClaimPartitionsHandler {
 public:
  explicit ClaimPartitionsHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::ClaimPartitionsRequest&& request,
              rpc::Responder<idl::ClaimPartitionsResponse> responder);

 private:
  struct State;
  void Begin(const std::shared_ptr<State>& state, const CatalogView& view);
  [[nodiscard]] Status Check(const idl::ClaimPartitionsRequest& request) const;

  const HandlerContext& context_;
};

/// A stored row as fetchOffsets and claimPartitions answer it.
void SetStored(const core::CommittedOffset& stored, idl::FetchOffsetsPartitionResult& out);

}  // namespace lanemq::broker
