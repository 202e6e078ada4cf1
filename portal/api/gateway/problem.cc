#include "portal/api/gateway/problem.h"

#include <utility>

#include <nlohmann/json.hpp>

namespace lanemq::portal {

int HttpStatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kOffsetMetadataTooLarge:
    case ErrorCode::kInvalidTopic:
    case ErrorCode::kInvalidGroupId:
    case ErrorCode::kInconsistentGroupProtocol:
    case ErrorCode::kInvalidSessionTimeout:
    case ErrorCode::kInvalidPartitions:
    case ErrorCode::kInvalidConfig:
    case ErrorCode::kInvalidRequest:
    case ErrorCode::kCorruptMessage:
      return 400;
    case ErrorCode::kAuthenticationFailed:
      return 401;
    case ErrorCode::kTopicAuthorizationFailed:
    case ErrorCode::kGroupAuthorizationFailed:
    case ErrorCode::kClusterAuthorizationFailed:
      return 403;
    case ErrorCode::kUnknownTopicOrPartition:
    case ErrorCode::kOffsetOutOfRange:
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kIllegalGeneration:
    case ErrorCode::kUnknownMemberId:
    case ErrorCode::kRebalanceInProgress:
    case ErrorCode::kTopicAlreadyExists:
    case ErrorCode::kOutOfOrderSequence:
    case ErrorCode::kDuplicateSequence:
    case ErrorCode::kUnknownProducerId:
    case ErrorCode::kMemberIdRequired:
    case ErrorCode::kGroupMaxSizeReached:
    case ErrorCode::kFencedInstanceId:
    case ErrorCode::kConflict:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kFenced:
    case ErrorCode::kFailedPrecondition:
    case ErrorCode::kOffsetReset:
      return 409;
    case ErrorCode::kMessageTooLarge:
    case ErrorCode::kRecordListTooLarge:
      return 413;
    case ErrorCode::kPolicyViolation:
      return 422;
    case ErrorCode::kThrottled:
      return 429;
    case ErrorCode::kUnknownServerError:
    case ErrorCode::kDataLossDetected:
      return 500;
    case ErrorCode::kUnsupportedVersion:
      return 501;
    case ErrorCode::kNetworkException:
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kInconsistentClusterId:
      return 502;
    case ErrorCode::kBrokerNotAvailable:
    case ErrorCode::kCoordinatorLoadInProgress:
    case ErrorCode::kCoordinatorNotAvailable:
    case ErrorCode::kNotCoordinator:
    case ErrorCode::kDataNodeUnavailable:
    case ErrorCode::kMetadataUnavailable:
    case ErrorCode::kShuttingDown:
    case ErrorCode::kClosed:
    case ErrorCode::kQueueFull:
      return 503;
    case ErrorCode::kRequestTimedOut:
      return 504;
    case ErrorCode::kInsufficientCapacity:
      return 507;
  }
  return 500;
}

std::string TitleOf(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return "Internal Server Error";
  }
}

Problem ProblemOf(const Error& error, std::string server_request_id) {
  return {.status = HttpStatusOf(error.code),
          .code = std::string(NameOf(error.code)),
          .detail = error.message,
          .retry_after_ms = error.retry_after_ms,
          .server_request_id = std::move(server_request_id)};
}

HttpReply ReplyOf(const Problem& problem, const std::string& request_id) {
  nlohmann::ordered_json body;
  body["type"] = "about:blank";
  body["title"] = TitleOf(problem.status);
  body["status"] = problem.status;
  body["detail"] = problem.detail;
  body["code"] = problem.code;
  body["request_id"] = request_id;
  if (!problem.server_request_id.empty()) body["server_request_id"] = problem.server_request_id;
  if (problem.retry_after_ms > 0) body["retry_after_ms"] = problem.retry_after_ms;
  for (const Fault& fault : problem.faults) {
    body["faults"].push_back({{"pointer", fault.pointer}, {"detail", fault.detail}});
  }
  HttpReply reply;
  reply.status = problem.status;
  reply.headers.emplace_back("Content-Type", "application/problem+json");
  if (problem.retry_after_ms > 0) {
    reply.headers.emplace_back("Retry-After",
                               std::to_string((problem.retry_after_ms + 999) / 1000));
  }
  if (problem.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  reply.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  return reply;
}

}  // namespace lanemq::portal
