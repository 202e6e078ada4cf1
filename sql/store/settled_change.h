#pragma once

#include <functional>
#include <optional>
#include <span>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/audit.h"
#include "sql/driver/connection.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// By which an audit row is found again: a number alone may be used twice, after a failover.
struct AuditMark {
  std::int64_t id = 0;
  std::int64_t at_us = 0;
};

/// One attempt at a change of the metadata schema, in its transaction.
/// Thread safety: none; one owner.
class SettledChange {
 public:
  /// `note` outlives the attempt.
  SettledChange(Connection& connection, const core::AuditNote& note, Param now)
      : connection_(connection), note_(note), now_(now) {}

  [[nodiscard]] Connection& connection() const { return connection_; }
  [[nodiscard]] Param now() const { return now_; }
  /// Appends what was changed to the audit log.
  Status Tell(const core::AuditedChange& change);
  /// Of several at once; see AppendAudits(). None: nothing.
  Status Tell(std::span<const core::AuditedChange> changes);
  /// Of the first row that was told; nullopt: nothing was.
  [[nodiscard]] const std::optional<AuditMark>& mark() const { return mark_; }

 private:
  /// After a row was appended.
  Status Mark();

  Connection& connection_;
  const core::AuditNote& note_;
  const Param now_;
  std::optional<AuditMark> mark_;
};

/// Runs `body` in a transaction of the metadata schema, and finds out what became of it when the
/// reply to its COMMIT is lost: the next attempt looks for the audit row of the last one, and does
/// nothing when it is there, so that a deletion does not miss what it has deleted itself. What
/// `body` put elsewhere is then of the attempt that happened. `body` must be repeatable; where it
/// tells nothing a second run must do no harm.
/// kOutcomeUnknown: nobody answered in time, or three replies in a row were lost.
Status RunSettled(ConnectionPool& pool, const MetaNow& now, const core::AuditNote& note,
                  Deadline deadline, const std::function<Status(SettledChange&)>& body);

}  // namespace lanemq::sql
