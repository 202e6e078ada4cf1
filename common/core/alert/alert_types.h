#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/time.h"

namespace lanemq::core {

inline constexpr std::size_t kAlertsOpenMax = 20'000;  ///< Beyond, new ones are not taken.

enum class AlertState : std::int8_t { kPending = 0, kFiring, kResolved };
enum class AlertSeverity : std::int8_t { kTicket = 0, kPage };

/// One alert: a rule's kind and what it is about. Times are the metadata database's.
struct Alert {
  std::string incident;  ///< One id from beginning to recovery.
  std::string kind;      ///< "group_stopped", "data_node_down", …: core/alert/alert_kinds.h.
  std::string subject;   ///< "group billing, topic orders", "node n1".
  AlertState state = AlertState::kPending;
  AlertSeverity severity = AlertSeverity::kTicket;
  std::string owner;    ///< '': the platform.
  std::string summary;  ///< One sentence with the figures of when it began or was last told.
  std::string cause;    ///< As ToString(LagCause); '' where there is none.
  WallTime since;       ///< Pending since.
  std::optional<WallTime> fired;
  std::optional<WallTime> resolved;
  std::optional<WallTime> false_since;  ///< Firing, but not true since then.
  std::optional<WallTime> reminded;     ///< When its beginning or a reminder was last queued.
  bool is_told = false;                 ///< Its beginning was queued, for those who were to hear.
  std::string inhibited_by;             ///< Kind of the alert that explains it; '': none.
  bool operator==(const Alert&) const = default;
};

/// What a look at one subject of one rule found.
enum class Truth : std::int8_t { kFalse = 0, kTrue, kUnknown };

/// A kind of alert about one subject.
struct AlertKey {
  std::string kind;
  std::string subject;
  auto operator<=>(const AlertKey&) const = default;
};

struct AlertObservation {
  std::string kind;
  std::string subject;
  Truth truth = Truth::kUnknown;
  std::string summary;
  std::string cause;
  std::string owner;                      ///< '': as the kind's rule says.
  std::optional<AlertSeverity> severity;  ///< nullopt: the kind's. What an operator set goes first.
  /// Must be true this long before it fires. nullopt: as the kind has it; the same.
  std::optional<std::chrono::milliseconds> for_at_least;
  /// Alerts that explain this one: while one of them is pending or firing, nobody is told.
  std::vector<AlertKey> explained_by;
};

/// What one evaluation saw.
struct AlertObservations {
  /// What is kFalse needs not be listed. Of several about one subject the truest counts.
  std::vector<AlertObservation> items;
  /// Kinds whose subjects were all looked at: what is not listed is false. Of other kinds it is
  /// unknown, so that nothing recovers because nobody looked.
  std::set<std::string, std::less<>> complete;
};

/// kMore: of a minute in which there was too much to tell one by one; it is of no incident.
enum class NoticeKind : std::int8_t { kFired = 0, kReminder, kResolved, kMore };
/// kFailed: given up. kFolded: not sent by itself; the next kMore of the channel counts it.
enum class NoticeState : std::int8_t { kQueued = 0, kSending, kSent, kFailed, kDropped, kFolded };

/// Something to send to one channel; nothing is sent that is not stored first.
struct AlertNotice {
  std::string notice;  ///< The receiver's idempotency key: the same for repeated sendings.
  std::string channel;
  std::string incident;
  NoticeKind what = NoticeKind::kFired;
  NoticeState state = NoticeState::kQueued;
  std::string body;  ///< JSON, of ToText(NoticeBody): the alert as it was.
  std::int32_t attempts = 0;
  std::int64_t epoch = 0;  ///< Of the term that queued it or began to send it last.
  WallTime queued_at;
  WallTime next_at;
  std::string last_error;
  bool operator==(const AlertNotice&) const = default;
};

struct AlertEvent {
  WallTime at;
  std::string incident;
  std::string
      what;  ///< pending, fired, reminded, resolved, silenced, delivered, delivery_failed, …
  std::string detail;
  bool operator==(const AlertEvent&) const = default;
};

/// Settings of one kind that differ from the built-in ones.
struct AlertRuleChange {
  std::string kind;
  std::optional<bool> is_on;
  std::optional<double> threshold;
  std::optional<std::chrono::milliseconds> for_at_least;
  std::optional<AlertSeverity> severity;
  std::optional<std::string> owner;
  bool operator==(const AlertRuleChange&) const = default;
};

struct AlertSilence {
  std::int64_t id = 0;
  std::string kind;  ///< '*' matches any run of characters, here and in subject.
  std::string subject;
  WallTime until;
  std::string reason;
  std::string created_by;
  WallTime created_at;
  bool operator==(const AlertSilence&) const = default;
};

enum class ChannelType : std::int8_t {
  kWebhook = 0,
  kSlack,
  kFeishu,
  kDingTalk,
  kEmail,
  kAlertmanager
};

struct AlertChannel {
  std::string name;
  ChannelType type = ChannelType::kWebhook;
  std::string url;
  std::vector<std::string> recipients;
  std::string sender;
  std::vector<std::string> owners;  ///< Whose alerts go here; empty: all.
  AlertSeverity lowest = AlertSeverity::kTicket;
  std::string secret_file;  ///< A file's name in the metaservers' --alert-secrets-dir.
  std::string user;
  bool is_on = true;
  bool operator==(const AlertChannel&) const = default;
};

/// A row of lag_objectives: what differs from the next wider one. Group and topic may be "*".
struct ObjectiveRow {
  std::string group;
  std::string topic;
  std::optional<std::chrono::milliseconds> objective;
  std::optional<std::int64_t> allowed_messages;
  std::optional<std::string> owner;
  std::optional<std::string> tier;
  std::optional<bool> alerts_on;
  std::string updated_by;
  WallTime updated_at;
  bool operator==(const ObjectiveRow&) const = default;
};

/// What one evaluation changes: all in one transaction, or nothing.
struct AlertChanges {
  std::vector<Alert> put;           ///< Inserted, or replaced by incident.
  std::vector<std::string> forget;  ///< Incidents that were pending and became false.
  std::vector<AlertEvent> events;   ///< `at` is set by the database.
  /// Before `notices`: those of kind fired or reminder of (incident, channel) that are queued or
  /// folded and were never tried are dropped.
  std::vector<std::pair<std::string, std::string>> drop;
  /// Inserted; one that exists stays as it is. A resolved one only where a fired one or a reminder
  /// of the incident was tried on the channel; a reminder only where none waits to be sent; one of
  /// kMore turns the channel's folded ones, those of these changes too, into dropped ones.
  std::vector<AlertNotice> notices;
  [[nodiscard]] bool empty() const {
    return put.empty() && forget.empty() && events.empty() && notices.empty() && drop.empty();
  }
  bool operator==(const AlertChanges&) const = default;
};

/// Everything a metaserver on call goes on from. Read anew for every evaluation.
struct AlertMemory {
  WallTime now;             ///< The database's clock.
  std::vector<Alert> open;  ///< Pending and firing.
  /// Without their bodies: those of open alerts, folded ones, and all of the last two minutes.
  std::vector<AlertNotice> notices;
};

/// What people have set.
struct AlertSettings {
  std::vector<AlertRuleChange> rules;
  std::vector<AlertSilence> silences;  ///< In force.
  std::vector<AlertChannel> channels;
  std::vector<ObjectiveRow> objectives;
};

}  // namespace lanemq::core
