#include "common/core/log/append_planner.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace lanemq::core {
namespace {

// What the rows planned so far add to the tail's knowledge of one producer.
struct Planned {
  std::int64_t next_sequence = 0;
  std::vector<SequenceRun> runs;
};

class Planner {
 public:
  Planner(const PartitionTail& tail, const AppendPlanLimits& limits, AppendTimes times)
      : tail_(tail),
        limits_(limits),
        now_(times.now),
        next_(tail.next()),
        timestamp_(std::max(times.wall, tail.last_timestamp())) {}

  /// nullopt: not to be decided on this tail.
  std::optional<PlannedRequest> Plan(const AppendRequest& request) {
    if (request.producer.value <= 0) return Store(request, 0, {});
    const auto next = NextSequence(request.producer);
    if (request.base_sequence > next.value_or(0)) {
      const MonotonicTime confirm_at = request.submitted_at + limits_.gap_confirm_after;
      const MonotonicTime refuse_at = request.submitted_at + limits_.gap_patience;
      if (now_ < confirm_at) return Defer(confirm_at);
      if (!tail_.IsConfirmedSince(now_ < refuse_at ? confirm_at : refuse_at)) return std::nullopt;
      if (now_ < refuse_at) return Defer(refuse_at);
    }
    if (!next && request.base_sequence != 0) {
      return Refuse(ErrorCode::kUnknownProducerId,
                    fmt::format("producer {} is not remembered and sent sequence {}, not 0",
                                request.producer.value, request.base_sequence));
    }
    const std::int64_t expected = next.value_or(0);
    if (request.base_sequence > expected) {
      return Refuse(ErrorCode::kOutOfOrderSequence,
                    fmt::format("producer {} sent sequence {}; the next is {}",
                                request.producer.value, request.base_sequence, expected));
    }
    const auto count = static_cast<std::int64_t>(request.records.size());
    const std::int64_t known = std::min(expected - request.base_sequence, count);
    if (known == 0) return Store(request, 0, {});
    bool is_all_stored = true;
    bool is_any_forgotten = false;
    auto prefix = OffsetsOf(request, known, is_all_stored, is_any_forgotten);
    if (known < count) return Store(request, static_cast<std::size_t>(known), std::move(prefix));
    return Duplicate(request, std::move(prefix), is_all_stored, is_any_forgotten);
  }

  std::vector<RecordPtr> TakeRows() { return std::move(rows_); }

 private:
  static PlannedRequest Defer(MonotonicTime until) {
    PlannedRequest out;
    out.deferred_until = until;
    return out;
  }

  static PlannedRequest Refuse(ErrorCode code, std::string message) {
    PlannedRequest out;
    out.is_decided = true;
    out.outcome.error = Error{code, std::move(message)};
    return out;
  }

  std::optional<std::int64_t> NextSequence(ProducerId producer) const {
    const auto it = planned_.find(producer);
    if (it != planned_.end()) return it->second.next_sequence;
    return tail_.producers().NextSequence(producer);
  }

  // Where the first `count` sequences of the request are, or will be with this plan.
  std::vector<OffsetRun> OffsetsOf(const AppendRequest& request, std::int64_t count,
                                   bool& is_all_stored, bool& is_any_forgotten) const {
    std::vector<OffsetRun> out;
    const std::int64_t end = request.base_sequence + count;
    for (std::int64_t sequence = request.base_sequence; sequence < end;) {
      auto run = FindPlanned(request.producer, sequence);
      if (run) {
        is_all_stored = false;
      } else {
        run = tail_.producers().Find(request.producer, sequence);
      }
      if (!run) {
        is_any_forgotten = true;
        if (out.empty() || out.back().first != kForgottenOffset) out.push_back({kForgottenOffset});
        ++out.back().count;
        ++sequence;
        continue;
      }
      const std::int64_t until = std::min(end, run->first_sequence + run->count);
      out.push_back({run->OffsetOf(sequence), until - sequence});
      sequence = until;
    }
    return out;
  }

  std::optional<SequenceRun> FindPlanned(ProducerId producer, std::int64_t sequence) const {
    const auto it = planned_.find(producer);
    if (it == planned_.end()) return std::nullopt;
    for (const SequenceRun& run : it->second.runs) {
      if (run.Contains(sequence)) return run;
    }
    return std::nullopt;
  }

  PlannedRequest Duplicate(const AppendRequest& request, std::vector<OffsetRun> offsets,
                           bool is_all_stored, bool is_any_forgotten) const {
    PlannedRequest out;
    // A repetition of rows of this very plan is stored when they are.
    out.is_decided = is_all_stored;
    out.records_skipped = request.records.size();
    out.outcome.is_duplicate = true;
    out.outcome.offsets = std::move(offsets);
    if (is_any_forgotten) {
      out.outcome.error = Error{ErrorCode::kDuplicateSequence,
                                fmt::format("producer {} stored sequence {} long ago",
                                            request.producer.value, request.base_sequence)};
    }
    return out;
  }

  PlannedRequest Store(const AppendRequest& request, std::size_t skip,
                       std::vector<OffsetRun> prefix) {
    const auto count = static_cast<std::int64_t>(request.records.size() - skip);
    PlannedRequest out;
    out.records_skipped = skip;
    out.outcome.offsets = std::move(prefix);
    out.outcome.offsets.push_back({next_, count});
    out.outcome.timestamp = timestamp_;
    if (request.producer.value > 0) {
      Planned& planned = planned_[request.producer];
      const std::int64_t first = request.base_sequence + static_cast<std::int64_t>(skip);
      planned.runs.push_back({first, count, next_});
      planned.next_sequence = first + count;
    }
    for (std::size_t i = skip; i < request.records.size(); ++i) {
      Record& record = *request.records[i];
      record.offset = next_;
      record.timestamp = timestamp_;
      rows_.push_back(request.records[i]);
      ++next_.value;
    }
    return out;
  }

  const PartitionTail& tail_;
  const AppendPlanLimits& limits_;
  const MonotonicTime now_;
  Offset next_;
  const WallTime timestamp_;
  std::vector<RecordPtr> rows_;
  std::unordered_map<ProducerId, Planned> planned_;
};

}  // namespace

AppendPlan PlanAppend(const std::deque<AppendRequest>& queue, const PartitionTail& tail,
                      const AppendPlanLimits& limits, AppendTimes times) {
  AppendPlan plan;
  Planner planner(tail, limits, times);
  std::size_t records = 0;
  std::size_t bytes = 0;
  for (const AppendRequest& request : queue) {
    const bool fits = records + request.records.size() <= limits.records_max &&
                      bytes + request.bytes <= limits.bytes_max;
    if (!fits && records > 0) break;
    auto planned = planner.Plan(request);
    plan.needs_current_tail = !planned;
    if (!planned) break;
    plan.requests.push_back(std::move(*planned));
    const PlannedRequest& latest = plan.requests.back();
    if (latest.deferred_until) {
      plan.gap_until =
          std::min(plan.gap_until.value_or(*latest.deferred_until), *latest.deferred_until);
      continue;
    }
    plan.is_idle = false;
    if (latest.is_decided || latest.records_skipped == request.records.size()) continue;
    records += request.records.size();
    bytes += request.bytes;
  }
  plan.rows = planner.TakeRows();
  return plan;
}

}  // namespace lanemq::core
