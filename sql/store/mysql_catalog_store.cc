#include "sql/store/mysql_catalog_store.h"

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/catalog_rows.h"
#include "sql/store/meta_access.h"
#include "sql/store/meta_error.h"
#include "sql/store/move_rows.h"

namespace lanemq::sql {
namespace {

using core::CatalogSnapshot;
using core::TopicRecord;
using core::TopicState;

/// Runs of a change whose reply keeps getting lost.
constexpr int kChangeAttempts = 3;
/// Reads that a change may overtake before they hold changes off.
constexpr int kReadAttempts = 4;

/// What clients and brokers see of a topic.
core::Topic Visible(TopicRecord record) {
  if (record.topic.KeepsTables()) {
    record.topic.partitions.resize(static_cast<std::size_t>(record.ready));
  }
  return std::move(record.topic);
}

}  // namespace

Result<bool> MySqlCatalogStore::Change(Deadline deadline, const Body& body) {
  bool ever_changed = false;
  for (int attempt = 1;; ++attempt) {
    const Status done = RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
      const NowParam now(now_);
      LANEMQ_RETURN_IF_ERROR(
          connection.Query(statements::kLockCatalogue, {}, [](const Row&) { return false; }));
      LANEMQ_ASSIGN_OR_RETURN(const Changed changed, body(connection, now.get()));
      if (changed == Changed::kNo) return {};
      ever_changed = true;
      const auto bumped = connection.Update(statements::kBumpVersion, {});
      return bumped.ok() ? Status{} : Status{bumped.error()};
    });
    if (done.ok()) return ever_changed;
    if (done.error().code != ErrorCode::kOutcomeUnknown || attempt == kChangeAttempts ||
        deadline.HasPassed(pool_.clock())) {
      return OfMetadata(done.error());
    }
  }
}

Status MySqlCatalogStore::ReadOnce(Deadline deadline,
                                   const std::function<Status(Connection&)>& body) {
  return ReadMeta(pool_, deadline, body);
}

Status MySqlCatalogStore::ReadConsistently(Deadline deadline,
                                           const std::function<Status(Connection&)>& body) {
  for (int attempt = 1; attempt < kReadAttempts; ++attempt) {
    bool is_consistent = false;
    const Status done = ReadOnce(deadline, [&](Connection& connection) -> Status {
      LANEMQ_ASSIGN_OR_RETURN(const ClusterRow before, ReadCluster(connection));
      LANEMQ_RETURN_IF_ERROR(body(connection));
      LANEMQ_ASSIGN_OR_RETURN(const ClusterRow after, ReadCluster(connection));
      is_consistent = before.version == after.version;
      return {};
    });
    if (!done.ok()) return done.error();
    if (is_consistent) return {};
  }
  return OfMetadata(RunInTransaction(pool_, deadline, [&](Connection& connection) -> Status {
    LANEMQ_RETURN_IF_ERROR(
        connection.Query(statements::kHoldCatalogue, {}, [](const Row&) { return false; }));
    return body(connection);
  }));
}

Result<std::string> MySqlCatalogStore::EnsureCluster(std::string_view fresh_id, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(
      OfMetadata(RunAutocommitted(pool_, deadline, [&](Connection& connection) -> Status {
        const auto ensured = connection.Update(statements::kEnsureCluster, {fresh_id});
        return ensured.ok() ? Status{} : Status{ensured.error()};
      })));
  std::string id;
  const Status done = ReadOnce(deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(const ClusterRow cluster, ReadCluster(connection));
    id = cluster.cluster_id;
    return {};
  });
  if (!done.ok()) return done.error();
  return id;
}

Result<std::int64_t> MySqlCatalogStore::LoadVersion(Deadline deadline) {
  std::int64_t version = 0;
  const Status done = ReadOnce(deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(const ClusterRow cluster, ReadCluster(connection));
    version = cluster.version;
    return {};
  });
  if (!done.ok()) return done.error();
  return version;
}

Result<CatalogSnapshot> MySqlCatalogStore::LoadSnapshot(Deadline deadline) {
  CatalogSnapshot snapshot;
  const NowParam now(now_);
  const Status done = ReadConsistently(deadline, [&](Connection& connection) -> Status {
    snapshot = {};
    LANEMQ_ASSIGN_OR_RETURN(const ClusterRow cluster, ReadCluster(connection));
    snapshot.version = cluster.version;
    snapshot.cluster_id = cluster.cluster_id;
    LANEMQ_ASSIGN_OR_RETURN(snapshot.nodes, ReadNodes(connection));
    LANEMQ_ASSIGN_OR_RETURN(auto topics, ReadTopics(connection));
    for (TopicRecord& record : topics) snapshot.topics.push_back(Visible(std::move(record)));
    LANEMQ_ASSIGN_OR_RETURN(auto brokers, ReadBrokers(connection, now.get()));
    for (auto& record : brokers) snapshot.brokers.push_back(std::move(record.broker));
    LANEMQ_ASSIGN_OR_RETURN(snapshot.metaservers, ReadMetaservers(connection));
    LANEMQ_ASSIGN_OR_RETURN(snapshot.moving, ReadMovingPlaces(connection));
    return {};
  });
  if (!done.ok()) return done.error();
  return snapshot;
}

Result<std::vector<TopicRecord>> MySqlCatalogStore::LoadUnfinishedTopics(Deadline deadline) {
  std::vector<TopicRecord> topics;
  const Status done = ReadConsistently(deadline, [&](Connection& connection) -> Status {
    topics.clear();
    LANEMQ_ASSIGN_OR_RETURN(const auto names, ReadUnfinishedNames(connection));
    for (const std::string& name : names) {
      LANEMQ_ASSIGN_OR_RETURN(auto record, ReadTopic(connection, name));
      if (record) topics.push_back(*std::move(record));
    }
    return {};
  });
  if (!done.ok()) return done.error();
  return topics;
}

Result<std::optional<TopicRecord>> MySqlCatalogStore::FindTopic(std::string_view name,
                                                                Deadline deadline) {
  std::optional<TopicRecord> record;
  const Status done = ReadConsistently(deadline, [&](Connection& connection) -> Status {
    LANEMQ_ASSIGN_OR_RETURN(record, ReadTopic(connection, name));
    return {};
  });
  if (!done.ok()) return done.error();
  return record;
}

}  // namespace lanemq::sql
