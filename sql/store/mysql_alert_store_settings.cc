// What people set of MySqlAlertStore.
#include <initializer_list>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "common/core/alert/alert_checks.h"
#include "common/core/alert/alert_kinds.h"
#include "common/core/audit/audited_changes.h"
#include "sql/statements/statements.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/mysql_alert_store.h"
#include "sql/store/mysql_alert_store_rows.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AlertChannel;
using core::AlertRuleChange;
using core::AlertSettings;
using core::AlertSilence;
using core::AuditNote;
using core::ChannelState;
using core::ObjectiveRow;
using std::chrono::microseconds;
using std::chrono::milliseconds;

Param OrNull(const std::optional<bool>& value) {
  return value ? Param{std::int64_t{*value ? 1 : 0}} : Param{SqlNull{}};
}
Param OrNull(const std::optional<std::int64_t>& value) {
  return value ? Param{*value} : Param{SqlNull{}};
}
Param OrNull(const std::optional<milliseconds>& value) {
  return value ? Param{std::int64_t{value->count()}} : Param{SqlNull{}};
}
Param OrNull(const std::optional<std::string>& value) {
  return value ? Param{std::string_view(*value)} : Param{SqlNull{}};
}

Error TooMany(std::string_view what, std::size_t max) {
  return Error{ErrorCode::kInsufficientCapacity, fmt::format("there are {} {} already", max, what)};
}

/// Somebody else inserted the row since it was looked for: the whole transaction runs again.
Error Overtaken(std::string_view what) {
  return Error{ErrorCode::kConflict, fmt::format("another call made the {} just now", what)};
}

/// A row as it is before a change, locked until the transaction ends.
template <typename T>
struct Locked {
  bool is_there = false;
  std::optional<T> value;  ///< nullopt, too, when the row is damaged.

  [[nodiscard]] const T* get() const { return value ? &*value : nullptr; }
};

/// `from_row` makes a T, or an optional one, of a row of `statement`.
template <typename T, typename FromRow>
Result<Locked<T>> Lock(Connection& connection, const Statement& statement,
                       std::initializer_list<Param> params, const FromRow& from_row) {
  Locked<T> locked;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statement, params, [&](const Row& row) {
    locked.is_there = true;
    locked.value = from_row(row);
    return false;
  }));
  return locked;
}

auto LockRule(Connection& connection, std::string_view kind) {
  return Lock<AlertRuleChange>(connection, statements::kLockAlertRule, {kind}, RuleFromRow);
}

auto LockObjective(Connection& connection, std::string_view group, std::string_view topic) {
  return Lock<ObjectiveRow>(connection, statements::kLockLagObjective, {group, topic},
                            ObjectiveFromRow);
}

/// Who set it last and when is no change.
bool IsSame(const ObjectiveRow& a, ObjectiveRow b) {
  b.updated_by = a.updated_by;
  b.updated_at = a.updated_at;
  return a == b;
}

Status ReadRules(Connection& connection, AlertSettings& settings) {
  return connection.Query(statements::kReadAlertRules, {}, [&](const Row& row) {
    settings.rules.push_back(RuleFromRow(row));
    return true;
  });
}

Status ReadChannels(Connection& connection, AlertSettings& settings) {
  return connection.Query(statements::kReadAlertChannels, {}, [&](const Row& row) {
    if (auto channel = ChannelFromRow(row)) settings.channels.push_back(*std::move(channel));
    return true;
  });
}

Status ReadObjectives(Connection& connection, AlertSettings& settings) {
  return connection.Query(statements::kReadLagObjectives, {}, [&](const Row& row) {
    settings.objectives.push_back(ObjectiveFromRow(row));
    return true;
  });
}

Result<std::int64_t> Refresh(Connection& connection, const AlertChannel& channel,
                             std::string_view by, Param now) {
  const std::string recipients = ListToText(channel.recipients);
  const std::string owners = ListToText(channel.owners);
  return connection.Update(
      statements::kUpdateAlertChannel,
      {ToString(channel.type), std::string_view(channel.url), std::string_view(recipients),
       std::string_view(channel.sender), std::string_view(owners), ToString(channel.lowest),
       std::string_view(channel.secret_file), std::string_view(channel.user),
       std::int64_t{channel.is_on ? 1 : 0}, by, now, std::string_view(channel.name)});
}

