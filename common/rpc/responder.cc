#include "common/rpc/responder.h"

#include <exception>

#include <thrift/Thrift.h>

#include "common/base/log.h"
#include "common/rpc/wire/errors.h"
#include "errors_types.h"

namespace lanemq::rpc::internal {

void SendGuarded(const std::function<void()>& send) {
  // The generated callback serialises: it can run out of memory or exceed the reply's size. The
  // reply is then never completed, and the call answers INTERNAL_ERROR when it is let go.
  try {
    send();
  } catch (const std::exception& e) {
    LANEMQ_LOG(ERROR, "rpc.reply_not_written", {"error", e.what()});
  }
}

void SendDeclaredError(const ExceptionCallback& callback, const Error& error,
                       const CallContext* context) {
  SendGuarded([&] {
    // throw_it(), which the generated code calls, deletes the exception.
    callback(apache::thrift::TDelayedException::delayException(
        wire::ToWire(error, context != nullptr ? context->request_id() : std::string())));
  });
}

}  // namespace lanemq::rpc::internal
