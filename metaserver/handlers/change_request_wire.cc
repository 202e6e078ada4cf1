#include "metaserver/handlers/change_request_wire.h"

#include <algorithm>

#include "common/core/access/access_rules.h"
#include "common/core/policy/apply_machine.h"
#include "common/core/policy/bundle_json.h"
#include "common/core/policy/request_machine.h"
#include "metaserver/governance/governor.h"

namespace lanemq::metaserver {
namespace {

std::vector<std::string> TextsOf(const std::vector<core::Approver>& approvers) {
  std::vector<std::string> texts;
  for (const core::Approver& approver : approvers) texts.push_back(ApproverText(approver));
  return texts;
}

idl::Violation ToWire(const core::Violation& violation) {
  idl::Violation out;
  if (violation.change) out.__set_change(static_cast<std::int32_t>(*violation.change));
  out.subject = violation.subject;
  out.field = violation.field;
  out.limit = violation.limit;
  out.got = violation.got;
  out.why = violation.why;
  if (violation.fix) out.__set_fix(*violation.fix);
  return out;
}

void AddProgress(const core::ChangeRequest& request, bool has_bundle, idl::ChangeRequest& out) {
  const core::ApplyProgress& progress = request.progress;
  if (progress.epoch == 0) return;
  if (!progress.last_error.empty()) out.__set_last_error(progress.last_error);
  if (!has_bundle) return;
  const std::size_t steps = core::PlanSteps(request.bundle, progress.direction).size();
  out.__set_steps(static_cast<std::int32_t>(steps));
  out.__set_steps_done(static_cast<std::int32_t>(std::min(progress.done, steps)));
}

}  // namespace

idl::Cost ToWire(const core::Cost& cost) {
  idl::Cost out;
  out.partitions = cost.partitions;
  out.messages_per_day = cost.messages_per_day;
  out.stored_bytes = cost.stored_bytes;
  return out;
}

idl::Decision ToWire(const core::Decision& decision) {
  idl::Decision out;
  out.kind = core::ToString(decision.kind);
  for (const core::Violation& violation : decision.violations) {
    out.violations.push_back(ToWire(violation));
  }
  out.approvers = TextsOf(decision.approvers);
  if (decision.is_break_glass) out.__set_is_break_glass(true);
  out.cost = ToWire(decision.cost);
  if (decision.fixed) out.__set_fixed_bundle_json(core::BundleToText(*decision.fixed));
  return out;
}

idl::ChangeRequest ToWire(const core::StoredRequest& stored, bool has_bundle) {
  const core::ChangeRequest& request = stored.request;
  idl::ChangeRequest out;
  out.id = request.id;
  out.author = core::ToString(request.author);
  out.title = stored.title;
  out.state = core::ToString(request.state);
  out.version = stored.version;
  if (has_bundle) out.__set_bundle_json(core::BundleToText(request.bundle));
  out.approvers = TextsOf(request.approvers);
  for (const core::Approval& approval : request.approvals) {
    idl::Approval one;
    one.approver = ApproverText(approval.approver);
    one.by = core::ToString(approval.by);
    one.at_us = approval.at.micros;
    out.approvals.push_back(std::move(one));
  }
  if (request.state == core::RequestState::kPending) {
    out.missing = TextsOf(core::MissingApprovers(request));
  }
  if (!request.reason.empty()) out.__set_reason(request.reason);
  if (request.break_glass_reason) out.__set_break_glass_reason(*request.break_glass_reason);
  out.created_at_us = request.created_at.micros;
  out.changed_at_us = request.changed_at.micros;
  if (request.expires_at) out.__set_expires_at_us(request.expires_at->micros);
  AddProgress(request, has_bundle, out);
  out.changes = static_cast<std::int32_t>(stored.changes);
  return out;
}

}  // namespace lanemq::metaserver
