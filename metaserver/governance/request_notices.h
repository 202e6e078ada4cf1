#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/access/access_book.h"
#include "common/core/store/alert_store.h"
#include "common/core/store/governance_store.h"

namespace lanemq::metaserver {

/// Has people told of requests by the alert channels: the on-call routes of the teams that are
/// concerned, and, for operators and admins, the channels that hear what is the platform's. The
/// glass is broken in front of all of them.
///
/// Events are stored with what makes them happen, and handed over to the alert notices, which are
/// stored, too: nothing of it is lost with a process. From there whoever is on call sends them as
/// other notices (Notifier): signed alike, tried for a day. So many a minute are handed over, of
/// all metaservers together; others wait, a day at most. Broken glass goes first, does not wait,
/// and while no channel is there for it is kept until one is.
/// One thread. Thread safety: every method from any thread; Start(), Stop() and Round() have one
/// owner.
class RequestNotices {
 public:
  struct Options {
    std::size_t batch = 50;
    std::int64_t per_minute = 10;  ///< Of alert notices, 30 a minute and channel, a third.
    /// From one look to the next; what this metaserver stores is looked at once.
    std::chrono::milliseconds every{2'000};
    std::chrono::milliseconds expire_every{60'000};
    std::chrono::milliseconds call_timeout{3'000};
  };
  struct Counts {
    std::int64_t told = 0;       ///< Events, handed over.
    std::int64_t unheard = 0;    ///< No channel is there for them.
    std::int64_t overtaken = 0;  ///< Submitted, and decided or taken back before that was told.
    std::int64_t expired = 0;
    std::int64_t failed = 0;  ///< Looks that the metadata database did not answer.
    std::int64_t waiting = 0;
  };
  using BookFn = std::function<std::shared_ptr<const core::AccessBook>()>;

  /// `store`, `alerts` and `clock` outlive it.
  RequestNotices(Options options, core::GovernanceStore& store, core::AlertStore& alerts,
                 BookFn book, const Clock& clock)
      : options_(options), store_(store), alerts_(alerts), book_(std::move(book)), clock_(clock) {}
  ~RequestNotices() { Stop(); }
  RequestNotices(const RequestNotices&) = delete;
  RequestNotices& operator=(const RequestNotices&) = delete;

  void Start();
  /// Ends with the look that it is at. Idempotent.
  void Stop();
  /// There is something to tell. Does not block.
  void Wake();
  /// Hands over what may be. Without a thread, for tests.
  void Round();
  [[nodiscard]] Counts Totals() const;

 private:
  void Run();
  Status HandOverAll(const core::RequestNotices& found);
  /// Whether somebody is told of it.
  Result<bool> HandOver(const core::RequestNotice& event, const core::AlertSettings& settings,
                        WallTime now);
  /// It cannot be told here, as of a request of a newer version; others can.
  void SetAside(const core::RequestNotice& event, const Error& why);
  /// Names of channels, and whose matter it is there.
  [[nodiscard]] std::map<std::string, std::string> ChannelsOf(
      const core::RequestNotice& event, const core::ChangeRequest& request,
      const core::AlertSettings& settings) const;
  /// Whether to look for a channel once more; all of them take their turns.
  [[nodiscard]] bool IsTurnOf(const core::RequestNotice& event, std::size_t& turns);
  void Expire();
  [[nodiscard]] Deadline ForCall() const { return Deadline::After(clock_, options_.call_timeout); }

  const Options options_;
  core::GovernanceStore& store_;
  core::AlertStore& alerts_;
  const BookFn book_;
  const Clock& clock_;
  // The thread's own.
  MonotonicTime expire_due_;
  std::set<std::int64_t> unheard_;  ///< Broken glass that no channel was there for; logged.
  std::int64_t last_turn_ = 0;      ///< Of these.
  std::map<std::int64_t, MonotonicTime> set_aside_;  ///< Requests, and until when.
  std::size_t set_aside_events_ = 0;                 ///< Of these, at the last look.

  mutable Mutex mutex_;
  CondVar wake_;
  Counts counts_ LANEMQ_GUARDED_BY(mutex_);
  bool is_woken_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
