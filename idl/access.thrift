// Who may do what: identities, tokens, teams, grants, owners, and the audit log.
// Calls are in ControlPlane and Common (lanemq.thrift); rules in docs/adr/20261122_who_may_do_what.md.
// Names of teams, services and people: 1 to 100 bytes of a-z, 0-9, `-`, `_`, `.`, beginning with a
// letter. Actions: "describe", "produce", "consume", "peek", "manage".

namespace cpp lanemq.idl
namespace py lanemq.access
namespace js lanemq.idl
namespace java io.lanemq.idl

// ---------------------------------------------------------------- who is calling

/** The first call of a connection. */
struct AuthenticateRequest {
  /** "lmq_<id>_<secret>". */
  1: required string token,
  /** Of a gateway that calls for somebody else: its own token, of a service of kind "gateway"; else AUTHENTICATION_FAILED. */
  2: optional string gateway_token,
  /** With gateway_token: where its client is, for the audit log; at most 64 bytes. */
  3: optional string client_address,
}

/** A person's place in a team. */
struct Seat {
  1: required string team,
  /** "member" or "lead". */
  2: required string role,
}

struct AuthenticateResponse {
  /** "service:billing", "person:ann". */
  1: required string principal,
  /** The service's team; absent: none. */
  2: optional string team,
  3: optional i64 expires_at_us,
  /** A person's: "viewer", "operator", "admin". A service's: its kind. */
  4: optional string role,
  /** A person's, by team. */
  5: optional list<Seat> seats,
  /** Until he has set a password of his own, a person may do that and nothing else. */
  6: optional bool must_change_password,
}

/** Why a change is made, and for whom. On changes of the control plane; for the audit log. */
struct Origin {
  /** What the person who changes it says; at most 500 bytes. */
  1: optional string reason,
  /** "person:ann". Of a gateway alone: from anybody else CLUSTER_AUTHORIZATION_FAILED. */
  2: optional string on_behalf_of,
  /** The gateway's client, "address". Of a gateway alone, as above. */
  3: optional string source_address,
}

// ---------------------------------------------------------------- teams and services

struct TeamMember {
  /** The person's name. */
  1: required string person,
  /** "member" or "lead". */
  2: required string role,
}

struct Team {
  1: required string name,
  2: optional string description,
  /** Whom alerts go to: an alert channel's name. */
  3: optional string oncall_route,
  /** At most 500. */
  4: optional list<TeamMember> members,
  /** Told by listTeams, never taken: another one whenever something else stands here. */
  5: optional i64 version,
}

struct PutTeamRequest {
  /** Made, or changed as a whole. */
  1: required Team team,
  2: optional Origin origin,
  /** Refused with CONFLICT when the team has not this version any more; 0: when there is one. Equal ones change nothing. */
  3: optional i64 if_version,
}
struct DeleteTeamRequest {
  /** FAILED_PRECONDITION while it has services, owns something or has grants. */
  1: required string name,
  2: optional Origin origin,
}
struct ListTeamsRequest {
}
struct TeamsResponse {
  /** By name. */
  1: required list<Team> teams,
}

struct Service {
  1: required string name,
  /** Must exist. Absent for servers and gateways. */
  2: optional string team,
  /** "application" (default), "server", "gateway", "operator". Fixed once made. */
  3: optional string kind,
  4: optional string description,
  /** Its tokens do not count meanwhile. */
  5: optional bool disabled,
}
struct PutServiceRequest {
  /** Made, or changed as a whole. */
  1: required Service definition,
  2: optional Origin origin,
}
struct DeleteServiceRequest {
  /** With its tokens and grants. */
  1: required string name,
  2: optional Origin origin,
}
struct ListServicesRequest {
  /** Of this team alone. */
  1: optional string team,
}
struct ServicesResponse {
  1: required list<Service> services,
}

// ---------------------------------------------------------------- tokens

