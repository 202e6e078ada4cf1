#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client/outbox_relay/session_work.h"
#include "client/src/publisher/batch_publisher.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/core/outbox/bucket_share.h"
#include "common/core/store/outbox_store.h"

namespace lanemq::client {

/// Told of what a relay does, for metrics. Called from the relay's threads; must be fast.
class RelayObserver {
 public:
  virtual ~RelayObserver() = default;
  /// A batch of `rows` was answered after `took`. Null: stored.
  virtual void OnAnswer(std::size_t rows, std::chrono::nanoseconds took, const Error* error) = 0;
};

struct RelayOptions {
  std::string name = "relay";  ///< For people: host and process.
  std::string wake_address;    ///< Told to applications and tools; empty: none.
  /// A relay that is silent for so long is taken over. Range: [1 s, 10 min].
  std::chrono::milliseconds lease_ttl{10'000};
  /// Pause between two looks at the outbox: after activity, and when nothing happens for long.
  std::chrono::milliseconds poll_min{20};
  std::chrono::milliseconds poll_max{1'000};
  std::size_t batch_rows = 1'000;      ///< Rows read at once. Range: [1, 5,000].
  std::size_t batch_bytes = 4u << 20;  ///< Bytes read at once.
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds database_timeout{5'000};  ///< Less than half of lease_ttl is used.
  core::RelayPlanner::Options planner;
  RelayObserver* observer = nullptr;  ///< Not owned; may be null.
};

/// Counts since the start, and how it stands.
struct RelayStats {
  core::RelayPlanner::Counts counts;  ///< Over all sessions.
  std::int64_t rounds = 0;            ///< Looks at the outbox.
  std::int64_t commits = 0;
  std::int64_t adopted = 0;  ///< Sessions of dead relays that it finished.
  std::int64_t fenced = 0;   ///< Sessions that others took from it.
  std::int64_t session = 0;  ///< 0: none at the moment.
  std::int32_t buckets = 0;
  std::int32_t peers = 0;        ///< Live relays, itself included.
  bool is_first = false;         ///< The one of them that does what one must do.
  std::int64_t outstanding = 0;  ///< Rows on their way.
  std::int64_t holds = 0;
  std::optional<Error> store_error;  ///< Of the last call to the outbox's database, if it failed.
};

/// Empties an outbox into its topics, together with other relays.
///
/// One thread does everything, in rounds (core/outbox/relay_planner.h); answers and wake-ups come
/// from others. Every write to the outbox names its session and is refused once another relay has
/// taken it over; batches are sent only while the lease is trusted, and only what is committed.
/// Thread safety: every method from any thread. `store` and `publisher` outlive it.
class OutboxRelay {
 public:
  OutboxRelay(RelayOptions options, core::OutboxStore& store, BatchPublisher& publisher,
              const Clock& clock);
  ~OutboxRelay();
  OutboxRelay(const OutboxRelay&) = delete;
  OutboxRelay& operator=(const OutboxRelay&) = delete;

  void Start();
  /// There may be something to publish. Cheap; repeated calls are one.
  void Wake();
  /// Finishes what is on its way, for at most `patience`, gives its buckets back and ends.
  /// What is left is taken over by others when the lease has ended. Idempotent.
  void Stop(std::chrono::milliseconds patience = std::chrono::milliseconds(5'000));
  [[nodiscard]] RelayStats Stats() const;

 private:
  struct Answer {
    core::OutboxSession session;
    std::int64_t serial = 0;
    std::optional<Error> error;
  };
  /// Shared with callbacks, which may come after the relay's end.
  struct Mailbox {
    Mutex mutex;
    CondVar changed;
    std::vector<Answer> answers LANEMQ_GUARDED_BY(mutex);
    bool is_woken LANEMQ_GUARDED_BY(mutex) = false;
    bool is_stopping LANEMQ_GUARDED_BY(mutex) = false;
  };

  // relay.cc: the loop.
  void Run();
  void Step();
  void TakeAnswers();
  void Send(SessionWork& work);
  void WaitForNews();
  void Finish();
  void Publish();

  // relay_rounds.cc: one look at the outbox and its commit.
  void Round();
  void OfferHolds();
  void OfferReady();
  void Release();
  /// False when the session is lost, or the relay ends before the database answers.
  bool CommitWork(SessionWork& work, const core::OutboxChange& change);

  // relay_sessions.cc: leases, buckets, dead relays.
  void KeepSessions();
  void OpenSession();
  void RenewOwn();
  void Share(const core::OutboxView& view);
  void ReadFrom(const std::vector<std::int32_t>& buckets);
  void AdoptOne(std::int64_t dead_session);
  void WorkOnAdopted();
  /// False when the session is lost.
  bool FreeBucketsOf(SessionWork& work);
  void LoseSession(const Error& why);
  [[nodiscard]] std::vector<std::int32_t> ReleasableNow() const;

  [[nodiscard]] Deadline DatabaseDeadline() const;
  [[nodiscard]] bool IsStopping() const;
  void NoteStore(const Status& status);

  const RelayOptions options_;
  core::OutboxStore& store_;
  BatchPublisher& publisher_;
  const Clock& clock_;
  const std::shared_ptr<Mailbox> mail_;

  // Of the loop's thread alone.
  std::optional<SessionWork> own_;
  std::map<std::int64_t, SessionWork> adopted_;  // By session.
  std::vector<std::int32_t> buckets_;            // Own and not to be released, ascending.
  std::vector<std::int32_t> to_release_;
  std::int32_t first_bucket_ = 0;
  std::chrono::nanoseconds pause_;
  MonotonicTime next_look_;
  MonotonicTime next_open_;
  bool has_more_ = false;            // The last read was cut.
  bool is_in_doubt_ = false;         // A change of own_ was given up: it is committed, or not.
  core::RelayPlanner::Counts past_;  // Of sessions that have ended.
  RelayStats now_;

  mutable Mutex stats_mutex_;
  RelayStats stats_ LANEMQ_GUARDED_BY(stats_mutex_);
  std::chrono::milliseconds patience_ LANEMQ_GUARDED_BY(stats_mutex_){5'000};
  std::jthread thread_;
};

}  // namespace lanemq::client
