#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/alert/alert_world.h"
#include "common/core/store/alert_store.h"

namespace lanemq::testing {

/// AlertStore in memory, with the semantics of the real one (the same conformance suite) and faults
/// on request. Deadlines are not looked at. Thread safety: every method from any thread.
class FakeAlertStore final : public core::AlertStore {
 public:
  /// The newest term of a lease. Before the first one every fence of it is refused.
  void SetTerm(const std::string& lease, core::FencingToken token);
  /// Moves the store's clock, which stands still otherwise.
  void Advance(std::chrono::microseconds by);
  /// The next method that writes fails with `code`, before or after taking effect.
  void FailNextWrite(ErrorCode code, bool after_effect);
  /// Until it is unset, every method fails with kMetadataUnavailable and does nothing.
  void SetDown(bool is_down);
  /// Every notice there is, in the order they were queued.
  [[nodiscard]] std::vector<core::AlertNotice> Notices() const;
  /// What the audit log has, the oldest first. Times are not kept.
  [[nodiscard]] std::vector<core::AuditEvent> Audited() const;

  Result<core::AlertMemory> Load(Deadline deadline) override;
  Status Apply(const core::AlertChanges& changes, const core::Fence& fence,
               Deadline deadline) override;
  Result<std::vector<core::AlertNotice>> Due(std::string_view channel, std::int64_t epoch,
                                             std::size_t max, Deadline deadline) override;
  Status BeginSending(const core::AlertNotice& notice, const core::Fence& fence,
                      Deadline deadline) override;
  Status EndSending(const core::AlertNotice& notice, bool is_sent,
                    std::optional<std::chrono::milliseconds> retry_in, std::string_view answer,
                    const core::Fence& fence, Deadline deadline) override;
  Result<std::int64_t> Expire(std::int32_t max, const core::Fence& fence,
                              Deadline deadline) override;
  Result<core::AlertSettings> LoadSettings(Deadline deadline) override;
  Status SetRule(const core::AlertRuleChange& rule, std::string_view by,
                 const core::AuditNote& note, Deadline deadline) override;
  Status ResetRule(std::string_view kind, const core::AuditNote& note, Deadline deadline) override;
  Status SetChannel(const core::AlertChannel& channel, std::string_view by,
                    const core::AuditNote& note, Deadline deadline) override;
  Status RemoveChannel(std::string_view name, const core::AuditNote& note,
                       Deadline deadline) override;
  Result<std::vector<core::ChannelState>> ChannelStates(Deadline deadline) override;
  Result<core::AlertSilence> Silence(const core::AlertSilence& silence,
                                     std::chrono::milliseconds length, const core::AuditNote& note,
                                     Deadline deadline) override;
  Status EndSilence(std::int64_t id, const core::AuditNote& note, Deadline deadline) override;
  Status SetObjective(const core::ObjectiveRow& row, const core::AuditNote& note,
                      Deadline deadline) override;
  Status RemoveObjective(std::string_view group, std::string_view topic,
                         const core::AuditNote& note, Deadline deadline) override;
  Result<std::vector<core::Alert>> List(std::chrono::hours resolved_for, std::size_t max,
                                        Deadline deadline) override;
  Result<std::vector<core::AlertEvent>> ListEvents(std::string_view incident, std::size_t max,
                                                   Deadline deadline) override;

 private:
  struct Fault {
    ErrorCode code;
    bool after_effect;
  };
  /// Runs `body` unless a fault, being down or `fence` (may be null) says otherwise.
  Status Write(const core::Fence* fence, const std::function<Status()>& body)
      LANEMQ_REQUIRES(mutex_);
  Status CheckUp() const LANEMQ_REQUIRES(mutex_);
  core::AlertNotice* Find(const core::AlertNotice& notice) LANEMQ_REQUIRES(mutex_);
  void AddEvent(core::AlertEvent event) LANEMQ_REQUIRES(mutex_);
  void Audit(const core::AuditNote& note, core::AuditedChange change) LANEMQ_REQUIRES(mutex_);
  void DropWaiting(std::string_view channel) LANEMQ_REQUIRES(mutex_);
  [[nodiscard]] WallTime Ago(std::chrono::microseconds age) const LANEMQ_REQUIRES(mutex_) {
    return WallTime{world_.now().micros - age.count()};
  }

  mutable Mutex mutex_;
  core::AlertWorld world_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, WallTime> sent_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<core::AlertEvent> events_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<core::AuditEvent> audited_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::string, core::AlertRuleChange, std::less<>> rules_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::string, core::AlertChannel, std::less<>> channels_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::int64_t, core::AlertSilence> silences_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, core::ObjectiveRow> objectives_
      LANEMQ_GUARDED_BY(mutex_);
  std::map<std::string, core::FencingToken, std::less<>> terms_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<Fault> faults_ LANEMQ_GUARDED_BY(mutex_);
  std::int64_t next_silence_ LANEMQ_GUARDED_BY(mutex_) = 1;
  bool is_down_ LANEMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace lanemq::testing