/** A token without its secret, which nobody has but who was given it. */
struct Token {
  1: required string id,
  2: required string service_name,
  3: required i64 created_at_us,
  4: optional i64 expires_at_us,
  /** "person:ann", "service:setup". */
  5: required string created_by,
  6: optional string note,
  /** Whose it is, when it is a person's: then service_name is empty. */
  7: optional string person,
  /** True: made by signing in; ends by signing out. */
  8: optional bool is_session,
}
struct IssueTokenRequest {
  /** Empty: a person's. */
  1: required string service_name,
  /** Absent: it does not expire. 60 s to 10 years. */
  2: optional i64 expires_in_s,
  /** What it is for; at most 200 bytes. */
  3: optional string note,
  4: optional Origin origin,
  /** The caller himself. */
  5: optional string person,
}
struct IssueTokenResponse {
  1: required Token token,
  /** The whole token. Told this once. */
  2: required string secret,
}
struct RevokeTokenRequest {
  1: required string id,
  2: optional Origin origin,
}
struct ListTokensRequest {
  1: optional string service_name,
  /** This person's alone; sessions, too. Everybody may list his own. */
  2: optional string person,
}
struct TokensResponse {
  /** By service, newest first. Expired ones for 30 days. */
  1: required list<Token> tokens,
}

// ---------------------------------------------------------------- grants and owners

struct Grant {
  /** Absent when it is made. */
  1: optional i64 id,
  /** "topic" or "group". */
  2: required string kind,
  /** The name, or what names begin with. */
  3: required string name,
  4: optional bool is_prefix,
  /** "service:billing" or "team:payments". */
  5: required string principal,
  /** One or more of the actions that the kind has. */
  6: required list<string> actions,
  7: optional i64 expires_at_us,
}
struct PutGrantRequest {
  /** An equal one (but for actions and expiry) is changed. */
  1: required Grant grant,
  2: optional Origin origin,
}
struct DeleteGrantRequest {
  1: required i64 id,
  2: optional Origin origin,
}
struct ListGrantsRequest {
  /** Filters; those that are there must all hold. */
  1: optional string principal,
  2: optional string kind,
  /** Grants that concern this topic or group, prefixes too. */
  3: optional string name,
}
struct GrantsResponse {
  1: required list<Grant> grants,
}

struct Owner {
  /** "topic" or "group". The object need not exist yet. */
  1: required string kind,
  2: required string name,
  3: required string team,
}
struct SetOwnerRequest {
  1: required string kind,
  2: required string name,
  /** Absent: nobody's. */
  3: optional string team,
  4: optional Origin origin,
}
struct ListOwnersRequest {
  1: optional string team,
  2: optional string kind,
  3: optional string name,
}
struct OwnersResponse {
  1: required list<Owner> owners,
}

/** May a principal do this, and why. Anybody may ask about himself, operators about everybody. */
struct ExplainAccessRequest {
  /** Absent: the caller. */
  1: optional string principal,
  2: required string kind,
  3: required string name,
  4: required string action,
}
struct ExplainAccessResponse {
  1: required bool is_allowed,
  /** A sentence: "grant 17: topics 'orders.*' to team:billing", "nothing grants it; topic 'orders' is team payments'". */
  2: required string because,
}

// ---------------------------------------------------------------- the book, for servers

/** One token as servers know it. */
struct BookToken {
  1: required string id,
  /** SHA-256 of the secret's text. */
  2: required binary hash,
  /** Empty: a person's. */
  3: required string service_name,
  4: optional i64 expires_at_us,
  5: optional string person,
}

/** One person as servers know him. */
struct BookPerson {
  1: required string name,
  /** "viewer", "operator", "admin". */
  2: required string role,
  3: optional bool disabled,
  4: optional bool must_change_password,
}

/** What a team may have; absent: as much as there is. */
struct TeamQuota {
  1: required string team,
  2: optional i64 topics,
  3: optional i64 partitions,
  4: optional i64 stored_bytes,
  5: optional i64 produce_bytes_per_s,
  6: optional i64 fetch_bytes_per_s,
  /** Produced. */
  7: optional i64 messages_per_s,
  8: optional i64 message_bytes_max,
}

/** Everything that decides. To services of kind "server" alone. */
struct AccessBookRequest {
  /** Absent or another: the whole book comes. */
  1: optional i64 version,
  /** Of the book at hand, as its reply said. While nothing but tokens of people has changed since, they alone come. */
  2: optional i64 rights_version,
}
struct AccessBookResponse {
  1: required i64 version,
  2: required string cluster_id,
  /** Absent: yours is the newest. */
  3: optional list<Team> teams,
  4: optional list<Service> services,
  5: optional list<BookToken> tokens,
  6: optional list<Grant> grants,
  7: optional list<Owner> owners,
  8: optional list<BookPerson> people,
  9: optional list<TeamQuota> quotas,
  /** "off", "log", "enforce". */
  10: optional string quota_mode,
  /** The version at which anything but tokens of people (sessions among them) changed last. Absent: an older metaserver. */
  11: optional i64 rights_version,
  /** `tokens` has all those of people, and nothing else comes: all else is as in the book of rights_version. */
  12: optional bool people_tokens_only,
}

