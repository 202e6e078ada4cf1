#include "common/core/policy/policy_text.h"

#include <algorithm>
#include <array>

namespace lanemq::core {
namespace {

constexpr std::string_view kTeamPrefix = "team:";

// In the order of the enumerators.
constexpr std::array<std::string_view, kChangeKindCount> kChangeKindTexts = {
    "create_topic", "alter_topic",  "add_partitions", "delete_topic", "put_group", "delete_group",
    "put_grant",    "revoke_grant", "set_owner",      "set_quota",    "put_team",  "delete_team"};

constexpr std::array<std::string_view, 3> kOrderingTexts = {"none", "per_key", "all"};

}  // namespace

std::string_view ToString(Ordering ordering) {
  return kOrderingTexts.at(static_cast<std::size_t>(ordering));
}

std::optional<Ordering> OrderingFromString(std::string_view text) {
  const auto* found = std::find(kOrderingTexts.begin(), kOrderingTexts.end(), text);
  if (found == kOrderingTexts.end()) return std::nullopt;
  return static_cast<Ordering>(found - kOrderingTexts.begin());
}

std::string_view ToString(ChangeKind kind) {
  return kChangeKindTexts.at(static_cast<std::size_t>(kind));
}

std::optional<ChangeKind> ChangeKindFromString(std::string_view text) {
  const auto* found = std::find(kChangeKindTexts.begin(), kChangeKindTexts.end(), text);
  if (found == kChangeKindTexts.end()) return std::nullopt;
  return static_cast<ChangeKind>(found - kChangeKindTexts.begin());
}

std::string ToString(const Approver& approver) {
  switch (approver.kind) {
    case Approver::Kind::kOwnerLeads:
      return "owner_leads";
    case Approver::Kind::kTeamLeads:
      return std::string(kTeamPrefix) + approver.team;
    case Approver::Kind::kOperators:
      return "operators";
    case Approver::Kind::kAdmins:
      return "admins";
  }
  return {};
}

std::optional<Approver> ApproverFromString(std::string_view text) {
  if (text == "owner_leads") return Approver{Approver::Kind::kOwnerLeads, {}};
  if (text == "operators") return Approver{Approver::Kind::kOperators, {}};
  if (text == "admins") return Approver{Approver::Kind::kAdmins, {}};
  if (!text.starts_with(kTeamPrefix) || text.size() == kTeamPrefix.size()) return std::nullopt;
  return Approver{Approver::Kind::kTeamLeads, std::string(text.substr(kTeamPrefix.size()))};
}

std::string FoldCase(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

}  // namespace lanemq::core
