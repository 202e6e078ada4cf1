// Rules, channels and silences; see on_call_scope.h.
#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/alert_table.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/commands/on_call_scope.h"
#include "client/cli/text/alert_flags.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using rpc::OnCallClient;

struct NameFlags {
  std::string name;
};
struct IdFlags {
  std::int64_t id = 0;
};

/// Says what would be done with --dry-run, and that nothing more is to be done then.
bool IsRehearsal(Session& session, const std::string& what) {
  if (!session.flags().is_dry_run) return false;
  session.out().Note("Would " + MakeVisible(what) + ".");
  return true;
}

ExitCode ChangeRule(Session& session, const idl::AlertRule& rule, bool is_reset) {
  if (IsRehearsal(session, fmt::format("{} rule {}", is_reset ? "reset" : "change", rule.kind))) {
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::SetAlertRuleRequest request;
  request.__set_rule(rule);
  if (is_reset) request.__set_reset(true);
  request.__set_updated_by(WhoAsks());
  auto reply = (*cluster)->Control(&OnCallClient::SetAlertRuleSync, request);
  if (!reply.ok()) {
    return session.Fail(reply.error(), ExitCodeOf(reply.error().code) == ExitCode::kUnavailable
                                           ? std::string_view()
                                           : "`lanemq alert rules` lists the kinds there are");
  }
  std::erase_if(reply->rules, [&](const idl::AlertRule& each) { return each.kind != rule.kind; });
  session.Show(AlertRulesTable(reply->rules, TimesOf(session)));
  return ExitCode::kDone;
}

ExitCode SetRule(Session& session, const RuleFlags& flags) {
  const auto rule = ReadRule(flags);
  if (!rule.ok()) return session.Fail(rule.error());
  return ChangeRule(session, *rule, false);
}

ExitCode ResetRule(Session& session, const NameFlags& flags) {
  idl::AlertRule rule;
  rule.__set_kind(flags.name);
  return ChangeRule(session, rule, true);
}

ExitCode ChangeChannel(Session& session, const idl::AlertChannel& channel, bool is_removal) {
  if (IsRehearsal(session,
                  fmt::format("{} channel {}", is_removal ? "remove" : "set", channel.name))) {
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::SetAlertChannelRequest request;
  request.__set_channel(channel);
  if (is_removal) request.__set_remove(true);
  request.__set_updated_by(WhoAsks());
  auto reply = (*cluster)->Control(&OnCallClient::SetAlertChannelSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  if (is_removal) {
    session.out().Note(fmt::format("Channel {} is gone.", MakeVisible(channel.name)));
    return ExitCode::kDone;
  }
  std::erase_if(reply->channels, [&](const auto& each) { return each.name != channel.name; });
  session.Show(AlertChannelsTable(reply->channels));
  session.out().Note(
      fmt::format("`lanemq alert channel test {}` shows whether it works.", channel.name));
  return ExitCode::kDone;
}

ExitCode AddChannel(Session& session, const ChannelFlags& flags) {
  const auto channel = ReadChannel(flags);
  if (!channel.ok()) return session.Fail(channel.error());
  return ChangeChannel(session, *channel, false);
}

ExitCode RemoveChannel(Session& session, const NameFlags& flags) {
  idl::AlertChannel channel;
  channel.__set_name(flags.name);
  return ChangeChannel(session, channel, true);
}

ExitCode TestChannel(Session& session, const NameFlags& flags) {
  if (IsRehearsal(session, "send a test notice to " + flags.name)) return ExitCode::kDone;
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::TestAlertChannelRequest request;
  request.__set_name(flags.name);
  request.__set_requested_by(WhoAsks());
  const auto reply = (*cluster)->Control(&OnCallClient::TestAlertChannelSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show({{"channel", "delivered", "took_ms", "answer"},
                {{flags.name, reply->is_delivered, reply->took_ms, MakeVisible(reply->answer)}}});
  return reply->is_delivered ? ExitCode::kDone : ExitCode::kFailed;
}

ExitCode Silence(Session& session, const SilenceFlags& flags) {
  auto request = ReadSilence(flags);
  if (!request.ok()) return session.Fail(request.error());
  if (IsRehearsal(session, fmt::format("silence {} of {}", request->kind, request->subject))) {
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  request->__set_created_by(WhoAsks());
  const auto reply = (*cluster)->Control(&OnCallClient::SilenceAlertSync, *request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(SilencesTable(reply->silences));
  return ExitCode::kDone;
}

ExitCode Unsilence(Session& session, const IdFlags& flags) {
  if (IsRehearsal(session, fmt::format("end silence {}", flags.id))) return ExitCode::kDone;
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::EndSilenceRequest request;
  request.__set_id(flags.id);
  request.__set_requested_by(WhoAsks());
  const auto reply = (*cluster)->Control(&OnCallClient::EndSilenceSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(SilencesTable(reply->silences), "Nothing is silenced any more.");
  return ExitCode::kDone;
}

void AddRule(CLI::App& alert, Action& action) {
  CLI::App* rule = alert.add_subcommand("rule", "Change what is looked for");
  rule->require_subcommand(0, 1);
  Explain(
      *rule,
      {"lanemq alert rule set group_slow --severity ticket",
       "lanemq alert rule set node_slow --for 5m --owner dba", "lanemq alert rule reset node_slow"},
      "lanemq alert rules");
  const auto set = std::make_shared<RuleFlags>();
  CLI::App* leaf = AddLeaf(*rule, "set", "Change some settings of a kind", action, set, SetRule);
  leaf->add_option("KIND", set->kind, "As `lanemq alert rules` lists it")->required();
  leaf->add_flag("--on", set->is_on, "Look for it");
  leaf->add_flag("--off", set->is_off, "Do not look for it");
  leaf->add_option("--threshold", set->threshold, "From here on; its unit is in the meaning")
      ->type_name("N");
  leaf->add_option("--for", set->for_at_least, "So long before it fires")->type_name("TIME");
  leaf->add_option("--severity", set->severity, "page or ticket")->type_name("WORD");
  leaf->add_option("--owner", set->owner, "Of those without an owner of their own")
      ->type_name("NAME");
  Explain(*leaf,
          {"lanemq alert rule set group_slow --severity ticket",
           "lanemq alert rule set topic_without_subscriber --off",
           "lanemq alert rule set node_tables_low --threshold 0.8 --for 10m"},
          "lanemq alert rules, lanemq alert objective set");
  const auto reset = std::make_shared<NameFlags>();
  leaf = AddLeaf(*rule, "reset", "Go back to the built-in settings", action, reset, ResetRule);
  leaf->add_option("KIND", reset->name, "As `lanemq alert rules` lists it")->required();
  Explain(*leaf,
          {"lanemq alert rule reset group_slow", "lanemq alert rule reset group_slow --dry-run",
           "lanemq alert rule reset group_slow --output json"},
          "lanemq alert rules");
}

void AddChannelAdd(CLI::App& channel, Action& action) {
  const auto add = std::make_shared<ChannelFlags>();
  CLI::App* leaf =
      AddLeaf(channel, "add", "Make a channel, or replace it", action, add, AddChannel);
  leaf->add_option("NAME", add->name, "What it is called")->required();
  leaf->add_option("--type", add->type, "webhook, slack, feishu, dingtalk, email, alertmanager")
      ->type_name("TYPE")
      ->required();
  leaf->add_option("--url", add->url,
                   "https://...; {secret} in it is the secret; smtp(s)://host:port")
      ->type_name("URL")
      ->required();
  leaf->add_option("--to", add->recipients, "Email: to whom; may be repeated")
      ->type_name("ADDRESS")
      ->allow_extra_args(false);
  leaf->add_option("--from", add->sender, "Email: from whom")->type_name("ADDRESS");
  leaf->add_option("--owner", add->owners, "Only alerts of this owner; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  leaf->add_option("--severity", add->severity, "page: pages alone; ticket: all (ticket)")
      ->type_name("WORD");
  leaf->add_option("--secret", add->secret_file, "File in the metaservers' directory of secrets")
      ->type_name("FILE");
  leaf->add_option("--user", add->user, "Who logs in with the secret")->type_name("USER");
  leaf->add_flag("--off", add->is_off, "Keep it, send nothing");
  Explain(
      *leaf,
      {"lanemq alert channel add ops --type webhook --url https://ops.example.com/hook",
       "lanemq alert channel add pay --type slack --url '{secret}' --secret slack --owner payments",
       "lanemq alert channel add mail --type email --url smtp://mx:587 --to a@b.c --from q@b.c"},
      "lanemq alert channel test NAME");
}

void AddChannel(CLI::App& alert, Action& action) {
  CLI::App* channel = alert.add_subcommand("channel", "Say where notices go");
  channel->require_subcommand(0, 1);
  Explain(*channel,
          {"lanemq alert channel add ops --type webhook --url https://ops.example.com/hook",
           "lanemq alert channel test ops", "lanemq alert channel remove ops"},
          "lanemq alert channels");
  AddChannelAdd(*channel, action);
  const auto remove = std::make_shared<NameFlags>();
  CLI::App* leaf =
      AddLeaf(*channel, "remove", "Send nothing there any more", action, remove, RemoveChannel);
  leaf->add_option("NAME", remove->name, "Channel")->required();
  Explain(*leaf,
          {"lanemq alert channel remove ops", "lanemq alert channel remove ops --dry-run",
           "lanemq alert channels --output name | xargs -n1 lanemq alert channel remove"},
          "lanemq alert channels");
  const auto test = std::make_shared<NameFlags>();
  leaf =
      AddLeaf(*channel, "test", "Send a notice that says it is a test", action, test, TestChannel);
  leaf->add_option("NAME", test->name, "Channel")->required();
  Explain(*leaf,
          {"lanemq alert channel test ops", "lanemq alert channel test ops --output json",
           "lanemq alert channels --output name | xargs -n1 lanemq alert channel test"},
          "lanemq alert channels. Exit code 1: it was not delivered");
}

}  // namespace

void AddAlertChanges(CLI::App& alert, Action& action) {
  AddRule(alert, action);
  AddChannel(alert, action);
  const auto silence = std::make_shared<SilenceFlags>();
  CLI::App* leaf =
      AddLeaf(alert, "silence", "Tell nobody for a while; states go on", action, silence, Silence);
  leaf->add_option("-s,--subject", silence->subject, "What it is about; * is anything")
      ->type_name("PATTERN");
  leaf->add_option("-k,--kind", silence->kind, "Of this kind; * is anything")->type_name("PATTERN");
  leaf->add_option("--for", silence->for_how_long, "1m to 30d")->type_name("TIME")->required();
  leaf->add_option("--reason", silence->reason, "Why, for others")->type_name("TEXT")->required();
  Explain(*leaf,
          {"lanemq alert silence --subject 'group billing*' --for 2h --reason 'deploy of 14:00'",
           "lanemq alert silence --kind group_slow --for 1d --reason 'known, see #42'",
           "lanemq alert silence --subject 'node n1' --for 30m --reason maintenance"},
          "What still fires when it ends is told then. lanemq alert silences");
  const auto unsilence = std::make_shared<IdFlags>();
  leaf = AddLeaf(alert, "unsilence", "End a silence now", action, unsilence, Unsilence);
  leaf->add_option("ID", unsilence->id, "As `lanemq alert silences` lists it")->required();
  Explain(*leaf,
          {"lanemq alert unsilence 7", "lanemq alert unsilence 7 --dry-run",
           "lanemq alert silences --output name | xargs -n1 lanemq alert unsilence"},
          "lanemq alert silences");
}

}  // namespace lanemq::cli
