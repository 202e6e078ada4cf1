#include "common/core/group/protocol_selection.h"

#include <algorithm>
#include <cstddef>

namespace lanemq::core {
namespace {

bool CanAllDo(const std::string& protocol, const std::vector<const ProtocolList*>& members) {
  return std::ranges::all_of(members, [&](const ProtocolList* list) {
    return std::ranges::find(*list, protocol) != list->end();
  });
}

}  // namespace

std::string SelectProtocol(const std::vector<const ProtocolList*>& members) {
  if (members.empty()) return "";
  ProtocolList candidates;
  for (const std::string& protocol : *members.front()) {
    if (CanAllDo(protocol, members)) candidates.push_back(protocol);
  }
  if (candidates.empty()) return "";
  std::vector<std::size_t> votes(candidates.size());
  for (const ProtocolList* list : members) {
    const auto vote = std::ranges::find_first_of(*list, candidates);
    ++votes[std::ranges::find(candidates, *vote) - candidates.begin()];
  }
  return candidates[std::ranges::max_element(votes) - votes.begin()];
}

bool HasCommonProtocol(const ProtocolList& joining,
                       const std::vector<const ProtocolList*>& others) {
  return std::ranges::any_of(
      joining, [&](const std::string& protocol) { return CanAllDo(protocol, others); });
}

}  // namespace lanemq::core
