#include "metaserver/governance/hygiene_reminders.h"

#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/base/log.h"
#include "common/core/alert/alert_routes.h"
#include "common/core/alert/notice_planner.h"

namespace lanemq::metaserver {
namespace {

/// As many topics as a catalogue can have.
constexpr std::size_t kTopicsMax = 200'000;
constexpr std::int64_t kDayMicros = 24LL * 60 * 60 * 1'000'000;
constexpr core::AlertSeverity kSeverity = core::AlertSeverity::kTicket;

/// Who is told, by team; operators: "".
using Channels = std::vector<std::string>;

/// Where teams and operators hear of things.
class Routes {
 public:
  Routes(const core::PolicyWorld& world, const core::AlertSettings& settings)
      : world_(world), settings_(settings) {}

  /// Empty: the team has none.
  [[nodiscard]] Channels Of(const std::string& name) const {
    Channels channels;
    const core::Team* const team = name.empty() ? nullptr : world_.FindTeam(name);
    for (const core::AlertChannel& channel : settings_.channels) {
      const bool is_of_team =
          team != nullptr && channel.is_on && team->oncall_route == channel.name;
      const bool is_of_operators =
          name.empty() && channel.owners.empty() && core::IsRouted(channel, "", kSeverity);
      if (is_of_team || is_of_operators) channels.push_back(channel.name);
    }
    return channels;
  }
  /// Everybody who is to hear of it and can.
  [[nodiscard]] std::map<std::string, Channels> Recipients(
      const core::HygieneReminder& reminder) const {
    std::map<std::string, Channels> recipients;
    for (const std::string& team : reminder.teams) {
      if (Channels channels = Of(team); !channels.empty()) recipients[team] = std::move(channels);
    }
    if (!recipients.empty()) return recipients;
    if (Channels channels = Of(""); !channels.empty()) recipients[""] = std::move(channels);
    return recipients;
  }

