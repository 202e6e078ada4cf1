#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/commands/policy_table.h"
#include "client/cli/text/policy_flags.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""s;

// Policies are on the data nodes: the list of nodes is worth a short wait only.
constexpr std::chrono::microseconds kNodesPatience = 5s;

Result<PolicyPicture> PictureOf(const Session& session, Cluster& cluster,
                                const std::string& group) {
  PolicyPicture picture;
  picture.group = group;
  idl::GroupPoliciesRequest request;
  request.__set_group(group);
  LANEMQ_ASSIGN_OR_RETURN(auto reply,
                          cluster.Data(&rpc::DataPlaneClient::GroupPoliciesSync, request));
  picture.policies = std::move(reply.policies);
  LANEMQ_ASSIGN_OR_RETURN(const auto control, Connect(session, kNodesPatience));
  auto nodes = control->Control(&rpc::ControlPlaneClient::ListDataNodesSync, {});
  if (nodes.ok()) picture.nodes = std::move(nodes->nodes);
  return picture;
}

void ShowPicture(Session& session, const PolicyPicture& picture) {
  if (session.IsJson()) {
    const bool has_lines = session.flags().format == OutputFormat::kJsonLines;
    session.out().Data(PoliciesJson(picture, has_lines));
  } else {
    session.Show(PoliciesTable(picture));
  }
  session.out().Flush();
  for (const std::string& warning : PolicyWarnings(picture)) {
    session.out().Complain("lanemq: warning: " + MakeVisible(warning));
  }
}

idl::SetGroupPolicyRequest RequestFor(const PolicyFlags& flags) {
  idl::SetGroupPolicyRequest request;
  request.__set_group(flags.group);
  if (!flags.topic.empty()) request.__set_topic(flags.topic);
  request.__set_requested_by(WhoAsks());
  return request;
}

void ShowPlanned(Session& session, const idl::SetGroupPolicyRequest& request) {
  const std::string of = request.__isset.topic ? " for topic " + request.topic : "";
  if (!request.__isset.policy) {
    session.out().Note(fmt::format("Would remove the policy of group {}{}.",
                                   MakeVisible(request.group), MakeVisible(of)));
    return;
  }
  idl::GroupPolicy planned;
  if (request.__isset.topic) planned.__set_topic(request.topic);
  planned.__set_policy(request.policy);
  PolicyPicture picture;
  picture.policies = {planned};
  session.Show(PoliciesTable(picture));
  session.out().Note("This is what would be set: nothing was changed.");
}

ExitCode Policy(Session& session, const PolicyFlags& flags) {
  // What is wrong with the flags alone is told before anybody is asked.
  if (const auto flags_ok = ChangePolicy({}, flags); !flags_ok.ok()) {
    return session.Fail(flags_ok.error(), "lanemq group policy --help");
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  if (!flags.topic.empty()) {
    const auto topic = (*cluster)->Topic(flags.topic);
    if (!topic.ok()) return session.Fail(topic.error());
  }
  auto picture = PictureOf(session, **cluster, flags.group);
  if (!picture.ok()) return session.Fail(picture.error());
  if (!ChangesPolicy(flags)) {
    if (!flags.topic.empty()) {
      std::erase_if(picture->policies, [&flags](const idl::GroupPolicy& policy) {
        return !policy.topic.empty() && policy.topic != flags.topic;
      });
    }
    ShowPicture(session, *picture);
    return ExitCode::kDone;
  }
  idl::SetGroupPolicyRequest request = RequestFor(flags);
  if (!flags.should_unset) {
    const auto policy = ChangePolicy(EffectivePolicy(*picture, flags.topic), flags);
    if (!policy.ok()) return session.Fail(policy.error());
    request.__set_policy(*policy);
  }
  if (session.flags().is_dry_run) {
    ShowPlanned(session, request);
    return ExitCode::kDone;
  }
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::SetGroupPolicySync, request);
  if (!reply.ok()) {
    return session.Fail(reply.error(), RetryOf(reply.error().code) == Retry::kNever
                                           ? ""
                                           : "some data nodes may have it: repeat the command");
  }
  picture = PictureOf(session, **cluster, flags.group);
  if (!picture.ok()) return session.Fail(picture.error(), "it is set; only showing it failed");
  ShowPicture(session, *picture);
  session.out().Note("It holds at once, for what fails from now on.");
  return ExitCode::kDone;
}

}  // namespace

void AddGroupPolicy(CLI::App& group, Action& action) {
  const auto flags = std::make_shared<PolicyFlags>();
  CLI::App* leaf = AddLeaf(group, "policy", "Show or set what becomes of messages that fail",
                           action, flags, Policy);
  leaf->add_option("GROUP", flags->group, "Group")->required();
  leaf->add_option("-t,--topic", flags->topic, "Only for this topic")->type_name("TOPIC");
  leaf->add_option("--max-attempts", flags->max_attempts,
                   "Calls of the handler, the first included; then it is a dead letter")
      ->type_name("N");
  leaf->add_option("--first-delay", flags->first_delay, "Wait after the first failure")
      ->type_name("TIME");
  leaf->add_option("--max-delay", flags->max_delay, "Longest wait")->type_name("TIME");
  leaf->add_option("--multiplier", flags->multiplier, "Each wait is so many times the one before")
      ->type_name("X");
  leaf->add_option("--delays", flags->delays, "Instead, each wait; the last one repeats: 1s,5s,1m")
      ->type_name("LIST");
  leaf->add_option("--jitter", flags->jitter, "How much of a wait is random, 0 to 1")
      ->type_name("X");
  leaf->add_option("--fatal-reason", flags->fatal_reasons,
                   "Never tried again; may be repeated, replaces the list")
      ->type_name("WORD")
      ->allow_extra_args(false);
  leaf->add_option("--retry-only-reason", flags->retryable_reasons,
                   "Only these are tried again; may be repeated, replaces the list")
      ->type_name("WORD")
      ->allow_extra_args(false);
  leaf->add_flag("--any-reason", flags->has_any_reason, "Forget both lists of reasons");
  leaf->add_flag("--unset", flags->should_unset, "Remove it: the group's, or the defaults, hold");
  Explain(*leaf,
          {"lanemq group policy billing",
           "lanemq group policy billing --max-attempts 5 --first-delay 500ms --max-delay 1m",
           "lanemq group policy billing -t orders --delays 1s,5s,1m --fatal-reason bad_json",
           "lanemq group policy billing -t orders --unset"},
          "lanemq dlq. Fields that are not given stay as they are");
}

}  // namespace lanemq::cli
