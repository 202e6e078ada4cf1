// The one list of error codes. Numbers below 1000 are Kafka's for the same notion; LaneMQ's own
// start at 1000. A code, once published, keeps its number and its meaning.
// Each comment: meaning | retry? | may the failed call have taken effect?

namespace cpp lanemq.idl
namespace py lanemq.errors
namespace js lanemq.idl
namespace java io.lanemq.idl

enum ErrorCode {
  /** a defect in the server; report it with the request id | retry: no | took effect: possibly */
  UNKNOWN_SERVER_ERROR = -1,
  /** the offset is below the log start or beyond the log end | retry: yes, after refreshing metadata or offsets | took effect: no */
  OFFSET_OUT_OF_RANGE = 1,
  /** stored or sent bytes do not decode | retry: no | took effect: no */
  CORRUPT_MESSAGE = 2,
  /** no such topic or partition is known here (yet) | retry: yes, after refreshing metadata or offsets | took effect: no */
  UNKNOWN_TOPIC_OR_PARTITION = 3,
  /** no answer before the deadline | retry: yes | took effect: possibly */
  REQUEST_TIMED_OUT = 7,
  /** no live broker could be reached; nothing was sent | retry: yes, after refreshing metadata or offsets | took effect: no */
  BROKER_NOT_AVAILABLE = 8,
  /** a message, key or headers exceed the limit | retry: no | took effect: no */
  MESSAGE_TOO_LARGE = 10,
  /** commit metadata exceeds the limit | retry: no | took effect: no */
  OFFSET_METADATA_TOO_LARGE = 12,
  /** the connection broke before the reply arrived | retry: yes, after refreshing metadata or offsets | took effect: possibly */
  NETWORK_EXCEPTION = 13,
  /** the coordinator is still loading the group | retry: yes, after retry_after_ms (or a back-off) | took effect: no */
  COORDINATOR_LOAD_IN_PROGRESS = 14,
  /** no coordinator holds the group at the moment | retry: yes, after retry_after_ms (or a back-off) | took effect: no */
  COORDINATOR_NOT_AVAILABLE = 15,
  /** another server coordinates this group | retry: yes, after refreshing metadata or offsets | took effect: no */
  NOT_COORDINATOR = 16,
  /** the topic name is not allowed | retry: no | took effect: no */
  INVALID_TOPIC_EXCEPTION = 17,
  /** the batch has too many messages or bytes | retry: no | took effect: no */
  RECORD_LIST_TOO_LARGE = 18,
  /** the generation is not the one that owns the partition; rejoin | retry: no | took effect: no */
  ILLEGAL_GENERATION = 22,
  /** the member's protocols do not match the group's | retry: no | took effect: no */
  INCONSISTENT_GROUP_PROTOCOL = 23,
  /** the group id is empty, too long or has forbidden characters | retry: no | took effect: no */
  INVALID_GROUP_ID = 24,
  /** not a member of the group (any more); rejoin | retry: no | took effect: no */
  UNKNOWN_MEMBER_ID = 25,
  /** the session timeout is outside the allowed range | retry: no | took effect: no */
  INVALID_SESSION_TIMEOUT = 26,
  /** the group is rebalancing; rejoin | retry: yes, after refreshing metadata or offsets | took effect: no */
  REBALANCE_IN_PROGRESS = 27,
  /** not authorised for the topic | retry: no | took effect: no */
  TOPIC_AUTHORIZATION_FAILED = 29,
  /** not authorised for the group | retry: no | took effect: no */
  GROUP_AUTHORIZATION_FAILED = 30,
  /** not authorised for the cluster | retry: no | took effect: no */
  CLUSTER_AUTHORIZATION_FAILED = 31,
  /** the server does not know this version of the call | retry: no | took effect: no */
  UNSUPPORTED_VERSION = 35,
  /** a topic with this name exists with other settings | retry: no | took effect: no */
  TOPIC_ALREADY_EXISTS = 36,
  /** the number of partitions is not allowed | retry: no | took effect: no */
  INVALID_PARTITIONS = 37,
  /** a setting is unknown or out of its range | retry: no | took effect: no */
  INVALID_CONFIG = 40,
  /** the request contradicts itself or lacks a field | retry: no | took effect: no */
  INVALID_REQUEST = 42,
  /** the policy of this environment forbids it | retry: no | took effect: no */
  POLICY_VIOLATION = 44,
  /** the producer's sequence leaves a gap; an earlier batch is missing | retry: no | took effect: no */
  OUT_OF_ORDER_SEQUENCE_NUMBER = 45,
  /** already stored, so long ago that its offsets are no longer known | retry: no | took effect: no */
  DUPLICATE_SEQUENCE_NUMBER = 46,
  /** the connection has not said who it is, or its token is unknown, expired or revoked | retry: no | took effect: no */
  AUTHENTICATION_FAILED = 58,
  /** the producer id is not remembered and its sequence does not start at 0; use a new producer id | retry: no | took effect: no */
  UNKNOWN_PRODUCER_ID = 59,
  /** join again with the member id in the reply | retry: yes | took effect: no */
  MEMBER_ID_REQUIRED = 79,
  /** the group has as many members as it may have | retry: no | took effect: no */
  GROUP_MAX_SIZE_REACHED = 81,
  /** another process uses this group instance id | retry: no | took effect: no */
  FENCED_INSTANCE_ID = 82,
  /** the server belongs to another cluster; nothing was done | retry: yes, after reading the metadata again | took effect: no */
  INCONSISTENT_CLUSTER_ID = 104,
  /** too much at once; nothing was done, retry after retry_after_ms | retry: yes, after retry_after_ms (or a back-off) | took effect: no */
  THROTTLED = 1001,
  /** the data node could not be reached; nothing was done | retry: yes, after retry_after_ms (or a back-off) | took effect: no */
  DATA_NODE_UNAVAILABLE = 1002,
  /** the connection to the database broke before it answered; retry only what is idempotent | retry: yes | took effect: possibly */
  OUTCOME_UNKNOWN = 1003,
  /** the metadata database or the metaserver could not be reached; nothing was done | retry: yes, after retry_after_ms (or a back-off) | took effect: no */
  METADATA_UNAVAILABLE = 1004,
  /** lost a race inside the database; the transaction was rolled back | retry: yes | took effect: no */
  CONFLICT = 1005,
  /** the row or object exists | retry: no | took effect: no */
  ALREADY_EXISTS = 1006,
  /** no such row or object | retry: no | took effect: no */
  NOT_FOUND = 1007,
  /** a newer owner has taken over; stop | retry: no | took effect: no */
  FENCED = 1008,
  /** this server drains; nothing was done, go to another one | retry: yes, after refreshing metadata or offsets | took effect: no */
  SHUTTING_DOWN = 1009,
  /** acknowledged messages are missing in the database; see the alert | retry: no | took effect: no */
  DATA_LOSS_DETECTED = 1010,
  /** the client was closed before the call was sent | retry: no | took effect: no */
  CLOSED = 1011,
  /** the client's own buffer is full; nothing was queued | retry: yes, after retry_after_ms (or a back-off) | took effect: no */
  QUEUE_FULL = 1012,
  /** no writable data node has free message tables | retry: no | took effect: no */
  INSUFFICIENT_CAPACITY = 1013,
  /** the object is not in a state that allows it | retry: no | took effect: no */
  FAILED_PRECONDITION = 1014,
  /** an operator moved the group's offset; fetch it again and seek | retry: yes, after refreshing metadata or offsets | took effect: no */
  OFFSET_RESET = 1015,
}

/** The one error type: declared by every method, and carried per partition in results. */
exception LaneMqError {
  1: required ErrorCode code,
  /** For the operator. Programs look at `code` only. */
  2: required string message,
  /** Wait this long before the retry; set with THROTTLED and other delays. */
  3: optional i64 retry_after_ms,
  /** The server's name of the call; its log lines have the same. */
  4: optional string request_id,
}
