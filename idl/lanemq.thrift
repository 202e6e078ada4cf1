// The public contract of LaneMQ: data plane (brokers) and control plane (metaservers).
//
// Framed transport, strict binary or compact protocol, one port. Replies may overtake a long poll on
// the same connection: match them by sequence id, as every stock client does.
// Compatibility rules are in README.md: optional fields only grow, nothing is renumbered.
// Offsets start at 1 and are dense. Times are microseconds since 1970-01-01 UTC (`_us`).

include "errors.thrift"

namespace cpp lanemq.idl
namespace py lanemq.idl
namespace js lanemq.idl
namespace java io.lanemq.idl

// ---------------------------------------------------------------- messages

struct Header {
  1: required string name,
  2: required binary value,
}

/** A message as a producer sends it. */
struct Message {
  /** Absent: no key, which is not the same as an empty key. At most 1 KiB by default. */
  1: optional binary key,
  /** Absent: a null body (a tombstone). */
  2: optional binary body,
  3: optional list<Header> headers,
  /** How the body is encoded, for the applications at both ends; brokers do not look. 0 = as is. */
  4: optional i16 codec,
}

/** A message as the log holds it. */
struct StoredMessage {
  1: required i64 offset,
  /** Assigned by the broker; never goes backwards within a partition. */
  2: required i64 timestamp_us,
  3: optional binary key,
  4: optional binary body,
  5: optional list<Header> headers,
  6: optional i16 codec,
  /** Set by getMessage only. */
  7: optional i64 producer_id,
  8: optional i64 sequence,
}

// ---------------------------------------------------------------- produce

struct ProducePartition {
  1: required string topic,
  2: required i32 partition,
  /** 1 to 1,000 messages, at most 4 MiB together by default. Stored in one piece or not at all. */
  3: required list<Message> messages,
  /** A number of this producer's own choosing, unique among producers (take 63 random bits). With
   *  it a repeated request is stored once. Absent or 0: no protection against duplicates. */
  4: optional i64 producer_id,
  /** Sequence of the first message; the first ever is 0, and each message takes the next. */
  5: optional i64 base_sequence,
}

struct ProduceRequest {
  1: required list<ProducePartition> partitions,
  /** The broker gives up on what it has not begun to write after this long. Default 30,000. */
  2: optional i32 timeout_ms,
  3: optional string client_id,
  /** The cluster it is meant for, by the metadata; a broker of another one refuses it with
   *  INCONSISTENT_CLUSTER_ID. Addresses are reused, and a message in the wrong cluster is lost. */
  4: optional string cluster_id,
}

struct ProducePartitionResult {
  1: required string topic,
  2: required i32 partition,
  /** Absent: stored, durably. */
  3: optional errors.LaneMqError error,
  /** Offset of the first message; -1 when an old duplicate's offset is no longer known. */
  4: optional i64 base_offset,
  5: optional i64 timestamp_us,
  /** Set when this broker is not the preferred one: send there next time. */
  6: optional i32 preferred_broker_id,
  /** One per message; set only when they are not base_offset, base_offset + 1, ... */
  7: optional list<i64> offsets,
  /** True: the whole batch had been stored before. */
  8: optional bool is_duplicate,
}

struct ProduceResponse {
  /** One per partition of the request, in its order. */
  1: required list<ProducePartitionResult> partitions,
}

// ---------------------------------------------------------------- fetch

struct FetchPartition {
  1: required string topic,
  2: required i32 partition,
  /** The first offset wanted. */
  3: required i64 offset,
  /** At most this many bytes of this partition; one message is returned even if larger. */
  4: optional i32 max_bytes,
}

struct FetchRequest {
  1: required list<FetchPartition> partitions,
  /** How long to wait for min_bytes. Default 500, at most 60,000. */
  2: optional i32 max_wait_ms,
  /** Default 1. 0: answer at once. */
  3: optional i32 min_bytes,
  /** For the whole reply. Default and most: 8 MiB. */
  4: optional i32 max_bytes,
  /** For the whole reply. Default 5,000, at most 50,000. */
  5: optional i32 max_messages,
  6: optional string client_id,
  7: optional string group,
  /** As in ProduceRequest. */
  8: optional string cluster_id,
}