Result<std::int64_t> Refresh(Connection& connection, const ObjectiveRow& row, Param now) {
  return connection.Update(
      statements::kUpdateLagObjective,
      {OrNull(row.objective), OrNull(row.allowed_messages), OrNull(row.owner), OrNull(row.tier),
       OrNull(row.alerts_on), std::string_view(row.updated_by), now, std::string_view(row.group),
       std::string_view(row.topic)});
}

}  // namespace

Result<AlertSettings> MySqlAlertStore::LoadSettings(Deadline deadline) {
  AlertSettings settings;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    settings = {};
    LANEMQ_RETURN_IF_ERROR(ReadRules(connection, settings));
    LANEMQ_RETURN_IF_ERROR(ReadChannels(connection, settings));
    LANEMQ_RETURN_IF_ERROR(ReadObjectives(connection, settings));
    return connection.Query(statements::kReadAlertSilences, {now.get(), std::int64_t{kSilencesMax}},
                            [&](const Row& row) {
                              settings.silences.push_back(SilenceFromRow(row));
                              return true;
                            });
  });
  if (!read.ok()) return read.error();
  return settings;
}

Status MySqlAlertStore::SetRule(const AlertRuleChange& rule, std::string_view by,
                                const AuditNote& note, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(core::CheckRule(rule));
  // As text, the shortest that is read as the same number: parameters have no floating point.
  const std::optional<std::string> threshold =
      rule.threshold ? std::optional(fmt::format("{}", *rule.threshold)) : std::nullopt;
  const Param severity = rule.severity ? Param{ToString(*rule.severity)} : Param{SqlNull{}};
  return Told(note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    const Param now = change.now();
    LANEMQ_ASSIGN_OR_RETURN(const auto before, LockRule(connection, rule.kind));
    if (!before.is_there) {
      LANEMQ_ASSIGN_OR_RETURN(
          const std::int64_t inserted,
          connection.Update(statements::kInsertAlertRule, {std::string_view(rule.kind), now}));
      if (inserted == 0) return Overtaken("rule");
    }
    LANEMQ_RETURN_IF_ERROR(ToStatus(
        connection.Update(statements::kSaveAlertRule,
                          {std::string_view(rule.kind), OrNull(rule.is_on), OrNull(threshold),
                           OrNull(rule.for_at_least), severity, OrNull(rule.owner), by, now})));
    LANEMQ_ASSIGN_OR_RETURN(const auto after, LockRule(connection, rule.kind));
    if (before.value == after.value) return {};
    return change.Tell(core::RuleChanged(rule.kind, before.get(), after.get()));
  });
}

Status MySqlAlertStore::ResetRule(std::string_view kind, const AuditNote& note, Deadline deadline) {
  return Told(note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    const Param now = change.now();
    LANEMQ_ASSIGN_OR_RETURN(const auto before, LockRule(connection, kind));
    if (!before.is_there) return {};
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteAlertRule, {kind})));
    return change.Tell(core::RuleChanged(kind, before.get(), nullptr));
  });
}

Status MySqlAlertStore::SetChannel(const AlertChannel& channel, std::string_view by,
                                   const AuditNote& note, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(core::CheckChannel(channel));
  return Told(note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    const Param now = change.now();
    const std::string_view name = channel.name;
    LANEMQ_ASSIGN_OR_RETURN(
        const auto before,
        Lock<AlertChannel>(connection, statements::kLockAlertChannel, {name}, ChannelFromRow));
    std::int64_t inserted = 0;
    if (!before.is_there) {
      LANEMQ_ASSIGN_OR_RETURN(inserted, connection.Update(statements::kInsertAlertChannel,
                                                          {name, now, std::int64_t{kChannelsMax}}));
    }
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t kept, Refresh(connection, channel, by, now));
    if (kept == 0) return TooMany("channels", kChannelsMax);
    if (!before.is_there && inserted == 0) return Overtaken("channel");
    // Otherwise news of long ago would come on the day it is switched on again.
    if (!channel.is_on) {
      LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDropWaitingNotices, {name})));
    }
    if (before.value == channel) return {};
    return change.Tell(core::ChannelChanged(name, before.get(), &channel));
  });
}

