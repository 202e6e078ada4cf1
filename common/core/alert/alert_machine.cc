#include "common/core/alert/alert_machine.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "common/core/alert/alert_kinds.h"
#include "common/core/alert/alert_notices.h"
#include "common/core/alert/alert_routes.h"
#include "common/core/retry/error_text.h"

namespace lanemq::core {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kSummaryBytesMax = 1'024;
constexpr std::size_t kCauseBytesMax = 32;
constexpr std::size_t kOwnerBytesMax = 128;

milliseconds Times(milliseconds time, double factor) {
  const auto scaled = static_cast<std::int64_t>(static_cast<double>(time.count()) * factor);
  return milliseconds{std::max<std::int64_t>(scaled, 1)};
}

/// FNV-1a: enough for names that must not change with the library.
std::uint64_t HashOf(const AlertKey& key) {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
  };
  add(key.kind);
  add(std::string_view("\0", 1));
  add(key.subject);
  return hash;
}

struct Entry {
  const Alert* before = nullptr;  ///< nullptr: it is new.
  Alert after;
  const AlertObservation* seen = nullptr;
  Truth truth = Truth::kUnknown;
  bool is_forgotten = false;

  [[nodiscard]] bool IsChanged() const {
    return !is_forgotten && (before == nullptr || !(*before == after));
  }
  [[nodiscard]] bool IsOpen() const {
    return !is_forgotten && after.state != AlertState::kResolved;
  }
  [[nodiscard]] bool IsFiring() const { return IsOpen() && after.state == AlertState::kFiring; }
};

class Planner {
 public:
  Planner(const AlertMemory& memory, const AlertObservations& seen, const AlertSettings& settings,
          const AlertTimes& times)
      : memory_(memory),
        seen_(seen),
        settings_(settings),
        times_(times),
        now_(memory.now),
        notices_(memory, settings, times) {}

  AlertChanges Plan() {
    Index();
    for (auto& [key, entry] : entries_) {
      if (HasRoom()) Advance(entry);
    }
    Begin();
    for (auto& [key, entry] : entries_) Explain(key, entry);
    Tell();
    for (auto& [key, entry] : entries_) Supersede(key, entry);
    return Collect();
  }

 private:
  using Entries = std::map<AlertKey, Entry>;

  [[nodiscard]] bool HasRoom() const { return moved_ < kAlertChangesMax && !notices_.IsFull(); }
  [[nodiscard]] microseconds Since(WallTime then) const {
    return microseconds{now_.micros - then.micros};
  }
  const AlertRuleChange* ChangeOf(std::string_view kind) const;
  [[nodiscard]] bool IsOn(std::string_view kind) const;
  [[nodiscard]] milliseconds ForOf(const AlertObservation& seen) const;
  /// What it is, as seen now.
  void Describe(const AlertObservation& seen, Alert& alert) const;
  void Event(const Alert& alert, std::string what, std::string detail = {}) {
    events_.push_back({{}, alert.incident, std::move(what), std::move(detail)});
  }
  std::string NewIncident(const AlertKey& key);

  void Index();
  void Advance(Entry& entry);
  void Fire(Entry& entry);
  void Resolve(Entry& entry, const char* what, const Alert* worse);
  void Begin();
  void Explain(const AlertKey& key, Entry& entry);
  /// The worst firing alert of the family about the same subject that is worse; may be null.
  Entry* WorseOf(const AlertKey& key);
  void Tell();
  void TellOne(const AlertKey& key, Entry& entry);
  void Supersede(const AlertKey& key, Entry& entry);
  AlertChanges Collect();

  const AlertMemory& memory_;
  const AlertObservations& seen_;
  const AlertSettings& settings_;
  const AlertTimes& times_;
  const WallTime now_;
  AlertNotices notices_;
  Entries entries_;
  std::map<AlertKey, const AlertObservation*> fresh_;  ///< True, and no alert yet.
  std::set<std::string, std::less<>> incidents_;
  std::vector<AlertEvent> events_;
  std::size_t moved_ = 0;
};

const AlertRuleChange* Planner::ChangeOf(std::string_view kind) const {
  for (const AlertRuleChange& change : settings_.rules) {
    if (change.kind == kind) return &change;
  }
  return nullptr;
}

bool Planner::IsOn(std::string_view kind) const {
  const AlertKind* const known = FindAlertKind(kind);
  return known != nullptr && RuleOf(*known, settings_.rules).is_on;
}

milliseconds Planner::ForOf(const AlertObservation& seen) const {
  const AlertKind* const kind = FindAlertKind(seen.kind);
  const AlertRuleChange* const change = ChangeOf(seen.kind);
  milliseconds time = seen.for_at_least.value_or(kind->for_at_least);
  if (change != nullptr) time = change->for_at_least.value_or(time);
  return time.count() <= 0 ? milliseconds{0} : Times(time, times_.for_scale);
}

