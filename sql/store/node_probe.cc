#include "sql/store/node_probe.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "sql/migrate/migrator.h"
#include "sql/statements/statements.h"
#include "sql/store/facts_text.h"
#include "sql/store/node_rights.h"

namespace lanemq::sql {
namespace {

using core::NodeInventory;
using core::NodeProbe;
using std::chrono::microseconds;

// A node has 990 partitions at most; what is far beyond it is no node of ours.
constexpr std::int64_t kTablesMax = 5'000;
constexpr std::int64_t kPartitionsMax = 5'000;
constexpr std::int64_t kOffsetsMax = 50'000;

using Variables = std::map<std::string, std::string>;

Status ReadVariables(Connection& connection, const Statement& statement, Variables& variables) {
  connection.Text().assign(statement.text);
  return connection.QueryText(statement.name, [&](const Row& row) {
    variables[row.String(0)] = row.String(1);
    return true;
  });
}

std::int64_t Number(const Variables& variables, const char* name) {
  const auto found = variables.find(name);
  std::int64_t value = 0;
  if (found == variables.end()) return value;
  const std::string& text = found->second;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool IsOn(const Variables& variables, const char* name) {
  const auto found = variables.find(name);
  return found != variables.end() && (found->second == "ON" || found->second == "1");
}

Status ReadSettings(Connection& connection, NodeProbe& probe) {
  Variables values;
  LANEMQ_RETURN_IF_ERROR(ReadVariables(connection, statements::kProbeVariables, values));
  LANEMQ_RETURN_IF_ERROR(ReadVariables(connection, statements::kProbeStatus, values));
  probe.connections_max = Number(values, "max_connections");
  const std::int64_t of_user = Number(values, "max_user_connections");
  if (of_user > 0) probe.connections_max = std::min(probe.connections_max, of_user);
  probe.connections_used = Number(values, "Threads_connected");
  // MySQL calls a primary "source" where MariaDB, and MySQL's older plugin, say "master".
  probe.semi_sync = {.is_enabled = IsOn(values, "rpl_semi_sync_master_enabled") ||
                                   IsOn(values, "rpl_semi_sync_source_enabled"),
                     .is_active = IsOn(values, "Rpl_semi_sync_master_status") ||
                                  IsOn(values, "Rpl_semi_sync_source_status"),
                     .replicas = std::max(Number(values, "Rpl_semi_sync_master_clients"),
                                          Number(values, "Rpl_semi_sync_source_clients"))};
  return {};
}

/// The account, and whether it has roles; its clock against `clock`.
Status ReadAccount(Connection& connection, const Clock& clock, NodeProbe& probe, bool& has_roles) {
  const MonotonicTime began = clock.Now();
  const WallTime before = clock.WallNow();
  std::int64_t theirs = 0;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kProbeAccount, {}, [&](const Row& row) {
    probe.account = row.String(0);
    has_roles = row.String(1) != "NONE";
    theirs = row.Int64(2);
    return false;
  }));
  probe.round_trip = std::chrono::duration_cast<microseconds>(clock.Now() - began);
  probe.clock_ahead = microseconds{theirs - before.micros} -
                      std::chrono::duration_cast<microseconds>(probe.round_trip / 2);
  return {};
}

/// 'user'@'host' of user@host: the last '@', since users may have one and hosts cannot.
std::string GranteeOf(const std::string& account) {
  const std::size_t at = account.rfind('@');
  if (at == std::string::npos) return account;
  return fmt::format("'{}'@'{}'", account.substr(0, at), account.substr(at + 1));
}

Status ReadRights(Connection& connection, const core::DataNode& node, NodeProbe& probe) {
  const std::string grantee = GranteeOf(probe.account);
  std::vector<AccountRight> rights;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kProbeRights,
                                          {std::string_view(grantee), std::string_view(grantee)},
                                          [&](const Row& row) {
                                            rights.push_back({row.String(0), row.String(1)});
                                            return true;
                                          }));
  probe.missing_rights = MissingRights(
      rights, node.schema_prefix, node.schemas_max,
      node.sealed_credentials.empty() ? AccountOf::kMetaserver : AccountOf::kAllServers);
  return {};
}

