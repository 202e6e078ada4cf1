#include "sql/store/owned_offset.h"

#include <utility>

#include "sql/statements/statements.h"
#include "sql/store/offset_rows.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {

Result<OwnedOffset> LockOwned(Connection& connection, std::string_view group,
                              const core::PartitionKey& key, const core::OffsetOwner& owner,
                              std::int64_t epoch) {
  LANEMQ_ASSIGN_OR_RETURN(auto stored, ReadOffset(connection, statements::kLockOffset, group, key));
  if (stored) return OwnedOffset{*std::move(stored), false};
  const Status made = ToStatus(connection.Update(
      statements::kMakeOffset, {group, key.topic.value, std::int64_t{key.partition},
                                owner.generation.value, std::string_view(owner.member_id), epoch}));
  const bool is_raced = !made.ok() && made.error().code == ErrorCode::kAlreadyExists;
  if (!is_raced) LANEMQ_RETURN_IF_ERROR(made);
  LANEMQ_ASSIGN_OR_RETURN(stored, ReadOffset(connection, statements::kLockOffset, group, key));
  if (!stored) return Error{ErrorCode::kConflict, "an offset row was removed while it was locked"};
  return OwnedOffset{*std::move(stored), !is_raced};
}

Status Forget(Connection& connection, std::string_view group, const OwnedOffset& owned) {
  if (!owned.is_new) return {};
  const core::PartitionKey& key = owned.stored.key;
  return ToStatus(connection.Update(statements::kDeleteOffset,
                                    {group, key.topic.value, std::int64_t{key.partition}}));
}

}  // namespace lanemq::sql