void Planner::Describe(const AlertObservation& seen, Alert& alert) const {
  const AlertKind* const kind = FindAlertKind(seen.kind);
  const AlertRuleChange* const change = ChangeOf(seen.kind);
  alert.severity = seen.severity.value_or(kind->severity);
  if (change != nullptr) alert.severity = change->severity.value_or(alert.severity);
  alert.owner = seen.owner;
  if (alert.owner.empty() && change != nullptr) alert.owner = change->owner.value_or("");
  alert.owner = CutErrorText(alert.owner, kOwnerBytesMax);
  alert.summary = CutErrorText(seen.summary, kSummaryBytesMax);
  alert.cause = CutErrorText(seen.cause, kCauseBytesMax);
}

std::string Planner::NewIncident(const AlertKey& key) {
  for (std::uint64_t hash = HashOf(key);; ++hash) {
    std::string incident = fmt::format("{:016x}-{:x}", hash, now_.micros);
    if (incidents_.insert(incident).second) return incident;
  }
}

void Planner::Index() {
  for (const Alert& alert : memory_.open) {
    incidents_.insert(alert.incident);
    Entry& entry = entries_[{alert.kind, alert.subject}];
    if (entry.before != nullptr) continue;  // The store has one open alert of each subject.
    entry.before = &alert;
    entry.after = alert;
    // A kind that is not known or switched off is false: nobody looks at it any more.
    const bool is_off = !IsOn(alert.kind);
    const bool is_looked_at = is_off || seen_.complete.contains(alert.kind);
    entry.truth = is_looked_at ? Truth::kFalse : Truth::kUnknown;
  }
  const auto rank = [](Truth truth) {
    return truth == Truth::kTrue ? 2 : truth == Truth::kUnknown ? 1 : 0;
  };
  for (const AlertObservation& item : seen_.items) {
    if (!IsOn(item.kind)) continue;
    const AlertKey key{item.kind, item.subject};
    const auto open = entries_.find(key);
    if (open == entries_.end()) {
      if (item.truth == Truth::kTrue) fresh_.emplace(key, &item);
      continue;
    }
    Entry& entry = open->second;
    if (entry.seen != nullptr && rank(item.truth) <= rank(entry.truth)) continue;
    entry.seen = &item;
    entry.truth = item.truth;
  }
}

void Planner::Advance(Entry& entry) {
  Alert& alert = entry.after;
  // The database's clock may step back, at a failover.
  if (alert.state == AlertState::kPending) alert.since = std::min(alert.since, now_);
  if (alert.false_since) alert.false_since = std::min(*alert.false_since, now_);
  if (entry.truth == Truth::kTrue) {
    alert.false_since.reset();
    if (alert.state == AlertState::kPending && Since(alert.since) >= ForOf(*entry.seen))
      Fire(entry);
  } else if (entry.truth == Truth::kFalse) {
    if (alert.state == AlertState::kPending) {
      entry.is_forgotten = true;
      ++moved_;
      return;
    }
    if (!alert.false_since) alert.false_since = now_;
    if (Since(*alert.false_since) >= times_.resolve_after) Resolve(entry, "resolved", nullptr);
  }
  if (entry.IsChanged()) ++moved_;
}

void Planner::Fire(Entry& entry) {
  entry.after.state = AlertState::kFiring;
  entry.after.fired = now_;
  Describe(*entry.seen, entry.after);
  Event(entry.after, "fired", entry.after.summary);
}

void Planner::Resolve(Entry& entry, const char* what, const Alert* worse) {
  Alert& alert = entry.after;
  alert.state = AlertState::kResolved;
  alert.resolved = now_;
  Event(alert, what, worse == nullptr ? std::string() : worse->kind + ": " + worse->incident);
  notices_.TellResolved(alert, worse);
}

void Planner::Begin() {
  std::vector<std::pair<AlertKey, Entry>> begun;
  for (const auto& [key, seen] : fresh_) {
    Entry entry;
    entry.seen = seen;
    entry.truth = Truth::kTrue;
    entry.after.kind = key.kind;
    entry.after.subject = key.subject;
    entry.after.since = now_;
    Describe(*seen, entry.after);
    begun.emplace_back(key, std::move(entry));
  }
  std::stable_sort(begun.begin(), begun.end(), [](const auto& a, const auto& b) {
    return a.second.after.severity > b.second.after.severity;
  });
  for (auto& [key, entry] : begun) {
    if (!HasRoom() || entries_.size() >= kAlertsOpenMax) return;
    entry.after.incident = NewIncident(key);
    if (ForOf(*entry.seen).count() == 0) Fire(entry);
    ++moved_;
    entries_.emplace(key, std::move(entry));
  }
}

