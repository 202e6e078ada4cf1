// Topics of MySqlCatalogStore: creation, growth, change, deletion.
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "common/core/audit/audited_changes.h"
#include "common/core/catalog/deleted_topic.h"
#include "sql/statements/statements.h"
#include "sql/store/access_edits.h"
#include "sql/store/audit_rows.h"
#include "sql/store/catalog_edits.h"
#include "sql/store/catalog_rows.h"
#include "sql/store/mysql_catalog_store.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AuditNote;
using core::AuditResult;
using core::BegunTopic;
using core::NewTopic;
using core::Placement;
using core::Placer;
using core::Topic;
using core::TopicChange;
using core::TopicId;
using core::TopicRecord;
using core::TopicState;

/// nullopt when the topic is gone. None of TopicState when it is deleted and can be brought back:
/// what it has of tables stays then.
Result<std::optional<TopicState>> ReadState(Connection& connection, TopicId topic) {
  std::optional<TopicState> state;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kReadTopicState, {topic.value}, [&](const Row& row) {
        state = static_cast<TopicState>(row.Int64(0));
        return false;
      }));
  return state;
}

/// nullopt: the topic is gone, or is not to be deleted.
Result<std::optional<std::string>> ReadNameToDelete(Connection& connection, TopicId topic) {
  std::optional<std::string> name;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kReadTopicToDelete, {topic.value}, [&](const Row& row) {
        name = row.String(0);
        return false;
      }));
  return name;
}

/// Whoever makes a topic of this name anew must not expose it to those who had the last one.
Status DropRights(Connection& connection, Param now, std::string_view topic) {
  AuditNote note;
  note.actor = "metaserver";
  note.action = "job.topic_deletion";
  note.reason = "the topic was deleted";
  SettledChange settled(connection, note, now);
  return ChangeAccessIn(settled, [&](AccessChange& change) {
    return DeleteRightsOn(change, core::ResourceKind::kTopic, topic);
  });
}

/// Whether a request that has not ended has made it: who may do what with the name was never the
/// topic's then, but there before.
Result<bool> IsBeingMade(Connection& connection, TopicId topic) {
  bool is_being_made = false;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kFindRequestOfTopic, {topic.value}, [&](const Row&) {
        is_being_made = true;
        return false;
      }));
  return is_being_made;
}

/// Takes places for `count` partitions of `topic`, from index `first` on.
Status InsertPartitions(Connection& connection, TopicId topic, std::int32_t first,
                        std::int32_t count, const Placer& placer) {
  LANEMQ_ASSIGN_OR_RETURN(const auto usage, ReadUsage(connection));
  LANEMQ_ASSIGN_OR_RETURN(const std::vector<Placement> places, placer(usage));
  LANEMQ_CHECK(places.size() == static_cast<std::size_t>(count));
  std::string json = "[";
  for (std::int32_t i = 0; i < count; ++i) {
    const Placement& place = places[static_cast<std::size_t>(i)];
    json += fmt::format("{}[{},{},{}]", i == 0 ? "" : ",", first + i, place.node.value,
                        place.schema_index);
  }
  json += "]";
  LANEMQ_ASSIGN_OR_RETURN(
      const std::int64_t inserted,
      connection.Update(statements::kInsertPartitions, {topic.value, std::string_view(json)}));
  LANEMQ_CHECK(inserted == count);
  return {};
}

Status SaveConfig(Connection& connection, TopicId topic, const core::TopicConfig& config) {
  for (const auto& [name, value] : config) {
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
        statements::kSetConfig, {topic.value, std::string_view(name), std::string_view(value)})));
  }
  return {};
}

}  // namespace

