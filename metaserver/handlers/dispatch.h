#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "common/base/thread_pool.h"
#include "common/core/access/access_table.h"
#include "common/guard/resources.h"
#include "common/rpc/responder.h"
#include "metaserver/access/audit_note.h"
#include "metaserver/access/changed_object.h"
#include "metaserver/handlers/services.h"

namespace lanemq::metaserver {

/// What every call goes through: whether its caller may, and the workers it waits for.
class Dispatch {
 protected:
  /// `services` must outlive this object.
  explicit Dispatch(Services& services) : services_(services) {}

  /// What the audit log is to know of a change; of what changes nothing, no more than the method.
  /// nullopt: the caller may not, which he has been told, and the audit log.
  template <typename Request, typename Response>
  std::optional<core::AuditNote> Admit(const core::MethodAccess& access, const Request& request,
                                       const rpc::Responder<Response>& responder) {
    const auto context = responder.context();
    const core::Caller* caller = context ? context->caller().get() : nullptr;
    const Status allowed = MayOtherwise(access, caller)
                               ? Status{}
                               : services_.guard.Check(caller, access.action, ResourcesOf(request));
    if constexpr (requires { request.origin; }) {
      const idl::Origin* origin = request.__isset.origin ? &request.origin : nullptr;
      auto note = NoteOfChange(services_.guard, services_.denials,
                               {context.get(), access.method, allowed, origin}, ObjectOf(request));
      if (note.ok()) return *std::move(note);
      responder.Fail(note.error());
      return std::nullopt;
    } else {
      if (allowed.ok()) return core::AuditNote{};
      services_.guard.log().Refused({.method = access.method,
                                     .caller = caller,
                                     .peer = context ? context->peer() : std::string_view(),
                                     .why = allowed.error().message},
                                    services_.clock.Now());
      responder.Fail(allowed.error());
      return std::nullopt;
    }
  }

  [[nodiscard]] bool MayOtherwise(const core::MethodAccess& access,
                                  const core::Caller* caller) const {
    if (!access.or_action || caller == nullptr) return false;
    const auto book = services_.guard.book();
    return book != nullptr &&
           book->Allows(*caller, *access.or_action, core::Resource(), services_.clock.WallNow());
  }

  template <typename Response, typename Work>
  void Post(ThreadPool& pool, const rpc::Responder<Response>& responder, Work work) {
    Queue(pool, responder, [responder, work = std::move(work)] { responder.Finish(work()); });
  }
  /// The same with an answer that is shared with others.
  template <typename Response, typename Work>
  void Send(ThreadPool& pool, const rpc::Responder<Response>& responder, Work work) {
    Queue(pool, responder, [responder, work = std::move(work)] {
      const Result<std::shared_ptr<const Response>> made = work();
      if (made.ok()) {
        responder.Respond(**made);
      } else {
        responder.Fail(made.error());
      }
    });
  }
  template <typename Response, typename Answer>
  void Queue(ThreadPool& pool, const rpc::Responder<Response>& responder, Answer answer) {
    const bool is_queued = pool.TryPost([responder, answer = std::move(answer)] {
      if (responder.is_cancelled()) {
        // Nobody waits for the answer any more, and nothing was begun: nobody hears this either.
        responder.Fail({ErrorCode::kRequestTimedOut, "the client went away"});
      } else {
        answer();
      }
    });
    if (!is_queued) {
      responder.Fail({ErrorCode::kThrottled, "too many requests wait already", kRetryAfterMs});
    }
  }
  Services& services_;

 private:
  static constexpr std::int64_t kRetryAfterMs = 500;
};

}  // namespace lanemq::metaserver
