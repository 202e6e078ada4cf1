#pragma once

#include <cstdint>
#include <lanemq_types.h>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/commands/group_table.h"
#include "client/cli/commands/lag_table.h"
#include "client/cli/text/node_findings.h"

/// `lanemq doctor --group`: pure, from what was asked.
namespace lanemq::cli {

/// What is known of a group in trouble, or well.
struct GroupExamination {
  GroupDetail detail;
  /// Of its topics, worst first, with partitions. Empty with `lag_missing`: nobody is on call.
  std::vector<idl::TopicLag> lags;
  std::optional<idl::GroupLagResponse> sample;  ///< Age and nodes of `lags`.
  std::optional<Error> lag_missing;
  std::vector<idl::DeadLetterCount> dead;
  std::optional<idl::DeadLetter> last_dead;
  std::optional<Error> dead_missing;
  WallTime now;
};

/// The worst of it: what the command exits with.
[[nodiscard]] Verdict VerdictOf(const GroupExamination& group);
/// One screen: verdict, cause, since when, evidence, the worst partitions, what to do, what to
/// type.
[[nodiscard]] std::string ExaminationText(const GroupExamination& group, const Screen& screen);
/// The same as one JSON object on one line.
[[nodiscard]] std::string ExaminationJson(const GroupExamination& group);

}  // namespace lanemq::cli
