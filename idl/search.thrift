// Search in messages: what is looked for, and what was looked at. The call is DataPlane.searchMessages, its answer is in lanemq.thrift.

namespace cpp lanemq.idl
namespace py lanemq.search
namespace js lanemq.idl
namespace java io.lanemq.idl

include "errors.thrift"

/** All that is given must hold. Texts are compared byte by byte with what is stored: a body that its
 *  producer compressed or encoded (codec) is not decoded. */
struct SearchMessagesRequest {
  1: required string topic,
  /** Absent: all. */
  2: optional i32 partition,
  /** Offsets, first and last + 1; with a partition only. Below the log start: from there. */
  3: optional i64 from_offset,
  4: optional i64 to_offset,
  /** Times of storing, in microseconds since 1970: at or after from_us, before to_us. */
  5: optional i64 from_us,
  6: optional i64 to_us,
  /** The whole key. "": the empty key, which is not the same as none. */
  7: optional string key_equals,
  8: optional string key_contains,
  /** A header of this name, exactly. */
  9: optional string header_name,
  /** In a value of a header of that name. Absent: any. */
  10: optional string header_value,
  11: optional string body_contains,
  /** Upper and lower case letters of ASCII are the same, in all texts but header_name. Default: false. */
  12: optional bool ignore_case,
  /** Messages in one answer: 1 to 200, default 50. */
  13: optional i32 max_results,
  /** Rows looked at for one answer: 1 to 100,000, default 10,000. */
  14: optional i32 max_scanned,
  /** After which no more rows are read: 1 to 5,000, default 2,000. A read that has begun is waited for. */
  15: optional i32 time_limit_ms,
  /** The next_page of an answer to the same request. Absent: from the beginning. */
  16: optional string cursor,
}

/** Why a search ended. */
enum SearchEnd {
  /** Nothing is left to be looked at. */
  DONE = 1,
  /** max_results were found. */
  RESULTS = 2,
  /** max_scanned rows were looked at. */
  ROWS = 3,
  /** time_limit_ms have passed. */
  TIME = 4,
  /** 64 MiB were looked at, or 8 MiB found. */
  BYTES = 5,
}

/** Offsets [from_offset, to_offset) that are lost: DATA_LOSS_DETECTED. */
struct LostRange {
  1: required i64 from_offset,
  2: required i64 to_offset,
}

/** What was looked at in one partition: [from_offset, to_offset). */
struct SearchedRange {
  1: required i32 partition,
  2: required i64 from_offset,
  3: required i64 to_offset,
  4: optional i64 log_start_offset,
  5: optional i64 log_end_offset,
  /** At to_offset reading failed: the rest was not looked at, and the next page does not come back to it. */
  6: optional errors.LaneMqError error,
  /** In the range, and not there any more though they should be; at most 100 are told. */
  7: optional list<LostRange> lost,
}
