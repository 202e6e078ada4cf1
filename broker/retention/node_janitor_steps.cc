// What NodeJanitor does with one partition while it has the lease: looks at it, and takes one step.
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "broker/retention/node_janitor.h"
#include "common/base/log.h"
#include "common/core/retention/retention_planner.h"

namespace lanemq::broker {
namespace {

using core::RetentionStep;

std::string NameOf(const JanitorTask& task) {
  return fmt::format("{}:{}", task.topic, task.location.key.partition);
}

std::string_view NameOf(RetentionStep::Kind kind) {
  switch (kind) {
    case RetentionStep::Kind::kNone:
      return "look";
    case RetentionStep::Kind::kMoveStart:
      return "move start";
    case RetentionStep::Kind::kDropSegments:
      return "drop";
    case RetentionStep::Kind::kDeleteRows:
      return "delete";
    case RetentionStep::Kind::kSplitTail:
      return "split";
  }
  return "step";
}

std::int64_t Millis(std::chrono::nanoseconds d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}
double Seconds(std::chrono::nanoseconds d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

void NodeJanitor::Serve(const JanitorTask& task) {
  const JanitorOptions& options = context_.options;
  const MonotonicTime begun = context_.clock.Now();
  Look(task);
  const MonotonicTime now = context_.clock.Now();
  // Looks at hundreds of partitions are work for the node, too.
  const auto rest = std::min((now - begun) * options.rest_factor, options.rest_max);
  rests_until_ = std::max(rests_until_, now + rest);
}

void NodeJanitor::Look(const JanitorTask& task) {
  const auto term = trust_.Token(context_.clock.Now());
  const auto facts = ReadFacts(task);
  if (!facts.ok()) return OnResult(task, "look", facts.error(), {});
  context_.on_start(task.location.key, facts->log_start);
  if (core::IsTailOversize(*facts, context_.options.limits)) {
    unsplit_.insert(task.location.key);
  } else {
    unsplit_.erase(task.location.key);
  }
  // A look may take as long as trust lasts, again and again: so trust begins anew before the step.
  // What was seen in another term is looked at again.
  if (trust_.ShouldRenew(context_.clock.Now())) KeepLease();
  const MonotonicTime now = context_.clock.Now();
  if (trust_.Token(now) != term) return queue_.OnProgress(task.location.key, now);
  const RetentionStep step = Plan(task, *facts);
  const MonotonicTime begun = context_.clock.Now();
  const Result<bool> result = TakeStep(task, *facts, step);
  const bool is_ddl = step.kind == RetentionStep::Kind::kDropSegments ||
                      step.kind == RetentionStep::Kind::kSplitTail;
  OnResult(task, NameOf(step.kind), result,
           is_ddl ? context_.clock.Now() - begun : std::chrono::nanoseconds{0});
}

Result<core::RetentionFacts> NodeJanitor::ReadFacts(const JanitorTask& task) {
  constexpr double kSecond = 1e6;
  constexpr double kShortest = 5e6;  // Below, rates are noise.
  Seen& seen = seen_[task.location.key];
  const core::RetentionLook look{.policy = task.policy,
                                 .grace = context_.options.limits.grace,
                                 .group_idle_max = context_.options.group_idle_max,
                                 .low_water = seen.low_water};
  auto facts = retention_->Look(task.location, look, NewDeadline());
  if (!facts.ok()) return facts;
  const auto elapsed = static_cast<double>(facts->now.micros - seen.at.micros);
  if (seen.at.micros == 0) {
    seen.end = facts->end;
    seen.at = facts->now;
  } else if (elapsed >= kShortest) {
    const auto grown = static_cast<double>(facts->end.value - seen.end.value);
    seen.rows_per_second = std::max(grown, 0.0) * kSecond / elapsed;
    seen.end = facts->end;
    seen.at = facts->now;
  }
  seen.low_water = facts->low_water;
  facts->rows_per_second = seen.rows_per_second;
  return facts;
}

RetentionStep NodeJanitor::Plan(const JanitorTask& task, const core::RetentionFacts& facts) {
  const bool is_in_window = context_.options.window.Has(facts.now);
  core::RetentionLimits limits = context_.options.limits;
  NoteClock(facts.now);
  limits.is_start_held = IsCatalogOld() || is_clock_off_ || !is_in_window;
  limits.are_removals_held = !is_in_window;
  RetentionStep step = core::PlanRetention(facts, task.policy, limits);
  // To split a tail that is empty takes a moment now; later, with rows in it, it takes long. So
  // that is not put off.
  const bool is_quick = step.kind == RetentionStep::Kind::kSplitTail && core::TailRows(facts) == 0;
  return is_in_window || is_quick ? step : RetentionStep{};
}

Result<bool> NodeJanitor::TakeStep(const JanitorTask& task, const core::RetentionFacts& facts,
                                   const RetentionStep& step) {
  if (step.kind == RetentionStep::Kind::kNone) return false;
  const MonotonicTime begun = context_.clock.Now();
  Result<bool> done = false;
  switch (step.kind) {
    case RetentionStep::Kind::kNone:
      break;
    case RetentionStep::Kind::kMoveStart:
      done = MoveStart(task, step.offset, step.why);
      break;
    case RetentionStep::Kind::kDropSegments:
      done = DropSegments(task, step);
      break;
    case RetentionStep::Kind::kDeleteRows:
      done = DeleteRows(task, facts, step);
      break;
    case RetentionStep::Kind::kSplitTail:
      done = SplitTail(task, step);
      break;
  }
  metrics_.step_seconds.Observe(Seconds(context_.clock.Now() - begun));
  if (const std::int32_t pace = context_.options.steps_per_minute; pace > 0) {
    rests_until_ = begun + std::chrono::nanoseconds(std::chrono::minutes(1)) / pace;
  }
  return done;
}

Result<bool> NodeJanitor::MoveStart(const JanitorTask& task, core::Offset to,
                                    std::string_view why) {
  const auto term = Term();
  if (!term) return Error{ErrorCode::kFenced, "the term is over"};
  const core::StartMove move{.location = task.location,
                             .to = to,
                             .unread = task.policy.unread,
                             .reason = std::string(why),
                             .group_idle_max = context_.options.group_idle_max};
  LANEMQ_ASSIGN_OR_RETURN(const core::StartMoved moved,
                          retention_->MoveStart(move, *term, NewDeadline()));
  const core::PartitionKey& key = task.location.key;
  context_.on_start(key, moved.new_start);
  if (moved.new_start < to) {
    if (blocked_.insert(key).second) {
      LANEMQ_LOG(INFO, "retention.blocked", {"partition", NameOf(task)},
                 {"start", moved.new_start.value}, {"expired_up_to", to.value},
                 {"groups_below", moved.below.size()},
                 {"group", moved.below.empty() ? "" : moved.below.front().group});
    }
  } else {
    blocked_.erase(key);
  }
  if (moved.new_start <= moved.old_start) return false;
  metrics_.moves.Increment();
  metrics_.removed_messages.Increment(
      static_cast<double>(moved.new_start.value - moved.old_start.value));
  LANEMQ_LOG(INFO, "retention.start_moved", {"partition", NameOf(task)},
             {"from", moved.old_start.value}, {"to", moved.new_start.value}, {"why", why},
             {"lost", moved.lost});
  if (moved.lost > 0 && task.policy.unread != core::UnreadPolicy::kAllow) {
    LANEMQ_LOG(WARN, "retention.unread_removed", {"partition", NameOf(task)},
               {"messages", moved.lost},
               {"group", moved.below.empty() ? "" : moved.below.front().group});
  }
  return true;
}

Result<bool> NodeJanitor::DropSegments(const JanitorTask& task, const RetentionStep& step) {
  const MonotonicTime begun = context_.clock.Now();
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t dropped,
                          retention_->DropSegments(task.location, step.bounds, NewDeadline()));
  metrics_.drops.Increment();
  metrics_.dropped_segments.Increment(static_cast<double>(dropped));
  LANEMQ_LOG(INFO, "retention.dropped", {"partition", NameOf(task)}, {"segments", dropped},
             {"below", step.bounds.empty() ? 0 : step.bounds.back().value},
             {"took_ms", Millis(context_.clock.Now() - begun)});
  return true;
}

Result<bool> NodeJanitor::DeleteRows(const JanitorTask& task, const core::RetentionFacts& facts,
                                     const RetentionStep& step) {
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t deleted,
                          retention_->DeleteRows(task.location, facts.low_water, step.offset,
                                                 step.rows, NewDeadline()));
  metrics_.deletes.Increment();
  return deleted > 0;
}

Result<bool> NodeJanitor::SplitTail(const JanitorTask& task, const RetentionStep& step) {
  const MonotonicTime begun = context_.clock.Now();
  const Status split = retention_->SplitTail(task.location, step.offset,
                                             context_.options.limits.split_rows_max, NewDeadline());
  if (split.ok()) {
    metrics_.splits.Increment();
    LANEMQ_LOG(INFO, "retention.split", {"partition", NameOf(task)}, {"at", step.offset.value},
               {"took_ms", Millis(context_.clock.Now() - begun)});
    return true;
  }
  // Another one split, or writers were quicker: the next look tells.
  const ErrorCode code = split.error().code;
  if (code == ErrorCode::kAlreadyExists || code == ErrorCode::kFailedPrecondition) return false;
  return split.error();
}

void NodeJanitor::OnResult(const JanitorTask& task, std::string_view what,
                           const Result<bool>& result, std::chrono::nanoseconds took) {
  const core::PartitionKey& key = task.location.key;
  const MonotonicTime now = context_.clock.Now();
  if (result.ok()) {
    if (!was_catalog_old_) {
      const auto since_epoch = std::chrono::microseconds(context_.clock.WallNow().micros);
      metrics_.last_success_seconds.Set(std::chrono::duration<double>(since_epoch).count());
    }
    const JanitorOptions& options = context_.options;
    const auto rest = std::min(took * options.table_rest_factor, options.rest_max);
    return *result ? queue_.OnProgress(key, now, rest) : queue_.OnIdle(key, now);
  }
  switch (result.error().code) {
    case ErrorCode::kUnknownTopicOrPartition:  // Being made, or deleted.
      return queue_.OnIdle(key, now);
    case ErrorCode::kConflict:
      metrics_.lock_timeouts.Increment();
      LANEMQ_LOG(INFO, "retention.busy", {"partition", NameOf(task)}, {"step", what});
      return queue_.OnFailed(key, now);
    default:
      queue_.OnFailed(key, now);
      OnFailure(what, NameOf(task), result.error());
  }
}

}  // namespace lanemq::broker
