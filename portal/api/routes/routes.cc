#include <algorithm>
#include <array>

#include "portal/api/routes/route.h"

namespace lanemq::portal {
namespace {

constexpr auto kHere = Paging::kHere;
constexpr auto kCursor = Paging::kCursor;
constexpr auto kOldest = Paging::kOldest;
constexpr auto kBroker = Target::kBroker;
constexpr auto kOnCall = Target::kOnCall;
constexpr auto kBestOnCall = Target::kBestOnCall;

// clang-format off
constexpr Route kRoutes[] = {
    // The catalogue.
    {.method = "GET", .path = "/metadata", .rpc = "metadata"},
    {.method = "GET", .path = "/server", .rpc = "serverInfo", .server = "server"},
    {.method = "GET", .path = "/server/settings", .rpc = "serverSettings", .server = "server"},
    {.method = "GET", .path = "/slow-calls", .rpc = "slowCalls", .server = "server"},
    {.method = "GET", .path = "/topics", .rpc = "listTopics", .target = kBestOnCall, .fixed = R"({"include_figures":true})", .paging = kHere, .list = "topics", .key = "name"},
    {.method = "POST", .path = "/topics", .rpc = "createTopic", .body = "*", .success = 201},
    {.method = "GET", .path = "/topics/{name}", .rpc = "describeTopic"},
    {.method = "PATCH", .path = "/topics/{name}", .rpc = "alterTopic", .body = "*"},
    {.method = "DELETE", .path = "/topics/{name}", .rpc = "deleteTopic"},
    {.method = "GET", .path = "/topics/{name}/history", .rpc = "topicHistory", .paging = kCursor, .list = "events", .cursor = "cursor", .limit = "max"},
    {.method = "POST", .path = "/topics/{name}:undelete", .rpc = "undeleteTopic", .body = "*"},
    {.method = "PUT", .path = "/topics/{name}/partitions", .rpc = "addPartitions", .body = "*"},
    {.method = "POST", .path = "/topics:trim", .rpc = "trim", .body = "*", .target = kBroker},
    {.method = "GET", .path = "/nodes", .rpc = "listDataNodes", .paging = kHere, .list = "nodes", .key = "name"},
    {.method = "POST", .path = "/nodes", .rpc = "addDataNode", .body = "*", .success = 201},
    {.method = "PATCH", .path = "/nodes/{name}", .rpc = "alterDataNode", .body = "*"},
    {.method = "GET", .path = "/nodes:check", .rpc = "checkCatalog"},
    {.method = "GET", .path = "/placements", .rpc = "listPlacements", .paging = kCursor, .list = "partitions", .cursor = "cursor", .limit = "max"},
    {.method = "GET", .path = "/capacity", .rpc = "adviseCapacity", .target = kBestOnCall},
    {.method = "GET", .path = "/moves", .rpc = "listMoves", .paging = kOldest, .list = "moves", .key = "id", .cursor = "before_id", .limit = "max"},
    {.method = "POST", .path = "/moves", .rpc = "movePartitions", .body = "*"},
    {.method = "POST", .path = "/moves:cancel", .rpc = "cancelMoves", .body = "*"},
    {.method = "GET", .path = "/brokers", .rpc = "listBrokers", .paging = kHere, .list = "brokers", .key = "broker_id"},

    // Messages.
    {.method = "POST", .path = "/messages", .rpc = "produce", .body = "*", .target = kBroker, .is_repeatable = false},
    {.method = "POST", .path = "/messages:fetch", .rpc = "fetch", .body = "*", .target = kBroker},
    {.method = "GET", .path = "/topics/{topic}/partitions/{partition}/messages/{offset}", .rpc = "getMessage", .target = kBroker},
    {.method = "POST", .path = "/topics/{topic}/messages:search", .rpc = "searchMessages", .body = "*", .target = kBroker},
    {.method = "GET", .path = "/topics/{topic}/partitions/{partition}/messages/{offset}/trace", .rpc = "traceMessage", .target = kBroker},
    {.method = "POST", .path = "/offsets:list", .rpc = "listOffsets", .body = "*", .target = kBroker},
    {.method = "GET", .path = "/topics/{topic}/delayed", .rpc = "listDelayed", .target = kBroker, .paging = kCursor, .list = "messages", .key = "handle", .cursor = "after", .limit = "max_count"},
    {.method = "POST", .path = "/delayed", .rpc = "schedule", .body = "*", .target = kBroker, .is_repeatable = false},
    {.method = "POST", .path = "/delayed:cancel", .rpc = "cancelDelayed", .body = "*", .target = kBroker},

    // Groups.
    {.method = "GET", .path = "/groups", .rpc = "listGroups", .paging = kHere, .list = "groups", .key = "group"},
    {.method = "GET", .path = "/groups/{group}", .rpc = "describeGroup"},
    {.method = "DELETE", .path = "/groups/{group}", .rpc = "deleteGroup"},
    {.method = "GET", .path = "/groups/{group}/coordinator", .rpc = "findCoordinator"},
    {.method = "POST", .path = "/groups/{group}:pause", .rpc = "pauseGroup", .body = "*", .target = kBroker, .fixed = R"({"is_paused":true})"},
    {.method = "POST", .path = "/groups/{group}:resume", .rpc = "pauseGroup", .body = "*", .target = kBroker, .fixed = R"({"is_paused":false})"},
    {.method = "GET", .path = "/groups/{group}/offsets", .rpc = "fetchOffsets", .target = kBroker},
    {.method = "POST", .path = "/groups/{group}/offsets:reset", .rpc = "resetOffsets", .body = "*", .target = kBroker},
    {.method = "POST", .path = "/groups/{group}/offsets:delete", .rpc = "deleteOffsets", .body = "*", .target = kBroker},
    {.method = "GET", .path = "/groups/{group}/resets", .rpc = "listOffsetResets", .target = kBroker, .paging = kHere, .list = "resets"},
    {.method = "GET", .path = "/groups/{group}/policies", .rpc = "groupPolicies", .target = kBroker},
    {.method = "PUT", .path = "/groups/{group}/policy", .rpc = "setGroupPolicy", .body = "*", .target = kBroker},
    {.method = "GET", .path = "/lag", .rpc = "groupLag", .target = kOnCall, .paging = kHere, .list = "topics"},
    {.method = "GET", .path = "/groups/{group}/lag", .rpc = "groupLag", .target = kOnCall, .paging = kHere, .list = "topics", .key = "topic"},
    {.method = "GET", .path = "/groups/{group}/lag-history", .rpc = "lagHistory"},
    {.method = "GET", .path = "/lag-objectives", .rpc = "listLagObjectives", .paging = kHere, .list = "objectives"},
    {.method = "PUT", .path = "/lag-objectives/{objective.group}/{objective.topic}", .rpc = "setLagObjective", .body = "objective"},
    {.method = "DELETE", .path = "/lag-objectives/{objective.group}/{objective.topic}", .rpc = "setLagObjective", .fixed = R"({"remove":true})"},

    // Dead letters.
    {.method = "GET", .path = "/dead-letters", .rpc = "summarizeDeadLetters", .target = kOnCall, .paging = kHere, .list = "groups"},
    {.method = "GET", .path = "/groups/{filter.group}/dead-letters", .rpc = "listDeadLetters", .target = kBroker, .into = "filter", .paging = kCursor, .list = "letters", .cursor = "after", .limit = "max_count"},
    {.method = "GET", .path = "/groups/{group}/dead-letter-counts", .rpc = "countDeadLetters", .target = kBroker, .paging = kHere, .list = "counts"},
    {.method = "GET", .path = "/groups/{group}/dead-letter-deeds", .rpc = "listDeadLetterDeeds", .target = kBroker, .paging = kHere, .list = "deeds"},
    {.method = "POST", .path = "/groups/{filter.group}/dead-letters:drop", .rpc = "dropDeadLetters", .body = "*", .target = kBroker},
    {.method = "POST", .path = "/groups/{filter.group}/dead-letters:redrive", .rpc = "redrive", .body = "*", .target = kBroker, .is_repeatable = false},
    {.method = "POST", .path = "/groups/{id.group}/dead-letters:redrive-edited", .rpc = "redriveEdited", .body = "*", .target = kBroker},
    {.method = "GET", .path = "/redrives", .rpc = "listRedrives", .target = kBroker, .paging = kHere, .list = "jobs"},
    {.method = "POST", .path = "/redrives/{id}:cancel", .rpc = "cancelRedrive", .body = "*", .target = kBroker},

    // Outboxes and on call.
    {.method = "GET", .path = "/outboxes", .rpc = "listOutboxes", .paging = kHere, .list = "outboxes"},
    {.method = "DELETE", .path = "/outboxes/{outbox}", .rpc = "forgetOutbox"},
    {.method = "GET", .path = "/alerts", .rpc = "listAlerts", .paging = kHere, .list = "alerts", .key = "incident"},
    {.method = "GET", .path = "/alert-events", .rpc = "listAlertEvents", .paging = kHere, .list = "events"},
    {.method = "GET", .path = "/alert-rules", .rpc = "listAlertRules", .paging = kHere, .list = "rules", .key = "kind"},
    {.method = "PUT", .path = "/alert-rules/{rule.kind}", .rpc = "setAlertRule", .body = "rule"},
    {.method = "DELETE", .path = "/alert-rules/{rule.kind}", .rpc = "setAlertRule", .fixed = R"({"reset":true})"},
    {.method = "GET", .path = "/alert-channels", .rpc = "listAlertChannels", .paging = kHere, .list = "channels", .key = "name"},
    {.method = "PUT", .path = "/alert-channels/{channel.name}", .rpc = "setAlertChannel", .body = "channel"},
    {.method = "DELETE", .path = "/alert-channels/{channel.name}", .rpc = "setAlertChannel", .fixed = R"({"remove":true,"channel":{"type":"","url":""}})"},
    {.method = "POST", .path = "/alert-channels/{name}:test", .rpc = "testAlertChannel", .body = "*"},
    {.method = "GET", .path = "/silences", .rpc = "listSilences", .paging = kHere, .list = "silences", .key = "id"},
    {.method = "POST", .path = "/silences", .rpc = "silenceAlert", .body = "*", .success = 201, .is_repeatable = false},
    {.method = "DELETE", .path = "/silences/{id}", .rpc = "endSilence"},
    {.method = "GET", .path = "/canaries", .rpc = "listCanaries", .paging = kHere, .list = "canaries"},

    // Who may do what.
    {.method = "GET", .path = "/teams", .rpc = "listTeams", .paging = kHere, .list = "teams", .key = "name"},
    {.method = "PUT", .path = "/teams/{team.name}", .rpc = "putTeam", .body = "team"},
    {.method = "DELETE", .path = "/teams/{name}", .rpc = "deleteTeam"},
    {.method = "GET", .path = "/services", .rpc = "listServices", .paging = kHere, .list = "services", .key = "name"},
    {.method = "PUT", .path = "/services/{definition.name}", .rpc = "putService", .body = "definition"},
    {.method = "DELETE", .path = "/services/{name}", .rpc = "deleteService"},
    {.method = "GET", .path = "/tokens", .rpc = "listTokens", .paging = kHere, .list = "tokens", .key = "id"},
    {.method = "POST", .path = "/tokens", .rpc = "issueToken", .body = "*", .success = 201, .is_repeatable = false},
    {.method = "DELETE", .path = "/tokens/{id}", .rpc = "revokeToken"},
    {.method = "GET", .path = "/grants", .rpc = "listGrants", .paging = kHere, .list = "grants", .key = "id"},
    {.method = "POST", .path = "/grants", .rpc = "putGrant", .body = "grant", .success = 201},
    {.method = "DELETE", .path = "/grants/{id}", .rpc = "deleteGrant"},
    {.method = "GET", .path = "/owners", .rpc = "listOwners", .paging = kHere, .list = "owners"},
    {.method = "PUT", .path = "/owners/{kind}/{name}", .rpc = "setOwner", .body = "*"},
    {.method = "DELETE", .path = "/owners/{kind}/{name}", .rpc = "setOwner"},
    {.method = "GET", .path = "/access:explain", .rpc = "explainAccess"},
    {.method = "GET", .path = "/audit", .rpc = "searchAudit", .paging = kCursor, .list = "events", .cursor = "cursor", .limit = "max"},
    {.method = "GET", .path = "/hygiene", .rpc = "listHygiene", .paging = kHere, .list = "findings"},

    // Who decides.
    {.method = "GET", .path = "/people", .rpc = "listPeople", .paging = kHere, .list = "people", .key = "name"},
    {.method = "PUT", .path = "/people/{person.name}", .rpc = "putPerson", .body = "person"},
    {.method = "DELETE", .path = "/people/{name}", .rpc = "deletePerson"},
    {.method = "PUT", .path = "/people/{name}/password", .rpc = "setPassword", .body = "*"},
    {.method = "GET", .path = "/policy", .rpc = "getPolicy", .etag = "version"},
    {.method = "PUT", .path = "/policy", .rpc = "putPolicy", .body = "*", .etag = "version"},
    {.method = "GET", .path = "/requests", .rpc = "listChanges", .paging = kOldest, .list = "requests", .key = "id", .cursor = "before_id", .limit = "max"},
    {.method = "POST", .path = "/requests", .rpc = "proposeChange", .body = "*"},
    {.method = "GET", .path = "/requests/{id}", .rpc = "describeChange", .etag = "request.version"},
    {.method = "PATCH", .path = "/requests/{id}", .rpc = "actOnChange", .body = "*", .fixed = R"({"deed":"edit"})", .etag = "request.version"},
    {.method = "POST", .path = "/requests/{id}:submit", .rpc = "actOnChange", .body = "*", .fixed = R"({"deed":"submit"})", .etag = "request.version"},
    {.method = "POST", .path = "/requests/{id}:approve", .rpc = "actOnChange", .body = "*", .fixed = R"({"deed":"approve"})", .etag = "request.version"},
    {.method = "POST", .path = "/requests/{id}:decline", .rpc = "actOnChange", .body = "*", .fixed = R"({"deed":"decline"})", .etag = "request.version"},
    {.method = "POST", .path = "/requests/{id}:withdraw", .rpc = "actOnChange", .body = "*", .fixed = R"({"deed":"withdraw"})", .etag = "request.version"},
    {.method = "POST", .path = "/requests/{id}:break-glass", .rpc = "actOnChange", .body = "*", .fixed = R"({"deed":"break_glass"})", .etag = "request.version"},
    {.method = "POST", .path = "/requests/{id}:give-up", .rpc = "actOnChange", .body = "*", .fixed = R"({"deed":"give_up"})", .etag = "request.version"},
    {.method = "GET", .path = "/state", .rpc = "governedState"},
    {.method = "GET", .path = "/sizes", .rpc = "proposeSize"},
    {.method = "GET", .path = "/quotas", .rpc = "listQuotas", .paging = kHere, .list = "teams"},
    {.method = "PUT", .path = "/quotas/{quota.team}", .rpc = "putQuota", .body = "quota"},
    {.method = "PUT", .path = "/quota-mode", .rpc = "setQuotaMode", .body = "*"},
};

constexpr std::string_view kConsumers = "of the consumers' protocol, which needs a connection that lasts";
constexpr std::string_view kServers = "of servers among themselves";
constexpr std::string_view kSessions = "/session, which the gateway answers itself";

constexpr Unrouted kUnrouted[] = {
    {"authenticate", kSessions},
    {"signIn", kSessions},
    {"signOut", kSessions},
    {"openSession", "for the gateway, when a provider of identities has said who it is"},
    {"commitOffsets", kConsumers},
    {"claimPartitions", kConsumers},
    {"settle", kConsumers},
    {"fetchRetries", kConsumers},
    {"joinGroup", kConsumers},
    {"syncGroup", kConsumers},
    {"groupHeartbeat", kConsumers},
    {"leaveGroup", kConsumers},
    {"brokerHeartbeat", kServers},
    {"unregisterBroker", kServers},
    {"catalog", kServers},
    {"accessBook", kServers},
    {"reportOutbox", kServers},
    {"reportCanary", kServers},
};
// clang-format on

constexpr std::array<std::string_view, 3> kAuthors{"requested_by", "updated_by", "created_by"};
constexpr std::array<std::string_view, 4> kHidden{"origin", "cluster_id", "client_id",
                                                  "known_version"};

}  // namespace

std::span<const Route> Routes() { return kRoutes; }
std::span<const Unrouted> UnroutedMethods() { return kUnrouted; }
bool IsAuthorField(std::string_view name) { return std::ranges::count(kAuthors, name) > 0; }
bool IsHiddenField(std::string_view name) {
  return IsAuthorField(name) || std::ranges::count(kHidden, name) > 0;
}

}  // namespace lanemq::portal
