#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/policy/hygiene.h"
#include "common/core/store/alert_store.h"
#include "common/core/store/governance_store.h"
#include "common/core/store/lag_history.h"
#include "common/core/types/catalog.h"
#include "metaserver/oncall/on_call_part.h"

namespace lanemq::metaserver {

/// Reminds people of what they should tidy up (core::PlanHygiene()), while this metaserver is on
/// call: each team by one notice with all that it finds there, on its on-call route; operators, and
/// whoever has no such channel, on the channels that hear what is the platform's.
///
/// What was told is remembered in the metadata database, in the transaction that stores the
/// notices, under the term's fence: whatever crashes, a matter is told, and told once, until its
/// interval has passed. Notices are sent as others are (Notifier). At most `recipients_max` teams
/// at a time; the others wait for the next look. What no channel is there for is not remembered.
/// One thread, on which OnEvaluated() never waits. Thread safety: Totals() from any thread; the
/// rest as OnCallPart says; Start(), Stop() and Round() have one owner.
class HygieneReminders final : public OnCallPart {
 public:
  struct Options {
    std::chrono::milliseconds every{3'600'000};  ///< From one look to the next; 0: none.
    std::chrono::milliseconds again_in{60'000};  ///< After one that failed.
    std::chrono::milliseconds call_timeout{10'000};
    core::HygieneRule rule;
    std::size_t recipients_max = 20;
    /// Of matters, at a time; at most GovernanceStore::kTellingMax.
    std::size_t matters_max = 500;
    std::size_t lines_max = 20;  ///< Of one notice; it says how many more there are.
  };
  /// Not owned; they outlive it.
  struct Parts {
    core::GovernanceStore& store;
    core::AlertStore& alerts;
    core::LagHistory& history;
    std::function<std::shared_ptr<const core::CatalogSnapshot>()> catalog;
    /// What there is. kMetadataUnavailable: not known yet.
    std::function<Result<core::PolicyWorld>()> world;
  };
  struct Counts {
    std::int64_t looks = 0;
    std::int64_t failed = 0;    ///< Looks.
    std::int64_t told = 0;      ///< Matters.
    std::int64_t notices = 0;   ///< One for each team and channel.
    std::int64_t unheard = 0;   ///< At the last look: matters that no channel is there for.
    std::int64_t left_out = 0;  ///< At the last look: due, but over the limits.
  };

  HygieneReminders(Options options, Parts parts, const Clock& clock)
      : options_(std::move(options)), parts_(std::move(parts)), clock_(clock) {}
  ~HygieneReminders() override { Stop(); }
  HygieneReminders(const HygieneReminders&) = delete;
  HygieneReminders& operator=(const HygieneReminders&) = delete;

  void Start();
  /// Ends with the look that it is at. Idempotent.
  void Stop();
  void OnEvaluated(const LagPicture& picture, const std::optional<core::Fence>& fence) override;
  void OffDuty() override;
  /// One look, if it is time. Without a thread, for tests.
  void Round(const core::Fence& fence);
  [[nodiscard]] Counts Totals() const;

 private:
  void Run();
  Status Look(const core::Fence& fence);
  /// Of topics that were watched since then; nothing is said of the others.
  Result<std::map<std::string, core::TopicActivity>> Activities(WallTime watched_since);
  [[nodiscard]] Deadline ForCall() const { return Deadline::After(clock_, options_.call_timeout); }

  const Options options_;
  const Parts parts_;
  const Clock& clock_;
  MonotonicTime due_;  ///< The thread's own.

  mutable Mutex mutex_;
  CondVar wake_;
  Counts counts_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<core::Fence> fence_ LANEMQ_GUARDED_BY(mutex_);  ///< Of a turn not taken yet.
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
