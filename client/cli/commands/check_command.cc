#include <algorithm>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/commands/check_scope.h"
#include "client/cli/commands/group_queries.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/outbox/outbox_table.h"
#include "client/cli/text/lag_findings.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""s;

constexpr milliseconds kSampleAgeMax = 60s;
constexpr std::int32_t kGroupsMax = 10'000;  // What a server hands out.

// ---------------------------------------------------------------- lag

CheckState StateOf(const idl::TopicLag& lag, const CheckLimits& limits) {
  if (lag.status == "PAUSED") return CheckState::kOk;
  if (RankOf(lag.status) == RankOf("UNKNOWN")) return CheckState::kUnknown;
  if (!limits.IsEmpty()) return limits.Judge(lag.lag_messages, milliseconds{lag.lag_ms});
  if (IsForPager(lag)) return CheckState::kCritical;
  return IsTrouble(lag.status) ? CheckState::kWarning : CheckState::kOk;
}

std::string LagText(const idl::TopicLag& lag) {
  return fmt::format("{} on {}: {}{}, {} messages, behind {}{}", lag.group, lag.topic, lag.status,
                     lag.cause.empty() ? "" : " (" + lag.cause + ")", FormatCount(lag.lag_messages),
                     FormatDuration(milliseconds{lag.lag_ms}),
                     lag.owner.empty() ? "" : ", owner " + lag.owner);
}

void JudgeLag(const idl::GroupLagResponse& reply, const CheckLimits& limits, CheckLine& line) {
  std::int64_t messages = 0;
  std::int64_t longest = 0;
  for (const idl::TopicLag& lag : reply.topics) {
    const CheckState state = StateOf(lag, limits);
    if (state != CheckState::kOk || reply.topics.size() == 1) line.Add(state, LagText(lag));
    const auto unknown = std::ranges::count_if(
        lag.partitions, [](const idl::PartitionLag& each) { return each.status == "UNKNOWN"; });
    if (unknown > 0) {
      line.Add(CheckState::kUnknown,
               fmt::format("{} on {}: no sample of {} of {} partitions", lag.group, lag.topic,
                           unknown, lag.partitions.size()));
    }
    messages += lag.lag_messages;
    longest = std::max(longest, lag.lag_ms);
  }
  line.Measure("lag", static_cast<double>(messages), "", AsNumber(limits.warning.count),
               AsNumber(limits.critical.count));
  line.Measure("behind", InSeconds(milliseconds{longest}), "s", InSeconds(limits.warning.age),
               InSeconds(limits.critical.age));
  line.Measure("groups", static_cast<double>(reply.total));
}

/// Without anybody on call messages can be counted still, times and verdicts not.
Status ComputeLag(Cluster& cluster, const CheckFlags& flags, const CheckLimits& limits,
                  const Error& why, CheckLine& line) {
  if (flags.group.empty() || limits.IsEmpty() || limits.warning.age || limits.critical.age) {
    return Error{why.code, why.message +
                               ": nothing judges lag; -g GROUP with -w and -c in messages "
                               "works without"};
  }
  LANEMQ_ASSIGN_OR_RETURN(const GroupOffsets offsets, OffsetsOfGroup(cluster, flags.group));
  if (offsets.missing) return *offsets.missing;
  LANEMQ_ASSIGN_OR_RETURN(const auto ends,
                          LogOffsets(cluster, NamesOf(offsets.rows), /*log end*/ -1, true));
  std::int64_t lag = 0;
  std::int64_t partitions = 0;
  for (const auto& row : offsets.rows) {
    if (row.offset < 0 || (!flags.topic.empty() && row.topic != flags.topic)) continue;
    ++partitions;
    lag += std::max<std::int64_t>(ends.at({row.topic, row.partition}) - row.offset, 0);
  }
  if (partitions == 0) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("group '{}' has committed nothing", flags.group)};
  }
  line.Add(limits.Judge(lag, milliseconds{0}),
           fmt::format("{}: {} messages (no metaserver is on call: computed from offsets)",
                       flags.group, FormatCount(lag)));
  line.Measure("lag", static_cast<double>(lag), "", AsNumber(limits.warning.count),
               AsNumber(limits.critical.count));
  return {};
}

