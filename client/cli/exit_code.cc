#include "client/cli/exit_code.h"

namespace lanemq::cli {

ExitCode ExitCodeOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidRequest:
    case ErrorCode::kInvalidTopic:
    case ErrorCode::kInvalidPartitions:
    case ErrorCode::kInvalidConfig:
    case ErrorCode::kInvalidGroupId:
    case ErrorCode::kInvalidSessionTimeout:
      return ExitCode::kUsage;
    case ErrorCode::kUnknownTopicOrPartition:
    case ErrorCode::kNotFound:
    case ErrorCode::kOffsetOutOfRange:
      return ExitCode::kNotFound;
    case ErrorCode::kTopicAuthorizationFailed:
    case ErrorCode::kGroupAuthorizationFailed:
    case ErrorCode::kClusterAuthorizationFailed:
    case ErrorCode::kAuthenticationFailed:
    case ErrorCode::kPolicyViolation:
      return ExitCode::kDenied;
    case ErrorCode::kTopicAlreadyExists:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kFailedPrecondition:
    case ErrorCode::kConflict:
    case ErrorCode::kIllegalGeneration:
    case ErrorCode::kInconsistentGroupProtocol:
    case ErrorCode::kUnknownMemberId:
    case ErrorCode::kRebalanceInProgress:
    case ErrorCode::kGroupMaxSizeReached:
    case ErrorCode::kFencedInstanceId:
    case ErrorCode::kFenced:
    case ErrorCode::kOffsetReset:
    case ErrorCode::kInsufficientCapacity:
      return ExitCode::kConflict;
    case ErrorCode::kRequestTimedOut:
    case ErrorCode::kBrokerNotAvailable:
    case ErrorCode::kInconsistentClusterId:
    case ErrorCode::kNetworkException:
    case ErrorCode::kCoordinatorLoadInProgress:
    case ErrorCode::kCoordinatorNotAvailable:
    case ErrorCode::kNotCoordinator:
    case ErrorCode::kThrottled:
    case ErrorCode::kDataNodeUnavailable:
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kMetadataUnavailable:
    case ErrorCode::kShuttingDown:
    case ErrorCode::kQueueFull:
      return ExitCode::kUnavailable;
    case ErrorCode::kUnknownServerError:
    case ErrorCode::kCorruptMessage:
    case ErrorCode::kMessageTooLarge:
    case ErrorCode::kOffsetMetadataTooLarge:
    case ErrorCode::kRecordListTooLarge:
    case ErrorCode::kUnsupportedVersion:
    case ErrorCode::kOutOfOrderSequence:
    case ErrorCode::kDuplicateSequence:
    case ErrorCode::kUnknownProducerId:
    case ErrorCode::kMemberIdRequired:
    case ErrorCode::kDataLossDetected:
    case ErrorCode::kClosed:
      return ExitCode::kFailed;
  }
  return ExitCode::kFailed;
}

namespace {

/// Whom to ask, or what to show.
std::string DenialHint(ErrorCode code) {
  if (code == ErrorCode::kAuthenticationFailed) {
    return "who are you? `lanemq login`, --token-file, LANEMQ_TOKEN_FILE or --context says; "
           "`lanemq "
           "whoami` shows whom servers take you for";
  }
  if (code == ErrorCode::kTopicAuthorizationFailed ||
      code == ErrorCode::kGroupAuthorizationFailed) {
    return "`lanemq owner list` says which team to ask; an admin gives it with `lanemq acl grant`";
  }
  if (code == ErrorCode::kClusterAuthorizationFailed) {
    return "that is for operators and admins of the cluster; `lanemq whoami` shows who you are";
  }
  return {};
}

}  // namespace

std::string HintFor(ErrorCode code) {
  switch (ExitCodeOf(code)) {
    case ExitCode::kNotFound:
      if (code == ErrorCode::kOffsetOutOfRange) {
        return "`lanemq topic describe TOPIC` shows the offsets there are";
      }
      if (code == ErrorCode::kUnknownTopicOrPartition) {
        return "`lanemq topic list` shows the topics there are";
      }
      return {};
    case ExitCode::kUnavailable:
      return "is the cluster up? `lanemq doctor` tells; --bootstrap-server says where it is, --tls "
             "that it speaks TLS";
    case ExitCode::kConflict:
      if (code == ErrorCode::kInsufficientCapacity) return "add a data node: `lanemq node add`";
      return {};
    case ExitCode::kDenied:
      return DenialHint(code);
    case ExitCode::kDone:
    case ExitCode::kFailed:
    case ExitCode::kUsage:
    case ExitCode::kPartlyFailed:
    case ExitCode::kNeedsApproval:
    case ExitCode::kInterrupted:
      return {};
  }
  return {};
}

}  // namespace lanemq::cli