struct FetchPartitionResult {
  1: required string topic,
  2: required i32 partition,
  3: optional errors.LaneMqError error,
  /** Consecutive offsets, beginning with the one asked for. */
  4: required list<StoredMessage> messages,
  5: optional i64 log_start_offset,
  /** The offset the next message will get, as this broker knows it. */
  6: optional i64 log_end_offset,
  7: optional i32 preferred_broker_id,
}

struct FetchResponse {
  /** Partitions with something to say: messages or an error. Empty after max_wait_ms. */
  1: required list<FetchPartitionResult> partitions,
}

// ---------------------------------------------------------------- offsets

/** timestamp_us: -2 = log start, -1 = log end, otherwise the first message at or after that time. */
struct ListOffsetsPartition {
  1: required string topic,
  2: required i32 partition,
  3: required i64 timestamp_us,
}

struct ListOffsetsRequest {
  1: required list<ListOffsetsPartition> partitions,
  /** As in ProduceRequest. */
  2: optional string cluster_id,
}

struct ListOffsetsPartitionResult {
  1: required string topic,
  2: required i32 partition,
  3: optional errors.LaneMqError error,
  /** By time, when every message is older: the log end offset. */
  4: optional i64 offset,
  /** Of the message found by time; absent for log start and log end. */
  5: optional i64 timestamp_us,
}

struct ListOffsetsResponse {
  1: required list<ListOffsetsPartitionResult> partitions,
}

struct CommitPartition {
  1: required string topic,
  2: required i32 partition,
  /** The next offset to read, that is, the last one processed plus one. */
  3: required i64 offset,
  /** At most 4,096 bytes. */
  4: optional string metadata,
  /** The reset epoch this reader knows (fetchOffsets). Absent: not checked. */
  5: optional i64 reset_epoch,
}

struct CommitOffsetsRequest {
  1: required string group,
  2: required list<CommitPartition> partitions,
  /** 0 for readers with an explicit assignment. */
  3: optional i64 generation,
  4: optional string member_id,
  /** As in ProduceRequest. */
  5: optional string cluster_id,
}

struct CommitPartitionResult {
  1: required string topic,
  2: required i32 partition,
  /** Absent: durable. ILLEGAL_GENERATION or OFFSET_RESET: nothing changed. */
  3: optional errors.LaneMqError error,
}

struct CommitOffsetsResponse {
  1: required list<CommitPartitionResult> partitions,
}

struct TopicPartition {
  1: required string topic,
  2: required i32 partition,
}

struct FetchOffsetsRequest {
  1: required string group,
  /** Absent: every partition the group has committed. */
  2: optional list<TopicPartition> partitions,
  /** As in ProduceRequest. */
  3: optional string cluster_id,
}

struct FetchOffsetsPartitionResult {
  1: required string topic,
  2: required i32 partition,
  3: optional errors.LaneMqError error,
  /** -1: nothing committed. */
  4: optional i64 offset,
  5: optional string metadata,
  6: optional i64 generation,
  7: optional i64 reset_epoch,
  8: optional i64 committed_at_us,
  /** The member that owns the row; absent or empty: nobody, or an explicit assignment. */
  9: optional string member_id,
  /** Paused by an operator: hand out no records. Until then; -1: until resumed. */
  10: optional i64 paused_until_us,
  11: optional string pause_reason,
}

struct FetchOffsetsResponse {
  1: required list<FetchOffsetsPartitionResult> partitions,
}

/** Takes over partitions that a rebalance gave to this member. One transaction per data node raises
 *  the generation of each row, so that commits of the former owner are refused from here on, and
 *  reads what was committed. Repeating it is harmless. */