ExitCode CheckLag(Session& session, const CheckFlags& flags) {
  return RunCheck(
      session, flags, "every group keeps up",
      [&](Cluster& cluster, const CheckLimits& limits, CheckLine& line) -> Status {
        idl::GroupLagRequest request;
        if (!flags.group.empty()) request.__set_group(flags.group);
        if (!flags.topic.empty()) request.__set_topic(flags.topic);
        request.__set_include_partitions(!flags.group.empty());
        request.__set_max(kGroupsMax);
        auto reply = cluster.GroupLag(request);
        // Nobody is on call, no metaserver answers, or they are of an older version.
        if (!reply.ok() && (ExitCodeOf(reply.error().code) == ExitCode::kUnavailable ||
                            reply.error().code == ErrorCode::kUnsupportedVersion)) {
          return ComputeLag(cluster, flags, limits, reply.error(), line);
        }
        LANEMQ_RETURN_IF_ERROR(reply);
        // Of one group its partitions tell, which may be on nodes that answer.
        if (flags.group.empty() && milliseconds{reply->age_ms} > kSampleAgeMax) {
          line.Add(CheckState::kUnknown, fmt::format("the newest sample is {} old",
                                                     FormatDuration(milliseconds{reply->age_ms})));
        }
        if (reply->topics.empty() && (!flags.group.empty() || !flags.topic.empty())) {
          return Error{ErrorCode::kNotFound,
                       fmt::format("nobody has committed anything{}{}{}{}",
                                   flags.group.empty() ? "" : " as group ", flags.group,
                                   flags.topic.empty() ? "" : " on topic ", flags.topic)};
        }
        SortWorstFirst(reply->topics);
        JudgeLag(*reply, limits, line);
        return {};
      });
}

// ---------------------------------------------------------------- outboxes, dead letters

constexpr int kNobodyPublishes = 5;  // Of Judge(): no relay, or none that reports.

OutboxVerdict VerdictOf(const idl::OutboxListing& outbox) {
  return Judge({.ready = outbox.report.ready,
                .held = outbox.report.held,
                .dead = outbox.report.dead,
                .oldest_age = milliseconds{outbox.report.oldest_age_ms},
                .relays = outbox.report.relays,
                .unowned_buckets = outbox.report.unowned_buckets,
                .silent_for = milliseconds{outbox.silent_ms}});
}

ExitCode CheckOutbox(Session& session, const CheckFlags& typed) {
  CheckFlags flags = typed;
  if (flags.warning.empty() && flags.critical.empty()) {
    flags.warning = "1m";
    flags.critical = "10m";
  }
  return RunCheck(
      session, flags, "no outbox is in trouble",
      [&](Cluster& cluster, const CheckLimits& limits, CheckLine& line) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                                cluster.Control(&rpc::ControlPlaneClient::ListOutboxesSync,
                                                idl::ListOutboxesRequest()));
        std::size_t seen = 0;
        for (const idl::OutboxListing& outbox : reply.outboxes) {
          const idl::OutboxReport& report = outbox.report;
          if (!flags.name.empty() && report.outbox != flags.name) continue;
          // What has waited when it was reported has waited since.
          const milliseconds age{report.oldest_age_ms > 0 ? report.oldest_age_ms + outbox.silent_ms
                                                          : 0};
          const OutboxVerdict verdict = VerdictOf(outbox);
          CheckState state = limits.Judge(report.ready + report.held, age);
          if (verdict.rank >= kNobodyPublishes) state = CheckState::kCritical;
          if (state == CheckState::kOk && report.dead > 0) state = CheckState::kWarning;
          if (state != CheckState::kOk) {
            line.Add(state, fmt::format("{}: {}", report.outbox, verdict.text));
          }
          if (++seen > kMeasuredMax) continue;
          line.Measure(report.outbox + " waiting", static_cast<double>(report.ready + report.held),
                       "", AsNumber(limits.warning.count), AsNumber(limits.critical.count));
          line.Measure(report.outbox + " oldest", InSeconds(age), "s",
                       InSeconds(limits.warning.age), InSeconds(limits.critical.age));
        }
        if (seen == 0 && !flags.name.empty()) {
          return Error{ErrorCode::kNotFound, fmt::format("no relay reports '{}'", flags.name)};
        }
        return {};
      });
}

