#pragma once

#include <memory>

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// redrive, listRedrives, cancelRedrive and redriveEdited. A redrive is a job on each data node
/// that may have such letters, carried out by broker/duties; all must answer. One that failed may
/// have begun on some: the same id again begins it on the others and changes nothing where it runs.
class RedrivesHandler {
 public:
  explicit RedrivesHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::RedriveRequest&& request, rpc::Responder<idl::RedriveResponse> responder);
  void Handle(const idl::ListRedrivesRequest& request,
              rpc::Responder<idl::RedriveResponse> responder);
  /// `action` is needed on the redrive's group.
  void Handle(const idl::CancelRedriveRequest& request,
              rpc::Responder<idl::RedriveResponse> responder, core::Action action);
  void Handle(idl::RedriveEditedRequest&& request,
              rpc::Responder<idl::RedriveEditedResponse> responder);

 private:
  struct BeginCall;
  struct EditCall;
  [[nodiscard]] Status Check(const idl::RedriveRequest& request) const;
  void Begin(const std::shared_ptr<BeginCall>& call);
  void BeginEdit(const std::shared_ptr<EditCall>& call);
  [[nodiscard]] Deadline SqlDeadline() const {
    return Deadline::After(context_.clock, context_.sql_timeout);
  }

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
