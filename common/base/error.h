#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lanemq {

/// Whether the same call may be sent again, and when.
enum class Retry { kNever, kSafe, kAfterDelay, kAfterRefresh };

/// Whether a call that ended with an error may have changed anything.
enum class Effect { kNone, kPossible };

// The one list of error codes. Numbers below 1000 are Kafka's for the same notion; ours start at
// 1000. idl/errors.thrift carries the same list for other languages, and a test compares the two.
// Columns: enumerator, wire name, number, retry, effect, meaning.
// clang-format off
#define LANEMQ_ERROR_CODES(X)                                                                      \
  X(kUnknownServerError, UNKNOWN_SERVER_ERROR, -1, kNever, kPossible, "a defect in the server; report it with the request id") \
  X(kOffsetOutOfRange, OFFSET_OUT_OF_RANGE, 1, kAfterRefresh, kNone, "the offset is below the log start or beyond the log end") \
  X(kCorruptMessage, CORRUPT_MESSAGE, 2, kNever, kNone, "stored or sent bytes do not decode") \
  X(kUnknownTopicOrPartition, UNKNOWN_TOPIC_OR_PARTITION, 3, kAfterRefresh, kNone, "no such topic or partition is known here (yet)") \
  X(kRequestTimedOut, REQUEST_TIMED_OUT, 7, kSafe, kPossible, "no answer before the deadline") \
  X(kBrokerNotAvailable, BROKER_NOT_AVAILABLE, 8, kAfterRefresh, kNone, "no live broker could be reached; nothing was sent") \
  X(kMessageTooLarge, MESSAGE_TOO_LARGE, 10, kNever, kNone, "a message, key or headers exceed the limit") \
  X(kOffsetMetadataTooLarge, OFFSET_METADATA_TOO_LARGE, 12, kNever, kNone, "commit metadata exceeds the limit") \
  X(kNetworkException, NETWORK_EXCEPTION, 13, kAfterRefresh, kPossible, "the connection broke before the reply arrived") \
  X(kCoordinatorLoadInProgress, COORDINATOR_LOAD_IN_PROGRESS, 14, kAfterDelay, kNone, "the coordinator is still loading the group") \
  X(kCoordinatorNotAvailable, COORDINATOR_NOT_AVAILABLE, 15, kAfterDelay, kNone, "no coordinator holds the group at the moment") \
  X(kNotCoordinator, NOT_COORDINATOR, 16, kAfterRefresh, kNone, "another server coordinates this group") \
  X(kInvalidTopic, INVALID_TOPIC_EXCEPTION, 17, kNever, kNone, "the topic name is not allowed") \
  X(kRecordListTooLarge, RECORD_LIST_TOO_LARGE, 18, kNever, kNone, "the batch has too many messages or bytes") \
  X(kIllegalGeneration, ILLEGAL_GENERATION, 22, kNever, kNone, "the generation is not the one that owns the partition; rejoin") \
  X(kInconsistentGroupProtocol, INCONSISTENT_GROUP_PROTOCOL, 23, kNever, kNone, "the member's protocols do not match the group's") \
  X(kInvalidGroupId, INVALID_GROUP_ID, 24, kNever, kNone, "the group id is empty, too long or has forbidden characters") \
  X(kUnknownMemberId, UNKNOWN_MEMBER_ID, 25, kNever, kNone, "not a member of the group (any more); rejoin") \
  X(kInvalidSessionTimeout, INVALID_SESSION_TIMEOUT, 26, kNever, kNone, "the session timeout is outside the allowed range") \
  X(kRebalanceInProgress, REBALANCE_IN_PROGRESS, 27, kAfterRefresh, kNone, "the group is rebalancing; rejoin") \
  X(kTopicAuthorizationFailed, TOPIC_AUTHORIZATION_FAILED, 29, kNever, kNone, "not authorised for the topic") \
  X(kGroupAuthorizationFailed, GROUP_AUTHORIZATION_FAILED, 30, kNever, kNone, "not authorised for the group") \
  X(kClusterAuthorizationFailed, CLUSTER_AUTHORIZATION_FAILED, 31, kNever, kNone, "not authorised for the cluster") \
  X(kUnsupportedVersion, UNSUPPORTED_VERSION, 35, kNever, kNone, "the server does not know this version of the call") \
  X(kTopicAlreadyExists, TOPIC_ALREADY_EXISTS, 36, kNever, kNone, "a topic with this name exists with other settings") \
  X(kInvalidPartitions, INVALID_PARTITIONS, 37, kNever, kNone, "the number of partitions is not allowed") \
  X(kInvalidConfig, INVALID_CONFIG, 40, kNever, kNone, "a setting is unknown or out of its range") \
  X(kInvalidRequest, INVALID_REQUEST, 42, kNever, kNone, "the request contradicts itself or lacks a field") \
  X(kPolicyViolation, POLICY_VIOLATION, 44, kNever, kNone, "the policy of this environment forbids it") \
  X(kOutOfOrderSequence, OUT_OF_ORDER_SEQUENCE_NUMBER, 45, kNever, kNone, "the producer's sequence leaves a gap; an earlier batch is missing") \
  X(kDuplicateSequence, DUPLICATE_SEQUENCE_NUMBER, 46, kNever, kNone, "already stored, so long ago that its offsets are no longer known") \
  X(kAuthenticationFailed, AUTHENTICATION_FAILED, 58, kNever, kNone, "the connection has not said who it is, or its token is unknown, expired or revoked") \
  X(kUnknownProducerId, UNKNOWN_PRODUCER_ID, 59, kNever, kNone, "the producer id is not remembered and its sequence does not start at 0; use a new producer id") \
  X(kMemberIdRequired, MEMBER_ID_REQUIRED, 79, kSafe, kNone, "join again with the member id in the reply") \
  X(kGroupMaxSizeReached, GROUP_MAX_SIZE_REACHED, 81, kNever, kNone, "the group has as many members as it may have") \
  X(kFencedInstanceId, FENCED_INSTANCE_ID, 82, kNever, kNone, "another process uses this group instance id") \
  X(kInconsistentClusterId, INCONSISTENT_CLUSTER_ID, 104, kAfterRefresh, kNone, "the server belongs to another cluster; nothing was done") \
  X(kThrottled, THROTTLED, 1001, kAfterDelay, kNone, "too much at once; nothing was done, retry after retry_after_ms") \
  X(kDataNodeUnavailable, DATA_NODE_UNAVAILABLE, 1002, kAfterDelay, kNone, "the data node could not be reached; nothing was done") \
  X(kOutcomeUnknown, OUTCOME_UNKNOWN, 1003, kSafe, kPossible, "the connection to the database broke before it answered; retry only what is idempotent") \
  X(kMetadataUnavailable, METADATA_UNAVAILABLE, 1004, kAfterDelay, kNone, "the metadata database or the metaserver could not be reached; nothing was done") \
  X(kConflict, CONFLICT, 1005, kSafe, kNone, "lost a race inside the database; the transaction was rolled back") \
  X(kAlreadyExists, ALREADY_EXISTS, 1006, kNever, kNone, "the row or object exists") \
  X(kNotFound, NOT_FOUND, 1007, kNever, kNone, "no such row or object") \
  X(kFenced, FENCED, 1008, kNever, kNone, "a newer owner has taken over; stop") \
  X(kShuttingDown, SHUTTING_DOWN, 1009, kAfterRefresh, kNone, "this server drains; nothing was done, go to another one") \
  X(kDataLossDetected, DATA_LOSS_DETECTED, 1010, kNever, kNone, "acknowledged messages are missing in the database; see the alert") \
  X(kClosed, CLOSED, 1011, kNever, kNone, "the client was closed before the call was sent") \
  X(kQueueFull, QUEUE_FULL, 1012, kAfterDelay, kNone, "the client's own buffer is full; nothing was queued") \
  X(kInsufficientCapacity, INSUFFICIENT_CAPACITY, 1013, kNever, kNone, "no writable data node has free message tables") \
  X(kFailedPrecondition, FAILED_PRECONDITION, 1014, kNever, kNone, "the object is not in a state that allows it") \
  X(kOffsetReset, OFFSET_RESET, 1015, kAfterRefresh, kNone, "an operator moved the group's offset; fetch it again and seek")
