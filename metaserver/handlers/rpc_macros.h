#pragma once

#include <utility>

#include "common/core/access/access_table.h"
#include "common/rpc/responder.h"

// For control_plane.h alone, which undefines them.

// One method of the generated interface. None is overridden but by these macros: each looks up what
// the method needs, and refuses who may not, before the handler is called.
#define LANEMQ_RPC(method, Request, Response, ...)                                        \
  void method(Cob<idl::Response> cob, ExnCob exn, const idl::Request& request) override { \
    const rpc::Responder<idl::Response> responder(std::move(cob), std::move(exn));        \
    const auto note = Admit(core::AccessOf(#method), request, responder);                 \
    if (!note) return;                                                                    \
    __VA_ARGS__;                                                                          \
  }
// Answered here and now; the same with the call itself, which every Server makes; when `condition`
// holds, on the workers of `pool`; always there; there, a change, of which the audit log is told.
#define LANEMQ_RPC_NOW(method, Function, Request, Response) \
  LANEMQ_RPC(method, Request, Response, responder.Finish(Function(services_, request)))
#define LANEMQ_RPC_OF_CALL(method, Function, Request, Response) \
  LANEMQ_RPC(method, Request, Response,                         \
             responder.Finish(Function(services_, request, *responder.context())))
#define LANEMQ_RPC_ON_IF(pool, condition, method, Function, Request, Response)                     \
  LANEMQ_RPC(method, Request, Response,                                                            \
             if (condition) return Post(pool, responder,                                           \
                                        [this, request] { return Function(services_, request); }); \
             responder.Finish(Function(services_, request)))
#define LANEMQ_RPC_ON(pool, method, Function, Request, Response) \
  LANEMQ_RPC(method, Request, Response,                          \
             Post(pool, responder, [this, request] { return Function(services_, request); }))
#define LANEMQ_RPC_CHANGE(pool, method, Function, Request, Response)                  \
  LANEMQ_RPC(method, Request, Response, Post(pool, responder, [this, request, note] { \
               return Function(services_, request, *note);                            \
             }))
// On the workers of `pool`, with the call itself.
#define LANEMQ_RPC_CALL_ON(pool, method, Function, Request, Response)            \
  LANEMQ_RPC(method, Request, Response,                                          \
             Post(pool, responder, [this, request, call = responder.context()] { \
               return Function(services_, request, *call);                       \
             }))
// There, a change, with the call itself.
#define LANEMQ_RPC_CALL_CHANGE(pool, method, Function, Request, Response)              \
  LANEMQ_RPC(method, Request, Response,                                                \
             Post(pool, responder, [this, request, note, call = responder.context()] { \
               return Function(services_, request, *note, *call);                      \
             }))
// There, a change; the handler may answer later, without a thread that waits.
#define LANEMQ_RPC_CHANGE_PARKED(pool, method, Function, Request, Response)                       \
  LANEMQ_RPC(method, Request, Response, Queue(pool, responder, [this, request, note, responder] { \
               Function(services_, request, *note, responder);                                    \
             }))
// Answered when the group is ready for it; no thread waits.
#define LANEMQ_RPC_PARKED(method, Function, Request, Response) \
  LANEMQ_RPC(method, Request, Response, Function(services_, request, responder))
