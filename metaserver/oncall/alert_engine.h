#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/alert/alert_machine.h"
#include "common/core/store/alert_store.h"
#include "metaserver/oncall/alert_observations.h"
#include "metaserver/oncall/lag_board.h"
#include "metaserver/oncall/notifier.h"
#include "metaserver/oncall/on_call_part.h"

namespace lanemq::metaserver {

/// Judges each picture by the rules: reads what is known of alerts, plans the changes, writes them
/// in one transaction under the term's fence, and hands what is to be sent to the notifier. Keeps
/// nothing between two evaluations but the settings, so that a successor is as good as it is.
///
/// While the metadata database does not answer, no state moves; when that has lasted for
/// `blind_after` the notifier tells just that, once, to the channels that were known last.
///
/// One thread, on which OnEvaluated() never waits. Thread safety: as OnCallPart says; Start() and
/// Stop() from one owner.
class AlertEngine final : public OnCallPart {
 public:
  struct Options {
    core::AlertTimes times;
    double time_scale = 1;  ///< Of thresholds that are durations; `times` has it already.
    std::chrono::milliseconds call_timeout{3'000};
    std::chrono::milliseconds settings_every{5'000};
    std::chrono::milliseconds blind_after{60'000};
    std::chrono::milliseconds expire_every{600'000};
    std::int32_t expire_max = 1'000;  ///< Rows of each kind at a time.
    std::function<std::string()> cluster;
  };

  /// `store`, `board`, `notifier` and `clock` must outlive it.
  AlertEngine(Options options, core::AlertStore& store, const LagBoard& board, Notifier& notifier,
              const Clock& clock);
  ~AlertEngine() override { Stop(); }
  /// Before Start(). `source` must outlive it.
  void AddSource(ObservationSource& source) { sources_.push_back(&source); }
  void Start();
  void Stop();

  void OnDuty() override;
  void OnEvaluated(const LagPicture& picture, const std::optional<core::Fence>& fence) override;
  void OffDuty() override;
  /// lanemq_alerts_firing, lanemq_alert_*.
  void AddMetrics(TextMetrics& metrics) override;

 private:
  struct Turn {
    std::int64_t term = 0;
    std::optional<core::Fence> fence;
  };

  void Run();
  void Evaluate(const Turn& turn);
  /// False: it could not be read, or written, or is nobody's to write any more.
  bool Apply(const Turn& turn, const LagPicture& picture);
  bool RefreshSettings();
  void Expire(const core::Fence& fence);
  void TellView(const Turn& turn, const core::AlertMemory& memory);
  void TellBlind(const Turn& turn);
  void Tell(const Turn& turn, std::shared_ptr<const AlertView> view);
  void Note(const core::AlertMemory& memory);
  void NoteFailure(std::string_view what, const Error& error);
  [[nodiscard]] bool IsCurrent(const Turn& turn) const;
  [[nodiscard]] Deadline ForCall() const;

  const Options options_;
  core::AlertStore& store_;
  const LagBoard& board_;
  Notifier& notifier_;
  const Clock& clock_;
  std::vector<ObservationSource*> sources_;

  // The thread's own.
  std::int64_t term_seen_ = 0;
  std::optional<core::AlertSettings> settings_;
  MonotonicTime settings_due_, expire_due_, well_at_;
  std::optional<core::Fence> last_fence_;

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_on_duty_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool has_turn_ LANEMQ_GUARDED_BY(mutex_) = false;
  Turn turn_ LANEMQ_GUARDED_BY(mutex_);
  // Of the last evaluation that was written.
  std::vector<core::Alert> firing_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<core::ChannelState> channels_ LANEMQ_GUARDED_BY(mutex_);
  WallTime evaluated_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
