#include "broker/handlers/failures/decide.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "broker/handlers/failures/settle_checks.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::broker {
namespace {

/// LogFailure and RetryOutcome name these alike.
template <typename Failure>
FailureClaim ClaimOf(const Failure& failure, std::int32_t attempts,
                     std::optional<std::chrono::milliseconds> keep_for) {
  return {attempts, failure.is_fatal,
          failure.__isset.delay_ms ? std::optional(failure.delay_ms) : std::nullopt,
          failure.keep ? keep_for : std::nullopt};
}

idl::KeptRetry ToWire(const core::KeptRetry& kept) {
  idl::KeptRetry wire;
  wire.offset = kept.offset.value;
  wire.attempt = kept.attempt;
  // Rounded up: never early.
  wire.due_in_ms = std::chrono::ceil<std::chrono::milliseconds>(kept.due_in).count();
  wire.first_failed_at_us = kept.first_at.micros;
  return wire;
}

}  // namespace

core::FailureFate DecideFate(const core::RetryPolicy& policy, const FailureClaim& claim,
                             std::string_view reason, Random& random) {
  core::FailureFate fate;
  fate.is_dead = claim.is_fatal;
  if (fate.is_dead) return fate;
  const core::RetryDecision decision = core::DecideRetry(policy, claim.attempts, reason, random);
  fate.is_dead = decision.is_dead;
  if (fate.is_dead) return fate;
  fate.due_in = claim.delay_ms ? std::chrono::milliseconds(*claim.delay_ms) : decision.delay;
  const bool is_last = claim.attempts + 1 >= policy.max_attempts;
  if (fate.due_in <= core::kKeptWaitMax && !is_last) fate.kept_for = claim.keep_for;
  return fate;
}

bool NeedsPolicy(const idl::SettlePartition& partition) {
  return std::ranges::any_of(partition.failures, [](const auto& one) { return !one.is_fatal; }) ||
         std::ranges::any_of(partition.retries,
                             [](const auto& one) { return !one.is_ok && !one.is_fatal; });
}

core::PartitionSettlement MakeSettlement(const core::PartitionLocation& location,
                                         idl::SettlePartition&& partition,
                                         const core::RetryPolicy& policy,
                                         std::optional<std::chrono::milliseconds> keep_for,
                                         Random& random) {
  core::PartitionSettlement out;
  out.location = location;
  if (partition.__isset.commit) {
    idl::CommitPartition& commit = partition.commit;
    out.commit = core::OffsetCommit{
        location.key, core::Offset{commit.offset}, std::move(commit.metadata),
        commit.__isset.reset_epoch ? std::optional(commit.reset_epoch) : std::nullopt};
  }
  for (idl::LogFailure& failure : partition.failures) {
    const core::FailureFate fate = DecideFate(policy, ClaimOf(failure, failure.attempts, keep_for),
                                              failure.note.reason, random);
    out.failures.push_back({core::Offset{failure.offset}, failure.attempts, fate,
                            NoteFromWire(std::move(failure.note))});
  }
  for (idl::RetryOutcome& outcome : partition.retries) {
    core::RetryOutcome& end = out.retries.emplace_back();
    end.offset = core::Offset{outcome.offset};
    end.attempt = outcome.attempt;
    end.is_ok = outcome.is_ok;
    if (end.is_ok) continue;
    end.fate = DecideFate(policy, ClaimOf(outcome, outcome.attempt, keep_for), outcome.note.reason,
                          random);
    end.note = NoteFromWire(std::move(outcome.note));
  }
  if (partition.__isset.begins_offset) out.begins = core::Offset{partition.begins_offset};
  return out;
}

idl::SettlePartitionResult ResultOf(const core::PartitionSettlement& asked,
                                    const core::PartitionSettled& settled) {
  idl::SettlePartitionResult out;
  if (!settled.status.ok()) {
    out.error = wire::ToWire(settled.status.error());
    out.__isset.error = true;
    return out;
  }
  out.__set_retried(settled.retried);
  out.__set_dead(settled.dead);
  for (const core::Offset offset : settled.stale) out.stale.push_back(offset.value);
  out.__isset.stale = !out.stale.empty();
  if (asked.begins) out.__set_attempts(settled.attempts);
  std::set<core::Offset> others(settled.stale.begin(), settled.stale.end());
  for (const core::KeptRetry& kept : settled.kept) {
    out.kept.push_back(ToWire(kept));
    others.insert(kept.offset);
  }
  out.__isset.kept = !out.kept.empty();
  std::optional<std::chrono::microseconds> next;
  const auto add = [&](core::Offset offset, const core::FailureFate& fate) {
    if (fate.is_dead || others.contains(offset)) return;
    next = std::min(next.value_or(fate.due_in), fate.due_in);
  };
  for (const core::LogFailure& failure : asked.failures) add(failure.offset, failure.fate);
  for (const core::RetryOutcome& outcome : asked.retries) {
    if (!outcome.is_ok) add(outcome.offset, outcome.fate);
  }
  // Rounded up: a poll that comes too early finds nothing.
  if (next) out.__set_next_due_ms(std::chrono::ceil<std::chrono::milliseconds>(*next).count());
  return out;
}

}  // namespace lanemq::broker
