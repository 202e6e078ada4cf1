#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/store/outbox_admin.h"
#include "common/core/store/outbox_store.h"

namespace lanemq::testing {

/// An outbox in memory, with the semantics of the real one (the same conformance suite), both sides
/// of it, its own clock, and faults on request. Deadlines are not looked at.
/// Thread safety: every method from any thread.
class FakeOutboxStore final : public core::OutboxStore, public core::OutboxAdmin {
 public:
  /// What a business transaction inserts.
  struct NewRow {
    std::string topic;
    std::optional<std::string> key;
    std::optional<std::string> body;
    std::vector<core::Header> headers;
    std::optional<WallTime> due;
    std::int16_t codec = 0;
  };
  enum class Call {
    kAny,
    kOpen,
    kRenew,
    kTake,
    kAdopt,
    kReadAdopted,
    kClose,
    kRead,
    kReadHeld,
    kReadHolds,
    kCommit,
    kClean,
    kStats
  };

  /// Inserts and commits: the id.
  std::int64_t Insert(const NewRow& row);
  std::int64_t Insert(const std::string& topic, const std::optional<std::string>& key,
                      const std::string& body) {
    return Insert(NewRow{topic, key, body, {}, {}, 0});
  }
  /// Inserts in a transaction that stays open: nobody sees the row until CommitInsert().
  std::int64_t InsertUncommitted(const NewRow& row);
  void CommitInsert(std::int64_t id);
  void RollBackInsert(std::int64_t id);

  void AdvanceTime(std::chrono::microseconds by);
  void SetArchiving(bool is_archiving);
  /// The next `call` fails with `error`, before or after taking effect. May be asked for many times
  /// ahead; kAny meets whatever comes next.
  void FailNext(Call call, const Error& error, bool is_after_effect = false);
  void FailNext(const Error& error, bool is_after_effect = false) {
    FailNext(Call::kAny, error, is_after_effect);
  }

  /// All committed rows, by id.
  [[nodiscard]] std::vector<core::OutboxMessage> Rows() const;
  /// How many calls of the kind were made; kAny: of all.
  [[nodiscard]] std::int64_t Calls(Call call) const;

  /// As the column's default: by the key, or by the body of a row without a key.
  static std::int32_t BucketOf(const std::optional<std::string>& key,
                               const std::optional<std::string>& body);

  Result<core::OutboxSession> Open(const std::string& name, const std::string& wake_address,
                                   std::chrono::milliseconds ttl, Deadline deadline) override;
  Result<core::OutboxView> Renew(const core::OutboxSession& session, std::chrono::milliseconds ttl,
                                 Deadline deadline) override;
  Result<std::vector<std::int32_t>> Take(const core::OutboxSession& session,
                                         const std::vector<std::int32_t>& buckets,
                                         Deadline deadline) override;
  Result<std::optional<core::OutboxAdoption>> Adopt(std::int64_t dead_session,
                                                    std::chrono::milliseconds ttl,
                                                    Deadline deadline) override;
  Result<std::vector<core::OutboxMessage>> ReadAdopted(const core::OutboxSession& session,
                                                       Deadline deadline) override;
  Status Close(const core::OutboxSession& session, Deadline deadline) override;
  Result<std::vector<core::OutboxMessage>> Read(std::span<const std::int32_t> buckets,
                                                std::int32_t first_bucket,
                                                const core::OutboxReadLimits& limits,
                                                Deadline deadline) override;
  Result<std::vector<core::OutboxMessage>> ReadHeld(const core::OutboxHoldKey& hold,
                                                    std::int64_t after_id,
                                                    const core::OutboxReadLimits& limits,
                                                    Deadline deadline) override;
  Result<std::vector<core::OutboxHold>> ReadHolds(std::span<const std::int32_t> buckets,
                                                  std::size_t rows_max, Deadline deadline) override;
  Status Commit(const core::OutboxSession& session, const core::OutboxChange& change,
                Deadline deadline) override;
  Result<std::int64_t> Clean(std::chrono::seconds keep, std::int32_t rows_max,
                             Deadline deadline) override;
  Result<core::OutboxStats> Stats(Deadline deadline) override;

  Result<std::vector<core::OutboxMessage>> List(core::OutboxState state,
                                                const std::optional<std::string>& topic,
                                                std::int64_t after_id, std::int32_t limit,
                                                Deadline deadline) override;
  Result<std::vector<core::OutboxHold>> Holds(std::int32_t limit, Deadline deadline) override;
  Result<std::int64_t> Retry(const std::vector<std::int64_t>& ids, Deadline deadline) override;
  Result<std::int64_t> RetryDead(const std::optional<std::string>& topic,
                                 Deadline deadline) override;
  Result<std::int64_t> RetryHolds(Deadline deadline) override;
  Result<std::int64_t> Drop(const std::vector<std::int64_t>& ids, Deadline deadline) override;
  Result<std::vector<core::OutboxPeer>> Peers(Deadline deadline) override;

 private:
  struct StoredRow {
    core::OutboxMessage message;
    std::int64_t published_at = 0;
    bool is_committed = true;
  };
  struct StoredSession {
    core::FencingToken epoch;
    std::string name;
    std::string wake_address;
    std::int64_t lease_until = 0;
    core::OutboxPlan plan;
  };
  struct StoredHold {
    core::OutboxHold hold;
    std::int64_t due_at = 0;
  };
  struct Fault {
    Call call;
    Error error;
    bool is_after_effect;
  };

  template <typename F>
  auto With(Call call, const F& effect) -> decltype(effect());
  std::optional<Fault> TakeFault(Call call) LANEMQ_REQUIRES(mutex_);
  Status Fence(const core::OutboxSession& session) const LANEMQ_REQUIRES(mutex_);
  core::OutboxView View(std::int64_t own) const LANEMQ_REQUIRES(mutex_);
  void Apply(const core::OutboxSession& session, const core::OutboxChange& change)
      LANEMQ_REQUIRES(mutex_);
  StoredRow* Find(std::int64_t id, const std::set<core::OutboxState>& states)
      LANEMQ_REQUIRES(mutex_);
  core::OutboxHold Shown(const StoredHold& stored) const LANEMQ_REQUIRES(mutex_);
  std::int64_t Revive(const std::vector<std::int64_t>& ids) LANEMQ_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<std::int64_t, StoredRow> rows_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::int64_t, StoredSession> sessions_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::int32_t, std::int64_t> buckets_ LANEMQ_GUARDED_BY(mutex_);
  std::map<core::OutboxHoldKey, StoredHold> holds_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<Fault> faults_ LANEMQ_GUARDED_BY(mutex_);
  std::map<Call, std::int64_t> calls_ LANEMQ_GUARDED_BY(mutex_);
  std::int64_t next_row_ LANEMQ_GUARDED_BY(mutex_) = 1;
  std::int64_t next_session_ LANEMQ_GUARDED_BY(mutex_) = 1;
  std::int64_t now_us_ LANEMQ_GUARDED_BY(mutex_) = 1'700'000'000'000'000;
  bool is_archiving_ LANEMQ_GUARDED_BY(mutex_) = false;
};

template <typename F>
auto FakeOutboxStore::With(Call call, const F& effect) -> decltype(effect()) {
  MutexLock lock(mutex_);
  const std::optional<Fault> fault = TakeFault(call);
  if (fault && !fault->is_after_effect) return fault->error;
  auto result = effect();
  if (fault) return fault->error;
  return result;
}

}  // namespace lanemq::testing
