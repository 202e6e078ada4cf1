// Servers as operators see them: what each runs with, how much room data nodes have, what is on them.
// Calls are in Common and ControlPlane (lanemq.thrift).

namespace cpp lanemq.idl
namespace py lanemq.servers
namespace js lanemq.idl
namespace java io.lanemq.idl

struct Setting {
  /** The flag, without "--". */
  1: required string name,
  /** As it was given, or the default. What may be a secret: "(set)". Files are told by name alone. */
  2: required string value,
  3: required string default_value,
  /** By a flag, the environment or a file of settings. */
  4: required bool is_given,
  /** What it is for, as --help says. */
  5: optional string description,
}

struct ServerSettingsRequest {
  /** Over HTTP: which server is to answer, HOST:PORT as in the metadata; absent: any metaserver. Servers do not look. */
  1: optional string server,
}

struct ServerSettingsResponse {
  /** "broker" or "metaserver". */
  1: required string role,
  /** By name. Hidden ones only where they were given. */
  2: required list<Setting> settings,
}

enum CapacityVerdict {
  FINE = 1,
  /** Add data nodes, or make room. */
  EXPAND = 2,
  /** A data node could be done without. */
  SHRINK = 3,
}

struct NodeRoom {
  1: required string node,
  /** Takes new partitions. */
  2: required bool is_writable,
  3: required i64 tables_used,
  4: required i64 tables_free,
  /** Its partitions fit on the other writable nodes, with partitions_ahead, and these stay half empty. */
  5: required bool can_be_emptied,
  /** Of its tables on disk, as read last. Only the metaserver on call knows. */
  6: optional i64 used_bytes,
  /** What it may use, by --node-capacity-bytes. Likewise. */
  7: optional i64 capacity_bytes,
}

struct AdviseCapacityRequest {
  /** How many new partitions there is to be room for, at most 1,000,000. Absent: as many as were new lately. */
  1: optional i32 partitions_ahead,
}

struct AdviseCapacityResponse {
  1: required CapacityVerdict verdict,
  /**
   * Why; none with FINE. "no_writable_node": new partitions can go nowhere. "no_room": fewer free
   * tables than partitions_ahead. "tables_low": of the writable nodes' tables more are used than the
   * alert node_tables_low allows by default. "bytes_low": a node uses as much of its bytes as raises
   * node_bytes_low by default. "node_to_spare": what is on a node fits on the others, which would
   * still be half empty.
   */
  2: required list<string> causes,
  /** Those that are not disabled, by name. */
  3: required list<NodeRoom> nodes,
  /** Of the writable nodes. */
  4: required i64 tables_used,
  5: required i64 tables_free,
  6: required i64 partitions_ahead,
  /** Partitions of topics that exist and were made within recent_days. Those that older topics got
   *  since are not among them: nobody notes when. */
  7: required i64 partitions_recent,
  8: required i32 recent_days,
  /** Until the free tables are used up, at the pace of partitions_recent. Absent: nothing was new. */
  9: optional i64 days_left,
}

struct PlacedPartition {
  1: required string topic,
  2: required i32 partition,
  3: required string node,
  /** Schema and table on that node: "lanemq_03.msg_17_0". */
  4: required string table,
  /** Deleted ones keep their tables until they are removed for good. */
  5: required bool is_topic_deleted,
  /** Absent when no broker is alive. */
  6: optional i32 preferred_broker_id,
}

struct ListPlacementsRequest {
  /** Of this data node alone; NOT_FOUND when it is not there. */
  1: optional string node,
  /** Of topics whose names begin so. */
  2: optional string topic_prefix,
  /** 1 to 1,000. Default 100. */
  3: optional i32 max,
  /** What next_page of the page before said. */
  4: optional string cursor,
}

struct ListPlacementsResponse {
  /** By topic and partition. */
  1: required list<PlacedPartition> partitions,
  /** There are more behind. */
  2: optional string next_page,
}
