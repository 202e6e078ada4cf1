#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "common/core/access/access_types.h"

namespace lanemq::core {

/// What a method needs.
struct MethodAccess {
  std::string_view method;  ///< As in the IDL: "createTopic".
  Action action = Action::kAdminister;
  /// What its resources are. With kTopic and kGroup the request names them (ResourcesOf()); a
  /// request that names none needs the action on the cluster's behalf: kOperate.
  ResourceKind about = ResourceKind::kCluster;
  /// Of the cluster: whoever may do this may call it, too.
  std::optional<Action> or_action = std::nullopt;
};

// The one table: every method of every service. Sorted by plane, in the IDL's order. The dispatch
// of both planes looks its methods up at compile time, so one without a row does not compile; a
// row without a method fails access_table_test.
inline constexpr MethodAccess kAccessTable[] = {
    // Common.
    {"authenticate", Action::kNothing},
    {"serverInfo", Action::kNothing},
    {"metadata", Action::kNothing},
    {"slowCalls", Action::kOperate},
    {"serverSettings", Action::kOperate},

    // DataPlane. Those of many partitions refuse each by itself.
    {"produce", Action::kProduce, ResourceKind::kTopic},
    {"fetch", Action::kConsume, ResourceKind::kTopic},
    {"commitOffsets", Action::kConsume, ResourceKind::kGroup},
    {"fetchOffsets", Action::kDescribe, ResourceKind::kGroup},
    {"listOffsets", Action::kDescribe, ResourceKind::kTopic},
    {"getMessage", Action::kPeek, ResourceKind::kTopic},
    {"searchMessages", Action::kPeek, ResourceKind::kTopic},
    {"traceMessage", Action::kDescribe, ResourceKind::kTopic},  // Of groups, the handler asks.
    {"claimPartitions", Action::kConsume, ResourceKind::kGroup},
    {"resetOffsets", Action::kManage, ResourceKind::kGroup},
    {"listOffsetResets", Action::kDescribe, ResourceKind::kGroup},
    {"pauseGroup", Action::kManage, ResourceKind::kGroup},
    {"deleteOffsets", Action::kManage, ResourceKind::kGroup},
    {"settle", Action::kConsume, ResourceKind::kGroup},
    {"fetchRetries", Action::kConsume, ResourceKind::kGroup},
    {"setGroupPolicy", Action::kManage, ResourceKind::kGroup},
    {"groupPolicies", Action::kDescribe, ResourceKind::kGroup},
    {"listDeadLetters", Action::kConsume, ResourceKind::kGroup},
    {"countDeadLetters", Action::kDescribe, ResourceKind::kGroup},
    {"dropDeadLetters", Action::kManage, ResourceKind::kGroup},
    {"redrive", Action::kManage, ResourceKind::kGroup},
    {"listRedrives", Action::kDescribe, ResourceKind::kGroup},
    {"cancelRedrive", Action::kManage, ResourceKind::kGroup},
    {"redriveEdited", Action::kManage, ResourceKind::kGroup},
    {"listDeadLetterDeeds", Action::kDescribe, ResourceKind::kGroup},
    {"schedule", Action::kProduce, ResourceKind::kTopic},
    {"cancelDelayed", Action::kProduce, ResourceKind::kTopic},
    {"listDelayed", Action::kPeek, ResourceKind::kTopic},
    {"trim", Action::kManage, ResourceKind::kTopic},

    // ControlPlane: the catalogue.
    {"createTopic", Action::kManage, ResourceKind::kTopic},
    {"listTopics", Action::kNothing},
    {"describeTopic", Action::kNothing},
    {"alterTopic", Action::kManage, ResourceKind::kTopic},
    {"addPartitions", Action::kManage, ResourceKind::kTopic},
    {"deleteTopic", Action::kManage, ResourceKind::kTopic},
    {"undeleteTopic", Action::kManage, ResourceKind::kTopic},
    {"addDataNode", Action::kOperate},
    {"alterDataNode", Action::kOperate},
    {"listDataNodes", Action::kOperate, ResourceKind::kCluster, Action::kServe},
    {"listBrokers", Action::kNothing},
    {"brokerHeartbeat", Action::kServe},
    {"unregisterBroker", Action::kServe},
    {"catalog", Action::kServe},

    // ControlPlane: groups.
    {"findCoordinator", Action::kNothing},
    {"joinGroup", Action::kConsume, ResourceKind::kGroup},
    {"syncGroup", Action::kConsume, ResourceKind::kGroup},
    {"groupHeartbeat", Action::kConsume, ResourceKind::kGroup},
    {"leaveGroup", Action::kConsume, ResourceKind::kGroup},
    {"listGroups", Action::kNothing},
    {"describeGroup", Action::kDescribe, ResourceKind::kGroup},
    {"deleteGroup", Action::kManage, ResourceKind::kGroup},

    // ControlPlane: outboxes.
    {"reportOutbox", Action::kNothing},
    {"listOutboxes", Action::kNothing},
    {"forgetOutbox", Action::kOperate},

    // ControlPlane: on call.
    {"groupLag", Action::kNothing},
    {"summarizeDeadLetters", Action::kNothing},  // The handler leaves groups out.
    {"lagHistory", Action::kNothing},
    {"setLagObjective", Action::kManage, ResourceKind::kGroup},
    {"listLagObjectives", Action::kNothing},
    {"listAlerts", Action::kNothing},
    {"listAlertEvents", Action::kNothing},
    {"setAlertRule", Action::kOperate},
    {"listAlertRules", Action::kNothing},
    {"setAlertChannel", Action::kOperate},
    {"listAlertChannels", Action::kOperate},
    {"testAlertChannel", Action::kOperate},
    {"silenceAlert", Action::kOperate},
    {"endSilence", Action::kOperate},
    {"listSilences", Action::kNothing},
    {"reportCanary", Action::kServe},
    {"listCanaries", Action::kNothing},

    // ControlPlane: who may do what.
    {"putTeam", Action::kAdminister},
    {"deleteTeam", Action::kAdminister},
    {"listTeams", Action::kNothing},
    {"putService", Action::kAdminister},
    {"deleteService", Action::kAdminister},
    {"listServices", Action::kNothing},
    {"issueToken", Action::kNothing},   // Services' tokens: the handler asks for kAdminister.
    {"revokeToken", Action::kNothing},  // So here.
    {"listTokens", Action::kNothing},   // And here.
    {"putGrant", Action::kAdminister},
    {"deleteGrant", Action::kAdminister},
    {"listGrants", Action::kNothing},
    {"setOwner", Action::kAdminister},
    {"listOwners", Action::kNothing},
    {"explainAccess", Action::kNothing},
    {"accessBook", Action::kServe},
    {"searchAudit", Action::kAdminister},
    {"topicHistory", Action::kDescribe, ResourceKind::kTopic},
    {"listHygiene", Action::kNothing},

    // ControlPlane: who decides. What is open to whoever is authenticated is decided on by the
    // handler: by the policy, or since it is his own.
    {"putPerson", Action::kAdminister},
    {"deletePerson", Action::kAdminister},
    {"listPeople", Action::kNothing},
    {"setPassword", Action::kNothing},
    {"signIn", Action::kNothing},
    {"openSession", Action::kActFor},
    {"signOut", Action::kNothing},
    {"getPolicy", Action::kNothing},
    {"putPolicy", Action::kAdminister},
    {"proposeChange", Action::kNothing},
    {"actOnChange", Action::kNothing},
    {"describeChange", Action::kNothing},
    {"listChanges", Action::kNothing},
    {"governedState", Action::kNothing},
    {"proposeSize", Action::kNothing},
    {"checkCatalog", Action::kOperate},
    {"adviseCapacity", Action::kOperate},
    {"listPlacements", Action::kOperate},
    {"listQuotas", Action::kNothing},
    {"putQuota", Action::kOperate},
    {"setQuotaMode", Action::kOperate},

    // ControlPlane: partitions that move.
    {"movePartitions", Action::kOperate},
    {"listMoves", Action::kOperate},
    {"cancelMoves", Action::kOperate},
};

/// The row of a method that is known at compile time. A method without a row does not compile.
consteval const MethodAccess& AccessOf(std::string_view method) {
  for (const MethodAccess& row : kAccessTable) {
    if (row.method == method) return row;
  }
  throw "this method has no row in kAccessTable";
}

/// Null when there is no such method.
[[nodiscard]] constexpr const MethodAccess* FindAccess(std::string_view method) {
  for (const MethodAccess& row : kAccessTable) {
    if (row.method == method) return &row;
  }
  return nullptr;
}

}  // namespace lanemq::core
