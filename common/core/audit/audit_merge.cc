#include "common/core/audit/audit_merge.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace lanemq::core {
namespace {

/// Asked for at once of one source, when there are many of them: asking costs more than some rows.
constexpr std::size_t kAskedMin = 10;

}  // namespace

std::size_t BytesOf(const AuditEvent& event) {
  return sizeof(event) + event.note.actor.size() + event.note.on_behalf_of.size() +
         event.note.source.size() + event.note.request_id.size() + event.note.action.size() +
         event.note.reason.size() + event.change.object_kind.size() +
         event.change.object_name.size() + event.change.before_json.size() +
         event.change.after_json.size();
}

AuditMerge::AuditMerge(AuditPositions from, const std::vector<NodeId>& sources, Bounds bounds)
    : bounds_(bounds) {
  for (const NodeId source : sources) {
    const auto position = from.find(source);
    sources_[source].has_more = position == from.end() || position->second > 0;
  }
  page_.next = std::move(from);
}

bool AuditMerge::IsFull() const {
  if (page_.events.size() >= bounds_.max) return true;
  const auto next = Next();
  return next && !page_.events.empty() &&
         bytes_ + BytesOf(sources_.at(*next).ready.front()) > bounds_.bytes_max;
}

std::optional<NodeId> AuditMerge::Next() const {
  std::optional<NodeId> next;
  WallTime newest;
  for (const auto& [id, source] : sources_) {
    if (source.ready.empty()) continue;
    const WallTime at = source.ready.front().at;
    // Equal ones: the first source comes first.
    if (next && at <= newest) continue;
    next = id;
    newest = at;
  }
  return next;
}

bool AuditMerge::MustWait() const {
  return std::any_of(sources_.begin(), sources_.end(), [](const auto& one) {
    const Source& source = one.second;
    return source.ready.empty() && source.has_more && !source.has_failed;
  });
}

void AuditMerge::Advance() {
  while (!MustWait() && !IsFull()) {
    const auto next = Next();
    if (!next) return;
    Source& source = sources_.at(*next);
    AuditEvent event = std::move(source.ready.front());
    source.ready.pop_front();
    bytes_ += BytesOf(event);
    page_.next[*next] = event.id;
    page_.events.push_back({*next, std::move(event)});
  }
}

std::vector<AuditMerge::Ask> AuditMerge::Asks() {
  Advance();
  std::vector<Ask> asks;
  if (IsFull()) return asks;
  for (const auto& [id, source] : sources_) {
    if (!source.ready.empty() || !source.has_more || source.has_failed) continue;
    Ask& ask = asks.emplace_back(Ask{id, std::nullopt, 1});
    const auto position = page_.next.find(id);
    if (position != page_.next.end()) ask.before_id = position->second;
  }
  // Together twice what the page takes: of few sources that have as much each, one round is enough.
  const std::size_t left = bounds_.max - page_.events.size();
  const std::size_t share = asks.empty() ? 0 : (2 * left + asks.size() - 1) / asks.size();
  for (Ask& ask : asks) ask.max = std::min(std::max(share, kAskedMin), left);
  return asks;
}

void AuditMerge::Add(NodeId id, AuditPage page) {
  Source& source = sources_.at(id);
  // No database numbers its rows so; an id is what positions are made of.
  std::erase_if(page.events, [](const AuditEvent& event) {
    return event.id <= 0 || event.id == std::numeric_limits<std::int64_t>::max();
  });
  std::move(page.events.begin(), page.events.end(), std::back_inserter(source.ready));
  source.has_more = page.has_more;
}

void AuditMerge::Fail(NodeId id) {
  sources_.at(id).has_failed = true;
  page_.failed.push_back(id);
}

AuditMerge::Page AuditMerge::Take() {
  Advance();
  for (const auto& [id, source] : sources_) {
    const bool has_more = !source.ready.empty() || source.has_more || source.has_failed;
    page_.has_more = page_.has_more || has_more;
    if (!has_more) page_.next[id] = 0;
    // What is written meanwhile is newer than this page: it is of another search.
    if (!source.ready.empty()) page_.next.try_emplace(id, source.ready.front().id + 1);
  }
  std::ranges::sort(page_.failed);
  return std::move(page_);
}

}  // namespace lanemq::core