Result<BegunTopic> BeginCreateTopic(Connection& connection, Param now, const NewTopic& topic,
                                    const Placer& placer, const AuditNote& note) {
  BegunTopic begun;
  LANEMQ_ASSIGN_OR_RETURN(auto existing, ReadTopic(connection, topic.name));
  if (existing) {
    begun.record = *std::move(existing);
    return begun;
  }
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
      statements::kInsertTopic,
      {std::string_view(topic.name), std::string_view(topic.description), now, now})));
  LANEMQ_ASSIGN_OR_RETURN(begun.record, ReadExistingTopic(connection, topic.name));
  const TopicId id = begun.record.topic.id;
  LANEMQ_RETURN_IF_ERROR(InsertPartitions(connection, id, 0, topic.partitions, placer));
  LANEMQ_RETURN_IF_ERROR(SaveConfig(connection, id, topic.config));
  LANEMQ_ASSIGN_OR_RETURN(begun.record, ReadExistingTopic(connection, topic.name));
  LANEMQ_RETURN_IF_ERROR(AppendAudit(
      connection, note, core::TopicChanged(nullptr, &begun.record.topic), AuditResult::kOk, now));
  begun.is_new = true;
  return begun;
}

Result<EditedTopic> BeginDeleteTopic(Connection& connection, Param now, std::string_view name,
                                     const AuditNote& note) {
  EditedTopic edited;
  TopicRecord& record = edited.record;
  LANEMQ_ASSIGN_OR_RETURN(record, ReadExistingTopic(connection, name));
  if (record.topic.state == TopicState::kDeleting && !record.topic.deletion) return edited;
  LANEMQ_RETURN_IF_ERROR(AppendAudit(connection, note, core::TopicChanged(&record.topic, nullptr),
                                     AuditResult::kOk, now));
  record.topic.state = TopicState::kDeleting;
  record.topic.deletion.reset();
  LANEMQ_RETURN_IF_ERROR(
      ToStatus(connection.Update(statements::kBeginDeleteTopic, {now, record.topic.id.value})));
  // Who makes the name anew says himself what it is.
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteTopicFacts, {name})));
  edited.is_changed = true;
  return edited;
}

Result<EditedTopic> AlterTopic(Connection& connection, Param now, const TopicChange& change,
                               const AuditNote& note) {
  EditedTopic edited;
  TopicRecord& record = edited.record;
  LANEMQ_ASSIGN_OR_RETURN(record, ReadExistingTopic(connection, change.name));
  if (record.topic.state == TopicState::kDeleting) {
    return Error{ErrorCode::kFailedPrecondition, core::DeletedText(record.topic)};
  }
  const Topic before = record.topic;
  const std::int64_t id = before.id.value;
  for (const std::string& name : change.unset) {
    record.topic.config.erase(name);
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(connection.Update(statements::kUnsetConfig, {id, std::string_view(name)})));
  }
  for (const auto& [name, value] : change.set) record.topic.config[name] = value;
  LANEMQ_RETURN_IF_ERROR(SaveConfig(connection, before.id, change.set));
  if (change.description) record.topic.description = *change.description;
  if (record.topic == before) return edited;
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(
      statements::kUpdateDescription, {std::string_view(record.topic.description), now, id})));
  LANEMQ_RETURN_IF_ERROR(AppendAudit(connection, note, core::TopicChanged(&before, &record.topic),
                                     AuditResult::kOk, now));
  edited.is_changed = true;
  return edited;
}

Result<EditedTopic> BeginAddPartitions(Connection& connection, Param now, std::string_view name,
                                       std::int32_t total,
                                       const std::function<Placer(const Topic&)>& placer,
                                       const AuditNote& note) {
  EditedTopic edited;
  TopicRecord& record = edited.record;
  LANEMQ_ASSIGN_OR_RETURN(record, ReadExistingTopic(connection, name));
  if (record.topic.state != TopicState::kActive) {
    return Error{ErrorCode::kFailedPrecondition,
                 record.topic.state == TopicState::kDeleting
                     ? core::DeletedText(record.topic)
                     : fmt::format("topic '{}' is not active", name)};
  }
  const auto present = static_cast<std::int32_t>(record.topic.partitions.size());
  if (total < present) {
    return Error{ErrorCode::kInvalidPartitions,
                 fmt::format("topic '{}' has {} partitions; {} would be fewer, and they can only "
                             "grow",
                             name, present, total)};
  }
  if (total == present) return edited;
  const Topic before = record.topic;
  LANEMQ_RETURN_IF_ERROR(
      InsertPartitions(connection, before.id, present, total - present, placer(before)));
  LANEMQ_ASSIGN_OR_RETURN(record, ReadExistingTopic(connection, name));
  LANEMQ_RETURN_IF_ERROR(AppendAudit(connection, note, core::TopicChanged(&before, &record.topic),
                                     AuditResult::kOk, now));
  edited.is_changed = true;
  return edited;
}

