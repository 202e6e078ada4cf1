#include "common/rpc/wire/errors.h"

#include <utility>

#include "errors_types.h"

namespace lanemq::wire {

#define LANEMQ_X(enumerator, wire, number, retry, effect, meaning) \
  static_assert(idl::ErrorCode::wire == number, "errors.thrift and error.h differ");
LANEMQ_ERROR_CODES(LANEMQ_X)
#undef LANEMQ_X

idl::LaneMqError ToWire(const Error& error) {
  idl::LaneMqError out;
  out.code = static_cast<idl::ErrorCode::type>(error.code);
  out.message = error.message;
  if (error.retry_after_ms > 0) out.__set_retry_after_ms(error.retry_after_ms);
  return out;
}

idl::LaneMqError ToWire(const Error& error, std::string request_id) {
  idl::LaneMqError out = ToWire(error);
  if (!request_id.empty()) out.__set_request_id(std::move(request_id));
  return out;
}

Error FromWire(const idl::LaneMqError& error) {
  Error out{ErrorCodeFromNumber(static_cast<std::int32_t>(error.code)), error.message,
            error.__isset.retry_after_ms ? error.retry_after_ms : 0};
  if (error.__isset.request_id) out.message += " [request " + error.request_id + "]";
  return out;
}

}  // namespace lanemq::wire
