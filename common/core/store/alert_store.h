#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/alert/alert_types.h"
#include "common/core/store/catalog_store.h"
#include "common/core/types/audit.h"

namespace lanemq::core {

/// How a channel's deliveries go, for people.
struct ChannelState {
  std::string name;
  std::optional<WallTime> last_delivered;
  std::string last_error;
  std::int32_t queued = 0;
};

/// Alerts and what belongs to them, in the metadata database.
///
/// Implementations: sql::MySqlAlertStore, testing::FakeAlertStore; both pass
/// tests/conformance/alert_store_suite.h. Thread safety: every method from any thread.
/// Errors of every method: kMetadataUnavailable, kThrottled: nothing was changed; writers also
/// kOutcomeUnknown: repeat, it is harmless. Those with a fence: kFenced: the term is over.
class AlertStore {
 public:
  static constexpr std::size_t kOpenMax = kAlertsOpenMax;
  static constexpr std::size_t kNoticesMax = 100'000;  ///< That Load() tells.
  static constexpr std::size_t kObjectivesMax = 10'000;
  static constexpr std::size_t kChannelsMax = 100;
  static constexpr std::size_t kSilencesMax = 1'000;

  virtual ~AlertStore() = default;

  // The metaserver on call.
  virtual Result<AlertMemory> Load(Deadline deadline) = 0;
  /// kConflict: the alerts are not as they were loaded (a commit that seemed lost came late); load
  /// again. After kOutcomeUnknown too. kInvalidRequest: an id, a kind, a subject, an owner or a
  /// body is too long; other texts are cut.
  virtual Status Apply(const AlertChanges& changes, const Fence& fence, Deadline deadline) = 0;
  /// Notices of the channel that are due, the oldest first: queued ones whose time has come; those
  /// `sending` by another term, or by this one for over two minutes, which are in doubt. Of one
  /// incident only the first that is not done. None of a channel that is gone or switched off.
  virtual Result<std::vector<AlertNotice>> Due(std::string_view channel, std::int64_t epoch,
                                               std::size_t max, Deadline deadline) = 0;
  /// Before a sending: marks it `sending` by this term and counts the attempt, from what `notice`
  /// says. kNotFound: it is not there, not to be sent any more, or somebody else has begun.
  virtual Status BeginSending(const AlertNotice& notice, const Fence& fence, Deadline deadline) = 0;
  /// After: sent; or queued again not before `retry_in` (nullopt: given up, state failed). Adds the
  /// event. Nothing, when it is not `sending` by this term.
  virtual Status EndSending(const AlertNotice& notice, bool is_sent,
                            std::optional<std::chrono::milliseconds> retry_in,
                            std::string_view answer, const Fence& fence, Deadline deadline) = 0;
  /// Old rows of every kind: resolved alerts and events after 90 days, notices after 30, silences
  /// 90 days after their end. Notices that waited for 25 h are dropped. At most `max` of each; how
  /// many.
  virtual Result<std::int64_t> Expire(std::int32_t max, const Fence& fence, Deadline deadline) = 0;

  // People. Texts are within the columns' lengths (kInvalidRequest). A change leaves its row in the
  // audit log in its own transaction, unless it changes nothing but who set it last and when.
  virtual Result<AlertSettings> LoadSettings(Deadline deadline) = 0;
  /// Fields that are nullopt keep what was stored.
  virtual Status SetRule(const AlertRuleChange& rule, std::string_view by, const AuditNote& note,
                         Deadline deadline) = 0;
  /// Harmless when nothing was changed.
  virtual Status ResetRule(std::string_view kind, const AuditNote& note, Deadline deadline) = 0;
  /// kInsufficientCapacity beyond the limits above.
  virtual Status SetChannel(const AlertChannel& channel, std::string_view by, const AuditNote& note,
                            Deadline deadline) = 0;
  /// kNotFound. Its notices that wait are dropped, as they are when it is switched off.
  virtual Status RemoveChannel(std::string_view name, const AuditNote& note, Deadline deadline) = 0;
  virtual Result<std::vector<ChannelState>> ChannelStates(Deadline deadline) = 0;
  /// As stored: with its id and times.
  virtual Result<AlertSilence> Silence(const AlertSilence& silence,
                                       std::chrono::milliseconds length, const AuditNote& note,
                                       Deadline deadline) = 0;
  /// Ends it now. kNotFound: there is none of the id in force.
  virtual Status EndSilence(std::int64_t id, const AuditNote& note, Deadline deadline) = 0;
  /// Fields that are nullopt keep what was stored.
  virtual Status SetObjective(const ObjectiveRow& row, const AuditNote& note,
                              Deadline deadline) = 0;
  /// kNotFound.
  virtual Status RemoveObjective(std::string_view group, std::string_view topic,
                                 const AuditNote& note, Deadline deadline) = 0;
  /// Open ones, and those resolved within `resolved_for`; the worst and newest first.
  virtual Result<std::vector<Alert>> List(std::chrono::hours resolved_for, std::size_t max,
                                          Deadline deadline) = 0;
  /// Newest first; with an empty incident, of all.
  virtual Result<std::vector<AlertEvent>> ListEvents(std::string_view incident, std::size_t max,
                                                     Deadline deadline) = 0;
};

}  // namespace lanemq::core