 private:
  const core::PolicyWorld& world_;
  const core::AlertSettings& settings_;
};

struct Letter {
  Channels channels;
  std::vector<std::string> lines;
};

struct Telling {
  core::HygieneTelling stored;
  std::map<std::string, Letter> letters;  ///< By team.
  std::int64_t unheard = 0;
  std::int64_t left_out = 0;
};

/// A matter is told to all of its recipients at once, or waits.
Telling Choose(core::HygienePlan& plan, const Routes& routes,
               const HygieneReminders::Options& options) {
  Telling telling;
  for (core::HygieneReminder& reminder : plan.reminders) {
    const auto recipients = routes.Recipients(reminder);
    if (recipients.empty()) {
      ++telling.unheard;
      continue;
    }
    std::size_t letters = telling.letters.size();
    for (const auto& [team, channels] : recipients)
      letters += telling.letters.contains(team) ? 0 : 1;
    if (telling.stored.told.size() >= options.matters_max || letters > options.recipients_max) {
      ++telling.left_out;
      continue;
    }
    for (const auto& [team, channels] : recipients) {
      telling.letters[team].channels = channels;
      telling.letters[team].lines.push_back(reminder.text);
    }
    telling.stored.told[std::move(reminder.matter)] = reminder.after;
  }
  if (plan.forget.size() > options.matters_max) plan.forget.resize(options.matters_max);
  telling.stored.forget = std::move(plan.forget);
  return telling;
}

std::string Summary(const std::vector<std::string>& lines, std::size_t lines_max) {
  std::string text = fmt::format("{} to tidy up: ", lines.size());
  for (std::size_t i = 0; i < lines.size() && i < lines_max; ++i) {
    text += (i == 0 ? "" : "; ") + lines[i];
  }
  if (lines.size() > lines_max) text += fmt::format("; and {} more", lines.size() - lines_max);
  return text;
}

/// `id` is of this letter alone.
void AddNotices(const std::string& team, const Letter& letter, const std::string& id,
                std::size_t lines_max, WallTime now, std::vector<core::AlertNotice>& notices) {
  core::NoticeBody body;
  core::Alert& alert = body.alert;
  alert.incident = id;
  alert.kind = "hygiene";
  alert.subject = team.empty() ? "operators" : "team " + team;
  alert.state = core::AlertState::kFiring;
  alert.severity = kSeverity;
  alert.owner = team;
  alert.summary = Summary(letter.lines, lines_max);
  alert.cause = team.empty() ? "lanemq hygiene" : "lanemq hygiene --team " + team;
  alert.since = now;
  alert.fired = now;
  for (const std::string& channel : letter.channels) {
    core::AlertNotice& notice = notices.emplace_back();
    notice.notice = id;
    notice.channel = channel;
    notice.incident = id;
    notice.queued_at = now;
    notice.next_at = now;
    notice.body = core::ToText(body);
  }
}

}  // namespace

void HygieneReminders::Start() {
  if (options_.every.count() == 0) return;
  thread_ = std::jthread([this] { Run(); });
}

void HygieneReminders::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void HygieneReminders::OnEvaluated(const LagPicture& /*picture*/,
                                   const std::optional<core::Fence>& fence) {
  MutexLock lock(mutex_);
  fence_ = fence;
  wake_.NotifyAll();
}

void HygieneReminders::OffDuty() {
  MutexLock lock(mutex_);
  fence_.reset();
}

HygieneReminders::Counts HygieneReminders::Totals() const {
  MutexLock lock(mutex_);
  return counts_;
}

void HygieneReminders::Run() {
  for (;;) {
    std::optional<core::Fence> fence;
    {
      MutexLock lock(mutex_);
      while (!is_stopping_ && !fence_) wake_.Wait(mutex_);
      if (is_stopping_) return;
      fence = std::exchange(fence_, std::nullopt);
    }
    Round(*fence);
  }
}

void HygieneReminders::Round(const core::Fence& fence) {
  if (options_.every.count() == 0 || clock_.Now() < due_) return;
  const Status done = Look(fence);
  due_ = clock_.Now() + (done.ok() ? options_.every : options_.again_in);
  if (!done.ok()) {
    LANEMQ_LOG(WARN, "hygiene.not_told", {"error", done.error().ToString()});
  }
  MutexLock lock(mutex_);
  ++counts_.looks;
  counts_.failed += done.ok() ? 0 : 1;
}

Status HygieneReminders::Look(const core::Fence& fence) {
  LANEMQ_ASSIGN_OR_RETURN(const core::HygieneMemory memory, parts_.store.LoadReminded(ForCall()));
  LANEMQ_ASSIGN_OR_RETURN(const core::PolicyWorld world, parts_.world());
  LANEMQ_ASSIGN_OR_RETURN(const core::AlertSettings settings,
                          parts_.alerts.LoadSettings(ForCall()));
  core::HygieneRule rule = options_.rule;
  rule.reminders_per_run_max = std::numeric_limits<std::size_t>::max();  // Choose() has limits.
  const WallTime now = memory.now;
  LANEMQ_ASSIGN_OR_RETURN(const auto activities,
                          Activities({now.micros - rule.idle_days * kDayMicros}));
  core::HygienePlan plan = core::PlanHygiene(world, activities, memory.told, rule, now);
  Telling telling = Choose(plan, Routes(world, settings), options_);
  core::HygieneTelling& stored = telling.stored;
  for (const auto& [team, letter] : telling.letters) {
    const std::string id = fmt::format("hygiene-{}-{}", now.micros, stored.notices.size());
    AddNotices(team, letter, id, options_.lines_max, now, stored.notices);
  }
  if (!stored.told.empty() || !stored.forget.empty()) {
    LANEMQ_RETURN_IF_ERROR(parts_.store.Remind(stored, fence, ForCall()));
  }
  if (!stored.told.empty()) {
    LANEMQ_LOG(INFO, "hygiene.told", {"matters", stored.told.size()},
               {"notices", stored.notices.size()}, {"unheard", telling.unheard},
               {"left_out", telling.left_out});
  }
  MutexLock lock(mutex_);
  counts_.told += static_cast<std::int64_t>(stored.told.size());
  counts_.notices += static_cast<std::int64_t>(stored.notices.size());
  counts_.unheard = telling.unheard;
  counts_.left_out = telling.left_out;
  return {};
}

Result<std::map<std::string, core::TopicActivity>> HygieneReminders::Activities(
    WallTime watched_since) {
  LANEMQ_ASSIGN_OR_RETURN(const auto uses, parts_.history.LastUses(kTopicsMax, ForCall()));
  std::map<core::TopicId, const core::LastUse*> by_id;
  for (const core::LastUse& use : uses) by_id[use.topic] = &use;
  std::map<std::string, core::TopicActivity> activities;
  const auto catalog = parts_.catalog();
  for (const core::Topic& topic : catalog->topics) {
    const auto found = by_id.find(topic.id);
    if (topic.state == core::TopicState::kDeleting || found == by_id.end()) continue;
    const core::LastUse& use = *found->second;
    if (use.watched_since > watched_since) continue;
    activities[topic.name] = {topic.created_at, use.produced_at, use.consumed_at};
  }
  return activities;
}

}  // namespace lanemq::metaserver
