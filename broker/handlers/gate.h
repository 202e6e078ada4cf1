#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "broker/access/further_rights.h"
#include "broker/access/refusals.h"
#include "broker/access/rights.h"
#include "broker/handlers/handler_context.h"
#include "common/core/access/access_rules.h"
#include "common/core/access/access_table.h"
#include "common/guard/resources.h"
#include "common/rpc/responder.h"

namespace lanemq::broker {

/// Requests that people make, with a guard: what is kept of who did it is who the connection is,
/// not what the request says. Most requests say nothing.
template <typename Request>
void SetRequestedBy(Request& request, const core::Caller& caller) {
  if constexpr (requires { request.requested_by; }) {
    request.__set_requested_by(ToString(caller.principal));
  }
}

/// What every request passes before its handler: may its caller do that? `row` is the method's in
/// kAccessTable. Requests about one thing are refused as a whole; of those with many partitions,
/// each partition by itself, and the handler gets the others. Nothing blocks.
///
/// The request is a local of the generated caller, decoded for us alone and not looked at again:
/// moving out of it saves a copy of every payload.
/// Thread safety: as the handlers.
class Gate {
 public:
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ErrorCob = std::function<void(::apache::thrift::TDelayedException*)>;

  explicit Gate(const HandlerContext& context) : context_(context) {}

  /// Open to whoever has reached the port.
  template <typename Handler, typename Request, typename Response>
  void Open(const core::MethodAccess& /*row*/, Handler& handler, Cob<Response> cob, ErrorCob error,
            const Request& request) const {
    handler.Handle(Take(request), rpc::Responder<Response>(std::move(cob), std::move(error)));
  }

  /// About one thing, or several that are all needed.
  template <typename Handler, typename Request, typename Response>
  void Whole(const core::MethodAccess& row, Handler& handler, Cob<Response> cob, ErrorCob error,
             const Request& request) const {
    rpc::Responder<Response> responder(std::move(cob), std::move(error));
    if (context_.guard.asks()) {
      const Rights rights = RightsOfCaller();
      Status allowed = rights.Check(row.action, ResourcesOf(request));
      if (allowed.ok()) allowed = CheckFurther(rights, request);
      if (!allowed.ok()) return responder.Fail(allowed.error());
    }
    handler.Handle(Admitted(request), std::move(responder));
  }

  /// About something that only the handler finds out: it checks the action on that.
  template <typename Handler, typename Request, typename Response>
  void ByHandler(const core::MethodAccess& row, Handler& handler, Cob<Response> cob, ErrorCob error,
                 const Request& request) const {
    handler.Handle(Admitted(request), rpc::Responder<Response>(std::move(cob), std::move(error)),
                   row.action);
  }

  /// Of many partitions: the action is needed on each topic, and before that on the group, if the
  /// method is about one.
  template <typename Handler, typename Request, typename Response>
  void EachTopic(const core::MethodAccess& row, Handler& handler, Cob<Response> cob, ErrorCob error,
                 const Request& request) const {
    Request&& mine = Admitted(request);
    if (context_.guard.asks()) {
      const Rights rights = RightsOfCaller();
      if (const Status allowed = CheckBefore(rights, row, mine); !allowed.ok()) {
        return rpc::Responder<Response>(std::move(cob), std::move(error)).Fail(allowed.error());
      }
      auto refused = TakeRefused(rights, row.action, mine.partitions);
      if (!refused.empty()) {
        cob = AddingRefused(std::move(cob), std::move(refused));
        if (mine.partitions.empty()) {
          return rpc::Responder<Response>(std::move(cob), std::move(error)).Respond({});
        }
        AnswerAtOnce(mine);
      }
    }
    handler.Handle(std::move(mine), rpc::Responder<Response>(std::move(cob), std::move(error)));
  }

 private:
  template <typename T>
  static T&& Take(const T& request) {
    return std::move(const_cast<T&>(request));
  }
  /// The same for a method that is not open to whoever has reached the port.
  template <typename T>
  T&& Admitted(const T& request) const {
    T&& mine = Take(request);
    if (context_.guard.asks()) {
      const auto call = rpc::CallContext::Current();
      const bool is_known = call != nullptr && call->caller() != nullptr;
      // While nobody has to say who he is, what he says of himself is all that there is.
      if (is_known || context_.guard.is_on()) {
        SetRequestedBy(mine, is_known ? *call->caller() : core::Caller{});
      }
    }
    return std::move(mine);
  }

  [[nodiscard]] Rights RightsOfCaller() const {
    return {context_.guard, context_.metrics, rpc::CallContext::Current().get()};
  }

  /// What is refused as a whole of a request with many partitions.
  template <typename Request>
  static Status CheckBefore(const Rights& rights, const core::MethodAccess& row,
                            const Request& request) {
    LANEMQ_RETURN_IF_ERROR(CheckFurther(rights, request));
    if (row.about == core::ResourceKind::kGroup) {
      LANEMQ_RETURN_IF_ERROR(rights.Check(row.action, ResourcesOf(request)));
    }
    return CheckPartitionCount(request.partitions.size());  // Before each is looked at.
  }

  template <typename Response>
  static Cob<Response> AddingRefused(Cob<Response> cob, std::vector<Refused> refused) {
    const auto call = rpc::CallContext::Current();
    return [cob = std::move(cob), refused = std::move(refused),
            request_id = call ? call->request_id() : ""](const Response& rest) {
      Response all = rest;
      AddRefused(refused, request_id, all);
      cob(all);
    };
  }

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
