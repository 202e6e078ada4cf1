// Data nodes of CatalogService.
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/base/log.h"
#include "common/core/catalog/topic_rules.h"
#include "common/core/placement/placement_planner.h"
#include "metaserver/catalog/catalog_service.h"

namespace lanemq::metaserver {
namespace {

using core::AuditNote;
using core::DataNode;
using core::NodeLogin;

/// nullopt when there is none of the name.
std::optional<DataNode> NodeOf(const core::CatalogSnapshot& snapshot, const std::string& name) {
  const auto found = std::find_if(snapshot.nodes.begin(), snapshot.nodes.end(),
                                  [&](const DataNode& node) { return node.name == name; });
  return found == snapshot.nodes.end() ? std::nullopt : std::optional(*found);
}

/// Of a login that somebody has just given: he is to hear of it, and not to wait.
Error Refused(const DataNode& node, const Error& error) {
  return {ErrorCode::kFailedPrecondition,
          fmt::format("the login does not work at data node '{}', {}:{}: {}; nothing was changed",
                      node.name, node.host, node.port, error.message)};
}

/// A login that is kept goes to the server that it was given for: whoever names another one gives
/// it again, and so does not have it sent to a server that asks for the password.
Status CheckLoginIsNamed(const DataNode& known, const DataNode& wanted,
                         const std::optional<NodeLogin>& login) {
  const bool is_elsewhere = known.host != wanted.host || known.port != wanted.port;
  if (!is_elsewhere || login || known.sealed_credentials.empty()) return {};
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("data node '{}' has a login for {}:{}: give user and password again for "
                           "{}:{}",
                           known.name, known.host, known.port, wanted.host, wanted.port)};
}

}  // namespace

Status CatalogService::Seal(const NodeLogin& login, DataNode& node) const {
  if (login.user.empty()) {
    if (!login.password.empty()) {
      return Error{ErrorCode::kInvalidRequest, "a password was given without a user"};
    }
    node.sealed_credentials.clear();
    return {};
  }
  // Two sealed texts of one login differ: a call that is repeated must find that nothing changes.
  if (!node.sealed_credentials.empty() && !vault_.IsOutdated(node)) {
    const auto known = vault_.Open(node);
    if (known.ok() && *known == login) return {};
  }
  LANEMQ_ASSIGN_OR_RETURN(node.sealed_credentials, vault_.Seal(node.name, login));
  return {};
}

Status CatalogService::TryLogin(const DataNode& node, Deadline deadline) {
  const Status prepared = nodes_.Prepare(node, deadline);
  // What is missing says more than the statement that missed it.
  const auto probe = nodes_.Probe(node, deadline);
  if (probe.ok() && probe->missing_rights && !probe->missing_rights->empty()) {
    return Refused(node, {ErrorCode::kFailedPrecondition,
                          fmt::format("{} may not {}", probe->account,
                                      fmt::join(*probe->missing_rights, "; "))});
  }
  if (!prepared.ok()) return Refused(node, prepared.error());
  return probe.ok() ? Status{} : Status{Refused(node, probe.error())};
}

Result<DataNode> CatalogService::AddNode(DataNode node, const AuditNote& note,
                                         const std::optional<NodeLogin>& login) {
  LANEMQ_RETURN_IF_ERROR(core::CheckDataNode(node));
  const Deadline deadline = ForChange();
  // One that is added again, to bring its schemas up to date, keeps the login that it has.
  cache_.Reload();
  const auto known = NodeOf(*cache_.Current(), node.name);
  if (known) {
    LANEMQ_RETURN_IF_ERROR(CheckLoginIsNamed(*known, node, login));
    node.sealed_credentials = known->sealed_credentials;
  }
  if (login) LANEMQ_RETURN_IF_ERROR(Seal(*login, node));
  LANEMQ_RETURN_IF_ERROR(
      core::CheckServersLogin(options_.servers_login_hosts, cache_.Current()->nodes, node));
  if (login) {
    LANEMQ_RETURN_IF_ERROR(TryLogin(node, deadline));
  } else {
    LANEMQ_RETURN_IF_ERROR(nodes_.Prepare(node, deadline));
  }
  LANEMQ_ASSIGN_OR_RETURN(node, store_.AddDataNode(node, note, deadline));
  cache_.Reload();
  LANEMQ_LOG(INFO, "catalog.node_added", {"node", node.name}, {"host", node.host},
             {"port", node.port}, {"has_credentials", !node.sealed_credentials.empty()});
  return node;
}

