// What people set of FakeAlertStore.
#include <algorithm>

#include "common/core/alert/alert_checks.h"
#include "common/core/audit/audited_changes.h"
#include "tests/conformance/fake_alert_store.h"

namespace lanemq::testing {

using core::AlertChannel;
using core::AlertNotice;
using core::AlertRuleChange;
using core::AlertSilence;
using core::AuditNote;
using core::NoticeState;
using core::ObjectiveRow;
using std::chrono::milliseconds;

namespace {

template <typename T>
void Keep(std::optional<T>& field, const std::optional<T>& newer) {
  if (newer) field = newer;
}

/// What `map` has of `key`; nullopt: nothing.
template <typename Map>
std::optional<typename Map::mapped_type> ValueAt(const Map& map,
                                                 const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

template <typename T>
const T* Pointer(const std::optional<T>& value) {
  return value ? &*value : nullptr;
}

bool IsWaiting(const AlertNotice& notice) {
  return notice.state == NoticeState::kQueued || notice.state == NoticeState::kSending;
}

}  // namespace

std::vector<core::AuditEvent> FakeAlertStore::Audited() const {
  MutexLock lock(mutex_);
  return audited_;
}

void FakeAlertStore::Audit(const AuditNote& note, core::AuditedChange change) {
  core::AuditEvent& event = audited_.emplace_back();
  event.id = static_cast<std::int64_t>(audited_.size());
  event.note = note;
  event.change = std::move(change);
}

Result<core::AlertSettings> FakeAlertStore::LoadSettings(Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckUp());
  core::AlertSettings settings;
  for (const auto& [kind, rule] : rules_) settings.rules.push_back(rule);
  for (const auto& [name, channel] : channels_) settings.channels.push_back(channel);
  for (const auto& [key, row] : objectives_) settings.objectives.push_back(row);
  for (const auto& [id, silence] : silences_) {
    if (silence.until > world_.now()) settings.silences.push_back(silence);
  }
  std::stable_sort(settings.silences.begin(), settings.silences.end(),
                   [](const auto& a, const auto& b) { return a.until < b.until; });
  return settings;
}

Status FakeAlertStore::SetRule(const AlertRuleChange& rule, std::string_view, const AuditNote& note,
                               Deadline) {
  LANEMQ_RETURN_IF_ERROR(core::CheckRule(rule));
  MutexLock lock(mutex_);
  return Write(nullptr, [&]() -> Status {
    mutex_.AssertHeld();
    const auto before = ValueAt(rules_, rule.kind);
    AlertRuleChange& stored = rules_[rule.kind];
    stored.kind = rule.kind;
    Keep(stored.is_on, rule.is_on);
    Keep(stored.threshold, rule.threshold);
    Keep(stored.for_at_least, rule.for_at_least);
    Keep(stored.severity, rule.severity);
    Keep(stored.owner, rule.owner);
    if (before != stored) Audit(note, core::RuleChanged(rule.kind, Pointer(before), &stored));
    return {};
  });
}

Status FakeAlertStore::ResetRule(std::string_view kind, const AuditNote& note, Deadline) {
  MutexLock lock(mutex_);
  return Write(nullptr, [&]() -> Status {
    mutex_.AssertHeld();
    const auto before = ValueAt(rules_, std::string(kind));
    if (!before) return {};
    rules_.erase(std::string(kind));
    Audit(note, core::RuleChanged(kind, &*before, nullptr));
    return {};
  });
}

void FakeAlertStore::DropWaiting(std::string_view channel) {
  for (AlertNotice& notice : world_.notices()) {
    if (notice.channel != channel) continue;
    if (notice.state == NoticeState::kQueued || notice.state == NoticeState::kFolded) {
      notice.state = NoticeState::kDropped;
    }
  }
}

Status FakeAlertStore::SetChannel(const AlertChannel& channel, std::string_view,
                                  const AuditNote& note, Deadline) {
  LANEMQ_RETURN_IF_ERROR(core::CheckChannel(channel));
  MutexLock lock(mutex_);
  return Write(nullptr, [&]() -> Status {
    mutex_.AssertHeld();
    const auto before = ValueAt(channels_, channel.name);
    if (!before && channels_.size() >= kChannelsMax) {
      return Error{ErrorCode::kInsufficientCapacity, "too many channels"};
    }
    channels_[channel.name] = channel;
    if (!channel.is_on) DropWaiting(channel.name);
    if (before != channel) {
      Audit(note, core::ChannelChanged(channel.name, Pointer(before), &channel));
    }
    return {};
  });
}

Status FakeAlertStore::RemoveChannel(std::string_view name, const AuditNote& note, Deadline) {
  MutexLock lock(mutex_);
  return Write(nullptr, [&]() -> Status {
    mutex_.AssertHeld();
    const auto before = ValueAt(channels_, std::string(name));
    if (!before) return Error{ErrorCode::kNotFound, "no channel"};
    channels_.erase(before->name);
    DropWaiting(name);
    Audit(note, core::ChannelChanged(name, &*before, nullptr));
    return {};
  });
}

Result<std::vector<core::ChannelState>> FakeAlertStore::ChannelStates(Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckUp());
  std::vector<core::ChannelState> states;
  for (const auto& [name, channel] : channels_) {
    core::ChannelState state;
    state.name = name;
    std::optional<WallTime> newest;
    for (const AlertNotice& notice : world_.notices()) {
      if (notice.channel != name) continue;
      const auto sent = sent_.find({notice.notice, name});
      if (sent != sent_.end()) {
        state.last_delivered = std::max(state.last_delivered.value_or(WallTime{0}), sent->second);
      }
      state.queued += IsWaiting(notice) ? 1 : 0;
      const bool is_failing = IsWaiting(notice) || notice.state == NoticeState::kFailed;
      if (!is_failing || notice.last_error.empty()) continue;
      if (newest && notice.next_at < *newest) continue;
      newest = notice.next_at;
      state.last_error = notice.last_error;
    }
    states.push_back(std::move(state));
  }
  return states;
}

