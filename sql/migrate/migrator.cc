#include "sql/migrate/migrator.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "common/base/log.h"
#include "sql/driver/connection.h"
#include "sql/driver/transaction.h"
#include "sql/migrate/applied.h"
#include "sql/migrate/migrations.h"
#include "sql/statements/statements.h"

namespace lanemq::sql {
namespace {

Status RunText(Connection& connection, std::string_view name, std::string_view text) {
  connection.Text().assign(text);
  const auto done = connection.UpdateText(name);
  return done.ok() ? Status{} : Status{done.error()};
}

Status CreateSchema(Connection& connection, const std::string& schema) {
  return RunText(connection, "create_schema",
                 fmt::format("CREATE DATABASE IF NOT EXISTS `{}` DEFAULT CHARACTER SET utf8mb4 "
                             "COLLATE utf8mb4_bin",
                             schema));
}

/// Where it is written down what was applied.
class Bookkeeping {
 public:
  /// schema_migrations of a schema of our own.
  Bookkeeping() = default;
  /// lanemq_schema_migrations of a team's schema. `component` must outlive this.
  explicit Bookkeeping(std::string_view component) : component_(component) {}

  [[nodiscard]] Status Create(Connection& connection) const {
    if (component_.empty()) {
      LANEMQ_RETURN_IF_ERROR(RunText(connection, statements::kCreateSchemaMigrations.name,
                                     statements::kCreateSchemaMigrations.text));
      return RunText(connection, statements::kCreateMigrationLock.name,
                     statements::kCreateMigrationLock.text);
    }
    LANEMQ_RETURN_IF_ERROR(RunText(connection, statements::kCreateLanemqMigrations.name,
                                   statements::kCreateLanemqMigrations.text));
    return ToStatus(connection.Update(statements::kCreateLanemqMigrationLock, {component_}));
  }
  [[nodiscard]] Status Lock(Connection& connection) const {
    const auto seen = [](const Row&) { return true; };
    return component_.empty()
               ? connection.Query(statements::kLockMigrations, {}, seen)
               : connection.Query(statements::kLockLanemqMigrations, {component_}, seen);
  }
  [[nodiscard]] Result<std::vector<AppliedMigration>> Read(Connection& connection) const {
    std::vector<AppliedMigration> applied;
    const auto seen = [&](const Row& row) {
      applied.push_back({static_cast<int>(row.Int64(0)), row.String(1), row.String(2)});
      return true;
    };
    LANEMQ_RETURN_IF_ERROR(
        component_.empty()
            ? connection.Query(statements::kReadMigrations, {}, seen)
            : connection.Query(statements::kReadLanemqMigrations, {component_}, seen));
    return applied;
  }
  [[nodiscard]] Status Record(Connection& connection, const Migration& migration) const {
    const std::int64_t number = migration.number;
    return ToStatus(
        component_.empty()
            ? connection.Update(statements::kRecordMigration,
                                {number, migration.name, migration.checksum})
            : connection.Update(statements::kRecordLanemqMigration,
                                {component_, number, migration.name, migration.checksum}));
  }

 private:
  static Status ToStatus(const Result<std::int64_t>& done) {
    return done.ok() ? Status{} : Status{done.error()};
  }

