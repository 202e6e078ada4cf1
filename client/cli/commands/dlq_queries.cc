#include "client/cli/commands/dlq_queries.h"

#include <algorithm>

#include <fmt/format.h>

#include "client/cli/output/table.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

constexpr std::int64_t kPageMax = 1'000;
constexpr std::int64_t kPageWithBodiesMax = 100;
// Counting more than that takes longer than people want to be asked a question.
constexpr std::int64_t kCountMax = 100'000;

}  // namespace

Result<bool> VisitDeadLetters(
    Cluster& cluster, const idl::DeadLetterFilter& filter, bool has_bodies, std::int64_t max,
    const std::function<bool(const std::vector<idl::DeadLetter>&)>& visit) {
  idl::ListDeadLettersRequest request;
  request.__set_filter(filter);
  request.__set_with_bodies(has_bodies);
  std::int64_t left = max;
  while (true) {
    request.__set_max_count(
        static_cast<std::int32_t>(std::min(left, has_bodies ? kPageWithBodiesMax : kPageMax)));
    LANEMQ_ASSIGN_OR_RETURN(const idl::ListDeadLettersResponse reply,
                            cluster.Data(&rpc::DataPlaneClient::ListDeadLettersSync, request));
    const auto got = static_cast<std::int64_t>(reply.letters.size());
    left -= std::min(got, left);
    if (got > 0 && !visit(reply.letters)) return true;
    if (!reply.__isset.next_page) return false;
    if (left == 0) return true;
    if (request.__isset.after && request.after == reply.next_page) {
      return Error{ErrorCode::kUnknownServerError, "the broker answers the same page for ever"};
    }
    request.__set_after(reply.next_page);
    cluster.RestartTimeout();
  }
}

Result<std::string> CountMatching(Cluster& cluster, const idl::DeadLetterFilter& filter,
                                  std::int64_t& count) {
  count = 0;
  LANEMQ_ASSIGN_OR_RETURN(
      const bool has_more,
      VisitDeadLetters(cluster, filter, false, kCountMax, [&count](const auto& letters) {
        count += static_cast<std::int64_t>(letters.size());
        return true;
      }));
  return fmt::format("{}{} dead letter{} of group {}", has_more ? "more than " : "",
                     FormatCount(count), count == 1 ? "" : "s", MakeVisible(filter.group));
}

Result<idl::DeadLetter> GetDeadLetter(Cluster& cluster, const idl::DeadLetterId& id,
                                      bool has_body) {
  idl::DeadLetterFilter filter;
  filter.__set_group(id.group);
  filter.__set_ids({id});
  std::optional<idl::DeadLetter> found;
  const auto visited = VisitDeadLetters(cluster, filter, has_body, 1, [&found](const auto& page) {
    found = page.front();
    return false;
  });
  if (!visited.ok()) return visited.error();
  if (found) return *std::move(found);
  return Error{ErrorCode::kNotFound,
               fmt::format("{} is no dead letter of group {}", DeadLetterIdText(id), id.group)};
}

void AddChoice(CLI::App& leaf, const std::shared_ptr<DeadLetterFlags>& flags, bool can_change) {
  leaf.add_option("-g,--group", flags->group, "Group")->type_name("GROUP")->required();
  leaf.add_option("-t,--topic", flags->topic, "Only of this topic")->type_name("TOPIC");
  leaf.add_option("-p,--partition", flags->partition, "Only of this partition")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  leaf.add_option("--reason", flags->reason, "Only with this reason")->type_name("WORD");
  leaf.add_option("-k,--key", flags->key, "Only with this key")->type_name("KEY");
  leaf.add_option("--since", flags->since, "Dead since then: -1h, 2026-11-21T05:00:00Z")
      ->type_name("TIME");
  leaf.add_option("--until", flags->until, "Dead before then")->type_name("TIME");
  if (!can_change) return;
  leaf.add_option("--id", flags->ids, "Only this one: orders/0/42; may be repeated")
      ->type_name("ID")
      ->allow_extra_args(false);
  leaf.add_flag("--all", flags->is_all, "All of the group");
}

}  // namespace lanemq::cli
