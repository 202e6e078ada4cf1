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
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/random.h"
#include "common/base/thread_pool.h"
#include "common/core/alert/alert_machine.h"
#include "common/core/alert/alert_types.h"
#include "common/core/alert/notice_planner.h"
#include "common/core/store/alert_store.h"
#include "metaserver/oncall/channel_sender.h"

namespace lanemq::metaserver {

/// What the alert engine last knew. Immutable once given to the notifier.
struct AlertView {
  /// Goes into every write; nullopt: the metadata database does not answer.
  std::optional<core::Fence> fence;
  WallTime now;      ///< The database's clock at `at`.
  MonotonicTime at;  ///< Of the evaluation.
  std::vector<core::AlertChannel> channels;
  std::vector<core::AlertSilence> silences;
  /// Set while it is to be told that the metadata database is down: the one notice that is not
  /// stored first. Its id is the same for the whole outage.
  std::optional<NoticeText> blind;
};

/// Sends what is stored as to be sent: marks a notice `sending`, sends it, marks it, each mark
/// under the fence of the term. One notice at a time per channel, in order; channels side by side,
/// at most `threads` of them and of those that failed last at most `slow_max`, so that a channel
/// that hangs holds up no other. Alertmanager is told all that fires, again and again. Calls the
/// watchdog.
///
/// Threads: one of its own, and a pool. Thread safety: every method from any thread; Start() and
/// Stop() from one owner.
class Notifier {
 public:
  struct Options {
    core::AlertTimes times;
    std::chrono::milliseconds tick{1'000};
    std::chrono::milliseconds call_timeout{3'000};
    std::chrono::milliseconds stop_patience{3'000};  ///< For what is being sent.
    std::size_t threads = 4;
    std::size_t slow_max = 2;
    std::size_t batch = 20;
    std::string runbook_url;   ///< See RunbookUrl().
    std::string watchdog_url;  ///< Empty: none.
    std::string self;          ///< This metaserver, for the watchdog.
    std::function<std::string()> cluster;
  };
  struct Counts {
    std::int64_t delivered = 0;
    std::int64_t failed = 0;
  };

  /// `store`, `sender` and `clock` must outlive it.
  Notifier(Options options, core::AlertStore& store, ChannelSender& sender, const Clock& clock);
  ~Notifier() { Stop(); }
  void Start();
  /// Begins nothing more; ends what is being sent when `stop_patience` has passed. Idempotent.
  void Stop();
  /// From now on this counts; nullptr: this metaserver is not on call, and sends nothing that is
  /// stored. Sends at once what is due.
  void Update(std::shared_ptr<const AlertView> view);
  /// Attempts of this process, by channel.
  [[nodiscard]] std::map<std::string, Counts> Totals() const;

 private:
  using ViewPtr = std::shared_ptr<const AlertView>;
  /// An attempt whose mark is not known to be stored.
  struct Unsettled {
    core::AlertNotice notice;
    bool is_sent = false;
    std::optional<std::chrono::milliseconds> retry_in;
    std::string answer;
    core::Fence fence;
  };
  /// One channel. All but `is_busy`, `failures`, `counts` and `blind` belong to the task that runs.
  struct Lane {
    explicit Lane(std::chrono::nanoseconds window) : pace(window) {}
    core::AlertChannel channel;
    bool is_busy = false;
    int failures = 0;  ///< In a row.
    Counts counts;
    core::NoticePace pace;
    std::optional<Unsettled> unsettled;
    MonotonicTime states_due, blind_due;
    std::optional<NoticeText> blind;  ///< Told, and its end is not.
    int blind_failures = 0;
  };

  void Run();
  void Tick();
  /// The lanes that may begin something now, marked busy.
  std::vector<Lane*> TakeLanes(const ViewPtr& view) LANEMQ_REQUIRES(mutex_);
  void Work(Lane& lane, const ViewPtr& view);
  /// False: it failed, and the rest waits.
  bool SendNotices(Lane& lane, const AlertView& view);
  bool SendOne(Lane& lane, const core::AlertNotice& notice, const AlertView& view);
  bool SendStates(Lane& lane, const AlertView& view);
  /// Tells that the database is down, or that it is back.
  bool SendBlind(Lane& lane, const NoticeText* begins);
  /// False: still not known to be stored.
  bool Settle(Lane& lane);
  void BeatWatchdog(const ViewPtr& view);
  void Count(Lane& lane, const Delivery& delivery);
  void LoseTerm(const core::Fence& fence);
  [[nodiscard]] bool IsCurrent(const AlertView& view) const;
  [[nodiscard]] Deadline ForCall() const;
  [[nodiscard]] WallTime Now(const AlertView& view) const;
  [[nodiscard]] std::string Cluster() const;

  const Options options_;
  core::AlertStore& store_;
  ChannelSender& sender_;
  const Clock& clock_;
  MonotonicTime watchdog_due_;  ///< The thread's own.

  mutable Mutex mutex_;
  CondVar wake_;
  CondVar idle_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_news_ LANEMQ_GUARDED_BY(mutex_) = false;
  ViewPtr view_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::string, std::unique_ptr<Lane>> lanes_ LANEMQ_GUARDED_BY(mutex_);
  std::size_t running_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::size_t slow_running_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::size_t turn_ LANEMQ_GUARDED_BY(mutex_) = 0;
  Random random_ LANEMQ_GUARDED_BY(mutex_);
  ThreadPool pool_;
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
