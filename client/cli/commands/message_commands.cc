#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/message_search_command.h"
#include "client/cli/commands/trace_text.h"
#include "client/cli/output/json_text.h"
#include "client/cli/text/stored_message.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

struct GetFlags {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

std::string TextOf(const MessageView& view, const idl::GetMessageResponse& reply) {
  std::string text =
      fmt::format("TOPIC      {}\nPARTITION  {}\nOFFSET     {}\nTIME       {}\nKEY        {}\n",
                  view.topic, view.partition, view.offset, FormatTime(view.timestamp),
                  view.key ? MakeVisible(*view.key) : "-");
  for (const auto& [name, value] : view.headers) {
    text += fmt::format("HEADER     {}={}\n", MakeVisible(name), MakeVisible(value));
  }
  if (reply.message.__isset.producer_id && reply.message.producer_id != 0) {
    text += fmt::format("PRODUCER   {} sequence {}\n", reply.message.producer_id,
                        reply.message.sequence);
  }
  if (!reply.table_name.empty()) {
    text += fmt::format("ROW        SELECT * FROM {} WHERE `offset` = {}\nNODE       {}\n",
                        reply.table_name, view.offset, reply.data_node);
  }
  return text + fmt::format("VALUE      {}\n", view.body ? MakeVisible(*view.body) : "-");
}

ExitCode Get(Session& session, const GetFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::GetMessageRequest request;
  request.__set_topic(flags.topic);
  request.__set_partition(flags.partition);
  request.__set_offset(flags.offset);
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::GetMessageSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  const MessageView view = ViewOf(flags.topic, flags.partition, reply->message);
  if (!session.IsJson()) {
    session.out().Data(TextOf(view, *reply));
    return ExitCode::kDone;
  }
  std::string json = JsonMessage(view);
  json.pop_back();
  session.out().Data(
      fmt::format("{},\"producer_id\":\"{}\",\"sequence\":\"{}\",\"table\":{},\"node\":{}}}\n",
                  json, reply->message.producer_id, reply->message.sequence,
                  JsonCell(reply->table_name), JsonCell(reply->data_node)));
  return ExitCode::kDone;
}

ExitCode Trace(Session& session, const GetFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::TraceMessageRequest request;
  request.__set_topic(flags.topic);
  request.__set_partition(flags.partition);
  request.__set_offset(flags.offset);
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::TraceMessageSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.out().Data(session.IsJson() ? TraceJson(request, *reply) + "\n"
                                      : TraceText(request, *reply));
  return ExitCode::kDone;
}

void AddPlace(CLI::App& leaf, const std::shared_ptr<GetFlags>& flags) {
  leaf.add_option("TOPIC", flags->topic, "Topic")->required();
  leaf.add_option("PARTITION", flags->partition, "Partition")
      ->required()
      ->check(CLI::NonNegativeNumber);
  leaf.add_option("OFFSET", flags->offset, "Offset")->required()->check(CLI::NonNegativeNumber);
}

void AddTrace(CLI::App& message, Action& action) {
  CLI::App* leaf = message.add_subcommand(
      "trace", "Show where a message is now, and how far each group is with it");
  const auto flags = std::make_shared<GetFlags>();
  AddPlace(*leaf, flags);
  leaf->callback(
      [&action, flags] { action = [flags](Session& session) { return Trace(session, *flags); }; });
  Explain(*leaf,
          {"lanemq message trace orders 0 42", "lanemq message trace orders 0 42 --output json",
           "lanemq message trace orders 0 42 --output json | jq -r '.groups[].place'"},
          "lanemq message get, lanemq dlq show, lanemq group lag");
}

}  // namespace

void AddMessageCommands(CLI::App& root, Action& action) {
  CLI::App* message =
      root.add_subcommand("message", "Find messages, look at one, or at where it is now");
  message->require_subcommand(0, 1);
  const std::vector<std::string> examples = {
      "lanemq message get orders 0 42", "lanemq message get orders 0 42 --output json",
      "lanemq message get orders 3 1 --output json | jq -r .value"};
  Explain(*message,
          {examples[0], examples[1], "lanemq message search orders --contains IBAN --from -1h"});
  CLI::App* leaf =
      message->add_subcommand("get", "Show a message, and the table and node its row is in");
  const auto flags = std::make_shared<GetFlags>();
  AddPlace(*leaf, flags);
  leaf->callback(
      [&action, flags] { action = [flags](Session& session) { return Get(session, *flags); }; });
  Explain(*leaf, examples, "lanemq message search, lanemq message trace, lanemq topic describe");
  AddMessageSearch(*message, action);
  AddTrace(*message, action);
}

}  // namespace lanemq::cli