Result<AlertSilence> FakeAlertStore::Silence(const AlertSilence& silence, milliseconds length,
                                             const AuditNote& note, Deadline) {
  LANEMQ_RETURN_IF_ERROR(core::CheckSilence(silence, length));
  MutexLock lock(mutex_);
  AlertSilence stored = silence;
  const Status done = Write(nullptr, [&]() -> Status {
    mutex_.AssertHeld();
    const auto in_force = std::count_if(silences_.begin(), silences_.end(), [&](const auto& item) {
      mutex_.AssertHeld();
      return item.second.until > world_.now();
    });
    if (in_force >= static_cast<std::ptrdiff_t>(kSilencesMax)) {
      return Error{ErrorCode::kInsufficientCapacity, "too many silences"};
    }
    stored.id = next_silence_++;
    stored.created_at = world_.now();
    stored.until = Ago(-length);
    silences_[stored.id] = stored;
    Audit(note, core::SilenceChanged(nullptr, &stored));
    return {};
  });
  if (!done.ok()) return done.error();
  return stored;
}

Status FakeAlertStore::EndSilence(std::int64_t id, const AuditNote& note, Deadline) {
  MutexLock lock(mutex_);
  return Write(nullptr, [&]() -> Status {
    mutex_.AssertHeld();
    const auto found = silences_.find(id);
    if (found == silences_.end() || found->second.until <= world_.now()) {
      return Error{ErrorCode::kNotFound, "none in force"};
    }
    Audit(note, core::SilenceChanged(&found->second, nullptr));
    found->second.until = world_.now();
    return {};
  });
}

Status FakeAlertStore::SetObjective(const ObjectiveRow& row, const AuditNote& note, Deadline) {
  LANEMQ_RETURN_IF_ERROR(core::CheckObjective(row));
  MutexLock lock(mutex_);
  return Write(nullptr, [&]() -> Status {
    mutex_.AssertHeld();
    const std::pair key(row.group, row.topic);
    const auto before = ValueAt(objectives_, key);
    if (!before && objectives_.size() >= kObjectivesMax) {
      return Error{ErrorCode::kInsufficientCapacity, "too many objectives"};
    }
    ObjectiveRow stored = before.value_or(ObjectiveRow{});
    stored.group = row.group;
    stored.topic = row.topic;
    Keep(stored.objective, row.objective);
    Keep(stored.allowed_messages, row.allowed_messages);
    Keep(stored.owner, row.owner);
    Keep(stored.tier, row.tier);
    Keep(stored.alerts_on, row.alerts_on);
    if (before != stored) Audit(note, core::ObjectiveChanged(Pointer(before), &stored));
    stored.updated_by = row.updated_by;
    stored.updated_at = world_.now();
    objectives_[key] = stored;
    return {};
  });
}

Status FakeAlertStore::RemoveObjective(std::string_view group, std::string_view topic,
                                       const AuditNote& note, Deadline) {
  MutexLock lock(mutex_);
  return Write(nullptr, [&]() -> Status {
    mutex_.AssertHeld();
    const auto before = ValueAt(objectives_, std::pair(std::string(group), std::string(topic)));
    if (!before) return Error{ErrorCode::kNotFound, "no objective"};
    objectives_.erase({before->group, before->topic});
    Audit(note, core::ObjectiveChanged(&*before, nullptr));
    return {};
  });
}

}  // namespace lanemq::testing
