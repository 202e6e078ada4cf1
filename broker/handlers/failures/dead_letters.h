#pragma once

#include <memory>

#include "broker/handlers/handler_context.h"
#include "common/core/store/dead_letter_store.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// countDeadLetters, dropDeadLetters and listDeadLetterDeeds: on every data node that may have
/// some, all of which must answer. A drop that failed may have dropped a part: repeating it is
/// harmless.
class DeadLettersHandler {
 public:
  explicit DeadLettersHandler(const HandlerContext& context) : context_(context) {}
  void Handle(const idl::CountDeadLettersRequest& request,
              rpc::Responder<idl::CountDeadLettersResponse> responder);
  void Handle(idl::DropDeadLettersRequest&& request,
              rpc::Responder<idl::DropDeadLettersResponse> responder);
  void Handle(const idl::ListDeadLetterDeedsRequest& request,
              rpc::Responder<idl::ListDeadLetterDeedsResponse> responder);

 private:
  struct DropCall;
  void BeginDrop(const std::shared_ptr<DropCall>& call);
  [[nodiscard]] Deadline SqlDeadline() const {
    return Deadline::After(context_.clock, context_.sql_timeout);
  }

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
