// Who decides: people and their sessions, policy, requests for changes, quotas.
// Calls are in ControlPlane (lanemq.thrift); rules in docs/adr/20261122_who_may_do_what.md and 20261122_who_decides.md.
// Policies and bundles are JSON documents; common/core/policy reads and writes them, and docs/reference has their fields.

namespace cpp lanemq.idl
namespace py lanemq.governance
namespace js lanemq.idl
namespace java io.lanemq.idl

include "access.thrift"

// ---------------------------------------------------------------- people

struct Person {
  1: required string name,
  /** For people; at most 200 bytes. */
  2: optional string display_name,
  /** At most 254 bytes. */
  3: optional string email,
  /** "viewer" (default), "operator", "admin". */
  4: optional string role,
  /** Neither passwords, nor sessions, nor tokens of his count meanwhile. */
  5: optional bool disabled,
  /** What the provider of identities calls him ("sub"). Absent: he signs in with a password. */
  6: optional string oidc_subject,
  // Told, never taken:
  7: optional bool must_change_password,
  8: optional i64 created_at_us,
  9: optional i64 last_sign_in_at_us,
  /** After too many wrong passwords. */
  10: optional i64 locked_until_us,
}
struct PutPersonRequest {
  /** Made, or changed as a whole; teams name their members themselves. */
  1: required Person person,
  2: optional access.Origin origin,
}
struct DeletePersonRequest {
  /** With password, sessions, tokens and places in teams. FAILED_PRECONDITION: the last admin. */
  1: required string name,
  2: optional access.Origin origin,
}
struct ListPeopleRequest {
}
struct PeopleResponse {
  /** By name. */
  1: required list<Person> people,
}
struct SetPasswordRequest {
  1: required string name,
  /** 12 to 256 bytes. */
  2: required string new_password,
  /** His own: needed. Of somebody else's: absent, and the new one must be changed at the first sign-in. */
  3: optional string current_password,
  /** Also lifts a lock. All his sessions end, but the caller's. */
  4: optional access.Origin origin,
}
struct SetPasswordResponse {
}

// ---------------------------------------------------------------- sessions

/** On a connection that has not said who it is, or a gateway's. */
struct SignInRequest {
  1: required string name,
  2: required string password,
  /** 60 to 2,592,000. Default 43,200 (12 h). */
  3: optional i64 lifetime_s,
  /** Of a gateway alone: its client's. */
  4: optional string client_address,
}
/** Of gateways alone, which have looked at the provider's proof. NOT_FOUND: nobody has this subject. */
struct OpenSessionRequest {
  1: required string oidc_subject,
  2: optional i64 lifetime_s,
  3: optional string client_address,
}
struct SessionResponse {
  /** The whole token. Told this once. */
  1: required string token,
  2: required Person person,
  3: required i64 expires_at_us,
}
/** Ends the caller's session, which he is on the connection by. */
struct SignOutRequest {
}
struct SignOutResponse {
}

// ---------------------------------------------------------------- policy

struct GetPolicyRequest {
}
struct PutPolicyRequest {
  /** As a whole. INVALID_CONFIG names every fault. */
  1: required string policy_json,
  /** Refused with CONFLICT when it is not this one any more. */
  2: optional i64 if_version,
  3: optional access.Origin origin,
}
struct PolicyResponse {
  /** With every field. */
  1: required string policy_json,
  /** 0: nobody has set one; everything the cluster can do is allowed. */
  2: required i64 version,
}

// ---------------------------------------------------------------- requests for changes

