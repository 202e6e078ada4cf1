#include "metaserver/handlers/dead_letter_summary.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "metaserver/handlers/handlers.h"
#include "metaserver/oncall/facts_board.h"
#include "metaserver/oncall/on_call.h"

namespace lanemq::metaserver {
namespace {

using Counts = std::map<std::pair<std::string, std::string>, idl::GroupDeadLetters>;

/// Adds what one node has; a group may have letters on several.
void Add(const core::DeadLetterFacts& of, const std::string& topic, Counts& counts) {
  idl::GroupDeadLetters& wire = counts[{of.group, topic}];
  wire.group = of.group;
  wire.topic = topic;
  wire.letters += of.letters;
  wire.recent += of.recent;
  if (of.newest) wire.__set_newest_us(std::max(wire.newest_us, of.newest->micros));
}

/// Whether the caller may describe the group.
bool MaySee(const Services& services, const core::AccessBook* book, const rpc::CallContext& call,
            const std::string& group) {
  if (!services.guard.is_on()) return true;
  const auto& caller = call.caller();
  return book != nullptr && caller != nullptr &&
         book->Allows(*caller, core::Action::kDescribe, {core::ResourceKind::kGroup, group},
                      services.clock.WallNow());
}

}  // namespace

idl::SummarizeDeadLettersResponse TellDeadLetters(
    const FactsView& facts, const std::function<bool(const std::string& group)>& may_see,
    MonotonicTime now) {
  std::unordered_map<core::TopicId, const std::string*> topics;
  for (const core::Topic& topic : facts.catalog->topics) topics[topic.id] = &topic.name;
  Counts counts;
  std::vector<std::string> unknown;
  MonotonicTime oldest = now;
  for (const core::DataNode& node : facts.catalog->nodes) {
    if (node.state == core::NodeState::kDisabled) continue;
    const NodeFactsView* view = facts.Find(node.id);
    const core::NodeFacts* known =
        view == nullptr ? nullptr : view->facts.Fresh(now, facts.age_max);
    if (known == nullptr || !known->is_whole) unknown.push_back(node.name);
    if (known == nullptr) continue;
    oldest = std::min(oldest, view->facts.at);
    for (const core::DeadLetterFacts& of : known->dead_letters) {
      const auto topic = topics.find(of.topic);
      if (topic != topics.end() && may_see(of.group)) Add(of, *topic->second, counts);
    }
  }
  idl::SummarizeDeadLettersResponse out;
  for (auto& [key, wire] : counts) out.groups.push_back(std::move(wire));
  out.age_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - oldest).count();
  if (!unknown.empty()) out.__set_unknown_nodes(unknown);
  return out;
}

Result<idl::SummarizeDeadLettersResponse> SummarizeDeadLetters(
    Services& services, const idl::SummarizeDeadLettersRequest& /*request*/,
    const rpc::CallContext& call) {
  const OnCall* on_call = services.on_call;
  const FactsBoard* facts = services.facts;
  if (on_call == nullptr || facts == nullptr || !on_call->board().Current()) {
    return Error{ErrorCode::kNotCoordinator, "this metaserver is not on call, or not ready yet"};
  }
  const auto book = services.guard.book();
  idl::SummarizeDeadLettersResponse out = TellDeadLetters(
      facts->Look(),
      [&](const std::string& group) { return MaySee(services, book.get(), call, group); },
      services.clock.Now());
  if (book == nullptr) return out;
  for (idl::GroupDeadLetters& wire : out.groups) {
    const std::string_view owner = book->OwnerOf(core::ResourceKind::kGroup, wire.group);
    if (!owner.empty()) wire.__set_owner(std::string(owner));
  }
  return out;
}

}  // namespace lanemq::metaserver
