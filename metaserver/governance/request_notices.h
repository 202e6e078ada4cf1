#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/access/access_book.h"
#include "common/core/policy/request_machine.h"
#include "common/core/store/alert_store.h"
#include "metaserver/oncall/channel_sender.h"

namespace lanemq::metaserver {

/// Tells people of requests by the alert channels: the on-call routes of the teams that are
/// concerned, and the channels of all alerts for operators and admins. At most so many a minute;
/// what is too much is counted and logged. A notice that cannot be delivered is not repeated: the
/// request itself says what it waits for. That the glass was broken does not count, comes before
/// all else, and is tried again a few times.
///
/// Thread safety: every method from any thread; Start() and Stop() from one owner.
class RequestNotices {
 public:
  struct Options {
    std::size_t queue_max = 1'000;
    int per_minute = 100;  ///< Without those of broken glass.
    int urgent_attempts = 3;
    std::chrono::milliseconds urgent_pause{5'000};  ///< Between two attempts.
    std::chrono::milliseconds call_timeout{3'000};
    std::function<std::string()> cluster;
  };
  struct Counts {
    std::int64_t sent = 0;
    std::int64_t failed = 0;
    std::int64_t dropped = 0;
  };

  RequestNotices(Options options, core::AlertStore& store, ChannelSender& sender,
                 std::function<std::shared_ptr<const core::AccessBook>()> book, const Clock& clock);
  ~RequestNotices() { Stop(); }

  void Start();
  /// Ends with the notice that is being sent. Idempotent.
  void Stop();
  /// Never blocks.
  void Tell(const core::ChangeRequest& request, const std::string& title,
            const core::RequestNotice& notice);
  [[nodiscard]] Counts Totals() const;

 private:
  struct Job {
    std::string channel;  ///< Empty: every channel that is told of all alerts.
    NoticeText text;
    bool is_urgent = false;
    int attempts = 0;   ///< That failed.
    MonotonicTime due;  ///< Not before.
    std::set<std::string>
        left;  ///< Channels that still have to be told; empty: all that are meant.
  };
  void Run();
  /// The next one that is due, or nullopt when it stops.
  std::optional<Job> Take();
  void Send(Job job);
  /// What failed is counted, or, if it is urgent, tried again later.
  void Failed(Job job, std::set<std::string> channels) LANEMQ_REQUIRES(mutex_);
  /// The names of channels; an empty one: see Job.
  [[nodiscard]] std::vector<std::string> RoutesOf(const core::ChangeRequest& request,
                                                  const core::RequestNotice& notice) const;

  const Options options_;
  core::AlertStore& store_;
  ChannelSender& sender_;
  const std::function<std::shared_ptr<const core::AccessBook>()> book_;
  const Clock& clock_;

  mutable Mutex mutex_;
  CondVar wake_;
  std::deque<Job> queue_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<Job> urgent_ LANEMQ_GUARDED_BY(mutex_);  // By `due`.
  MonotonicTime minute_ LANEMQ_GUARDED_BY(mutex_);
  int in_minute_ LANEMQ_GUARDED_BY(mutex_) = 0;
  Counts counts_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
