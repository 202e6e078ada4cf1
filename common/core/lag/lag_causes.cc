#include "common/core/lag/lag_causes.h"

#include <algorithm>

#include <fmt/format.h>

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr milliseconds kCanaryPatience = 1min;
constexpr milliseconds kRoundSlow = 1s;
constexpr milliseconds kRebalancePatience = 1min;
constexpr std::int32_t kRebalancesMany = 6;
constexpr std::int32_t kTriesMany = 3;
constexpr milliseconds kPollPatience = 1min;
constexpr double kSurgeFactor = 2;
constexpr double kSurgeRateMin = 1;
constexpr double kOutRateShare = 0.8;

/// "850 ms", "4.2 s", "12 min", "7.5 h".
std::string Duration(milliseconds time) {
  const auto seconds = static_cast<double>(time.count()) / 1'000;
  if (seconds < 1) return fmt::format("{} ms", time.count());
  if (seconds < 120) return fmt::format("{:.3g} s", seconds);
  if (seconds < 7'200) return fmt::format("{:.3g} min", seconds / 60);
  return fmt::format("{:.3g} h", seconds / 3'600);
}

bool IsNodeSlow(const CauseFacts& facts) {
  return facts.canary_failing_for >= kCanaryPatience || facts.round_took > kRoundSlow;
}

bool IsRebalancing(const CauseFacts& facts) {
  return (!facts.is_stable && facts.unstable_for >= kRebalancePatience) ||
         facts.rebalances > kRebalancesMany;
}

/// The producers changed, and the group works as it always did.
bool IsSurge(const CauseFacts& facts) {
  return facts.in_norm && facts.out_norm && facts.in_rate >= kSurgeRateMin &&
         facts.in_rate > kSurgeFactor * *facts.in_norm &&
         facts.out_rate >= kOutRateShare * *facts.out_norm;
}

bool IsStuck(const CauseFacts& facts) {
  return facts.status == LagStatus::kStop || facts.status == LagStatus::kStall;
}

/// Its owner is alive and polls, and no record gets done: it tries one again and again in place.
bool IsStuckInPlace(const CauseFacts& facts) {
  return IsStuck(facts) && facts.last_poll_age.has_value();
}

LagCause FirstCause(const CauseFacts& facts) {
  if (IsNodeSlow(facts)) return LagCause::kDataNodeSlow;
  if (facts.members == 0 && !facts.has_explicit_reader) return LagCause::kNoMembers;
  if (IsRebalancing(facts)) return LagCause::kRebalancing;
  if (std::max(facts.claims, facts.attempts) >= kTriesMany) return LagCause::kPoison;
  if (facts.last_poll_age.value_or(0ms) > kPollPatience) return LagCause::kNotPolling;
  if (facts.is_throttled) return LagCause::kThrottled;
  if (IsStuckInPlace(facts)) return LagCause::kPoison;
  if (IsSurge(facts)) return LagCause::kProducerSurge;
  if (!IsStuck(facts) && facts.partitions > 0 && facts.members >= facts.partitions &&
      facts.partitions_lagging == facts.partitions) {
    return LagCause::kTooFewPartitions;
  }
  return LagCause::kUnknown;
}

std::string PoisonEvidence(const CauseFacts& facts) {
  if (std::max(facts.attempts, facts.claims) < kTriesMany) {
    return fmt::format("partition {}: its owner {} polls, and does not get past offset {}",
                       facts.partition, facts.owner, facts.committed.value);
  }
  const Offset record = facts.attempts >= kTriesMany && facts.attempt_offset.value >= 0
                            ? facts.attempt_offset
                            : facts.committed;
  if (facts.attempts >= facts.claims) {
    return fmt::format("partition {}: offset {} was tried {} times and fails each time",
                       facts.poison_partition, record.value, facts.attempts);
  }
  return fmt::format(
      "partition {}: {} members in turn took it at offset {} and did not get past it",
      facts.poison_partition, facts.claims, record.value);
}

std::string EvidenceOf(LagCause cause, const CauseFacts& facts) {
  switch (cause) {
    case LagCause::kNone:
      return {};
    case LagCause::kUnknown:
      return fmt::format(
          "{} members, {:.3g} messages/s in, {:.3g} messages/s committed: none of "
          "the known causes fits",
          facts.members, facts.in_rate, facts.out_rate);
    case LagCause::kNoMembers:
      return "the group has no members: none of its processes is connected";
    case LagCause::kNotPolling:
      return fmt::format("partition {}: its owner {} sends heartbeats but has not polled for {}",
                         facts.partition, facts.owner, Duration(facts.last_poll_age.value_or(0ms)));
    case LagCause::kPoison:
      return PoisonEvidence(facts);
    case LagCause::kTooFewPartitions:
      return fmt::format(
          "all {} partitions lag and {} members read them: more members would have "
          "nothing to read",
          facts.partitions, facts.members);
    case LagCause::kThrottled:
      return "the group is held back by a quota";
    case LagCause::kDataNodeSlow:
      if (facts.canary_failing_for >= kCanaryPatience) {
        return fmt::format("data node {}: test messages have been late or failing for {}",
                           facts.node_name, Duration(facts.canary_failing_for));
      }
      return fmt::format("data node {}: reading its offsets took {}", facts.node_name,
                         Duration(facts.round_took));
    case LagCause::kProducerSurge:
      return fmt::format(
          "producers write {:.3g} messages/s, {:.3g} times the usual, and the group "
          "commits {:.3g} messages/s",
          facts.in_rate, facts.in_rate / std::max(facts.in_norm.value_or(0), 0.001),
          facts.out_rate);
    case LagCause::kRebalancing:
      if (!facts.is_stable && facts.unstable_for >= kRebalancePatience) {
        return fmt::format("the group has been {} for {}", facts.group_state,
                           Duration(facts.unstable_for));
      }
      return fmt::format("{} rebalances in 15 minutes", facts.rebalances);
  }
  return {};
}

}  // namespace

FoundCause FindCause(const CauseFacts& facts) {
  if (!IsTrouble(facts.status)) return {};
  const LagCause cause = FirstCause(facts);
  return {cause, EvidenceOf(cause, facts)};
}

const JudgedPartition* WorstPartition(const GroupTopicLag& group) {
  const auto worst = std::max_element(group.partitions.begin(), group.partitions.end(),
                                      [](const JudgedPartition& a, const JudgedPartition& b) {
                                        if (a.verdict.status != b.verdict.status) {
                                          return a.verdict.status < b.verdict.status;
                                        }
                                        return a.verdict.lag < b.verdict.lag;
                                      });
  return worst == group.partitions.end() ? nullptr : &*worst;
}

CauseFacts FactsOf(const GroupTopicLag& group) {
  CauseFacts facts{.status = group.status,
                   .members = group.members,
                   .in_rate = group.in_rate,
                   .out_rate = group.out_rate,
                   .partitions = static_cast<std::int32_t>(group.partitions.size())};
  if (const JudgedPartition* const worst = WorstPartition(group)) {
    facts.partition = worst->sample.key.partition;
    facts.owner = worst->sample.member_id;
    facts.committed = worst->sample.committed;
  }
  for (const JudgedPartition& partition : group.partitions) {
    const LagSample& sample = partition.sample;
    if (partition.verdict.lag_messages > 0) ++facts.partitions_lagging;
    if (!IsTrouble(partition.verdict.status)) continue;
    if (sample.member_id.empty()) facts.has_explicit_reader = true;
    if (std::max(sample.claims, sample.attempts) > std::max(facts.claims, facts.attempts)) {
      facts.poison_partition = sample.key.partition;
      facts.committed = sample.committed;
      facts.claims = sample.claims;
      facts.attempts = sample.attempts;
      facts.attempt_offset = sample.attempt_offset;
    }
  }
  return facts;
}

}  // namespace lanemq::core
