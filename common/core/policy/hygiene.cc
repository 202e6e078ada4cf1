#include "common/core/policy/hygiene.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"

namespace lanemq::core {
namespace {

constexpr std::int64_t kDayMicros = 24LL * 60 * 60 * 1'000'000;
constexpr std::array<std::string_view, 4> kKindTexts = {"grant_ends", "owner_gone", "nobody_writes",
                                                        "nobody_reads"};

class Planner {
 public:
  Planner(const PolicyWorld& world, const std::map<HygieneMatter, Reminded>& memory,
          const HygieneRule& rule, WallTime now)
      : world_(world), memory_(memory), rule_(rule), now_(now) {}

  void LookAtTopic(const TopicFacts& topic, const TopicActivity* activity) {
    const Object object{ResourceKind::kTopic, topic.name};
    LookAtOwner(object, topic.owner);
    if (activity == nullptr) return;
    LookAtIdle(HygieneKind::kNobodyWrites, object, topic.owner, "written to", activity->produced_at,
               activity->created_at);
    LookAtIdle(HygieneKind::kNobodyReads, object, topic.owner, "read", activity->consumed_at,
               activity->created_at);
  }

  void LookAtGroup(const GroupFacts& group) {
    if (!group.is_only_named) LookAtOwner({ResourceKind::kGroup, group.name}, group.owner);
  }

  void LookAtGrant(const Grant& grant) {
    if (!grant.expires_at || grant.expires_at->micros <= now_.micros) return;
    const std::int64_t left = grant.expires_at->micros - now_.micros;
    const auto due = std::count_if(rule_.grant_days.begin(), rule_.grant_days.end(),
                                   [&](std::int64_t days) { return left <= days * kDayMicros; });
    if (due == 0) return;
    const Object object{grant.kind, grant.name + (grant.is_prefix ? "*" : "")};
    const std::string principal = ToString(grant.principal);
    HygieneMatter matter{HygieneKind::kGrantEnds,
                         fmt::format("{} for {}", object.Subject(), principal)};
    seen_.insert(matter);
    const auto told = memory_.find(matter);
    if (told != memory_.end() && told->second.count >= due) return;
    grants_.emplace_back(
        left, HygieneReminder{.matter = std::move(matter),
                              .after = {static_cast<std::int32_t>(due), now_},
                              .teams = TeamsOf(grant),
                              .text = fmt::format("{} may use {} for {} more days", principal,
                                                  object.Subject(), left / kDayMicros),
                              .object_kind = object.kind,
                              .object_name = object.name,
                              .at = grant.expires_at});
  }

