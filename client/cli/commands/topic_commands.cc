#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/topic_history_command.h"
#include "client/cli/commands/topic_table.h"
#include "client/cli/commands/topic_trim_command.h"
#include "client/cli/text/time_text.h"
#include "common/rpc/wire/state_names.h"

namespace lanemq::cli {
namespace {

struct TopicFlags {
  std::string name;
  std::vector<std::string> names;
  std::int32_t partitions = 4;
  std::vector<std::string> set;
  std::vector<std::string> unset;
  std::vector<std::string> nodes;
  std::string description;
  bool has_description = false;
  bool is_deleted = false;  ///< List those that are deleted.
};
using Flags = std::shared_ptr<TopicFlags>;

ExitCode Create(Session& session, const TopicFlags& flags) {
  const auto config = ParsePairs(flags.set);
  if (!config.ok()) return session.Fail(config.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const bool is_dry = session.flags().is_dry_run;
  return ForEachName(session, flags.names, "topic", [&](const auto& name) -> Result<std::string> {
    idl::CreateTopicRequest request;
    request.__set_name(name);
    request.__set_partitions(flags.partitions);
    if (!config->empty()) request.__set_config(*config);
    if (!flags.description.empty()) request.__set_description(flags.description);
    if (!flags.nodes.empty()) request.__set_pinned_nodes(flags.nodes);
    if (is_dry) request.__set_validate_only(true);
    LANEMQ_ASSIGN_OR_RETURN(
        const auto reply, (*cluster)->Control(&rpc::ControlPlaneClient::CreateTopicSync, request));
    return is_dry ? "would be created"
                  : fmt::format("{}, {} partitions", wire::StateName(reply.topic.state),
                                reply.topic.partitions.size());
  });
}

/// Those too that are deleted.
Result<std::vector<idl::TopicMetadata>> ListAll(Cluster& cluster) {
  idl::ListTopicsRequest request;
  request.__set_include_deleted(true);
  LANEMQ_ASSIGN_OR_RETURN(auto reply,
                          cluster.Control(&rpc::ControlPlaneClient::ListTopicsSync, request));
  return std::move(reply.topics);
}

/// kUnknownTopicOrPartition unless there is a deleted topic of that name: a typing error must not
/// remove one that is in use.
Status CheckDeleted(Cluster& cluster, const std::string& name) {
  LANEMQ_ASSIGN_OR_RETURN(const auto topics, ListAll(cluster));
  for (const idl::TopicMetadata& topic : topics) {
    if (topic.name != name) continue;
    if (topic.__isset.deletion) return {};
    if (topic.state == idl::TopicState::DELETING) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("topic '{}' is being removed for good", name)};
    }
    return Error{ErrorCode::kFailedPrecondition,
                 fmt::format("topic '{}' is not deleted: `lanemq topic delete` comes first", name)};
  }
  return Error{ErrorCode::kUnknownTopicOrPartition,
               fmt::format("there is no deleted topic '{}'", name)};
}

ExitCode List(Session& session, const TopicFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  if (flags.is_deleted) {
    const auto topics = ListAll(**cluster);
    if (!topics.ok()) return session.Fail(topics.error());
    session.Show(DeletedTopicsTable(*topics), "No topic is deleted.");
    return ExitCode::kDone;
  }
  const auto reply = (*cluster)->Control(&rpc::ControlPlaneClient::ListTopicsSync, {});
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(TopicsTable(reply->topics),
               "There are no topics; `lanemq topic create NAME` makes one.");
  return ExitCode::kDone;
}

ExitCode Describe(Session& session, const TopicFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto detail = DetailOf(**cluster, flags.name);
  if (!detail.ok()) return session.Fail(detail.error());
  if (session.flags().format == OutputFormat::kJson) {
    session.out().Data(JsonOf(*detail));
    return ExitCode::kDone;
  }
  if (session.flags().format == OutputFormat::kTable) session.out().Data(SummaryOf(*detail));
  session.Show(PartitionsTable(*detail));
  return ExitCode::kDone;
}

ExitCode Alter(Session& session, const TopicFlags& flags) {
  const auto set = ParsePairs(flags.set);
  if (!set.ok()) return session.Fail(set.error());
  if (set->empty() && flags.unset.empty() && !flags.has_description) {
    return session.Fail({ErrorCode::kInvalidRequest, "nothing to alter"},
                        "give --set NAME=VALUE, --unset NAME or --description TEXT");
  }
  if (session.flags().is_dry_run) {
    session.out().Note(fmt::format("Would alter {}.", flags.name));
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::AlterTopicRequest request;
  request.__set_name(flags.name);
  if (!set->empty()) request.__set_set_config(*set);
  if (!flags.unset.empty()) request.__set_unset_config(flags.unset);
  if (flags.has_description) request.__set_description(flags.description);
  const auto reply = (*cluster)->Control(&rpc::ControlPlaneClient::AlterTopicSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(TopicsTable({reply->topic}));
  return ExitCode::kDone;
}

ExitCode Delete(Session& session, const TopicFlags& flags) {
  const std::string all = fmt::format("{}", fmt::join(flags.names, ", "));
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const bool is_dry = session.flags().is_dry_run;
  ExitCode refused{};
  if (!is_dry &&
      !session.Confirm(fmt::format("Delete {} and every message in it?", all), refused)) {
    return refused;
  }
  const auto remove = [&](const std::string& name) -> Result<std::string> {
    if (is_dry) {
      LANEMQ_RETURN_IF_ERROR((*cluster)->Topic(name));
      return std::string("would be deleted");
    }
    idl::DeleteTopicRequest request;
    request.__set_name(name);
    LANEMQ_ASSIGN_OR_RETURN(
        const auto reply, (*cluster)->Control(&rpc::ControlPlaneClient::DeleteTopicSync, request));
    if (reply.__isset.purge_at_us) {
      session.out().Note(fmt::format("`lanemq topic undelete {}` brings it back until {}.", name,
                                     FormatTime(WallTime{reply.purge_at_us})));
    }
    return std::string("deleted");
  };
  return ForEachName(session, flags.names, "topic", remove);
}

ExitCode Undelete(Session& session, const TopicFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const bool is_dry = session.flags().is_dry_run;
  return ForEachName(session, flags.names, "topic", [&](const auto& name) -> Result<std::string> {
    if (is_dry) {
      LANEMQ_RETURN_IF_ERROR(CheckDeleted(**cluster, name));
      return std::string("would be brought back");
    }
    idl::UndeleteTopicRequest request;
    request.__set_name(name);
    LANEMQ_ASSIGN_OR_RETURN(
        const auto reply,
        (*cluster)->Control(&rpc::ControlPlaneClient::UndeleteTopicSync, request));
    return fmt::format("{}, {} partitions", wire::StateName(reply.topic.state),
                       reply.topic.partitions.size());
  });
}

ExitCode Purge(Session& session, const TopicFlags& flags) {
  const std::string all = fmt::format("{}", fmt::join(flags.names, ", "));
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const bool is_dry = session.flags().is_dry_run;
  ExitCode refused{};
  if (!is_dry &&
      !session.Confirm(fmt::format("Remove {} and every message in it for good?", all), refused)) {
    return refused;
  }
  return ForEachName(session, flags.names, "topic", [&](const auto& name) -> Result<std::string> {
    LANEMQ_RETURN_IF_ERROR(CheckDeleted(**cluster, name));
    if (is_dry) return std::string("would be removed");
    idl::DeleteTopicRequest request;
    request.__set_name(name);
    request.__set_purge_now(true);
    LANEMQ_RETURN_IF_ERROR((*cluster)->Control(&rpc::ControlPlaneClient::DeleteTopicSync, request));
    return std::string("removed");
  });
}

ExitCode AddPartitions(Session& session, const TopicFlags& flags) {
  const std::string& name = flags.name;
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  session.out().Note("Note: new messages of a key may go to another partition than its old ones.");
  if (session.flags().is_dry_run) {
    const auto topic = (*cluster)->Topic(name);
    if (!topic.ok()) return session.Fail(topic.error());
    session.out().Note(fmt::format("Would raise {} from {} to {}.", name, topic->partitions.size(),
                                   flags.partitions));
    return ExitCode::kDone;
  }
  idl::AddPartitionsRequest request;
  request.__set_name(name);
  request.__set_partitions(flags.partitions);
  const auto reply = (*cluster)->Control(&rpc::ControlPlaneClient::AddPartitionsSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(TopicsTable({reply->topic}));
  return ExitCode::kDone;
}

void AddCreate(CLI::App& topic, Action& action) {
  const auto flags = std::make_shared<TopicFlags>();
  CLI::App* leaf = AddLeaf(topic, "create", "Create topics", action, flags, Create);
  leaf->add_option("NAME", flags->names, "Topic names")->required();
  leaf->add_option("-p,--partitions", flags->partitions, "Partitions of each topic (default 4)")
      ->type_name("N");
  leaf->add_option("-c,--config", flags->set, "A setting, for example retention.ms=86400000")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  leaf->add_option("--description", flags->description, "What the topic is for")->type_name("TEXT");
  leaf->add_option("--node", flags->nodes, "Data node to use (default: the least loaded ones)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  Explain(*leaf,
          {"lanemq topic create orders", "lanemq topic create orders payments -p 8",
           "lanemq topic create clicks -p 16 -c retention.ms=86400000 --dry-run"},
          "lanemq topic describe, lanemq produce");
}

void AddAlter(CLI::App& topic, Action& action) {
  const auto flags = std::make_shared<TopicFlags>();
  CLI::App* leaf = AddLeaf(topic, "alter", "Change a topic's settings", action, flags, Alter);
  leaf->add_option("NAME", flags->name, "Topic")->required();
  leaf->add_option("-s,--set", flags->set, "Set a setting")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  leaf->add_option("-u,--unset", flags->unset, "Back to the default")
      ->type_name("NAME")
      ->allow_extra_args(false);
  leaf->add_option_function<std::string>(
          "--description",
          [flags](const std::string& text) {
            flags->description = text;
            flags->has_description = true;
          },
          "What the topic is for")
      ->type_name("TEXT");
  Explain(*leaf,
          {"lanemq topic alter orders --set retention.ms=86400000",
           "lanemq topic alter orders --unset retention.ms",
           "lanemq topic alter orders --description 'All orders, keyed by customer'"},
          "lanemq topic describe");
}

void AddDelete(CLI::App& topic, Action& action) {
  auto flags = std::make_shared<TopicFlags>();
  CLI::App* leaf =
      AddLeaf(topic, "delete", "Delete topics with every message in them", action, flags, Delete);
  leaf->add_option("NAME", flags->names, "Topics")->required();
  Explain(*leaf,
          {"lanemq topic delete orders", "lanemq topic delete orders --dry-run",
           "lanemq topic delete orders payments --yes"},
          "lanemq topic undelete, lanemq topic purge");

  flags = std::make_shared<TopicFlags>();
  leaf = AddLeaf(topic, "undelete", "Bring deleted topics back", action, flags, Undelete);
  leaf->add_option("NAME", flags->names, "Deleted topics")->required();
  Explain(*leaf,
          {"lanemq topic undelete orders", "lanemq topic undelete orders --dry-run",
           "lanemq topic undelete orders payments"},
          "lanemq topic list --deleted");

  flags = std::make_shared<TopicFlags>();
  leaf = AddLeaf(topic, "purge", "Remove deleted topics for good", action, flags, Purge);
  leaf->add_option("NAME", flags->names, "Deleted topics")->required();
  Explain(*leaf,
          {"lanemq topic purge orders", "lanemq topic purge orders --dry-run",
           "lanemq topic purge orders payments --yes"},
          "lanemq topic list --deleted");
}

}  // namespace

void AddTopicCommands(CLI::App& root, Action& action) {
  CLI::App* topic =
      root.add_subcommand("topic", "Create, list, describe, alter, trim, delete, undelete topics");
  topic->require_subcommand(0, 1);
  Explain(*topic,
          {"lanemq topic list", "lanemq topic create orders -p 8", "lanemq topic describe orders"});
  AddCreate(*topic, action);

  auto flags = std::make_shared<TopicFlags>();
  CLI::App* leaf = AddLeaf(*topic, "list", "List topics", action, flags, List);
  leaf->add_flag("--deleted", flags->is_deleted, "Those that are deleted and can be brought back");
  Explain(*leaf, {"lanemq topic list", "lanemq topic list --deleted",
                  "lanemq topic list --output jsonl | jq -r .topic"});

  flags = std::make_shared<TopicFlags>();
  leaf = AddLeaf(*topic, "describe", "Show a topic's partitions, offsets and tables", action, flags,
                 Describe);
  leaf->add_option("NAME", flags->name, "Topic")->required();
  Explain(*leaf,
          {"lanemq topic describe orders", "lanemq topic describe orders --output json",
           "lanemq topic describe orders --output csv"},
          "lanemq message get, lanemq group offsets");
  AddAlter(*topic, action);

  AddDelete(*topic, action);

  flags = std::make_shared<TopicFlags>();
  leaf = AddLeaf(*topic, "add-partitions", "Raise the number of partitions", action, flags,
                 AddPartitions);
  leaf->add_option("NAME", flags->name, "Topic")->required();
  leaf->add_option("TOTAL", flags->partitions, "The new total; it can only grow")->required();
  Explain(
      *leaf,
      {"lanemq topic add-partitions orders 16", "lanemq topic add-partitions orders 16 --dry-run",
       "lanemq topic add-partitions orders 16 --output json"},
      "lanemq topic describe");
  AddTopicHistory(*topic, action);
  AddTopicTrim(*topic, action);
}

}  // namespace lanemq::cli
