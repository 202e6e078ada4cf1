#pragma once

#include <utility>

#include "common/core/store/audit_log.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// The audit log in the metadata schema. Changes append with AppendAudit() in their transactions.
class MySqlAuditLog final : public core::AuditLog {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the log.
  explicit MySqlAuditLog(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

  Status AppendDenied(const core::AuditNote& note, const core::AuditedChange& attempted,
                      Deadline deadline) override;
  Status AppendDone(const core::AuditNote& note, const core::AuditedChange& done,
                    Deadline deadline) override;
  /// By object or by actor an index leads to the events; other conditions look through those of the
  /// time that is asked for, from the newest on.
  Result<core::AuditPage> Search(const core::AuditSearch& search, Deadline deadline) override;
  Result<std::int64_t> Expire(std::chrono::microseconds age, std::size_t max,
                              const core::Fence& fence, Deadline deadline) override;

 private:
  Status Append(const core::AuditNote& note, const core::AuditedChange& change,
                core::AuditResult result, Deadline deadline);

  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
