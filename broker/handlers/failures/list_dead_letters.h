#pragma once

#include <memory>

#include "broker/handlers/by_node.h"
#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// listDeadLetters: data node after data node, each by (topic, partition, offset), in pages that
/// stay below what a reply may have. A node that does not answer ends the page before it; when the
/// page begins there, the error names it. Of a topic that the caller may neither consume nor peek
/// the letters come without key, headers, body and errors, and say so.
class ListDeadLettersHandler {
 public:
  explicit ListDeadLettersHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::ListDeadLettersRequest&& request,
              rpc::Responder<idl::ListDeadLettersResponse> responder);

 private:
  struct State;
  void Begin(const std::shared_ptr<State>& state);
  void Next(const std::shared_ptr<State>& state);
  void ListOn(State& state);
  void Respond(const std::shared_ptr<State>& state);

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
