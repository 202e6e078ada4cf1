#include "common/core/policy/request_json.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/access/access_rules.h"
#include "common/core/policy/json_reader.h"
#include "common/core/policy/policy_text.h"
#include "common/core/policy/request_machine.h"

namespace lanemq::core {
namespace {

using nlohmann::json;

std::string Text(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

json ToJson(const std::vector<Approver>& approvers) {
  json list = json::array();
  for (const Approver& approver : approvers) list.push_back(ToString(approver));
  return list;
}

json ToJson(const std::vector<Approval>& approvals) {
  json list = json::array();
  for (const Approval& approval : approvals) {
    list.push_back({{"approver", ToString(approval.approver)},
                    {"by", ToString(approval.by)},
                    {"at_us", approval.at.micros}});
  }
  return list;
}

json ToJson(const ApplyProgress& progress) {
  return {{"epoch", progress.epoch},
          {"is_back", progress.direction == ApplyDirection::kBack},
          {"done", progress.done},
          {"is_marked", progress.is_marked},
          {"is_past_return", progress.is_past_return},
          {"is_given_up", progress.is_given_up},
          {"attempts", progress.attempts},
          {"since_us", progress.since.micros},
          {"retry_at_us", progress.retry_at.micros},
          {"last_error", progress.last_error}};
}

std::vector<Approval> ReadApprovals(JsonReader& reader) {
  std::vector<Approval> approvals;
  const json* const value = reader.Find("approvals");
  if (value == nullptr) return approvals;
  if (!value->is_array()) {
    reader.Fault("is not a list", "approvals");
    return approvals;
  }
  for (const json& element : *value) {
    JsonReader inner = reader.Inner(element, "approvals");
    Approval approval;
    inner.ReadValue("approver", approval.approver,
                    [](const std::string& text) { return ApproverFromString(text); });
    inner.ReadValue("by", approval.by,
                    [](const std::string& text) { return PrincipalFromString(text); });
    inner.Read("at_us", approval.at.micros);
    inner.Finish();
    approvals.push_back(std::move(approval));
  }
  return approvals;
}

ApplyProgress ReadProgress(JsonReader& reader) {
  ApplyProgress progress;
  const json* const value = reader.Find("progress");
  if (value == nullptr) return progress;
  JsonReader inner = reader.Inner(*value, "progress");
  bool is_back = false;
  std::int64_t done = 0;
  inner.Read("epoch", progress.epoch);
  inner.Read("is_back", is_back);
  inner.Read("done", done);
  inner.Read("is_marked", progress.is_marked);
  inner.Read("is_past_return", progress.is_past_return);
  inner.Read("is_given_up", progress.is_given_up);
  inner.Read("attempts", progress.attempts);
  inner.Read("since_us", progress.since.micros);
  inner.Read("retry_at_us", progress.retry_at.micros);
  inner.Read("last_error", progress.last_error);
  inner.Finish();
  if (done < 0) inner.Fault("is negative", "done");
  progress.direction = is_back ? ApplyDirection::kBack : ApplyDirection::kForward;
  progress.done = static_cast<std::size_t>(done);
  return progress;
}

}  // namespace

std::string RequestDetailToText(const ChangeRequest& request) {
  json document = {{"approvers", ToJson(request.approvers)},
                   {"approvals", ToJson(request.approvals)},
                   {"reason", request.reason},
                   {"progress", ToJson(request.progress)}};
  if (request.break_glass_reason) document["break_glass_reason"] = *request.break_glass_reason;
  return Text(document);
}

Status RequestDetailFromText(std::string_view text, ChangeRequest& request) {
  const json document = json::parse(text, nullptr, false);
  std::string faults;
  JsonReader reader(document, "", faults);
  reader.ReadValues("approvers", request.approvers,
                    [](const std::string& name) { return ApproverFromString(name); });
  request.approvals = ReadApprovals(reader);
  reader.Read("reason", request.reason);
  reader.Read("break_glass_reason", request.break_glass_reason);
  request.progress = ReadProgress(reader);
  reader.Finish();
  if (faults.empty()) return {};
  return Error{ErrorCode::kFailedPrecondition,
               fmt::format("request {}: its row is not understood here: {}", request.id, faults)};
}

std::string RequestToAuditText(const ChangeRequest& request, std::string_view title) {
  json document = {
      {"state", ToString(request.state)},       {"title", title},
      {"author", ToString(request.author)},     {"changes", request.bundle.changes.size()},
      {"approvers", ToJson(request.approvers)}, {"approvals", ToJson(request.approvals)}};
  if (!request.reason.empty()) document["reason"] = request.reason;
  if (request.break_glass_reason) document["break_glass_reason"] = *request.break_glass_reason;
  return Text(document);
}

}  // namespace lanemq::core
