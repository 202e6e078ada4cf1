#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "client/cli/cluster/connect.h"
#include "client/cli/commands/dlq_queries.h"
#include "client/cli/commands/group_doctor.h"
#include "client/cli/commands/group_queries.h"
#include "client/cli/commands/on_call_scope.h"
#include "client/cli/text/lag_findings.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""s;

// What there is, is worth showing without the rest: do not wait long for any of it.
constexpr std::chrono::microseconds kPatience = 5s;

void AskLag(Session& session, GroupExamination& group) {
  const auto cluster = Connect(session, kPatience);
  if (!cluster.ok()) {
    group.lag_missing = cluster.error();
    return;
  }
  idl::GroupLagRequest request;
  request.__set_group(group.detail.name);
  request.__set_include_partitions(true);
  auto reply = (*cluster)->GroupLag(request);
  if (!reply.ok()) {
    group.lag_missing = reply.error();
    return;
  }
  group.lags = std::move(reply->topics);
  SortWorstFirst(group.lags);
  group.sample = std::move(*reply);
}

void AskDead(Session& session, GroupExamination& group) {
  const auto cluster = Connect(session, kPatience);
  if (!cluster.ok()) {
    group.dead_missing = cluster.error();
    return;
  }
  idl::CountDeadLettersRequest request;
  request.__set_group(group.detail.name);
  auto counted = (*cluster)->Data(&rpc::DataPlaneClient::CountDeadLettersSync, request);
  if (!counted.ok()) {
    group.dead_missing = counted.error();
    return;
  }
  group.dead = std::move(counted->counts);
  if (group.dead.empty()) return;
  idl::DeadLetterFilter filter;
  filter.__set_group(group.detail.name);
  // For its error's text; missing, the rest is still worth it.
  const auto visited = VisitDeadLetters(**cluster, filter, false, 1, [&group](const auto& page) {
    group.last_dead = page.front();
    return false;
  });
  if (!visited.ok()) group.dead_missing = visited.error();
}

}  // namespace

ExitCode ExamineGroup(Session& session, const std::string& name) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto control = Connect(session, kPatience);
  if (!control.ok()) return session.Fail(control.error());
  GroupExamination group;
  auto detail = DetailOfGroup(**cluster, **control, name);
  if (!detail.ok()) return FailUnknownGroup(session, **cluster, detail.error(), name);
  group.detail = *std::move(detail);
  AskLag(session, group);
  AskDead(session, group);
  group.now = SystemClock::Instance().WallNow();
  if (session.IsJson()) {
    session.out().Data(ExaminationJson(group));
  } else {
    session.out().Data(ExaminationText(group, ScreenOf(session)));
  }
  return static_cast<ExitCode>(VerdictOf(group));
}

}  // namespace lanemq::cli
