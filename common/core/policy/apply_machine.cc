#include "common/core/policy/apply_machine.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/check.h"

namespace lanemq::core {
namespace {

using Kind = ApplyStep::Kind;

constexpr std::size_t kErrorBytesMax = 500;

std::int64_t Micros(std::chrono::microseconds time) { return time.count(); }

void TurnTo(ApplyDirection direction, ChangeRequest& request, WallTime now) {
  ApplyProgress& progress = request.progress;
  progress.direction = direction;
  ++progress.epoch;
  progress.done = 0;
  progress.attempts = 0;
  progress.is_marked = false;
  progress.since = now;
  progress.retry_at = now;
}

void RetryLater(ChangeRequest& request, WallTime now) {
  ApplyProgress& progress = request.progress;
  const std::int32_t doublings = std::clamp(progress.attempts - 1, 0, 6);
  const std::chrono::seconds wait =
      std::min(std::chrono::seconds{std::int64_t{1} << doublings}, kApplyRetryMax);
  progress.retry_at = WallTime{now.micros + Micros(wait)};
  progress.is_marked = false;
}

/// Whether a refused step shows that nothing that cannot be undone was done: it is the first such
/// step, and it was tried this once alone. An attempt before could still arrive.
bool IsFirstOfItsKind(const ChangeRequest& request, const ApplyStep& step) {
  if (step.kind != Kind::kAddPartitions || request.progress.attempts != 1) return false;
  const std::vector<ApplyStep> steps = PlanSteps(request.bundle, ApplyDirection::kForward);
  const auto first = std::find_if(steps.begin(), steps.end(), [](const ApplyStep& other) {
    return other.kind == Kind::kAddPartitions;
  });
  return first != steps.end() && *first == step;
}

void Finish(ChangeRequest& request, const ApplyStep& step, WallTime now) {
  if (step.kind == Kind::kCommit) {
    request.state = RequestState::kApplied;
    request.reason.clear();
  } else if (step.kind == Kind::kClose) {
    request.state = request.progress.is_given_up ? RequestState::kUndone : RequestState::kFailed;
  } else {
    return;
  }
  request.changed_at = now;
}

}  // namespace

std::vector<ApplyStep> PlanSteps(const Bundle& bundle, ApplyDirection direction) {
  std::vector<std::pair<std::string_view, std::size_t>> created;
  std::vector<std::pair<std::string_view, std::size_t>> grown;
  for (std::size_t i = 0; i < bundle.changes.size(); ++i) {
    if (const auto* topic = std::get_if<CreateTopicChange>(&bundle.changes[i])) {
      created.emplace_back(topic->name, i);
    } else if (const auto* added = std::get_if<AddPartitionsChange>(&bundle.changes[i])) {
      grown.emplace_back(added->name, i);
    }
  }
  std::sort(created.begin(), created.end());
  std::sort(grown.begin(), grown.end());
  std::vector<ApplyStep> steps;
  if (direction == ApplyDirection::kForward) {
    for (const auto& [name, change] : created) steps.push_back({Kind::kCreateTopic, change});
    for (const auto& [name, change] : grown) steps.push_back({Kind::kAddPartitions, change});
    steps.push_back({Kind::kCommit, 0});
  } else {
    std::reverse(created.begin(), created.end());
    for (const auto& [name, change] : created) steps.push_back({Kind::kUndoTopic, change});
    steps.push_back({Kind::kClose, 0});
  }
  return steps;
}

ApplyTurn NextTurn(const ChangeRequest& request, WallTime now) {
  if (request.state != RequestState::kApplying) return {ApplyTurn::Kind::kNone};
  const ApplyProgress& progress = request.progress;
  if (now < progress.retry_at) return {ApplyTurn::Kind::kWait};
  const std::vector<ApplyStep> steps = PlanSteps(request.bundle, progress.direction);
  LANEMQ_CHECK(progress.done < steps.size());
  const ApplyStep step = steps[progress.done];
  const bool must_mark = step.kind == Kind::kAddPartitions && !progress.is_marked;
  return {must_mark ? ApplyTurn::Kind::kMark : ApplyTurn::Kind::kStep, step};
}

ChangeRequest TakenOver(ChangeRequest request) {
  ++request.progress.epoch;
  // Whether what was marked was tried, nobody knows: it counts as tried, and is marked again.
  request.progress.is_marked = false;
  return request;
}

ChangeRequest Marked(ChangeRequest request) {
  request.progress.is_marked = true;
  request.progress.is_past_return = true;
  ++request.progress.attempts;
  return request;
}

ChangeRequest AfterStep(ChangeRequest request, const ApplyStep& step, StepOutcome outcome,
                        std::string_view error, WallTime now) {
  ApplyProgress& progress = request.progress;
  const bool is_forward = progress.direction == ApplyDirection::kForward;
  if (step.kind != Kind::kAddPartitions) ++progress.attempts;  // Marked() has counted those.
  if (outcome != StepOutcome::kDone) progress.last_error = error.substr(0, kErrorBytesMax);
  switch (outcome) {
    case StepOutcome::kDone:
      ++progress.done;
      progress.attempts = 0;
      progress.is_marked = false;
      Finish(request, step, now);
      return request;
    case StepOutcome::kInUse:
      // Somebody has written to it: it must not go, so that the rest has to come.
      TurnTo(ApplyDirection::kForward, request, now);
      return request;
    case StepOutcome::kRefused:
      if (is_forward && IsFirstOfItsKind(request, step)) progress.is_past_return = false;
      break;
    case StepOutcome::kUnknown:
      if (is_forward && now.micros - progress.since.micros < Micros(kApplyForwardMax)) {
        RetryLater(request, now);
        return request;
      }
      break;
  }
  if (is_forward && !progress.is_past_return) {
    request.reason = progress.last_error;
    TurnTo(ApplyDirection::kBack, request, now);
  } else {
    RetryLater(request, now);
  }
  return request;
}

ChangeRequest GiveUp(ChangeRequest request, std::string_view reason, WallTime now) {
  LANEMQ_CHECK(!request.progress.is_past_return);
  request.progress.is_given_up = true;
  request.reason = reason;
  if (request.progress.direction == ApplyDirection::kForward) {
    TurnTo(ApplyDirection::kBack, request, now);
  } else {
    ++request.progress.epoch;  // Whoever is at it must not write over it what he has read before.
  }
  return request;
}

bool NeedsHelp(const ChangeRequest& request, WallTime now) {
  if (request.state != RequestState::kApplying) return false;
  // `since` begins anew with each turn; the change to kApplying does not.
  return now.micros - request.changed_at.micros > 2 * Micros(kApplyForwardMax);
}

}  // namespace lanemq::core