  std::string_view component_;
};

/// Waits for the lock row. It is held by a transaction of its own connection, because DDL, which
/// commits implicitly, would let it go.
Status TakeLock(const Bookkeeping& bookkeeping, Connection& holder, Deadline deadline,
                const Clock& clock) {
  while (true) {
    Status locked = bookkeeping.Lock(holder);
    if (locked.ok() || locked.error().code != ErrorCode::kConflict) return locked;
    if (deadline.HasPassed(clock)) {
      return Error{ErrorCode::kThrottled, "another process is still migrating"};
    }
  }
}

Status ApplyPending(const Bookkeeping& bookkeeping, Connection& worker, std::string_view schema,
                    std::span<const Migration> migrations) {
  LANEMQ_ASSIGN_OR_RETURN(const auto applied, bookkeeping.Read(worker));
  LANEMQ_RETURN_IF_ERROR(CompareMigrations(schema, migrations, applied));
  for (const Migration& migration : migrations.subspan(applied.size())) {
    // The column or index is there (1060, 1061): who added it died before it wrote so down.
    const Status done = RunText(worker, migration.name, migration.text);
    if (!done.ok() && done.error().code != ErrorCode::kFailedPrecondition) return done;
    LANEMQ_RETURN_IF_ERROR(bookkeeping.Record(worker, migration));
    LANEMQ_LOG(INFO, "migrate.applied", {"schema", schema}, {"migration", migration.name});
  }
  return {};
}

/// In `server.schema`, which exists.
Status MigrateSchema(const ConnectionOptions& server, const Bookkeeping& bookkeeping,
                     std::span<const Migration> migrations, Deadline deadline, const Clock& clock) {
  LANEMQ_ASSIGN_OR_RETURN(auto holder, Connection::Open(server, 4, clock, deadline));
  LANEMQ_ASSIGN_OR_RETURN(auto worker, Connection::Open(server, 4, clock, deadline));
  LANEMQ_RETURN_IF_ERROR(bookkeeping.Create(*worker));
  LANEMQ_ASSIGN_OR_RETURN(Transaction lock, Transaction::Begin(*holder));
  LANEMQ_RETURN_IF_ERROR(TakeLock(bookkeeping, *holder, deadline, clock));
  worker->SetDeadline(deadline);
  return ApplyPending(bookkeeping, *worker, server.schema, migrations);
}

Status Migrate(ConnectionOptions server, const std::string& schema,
               std::span<const Migration> migrations, Deadline deadline, const Clock& clock) {
  server.schema.clear();
  {
    LANEMQ_ASSIGN_OR_RETURN(auto connection, Connection::Open(server, 4, clock, deadline));
    LANEMQ_RETURN_IF_ERROR(CreateSchema(*connection, schema));
  }
  server.schema = schema;
  return MigrateSchema(server, Bookkeeping(), migrations, deadline, clock);
}

Status MigrateComponent(const ConnectionOptions& server, std::string_view component,
                        std::span<const Migration> migrations, Deadline deadline,
                        const Clock& clock) {
  if (server.schema.empty()) {
    return Error{ErrorCode::kInvalidConfig,
                 fmt::format("the {} needs the name of the schema it is in", component)};
  }
  const Bookkeeping bookkeeping(component);
  {
    LANEMQ_ASSIGN_OR_RETURN(auto connection, Connection::Open(server, 4, clock, deadline));
    const auto applied = bookkeeping.Read(*connection);
    if (applied.ok()) {
      LANEMQ_RETURN_IF_ERROR(CompareMigrations(server.schema, migrations, *applied));
      if (applied->size() == migrations.size()) return {};
    } else if (applied.error().code != ErrorCode::kUnknownTopicOrPartition) {
      return applied.error();
    }
  }
  return MigrateSchema(server, bookkeeping, migrations, deadline, clock);
}

std::string SchemaText(std::string_view component, std::span<const Migration> migrations) {
  std::string text =
      fmt::format("-- LaneMQ: the tables of the {}, for a schema of your own.\n\n{};\n", component,
                  statements::kCreateLanemqMigrations.text);
  for (const Migration& migration : migrations) {
    text += fmt::format(
        "\n{};\nINSERT IGNORE INTO lanemq_schema_migrations (component, number, name, checksum, "
        "applied_at)\nVALUES ('{}', {}, '{}', '{}', UTC_TIMESTAMP(6));\n",
        migration.text, component, migration.number, migration.name, migration.checksum);
  }
  return text;
}

constexpr std::string_view kOutboxComponent = "outbox";
constexpr std::string_view kInboxComponent = "inbox";

}  // namespace

Status CompareMigrations(std::string_view schema, std::span<const Migration> known,
                         std::span<const AppliedMigration> applied) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (i >= known.size()) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("schema {} is newer than this program: it has migration {}, this "
                               "program knows {}; start a newer one",
                               schema, applied[i].number, known.empty() ? 0 : known.back().number)};
    }
    if (applied[i].number != known[i].number || applied[i].checksum != known[i].checksum) {
      return Error{
          ErrorCode::kFailedPrecondition,
          fmt::format("schema {}: applied migration {} '{}' is not this program's '{}': a file "
                      "was edited after it was applied, or another branch wrote it",
                      schema, applied[i].number, applied[i].name, known[i].name)};
    }
  }
  return {};
}

std::string MetaSchema(std::string_view prefix) { return fmt::format("{}_meta", prefix); }
std::string NodeSchema(std::string_view prefix) { return fmt::format("{}_node", prefix); }
std::string MessageSchema(std::string_view prefix, int schema_index) {
  return fmt::format("{}_{:02}", prefix, schema_index);
}

Status CheckSchemaPrefix(std::string_view prefix) {
  const bool is_plain = std::all_of(prefix.begin(), prefix.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (prefix.empty() || prefix.size() > 48 || !is_plain) {
    return Error{ErrorCode::kInvalidConfig,
                 fmt::format("schema prefix '{}' is not 1 to 48 of [a-z0-9_]", prefix)};
  }
  return {};
}

Status MigrateMeta(const ConnectionOptions& server, std::string_view prefix, Deadline deadline,
                   const Clock& clock) {
  LANEMQ_RETURN_IF_ERROR(CheckSchemaPrefix(prefix));
  return Migrate(server, MetaSchema(prefix), migrations::kMeta, deadline, clock);
}

Status MigrateNode(const ConnectionOptions& server, std::string_view prefix, Deadline deadline,
                   int schemas, const Clock& clock) {
  LANEMQ_RETURN_IF_ERROR(CheckSchemaPrefix(prefix));
  if (schemas < 1 || schemas > core::kSchemasPerNodeMax) {
    return Error{ErrorCode::kInvalidConfig, "schemas per node must be 1 to 10"};
  }
  ConnectionOptions options = server;
  options.schema.clear();
  {
    LANEMQ_ASSIGN_OR_RETURN(auto connection, Connection::Open(options, 4, clock, deadline));
    for (int i = 0; i < schemas; ++i) {
      LANEMQ_RETURN_IF_ERROR(CreateSchema(*connection, MessageSchema(prefix, i)));
    }
  }
  return Migrate(options, NodeSchema(prefix), migrations::kNode, deadline, clock);
}

int NewestNodeMigration() { return std::span(migrations::kNode).back().number; }

Status MigrateOutbox(const ConnectionOptions& server, Deadline deadline, const Clock& clock) {
  return MigrateComponent(server, kOutboxComponent, migrations::kOutbox, deadline, clock);
}

Status MigrateInbox(const ConnectionOptions& server, Deadline deadline, const Clock& clock) {
  return MigrateComponent(server, kInboxComponent, migrations::kInbox, deadline, clock);
}

std::string OutboxSchemaText() { return SchemaText(kOutboxComponent, migrations::kOutbox); }
std::string InboxSchemaText() { return SchemaText(kInboxComponent, migrations::kInbox); }

}  // namespace lanemq::sql