struct Violation {
  /** Its place in the bundle; absent: of the whole bundle. */
  1: optional i32 change,
  /** "topic orders.paid". */
  2: required string subject,
  3: required string field,
  4: required string limit,
  5: required string got,
  6: required string why,
  /** What the field should have instead. */
  7: optional string fix,
}
/** What a bundle comes to; negative: less than before. */
struct Cost {
  1: required i64 partitions,
  2: required i64 messages_per_day,
  3: required i64 stored_bytes,
}
struct Decision {
  /** "apply", "needs_approval", "refuse". */
  1: required string kind,
  2: required list<Violation> violations,
  /** "leads of payments", "operators", "admins": all of them must agree. */
  3: required list<string> approvers,
  4: optional bool is_break_glass,
  5: required Cost cost,
  /** Refused: the bundle with every fix; absent: fixes are not enough. */
  6: optional string fixed_bundle_json,
}
struct Approval {
  1: required string approver,
  /** "person:ann". */
  2: required string by,
  3: required i64 at_us,
}
struct ChangeRequest {
  1: required i64 id,
  2: required string author,
  3: required string title,
  /** "draft", "pending", "approved", "applying", "applied", "failed", "undone", "declined", "withdrawn", "expired". */
  4: required string state,
  /** Rises with each change of it. */
  5: required i64 version,
  /** Absent in lists. */
  6: optional string bundle_json,
  7: required list<string> approvers,
  8: required list<Approval> approvals,
  /** Of `approvers`. */
  9: required list<string> missing,
  /** Why it was declined, withdrawn, failed or undone. */
  10: optional string reason,
  11: optional string break_glass_reason,
  12: required i64 created_at_us,
  13: required i64 changed_at_us,
  14: optional i64 expires_at_us,
  /** While it is applied, and afterwards. */
  15: optional i32 steps_done,
  16: optional i32 steps,
  17: optional string last_error,
  18: required i32 changes,
  /** Of pending ones, when they are listed and described: the caller's yes is asked for and missing. */
  19: optional bool can_decide,
  /** Why not: "own_request", "not_asked", "has_agreed" (he may still decline), "expired". Absent when he can. */
  20: optional string cannot_decide,
}
struct ProposeChangeRequest {
  /** {"changes": [...]}, at most 5,000 of them and 4 MiB. */
  1: required string bundle_json,
  /** At most 200 bytes. */
  2: optional string title,
  /** False: stays a draft. Default true. */
  3: optional bool submit,
  /** Nothing is kept: only the decision. */
  4: optional bool dry_run,
  /** At most 100 bytes. The same one of the same author within a day: the request it made is the answer. */
  5: optional string idempotency_key,
  /** Operators and admins alone: nobody is waited for, and those whose yes it needed are told. */
  6: optional string break_glass_reason,
  /** Wait so long for it to be applied. 0 (default) to 60,000; by HTTP at most 20,000. */
  7: optional i32 wait_ms,
  8: optional access.Origin origin,
}
struct ActOnChangeRequest {
  1: required i64 id,
  /** "edit", "submit", "approve", "decline", "withdraw", "break_glass", "give_up". */
  2: required string deed,
  3: optional string reason,
  /** Of "edit". */
  4: optional string bundle_json,
  5: optional string title,
  /** Refused with CONFLICT when it is not this one any more. Needed by "approve" and "break_glass". */
  6: optional i64 if_version,
  /** As of ProposeChangeRequest. */
  7: optional i32 wait_ms,
  8: optional access.Origin origin,
}
struct ChangeRequestResponse {
  /** Absent after a dry run, and when it was refused. */
  1: optional ChangeRequest request,
  /** Of this moment; of drafts, dry runs and what is submitted; of pending ones when they are described, if all that it takes could be read. */
  2: optional Decision decision,
}
struct DescribeChangeRequest {
  1: required i64 id,
}
/** Newest first. Filters that are there must all hold. Everybody sees all of them. */
struct ListChangesRequest {
  1: optional list<string> states,
  2: optional string author,
  /** That this person may say yes to, and has not. */
  3: optional string waits_for,
  /** Default 100, at most 1,000. */
  4: optional i32 max,
  5: optional i64 before_id,
}
struct ListChangesResponse {
  1: required list<ChangeRequest> requests,
  2: required bool has_more,
}

/** What there is, as the bundle that would make it. */
struct GovernedStateRequest {
  /** "topic", "group", "grant", "team", "quota"; absent: all. */
  1: optional list<string> kinds,
  2: optional list<string> names,
  /** What this team owns, grants on that, grants to it and to its services, itself, and its quota. */
  3: optional string team,
  /** Of names. */
  4: optional string prefix,
}
struct GovernedStateResponse {
  /** {"changes": [...]}: create_topic, put_group, put_grant, put_team, set_quota; sorted. */
  1: required string bundle_json,
}

/** Partitions and bytes for so many messages. */
struct ProposeSizeRequest {
  1: required i64 messages_per_day,
  2: required i64 message_bytes,
  /** "none", "per_key", "all". */
  3: optional string ordering,
  4: optional i64 retention_ms,
}
struct ProposeSizeResponse {
  1: required i32 partitions,
  2: required Cost cost,
  /** Sentences: why, and what to think of. */
  3: required list<string> notes,
}

// ---------------------------------------------------------------- quotas

struct TeamQuotaUse {
  1: required access.TeamQuota quota,
  2: required i64 topics,
  3: required i64 partitions,
  /** As estimated from what was said of the topics' traffic. */
  4: required i64 stored_bytes,
}
struct ListQuotasRequest {
  1: optional string team,
}
struct PutQuotaRequest {
  /** As a whole. */
  1: required access.TeamQuota quota,
  2: optional access.Origin origin,
}
struct SetQuotaModeRequest {
  /** "off", "log" (counted, served), "enforce". Brokers follow within seconds. */
  1: required string mode,
  2: optional access.Origin origin,
}
struct QuotasResponse {
  /** Of every team, by name. */
  1: required list<TeamQuotaUse> teams,
  2: required string mode,
}
