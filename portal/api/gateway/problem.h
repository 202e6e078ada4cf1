#pragma once

#include <cstdint>
#include <string>

#include "common/base/error.h"
#include "portal/api/http/message.h"
#include "portal/api/transcode/json_body.h"

namespace lanemq::portal {

/// What went wrong with a request, as RFC 9457 tells it.
struct Problem {
  int status = 500;
  std::string code;    ///< Of docs/reference/errors.md, or of HTTP: "NOT_ACCEPTABLE".
  std::string detail;  ///< For people.
  std::int64_t retry_after_ms = 0;
  std::string server_request_id;  ///< Of a server behind the gateway.
  Faults faults;
};

/// The status for an error of the cluster.
[[nodiscard]] int HttpStatusOf(ErrorCode code);
[[nodiscard]] Problem ProblemOf(const Error& error, std::string server_request_id = {});
/// As application/problem+json, with Retry-After where it helps.
[[nodiscard]] HttpReply ReplyOf(const Problem& problem, const std::string& request_id);
/// "Not Found".
[[nodiscard]] std::string TitleOf(int status);

}  // namespace lanemq::portal