Status ReadSchemaVersion(Connection& connection, std::int32_t& version) {
  return connection.Query(statements::kReadMigrations, {}, [&](const Row& row) {
    version = static_cast<std::int32_t>(row.Int64(0));
    return true;
  });
}

/// The index of `<prefix>_07`; nullopt of other schemas.
std::optional<std::int32_t> SchemaIndex(std::string_view schema, std::string_view prefix) {
  for (int i = 0; i < core::kSchemasPerNodeMax; ++i) {
    if (schema == MessageSchema(prefix, i)) return i;
  }
  return std::nullopt;
}

/// As a pattern of LIKE: all of `prefix`, an underscore, and two bytes more.
std::string SchemaPattern(std::string_view prefix) {
  std::string pattern;
  for (const char c : prefix) {
    if (c == '_') pattern += '\\';
    pattern += c;
  }
  return pattern + "\\___";
}

Status ReadTables(Connection& connection, std::string_view prefix, NodeInventory& inventory) {
  const std::string pattern = SchemaPattern(prefix);
  std::int64_t seen = 0;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kListNodeTables,
                                          {std::string_view(pattern), kTablesMax + 1},
                                          [&](const Row& row) {
                                            ++seen;
                                            const auto index = SchemaIndex(row.String(0), prefix);
                                            if (index)
                                              inventory.tables.push_back({*index, row.String(1)});
                                            return true;
                                          }));
  inventory.is_whole = inventory.is_whole && seen <= kTablesMax;
  return {};
}

Status ReadPartitions(Connection& connection, NodeInventory& inventory) {
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kListPartitionStates, {kPartitionsMax + 1}, [&](const Row& row) {
        inventory.partitions.push_back(
            {{core::TopicId{row.Int64(0)}, static_cast<std::int32_t>(row.Int64(1))},
             static_cast<std::int32_t>(row.Int64(2)),
             row.String(3),
             row.Int64(4) != 0});
        return true;
      }));
  if (std::ssize(inventory.partitions) > kPartitionsMax) inventory.is_whole = false;
  return {};
}

Status ReadOffsets(Connection& connection, NodeInventory& inventory) {
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kListGroupOffsets, {kOffsetsMax + 1}, [&](const Row& row) {
        inventory.offsets.push_back({row.String(0), core::TopicId{row.Int64(1)}, row.Int64(2),
                                     core::Generation{row.Int64(3)}, microseconds{row.Int64(4)}});
        return true;
      }));
  if (std::ssize(inventory.offsets) > kOffsetsMax) inventory.is_whole = false;
  return {};
}

}  // namespace

Status ProbeSession(Connection& connection, const core::DataNode& node, const Clock& clock,
                    NodeProbe& probe) {
  bool has_roles = false;
  LANEMQ_RETURN_IF_ERROR(ReadAccount(connection, clock, probe, has_roles));
  LANEMQ_RETURN_IF_ERROR(ReadSettings(connection, probe));
  if (!has_roles) LANEMQ_RETURN_IF_ERROR(ReadRights(connection, node, probe));
  LANEMQ_RETURN_IF_ERROR(ReadSchemaVersion(connection, probe.schema_version));
  probe.schema_version_known = NewestNodeMigration();
  // Last, since it may take long, and needs a right that not everybody has.
  connection.Text() = UsedBytesText(node.schema_prefix, connection.server().kind);
  const Status sized = connection.QueryText("used_bytes", [&](const Row& row) {
    if (!row.IsNull(0)) probe.disk_used_bytes = row.Int64(0);
    return false;
  });
  if (!sized.ok()) probe.disk_used_bytes.reset();
  return {};
}

Result<NodeInventory> ReadInventory(Connection& connection, std::string_view prefix) {
  NodeInventory inventory;
  LANEMQ_RETURN_IF_ERROR(ReadTables(connection, prefix, inventory));
  LANEMQ_RETURN_IF_ERROR(ReadPartitions(connection, inventory));
  LANEMQ_RETURN_IF_ERROR(ReadOffsets(connection, inventory));
  LANEMQ_RETURN_IF_ERROR(ReadSchemaVersion(connection, inventory.schema_version));
  inventory.schema_version_known = NewestNodeMigration();
  return inventory;
}

}  // namespace lanemq::sql
