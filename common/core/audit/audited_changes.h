#pragma once

#include <cstdint>
#include <string_view>

#include "common/core/alert/alert_types.h"
#include "common/core/store/outbox_registry.h"
#include "common/core/types/audit.h"
#include "common/core/types/catalog.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

// What the audit log says of changes: pure, and the same text for the same values, since keys are
// sorted. `before` is null for what is new, `after` for what is gone; one of them is given. What is
// not UTF-8 is replaced. Nothing secret is in it.

/// Of kind "topic". Placements are left out.
[[nodiscard]] AuditedChange TopicChanged(const Topic* before, const Topic* after);
/// Of kind "data_node". Of credentials it says where they are ("kept", "servers' files"), and after
/// a change of kept ones "changed".
[[nodiscard]] AuditedChange DataNodeChanged(const DataNode* before, const DataNode* after);
/// Of kind "broker", which was registered in `incarnation` at `address`.
[[nodiscard]] AuditedChange BrokerRemoved(BrokerId id, std::int64_t incarnation,
                                          const Endpoint& address);
/// Of kind "group".
[[nodiscard]] AuditedChange GroupRemoved(std::string_view group_id, Generation generation,
                                         std::string_view protocol);

/// Of kind "alert_rule": what differs from the built-in settings. `kind` names it.
[[nodiscard]] AuditedChange RuleChanged(std::string_view kind, const AlertRuleChange* before,
                                        const AlertRuleChange* after);
/// Of kind "alert_channel". Paths and queries of URLs may be secrets: scheme, host and port alone
/// are there, and `url_replaced` when another URL took the place of one that looks the same.
/// Both may be null, for a channel whose row is damaged.
[[nodiscard]] AuditedChange ChannelChanged(std::string_view name, const AlertChannel* before,
                                           const AlertChannel* after);
/// Of kind "silence"; its name is its id.
[[nodiscard]] AuditedChange SilenceChanged(const AlertSilence* before, const AlertSilence* after);
/// Of kind "lag_objective", by the name "group/topic"; who set it and when is left to the event.
[[nodiscard]] AuditedChange ObjectiveChanged(const ObjectiveRow* before, const ObjectiveRow* after);

/// Of kind "outbox".
[[nodiscard]] AuditedChange OutboxForgotten(const OutboxReport& newest);

/// Of kind "alert_channel": `channel` is about to be sent a test.
[[nodiscard]] AuditedChange ChannelTested(const AlertChannel& channel);

}  // namespace lanemq::core