// ---------------------------------------------------------------- audit

struct AuditEvent {
  /** Of its source alone: other sources count for themselves. */
  1: required i64 id,
  2: required i64 at_us,
  /** "service:billing", "anonymous". */
  3: required string actor,
  4: optional string on_behalf_of,
  /** "10.1.2.3:4567". */
  5: required string source,
  6: required string request_id,
  /** The RPC: "createTopic". */
  7: required string action,
  /** "topic", "group", "team", "service", "token", "grant", "owner", "data_node", "broker", "alert_rule" … */
  8: required string object_kind,
  9: required string object_name,
  /** JSON; absent: there was, or is, none. Never secrets. */
  10: optional string before_json,
  11: optional string after_json,
  12: optional string reason,
  /** "ok", "denied". */
  13: required string result,
  /** The data node that keeps it; absent: the metadata database. */
  14: optional string source_node,
}
/** Of the metadata database and every data node, as one list. */
struct SearchAuditRequest {
  1: optional string actor,
  2: optional string object_kind,
  3: optional string object_name,
  4: optional string action,
  5: optional i64 from_us,
  6: optional i64 until_us,
  7: optional string result,
  /** Default 100, at most 1,000. */
  8: optional i32 max,
  /** For the next page of the metadata database alone (source "metadata"): the smallest id of the last. Others: `cursor`. */
  9: optional i64 before_id,
  /** The last answer's `next_page`, with the same filters. Not together with before_id. */
  10: optional string cursor,
  /** "metadata", or a data node's name; absent: all. NOT_FOUND: no such node. */
  11: optional string source,
}
struct SearchAuditResponse {
  /** Newest first; of the same instant the metadata database's first, then by data node, each newest first. */
  1: required list<AuditEvent> events,
  /** Also true when all that is left is with data nodes that did not answer. */
  2: required bool has_more,
  /** Where to go on; absent: that was all. A page may be empty and have one. */
  3: optional string next_page,
  /** Data nodes that did not answer in time: their events are not on this page, and come on later ones (then not in order)
   *  when they answer again. */
  4: optional list<string> unreachable,
}

/** What was done to one topic, its owner and grants on it, for whoever may describe it; also to earlier ones of the name. Not what was refused. */
struct TopicHistoryRequest {
  1: required string name,
  /** Default 100, at most 1,000. */
  2: optional i32 max,
  /** The last answer's `next_page`, of the same topic. */
  3: optional string cursor,
}
struct TopicHistoryResponse {
  /** As of searchAudit. `source` is empty: where from is for the audit log alone. */
  1: required list<AuditEvent> events,
  2: required bool has_more,
  3: optional string next_page,
  4: optional list<string> unreachable,
}

// ---------------------------------------------------------------- hygiene

/** What somebody should tidy up. */
struct HygieneFinding {
  /** "grant_ends", "owner_gone", "nobody_writes", "nobody_reads". */
  1: required string kind,
  /** "topic", "group". */
  2: required string object_kind,
  /** The name, or with `*` at its end what names begin with. */
  3: required string object_name,
  /** What is so; one sentence. */
  4: required string text,
  /** Whose matter it is, sorted; empty: operators'. */
  5: required list<string> teams,
  /** When the grant ends; since when the topic is not written to or read, at the latest. */
  6: optional i64 at_us,
}
struct ListHygieneRequest {
  /** This team's matters alone. */
  1: optional string team,
  2: optional list<string> kinds,
  /** A topic that nobody wrote to or read for so long is idle. 1 to 3,650; default 60. */
  3: optional i32 idle_days,
  /** At most 5,000; default 1,000. */
  4: optional i32 max,
}
struct ListHygieneResponse {
  /** Grants first, those that end soonest first; then by kind and name. */
  1: required list<HygieneFinding> findings,
  /** False: there are more than `max`. */
  2: required bool is_whole,
  /** Topics that have been watched for less than idle_days: that nobody uses them is not said yet. */
  3: required i32 topics_not_known,
}
