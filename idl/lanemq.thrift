// The public contract of LaneMQ: data plane (brokers) and control plane (metaservers).
//
// Framed transport, strict binary or compact protocol, one port. Replies may overtake a long poll on
// the same connection: match them by sequence id, as every stock client does.
// Compatibility rules are in README.md: optional fields only grow, nothing is renumbered.
// Offsets start at 1 and are dense. Times are microseconds since 1970-01-01 UTC (`_us`).

include "access.thrift"
include "errors.thrift"
include "governance.thrift"
include "moves.thrift"
include "search.thrift"
include "servers.thrift"
include "trace.thrift"

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
  /** How long to wait for min_bytes. Default 500, at most 60,000; by HTTP at most 5,000. */
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
  /** True: the caller is a person who may consume the topic but not peek into it: the messages have
   *  offset and time only. Services see everything. Absent: false. */
  8: optional bool is_hidden,
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
  /** Counts up with each commit and settlement that the member decides on, both together; a repeated one has the same. At least
   *  1, and only with a member_id. Lower than one that was accepted of this member at this generation: FENCED for that partition,
   *  and nothing changed there: a later one was carried out. Absent: not checked. */
  6: optional i64 commit_sequence,
}

struct CommitPartitionResult {
  1: required string topic,
  2: required i32 partition,
  /** Absent: durable. ILLEGAL_GENERATION, OFFSET_RESET or FENCED (commit_sequence): nothing changed. */
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
  /** Until the group's next retry in this partition is due; 0: now. Absent: there is none. By fetchOffsets. */
  12: optional i64 next_retry_ms,
  // By claimPartitions, to find the record that kills its consumers:
  /** Claims since the offset last moved, this one included. */
  13: optional i32 claims,
  /** The record whose attempts were counted last, and how many they were. */
  14: optional i64 attempt_offset,
  15: optional i32 attempts,
}

/** What happens to records that a group's handlers fail. Defaults are those of core/retry/retry_policy.h. */
struct RetryPolicy {
  1: optional i32 max_attempts,
  2: optional i64 first_delay_ms,
  3: optional i64 max_delay_ms,
  4: optional double multiplier,
  /** Instead of the three above: the wait after the first, second, ... failure; the last one repeats. */
  5: optional list<i64> delays_ms,
  6: optional double jitter,
  7: optional list<string> fatal_reasons,
  8: optional list<string> retryable_reasons,
}

struct GroupPolicy {
  /** Absent: for all topics without one of their own. */
  1: optional string topic,
  2: required RetryPolicy policy,
  3: optional i64 at_us,
  4: optional string requested_by,
  /** The data node that has it. */
  5: optional i64 node_id,
}