Status MySqlAlertStore::RemoveChannel(std::string_view name, const AuditNote& note,
                                      Deadline deadline) {
  return Told(note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    const Param now = change.now();
    LANEMQ_ASSIGN_OR_RETURN(
        const auto before,
        Lock<AlertChannel>(connection, statements::kLockAlertChannel, {name}, ChannelFromRow));
    if (!before.is_there) {
      return Error{ErrorCode::kNotFound, fmt::format("there is no channel '{}'", name)};
    }
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteAlertChannel, {name})));
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDropWaitingNotices, {name})));
    return change.Tell(core::ChannelChanged(name, before.get(), nullptr));
  });
}

Result<std::vector<ChannelState>> MySqlAlertStore::ChannelStates(Deadline deadline) {
  std::vector<ChannelState> states;
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    states.clear();
    return connection.Query(statements::kReadAlertChannelStates, {}, [&](const Row& row) {
      states.push_back({row.String(0), TimeOrNull(row, 1), row.String(2),
                        static_cast<std::int32_t>(row.Int64(3))});
      return true;
    });
  });
  if (!read.ok()) return read.error();
  return states;
}

Result<AlertSilence> MySqlAlertStore::Silence(const AlertSilence& silence, milliseconds length,
                                              const AuditNote& note, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(core::CheckSilence(silence, length));
  AlertSilence stored;
  const Status done = Told(note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    const Param now = change.now();
    const microseconds micros = length;
    LANEMQ_ASSIGN_OR_RETURN(
        const std::int64_t inserted,
        connection.Update(
            statements::kInsertAlertSilence,
            {std::string_view(silence.kind), std::string_view(silence.subject), now,
             std::int64_t{micros.count()}, std::string_view(silence.reason),
             std::string_view(silence.created_by), now, now, std::int64_t{kSilencesMax}}));
    if (inserted == 0) return TooMany("silences in force", kSilencesMax);
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kReadNewAlertSilence, {}, [&](const Row& row) {
          stored = SilenceFromRow(row);
          return false;
        }));
    return change.Tell(core::SilenceChanged(nullptr, &stored));
  });
  if (!done.ok()) return done.error();
  return stored;
}

Status MySqlAlertStore::EndSilence(std::int64_t id, const AuditNote& note, Deadline deadline) {
  return Told(note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    const Param now = change.now();
    LANEMQ_ASSIGN_OR_RETURN(
        const auto before,
        Lock<AlertSilence>(connection, statements::kLockAlertSilence, {id}, SilenceFromRow));
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t ended,
                            connection.Update(statements::kEndAlertSilence, {now, id, now}));
    if (ended == 0) {
      return Error{ErrorCode::kNotFound, fmt::format("there is no silence {} in force", id)};
    }
    return change.Tell(core::SilenceChanged(before.get(), nullptr));
  });
}

Status MySqlAlertStore::SetObjective(const ObjectiveRow& row, const AuditNote& note,
                                     Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(core::CheckObjective(row));
  return Told(note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    const Param now = change.now();
    LANEMQ_ASSIGN_OR_RETURN(const auto before, LockObjective(connection, row.group, row.topic));
    std::int64_t inserted = 0;
    if (!before.is_there) {
      LANEMQ_ASSIGN_OR_RETURN(
          inserted, connection.Update(statements::kInsertLagObjective,
                                      {std::string_view(row.group), std::string_view(row.topic),
                                       now, std::int64_t{kObjectivesMax}}));
    }
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t kept, Refresh(connection, row, now));
    if (kept == 0) return TooMany("objectives", kObjectivesMax);
    if (!before.is_there && inserted == 0) return Overtaken("objective");
    LANEMQ_ASSIGN_OR_RETURN(const auto after, LockObjective(connection, row.group, row.topic));
    if (before.value && IsSame(*before.value, *after.value)) return {};
    return change.Tell(core::ObjectiveChanged(before.get(), after.get()));
  });
}

Status MySqlAlertStore::RemoveObjective(std::string_view group, std::string_view topic,
                                        const AuditNote& note, Deadline deadline) {
  return Told(note, deadline, [&](SettledChange& change) -> Status {
    Connection& connection = change.connection();
    const Param now = change.now();
    LANEMQ_ASSIGN_OR_RETURN(const auto before, LockObjective(connection, group, topic));
    if (!before.is_there) {
      return Error{ErrorCode::kNotFound,
                   fmt::format("there is no objective of group '{}', topic '{}'", group, topic)};
    }
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(connection.Update(statements::kDeleteLagObjective, {group, topic})));
    return change.Tell(core::ObjectiveChanged(before.get(), nullptr));
  });
}

}  // namespace lanemq::sql