Entry* Planner::WorseOf(const AlertKey& key) {
  const AlertKind* const mine = FindAlertKind(key.kind);
  if (mine == nullptr || mine->family_rank == 0) return nullptr;
  Entry* worst = nullptr;
  int rank = mine->family_rank;
  for (const AlertKind& kind : AlertKinds()) {
    if (kind.family_rank <= rank) continue;
    const auto found = entries_.find({std::string(kind.name), key.subject});
    if (found == entries_.end() || !found->second.IsFiring()) continue;
    worst = &found->second;
    rank = kind.family_rank;
  }
  return worst;
}

void Planner::Explain(const AlertKey& key, Entry& entry) {
  if (!entry.IsOpen() || entry.truth == Truth::kUnknown) return;
  std::string why;
  if (const Entry* worse = WorseOf(key)) why = worse->after.kind;
  if (why.empty() && entry.seen != nullptr) {
    for (const AlertKey& explanation : entry.seen->explained_by) {
      if (explanation == key) continue;
      const auto found = entries_.find(explanation);
      if (found == entries_.end() || !found->second.IsOpen()) continue;
      why = explanation.kind;
      break;
    }
  }
  if (entry.after.inhibited_by == why) return;
  const bool was_changed = entry.IsChanged();
  if (!was_changed && !HasRoom()) return;
  if (!was_changed) ++moved_;
  entry.after.inhibited_by = std::move(why);
}

void Planner::Tell() {
  std::vector<std::pair<const AlertKey, Entry>*> firing;
  for (auto& item : entries_) {
    if (item.second.IsFiring()) firing.push_back(&item);
  }
  // Within a channel's cap: pages, then tickets; beginnings before reminders.
  std::stable_sort(firing.begin(), firing.end(), [](const auto* a, const auto* b) {
    const Alert& left = a->second.after;
    const Alert& right = b->second.after;
    return std::pair(left.is_told, right.severity) < std::pair(right.is_told, left.severity);
  });
  for (auto* item : firing) TellOne(item->first, item->second);
}

void Planner::TellOne(const AlertKey& key, Entry& entry) {
  Alert& alert = entry.after;
  const bool has_just_fired = alert.fired == now_;
  const AlertSilence* const silence = SilenceOf(key, now_, settings_.silences);
  if (silence != nullptr || !alert.inhibited_by.empty()) {
    if (has_just_fired && !alert.is_told) {
      Event(alert, silence != nullptr ? "silenced" : "explained",
            silence != nullptr ? silence->reason : "by " + alert.inhibited_by);
    }
    return;
  }
  if (alert.false_since) return;  // It may be over already.
  const WallTime last = alert.reminded.value_or(alert.fired.value_or(alert.since));
  const bool is_due = !alert.is_told || Since(last) >= times_.remind_every;
  if (!is_due) return;
  if (!entry.IsChanged()) {
    if (!HasRoom()) return;
    ++moved_;
  } else if (notices_.IsFull()) {
    return;
  }
  if (entry.seen != nullptr && entry.truth == Truth::kTrue) Describe(*entry.seen, alert);
  alert.reminded = now_;
  if (alert.is_told) {
    Event(alert, "reminded", alert.summary);
    notices_.TellReminder(alert);
    return;
  }
  if (!has_just_fired) Event(alert, "told", alert.summary);
  alert.is_told = true;
  notices_.TellFired(alert);
}

void Planner::Supersede(const AlertKey& key, Entry& entry) {
  // One that was not told is only held back: it may be what is left when the worse one is over.
  if (!entry.IsFiring() || !entry.after.is_told) return;
  const Entry* const worse = WorseOf(key);
  if (worse == nullptr || !worse->after.is_told || !HasRoom()) return;
  if (!entry.IsChanged()) ++moved_;
  Resolve(entry, "superseded", &worse->after);
}

AlertChanges Planner::Collect() {
  AlertChanges changes;
  for (auto& [key, entry] : entries_) {
    if (entry.is_forgotten) {
      changes.forget.push_back(entry.after.incident);
    } else if (entry.IsChanged()) {
      changes.put.push_back(std::move(entry.after));
    }
  }
  notices_.Finish(changes);
  changes.events = std::move(events_);
  return changes;
}

}  // namespace

AlertTimes AlertTimes::Scaled(double factor) const {
  AlertTimes scaled = *this;
  for (milliseconds* time :
       {&scaled.resolve_after, &scaled.remind_every, &scaled.cap_window, &scaled.retry_first,
        &scaled.retry_max, &scaled.give_up_after, &scaled.alertmanager_every}) {
    *time = Times(*time, factor);
  }
  scaled.for_scale *= factor;
  return scaled;
}

AlertChanges PlanAlerts(const AlertMemory& memory, const AlertObservations& seen,
                        const AlertSettings& settings, const AlertTimes& times) {
  return Planner(memory, seen, settings, times).Plan();
}

}  // namespace lanemq::core