struct ClaimPartitionsRequest {
  1: required string group,
  /** At least 1. Older than the row's: ILLEGAL_GENERATION. */
  2: required i64 generation,
  3: required string member_id,
  4: required list<TopicPartition> partitions,
  /** As in ProduceRequest. */
  5: optional string cluster_id,
}

/** One per partition of the request, in order; offset -1: nothing committed. With an error
 *  ILLEGAL_GENERATION, generation and member_id say who has it. */
struct ClaimPartitionsResponse {
  1: required list<FetchOffsetsPartitionResult> partitions,
}

struct ResetPartition {
  1: required string topic,
  2: required i32 partition,
  /** The next offset to read. Not checked against the log: fetches say OFFSET_OUT_OF_RANGE. */
  3: required i64 offset,
}

/** Sets committed offsets while the group runs; owners seek there within about a second. */
struct ResetOffsetsRequest {
  1: required string group,
  2: required list<ResetPartition> partitions,
  /** Kept in the row of the reset, for people. */
  3: optional string reason,
  4: optional string requested_by,
  /** As in ProduceRequest. */
  5: optional string cluster_id,
}

struct ResetPartitionResult {
  1: required string topic,
  2: required i32 partition,
  3: optional errors.LaneMqError error,
  /** -1: nothing had been committed. */
  4: optional i64 old_offset,
  5: optional i64 new_offset,
  6: optional i64 reset_epoch,
}

struct ResetOffsetsResponse {
  1: required list<ResetPartitionResult> partitions,
}

struct OffsetReset {
  1: required string topic,
  2: required i32 partition,
  3: required i64 reset_epoch,
  4: required i64 old_offset,
  5: required i64 new_offset,
  6: required i64 at_us,
  7: required string requested_by,
  8: required string reason,
}

struct ListOffsetResetsRequest {
  1: required string group,
  /** Newest first, for each data node. Default 100, at most 1,000. */
  2: optional i32 max_count,
  /** As in ProduceRequest. */
  3: optional string cluster_id,
}

struct ListOffsetResetsResponse {
  1: required list<OffsetReset> resets,
}

/** Stops or lets go the delivery of records to a group, by operators. Commits are not stopped. */
struct PauseGroupRequest {
  1: required string group,
  /** Absent: every partition with a committed or claimed offset. */
  2: optional list<TopicPartition> partitions,
  /** False: resume. */
  3: required bool is_paused,
  /** Resumes by itself then; absent: until resumed. */
  4: optional i64 until_us,
  5: optional string reason,
  6: optional string requested_by,
  /** As in ProduceRequest. */
  7: optional string cluster_id,
}

struct PauseGroupResponse {
  1: required list<TopicPartition> partitions,
}

/** Removes committed offsets. The caller sees to it that the group has no members. */
struct DeleteOffsetsRequest {
  1: required string group,
  /** Absent: all. */
  2: optional list<TopicPartition> partitions,
  /** As in ProduceRequest. */
  3: optional string cluster_id,
}

struct DeleteOffsetsResponse {
  1: required i64 deleted,
}

struct GetMessageRequest {
  1: required string topic,
  2: required i32 partition,
  3: required i64 offset,
}

struct GetMessageResponse {
  1: required StoredMessage message,
  /** Where a DBA finds the row: "schema.table" and the data node's name. */
  2: optional string table_name,
  3: optional string data_node,
}

// ---------------------------------------------------------------- metadata

enum BrokerState {
  ACTIVE = 1,
  /** Finishes what it has; sends clients elsewhere. */
  DRAINING = 2,
  /** Its heartbeats stopped. */
  DEAD = 3,
}

struct Broker {
  1: required i32 broker_id,
  2: required string host,
  3: required i32 port,
  4: required BrokerState state,
  5: optional i32 admin_port,
  6: optional string version,
  7: optional i64 started_at_us,
  8: optional i64 last_heartbeat_us,
}

struct Endpoint {
  1: required string host,
  2: required i32 port,
}

