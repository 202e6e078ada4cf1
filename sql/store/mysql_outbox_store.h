#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/store/outbox_store.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

struct MySqlOutboxOptions {
  /// Published rows are kept, for Clean(), instead of deleted.
  bool is_archiving = false;
};

/// The outbox of a team's schema, which MigrateOutbox() has prepared.
///
/// A Commit() with a plan takes one statement when it does nothing else, four with published rows
/// (begin, plan and fence, rows, commit). Locks are on named rows alone: open transactions of the
/// business are neither waited for nor made to wait. A process that hangs in a transaction keeps
/// the locks of its session until ConnectionOptions::idle_max has passed; Adopt() passes by
/// meanwhile. Servers that are read-only are refused, also for reads: a replica may be late.
class MySqlOutboxStore final : public core::OutboxStore {
 public:
  /// `pool`, whose default schema is the team's, must outlive the store.
  explicit MySqlOutboxStore(ConnectionPool& pool, MySqlOutboxOptions options = {}, MetaNow now = {})
      : pool_(pool), options_(options), now_(std::move(now)) {}

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

 private:
  using Messages = std::vector<core::OutboxMessage>;
  using TextOf = std::function<std::string(std::int64_t limit)>;

  /// The time of one operation, as text for statements that are built.
  [[nodiscard]] std::string NowText() const;
  /// Adds the rows of a select of one snapshot to `messages`, up to the limits. Whether it showed
  /// all that there are.
  Result<bool> AddRows(Connection& connection, std::string_view name, const TextOf& text_of,
                       const core::OutboxReadLimits& limits, Messages& messages);
  Status WriteRows(Connection& connection, const core::OutboxChange& change) const;
  Status WriteHolds(Connection& connection, const core::OutboxChange& change) const;

  ConnectionPool& pool_;
  const MySqlOutboxOptions options_;
  const MetaNow now_;
  /// Mean size of the rows read last: what is not going to fit is not asked for.
  std::atomic<std::size_t> row_bytes_ = 1'024;

  /// Where cleaning goes on. Forgetting it costs a look at the buckets' fronts.
  struct Cleaning {
    std::vector<std::int32_t> buckets;  ///< With rows that were due when the pass began.
    std::int64_t after_id = 0;          ///< In the first of them.
  };
  Result<Cleaning> BeginCleaning(Connection& connection, std::chrono::seconds keep) const;
  /// Up to `wanted` rows of the first bucket; takes the bucket off when it is done.
  Result<std::int64_t> CleanFirst(Connection& connection, std::chrono::seconds keep,
                                  std::int64_t wanted, Cleaning& cleaning) const;
  Mutex cleaning_mutex_;
  Cleaning cleaning_ LANEMQ_GUARDED_BY(cleaning_mutex_);
};

}  // namespace lanemq::sql
