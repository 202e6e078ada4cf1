// What people were told to tidy up, of MySqlGovernanceStore.
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/governance_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/mysql_governance_store.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

Status Write(Connection& connection, const core::HygieneTelling& telling) {
  for (const auto& [matter, reminded] : telling.told) {
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
        statements::kPutHygieneReminder, {ToString(matter.kind), std::string_view(matter.subject),
                                          std::int64_t{reminded.count}, reminded.last_at.micros})));
  }
  for (const core::HygieneMatter& matter : telling.forget) {
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(connection.Update(statements::kDeleteHygieneReminder,
                                   {ToString(matter.kind), std::string_view(matter.subject)})));
  }
  for (const core::AlertNotice& notice : telling.notices) {
    LANEMQ_RETURN_IF_ERROR(InsertForOnCall(connection, notice));
  }
  return {};
}

}  // namespace

Result<core::HygieneMemory> MySqlGovernanceStore::LoadReminded(Deadline deadline) {
  core::HygieneMemory memory;
  const NowParam now(now_);
  const Status read = ReadMeta(pool_, deadline, [&](Connection& connection) -> Status {
    memory = {};
    LANEMQ_RETURN_IF_ERROR(connection.Query(
        statements::kReadHygieneReminders, {std::int64_t{kRemindedMax}}, [&](const Row& row) {
          if (const auto kind = core::HygieneKindFromString(row.String(0))) {
            memory.told[{*kind, row.String(1)}] = {static_cast<std::int32_t>(row.Int64(2)),
                                                   WallTime{row.Int64(3)}};
          }
          return true;
        }));
    return connection.Query(statements::kReadAlertClock, {now.get()}, [&](const Row& row) {
      memory.now = WallTime{row.Int64(0)};
      return false;
    });
  });
  if (!read.ok()) return read.error();
  return memory;
}

Status MySqlGovernanceStore::Remind(const core::HygieneTelling& telling, const core::Fence& fence,
                                    Deadline deadline) {
  if (telling.told.size() > kTellingMax || telling.forget.size() > kTellingMax) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("hygiene: at most {} matters at a time", kTellingMax)};
  }
  return OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
    return Write(connection, telling);
  }));
}

}  // namespace lanemq::sql