enum TopicState {
  /** Its tables are being made; a repeated createTopic or the background job finishes it. */
  CREATING = 1,
  ACTIVE = 2,
  DELETING = 3,
}

struct PartitionMetadata {
  1: required i32 partition,
  2: required i64 node_id,
  3: required i32 schema_index,
  /** Absent when no broker is alive. */
  4: optional i32 preferred_broker_id,
}

struct TopicMetadata {
  1: required string name,
  2: required i64 topic_id,
  3: required TopicState state,
  4: required list<PartitionMetadata> partitions,
  /** Settings that differ from the default, by Kafka's names: retention.ms, max.message.bytes, ... */
  5: optional map<string, string> config,
  6: optional string description,
  7: optional i64 created_at_us,
}

struct MetadataRequest {
  /** What the caller has; with an equal version the reply carries no lists. */
  1: optional i64 known_version,
  /** Absent: all topics. */
  2: optional list<string> topics,
}

struct MetadataResponse {
  /** Grows with every change of the catalogue or of the set of live brokers. */
  1: required i64 version,
  2: required bool is_unchanged,
  3: optional list<Broker> brokers,
  4: optional list<TopicMetadata> topics,
  5: optional list<Endpoint> metaservers,
  6: optional string cluster_id,
}

struct ServerInfo {
  /** "broker" or "metaserver". */
  1: required string role,
  2: required string version,
  3: optional string cluster_id,
  4: optional i32 broker_id,
  5: required i64 now_us,
  6: required i64 metadata_version,
  7: optional bool is_draining,
}

struct ServerInfoRequest {
}

// ---------------------------------------------------------------- control plane

struct CreateTopicRequest {
  1: required string name,
  2: required i32 partitions,
  3: optional map<string, string> config,
  4: optional string description,
  /** Names of the data nodes to use; absent: the placement planner chooses. */
  5: optional list<string> pinned_nodes,
  /** Check only, change nothing. */
  6: optional bool validate_only,
}

struct TopicResponse {
  1: required TopicMetadata topic,
  2: optional i64 metadata_version,
}

struct ListTopicsRequest {
}

struct ListTopicsResponse {
  1: required list<TopicMetadata> topics,
}

struct DescribeTopicRequest {
  1: required string name,
}

struct AlterTopicRequest {
  1: required string name,
  2: optional map<string, string> set_config,
  3: optional list<string> unset_config,
  4: optional string description,
}

struct AddPartitionsRequest {
  1: required string name,
  /** The new total; it can only grow. Keys move to other partitions when it does. */
  2: required i32 partitions,
}

struct DeleteTopicRequest {
  1: required string name,
}

struct DeleteTopicResponse {
  1: optional i64 metadata_version,
}

enum NodeState {
  /** Takes new partitions. */
  WRITABLE = 1,
  /** Keeps serving its partitions, takes no new ones. */
  CLOSED = 2,
  /** Not to be connected to. */
  DISABLED = 3,
}

struct DataNode {
  1: required i64 node_id,
  2: required string name,
  3: required string host,
  4: required i32 port,
  5: required string schema_prefix,
  6: required NodeState state,
  7: optional i32 schemas_max,
  8: optional i32 tables_per_schema_max,
  9: optional i32 tables_used,
  // Set when ListDataNodesRequest.include_health was, and never for a DISABLED node.
  /** Whether the metaserver could open a session there. Not set: it did not try. */
  10: optional bool is_reachable,
  /** For example "MariaDB 10.11.14-MariaDB" or "MySQL 9.1.0". */
  11: optional string engine_version,
  /** innodb_flush_log_at_trx_commit; 1 keeps acknowledged messages when the machine crashes. */
  12: optional i32 flush_log_at_trx_commit,
  /** sync_binlog, at most 2147483647. Not set: the server writes no binlog. */
  13: optional i32 sync_binlog,
  /** For people, when is_reachable is false. */
  14: optional string unreachable_reason,
}

