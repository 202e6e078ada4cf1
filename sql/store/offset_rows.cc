#include "sql/store/offset_rows.h"

namespace lanemq::sql {
namespace {

// A claimed row without a commit has offset 0; the first one that can be committed is 1.
core::Offset ToOffset(std::int64_t stored) { return core::Offset{stored == 0 ? -1 : stored}; }

}  // namespace

core::CommittedOffset ToCommitted(const Row& row, const core::PartitionKey& key) {
  core::CommittedOffset out;
  out.key = key;
  out.offset = ToOffset(row.Int64(0));
  out.metadata = row.String(1);
  out.generation = core::Generation{row.Int64(2)};
  out.reset_epoch = row.Int64(3);
  out.committed_at = WallTime{row.Int64(4)};
  out.member_id = row.String(5);
  return out;
}

Result<std::optional<core::CommittedOffset>> ReadOffset(Connection& connection,
                                                        const Statement& statement,
                                                        std::string_view group,
                                                        const core::PartitionKey& key) {
  std::optional<core::CommittedOffset> found;
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statement, {group, key.topic.value, std::int64_t{key.partition}}, [&](const Row& row) {
        found = ToCommitted(row, key);
        return false;
      }));
  return found;
}

}  // namespace lanemq::sql
