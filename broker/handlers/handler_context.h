#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/append/writers.h"
#include "broker/catalog/catalog.h"
#include "broker/fetch/fetch_manager.h"
#include "broker/fetch/log_reader.h"
#include "broker/fetch/log_view.h"
#include "broker/metrics.h"
#include "broker/node_workers.h"
#include "broker/quota/quotas.h"
#include "broker/stores.h"
#include "common/base/clock.h"
#include "common/base/slow_log.h"
#include "common/core/store/offset_store.h"
#include "common/core/types/limits.h"
#include "common/guard/guard.h"
#include "common/guard/settings.h"
#include "common/rpc/call_context.h"

namespace lanemq::broker {

/// What the handlers of all RPCs share. The members outlive the handlers.
struct HandlerContext {
  Catalog& catalog;
  Writers& writers;
  FetchManager& fetches;
  LogView& view;
  LogReader& reader;
  Stores& stores;
  NodeWorkers& workers;
  Metrics& metrics;
  const Guard& guard;
  Quotas& quotas;
  const Clock& clock;
  core::BrokerId self;
  core::Limits limits;
  std::chrono::nanoseconds sql_timeout = std::chrono::seconds(10);
  /// Delayed messages of a partition were stored, due at `earliest` or later: wakes this broker's
  /// mover. Called on the node's threads; must not block. May be empty: it then finds them itself.
  std::function<void(core::NodeId node, const core::PartitionKey& key, WallTime earliest)>
      on_scheduled = {};
  std::shared_ptr<const SlowLog> slow_log = std::make_shared<SlowLog>(SlowLog::Options{});
  /// With a catalogue that no metaserver has confirmed for so long, trims go as under "block".
  /// 0: however old it is.
  std::chrono::nanoseconds catalog_age_max = std::chrono::minutes(10);
  core::MessageStore& messages;        ///< Of `stores`, for those whose catalogue may be old.
  std::vector<Setting> settings = {};  ///< What this broker was started with.
};

/// Partitions in one request, of any kind.
inline constexpr std::size_t kPartitionsPerRequestMax = 1'000;

/// Calls `then` with a catalogue view that is worth believing about `topics`: at once when all are
/// known, else after a bounded refresh.
void WithTopics(Catalog& catalog, const std::vector<std::string>& topics,
                std::function<void(std::shared_ptr<const CatalogView>)> then);

/// The names of the topics of a request's partitions.
template <typename Partitions>
std::vector<std::string> TopicsOf(const Partitions& partitions) {
  std::vector<std::string> topics;
  for (const auto& partition : partitions) {
    if (topics.empty() || topics.back() != partition.topic) topics.push_back(partition.topic);
  }
  return topics;
}

/// For the slow log: the first of a request's partitions, and how many more.
template <typename Partitions>
std::string DetailOf(const Partitions& partitions) {
  if (partitions.empty()) return {};
  std::string out = partitions.front().topic + "-" + std::to_string(partitions.front().partition);
  if (partitions.size() > 1) out += " +" + std::to_string(partitions.size() - 1);
  return out;
}

/// kInconsistentClusterId when a request says that it is for `cluster_id` and that is not ours:
/// addresses are reused, and another cluster may have topics of the same names.
Status CheckCluster(const Catalog& catalog, const std::string& cluster_id);
template <typename Request>
Status CheckCluster(const Catalog& catalog, const Request& request) {
  return request.__isset.cluster_id ? CheckCluster(catalog, request.cluster_id) : Status{};
}

/// kInvalidRequest unless 1 to kPartitionsPerRequestMax.
Status CheckPartitionCount(std::size_t count);

/// kInvalidRequest for a negative generation, or one above 0 without a member or with too long a
/// one.
Status CheckMember(std::int64_t generation, const std::string& member_id);
/// kInvalidRequest when a commit's sequence is told and no member's or below 1.
template <typename Request>
Status CheckCommitSequence(const Request& request) {
  if (!request.__isset.commit_sequence) return {};
  if (request.commit_sequence >= 1 && !request.member_id.empty()) return {};
  return Error{ErrorCode::kInvalidRequest, "commit_sequence is a member's, and at least 1"};
}
/// kInvalidRequest when what an operator says of himself and his reasons is too long to be kept.
Status CheckNote(const std::string& requested_by, const std::string& reason);
/// Who does `method` to `object` and why, for the data node's tables and audit log. `call` null:
/// not called by a server; then nobody is there.
[[nodiscard]] core::OperatorNote NoteOf(const rpc::CallContext* call, std::string_view method,
                                        core::AuditObject object, const std::string& requested_by,
                                        const std::string& reason);

/// kInvalidGroupId unless 1 to the limit of bytes without control characters.
Status CheckGroup(const std::string& group, const core::Limits& limits);

}  // namespace lanemq::broker