struct AddDataNodeRequest {
  1: required string name,
  2: required string host,
  3: required i32 port,
  /** Prefix of the schemas on that server. Default "lanemq". */
  4: optional string schema_prefix,
  /** 1 to 10. Default 10. */
  5: optional i32 schemas_max,
  /** 1 to 99. Default 99. */
  6: optional i32 tables_per_schema_max,
}

struct AlterDataNodeRequest {
  1: required string name,
  2: optional NodeState state,
  3: optional string host,
  4: optional i32 port,
}

struct DataNodeResponse {
  1: required DataNode node,
}

struct ListDataNodesRequest {
  /**
   * Connect to every node and tell how it is; may take 10 s when nodes do not answer. Default
   * false: the answer is what the metaserver has in memory.
   */
  1: optional bool include_health,
}

struct ListDataNodesResponse {
  1: required list<DataNode> nodes,
}

struct ListBrokersRequest {
  1: optional bool include_dead,
}

struct ListBrokersResponse {
  1: required list<Broker> brokers,
}

struct BrokerHeartbeatRequest {
  1: required i32 broker_id,
  /** Random per process start. A second process with the same broker id is FENCED while the first lives. */
  2: required i64 incarnation,
  3: required string host,
  4: required i32 port,
  5: required BrokerState state,
  6: optional i32 admin_port,
  7: optional string version,
  8: optional i64 known_metadata_version,
  /** The cluster the broker belongs to, once it knows; another one answers INCONSISTENT_CLUSTER_ID. */
  9: optional string cluster_id,
}

struct BrokerHeartbeatResponse {
  1: required i64 metadata_version,
  /** Send the next one after this long. */
  2: required i32 interval_ms,
  3: required string cluster_id,
}

struct UnregisterBrokerRequest {
  1: required i32 broker_id,
  2: required i64 incarnation,
}

struct UnregisterBrokerResponse {
}

/** Everything a broker needs to serve without metaserver or metadata database. */
struct CatalogRequest {
  1: optional i64 known_version,
}

struct CatalogResponse {
  1: required i64 version,
  2: required bool is_unchanged,
  3: optional string cluster_id,
  4: optional list<DataNode> nodes,
  5: optional list<TopicMetadata> topics,
  6: optional list<Broker> brokers,
  7: optional list<Endpoint> metaservers,
}

// ---------------------------------------------------------------- consumer groups

struct FindCoordinatorRequest {
  1: required string group,
}

struct FindCoordinatorResponse {
  1: required Endpoint coordinator,
  /** The fencing epoch of its lease; grows with every change of coordinator. */
  2: required i64 epoch,
}

struct JoinGroupRequest {
  1: required string group,
  /** Empty at the first join: the answer is then MEMBER_ID_REQUIRED, with the id to join with. */
  2: required string member_id,
  /** Static membership: who comes back with the same id takes its place without a rebalance. */
  3: optional string group_instance_id,
  4: required i32 session_timeout_ms,
  /** How long the group waits for this member to join again. */
  5: required i32 rebalance_timeout_ms,
  /** Assignors it can do, preferred first: range, roundrobin, sticky, cooperative-sticky. */
  6: required list<string> protocols,
  /** Topics it wants; patterns are resolved by the member. */
  7: required list<string> topics,
  /** What it still holds, and since which generation. */
  8: optional list<TopicPartition> owned,
  9: optional i64 owned_generation,
  10: optional string client_id,
  /** host:port:start time:pid. */
  11: optional string host,
  12: optional string reason,
  /** The largest generation it saw in the group's offset rows, below 2^53: the next one will be greater. Rows may be
   *  ahead of a group that was deleted or restored from a backup; they would refuse its members. */
  13: optional i64 generation_floor,
}

