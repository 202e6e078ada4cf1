#include "client/cli/apply/state.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "common/core/policy/bundle_json.h"
#include "common/core/policy/governed_state.h"
#include "common/rpc/governance_client.h"
#include "governance_types.h"

namespace lanemq::cli {
namespace {

/// Of one request: what is asked for by name then fits into an answer, with its grants.
constexpr std::size_t kNamesPerRequest = 2'000;

Result<core::Bundle> FetchSome(Cluster& cluster, const StateFlags& flags,
                               std::vector<std::string> names) {
  idl::GovernedStateRequest request;
  if (!flags.kinds.empty()) request.__set_kinds(flags.kinds);
  if (!names.empty()) request.__set_names(std::move(names));
  if (!flags.team.empty()) request.__set_team(flags.team);
  if (!flags.prefix.empty()) request.__set_prefix(flags.prefix);
  cluster.RestartTimeout();
  LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                          cluster.Control(&rpc::GovernanceClient::GovernedStateSync, request));
  return core::BundleFromText(reply.bundle_json, {.bytes_max = core::kStateBytesMax,
                                                  .changes_max = core::kStateChangesMax});
}

}  // namespace

Result<core::Bundle> FetchState(Cluster& cluster, const StateFlags& flags) {
  if (flags.names.empty()) return FetchSome(cluster, flags, {});
  core::Bundle all;
  for (std::size_t begin = 0; begin < flags.names.size(); begin += kNamesPerRequest) {
    const auto first = flags.names.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::size_t count = std::min(kNamesPerRequest, flags.names.size() - begin);
    LANEMQ_ASSIGN_OR_RETURN(
        core::Bundle some,
        FetchSome(cluster, flags, {first, first + static_cast<std::ptrdiff_t>(count)}));
    std::ranges::move(some.changes, std::back_inserter(all.changes));
  }
  return all;
}

Result<core::PolicyWorld> FetchWorld(Cluster& cluster, const Documents& documents,
                                     const std::string& pruned_team) {
  std::set<std::string> kinds;
  std::set<std::string> names;
  for (const TopicDocument& topic : documents.topics) {
    kinds.insert("topic");
    names.insert(topic.name);
  }
  for (const GroupDocument& group : documents.groups) {
    kinds.insert("group");
    names.insert(group.name);
  }
  for (const GrantDocument& grant : documents.grants) {
    kinds.insert("grant");
    names.insert(grant.grant.name);
  }
  for (const TeamDocument& team : documents.teams) {
    kinds.insert("team");
    names.insert(team.name);
  }
  for (const QuotaDocument& quota : documents.quotas) {
    kinds.insert("quota");
    names.insert(quota.team);
  }
  // What becomes the team's has grants that go.
  if (!pruned_team.empty()) kinds.insert("grant");
  core::PolicyWorld world;
  if (!names.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const core::Bundle named,
                            FetchState(cluster, {.kinds = {kinds.begin(), kinds.end()},
                                                 .names = {names.begin(), names.end()},
                                                 .team = {},
                                                 .prefix = {}}));
    core::ApplyBundle(world, named);
  }
  if (!pruned_team.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const core::Bundle owned,
                            FetchState(cluster, {.kinds = {"topic", "group", "grant"},
                                                 .names = {},
                                                 .team = pruned_team,
                                                 .prefix = {}}));
    core::ApplyBundle(world, owned);
  }
  return world;
}

}  // namespace lanemq::cli