// clang-format on

/// What went wrong, named for what the caller should do. See RetryOf() and EffectOf().
enum class ErrorCode : std::int32_t {
#define LANEMQ_X(enumerator, wire, number, retry, effect, meaning) enumerator = number,
  LANEMQ_ERROR_CODES(LANEMQ_X)
#undef LANEMQ_X
};

/// The wire name, for example "OFFSET_OUT_OF_RANGE"; "UNKNOWN_SERVER_ERROR" for foreign numbers.
[[nodiscard]] std::string_view NameOf(ErrorCode code);
/// One sentence on what the code means.
[[nodiscard]] std::string_view MeaningOf(ErrorCode code);
/// Whether and when the same call may be sent again.
[[nodiscard]] Retry RetryOf(ErrorCode code);
/// Whether the failed call may have taken effect.
[[nodiscard]] Effect EffectOf(ErrorCode code);
/// The code with this number; kUnknownServerError when this build does not know it.
[[nodiscard]] ErrorCode ErrorCodeFromNumber(std::int32_t number);

/// A failure: a code for the program, a message for the operator.
struct Error {
  ErrorCode code = ErrorCode::kUnknownServerError;
  std::string message;
  /// Meaningful with kThrottled and other kAfterDelay codes: wait this long before a retry. 0 =
  /// unset.
  std::int64_t retry_after_ms = 0;

  /// This error with `context` put in front of the message: "context: message".
  [[nodiscard]] Error Wrap(std::string_view context) const;
  /// "OFFSET_OUT_OF_RANGE: message".
  [[nodiscard]] std::string ToString() const;
  bool operator==(const Error&) const = default;
};

}  // namespace lanemq
