// Where one message is now, and what became of it in each group. The call is in DataPlane
// (lanemq.thrift). Times are of the data node's clock, but for timestamp_us.

namespace cpp lanemq.idl
namespace py lanemq.trace
namespace js lanemq.idl
namespace java io.lanemq.idl

struct TraceMessageRequest {
  1: required string topic,
  2: required i32 partition,
  /** At least 1. */
  3: required i64 offset,
}

/** The message waits for another attempt of the group. */
struct TracedRetry {
  /** Calls of the handler so far, one that is under way included. */
  1: required i32 attempts,
  /** While it is handled: when somebody else may have it. */
  2: required i64 due_at_us,
  3: required bool is_being_handled,
  4: required i64 first_failed_at_us,
  5: required i64 last_failed_at_us,
  /** A word. */
  6: optional string reason,
  /** As in listDeadLetters: only for callers that may consume as the group, and consume or peek the
   *  topic. Else it says why it is left out. */
  7: optional string last_error,
}

/** The group has given the message up. */
struct TracedDeadLetter {
  1: required i32 attempts,
  2: required i64 dead_at_us,
  3: required i64 first_failed_at_us,
  4: required i64 last_failed_at_us,
  5: optional string reason,
  /** As in TracedRetry. */
  6: optional string last_error,
}

/** What took the message out of the log. */
struct TracedRemoval {
  /** "time" or "size" (retention), "trim" (a person). */
  1: required string cause,
  2: required i64 at_us,
  /** Of a trim. */
  3: optional string requested_by,
  4: optional string reason,
}

/** What somebody did to dead letters of the group, this message perhaps among them. */
struct TracedDeed {
  1: required i64 at_us,
  /** "redrive_to_group", "redrive_to_topic" (a copy at the end of the same partition), "edit" (and
   *  back to the group's retries), "drop", "expire". */
  2: required string action,
  /** It named this message. False: its filter, or the age it goes by, may have had the message. */
  3: required bool is_exact,
  4: required string requested_by,
  5: required string reason,
  /** Of a redrive; its state is "running", "done" or "cancelled". */
  6: optional i64 redrive_id,
  7: optional string redrive_state,
}

/** One group that has an offset for the partition. */
struct GroupTrace {
  1: required string group,
  /** "dead_letter"; "retrying"; "handling": its handler was called with it and has not ended it;
   *  "not_read"; "removed_unread": gone from the log before the group came to it; "passed": it is
   *  done, or was a dead letter that somebody did something to (`deeds`). The first that holds. */
  2: required string place,
  /** The next one it reads. Absent: it has the partition, and has not committed yet. */
  3: optional i64 committed_offset,
  /** When its offset last moved, or a member took the partition. */
  4: required i64 committed_at_us,
  /** Offsets before this one that it has to pass first. Absent when it is passed, or when nothing is
   *  committed. */
  5: optional i64 behind,
  /** Calls of the handler, with "handling". */
  6: optional i32 attempts,
  7: optional TracedRetry retrying,
  8: optional TracedDeadLetter dead_letter,
  9: optional TracedRemoval removed_unread,
  /** Newest first, at most 10; for the first 50 groups that are shown and have come past the
   *  message. Since the message was stored, if that is known. */
  10: optional list<TracedDeed> deeds,
}

struct TraceMessageResponse {
  /** "stored"; "removed": below the log start; "lost": acknowledged once, and missing since the data
   *  node was restored or failed over; "missing": a hole of the log, no message had this offset or
   *  none is known to; "not_yet": beyond the log's end. */
  1: required string place,
  /** The data node's clock as all this was read, at one instant but for `deeds`. */
  2: required i64 at_us,
  3: required i64 log_start,
  /** The offset that the next message gets. */
  4: required i64 log_end,
  /** The data node's name, and "schema.table" there. */
  5: required string data_node,
  6: required string table_name,
  /** Of a stored message. */
  7: optional i64 timestamp_us,
  8: optional i64 producer_id,
  9: optional i64 sequence,
  /** Of a hole: the next offset that is stored. */
  10: optional i64 next_offset,
  /** Of a removed one, when anything was written down: trims, and what groups had not read. */
  11: optional TracedRemoval removal,
  /** When a broker noticed that acknowledged messages were missing, this offset among them. With
   *  "stored": another message has the offset now. */
  12: optional i64 lost_at_us,
  /** By name. Groups whose offset of the partition was deleted are not among them. */
  13: required list<GroupTrace> groups,
  /** Groups left out, since the caller may not describe them. */
  14: required i32 groups_hidden,
  /** More than 1,000 groups have an offset for the partition: these are of the first 1,000. */
  15: required bool has_more_groups,
}
