#include "sql/store/mysql_node_facts.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "sql/statements/statements.h"
#include "sql/store/facts_text.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::NodeFacts;
using core::NodeFactsQuery;

Status ReadDeadLetters(Connection& connection, const NodeFactsQuery& query, NodeFacts& facts) {
  std::vector<std::string> groups;
  const auto groups_max = static_cast<std::size_t>(query.groups_max);
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kFactsGroupsWithDeadLetters,
                                          {std::int64_t{query.groups_max} + 1},
                                          [&](const Row& row) {
                                            groups.push_back(row.String(0));
                                            return true;
                                          }));
  if (groups.size() > groups_max) {
    groups.resize(groups_max);
    facts.is_whole = false;
  }
  for (const std::string& group : groups) {
    LANEMQ_RETURN_IF_ERROR(connection.Query(
        statements::kFactsDeadLetters,
        {query.letters_within.count(), std::string_view(group), std::int64_t{query.letters_max}},
        [&](const Row& row) {
          facts.dead_letters.push_back({group, core::TopicId{row.Int64(0)}, row.Int64(1),
                                        row.Int64(2), WallTime{row.Int64(3)}});
          return true;
        }));
  }
  return {};
}

Status ReadOverdue(Connection& connection, const NodeFactsQuery& query, NodeFacts& facts) {
  std::optional<std::int64_t> oldest;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadDelayedFronts, {}, [&](const Row& row) {
    if (std::ranges::binary_search(query.deleted, core::TopicId{row.Int64(0)})) return true;
    oldest = std::min(oldest.value_or(row.Int64(2)), row.Int64(2));
    return true;
  }));
  if (!oldest) return {};
  return connection.Query(statements::kReadNodeClock, {}, [&](const Row& row) {
    facts.overdue = std::chrono::microseconds{std::max<std::int64_t>(0, row.Int64(0) - *oldest)};
    return false;
  });
}

Status ReadLosses(Connection& connection, const NodeFactsQuery& query, NodeFacts& facts) {
  LANEMQ_RETURN_IF_ERROR(connection.Query(
      statements::kFactsDataLosses,
      {query.losses_within.count(), std::int64_t{query.losses_max} + 1}, [&](const Row& row) {
        facts.losses.push_back(
            {{core::TopicId{row.Int64(0)}, static_cast<std::int32_t>(row.Int64(1))},
             row.Int64(2),
             row.Int64(3)});
        return true;
      }));
  const auto losses_max = static_cast<std::size_t>(query.losses_max);
  if (facts.losses.size() > losses_max) {
    facts.losses.resize(losses_max);
    facts.is_whole = false;
  }
  return {};
}

}  // namespace

Result<NodeFacts> MySqlNodeFacts::Read(const NodeFactsQuery& query, Deadline deadline) {
  return ReadOn<NodeFacts>(nodes_, node_, deadline,
                           [&](Connection& connection, const core::DataNode&) -> Result<NodeFacts> {
                             NodeFacts facts;
                             LANEMQ_RETURN_IF_ERROR(ReadDeadLetters(connection, query, facts));
                             LANEMQ_RETURN_IF_ERROR(ReadOverdue(connection, query, facts));
                             LANEMQ_RETURN_IF_ERROR(ReadLosses(connection, query, facts));
                             return facts;
                           });
}

Result<std::int64_t> MySqlNodeFacts::UsedBytes(Deadline deadline) {
  return ReadOn<std::int64_t>(
      nodes_, node_, deadline,
      [&](Connection& connection, const core::DataNode& node) -> Result<std::int64_t> {
        std::int64_t bytes = 0;
        connection.Text() = UsedBytesText(node.schema_prefix, connection.server().kind);
        LANEMQ_RETURN_IF_ERROR(connection.QueryText("used_bytes", [&](const Row& row) {
          if (!row.IsNull(0)) bytes = row.Int64(0);
          return false;
        }));
        return bytes;
      });
}

}  // namespace lanemq::sql
