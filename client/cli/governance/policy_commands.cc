// What the cluster allows.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "client/cli/access/access_scope.h"
#include "client/cli/governance/governance_scope.h"
#include "common/core/policy/policy_json.h"
#include "common/rpc/governance_client.h"
#include "governance_types.h"

namespace lanemq::cli {
namespace {

using rpc::GovernanceClient;

struct PolicyFileFlags {
  std::string file;
  std::optional<std::int64_t> if_version;
};

/// On many lines, for people and editors.
std::string Pretty(const std::string& text) {
  const auto page = nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  return page.is_discarded() ? text + "\n" : page.dump(2) + "\n";
}

ExitCode Show(Session& session, const NoAccessFlags& /*flags*/) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Control(&GovernanceClient::GetPolicySync, idl::GetPolicyRequest());
  if (!reply.ok()) return session.Fail(reply.error());
  if (reply->version == 0) {
    session.out().Note("Nobody has set a policy: this one allows whatever the cluster can do.");
  } else {
    session.out().Note(fmt::format("Version {}.", reply->version));
  }
  session.out().Data(Pretty(reply->policy_json));
  return ExitCode::kDone;
}

Result<std::string> ReadPolicy(const PolicyFileFlags& flags) {
  LANEMQ_ASSIGN_OR_RETURN(std::string text, ReadWhole(flags.file, core::kPolicyBytesMax));
  const auto policy = core::PolicyFromText(text);
  if (!policy.ok()) return policy.error();
  return text;
}

ExitCode Check(Session& session, const PolicyFileFlags& flags) {
  const auto text = ReadPolicy(flags);
  if (!text.ok()) return session.Fail(text.error());
  session.out().Note("This can be set.");
  return ExitCode::kDone;
}

ExitCode Set(Session& session, const PolicyFileFlags& flags) {
  const auto text = ReadPolicy(flags);
  if (!text.ok()) return session.Fail(text.error());
  if (IsRehearsal(session, "set this policy")) return ExitCode::kDone;
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::PutPolicyRequest request;
  request.__set_policy_json(*text);
  if (flags.if_version) request.__set_if_version(*flags.if_version);
  const auto reply = (*cluster)->Control(&GovernanceClient::PutPolicySync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.out().Note(fmt::format("Version {} is in force.", reply->version));
  return ExitCode::kDone;
}

void AddFile(CLI::App& leaf, PolicyFileFlags& flags) {
  leaf.add_option("-f,--file", flags.file, "The policy as JSON; - is stdin")
      ->type_name("FILE")
      ->required();
}

}  // namespace

Result<std::string> ReadWhole(const std::string& path, std::size_t bytes_max) {
  std::ifstream file;
  if (path != "-") {
    errno = 0;
    file.open(path, std::ios::binary);
    if (!file) {
      return Error{ErrorCode::kInvalidRequest, fmt::format("'{}': {}", path, std::strerror(errno))};
    }
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string text(bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() <= bytes_max && in.eof()) return text;
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("'{}' cannot be read, or has more than {} bytes", path, bytes_max)};
}

void AddPolicyCommands(CLI::App& root, Action& action) {
  CLI::App* policy = AddAccessNoun(root, "policy", "Show, check and set what the cluster allows",
                                   {"lanemq policy show", "lanemq policy check -f policy.json",
                                    "lanemq policy set -f policy.json --reason 'fewer partitions'"},
                                   "lanemq request, lanemq quota");
  Explain(*AddLeaf(*policy, "show", "Print the policy as JSON, with every field", action,
                   std::make_shared<NoAccessFlags>(), Show),
          {"lanemq policy show", "lanemq policy show > policy.json",
           "lanemq policy show --quiet | jq .approvals"},
          "lanemq policy set");
  const auto set = std::make_shared<PolicyFileFlags>();
  CLI::App* leaf =
      AddLeaf(*policy, "set", "Put another policy in force, as a whole", action, set, Set);
  AddFile(*leaf, *set);
  leaf->add_option("--if-version", set->if_version, "Only if it is still this one")->type_name("N");
  Explain(*leaf,
          {"lanemq policy set -f policy.json", "lanemq policy set -f policy.json --if-version 4",
           "lanemq policy show | sed s/16/32/ | lanemq policy set -f - --reason 'more room'"},
          "What is missing in the file is as in a cluster without a policy");
  const auto check = std::make_shared<PolicyFileFlags>();
  leaf = AddLeaf(*policy, "check", "Say whether a file could be set; asks no server", action, check,
                 Check);
  AddFile(*leaf, *check);
  Explain(*leaf,
          {"lanemq policy check -f policy.json", "cat policy.json | lanemq policy check -f -",
           "lanemq policy check -f policy.json --output json"},
          "lanemq policy set --dry-run");
}

}  // namespace lanemq::cli