Status CatalogService::CheckNewPlace(core::NodeChange& change,
                                     const std::optional<NodeLogin>& login, Deadline deadline) {
  cache_.Reload();
  const auto snapshot = cache_.Current();
  const auto found = NodeOf(*snapshot, change.name);
  if (!found) return {};  // The store says it better.
  DataNode moved = *found;
  moved.host = change.host.value_or(moved.host);
  moved.port = change.port.value_or(moved.port);
  LANEMQ_RETURN_IF_ERROR(core::CheckDataNode(moved));
  if (login) {
    LANEMQ_RETURN_IF_ERROR(Seal(*login, moved));
    change.sealed_credentials = moved.sealed_credentials;
  }
  if (moved == *found) return {};
  LANEMQ_RETURN_IF_ERROR(CheckLoginIsNamed(*found, moved, login));
  LANEMQ_RETURN_IF_ERROR(
      core::CheckServersLogin(options_.servers_login_hosts, snapshot->nodes, moved));
  if (login) {
    LANEMQ_RETURN_IF_ERROR(TryLogin(moved, deadline));
  } else {
    LANEMQ_RETURN_IF_ERROR(nodes_.Prepare(moved, deadline));
  }
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t there, nodes_.CountPartitions(moved, deadline));
  for (const core::NodeUsage& usage : core::UsageOf(*snapshot)) {
    if (usage.node.id == moved.id && usage.Used() > 0 && there == 0) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("{}:{} has no partitions, but data node '{}' has {}: it is another "
                               "server",
                               moved.host, moved.port, moved.name, usage.Used())};
    }
  }
  return {};
}

Result<DataNode> CatalogService::AlterNode(core::NodeChange change, const AuditNote& note,
                                           const std::optional<NodeLogin>& login) {
  const Deadline deadline = ForChange();
  change.sealed_credentials.reset();
  if (change.host || change.port || login) {
    LANEMQ_RETURN_IF_ERROR(CheckNewPlace(change, login, deadline));
  }
  LANEMQ_ASSIGN_OR_RETURN(DataNode node, store_.AlterDataNode(change, note, deadline));
  cache_.Reload();
  LANEMQ_LOG(INFO, "catalog.node_altered", {"node", node.name}, {"host", node.host},
             {"port", node.port}, {"state", static_cast<int>(node.state)},
             {"has_credentials", !node.sealed_credentials.empty()});
  return node;
}

void CatalogService::ResealNodes() {
  const auto snapshot = cache_.Current();
  bool is_changed = false;
  for (const DataNode& node : snapshot->nodes) {
    if (!vault_.IsOutdated(node)) continue;
    const auto login = vault_.Open(node);
    const auto sealed =
        login.ok() ? vault_.Seal(node.name, *login) : Result<std::string>(login.error());
    const auto stored = sealed.ok() ? store_.ResealDataNode(node.name, node.sealed_credentials,
                                                            *sealed, ForChange())
                                    : Result<bool>(sealed.error());
    if (!stored.ok()) {
      LANEMQ_LOG(ERROR, "catalog.node_not_resealed", {"node", node.name},
                 {"error", stored.error().message});
      continue;
    }
    is_changed = is_changed || *stored;
    if (*stored) LANEMQ_LOG(INFO, "catalog.node_resealed", {"node", node.name});
  }
  if (is_changed) cache_.Reload();
}

Result<CatalogService::Records> CatalogService::LoadRecords(Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(core::CatalogSnapshot snapshot, store_.LoadSnapshot(deadline));
  Records records;
  LANEMQ_ASSIGN_OR_RETURN(records.topics, store_.LoadUnfinishedTopics(deadline));
  const auto unfinished = std::ssize(records.topics);
  for (core::Topic& topic : snapshot.topics) {
    const bool is_there =
        std::any_of(records.topics.begin(), records.topics.begin() + unfinished,
                    [&](const core::TopicRecord& record) { return record.topic.id == topic.id; });
    if (is_there) continue;
    const auto ready = static_cast<std::int32_t>(topic.partitions.size());
    records.topics.push_back({std::move(topic), ready});
  }
  records.nodes = std::move(snapshot.nodes);
  records.moving = std::move(snapshot.moving);
  return records;
}

}  // namespace lanemq::metaserver