  HygienePlan Take() {
    std::stable_sort(grants_.begin(), grants_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::stable_sort(others_.begin(), others_.end(),
                     [](const auto& a, const auto& b) { return a.matter < b.matter; });
    HygienePlan plan;
    for (auto& [left, reminder] : grants_) plan.reminders.push_back(std::move(reminder));
    for (HygieneReminder& reminder : others_) plan.reminders.push_back(std::move(reminder));
    if (plan.reminders.size() > rule_.reminders_per_run_max) {
      plan.left_out = plan.reminders.size() - rule_.reminders_per_run_max;
      plan.reminders.resize(rule_.reminders_per_run_max);
    }
    for (const auto& [matter, reminded] : memory_) {
      if (!seen_.contains(matter)) plan.forget.push_back(matter);
    }
    return plan;
  }

  /// Nothing is known of it this time: what is remembered stays.
  void Keep(const HygieneMatter& matter) { seen_.insert(matter); }

 private:
  struct Object {
    ResourceKind kind;
    std::string name;
    [[nodiscard]] std::string Subject() const {
      return (kind == ResourceKind::kGroup ? "group " : "topic ") + name;
    }
  };

  void LookAtOwner(const Object& object, const std::string& owner) {
    if (owner.empty() || IsThere(owner)) return;
    Tell(HygieneKind::kOwnerGone, object, {},
         fmt::format("{} belongs to team {}, which is gone or has no members", object.Subject(),
                     owner),
         std::nullopt);
  }

  [[nodiscard]] bool IsThere(const std::string& team) const {
    const Team* const facts = world_.FindTeam(team);
    return facts != nullptr && !facts->members.empty();
  }

  void LookAtIdle(HygieneKind kind, const Object& object, const std::string& owner,
                  const char* deed, const std::optional<WallTime>& last, WallTime created_at) {
    const std::string subject = object.Subject();
    const std::int64_t idle = now_.micros - last.value_or(created_at).micros;
    if (idle < rule_.idle_days * kDayMicros) return;
    std::vector<std::string> teams;
    if (!owner.empty() && IsThere(owner)) teams.push_back(owner);
    const std::string text =
        last ? fmt::format("nobody has {} {} for {} days", deed, subject, idle / kDayMicros)
             : fmt::format("nobody has {} {} since it was made {} days ago", deed, subject,
                           idle / kDayMicros);
    Tell(kind, object, std::move(teams), text, last.value_or(created_at));
  }

  void Tell(HygieneKind kind, const Object& object, std::vector<std::string> teams,
            std::string text, std::optional<WallTime> at) {
    HygieneMatter matter{kind, object.Subject()};
    seen_.insert(matter);
    Reminded after{1, now_};
    if (const auto told = memory_.find(matter); told != memory_.end()) {
      const std::int64_t waited = now_.micros - told->second.last_at.micros;
      if (told->second.count >= rule_.reminders_max) return;
      if (waited < rule_.remind_every_days * kDayMicros) return;
      after.count = told->second.count + 1;
    }
    others_.push_back({.matter = std::move(matter),
                       .after = after,
                       .teams = std::move(teams),
                       .text = std::move(text),
                       .object_kind = object.kind,
                       .object_name = object.name,
                       .at = at});
  }

  /// Whose grant it is, and who gave it.
  [[nodiscard]] std::vector<std::string> TeamsOf(const Grant& grant) const {
    std::set<std::string> teams;
    if (grant.principal.kind == PrincipalKind::kTeam) {
      teams.insert(grant.principal.name);
    } else {
      teams.insert(world_.TeamOfService(grant.principal.name).value_or(""));
    }
    if (!grant.is_prefix && grant.kind == ResourceKind::kTopic) {
      if (const TopicFacts* topic = world_.FindTopic(grant.name)) teams.insert(topic->owner);
    } else if (!grant.is_prefix) {
      if (const GroupFacts* group = world_.FindGroup(grant.name)) teams.insert(group->owner);
    }
    std::erase_if(teams, [&](const std::string& team) { return team.empty() || !IsThere(team); });
    return {teams.begin(), teams.end()};
  }

  const PolicyWorld& world_;
  const std::map<HygieneMatter, Reminded>& memory_;
  const HygieneRule& rule_;
  const WallTime now_;
  std::vector<std::pair<std::int64_t, HygieneReminder>> grants_;  ///< By what is left of them.
  std::vector<HygieneReminder> others_;
  std::set<HygieneMatter> seen_;
};

}  // namespace

std::string_view ToString(HygieneKind kind) {
  return kKindTexts.at(static_cast<std::size_t>(kind));
}

std::optional<HygieneKind> HygieneKindFromString(std::string_view text) {
  const auto found = std::ranges::find(kKindTexts, text);
  if (found == kKindTexts.end()) return std::nullopt;
  return static_cast<HygieneKind>(found - kKindTexts.begin());
}

HygienePlan PlanHygiene(const PolicyWorld& world,
                        const std::map<std::string, TopicActivity>& activities,
                        const std::map<HygieneMatter, Reminded>& memory, const HygieneRule& rule,
                        WallTime now) {
  Planner planner(world, memory, rule, now);
  for (const auto& [name, topic] : world.topics()) {
    const auto activity = activities.find(name);
    const bool is_known = activity != activities.end();
    planner.LookAtTopic(topic, is_known ? &activity->second : nullptr);
    if (is_known) continue;
    planner.Keep({HygieneKind::kNobodyWrites, "topic " + name});
    planner.Keep({HygieneKind::kNobodyReads, "topic " + name});
  }
  for (const auto& [name, group] : world.groups()) planner.LookAtGroup(group);
  for (const auto& [key, grant] : world.grants()) planner.LookAtGrant(grant);
  return planner.Take();
}

}  // namespace lanemq::core
