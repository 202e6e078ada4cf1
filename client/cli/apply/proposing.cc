#include "client/cli/apply/proposing.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/apply/diff_text.h"
#include "client/cli/output/table.h"
#include "client/cli/terminal/interrupt.h"
#include "client/cli/text/time_text.h"
#include "common/base/random.h"
#include "common/core/policy/bundle_json.h"
#include "common/rpc/governance_client.h"
#include "governance_types.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;
using rpc::GovernanceClient;

constexpr std::chrono::milliseconds kPollPause = 200ms;
constexpr int kWaitingListed = 100;
constexpr int kWaitingDescribed = 20;

idl::ProposeChangeRequest RequestOf(const core::Bundle& bundle, const ProposalFlags& flags) {
  idl::ProposeChangeRequest request;
  request.__set_bundle_json(core::BundleToText(bundle));
  if (!flags.title.empty()) request.__set_title(flags.title);
  if (!flags.break_glass.empty()) request.__set_break_glass_reason(flags.break_glass);
  return request;
}

bool IsUnderWay(const idl::ChangeRequest& request) {
  constexpr std::array<std::string_view, 2> kStates = {"approved", "applying"};
  return std::ranges::find(kStates, request.state) != kStates.end();
}

/// Requests of one command, one after the other.
class Proposer {
 public:
  Proposer(Session& session, Cluster& cluster, const ProposalFlags& flags)
      : session_(session), cluster_(cluster), flags_(flags) {}

  ExitCode Run(const std::vector<core::Bundle>& bundles) {
    const auto key = Random::FromSystem().PositiveId();
    Table table{{"request", "state", "changes"}, {}};
    ExitCode code = ExitCode::kDone;
    for (std::size_t i = 0; i < bundles.size() && code == ExitCode::kDone; ++i) {
      idl::ProposeChangeRequest request = RequestOf(bundles[i], flags_);
      // A repeated call finds what the first one made.
      request.__set_idempotency_key(fmt::format("apply-{:x}-{}", key, i));
      idl::ChangeRequest made;
      code = RunOne(request, bundles[i].changes.size(), made);
      if (made.id == 0) break;
      table.rows.push_back({Id{made.id}, made.state, std::int64_t{made.changes}});
      if (code != ExitCode::kDone && i + 1 < bundles.size()) {
        session_.out().Complain(
            fmt::format("{} of {} parts were not asked for: run the same command again afterwards",
                        bundles.size() - i - 1, bundles.size()));
      }
    }
    if (session_.flags().has_format) {
      session_.Show(table);
    } else {
      session_.out().Data(Render(table, {.format = OutputFormat::kName}));
    }
    return code;
  }

 private:
  /// `made` keeps its id 0 when no request was made.
  ExitCode RunOne(const idl::ProposeChangeRequest& proposal, std::size_t changes,
                  idl::ChangeRequest& made) {
    const auto waiting = FindWaiting(proposal.bundle_json, changes);
    if (!waiting.ok()) return session_.Fail(waiting.error());
    if (*waiting && flags_.break_glass.empty()) {
      made = **waiting;
      session_.out().Note(fmt::format("Request {} asks for this already.", made.id));
    } else {
      cluster_.RestartTimeout();
      const auto reply = cluster_.Control(&GovernanceClient::ProposeChangeSync, proposal);
      if (!reply.ok()) return session_.Fail(reply.error());
      if (!reply->__isset.request) return Refused(reply->decision);
      made = reply->request;
    }
    if (const ExitCode code = Await(made); code != ExitCode::kDone) return code;
    if (made.state == "applied") {
      session_.out().Note(fmt::format("Request {}: applied, {} changes in {}.", made.id,
                                      FormatCount(made.changes), Elapsed()));
      return ExitCode::kDone;
    }
    if (made.state == "pending" || made.state == "draft") {
      session_.out().Complain(
          MakeVisible(fmt::format("Request {} needs the yes of {}: `lanemq request show {}`.",
                                  made.id, fmt::join(made.missing, "; "), made.id)));
      return ExitCode::kNeedsApproval;
    }
    std::string why = made.reason.empty() ? made.last_error : made.reason;
    session_.out().Complain(MakeVisible(
        fmt::format("Request {} is {}{}", made.id, made.state, why.empty() ? "" : ": " + why)));
    return ExitCode::kFailed;
  }