struct FetchOffsetsResponse {
  1: required list<FetchOffsetsPartitionResult> partitions,
  /** The group's, of the data nodes asked; where they differ, the newest. */
  2: optional list<GroupPolicy> policies,
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

/** A message that searchMessages found. */
struct FoundMessage {
  1: required string topic,
  2: required i32 partition,
  3: required StoredMessage message,
}

/** What was found, and what was looked at to find it. */
struct SearchMessagesResponse {
  /** By partition and offset. */
  1: required list<FoundMessage> messages,
  /** By partition: those that this answer looked at. Those after the last one are for the next page. */
  2: required list<search.SearchedRange> ranges,
  3: required i64 scanned_rows,
  /** Of keys, bodies and headers, with a fixed cost per message. */
  4: required i64 scanned_bytes,
  /** True: everything that was asked for, from the cursor on, was looked at. */
  5: required bool is_complete,
  6: required search.SearchEnd ended,
  /** Goes on behind what was looked at: `cursor` of the next request. Absent: nothing is left. */
  7: optional string next_page,
}

// ---------------------------------------------------------------- failed messages

/** Why a record failed. */
struct FailureNote {
  /** A word to search and count by, 1 to 64 bytes: "timeout", "card_declined". */
  1: required string reason,
  /** For people; cut at 2,048 bytes. */
  2: optional string error,
}

/** A record of the log that failed; the commit beside it passes it. */
struct LogFailure {
  1: required i64 offset,
  /** Calls of the handler so far, at least 1. */
  2: required i32 attempts,
  /** True: a dead letter at once. False: as the group's policy says. */
  3: required bool is_fatal,
  /** Overrides the policy's wait, not its limit of attempts. */
  4: optional i64 delay_ms,
  5: required FailureNote note,
  /** The caller has the record at hand: see SettleRequest's lease_ms. */
  6: optional bool keep,
}

/** How a delivery of a retry ended. */
struct RetryOutcome {
  1: required i64 offset,
  /** The delivery's; with another one nothing changes: it is stale. */
  2: required i32 attempt,
  3: required bool is_ok,
  // Unless it is ok:
  4: optional bool is_fatal,
  5: optional i64 delay_ms,
  6: optional FailureNote note,
  /** As a LogFailure's. */
  7: optional bool keep,
}

struct SettlePartition {
  1: required string topic,
  2: required i32 partition,
  /** Absent: nothing is committed. */
  3: optional CommitPartition commit,
  /** Ascending offsets below the commit's. At most 1,000, together with retries. */
  4: optional list<LogFailure> failures,
  5: optional list<RetryOutcome> retries,
  /** This record is about to be handled: count it (see ClaimPartitions: claims). */
  6: optional i64 begins_offset,
}

/** Commits offsets together with the failures that they pass, and ends deliveries of retries: each partition in one
 *  transaction. Repeating it is harmless. */
struct SettleRequest {
  1: required string group,
  2: required list<SettlePartition> partitions,
  /** 0 for readers with an explicit assignment. */
  3: optional i64 generation,
  4: optional string member_id,
  5: optional string cluster_id,
  /** Failures to `keep` that are due within 10 s, and not for the last time, become the caller's at once: their next attempt
   *  is counted, and nobody gets them until so long after they are due. Absent: none. 1 to 43,200,000. */
  6: optional i64 lease_ms,
  /** As in CommitOffsetsRequest. After FENCED the failures and outcomes are not known to be written: they go with the next one. */
  7: optional i64 commit_sequence,
}

/** A retry that the caller keeps until it is due, and then hands to its handler. */
struct KeptRetry {
  1: required i64 offset,
  /** Calls of the handler, the coming one included. */
  2: required i32 attempt,
  /** Negative: so long ago. The lease ends so long after it. */
  3: required i64 due_in_ms,
  /** By the data node's clock. */
  4: required i64 first_failed_at_us,
}

struct SettlePartitionResult {
  1: required string topic,
  2: required i32 partition,
  /** As for commits; NOT_FOUND: a failed record is no longer in the log. Nothing of the partition changed. */
  3: optional errors.LaneMqError error,
  4: optional i32 retried,
  5: optional i32 dead,
  /** Offsets of outcomes whose delivery was no longer this owner's. */
  6: optional list<i64> stale,
  /** Attempts at the record that begins, this one included. */
  7: optional i32 attempts,
  /** Until the earliest retry that this call made, and that is not kept, is due. */
  8: optional i64 next_due_ms,
  9: optional list<KeptRetry> kept,
}

struct SettleResponse {
  1: required list<SettlePartitionResult> partitions,
}

/** The due retries of partitions this member owns; each is its own for lease_ms. */
struct FetchRetriesRequest {
  1: required string group,
  2: required list<TopicPartition> partitions,
  3: optional i64 generation,
  4: optional string member_id,
  /** Default 100, at most 1,000. */
  5: optional i32 max_messages,
  /** Default 1 MiB, at most 8 MiB; the first record always fits. */
  6: optional i32 max_bytes,
  /** Longer than the handler may take. Default 300,000, at most 43,200,000. */
  7: optional i64 lease_ms,
  /** Also those that former owners hold: the first call after a claim. */
  8: optional bool take_over,
  9: optional string cluster_id,
}

struct RetryMessage {
  1: required string topic,
  2: required i32 partition,
  /** With the offset and timestamp of the log. */
  3: required StoredMessage message,
  /** Calls of the handler, this one included. */
  4: required i32 attempt,
  5: optional i64 first_failed_at_us,
  6: optional i64 last_failed_at_us,
  7: optional string reason,
  8: optional string last_error,
}

struct FetchRetriesResponse {
  1: required list<RetryMessage> messages,
  /** Partitions with an error: ILLEGAL_GENERATION when another member has it. */
  2: optional list<SettlePartitionResult> errors,
  /** Until the next one of these partitions is due; 0: now. Absent: there is none. */
  3: optional i64 next_due_ms,
}

struct SetGroupPolicyRequest {
  1: required string group,
  2: optional string topic,
  /** Absent: remove it. Fields that are absent get their default. */
  3: optional RetryPolicy policy,
  4: optional string requested_by,
  5: optional string cluster_id,
}

struct SetGroupPolicyResponse {
}

struct GroupPoliciesRequest {
  1: required string group,
  2: optional string cluster_id,
}

struct GroupPoliciesResponse {
  /** Of every data node; equal on all of them unless a node was added or unreachable since. */
  1: required list<GroupPolicy> policies,
}

// ---------------------------------------------------------------- dead letters

struct DeadLetterId {
  1: required string group,
  2: required string topic,
  3: required i32 partition,
  4: required i64 offset,
}

struct DeadLetter {
  1: required DeadLetterId id,
  /** As it was in the log; the body only if it was asked for. */
  2: required StoredMessage message,
  3: required i32 attempts,
  4: optional string reason,
  5: optional string first_error,
  6: optional string last_error,
  7: optional i64 first_failed_at_us,
  8: optional i64 last_failed_at_us,
  9: optional i64 dead_at_us,
}

/** Everything that is set must match. */
struct DeadLetterFilter {
  1: required string group,
  2: optional string topic,
  3: optional i32 partition,
  4: optional string reason,
  5: optional binary key,
  /** Dead from then on, and before then. */
  6: optional i64 from_us,
  7: optional i64 until_us,
  /** Only these; at most 1,000. */
  8: optional list<DeadLetterId> ids,
}

struct ListDeadLettersRequest {
  1: required DeadLetterFilter filter,
  /** The last answer's `next_page`. */
  2: optional string after,
  /** Default 100, at most 1,000. */
  3: optional i32 max_count,
  4: optional bool with_bodies,
  5: optional string cluster_id,
}

struct ListDeadLettersResponse {
  1: required list<DeadLetter> letters,
  /** Where to go on; absent: that was all. A page may be empty and have one. */
  2: optional string next_page,
}

struct CountDeadLettersRequest {
  1: required string group,
  2: optional string cluster_id,
}

struct DeadLetterCount {
  1: required string topic,
  2: required i32 partition,
  3: required string reason,
  4: required i64 letters,
  5: optional i64 oldest_us,
}

struct CountDeadLettersResponse {
  1: required list<DeadLetterCount> counts,
}

struct DropDeadLettersRequest {
  1: required DeadLetterFilter filter,
  2: optional string requested_by,
  3: optional string reason,
  4: optional string cluster_id,
}

struct DropDeadLettersResponse {
  1: required i64 dropped,
  /** False: the call's time was up; repeat it. */
  2: required bool is_complete,
}

enum RedriveTarget {
  /** To the group alone, as retries with attempts counted anew. */
  GROUP = 1,
  /** Published to the topic again: every group gets it. */
  TOPIC = 2,
}

struct RedriveRequest {
  /** 63 random bits: the same id again is the same redrive. */
  1: required i64 id,
  2: required DeadLetterFilter filter,
  3: optional RedriveTarget target,
  /** For each data node; 0 or absent: without limit. */
  4: optional i32 per_second,
  5: optional string requested_by,
  6: optional string reason,
  7: optional string cluster_id,
}

struct Redrive {
  1: required i64 id,
  2: required string group,
  3: required string data_node,
  /** running, done or cancelled. */
  4: required string state,
  5: required RedriveTarget target,
  6: required i64 moved,
  7: required i64 created_at_us,
  8: optional i64 finished_at_us,
  9: optional i32 per_second,
  10: optional string requested_by,
  11: optional string reason,
}

struct RedriveResponse {
  /** One per data node. */
  1: required list<Redrive> jobs,
}

struct ListRedrivesRequest {
  /** Absent: of all groups. */
  1: optional string group,
  2: optional i64 id,
  3: optional string cluster_id,
}

struct CancelRedriveRequest {
  1: required i64 id,
  2: optional string requested_by,
  3: optional string reason,
  4: optional string cluster_id,
}

/** Moves one dead letter to its group's retries, with what is set here replaced. */
struct RedriveEditedRequest {
  1: required DeadLetterId id,
  2: optional binary key,
  3: optional bool remove_key,
  4: optional binary body,
  5: optional bool remove_body,
  6: optional list<Header> headers,
  7: optional string requested_by,
  8: optional string reason,
  9: optional string cluster_id,
}

struct RedriveEditedResponse {
}

struct DeadLetterDeed {
  1: required i64 at_us,
  2: required string action,
  3: required string group,
  4: required i64 letters,
  5: required string detail,
  6: required string requested_by,
  7: required string reason,
}

struct ListDeadLetterDeedsRequest {
  1: required string group,
  2: optional i32 max_count,
  3: optional string cluster_id,
}

struct ListDeadLetterDeedsResponse {
  1: required list<DeadLetterDeed> deeds,
}

// ---------------------------------------------------------------- delayed messages

struct DelayedMessage {
  1: required Message message,
  /** Not delivered before then, by the data node's clock. Any horizon; a time that has passed: at once. */
  2: required i64 due_us,
}

/** As ProducePartition; sequences are the producer's of delayed messages in this partition, apart from those of the log. */
struct SchedulePartition {
  1: required string topic,
  2: required i32 partition,
  3: required list<DelayedMessage> messages,
  4: optional i64 producer_id,
  5: optional i64 base_sequence,
}

struct ScheduleRequest {
  1: required list<SchedulePartition> partitions,
  2: optional string client_id,
  3: optional string cluster_id,
}

struct SchedulePartitionResult {
  1: required string topic,
  2: required i32 partition,
  /** Absent: stored, durably. */
  3: optional errors.LaneMqError error,
  /** One per message: what cancels it. */
  4: optional list<string> handles,
  /** How many had been stored before. */
  5: optional i32 duplicates,
}

struct ScheduleResponse {
  1: required list<SchedulePartitionResult> partitions,
}

enum CancelState {
  CANCELLED = 1,
  /** Its time has come and it is not there: delivered, unless it was cancelled before. */
  DELIVERED = 2,
  /** Its time has not come and it is not there: cancelled before, or never known. */
  NOT_FOUND = 3,
}

struct CancelRequest {
  /** At most 1,000. */
  1: required list<string> handles,
  2: optional string cluster_id,
}

struct CancelOne {
  1: required string handle,
  2: optional CancelState state,
  3: optional errors.LaneMqError error,
}

struct CancelResponse {
  1: required list<CancelOne> results,
}

struct ListDelayedRequest {
  1: required string topic,
  2: optional i32 partition,
  /** The last answer's `next_page`. */
  3: optional string after,
  4: optional i32 max_count,
  5: optional string cluster_id,
}

struct DelayedListing {
  1: required string handle,
  2: required i32 partition,
  3: required i64 due_us,
  4: required Message message,
}

struct ListDelayedResponse {
  1: required list<DelayedListing> messages,
  2: optional string next_page,
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
  /** Nobody writes to it or reads it. See TopicMetadata.deletion. */
  DELETING = 3,
}

/** A deleted topic whose messages, offsets, rights and name are kept: undeleteTopic brings it back. */
struct TopicDeletion {
  1: optional i64 deleted_at_us,
  /** Not removed for good before, unless somebody asks for it. */
  2: optional i64 purge_at_us,
  /** As the audit log names people and services. */
  3: optional string deleted_by,
}

struct PartitionMetadata {
  1: required i32 partition,
  2: required i64 node_id,
  3: required i32 schema_index,
  /** Absent when no broker is alive. */
  4: optional i32 preferred_broker_id,
}

/** What is known of a topic from samples, a few seconds old. What is absent is not known; it is not 0. */
struct TopicFigures {
  /** Messages per second that come in, of five minutes. */
  1: optional double in_rate,
  /** Offsets from the partitions' starts to their ends: the messages that can be read. */
  2: optional i64 stored_messages,
  /** That have an offset in it. */
  3: optional i32 groups,
  /** Of all groups; of each group the newest 20,000 of each data node are counted. */
  4: optional i64 dead_letters,
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
  /** The team that owns it. Of listTopics with include_figures alone; absent: nobody does. */
  8: optional string owner,
  /** Of listTopics with include_figures alone, by the metaserver on call. */
  9: optional TopicFigures figures,
  /** With DELETING: it can be brought back. Absent with DELETING: it is being removed for good. */
  10: optional TopicDeletion deletion,
  /** How many there are. Of listTopics with omit_partitions alone, where `partitions` is empty. */
  11: optional i32 partition_count,
  /** The data nodes that they are on, by id. As partition_count. */
  12: optional list<i64> node_ids,
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
  8: optional i64 started_at_us,
  /** What it alone does for the cluster at the moment: "on-call", "background-jobs". Of metaservers. */
  9: optional list<string> duties,
}

struct ServerInfoRequest {
  /** Over HTTP: which server is to answer, HOST:PORT as in the metadata; absent: any metaserver. Servers do not look. */
  1: optional string server,
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
  20: optional access.Origin origin,
}

struct TopicResponse {
  1: required TopicMetadata topic,
  2: optional i64 metadata_version,
}

struct ListTopicsRequest {
  /** With `owner` and `figures`. Only the metaserver on call has figures (findCoordinator with duty "on-call"). */
  1: optional bool include_figures,
  /** Those too that are deleted and can be brought back. Absent: false. */
  2: optional bool include_deleted,
  /** Without their partitions: for large clusters, of which these are most of the answer. Absent: false. */
  3: optional bool omit_partitions,
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
  20: optional access.Origin origin,
}

struct AddPartitionsRequest {
  1: required string name,
  /** The new total; it can only grow. Keys move to other partitions when it does. */
  2: required i32 partitions,
  20: optional access.Origin origin,
}

struct DeleteTopicRequest {
  1: required string name,
  /** Remove it for good, at once, also when it is deleted already and could be brought back.
   *  Absent: false. */
  2: optional bool purge_now,
  20: optional access.Origin origin,
}

struct DeleteTopicResponse {
  1: optional i64 metadata_version,
  /** undeleteTopic brings it back until then, at least. Absent: it is gone. */
  2: optional i64 purge_at_us,
}

struct UndeleteTopicRequest {
  1: required string name,
  20: optional access.Origin origin,
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
  /** User and password, encrypted with the cluster's key. In `catalog` alone. */
  15: optional binary sealed_credentials,
  /** Whether the servers' files are not what says how to sign in. */
  16: optional bool has_credentials,
  // Health, as 10 to 13.
  /** What the message and offset tables take on disk, by the server's statistics. */
  17: optional i64 disk_used_bytes,
  /** The server's clock minus the metaserver's. */
  18: optional i64 clock_ahead_us,
  /** "off"; "on, 1 replica"; "on, no replica": commits wait for nobody. */
  19: optional string semi_sync,
  20: optional i32 connections_max,
  21: optional i32 connections_used,
  /** For example "CREATE on lanemq_%": what servers need there and the account has not. */
  22: optional list<string> missing_rights,
  /** read_only or super_read_only: nothing can be written there. */
  23: optional bool is_read_only,
  /** The newest migration that its `_node` schema has had. */
  24: optional i32 schema_version,
  /** One statement and back. */
  25: optional i64 round_trip_us,
  /** Against what it should be; for people, one sentence each. */
  26: optional list<string> warnings,
  /** The account that answered, without its password. */
  27: optional string account,
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
  /** How servers sign in there; kept encrypted, never told again. Absent: as their files say. */
  7: optional string user,
  8: optional string password,
  20: optional access.Origin origin,
}

struct AlterDataNodeRequest {
  1: required string name,
  2: optional NodeState state,
  3: optional string host,
  4: optional i32 port,
  /** Both or neither. An empty user: as the servers' files say. */
  5: optional string user,
  6: optional string password,
  20: optional access.Origin origin,
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
  /** Only these; NOT_FOUND when one is not there. Absent: all. */
  2: optional list<string> names,
}

struct ListDataNodesResponse {
  1: required list<DataNode> nodes,
}

struct CheckCatalogRequest {
  /** Only these data nodes. Absent: all that are not disabled. */
  1: optional list<string> nodes,
  /** 1 to 10,000. Default 1,000. */
  2: optional i32 max_findings,
}
struct CatalogFinding {
  /** "table_missing", "table_orphaned", "state_row_missing", "state_row_orphaned", "partition_stuck", "offsets_orphaned", "schema_version", "node_unreachable". */
  1: required string kind,
  2: required string data_node,
  /** "schema.table", "topic/partition", a group: what it is about. */
  3: required string object,
  /** What is so, and what to do; one sentence each, for people. */
  4: required string detail,
  5: required string advice,
  6: optional i64 rows,
  /** Since the newest of them was written, or since the state was entered. */
  7: optional i64 age_us,
}
struct CheckCatalogResponse {
  1: required list<CatalogFinding> findings,
  /** False: there are more than max_findings, or the time was over. */
  2: required bool is_whole,
  3: required i32 nodes_checked,
  4: required i32 partitions_checked,
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
  20: optional access.Origin origin,
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
  /** Empty when a duty is asked for. */
  1: required string group,
  /** "on-call": which metaserver samples lag and sends alerts. */
  2: optional string duty,
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
  /** By describeGroup: since the application last called Poll(), as its newest heartbeat told. */
  12: optional i64 last_poll_age_ms,
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
  /** Since the application last called Poll(): tells a handler that hangs from one that waits. */
  5: optional i64 last_poll_age_ms,
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
  20: optional access.Origin origin,
}

struct DeleteGroupResponse {
}

// ---------------------------------------------------------------- outboxes

/** What relays tell of the outbox they empty. Times and counts are by its database; counts of rows stop at 100,000. */
struct OutboxReport {
  /** Unique in the cluster: 1 to 128 of [A-Za-z0-9._/@:-]. By default `schema@host:port`. */
  1: required string outbox,
  /** Of the relay's process. */
  2: required string relay,
  3: required i64 ready,
  4: required i64 held,
  5: required i64 dead,
  6: required i64 oldest_age_ms,
  7: required i32 relays,
  8: required i32 unowned_buckets,
  9: optional i64 holds,
  /** By this relay since it began. */
  10: optional i64 published,
  11: optional i64 failed,
  /** Of the last refusal or failure; absent: all is well. */
  12: optional string last_error,
  13: optional string version,
}

struct ReportOutboxRequest {
  1: required OutboxReport report,
  2: optional string cluster_id,
}

struct ReportOutboxResponse {
}

struct OutboxListing {
  1: required OutboxReport report,
  2: required i64 first_seen_us,
  3: required i64 reported_us,
  /** Since the last report, by the metadata database's clock. */
  4: required i64 silent_ms,
}

struct ListOutboxesRequest {
}

struct ListOutboxesResponse {
  1: required list<OutboxListing> outboxes,
}

struct ForgetOutboxRequest {
  1: required string outbox,
  20: optional access.Origin origin,
}

struct ForgetOutboxResponse {
}

// ---------------------------------------------------------------- retention

struct TrimPartition {
  1: required string topic,
  2: required i32 partition,
  /** The first offset that stays; at most the log's end. One of the two is set. */
  3: optional i64 before_offset,
  /** Everything older goes. */
  4: optional i64 before_us,
}

struct TrimRequest {
  /** 1 to 1,000. */
  1: required list<TrimPartition> partitions,
  /** Also what groups have not read, where the topic's `retention.unread` is "block". */
  2: optional bool lose_unread,
  /** Tell what would happen, change nothing. */
  3: optional bool dry_run,
  4: optional string requested_by,
  5: optional string reason,
  6: optional string cluster_id,
}

struct TrimPartitionResult {
  1: required string topic,
  2: required i32 partition,
  /** FAILED_PRECONDITION: groups have not read what would go. */
  3: optional errors.LaneMqError error,
  /** Below the new start a fetch is OFFSET_OUT_OF_RANGE; the rows follow within minutes. */
  4: optional i64 old_start,
  5: optional i64 new_start,
  /** Groups that had not read up to the new start. */
  6: optional list<string> groups_below,
}

struct TrimResponse {
  /** One per partition of the request, in its order. */
  1: required list<TrimPartitionResult> partitions,
}

// ---------------------------------------------------------------- on-call

struct GroupLagRequest {
  /** Absent: every group. */
  1: optional string group,
  2: optional string topic,
  /** With the partitions of each topic. */
  3: optional bool include_partitions,
  /** Worst first. Default 100, at most 10,000. */
  4: optional i32 max,
  /** Only with a verdict that is none of OK, NEW and PAUSED. */
  5: optional bool only_troubled,
}

/** Times are the data node's. */
struct PartitionLag {
  1: required i32 partition,
  /** OK NEW PAUSED WARN REWIND SLOW STALL STOP LOST, or UNKNOWN: no sample for 60 s. */
  2: required string status,
  3: required i64 lag_messages,
  4: required i64 lag_ms,
  /** -1: nothing committed. */
  5: required i64 committed,
  6: required i64 log_start,
  7: required i64 log_end,
  8: optional string member_id,
  /** When the committed offset was last written; and when it last moved. */
  9: optional i64 committed_us,
  10: optional i64 moved_us,
  /** Claims by other owners, and attempts of one record, since the offset moved. */
  11: optional i32 claims,
  12: optional i32 attempts,
  /** Set while paused; 0: until resumed. */
  13: optional i64 paused_until_us,
  14: optional string pause_reason,
  /** How far below an earlier commit it is, after a commit that went back. */
  15: optional i64 rewound_from,
  /** Rows that went unread (LOST). */
  16: optional i64 lost_messages,
  17: optional string node,
}

/** One group and one topic. */
struct TopicLag {
  1: required string group,
  2: required string topic,
  /** The worst of its partitions. */
  3: required string status,
  /** Absent unless something is wrong: NO_MEMBERS NOT_POLLING POISON TOO_FEW_PARTITIONS THROTTLED DATA_NODE_SLOW PRODUCER_SURGE REBALANCING UNKNOWN. */
  4: optional string cause,
  /** One sentence for people: what is known about the cause. */
  5: optional string evidence,
  6: optional i64 since_us,
  7: required i64 lag_messages,
  8: required i64 lag_ms,
  9: required i64 objective_ms,
  10: required i32 members,
  /** Messages per second, of five minutes. */
  11: required double in_rate,
  12: required double out_rate,
  /** Absent: it does not drain. */
  13: optional i64 drain_ms,
  /** Until retention reaches what is unread; absent: it does not. */
  14: optional i64 headroom_ms,
  15: optional string owner,
  16: optional string tier,
  17: optional bool alerts_on,
  18: optional list<PartitionLag> partitions,
  19: optional i32 partition_count,
  20: optional i32 troubled_partitions,
}

struct GroupLagResponse {
  1: required list<TopicLag> topics,
  /** All there are, before max. */
  2: required i64 total,
  /** The oldest round that this is of, and its age. */
  3: required i64 sampled_us,
  4: required i64 age_ms,
  /** Data nodes whose last round failed; what is told of them is older. */
  5: optional list<string> stale_nodes,
}

struct SummarizeDeadLettersRequest {
}

/** Dead letters of one group that are of one topic. */
struct GroupDeadLetters {
  1: required string group,
  2: required string topic,
  /** Of the newest 20,000 of the group on each data node. */
  3: required i64 letters,
  /** Of these, of the last ten minutes. */
  4: required i64 recent,
  /** When the newest of them was given up; the data node's time. */
  5: optional i64 newest_us,
  /** The team that owns the group; absent: nobody does. */
  6: optional string owner,
}

struct SummarizeDeadLettersResponse {
  /** Of the groups that the caller may describe, by group and topic; those without dead letters are not there. */
  1: required list<GroupDeadLetters> groups,
  /** Of the oldest reading that this is of. */
  2: required i64 age_ms,
  /** Data nodes of which not all is known: they were not read of late, or more than 1,000 groups have dead letters there. */
  3: optional list<string> unknown_nodes,
}

struct LagHistoryRequest {
  1: required string group,
  2: required string topic,
  3: required i64 from_us,
  4: required i64 until_us,
  /** At most 2,000; the server chooses the resolution that fits. Default 300. */
  5: optional i32 max_points,
}

struct LagPoint {
  1: required i64 at_us,
  2: required i64 lag_messages,
  3: required i64 lag_messages_max,
  4: required i64 lag_ms_max,
  5: required i64 produced,
  6: required i64 consumed,
  7: required i32 members,
  8: required string worst_status,
}

struct LagHistoryResponse {
  1: required list<LagPoint> points,
  2: required i64 step_ms,
}

/** What a group promises on a topic; the most specific of (group, topic), (group, *) and (*, *) counts. */
struct LagObjective {
  /** "*": all. */
  1: required string group,
  2: required string topic,
  /** Age of the oldest unread message that is still fine. Default 60,000. */
  3: optional i64 objective_ms,
  /** Lag up to this is none. Default 0. */
  4: optional i64 allowed_messages,
  /** Who is told: a team or a person, as the routes of channels know it. '': the platform. */
  5: optional string owner,
  /** "page" or "ticket": how urgent SLOW is. */
  6: optional string tier,
  7: optional bool alerts_on,
  8: optional string updated_by,
  9: optional i64 updated_us,
}

struct SetLagObjectiveRequest {
  /** Fields that are not set keep their value. */
  1: required LagObjective objective,
  2: optional bool remove,
  20: optional access.Origin origin,
}

struct ListLagObjectivesRequest {
}

struct LagObjectivesResponse {
  1: required list<LagObjective> objectives,
}

/** A rule that fires. The kinds and their thresholds are in docs/OPERATING.md. */
struct Alert {
  /** One incident has one id, from its beginning to its recovery. */
  1: required string incident,
  2: required string kind,
  /** What it is about: "group billing, topic orders", "node n1". */
  3: required string subject,
  /** pending, firing, resolved. */
  4: required string state,
  /** page or ticket. */
  5: required string severity,
  6: required string owner,
  7: required string summary,
  8: optional string cause,
  9: required i64 since_us,
  10: optional i64 fired_us,
  11: optional i64 resolved_us,
  12: optional bool is_silenced,
  13: optional string silence_reason,
  14: optional i64 silenced_until_us,
  /** Another alert that explains this one; no notice is sent. */
  15: optional string inhibited_by,
  16: optional string runbook,
}

struct ListAlertsRequest {
  /** Also those that were resolved within the last days, at most 90. Default 0. */
  1: optional i32 resolved_days,
  2: optional string owner,
  /** Default 500, at most 5,000. */
  3: optional i32 max,
}

struct ListAlertsResponse {
  1: required list<Alert> alerts,
}

struct AlertEvent {
  1: required i64 at_us,
  2: required string incident,
  /** pending, fired, reminded, resolved, silenced, delivered, delivery_failed, … */
  3: required string what,
  4: required string detail,
}

struct ListAlertEventsRequest {
  /** Absent: of all, newest first. */
  1: optional string incident,
  /** Default 100, at most 1,000. */
  2: optional i32 max,
}

struct ListAlertEventsResponse {
  1: required list<AlertEvent> events,
}

/** A rule's settings; those that are not set are the built-in ones. */
struct AlertRule {
  1: required string kind,
  2: optional bool is_on,
  /** In the unit of the kind. */
  3: optional double threshold,
  /** How long it must be true. */
  4: optional i64 for_ms,
  5: optional string severity,
  6: optional string owner,
  /** What threshold means, for people. Set by the server. */
  7: optional string meaning,
}

struct SetAlertRuleRequest {
  1: required AlertRule rule,
  /** Back to the built-in settings. */
  2: optional bool reset,
  3: optional string updated_by,
  20: optional access.Origin origin,
}

struct ListAlertRulesRequest {
}

struct AlertRulesResponse {
  1: required list<AlertRule> rules,
}

/** Where notices go. */
struct AlertChannel {
  1: required string name,
  /** webhook, slack, feishu, dingtalk, email or alertmanager. */
  2: required string type,
  /** http(s)://…; smtp(s)://host:port for email. */
  3: required string url,
  /** Of email: addresses. */
  4: optional list<string> recipients,
  5: optional string sender,
  /** Owners whose alerts go here; empty: all. */
  6: optional list<string> owners,
  /** "page": pages alone; "ticket": all. */
  7: optional string severity,
  /** A file on the metaservers with the bearer token or the password. */
  8: optional string secret_file,
  9: optional string user,
  10: optional bool is_on,
  /** Set by the server: how its deliveries go. */
  11: optional i64 last_delivered_us,
  12: optional string last_error,
  13: optional i32 queued,
}

struct SetAlertChannelRequest {
  1: required AlertChannel channel,
  2: optional bool remove,
  3: optional string updated_by,
  20: optional access.Origin origin,
}

struct ListAlertChannelsRequest {
}

struct AlertChannelsResponse {
  1: required list<AlertChannel> channels,
}

struct TestAlertChannelRequest {
  1: required string name,
  2: optional string requested_by,
  20: optional access.Origin origin,
}

struct TestAlertChannelResponse {
  1: required bool is_delivered,
  /** What the other side answered, or why it could not be reached. */
  2: required string answer,
  3: required i64 took_ms,
}

/** No notices until then; states go on, and what still fires is told when it ends. */
struct AlertSilence {
  1: required i64 id,
  /** "*" matches anything; "group billing*". */
  2: required string kind,
  3: required string subject,
  4: required i64 until_us,
  5: required string reason,
  6: required string created_by,
  7: required i64 created_us,
}

struct SilenceAlertRequest {
  1: required string kind,
  2: required string subject,
  /** 1 minute to 30 days. */
  3: required i64 for_ms,
  4: required string reason,
  5: required string created_by,
  20: optional access.Origin origin,
}

struct EndSilenceRequest {
  1: required i64 id,
  2: optional string requested_by,
  20: optional access.Origin origin,
}

struct ListSilencesRequest {
}

struct SilencesResponse {
  1: required list<AlertSilence> silences,
}

/** Counts are of this instance since it began. */
struct CanaryReport {
  /** Of the canary's process. */
  1: required string instance,
  2: required string node,
  3: required i64 ok,
  /** Back, but more than a second after it was sent. */
  4: required i64 late,
  /** Acknowledged, and not back within 30 s. */
  5: required i64 lost,
  6: required i64 duplicates,
  7: required i64 produce_errors,
  /** Of the last minute. */
  8: required i64 p50_us,
  9: required i64 p99_us,
  /** Since a message last came back. */
  10: required i64 last_ok_age_ms,
  11: optional string last_error,
}

struct ReportCanaryRequest {
  1: required list<CanaryReport> reports,
  2: optional string cluster_id,
}

struct ReportCanaryResponse {
}

struct CanaryListing {
  1: required CanaryReport report,
  2: required i64 reported_us,
  3: required i64 silent_ms,
}

struct ListCanariesRequest {
}

struct ListCanariesResponse {
  1: required list<CanaryListing> canaries,
}

/** A request or a statement that took long. */
struct SlowCall {
  1: required i64 at_us,
  /** The method, or the statement's name. */
  2: required string what,
  3: required i64 took_ms,
  4: optional string request_id,
  /** Topic, partition, group, rows: what tells it from others. Never bodies. */
  5: optional string detail,
  6: optional string peer,
  /** "request" or "sql". */
  7: required string kind,
}

struct SlowCallsRequest {
  /** Default 50, at most 200. */
  1: optional i32 max,
  /** Over HTTP: which server is to answer, HOST:PORT as in the metadata; absent: any metaserver. Servers do not look. */
  2: optional string server,
}

struct SlowCallsResponse {
  /** Newest first. */
  1: required list<SlowCall> calls,
  2: required i64 request_threshold_ms,
  3: required i64 sql_threshold_ms,
}

// ---------------------------------------------------------------- services

/** What both kinds of server answer, so a client may bootstrap from any of them. */
service Common {
  MetadataResponse metadata(1: MetadataRequest request) throws (1: errors.LaneMqError error),
  ServerInfo serverInfo(1: ServerInfoRequest request) throws (1: errors.LaneMqError error),
  /** The first call of a connection, unless its certificate says who is there; with authentication off it
   *  does nothing. Requests may be sent behind it at once. AUTHENTICATION_FAILED: nothing more is
   *  served on this connection. */
  access.AuthenticateResponse authenticate(1: access.AuthenticateRequest request) throws (1: errors.LaneMqError error),
  /** What took long on this server, from memory. */
  SlowCallsResponse slowCalls(1: SlowCallsRequest request) throws (1: errors.LaneMqError error),
  /** What this server was started with. */
  servers.ServerSettingsResponse serverSettings(1: servers.ServerSettingsRequest request) throws (1: errors.LaneMqError error),
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
  /** Reads rows one after the other, within limits, oldest first, one partition after the other. THROTTLED: too many searches at once. */
  SearchMessagesResponse searchMessages(1: search.SearchMessagesRequest request) throws (1: errors.LaneMqError error),
  /** Where a message is, without its content: in the log or out of it, and how far each group is
   *  with it. Messages that are not there are told of, too. */
  trace.TraceMessageResponse traceMessage(1: trace.TraceMessageRequest request) throws (1: errors.LaneMqError error),

  /** A new owner before it reads: raises the partitions' generation and answers their committed offsets. */
  ClaimPartitionsResponse claimPartitions(1: ClaimPartitionsRequest request) throws (1: errors.LaneMqError error),
  ResetOffsetsResponse resetOffsets(1: ResetOffsetsRequest request) throws (1: errors.LaneMqError error),
  /** Newest first. */
  ListOffsetResetsResponse listOffsetResets(1: ListOffsetResetsRequest request) throws (1: errors.LaneMqError error),
  /** Pauses and resumes. */
  PauseGroupResponse pauseGroup(1: PauseGroupRequest request) throws (1: errors.LaneMqError error),
  DeleteOffsetsResponse deleteOffsets(1: DeleteOffsetsRequest request) throws (1: errors.LaneMqError error),

  /** Repeat it on any retriable error: harmless. */
  SettleResponse settle(1: SettleRequest request) throws (1: errors.LaneMqError error),
  /** The due retries of partitions the caller owns, each leased to it. */
  FetchRetriesResponse fetchRetries(1: FetchRetriesRequest request) throws (1: errors.LaneMqError error),
  /** On every data node; the first that fails is thrown: repeat it. */
  SetGroupPolicyResponse setGroupPolicy(1: SetGroupPolicyRequest request) throws (1: errors.LaneMqError error),
  GroupPoliciesResponse groupPolicies(1: GroupPoliciesRequest request) throws (1: errors.LaneMqError error),
  ListDeadLettersResponse listDeadLetters(1: ListDeadLettersRequest request) throws (1: errors.LaneMqError error),
  CountDeadLettersResponse countDeadLetters(1: CountDeadLettersRequest request) throws (1: errors.LaneMqError error),
  DropDeadLettersResponse dropDeadLetters(1: DropDeadLettersRequest request) throws (1: errors.LaneMqError error),
  /** Begins a redrive; brokers carry it out in the background. */
  RedriveResponse redrive(1: RedriveRequest request) throws (1: errors.LaneMqError error),
  /** Newest first. */
  RedriveResponse listRedrives(1: ListRedrivesRequest request) throws (1: errors.LaneMqError error),
  /** What was moved stays moved. */
  RedriveResponse cancelRedrive(1: CancelRedriveRequest request) throws (1: errors.LaneMqError error),
  /** NOT_FOUND when it is no dead letter (any more). */
  RedriveEditedResponse redriveEdited(1: RedriveEditedRequest request) throws (1: errors.LaneMqError error),
  /** Newest first. */
  ListDeadLetterDeedsResponse listDeadLetterDeeds(1: ListDeadLetterDeedsRequest request) throws (1: errors.LaneMqError error),
  /** As produce, for messages with a due time. */
  ScheduleResponse schedule(1: ScheduleRequest request) throws (1: errors.LaneMqError error),
  CancelResponse cancelDelayed(1: CancelRequest request) throws (1: errors.LaneMqError error),
  /** By due time within partitions. */
  ListDelayedResponse listDelayed(1: ListDelayedRequest request) throws (1: errors.LaneMqError error),
  /** Moves log starts forward, at once and for good. Any broker. */
  TrimResponse trim(1: TrimRequest request) throws (1: errors.LaneMqError error),
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
  /** Brokers refuse the topic from now on. It is kept for the metaservers' --topic-undelete-retention
   *  and holds its name; then it is removed for good. UNKNOWN_TOPIC_OR_PARTITION when it is deleted
   *  already. */
  DeleteTopicResponse deleteTopic(1: DeleteTopicRequest request) throws (1: errors.LaneMqError error),
  /** The topic as it was: messages, offsets of groups, failed and delayed messages, owner, grants.
   *  One that is not deleted is returned as it is. FAILED_PRECONDITION: it is being removed for good. */
  TopicResponse undeleteTopic(1: UndeleteTopicRequest request) throws (1: errors.LaneMqError error),

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

  /** A relay tells how its outbox is; the newest report of each outbox is kept. */
  ReportOutboxResponse reportOutbox(1: ReportOutboxRequest request) throws (1: errors.LaneMqError error),
  /** By name. From the stored rows: any metaserver. */
  ListOutboxesResponse listOutboxes(1: ListOutboxesRequest request) throws (1: errors.LaneMqError error),
  /** It is listed again when a relay reports it. NOT_FOUND: no such outbox. */
  ForgetOutboxResponse forgetOutbox(1: ForgetOutboxRequest request) throws (1: errors.LaneMqError error),

  // Lag and verdicts are in the memory of one metaserver: NOT_COORDINATOR elsewhere (findCoordinator with duty "on-call").
  GroupLagResponse groupLag(1: GroupLagRequest request) throws (1: errors.LaneMqError error),
  /** Of all groups, as they were counted a quarter of a minute ago at most; so, of one metaserver. */
  SummarizeDeadLettersResponse summarizeDeadLetters(1: SummarizeDeadLettersRequest request) throws (1: errors.LaneMqError error),
  /** From the stored rows: any metaserver, as all that follow. */
  LagHistoryResponse lagHistory(1: LagHistoryRequest request) throws (1: errors.LaneMqError error),
  LagObjectivesResponse setLagObjective(1: SetLagObjectiveRequest request) throws (1: errors.LaneMqError error),
  LagObjectivesResponse listLagObjectives(1: ListLagObjectivesRequest request) throws (1: errors.LaneMqError error),
  ListAlertsResponse listAlerts(1: ListAlertsRequest request) throws (1: errors.LaneMqError error),
  ListAlertEventsResponse listAlertEvents(1: ListAlertEventsRequest request) throws (1: errors.LaneMqError error),
  AlertRulesResponse setAlertRule(1: SetAlertRuleRequest request) throws (1: errors.LaneMqError error),
  AlertRulesResponse listAlertRules(1: ListAlertRulesRequest request) throws (1: errors.LaneMqError error),
  AlertChannelsResponse setAlertChannel(1: SetAlertChannelRequest request) throws (1: errors.LaneMqError error),
  AlertChannelsResponse listAlertChannels(1: ListAlertChannelsRequest request) throws (1: errors.LaneMqError error),
  /** Sends a notice that says it is a test, and waits for the answer. */
  TestAlertChannelResponse testAlertChannel(1: TestAlertChannelRequest request) throws (1: errors.LaneMqError error),
  SilencesResponse silenceAlert(1: SilenceAlertRequest request) throws (1: errors.LaneMqError error),
  SilencesResponse endSilence(1: EndSilenceRequest request) throws (1: errors.LaneMqError error),
  SilencesResponse listSilences(1: ListSilencesRequest request) throws (1: errors.LaneMqError error),
  ReportCanaryResponse reportCanary(1: ReportCanaryRequest request) throws (1: errors.LaneMqError error),
  ListCanariesResponse listCanaries(1: ListCanariesRequest request) throws (1: errors.LaneMqError error),

  // Who may do what. Changes answer the list that they changed, as it then is; deletions that find nothing are NOT_FOUND.
  access.TeamsResponse putTeam(1: access.PutTeamRequest request) throws (1: errors.LaneMqError error),
  access.TeamsResponse deleteTeam(1: access.DeleteTeamRequest request) throws (1: errors.LaneMqError error),
  access.TeamsResponse listTeams(1: access.ListTeamsRequest request) throws (1: errors.LaneMqError error),
  access.ServicesResponse putService(1: access.PutServiceRequest request) throws (1: errors.LaneMqError error),
  access.ServicesResponse deleteService(1: access.DeleteServiceRequest request) throws (1: errors.LaneMqError error),
  access.ServicesResponse listServices(1: access.ListServicesRequest request) throws (1: errors.LaneMqError error),
  /** Not repeatable: after OUTCOME_UNKNOWN look for it with listTokens, and revoke it. */
  access.IssueTokenResponse issueToken(1: access.IssueTokenRequest request) throws (1: errors.LaneMqError error),
  access.TokensResponse revokeToken(1: access.RevokeTokenRequest request) throws (1: errors.LaneMqError error),
  access.TokensResponse listTokens(1: access.ListTokensRequest request) throws (1: errors.LaneMqError error),
  access.GrantsResponse putGrant(1: access.PutGrantRequest request) throws (1: errors.LaneMqError error),
  access.GrantsResponse deleteGrant(1: access.DeleteGrantRequest request) throws (1: errors.LaneMqError error),
  access.GrantsResponse listGrants(1: access.ListGrantsRequest request) throws (1: errors.LaneMqError error),
  /** To be repeated: it says whose, not what changes. */
  access.OwnersResponse setOwner(1: access.SetOwnerRequest request) throws (1: errors.LaneMqError error),
  access.OwnersResponse listOwners(1: access.ListOwnersRequest request) throws (1: errors.LaneMqError error),
  access.ExplainAccessResponse explainAccess(1: access.ExplainAccessRequest request) throws (1: errors.LaneMqError error),
  /** For services of kind "server". */
  access.AccessBookResponse accessBook(1: access.AccessBookRequest request) throws (1: errors.LaneMqError error),
  access.SearchAuditResponse searchAudit(1: access.SearchAuditRequest request) throws (1: errors.LaneMqError error),
  access.TopicHistoryResponse topicHistory(1: access.TopicHistoryRequest request) throws (1: errors.LaneMqError error),
  /** What somebody should tidy up: grants that end, owners that are gone, topics that nobody uses. */
  access.ListHygieneResponse listHygiene(1: access.ListHygieneRequest request) throws (1: errors.LaneMqError error),

  // People and sessions. listPeople shows e-mail addresses and locks to operators alone.
  governance.PeopleResponse putPerson(1: governance.PutPersonRequest request) throws (1: errors.LaneMqError error),
  governance.PeopleResponse deletePerson(1: governance.DeletePersonRequest request) throws (1: errors.LaneMqError error),
  governance.PeopleResponse listPeople(1: governance.ListPeopleRequest request) throws (1: errors.LaneMqError error),
  /** Everybody may set his own, admins everybody's. */
  governance.SetPasswordResponse setPassword(1: governance.SetPasswordRequest request) throws (1: errors.LaneMqError error),
  /** AUTHENTICATION_FAILED: one message whatever was wrong. THROTTLED: too many attempts, of this address or for this name. */
  governance.SessionResponse signIn(1: governance.SignInRequest request) throws (1: errors.LaneMqError error),
  governance.SessionResponse openSession(1: governance.OpenSessionRequest request) throws (1: errors.LaneMqError error),
  governance.SignOutResponse signOut(1: governance.SignOutRequest request) throws (1: errors.LaneMqError error),

  // Policy, and requests for changes.
  governance.PolicyResponse getPolicy(1: governance.GetPolicyRequest request) throws (1: errors.LaneMqError error),
  governance.PolicyResponse putPolicy(1: governance.PutPolicyRequest request) throws (1: errors.LaneMqError error),
  /** POLICY_VIOLATION never: a bundle that is refused is answered with the decision, and nothing is kept. */
  governance.ChangeRequestResponse proposeChange(1: governance.ProposeChangeRequest request) throws (1: errors.LaneMqError error),
  governance.ChangeRequestResponse actOnChange(1: governance.ActOnChangeRequest request) throws (1: errors.LaneMqError error),
  governance.ChangeRequestResponse describeChange(1: governance.DescribeChangeRequest request) throws (1: errors.LaneMqError error),
  governance.ListChangesResponse listChanges(1: governance.ListChangesRequest request) throws (1: errors.LaneMqError error),
  governance.GovernedStateResponse governedState(1: governance.GovernedStateRequest request) throws (1: errors.LaneMqError error),
  governance.ProposeSizeResponse proposeSize(1: governance.ProposeSizeRequest request) throws (1: errors.LaneMqError error),

  /** Compares the catalogue with what data nodes have; changes nothing. May take 20 s. */
  CheckCatalogResponse checkCatalog(1: CheckCatalogRequest request) throws (1: errors.LaneMqError error),
  /** Whether the data nodes are too few, or more than it takes; by tables, and by bytes where these are known. */
  servers.AdviseCapacityResponse adviseCapacity(1: servers.AdviseCapacityRequest request) throws (1: errors.LaneMqError error),
  /** Which partitions are on which data nodes, from memory. */
  servers.ListPlacementsResponse listPlacements(1: servers.ListPlacementsRequest request) throws (1: errors.LaneMqError error),

  // Quotas.
  governance.QuotasResponse listQuotas(1: governance.ListQuotasRequest request) throws (1: errors.LaneMqError error),
  governance.QuotasResponse putQuota(1: governance.PutQuotaRequest request) throws (1: errors.LaneMqError error),
  governance.QuotasResponse setQuotaMode(1: governance.SetQuotaModeRequest request) throws (1: errors.LaneMqError error),

  // Partitions that move between data nodes.
  /** Begins moves; metaservers carry them out in the background. Repeat it after any error. */
  moves.MovePartitionsResponse movePartitions(1: moves.MovePartitionsRequest request) throws (1: errors.LaneMqError error),
  moves.ListMovesResponse listMoves(1: moves.ListMovesRequest request) throws (1: errors.LaneMqError error),
  /** What was copied is dropped, and the partition stays where it is. */
  moves.CancelMovesResponse cancelMoves(1: moves.CancelMovesRequest request) throws (1: errors.LaneMqError error),
}