Result<BegunTopic> MySqlCatalogStore::BeginCreateTopic(const NewTopic& topic, const Placer& placer,
                                                       const AuditNote& note, Deadline deadline) {
  BegunTopic begun;
  auto changed_here = Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    LANEMQ_ASSIGN_OR_RETURN(begun, sql::BeginCreateTopic(connection, now, topic, placer, note));
    return begun.is_new ? Changed::kYes : Changed::kNo;
  });
  if (!changed_here.ok()) return changed_here.error();
  begun.is_new = *changed_here;
  return begun;
}

Status MySqlCatalogStore::MarkPartitionsReady(TopicId topic, std::int32_t below,
                                              Deadline deadline) {
  const auto marked = Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    LANEMQ_ASSIGN_OR_RETURN(const auto state, ReadState(connection, topic));
    if (!state || *state == TopicState::kDeleting) {
      return Error{
          ErrorCode::kFailedPrecondition,
          fmt::format("topic {} {}", topic.value, state ? "is being deleted" : "was deleted")};
    }
    LANEMQ_ASSIGN_OR_RETURN(
        const std::int64_t rows,
        connection.Update(statements::kMarkPartitionsReady, {topic.value, std::int64_t{below}}));
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t activated,
                            connection.Update(statements::kActivateTopic, {now, topic.value}));
    return rows + activated > 0 ? Changed::kYes : Changed::kNo;
  });
  return marked.ok() ? Status{} : Status{marked.error()};
}

Result<TopicRecord> MySqlCatalogStore::Edit(
    Deadline deadline, const std::function<Result<EditedTopic>(Connection&, Param now)>& body) {
  TopicRecord record;
  const auto done = Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    LANEMQ_ASSIGN_OR_RETURN(EditedTopic edited, body(connection, now));
    record = std::move(edited.record);
    return edited.is_changed ? Changed::kYes : Changed::kNo;
  });
  if (!done.ok()) return done.error();
  return record;
}

Result<TopicRecord> MySqlCatalogStore::BeginDeleteTopic(std::string_view name,
                                                        const AuditNote& note, Deadline deadline) {
  return Edit(deadline, [&](Connection& connection, Param now) {
    return sql::BeginDeleteTopic(connection, now, name, note);
  });
}

Status MySqlCatalogStore::FinishDeleteTopic(TopicId topic, Deadline deadline) {
  const auto finished = Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    LANEMQ_ASSIGN_OR_RETURN(const std::optional<std::string> name,
                            ReadNameToDelete(connection, topic));
    if (!name) return Changed::kNo;
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteTopic, {topic.value})));
    LANEMQ_ASSIGN_OR_RETURN(const bool is_being_made, IsBeingMade(connection, topic));
    if (!is_being_made) LANEMQ_RETURN_IF_ERROR(DropRights(connection, now, *name));
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(connection.Update(statements::kDeleteTopicConfig, {topic.value})));
    LANEMQ_RETURN_IF_ERROR(
        ToStatus(connection.Update(statements::kDeleteTopicPartitions, {topic.value})));
    return Changed::kYes;
  });
  return finished.ok() ? Status{} : Status{finished.error()};
}

Result<TopicRecord> MySqlCatalogStore::AlterTopic(const TopicChange& change, const AuditNote& note,
                                                  Deadline deadline) {
  return Edit(deadline, [&](Connection& connection, Param now) {
    return sql::AlterTopic(connection, now, change, note);
  });
}

Result<TopicRecord> MySqlCatalogStore::BeginAddPartitions(
    std::string_view name, std::int32_t total, const std::function<Placer(const Topic&)>& placer,
    const AuditNote& note, Deadline deadline) {
  return Edit(deadline, [&](Connection& connection, Param now) {
    return sql::BeginAddPartitions(connection, now, name, total, placer, note);
  });
}

}  // namespace lanemq::sql
