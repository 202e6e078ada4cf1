#include "common/rpc/wire/errors.h"

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

Error FromWire(const idl::LaneMqError& error) {
  return Error{ErrorCodeFromNumber(static_cast<std::int32_t>(error.code)), error.message,
               error.__isset.retry_after_ms ? error.retry_after_ms : 0};
}

}  // namespace lanemq::wire
