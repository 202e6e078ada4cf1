#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/store/lag_history.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// Lag over time in the metadata schema, one row per tier, bucket, group and topic. Every change is
/// a transaction that locks the term it is made under; what it writes depends on nothing but its
/// rows, so one whose reply was lost is harmless to repeat.
class MySqlLagHistory final : public core::LagHistory {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the history.
  explicit MySqlLagHistory(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

  Result<WallTime> Now(Deadline deadline) override;
  Status Write(std::span<const core::LagHistoryRow> rows, const core::Fence& fence,
               Deadline deadline) override;
  Status RollUp(std::int32_t from_tier, WallTime since, WallTime until, const core::Fence& fence,
                Deadline deadline) override;
  Result<std::int64_t> Expire(std::int32_t max, const core::Fence& fence,
                              Deadline deadline) override;
  Result<std::vector<core::LagHistoryRow>> Newest(std::chrono::seconds age, std::size_t max,
                                                  Deadline deadline) override;
  Result<std::vector<core::LagHistoryRow>> Read(std::string_view group, core::TopicId topic,
                                                std::int32_t tier, WallTime from, WallTime until,
                                                std::size_t max, Deadline deadline) override;
  Result<std::vector<core::LagHistoryRow>> ProducedHourly(std::size_t max,
                                                          Deadline deadline) override;
  Result<std::vector<core::LastUse>> LastUses(std::size_t max, Deadline deadline) override;
  Status WriteLastUses(std::span<const core::LastUse> uses, const core::Fence& fence,
                       Deadline deadline) override;
  Result<std::int64_t> ForgetLastUses(std::int32_t max, const core::Fence& fence,
                                      Deadline deadline) override;

 private:
  /// Runs `body`, which must be repeatable, while the term of `fence` is the newest.
  Status Change(const core::Fence& fence, Deadline deadline,
                const std::function<Status(Connection&)>& body);
  Result<WallTime> ReadNow(Connection& connection) const;

  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