  /// A pending request for the same, so that a pipeline that runs again does not ask twice. Looked
  /// for among the newest ones.
  Result<std::optional<idl::ChangeRequest>> FindWaiting(const std::string& bundle_json,
                                                        std::size_t changes) {
    cluster_.RestartTimeout();
    idl::ListChangesRequest list;
    list.__set_states({"pending"});
    list.__set_max(kWaitingListed);
    LANEMQ_ASSIGN_OR_RETURN(const auto pending,
                            cluster_.Control(&GovernanceClient::ListChangesSync, list));
    int described = 0;
    for (const idl::ChangeRequest& listed : pending.requests) {
      if (std::cmp_not_equal(listed.changes, changes) || described == kWaitingDescribed) continue;
      ++described;
      idl::DescribeChangeRequest ask;
      ask.__set_id(listed.id);
      LANEMQ_ASSIGN_OR_RETURN(auto reply,
                              cluster_.Control(&GovernanceClient::DescribeChangeSync, ask));
      const bool is_same =
          reply.request.state == "pending" && reply.request.bundle_json == bundle_json;
      if (is_same) return std::optional(std::move(reply.request));
    }
    return std::optional<idl::ChangeRequest>();
  }

  ExitCode Refused(const idl::Decision& decision) {
    for (const std::string& line : DecisionLines(decision)) session_.out().Complain(line);
    if (decision.__isset.fixed_bundle_json) {
      session_.out().Complain("With the values after `try` it would not be refused.");
    }
    return ExitCode::kDenied;
  }

  /// Until it is not under way any more. Failing to ask is no end while there is time.
  ExitCode Await(idl::ChangeRequest& request) {
    const InterruptGuard guard;
    const Clock& clock = SystemClock::Instance();
    const Deadline deadline = Deadline::After(clock, flags_.wait);
    idl::DescribeChangeRequest ask;
    ask.__set_id(request.id);
    while (IsUnderWay(request)) {
      ShowProgress(request);
      if (!guard.Pause(kPollPause)) {
        GoesOn(request);
        return ExitCode::kInterrupted;
      }
      cluster_.RestartTimeout();
      const auto reply = cluster_.Control(&GovernanceClient::DescribeChangeSync, ask);
      if (reply.ok()) {
        request = reply->request;
      } else if (RetryOf(reply.error().code) == Retry::kNever) {
        return session_.Fail(reply.error());
      }
      if (IsUnderWay(request) && deadline.Left(clock) <= std::chrono::nanoseconds(0)) {
        GoesOn(request);
        return ExitCode::kUnavailable;
      }
    }
    return ExitCode::kDone;
  }

  void ShowProgress(const idl::ChangeRequest& request) {
    if (!session_.out().WantsProgress() || !request.__isset.steps) return;
    session_.out().Progress(fmt::format("request {}: {} of {} steps, {}", request.id,
                                        FormatCount(request.steps_done), FormatCount(request.steps),
                                        Elapsed()));
  }
  void GoesOn(const idl::ChangeRequest& request) {
    const std::string error =
        request.last_error.empty() ? "" : fmt::format(" (last error: {})", request.last_error);
    session_.out().Complain(
        MakeVisible(fmt::format("Request {} is still {}{}, and goes on: `lanemq request show {}`.",
                                request.id, request.state, error, request.id)));
  }
  [[nodiscard]] std::string Elapsed() const {
    const auto elapsed = SystemClock::Instance().Now() - begun_;
    return FormatDuration(std::chrono::duration_cast<std::chrono::microseconds>(elapsed));
  }

  Session& session_;
  Cluster& cluster_;
  const ProposalFlags& flags_;
  const MonotonicTime begun_ = SystemClock::Instance().Now();
};

}  // namespace

ExitCode ShowDecisions(Session& session, Cluster& cluster, const std::vector<core::Bundle>& bundles,
                       const ProposalFlags& flags) {
  ExitCode code = ExitCode::kDone;
  for (const core::Bundle& bundle : bundles) {
    idl::ProposeChangeRequest request = RequestOf(bundle, flags);
    request.__set_dry_run(true);
    cluster.RestartTimeout();
    const auto reply = cluster.Control(&GovernanceClient::ProposeChangeSync, request);
    if (!reply.ok()) return session.Fail(reply.error());
    for (const std::string& line : DecisionLines(reply->decision)) session.out().Note(line);
    if (reply->decision.kind == "refuse") {
      code = ExitCode::kDenied;
    } else if (reply->decision.kind == "needs_approval" && code == ExitCode::kDone) {
      code = ExitCode::kNeedsApproval;
    }
  }
  return code;
}

ExitCode Propose(Session& session, Cluster& cluster, const std::vector<core::Bundle>& bundles,
                 const ProposalFlags& flags) {
  return Proposer(session, cluster, flags).Run(bundles);
}

}  // namespace lanemq::cli