struct GroupMemberInfo {
  1: required string member_id,
  2: optional string group_instance_id,
  3: required list<string> topics,
  4: optional list<TopicPartition> owned,
  5: optional i64 owned_generation,
  /** By describeGroup. */
  6: optional list<TopicPartition> assignment,
  7: optional string client_id,
  8: optional string host,
  9: optional i32 session_timeout_ms,
  10: optional i32 rebalance_timeout_ms,
  11: optional i64 last_heartbeat_us,
}

struct JoinGroupResponse {
  1: required string member_id,
  2: required i64 generation,
  3: required string protocol,
  4: required string leader,
  /** All members, to the leader only. Empty: no need to assign (a static member came back). */
  5: required list<GroupMemberInfo> members,
  /** MEMBER_ID_REQUIRED alone comes here, every other error is thrown. */
  6: optional errors.LaneMqError error,
}

struct MemberAssignment {
  1: required string member_id,
  2: required list<TopicPartition> partitions,
}

struct SyncGroupRequest {
  1: required string group,
  2: required string member_id,
  3: required i64 generation,
  4: optional string group_instance_id,
  /** From the leader; empty from others. */
  5: required list<MemberAssignment> assignments,
}

struct SyncGroupResponse {
  1: required list<TopicPartition> assignment,
  2: required i64 generation,
  3: required string protocol,
}

struct GroupHeartbeatRequest {
  1: required string group,
  2: required string member_id,
  3: required i64 generation,
  4: optional string group_instance_id,
}

struct GroupHeartbeatResponse {
  /** The coordinator cannot reach the metadata database: the group goes on, but cannot rebalance. */
  1: optional bool is_degraded,
}

struct LeaveGroupRequest {
  1: required string group,
  2: required string member_id,
  3: optional string group_instance_id,
  4: optional string reason,
}

struct LeaveGroupResponse {
}

struct GroupListing {
  1: required string group,
  /** Empty, PreparingRebalance, CompletingRebalance, Stable or Dead. */
  2: required string state,
  3: required i64 generation,
  4: required string protocol,
  5: required i32 members,
  6: optional i64 empty_since_us,
}

struct ListGroupsRequest {
}

struct ListGroupsResponse {
  1: required list<GroupListing> groups,
}

struct Rebalance {
  1: required i64 generation,
  2: required i64 at_us,
  3: required string reason,
  4: required i32 members,
  5: required i32 moved_partitions,
}

struct DescribeGroupRequest {
  1: required string group,
}

struct DescribeGroupResponse {
  1: required GroupListing group,
  2: required list<GroupMemberInfo> members,
  3: required Endpoint coordinator,
  4: optional string leader,
  /** Newest first, at most 100. */
  5: optional list<Rebalance> history,
}

struct DeleteGroupRequest {
  1: required string group,
}

struct DeleteGroupResponse {
}

// ---------------------------------------------------------------- services

/** What both kinds of server answer, so a client may bootstrap from any of them. */
service Common {
  MetadataResponse metadata(1: MetadataRequest request) throws (1: errors.LaneMqError error),
  ServerInfo serverInfo(1: ServerInfoRequest request) throws (1: errors.LaneMqError error),
}

/** Brokers. Errors that concern one partition are in that partition's result; a thrown error means
 *  that nothing of the whole request was done, unless its code says otherwise. */
service DataPlane extends Common {
  /** Repeat on any retriable error, in order, with the same producer_id and base_sequence. */
  ProduceResponse produce(1: ProduceRequest request) throws (1: errors.LaneMqError error),
  FetchResponse fetch(1: FetchRequest request) throws (1: errors.LaneMqError error),
  CommitOffsetsResponse commitOffsets(1: CommitOffsetsRequest request) throws (1: errors.LaneMqError error),
  FetchOffsetsResponse fetchOffsets(1: FetchOffsetsRequest request) throws (1: errors.LaneMqError error),
  ListOffsetsResponse listOffsets(1: ListOffsetsRequest request) throws (1: errors.LaneMqError error),
  /** OFFSET_OUT_OF_RANGE when there is no such message (any more). */
  GetMessageResponse getMessage(1: GetMessageRequest request) throws (1: errors.LaneMqError error),

  /** A new owner before it reads: raises the partitions' generation and answers their committed offsets. */
  ClaimPartitionsResponse claimPartitions(1: ClaimPartitionsRequest request) throws (1: errors.LaneMqError error),
  ResetOffsetsResponse resetOffsets(1: ResetOffsetsRequest request) throws (1: errors.LaneMqError error),
  /** Newest first. */
  ListOffsetResetsResponse listOffsetResets(1: ListOffsetResetsRequest request) throws (1: errors.LaneMqError error),
  /** Pauses and resumes. */
  PauseGroupResponse pauseGroup(1: PauseGroupRequest request) throws (1: errors.LaneMqError error),
  DeleteOffsetsResponse deleteOffsets(1: DeleteOffsetsRequest request) throws (1: errors.LaneMqError error),
}

