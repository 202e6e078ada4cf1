#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// trim: an operator lets logs begin later. From then on they do; the rows follow by the janitor.
class TrimHandler {
 public:
  explicit TrimHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::TrimRequest&& request, rpc::Responder<idl::TrimResponse> responder);

 private:
  struct State;
  [[nodiscard]] Status Check(const idl::TrimRequest& request) const;
  void Begin(const std::shared_ptr<State>& state, std::shared_ptr<const CatalogView> view);
  /// One partition, on its node's thread.
  void Trim(State& state, const CatalogView& view, core::RetentionStore& store, std::size_t place);
  Result<core::Offset> NewStart(const core::PartitionLocation& location,
                                const idl::TrimPartition& wanted) const;
  [[nodiscard]] Deadline NewDeadline() const;

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
