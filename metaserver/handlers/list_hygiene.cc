// What somebody should tidy up.
#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "common/core/policy/hygiene.h"
#include "metaserver/handlers/access_deadline.h"
#include "metaserver/handlers/governed.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::int32_t kIdleDaysMax = 3'650;
constexpr std::int32_t kFindingsMax = 5'000;
constexpr std::size_t kFindingsDefault = 1'000;
/// As many topics as a catalogue can have.
constexpr std::size_t kTopicsMax = 200'000;
constexpr std::int64_t kDayMicros = 24LL * 60 * 60 * 1'000'000;

Error Invalid(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

struct Wish {
  core::HygieneRule rule;
  std::set<std::string, std::less<>> kinds;  ///< Empty: all.
  std::string team;                          ///< Empty: everybody's.
  std::size_t max = kFindingsDefault;
};

bool IsKind(std::string_view text) {
  using enum core::HygieneKind;
  const auto kinds = {kGrantEnds, kOwnerGone, kNobodyWrites, kNobodyReads};
  return std::any_of(kinds.begin(), kinds.end(),
                     [&](core::HygieneKind kind) { return core::ToString(kind) == text; });
}

Result<Wish> FromWire(const idl::ListHygieneRequest& request) {
  Wish wish;
  wish.rule.reminders_per_run_max = std::numeric_limits<std::size_t>::max();
  wish.team = request.team;
  if (request.__isset.idle_days) {
    if (request.idle_days < 1 || request.idle_days > kIdleDaysMax) {
      return Invalid(fmt::format("idle_days is 1 to {}", kIdleDaysMax));
    }
    wish.rule.idle_days = request.idle_days;
  }
  if (request.__isset.max) {
    if (request.max < 1 || request.max > kFindingsMax) {
      return Invalid(fmt::format("max is 1 to {}", kFindingsMax));
    }
    wish.max = static_cast<std::size_t>(request.max);
  }
  for (const std::string& kind : request.kinds) {
    if (!IsKind(kind)) {
      return Invalid(fmt::format(
          "kinds are grant_ends, owner_gone, nobody_writes and nobody_reads, not '{}'", kind));
    }
    wish.kinds.insert(kind);
  }
  return wish;
}

bool Concerns(const Wish& wish, const core::HygieneReminder& found) {
  if (!wish.kinds.empty() && !wish.kinds.contains(core::ToString(found.matter.kind))) return false;
  return wish.team.empty() || std::ranges::binary_search(found.teams, wish.team);
}

idl::HygieneFinding ToWire(const core::HygieneReminder& found) {
  idl::HygieneFinding wire;
  wire.kind = core::ToString(found.matter.kind);
  wire.object_kind = core::ToString(found.object_kind);
  wire.object_name = found.object_name;
  wire.text = found.text;
  wire.teams = found.teams;
  if (found.at) wire.__set_at_us(found.at->micros);
  return wire;
}

/// What is known of each topic, by name; `not_known`: how many were watched too briefly.
std::map<std::string, core::TopicActivity> ActivitiesOf(const core::CatalogSnapshot& snapshot,
                                                        const std::vector<core::LastUse>& uses,
                                                        WallTime watched_until,
                                                        std::int32_t& not_known) {
  std::map<core::TopicId, const core::LastUse*> by_id;
  for (const core::LastUse& use : uses) by_id[use.topic] = &use;
  std::map<std::string, core::TopicActivity> activities;
  for (const core::Topic& topic : snapshot.topics) {
    if (topic.state == core::TopicState::kDeleting) continue;
    const auto found = by_id.find(topic.id);
    const bool is_old = topic.created_at.micros <= watched_until.micros;
    if (found == by_id.end()) {
      not_known += is_old ? 1 : 0;
      continue;
    }
    const core::LastUse& use = *found->second;
    const bool is_watched = use.watched_since.micros <= watched_until.micros;
    not_known += is_old && !is_watched ? 1 : 0;
    activities[topic.name] = {topic.created_at, use.produced_at, use.consumed_at};
  }
  return activities;
}

}  // namespace

Result<idl::ListHygieneResponse> ListHygiene(Services& services,
                                             const idl::ListHygieneRequest& request) {
  LANEMQ_ASSIGN_OR_RETURN(const Wish wish, FromWire(request));
  LANEMQ_ASSIGN_OR_RETURN(Governance* const governance, GovernanceOf(services));
  LANEMQ_ASSIGN_OR_RETURN(const core::PolicyWorld world, governance->World());
  LANEMQ_ASSIGN_OR_RETURN(const auto uses,
                          services.lag_history.LastUses(kTopicsMax, ForAccess(services)));
  const auto snapshot = services.cache.Current();
  const WallTime now = services.clock.WallNow();
  idl::ListHygieneResponse response;
  const WallTime since{now.micros - wish.rule.idle_days * kDayMicros};
  const auto activities = ActivitiesOf(*snapshot, uses, since, response.topics_not_known);
  const core::HygienePlan plan = core::PlanHygiene(world, activities, {}, wish.rule, now);
  response.is_whole = true;
  for (const core::HygieneReminder& found : plan.reminders) {
    if (!Concerns(wish, found)) continue;
    response.is_whole = response.findings.size() < wish.max;
    if (!response.is_whole) break;
    response.findings.push_back(ToWire(found));
  }
  return response;
}

}  // namespace lanemq::metaserver
