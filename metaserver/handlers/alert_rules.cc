// Rules are built in; rows hold what operators changed.
#include <string>

#include <fmt/format.h>

#include "common/core/alert/alert_checks.h"
#include "common/core/alert/alert_kinds.h"
#include "common/core/retry/error_text.h"
#include "metaserver/access/audit_note.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::seconds kTimeout{5};
constexpr std::size_t kPersonBytesMax = 255;

Result<core::AlertRuleChange> FromWire(const idl::AlertRule& wire) {
  core::AlertRuleChange rule;
  rule.kind = wire.kind;
  if (wire.__isset.is_on) rule.is_on = wire.is_on;
  if (wire.__isset.threshold) rule.threshold = wire.threshold;
  if (wire.__isset.for_ms) rule.for_at_least = std::chrono::milliseconds{wire.for_ms};
  if (wire.__isset.owner) rule.owner = wire.owner;
  if (wire.__isset.severity) {
    rule.severity = core::AlertSeverityFromString(wire.severity);
    if (!rule.severity) {
      return Error{ErrorCode::kInvalidRequest, "severity is page or ticket"};
    }
  }
  return rule;
}

/// As it is in force; `meaning` tells what is built in.
idl::AlertRule ToWire(const core::AlertKind& kind, const core::AlertRule& rule) {
  idl::AlertRule wire;
  wire.kind = kind.name;
  wire.__set_is_on(rule.is_on);
  if (!kind.unit.empty()) wire.__set_threshold(rule.threshold);
  wire.__set_for_ms(rule.for_at_least.count());
  wire.__set_severity(std::string(core::ToString(rule.severity)));
  if (!rule.owner.empty()) wire.__set_owner(rule.owner);
  std::string meaning(kind.meaning);
  if (!kind.unit.empty()) {
    meaning += fmt::format(" (unit: {}; built in: {:g})", kind.unit, kind.threshold);
  }
  wire.__set_meaning(meaning);
  return wire;
}

Result<idl::AlertRulesResponse> AllRules(Services& services) {
  LANEMQ_ASSIGN_OR_RETURN(const core::AlertSettings settings,
                          services.alerts.LoadSettings(Deadline::After(services.clock, kTimeout)));
  idl::AlertRulesResponse out;
  for (const core::AlertKind& kind : core::AlertKinds()) {
    out.rules.push_back(ToWire(kind, core::RuleOf(kind, settings.rules)));
  }
  return out;
}

}  // namespace

Result<idl::AlertRulesResponse> SetAlertRule(Services& services,
                                             const idl::SetAlertRuleRequest& request,
                                             const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(const core::AlertRuleChange rule, FromWire(request.rule));
  LANEMQ_RETURN_IF_ERROR(core::CheckRule(rule));
  const Deadline deadline = Deadline::After(services.clock, kTimeout);
  if (request.__isset.reset && request.reset) {
    LANEMQ_RETURN_IF_ERROR(services.alerts.ResetRule(rule.kind, note, deadline));
  } else {
    const std::string by = PersonOf(services.guard, note, request.updated_by);
    LANEMQ_RETURN_IF_ERROR(
        services.alerts.SetRule(rule, core::CutErrorText(by, kPersonBytesMax), note, deadline));
  }
  return AllRules(services);
}

Result<idl::AlertRulesResponse> ListAlertRules(Services& services,
                                               const idl::ListAlertRulesRequest& /*request*/) {
  return AllRules(services);
}

}  // namespace lanemq::metaserver
