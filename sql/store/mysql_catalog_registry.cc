// Data nodes, brokers and metaservers of MySqlCatalogStore.
#include <algorithm>

#include <fmt/format.h>

#include "common/core/audit/audited_changes.h"
#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/audit_rows.h"
#include "sql/store/catalog_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/mysql_catalog_store.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::AuditNote;
using core::AuditResult;
using core::Broker;
using core::BrokerId;
using core::BrokerRecord;
using core::BrokerSilence;
using core::BrokerState;
using core::DataNode;
using core::Fence;
using core::NodeChange;
using std::chrono::microseconds;

/// nullopt when there is none of the name.
Result<std::optional<DataNode>> FindNode(Connection& connection, std::string_view name) {
  LANEMQ_ASSIGN_OR_RETURN(auto nodes, ReadNodes(connection));
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const DataNode& node) { return node.name == name; });
  return found == nodes.end() ? std::nullopt : std::optional(std::move(*found));
}

/// Under a unique key: says which rule was broken.
Status AddressTaken(Status status, const DataNode& node) {
  if (status.ok() || status.error().code != ErrorCode::kAlreadyExists) return status;
  return Error{ErrorCode::kAlreadyExists,
               fmt::format("another data node has {}:{} with prefix '{}'", node.host, node.port,
                           node.schema_prefix)};
}

/// The row of a broker id, as far as a heartbeat cares.
struct Registered {
  std::int64_t incarnation = 0;
  core::Endpoint address;
  BrokerState state = BrokerState::kActive;
  microseconds silent_for{};
};

Result<std::optional<Registered>> LockBroker(Connection& connection, BrokerId id, Param now) {
  std::optional<Registered> found;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kLockBroker, {now, std::int64_t{id.value}}, [&](const Row& row) {
        found = Registered{row.Int64(0),
                           {row.String(1), static_cast<std::int32_t>(row.Int64(2))},
                           static_cast<BrokerState>(row.Int64(3)),
                           microseconds{row.Int64(4)}};
        return false;
      }));
  return found;
}

Status CheckIncarnation(const Registered& registered, const Broker& newcomer,
                        microseconds session_timeout) {
  const bool is_same = registered.incarnation == newcomer.incarnation;
  const bool is_gone = registered.state == BrokerState::kDead ||
                       registered.silent_for > session_timeout ||
                       registered.address == core::Endpoint{newcomer.host, newcomer.port};
  if (is_same || is_gone) return {};
  return Error{ErrorCode::kFenced,
               fmt::format("broker id {} is used by a process at {}:{} that was heard of {} ms ago",
                           newcomer.id.value, registered.address.host, registered.address.port,
                           registered.silent_for.count() / 1'000)};
}

Status SaveBroker(Connection& connection, const Broker& broker, Param now) {
  return ToStatus(connection.Update(
      statements::kSaveBroker,
      {std::int64_t{broker.id.value}, broker.incarnation, std::string_view(broker.host),
       std::int64_t{broker.port}, std::int64_t{broker.admin_port}, ToSql(broker.state),
       std::string_view(broker.version), now, now}));
}

}  // namespace

Result<DataNode> MySqlCatalogStore::AddDataNode(const DataNode& node, const AuditNote& note,
                                                Deadline deadline) {
  DataNode stored;
  const auto added = Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    LANEMQ_ASSIGN_OR_RETURN(auto existing, FindNode(connection, node.name));
    if (existing) {
      DataNode wanted = node;
      wanted.id = existing->id;
      wanted.state = existing->state;
      if (wanted != *existing) {
        return Error{ErrorCode::kAlreadyExists,
                     fmt::format("data node '{}' exists, at {}:{}", node.name, existing->host,
                                 existing->port)};
      }
      stored = *std::move(existing);
      return Changed::kNo;
    }
    LANEMQ_RETURN_IF_ERROR(
        AddressTaken(ToStatus(connection.Update(
                         statements::kInsertNode,
                         {std::string_view(node.name), std::string_view(node.host),
                          std::int64_t{node.port}, std::string_view(node.schema_prefix),
                          std::int64_t{node.schemas_max}, std::int64_t{node.tables_per_schema_max},
                          std::string_view(node.sealed_credentials), now})),
                     node));
    LANEMQ_ASSIGN_OR_RETURN(existing, FindNode(connection, node.name));
    LANEMQ_CHECK(existing.has_value());
    stored = *std::move(existing);
    LANEMQ_RETURN_IF_ERROR(AppendAudit(connection, note, core::DataNodeChanged(nullptr, &stored),
                                       AuditResult::kOk, now));
    return Changed::kYes;
  });
  if (!added.ok()) return added.error();
  return stored;
}

Result<DataNode> MySqlCatalogStore::AlterDataNode(const NodeChange& change, const AuditNote& note,
                                                  Deadline deadline) {
  DataNode stored;
  const auto altered = Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    LANEMQ_ASSIGN_OR_RETURN(auto existing, FindNode(connection, change.name));
    if (!existing) {
      return Error{ErrorCode::kNotFound, fmt::format("there is no data node '{}'", change.name)};
    }
    stored = *existing;
    if (change.state) stored.state = *change.state;
    if (change.host) stored.host = *change.host;
    if (change.port) stored.port = *change.port;
    if (change.sealed_credentials) stored.sealed_credentials = *change.sealed_credentials;
    if (stored == *existing) return Changed::kNo;
    LANEMQ_RETURN_IF_ERROR(AddressTaken(
        ToStatus(connection.Update(
            statements::kUpdateNode,
            {ToSql(stored.state), std::string_view(stored.host), std::int64_t{stored.port},
             std::string_view(stored.sealed_credentials), std::string_view(change.name)})),
        stored));
    LANEMQ_RETURN_IF_ERROR(AppendAudit(connection, note, core::DataNodeChanged(&*existing, &stored),
                                       AuditResult::kOk, now));
    return Changed::kYes;
  });
  if (!altered.ok()) return altered.error();
  return stored;
}

