// Topics of MySqlCatalogStore that are deleted and can be brought back: 'active' <-> 'deleted' ->
// 'deleting', which nothing leaves but the row itself. Each arrow is one transaction that holds the
// catalogue, so that of an undeletion and a purge one finds the other done.
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "common/core/audit/audited_changes.h"
#include "common/core/catalog/deleted_topic.h"
#include "sql/statements/statements.h"
#include "sql/store/audit_rows.h"
#include "sql/store/catalog_edits.h"
#include "sql/store/catalog_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/mysql_catalog_store.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AuditNote;
using core::AuditResult;
using core::Topic;
using core::TopicRecord;
using core::TopicState;

/// The topic as it is now, which was `before`, and the audit row of that.
Result<EditedTopic> ReadChanged(Connection& connection, Param now, const Topic& before,
                                const AuditNote& note) {
  EditedTopic edited;
  LANEMQ_ASSIGN_OR_RETURN(edited.record, ReadExistingTopic(connection, before.name));
  edited.is_changed = true;
  LANEMQ_RETURN_IF_ERROR(AppendAudit(
      connection, note, core::TopicChanged(&before, &edited.record.topic), AuditResult::kOk, now));
  return edited;
}

}  // namespace

Result<EditedTopic> MarkTopicDeleted(Connection& connection, Param now, std::string_view name,
                                     std::chrono::microseconds keep, const AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(TopicRecord record, ReadExistingTopic(connection, name));
  const Topic before = record.topic;
  if (keep.count() <= 0 || before.state == TopicState::kCreating) {
    return BeginDeleteTopic(connection, now, name, note);
  }
  if (before.state == TopicState::kDeleting) return EditedTopic{std::move(record), false};
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
      statements::kMarkTopicDeleted,
      {now, now, now, std::int64_t{keep.count()}, std::string_view(note.actor), before.id.value})));
  return ReadChanged(connection, now, before, note);
}

Result<EditedTopic> UndeleteTopic(Connection& connection, Param now, std::string_view name,
                                  const AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(TopicRecord record, ReadExistingTopic(connection, name));
  const Topic before = record.topic;
  if (before.state != TopicState::kDeleting) return EditedTopic{std::move(record), false};
  if (!before.deletion) {
    return Error{ErrorCode::kFailedPrecondition,
                 fmt::format("topic '{}' is being removed for good: it cannot be brought back any "
                             "more",
                             name)};
  }
  LANEMQ_RETURN_IF_ERROR(
      ToStatus(connection.Update(statements::kUndeleteTopic, {now, before.id.value})));
  return ReadChanged(connection, now, before, note);
}

Result<TopicRecord> MySqlCatalogStore::MarkTopicDeleted(std::string_view name,
                                                        std::chrono::microseconds keep,
                                                        const AuditNote& note, Deadline deadline) {
  return Edit(deadline, [&](Connection& connection, Param now) {
    return sql::MarkTopicDeleted(connection, now, name, keep, note);
  });
}

Result<TopicRecord> MySqlCatalogStore::UndeleteTopic(std::string_view name, const AuditNote& note,
                                                     Deadline deadline) {
  return Edit(deadline, [&](Connection& connection, Param now) {
    return sql::UndeleteTopic(connection, now, name, note);
  });
}

Result<std::optional<TopicRecord>> MySqlCatalogStore::BeginPurgeTopic(const AuditNote& note,
                                                                      const core::Fence& fence,
                                                                      Deadline deadline) {
  std::optional<TopicRecord> begun;
  const auto done = Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    begun.reset();
    LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
    std::optional<std::string> name;
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kReadTopicToPurge, {now}, [&](const Row& row) {
          name = row.String(0);
          return false;
        }));
    if (!name) return Changed::kNo;
    LANEMQ_ASSIGN_OR_RETURN(EditedTopic edited,
                            sql::BeginDeleteTopic(connection, now, *name, note));
    begun = std::move(edited.record);
    return Changed::kYes;
  });
  if (!done.ok()) return done.error();
  return begun;
}

}  // namespace lanemq::sql
