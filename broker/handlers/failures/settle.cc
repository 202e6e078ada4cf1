#include "broker/handlers/failures/settle.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "broker/handlers/commit_offsets.h"
#include "broker/handlers/failures/decide.h"
#include "broker/handlers/failures/settle_checks.h"
#include "broker/handlers/partition_call.h"
#include "common/base/random.h"

namespace lanemq::broker {
namespace {

/// A partition with so many failures and outcomes is a transaction of its own, beside the others: a
/// data node writes several sooner than one after the other.
constexpr std::size_t kRowsOfItsOwn = 100;

void Count(Metrics& metrics, const core::PartitionSettlement& asked,
           const core::PartitionSettled& settled) {
  if (!settled.status.ok()) return;
  const auto add = [&](std::string_view outcome, std::size_t count) {
    if (count > 0) metrics.GroupFailures(outcome).Increment(static_cast<double>(count));
  };
  add("retry", static_cast<std::size_t>(settled.retried));
  add("dead", static_cast<std::size_t>(settled.dead));
  add("stale", settled.stale.size());
  std::size_t done = 0;
  for (const core::RetryOutcome& outcome : asked.retries) {
    const bool is_stale = std::ranges::find(settled.stale, outcome.offset) != settled.stale.end();
    if (outcome.is_ok && !is_stale) ++done;
  }
  add("done", done);
}

}  // namespace

struct SettleHandler::State : PartitionCall<idl::SettleRequest, idl::SettleResponse> {
  State(idl::SettleRequest&& r, rpc::Responder<idl::SettleResponse> to)
      : PartitionCall(std::move(r), std::move(to)), locations(request.partitions.size()) {}
  [[nodiscard]] core::OffsetOwner Owner() const {
    return {core::Generation{request.generation}, request.member_id, request.commit_sequence};
  }

  std::vector<core::PartitionLocation> locations;
};

void SettleHandler::Handle(idl::SettleRequest&& request,
                           rpc::Responder<idl::SettleResponse> responder) {
  Status checked = CheckPartitionCount(request.partitions.size());
  if (checked.ok()) checked = CheckGroup(request.group, context_.limits);
  if (checked.ok()) checked = CheckMember(request.generation, request.member_id);
  if (checked.ok()) checked = CheckCommitSequence(request);
  if (checked.ok() && request.__isset.lease_ms) checked = CheckLease(request.lease_ms);
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  StartCall<State>(context_.catalog, checked, std::move(request), std::move(responder),
                   [this](const auto& state, const auto& view) { Begin(state, *view); });
}

void SettleHandler::Begin(const std::shared_ptr<State>& state, const CatalogView& view) {
  std::map<std::pair<core::NodeId, std::size_t>, NodePart> parts;
  std::set<core::PartitionKey> seen;
  for (std::size_t i = 0; i < state->request.partitions.size(); ++i) {
    const idl::SettlePartition& partition = state->request.partitions[i];
    const auto found = view.Find(partition.topic, partition.partition);
    if (!found.ok()) {
      state->Fail(i, found.error());
    } else if (const Status checked = CheckSettlement(partition, context_.limits); !checked.ok()) {
      state->Fail(i, checked.error());
    } else if (!seen.insert(found->location.key).second) {
      state->Fail(i, {ErrorCode::kInvalidRequest, "the partition is in the request twice"});
    } else {
      state->locations[i] = found->location;
      const std::size_t rows = partition.failures.size() + partition.retries.size();
      NodePart& part = parts[{found->location.node, rows < kRowsOfItsOwn ? 0 : i + 1}];
      part.node = found->location.node;
      part.places.push_back(i);
    }
  }
  std::vector<NodePart> list;
  for (auto& [key, part] : parts) list.push_back(std::move(part));
  RunParts(context_.workers, state, std::move(list),
           [this, state](const NodePart& part) { SettleOn(*state, part); });
}

void SettleHandler::SettleOn(State& state, const NodePart& part) {
  const Deadline deadline = Deadline::After(context_.clock, context_.sql_timeout);
  const auto store = context_.stores.RetriesOn(part.node);
  std::vector<std::size_t> sent;
  std::shared_ptr<const GroupPolicySet> policies;
  for (const std::size_t place : part.places) {
    const idl::SettlePartition& partition = state.request.partitions[place];
    if (partition.__isset.commit) {
      const Status checked = CheckCommitOffset(context_, state.locations[place],
                                               core::Offset{partition.commit.offset});
      if (!checked.ok()) {
        state.Fail(place, checked.error());
        continue;
      }
    }
    sent.push_back(place);
    if (policies || !NeedsPolicy(partition)) continue;
    auto found = policies_.Get(state.request.group, part.node, *store, deadline);
    if (!found.ok()) return state.Fail(part, found.error());
    policies = std::move(found).value();
  }
  if (sent.empty()) return;
  if (!policies)
    policies = std::make_shared<const GroupPolicySet>(std::vector<core::StoredRetryPolicy>());
  const auto keep_for = state.request.__isset.lease_ms
                            ? std::optional(std::chrono::milliseconds(state.request.lease_ms))
                            : std::nullopt;
  Random random = Random::FromSystem();
  std::vector<core::PartitionSettlement> settlements;
  for (const std::size_t place : sent) {
    const core::PartitionLocation& location = state.locations[place];
    settlements.push_back(MakeSettlement(location, std::move(state.request.partitions[place]),
                                         policies->For(location.key.topic), keep_for, random));
  }
  const auto settled = store->Settle(state.request.group, state.Owner(), settlements, deadline);
  for (std::size_t n = 0; n < sent.size(); ++n) {
    if (!settled.ok()) {
      state.Fail(sent[n], settled.error());
      continue;
    }
    idl::SettlePartitionResult result = ResultOf(settlements[n], (*settled)[n]);
    result.topic = std::move(state.response.partitions[sent[n]].topic);
    result.partition = state.response.partitions[sent[n]].partition;
    state.response.partitions[sent[n]] = std::move(result);
    Count(context_.metrics, settlements[n], (*settled)[n]);
  }
}

}  // namespace lanemq::broker