Result<bool> MySqlCatalogStore::ResealDataNode(std::string_view name, std::string_view before,
                                               std::string_view after, Deadline deadline) {
  return Change(deadline, [&](Connection& connection, Param) -> Result<Changed> {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t rows,
                            connection.Update(statements::kResealNode, {after, name, before}));
    return rows > 0 ? Changed::kYes : Changed::kNo;
  });
}

Result<bool> MySqlCatalogStore::Heartbeat(const Broker& broker, microseconds session_timeout,
                                          Deadline deadline) {
  std::int64_t refreshed = 0;
  const Status done =
      OfMetadata(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        const NowParam now(now_);
        LANEMQ_ASSIGN_OR_RETURN(
            refreshed,
            connection.Update(statements::kRefreshBroker,
                              {now.get(), std::int64_t{broker.id.value}, broker.incarnation,
                               std::string_view(broker.host), std::int64_t{broker.port},
                               std::int64_t{broker.admin_port}, ToSql(broker.state),
                               std::string_view(broker.version)}));
        return {};
      }));
  if (!done.ok()) return done.error();
  if (refreshed > 0) return false;
  return Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    LANEMQ_ASSIGN_OR_RETURN(const auto registered, LockBroker(connection, broker.id, now));
    if (registered) {
      LANEMQ_RETURN_IF_ERROR(CheckIncarnation(*registered, broker, session_timeout));
    }
    LANEMQ_RETURN_IF_ERROR(SaveBroker(connection, broker, now));
    return Changed::kYes;
  });
}

Result<bool> MySqlCatalogStore::UnregisterBroker(BrokerId id, std::int64_t incarnation,
                                                 const AuditNote& note, Deadline deadline) {
  return Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    LANEMQ_ASSIGN_OR_RETURN(const auto registered, LockBroker(connection, id, now));
    if (!registered || registered->incarnation != incarnation) return Changed::kNo;
    LANEMQ_RETURN_IF_ERROR(ToStatus(
        connection.Update(statements::kDeleteBroker, {std::int64_t{id.value}, incarnation})));
    LANEMQ_RETURN_IF_ERROR(AppendAudit(connection, note,
                                       core::BrokerRemoved(id, incarnation, registered->address),
                                       AuditResult::kOk, now));
    return Changed::kYes;
  });
}

Result<std::vector<BrokerRecord>> MySqlCatalogStore::LoadBrokers(Deadline deadline) {
  std::vector<BrokerRecord> brokers;
  const NowParam now(now_);
  const Status done = ReadOnce(deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(brokers, ReadBrokers(connection, now.get()));
    return {};
  });
  if (!done.ok()) return done.error();
  return brokers;
}

Result<std::vector<BrokerId>> MySqlCatalogStore::EvictBrokers(
    std::span<const BrokerSilence> brokers, microseconds session_timeout, const Fence& fence,
    Deadline deadline) {
  std::vector<BrokerId> evicted;
  const auto done = Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    evicted.clear();
    LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
    for (const BrokerSilence& broker : brokers) {
      LANEMQ_ASSIGN_OR_RETURN(const std::int64_t rows,
                              connection.Update(statements::kEvictBroker,
                                                {std::int64_t{broker.id.value}, broker.incarnation,
                                                 now, session_timeout.count()}));
      if (rows > 0) evicted.push_back(broker.id);
    }
    return evicted.empty() ? Changed::kNo : Changed::kYes;
  });
  if (!done.ok()) return done.error();
  return evicted;
}

Result<bool> MySqlCatalogStore::RegisterMetaserver(const core::Endpoint& address,
                                                   Deadline deadline) {
  const std::string_view host = address.host;
  const std::int64_t port = address.port;
  std::int64_t refreshed = 0;
  const Status done =
      OfMetadata(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        const NowParam now(now_);
        LANEMQ_ASSIGN_OR_RETURN(
            refreshed, connection.Update(statements::kRefreshMetaserver, {now.get(), host, port}));
        return {};
      }));
  if (!done.ok()) return done.error();
  if (refreshed > 0) return false;
  return Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t inserted,
                            connection.Update(statements::kInsertMetaserver, {host, port, now}));
    return inserted > 0 ? Changed::kYes : Changed::kNo;
  });
}

Result<std::int64_t> MySqlCatalogStore::ForgetStale(microseconds age, const Fence& fence,
                                                    Deadline deadline) {
  std::int64_t forgotten = 0;
  const auto done = Change(deadline, [&](Connection& connection, Param now) -> Result<Changed> {
    LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t metaservers,
                            connection.Update(statements::kForgetMetaservers, {now, age.count()}));
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t brokers,
                            connection.Update(statements::kForgetBrokers, {now, age.count()}));
    forgotten = metaservers + brokers;
    return forgotten > 0 ? Changed::kYes : Changed::kNo;
  });
  if (!done.ok()) return done.error();
  return forgotten;
}

}  // namespace lanemq::sql
