#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/core/store/group_store.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// Consumer groups in the metadata schema.
///
/// A write is one transaction that first holds the lease's row, which keeps the term from ending,
/// then locks the group's row; everything else is reached through these two. Rows of other groups
/// are never waited for.
class MySqlGroupStore final : public core::GroupStore {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the store.
  explicit MySqlGroupStore(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

  Status Write(const core::StoredGroup& group, const core::Fence& fence,
               Deadline deadline) override;
  Result<std::vector<core::StoredGroup>> LoadSlot(int slot, Deadline deadline) override;
  Result<std::optional<core::StoredGroup>> Load(std::string_view group_id,
                                                Deadline deadline) override;
  Result<std::vector<core::GroupSummary>> List(Deadline deadline) override;
  Result<std::vector<core::GroupRebalance>> History(std::string_view group_id, std::size_t max,
                                                    Deadline deadline) override;
  Status Delete(std::string_view group_id, const core::Fence& fence, const core::AuditNote& note,
                Deadline deadline) override;
  Result<std::vector<std::string>> EmptyFor(std::chrono::microseconds age,
                                            Deadline deadline) override;

 private:
  Result<std::vector<core::StoredGroup>> Read(const Statement& statement, Param key,
                                              Deadline deadline);

  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
