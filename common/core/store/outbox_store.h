#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/outbox.h"

namespace lanemq::core {

/// A session as others see it.
struct OutboxPeer {
  OutboxSession session;
  std::string name;          ///< Of the relay's process, for people.
  std::string wake_address;  ///< host:port of its wake-up socket; empty: none.
  bool is_alive = false;     ///< Its lease runs, by the database's clock.
  std::int32_t buckets = 0;
};

/// Everything a relay needs to share the buckets fairly.
struct OutboxView {
  std::vector<OutboxPeer> peers;           ///< All sessions, by id, the asking one included.
  std::vector<std::int32_t> own_buckets;   ///< Ascending.
  std::vector<std::int32_t> free_buckets;  ///< Nobody's, ascending.
};

/// What OutboxStore::Read() may answer.
struct OutboxReadLimits {
  std::size_t rows_max = 1'000;
  std::size_t bytes_max = 4u << 20;  ///< One larger row comes alone.
  /// Of Read(): rows that the caller has on their way already, and does not want. At most a few
  /// thousand.
  std::vector<std::int64_t> except_ids = {};
};

/// One commit of a session: what is done with, and what is sent next. All of it or nothing.
struct OutboxChange {
  /// In their topics: deleted, or kept as published by an outbox that archives.
  std::vector<std::int64_t> published;
  /// Ready rows that are held from now on.
  std::vector<std::int64_t> held;
  struct Dead {
    std::int64_t id = 0;
    std::int32_t attempts = 0;
    std::string error;
  };
  std::vector<Dead> dead;                  ///< Ready or held rows that are given up.
  std::vector<OutboxHold> holds;           ///< Made or changed; `due_in` counts from this commit.
  std::vector<OutboxHoldKey> ended_holds;  ///< No row is held for them any more.
  /// Replaces the session's plan; nullopt: it stays.
  std::optional<OutboxPlan> plan;
  std::vector<std::int32_t> released_buckets;

  [[nodiscard]] bool IsEmpty() const {
    return published.empty() && held.empty() && dead.empty() && holds.empty() &&
           ended_holds.empty() && !plan && released_buckets.empty();
  }
};

/// A dead session, taken over: what it may have sent.
struct OutboxAdoption {
  OutboxSession session;  ///< With the new epoch; the dead one's writes are refused from now on.
  OutboxPlan plan;
  std::vector<OutboxMessage> messages;  ///< Of the plan's ids, as many as are there, by id.
};

/// For metrics and status pages. Counts stop at kCountMax, that of `published` at
/// kPublishedCountMax.
struct OutboxStats {
  static constexpr std::int64_t kCountMax = 100'000;
  static constexpr std::int64_t kPublishedCountMax = 1'000;
  std::int64_t ready = 0;
  std::int64_t held = 0;
  std::int64_t dead = 0;
  std::int64_t published = 0;  ///< Kept rows of an outbox that archives.
  std::int64_t holds = 0;
  /// Of ready and held rows, by the database's clock; 0 when there is none.
  std::chrono::microseconds oldest_age{0};
  std::int32_t unowned_buckets = 0;
};

/// The relay's side of an outbox: tables that a team installed in its own schema.
///
/// A committed row is found by every later Read() until a Commit() removes it, whatever its id:
/// there is no cursor. Every write names a session and changes nothing (kFenced) when its epoch is
/// not the current one, or its row is gone.
///
/// Implementations: sql::MySqlOutboxStore, testing::FakeOutboxStore; both pass
/// tests/conformance/outbox_store_suite.h. Thread safety: every method from any thread.
/// Errors of every method: kDataNodeUnavailable, kThrottled: nothing was done. kOutcomeUnknown:
/// repeat the call; repeating Commit(), Renew(), Release() and Adopt() of the same arguments is
/// harmless. kFailedPrecondition: the outbox's tables are missing or of another version.
class OutboxStore {
 public:
  virtual ~OutboxStore() = default;

  /// Begins a session without buckets or plan, leased for `ttl`.
  virtual Result<OutboxSession> Open(const std::string& name, const std::string& wake_address,
                                     std::chrono::milliseconds ttl, Deadline deadline) = 0;
  /// Extends the lease, counted from now. kFenced: taken over.
  virtual Result<OutboxView> Renew(const OutboxSession& session, std::chrono::milliseconds ttl,
                                   Deadline deadline) = 0;
  /// Takes those of `buckets` that are free; all that it owns now, ascending.
  virtual Result<std::vector<std::int32_t>> Take(const OutboxSession& session,
                                                 const std::vector<std::int32_t>& buckets,
                                                 Deadline deadline) = 0;
  /// Takes over a session whose lease has ended, for `ttl`. nullopt: it lives, or is gone.
  virtual Result<std::optional<OutboxAdoption>> Adopt(std::int64_t dead_session,
                                                      std::chrono::milliseconds ttl,
                                                      Deadline deadline) = 0;
  /// Rows in the plans of adopted sessions other than this one, whose buckets may be others' by
  /// now. They may be in their topics or come back: whoever owns their bucket leaves them alone,
  /// and later rows of their keys. Such plans never grow.
  virtual Result<std::vector<OutboxMessage>> ReadAdopted(const OutboxSession& session,
                                                         Deadline deadline) = 0;
  /// Ends a session; its buckets are free. Its plan must be empty or known to be stored nowhere:
  /// rows of it stay as they are. Harmless when it is gone.
  virtual Status Close(const OutboxSession& session, Deadline deadline) = 0;

  /// Ready rows of `buckets` (ascending), by bucket and id, beginning with the bucket
  /// `first_bucket` and going round. Within a bucket none is left out.
  virtual Result<std::vector<OutboxMessage>> Read(std::span<const std::int32_t> buckets,
                                                  std::int32_t first_bucket,
                                                  const OutboxReadLimits& limits,
                                                  Deadline deadline) = 0;
  /// Held rows of the hold's bucket and topic with an id above `after_id`, by id; with a key or an
  /// id in `hold`: of that alone. (The caller knows which rows are of a partition.)
  virtual Result<std::vector<OutboxMessage>> ReadHeld(const OutboxHoldKey& hold,
                                                      std::int64_t after_id,
                                                      const OutboxReadLimits& limits,
                                                      Deadline deadline) = 0;
  /// The holds of `buckets`, by key; at most `rows_max`.
  virtual Result<std::vector<OutboxHold>> ReadHolds(std::span<const std::int32_t> buckets,
                                                    std::size_t rows_max, Deadline deadline) = 0;

  virtual Status Commit(const OutboxSession& session, const OutboxChange& change,
                        Deadline deadline) = 0;

  /// Deletes rows that were published longer than `keep` ago, at most `rows_max`: how many. Fewer
  /// than that: hardly any is left.
  virtual Result<std::int64_t> Clean(std::chrono::seconds keep, std::int32_t rows_max,
                                     Deadline deadline) = 0;
  virtual Result<OutboxStats> Stats(Deadline deadline) = 0;
};

}  // namespace lanemq::core
