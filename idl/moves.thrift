// Moves of partitions from one data node to another one, with everything that belongs to them.
// Calls are in ControlPlane (lanemq.thrift); what happens is in docs/adr/20261122_evacuation.md.

namespace cpp lanemq.idl
namespace py lanemq.moves
namespace js lanemq.idl
namespace java io.lanemq.idl

include "access.thrift"
include "errors.thrift"

struct MoveWish {
  1: required string topic,
  2: required i32 partition,
  /** A data node's name. Absent: whichever is writable and has room. */
  3: optional string to,
}

struct MovePartitionsRequest {
  /** Up to 10,000 that are to move. Either these or evacuate_node. */
  1: optional list<MoveWish> wishes,
  /** Every partition that is there is to move. The data node is closed first: it gets no new ones.
   *  To be repeated: what is moving already is told as it is. */
  2: optional string evacuate_node,
  /** Only to these data nodes, for what names none itself. Absent: to whichever have room. */
  3: optional list<string> targets,
  /** Of each move's copy. 65,536 to 2,000,000,000; default 20,000,000. */
  4: optional i64 bytes_per_second,
  /** Tells what would be done, and does nothing. */
  5: optional bool dry_run,
  20: optional access.Origin origin,
}

/** What becomes of one wish. */
struct BegunMove {
  1: required string topic,
  2: required i32 partition,
  /** Absent: it moves, or would. ALREADY_EXISTS: it was moving; move_id and to tell how.
   *  FAILED_PRECONDITION: it is there already, or its topic is not active. INSUFFICIENT_CAPACITY. */
  3: optional errors.LaneMqError error,
  /** Absent when there is none, or with dry_run. */
  4: optional i64 move_id,
  5: optional string from_node,
  6: optional string to_node,
}
struct MovePartitionsResponse {
  /** In the order of the wishes; of an evacuation by topic and partition. */
  1: required list<BegunMove> moves,
}

struct PartitionMove {
  1: required i64 id,
  2: required string topic,
  3: required i32 partition,
  4: required string from_node,
  5: required string to_node,
  /** "copying", "sealing", "handing_over", "opening", "cleaning", "done", "cancelling", "cancelled",
   *  "failed". Until "opening" it can be cancelled; in between "sealing" and "cleaning" the
   *  partition answers DATA_NODE_UNAVAILABLE. */
  6: required string state,
  7: required i64 bytes_per_second,
  /** As it was written down last: the log is copied up to here, and ends there. */
  8: required i64 copied_end,
  9: required i64 source_end,
  10: required i64 bytes_copied,
  /** How long nobody could use the partition. Absent: it has not come to that. */
  11: optional i64 paused_us,
  /** The last one, for people. */
  12: optional string error,
  13: optional string requested_by,
  14: optional string reason,
  15: required i64 created_at_us,
  16: optional i64 finished_at_us,
}

/** A data node that partitions move away from. */
struct NodeMoves {
  1: required string node,
  /** Partitions that the catalogue says are there. */
  2: required i32 partitions_left,
  /** Unfinished moves away from it; those "cleaning" have left it by the catalogue. */
  3: required i32 moves_left,
}

struct ListMovesRequest {
  /** Finished ones, too: they are kept for 30 days. Default false. */
  1: optional bool include_finished,
  /** Only those with smaller ids. */
  2: optional i64 before_id,
  /** 1 to 1,000; default 100. */
  3: optional i32 max,
}
struct ListMovesResponse {
  /** Newest first. */
  1: required list<PartitionMove> moves,
  /** Data nodes with unfinished moves away from them, by name. */
  2: required list<NodeMoves> nodes,
}

struct CancelMovesRequest {
  /** Up to 10,000. Either these or node. */
  1: optional list<i64> ids,
  /** Every unfinished move away from this data node. It stays closed. */
  2: optional string node,
  20: optional access.Origin origin,
}
struct CancelledMove {
  1: required i64 move_id,
  /** Absent: it is being taken back, or was. FAILED_PRECONDITION: too late. NOT_FOUND. */
  2: optional errors.LaneMqError error,
}
struct CancelMovesResponse {
  1: required list<CancelledMove> moves,
}