/** Metaservers. Any of them answers everything; repeated calls are harmless. */
service ControlPlane extends Common {
  /** Atomic or resumable: repeat it after any error. An equal existing topic is returned as it is;
   *  a different one is TOPIC_ALREADY_EXISTS. */
  TopicResponse createTopic(1: CreateTopicRequest request) throws (1: errors.LaneMqError error),
  ListTopicsResponse listTopics(1: ListTopicsRequest request) throws (1: errors.LaneMqError error),
  TopicResponse describeTopic(1: DescribeTopicRequest request) throws (1: errors.LaneMqError error),
  TopicResponse alterTopic(1: AlterTopicRequest request) throws (1: errors.LaneMqError error),
  TopicResponse addPartitions(1: AddPartitionsRequest request) throws (1: errors.LaneMqError error),
  DeleteTopicResponse deleteTopic(1: DeleteTopicRequest request) throws (1: errors.LaneMqError error),

  DataNodeResponse addDataNode(1: AddDataNodeRequest request) throws (1: errors.LaneMqError error),
  DataNodeResponse alterDataNode(1: AlterDataNodeRequest request) throws (1: errors.LaneMqError error),
  ListDataNodesResponse listDataNodes(1: ListDataNodesRequest request) throws (1: errors.LaneMqError error),

  ListBrokersResponse listBrokers(1: ListBrokersRequest request) throws (1: errors.LaneMqError error),
  BrokerHeartbeatResponse brokerHeartbeat(1: BrokerHeartbeatRequest request) throws (1: errors.LaneMqError error),
  UnregisterBrokerResponse unregisterBroker(1: UnregisterBrokerRequest request) throws (1: errors.LaneMqError error),
  CatalogResponse catalog(1: CatalogRequest request) throws (1: errors.LaneMqError error),

  /** Any metaserver answers it; the calls below go to the coordinator it names, others answer
   *  NOT_COORDINATOR. */
  FindCoordinatorResponse findCoordinator(1: FindCoordinatorRequest request) throws (1: errors.LaneMqError error),
  /** Answered when every member has joined, or the time is up. */
  JoinGroupResponse joinGroup(1: JoinGroupRequest request) throws (1: errors.LaneMqError error),
  /** Answered when the leader has assigned and the assignment is durable. */
  SyncGroupResponse syncGroup(1: SyncGroupRequest request) throws (1: errors.LaneMqError error),
  GroupHeartbeatResponse groupHeartbeat(1: GroupHeartbeatRequest request) throws (1: errors.LaneMqError error),
  LeaveGroupResponse leaveGroup(1: LeaveGroupRequest request) throws (1: errors.LaneMqError error),
  /** From the stored rows: any metaserver. */
  ListGroupsResponse listGroups(1: ListGroupsRequest request) throws (1: errors.LaneMqError error),
  DescribeGroupResponse describeGroup(1: DescribeGroupRequest request) throws (1: errors.LaneMqError error),
  /** Only without members: FAILED_PRECONDITION otherwise. */
  DeleteGroupResponse deleteGroup(1: DeleteGroupRequest request) throws (1: errors.LaneMqError error),
}
