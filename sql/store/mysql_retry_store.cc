#include "sql/store/mysql_retry_store.h"

#include <nlohmann/json.hpp>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/node_audit.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {

using core::PartitionKey;
using core::RetryBacklog;
using core::StoredRetryPolicy;

Result<std::vector<RetryBacklog>> MySqlRetryStore::Backlog(std::string_view group,
                                                           Deadline deadline) {
  using Backlogs = std::vector<RetryBacklog>;
  const auto read = [&](Connection& connection, const core::DataNode&) -> Result<Backlogs> {
    Backlogs backlogs;
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kReadRetryBacklog, {group}, [&](const Row& row) {
          backlogs.push_back(
              {{core::TopicId{row.Int64(0)}, static_cast<std::int32_t>(row.Int64(1))},
               std::chrono::microseconds{row.Int64(2)}});
          return true;
        }));
    return backlogs;
  };
  return ReadOn<Backlogs>(nodes_, node_, deadline, read);
}

Result<std::vector<StoredRetryPolicy>> MySqlRetryStore::Policies(std::string_view group,
                                                                 Deadline deadline) {
  using Policies = std::vector<StoredRetryPolicy>;
  const auto read = [&](Connection& connection, const core::DataNode&) -> Result<Policies> {
    Policies policies;
    Status decoded;
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kReadPolicies, {group}, [&](const Row& row) {
          auto policy = core::RetryPolicyFromText(row.String(1));
          if (!policy.ok()) {
            decoded = policy.error().Wrap("group_policies of topic " + row.String(0));
            return false;
          }
          StoredRetryPolicy& stored = policies.emplace_back();
          if (row.Int64(0) != 0) stored.topic = core::TopicId{row.Int64(0)};
          stored.policy = *std::move(policy);
          stored.at = WallTime{row.Int64(2)};
          stored.requested_by = row.String(3);
          return true;
        }));
    LANEMQ_RETURN_IF_ERROR(decoded);
    return policies;
  };
  return ReadOn<Policies>(nodes_, node_, deadline, read);
}

Status MySqlRetryStore::SetPolicy(std::string_view group, std::optional<core::TopicId> topic,
                                  const std::optional<core::RetryPolicy>& policy,
                                  const core::OperatorNote& note, Deadline deadline) {
  const std::int64_t of = topic ? topic->value : 0;
  const std::string text = policy ? core::RetryPolicyToText(*policy) : std::string{};
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  return RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
    const auto changed =
        policy ? connection.Update(statements::kSetPolicy, {group, of, std::string_view(text),
                                                            std::string_view(note.requested_by)})
               : connection.Update(statements::kDeletePolicy, {group, of});
    if (!changed.ok()) return changed.error();
    if (!policy && *changed == 0) return {};
    nlohmann::json after = {{"policy", policy ? nlohmann::json(text) : nlohmann::json()}};
    if (topic) after["topic_id"] = of;
    return AppendNodeAudit(connection, note, "", after.dump());
  });
}

}  // namespace lanemq::sql