ExitCode CheckDlq(Session& session, const CheckFlags& typed) {
  CheckFlags flags = typed;
  if (flags.warning.empty() && flags.critical.empty()) flags.warning = "0";
  return RunCheck(
      session, flags, "no dead letters",
      [&](Cluster& cluster, const CheckLimits& limits, CheckLine& line) -> Status {
        idl::CountDeadLettersRequest request;
        request.__set_group(flags.group);
        LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                                cluster.Data(&rpc::DataPlaneClient::CountDeadLettersSync, request));
        std::int64_t total = 0;
        std::int64_t oldest = 0;
        for (const idl::DeadLetterCount& count : reply.counts) {
          if (!flags.topic.empty() && count.topic != flags.topic) continue;
          total += count.letters;
          if (count.__isset.oldest_us && (oldest == 0 || count.oldest_us < oldest)) {
            oldest = count.oldest_us;
          }
        }
        milliseconds age{0};
        if (oldest > 0) {
          age = std::chrono::duration_cast<milliseconds>(std::chrono::microseconds(
              std::max<std::int64_t>(SystemClock::Instance().WallNow().micros - oldest, 0)));
        }
        const std::string text = fmt::format("{} dead letter{} of group {}", FormatCount(total),
                                             total == 1 ? "" : "s", flags.group);
        line.Add(limits.Judge(total, age),
                 total == 0 ? text
                            : fmt::format("{}, the oldest from {} ago", text, FormatDuration(age)));
        line.Measure("dead", static_cast<double>(total), "", AsNumber(limits.warning.count),
                     AsNumber(limits.critical.count));
        return {};
      });
}

}  // namespace

CLI::App* AddCheck(CLI::App& check, const std::string& name, const std::string& what,
                   Action& action, const std::shared_ptr<CheckFlags>& flags,
                   ExitCode (*run)(Session&, const CheckFlags&), const std::string& limits) {
  CLI::App* leaf = AddLeaf(check, name, what, action, flags, run);
  leaf->add_option("-w,--warning", flags->warning, "WARNING above it; " + limits)
      ->type_name("LIMIT");
  leaf->add_option("-c,--critical", flags->critical, "CRITICAL above it")->type_name("LIMIT");
  return leaf;
}

void AddCheckCommands(CLI::App& root, Action& action) {
  CLI::App* check = root.add_subcommand("check", "Checks for Nagios, Icinga and scripts");
  check->require_subcommand(0, 1);
  constexpr const char* kCodes =
      "exit code: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (unreachable, wrong flags)";
  Explain(*check,
          {"lanemq check cluster", "lanemq check lag -g billing -w 1000 -c 10m",
           "lanemq check node && lanemq check outbox"},
          kCodes);

  auto flags = std::make_shared<CheckFlags>();
  CLI::App* leaf = AddCheck(*check, "lag", "Whether groups keep up", action, flags, CheckLag,
                            "1000 messages or 30s (default: verdicts)");
  leaf->add_option("-g,--group", flags->group, "Only this group")->type_name("GROUP");
  leaf->add_option("-t,--topic", flags->topic, "Only this topic")->type_name("TOPIC");
  Explain(
      *leaf,
      {"lanemq check lag", "lanemq check lag -g billing -t orders",
       "lanemq check lag -g billing -w 30s -c 5m"},
      "lanemq doctor --group GROUP. Verdicts: SLOW of tier page, STALL, STOP, LOST are CRITICAL");

  flags = std::make_shared<CheckFlags>();
  leaf = AddCheck(*check, "outbox", "Whether outboxes are emptied", action, flags, CheckOutbox,
                  "1000 rows or 30s of the oldest (1m, -c 10m)");
  leaf->add_option("-o,--outbox", flags->name, "Only this one")->type_name("NAME");
  Explain(*leaf,
          {"lanemq check outbox", "lanemq check outbox -o shop@10.0.0.5:3306",
           "lanemq check outbox -w 30s -c 5m"},
          "lanemq outbox status. Without a relay it is CRITICAL, with dead messages WARNING");

  flags = std::make_shared<CheckFlags>();
  leaf = AddCheck(*check, "dlq", "Whether a group has dead letters", action, flags, CheckDlq,
                  "10 letters or 1h of the oldest (0)");
  leaf->add_option("-g,--group", flags->group, "Group")->type_name("GROUP")->required();
  leaf->add_option("-t,--topic", flags->topic, "Only this topic")->type_name("TOPIC");
  Explain(*leaf,
          {"lanemq check dlq -g billing", "lanemq check dlq -g billing -w 10 -c 100",
           "lanemq check dlq -g billing -t orders -c 1d"},
          "lanemq dlq list -g GROUP");

  AddServerChecks(*check, action);
}

}  // namespace lanemq::cli
