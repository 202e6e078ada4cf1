#include "common/core/quota/team_buckets.h"

#include <algorithm>
#include <utility>

namespace lanemq::core {
namespace {

void SetRate(std::optional<TokenBucket>& bucket, std::optional<std::int64_t> quota,
             std::size_t brokers, MonotonicTime now) {
  if (!quota) {
    bucket.reset();
    return;
  }
  const double share = static_cast<double>(*quota) / static_cast<double>(brokers);
  if (bucket) {
    bucket->SetRate(share, now);
  } else {
    bucket.emplace(share, now);
  }
}

bool HasRate(const TeamQuota& quota) {
  return quota.produce_bytes_per_s || quota.messages_per_s || quota.fetch_bytes_per_s;
}

}  // namespace

void TeamBuckets::Set(std::span<const QuotaOfTeam> quotas, std::size_t live_brokers,
                      MonotonicTime now) {
  const std::size_t brokers = std::max<std::size_t>(live_brokers, 1);
  std::map<std::string, Buckets, std::less<>> before = std::exchange(teams_, {});
  has_produce_ = false;
  has_fetch_ = false;
  for (const auto& [team, quota] : quotas) {
    if (!HasRate(quota)) continue;
    Buckets& buckets = teams_[team];
    if (const auto known = before.find(team); known != before.end()) buckets = known->second;
    SetRate(buckets.produce_bytes, quota.produce_bytes_per_s, brokers, now);
    SetRate(buckets.messages, quota.messages_per_s, brokers, now);
    SetRate(buckets.fetch_bytes, quota.fetch_bytes_per_s, brokers, now);
    has_produce_ = has_produce_ || quota.produce_bytes_per_s || quota.messages_per_s;
    has_fetch_ = has_fetch_ || quota.fetch_bytes_per_s;
  }
}

std::optional<TeamBuckets::Refusal> TeamBuckets::TryProduce(std::string_view team,
                                                            std::size_t bytes, std::size_t messages,
                                                            MonotonicTime now) {
  const auto found = teams_.find(team);
  if (found == teams_.end()) return std::nullopt;
  std::optional<Refusal> refusal;
  const auto look = [&](std::optional<TokenBucket>& bucket, What what, std::size_t amount) {
    if (!bucket) return;
    const auto wait = bucket->WaitInLine(static_cast<double>(amount), now);
    if (wait.count() == 0 || (refusal && refusal->retry_after >= wait)) return;
    refusal = Refusal{what, wait, bucket->rate()};
  };
  look(found->second.produce_bytes, What::kProduceBytes, bytes);
  look(found->second.messages, What::kMessages, messages);
  if (refusal) return refusal;
  if (found->second.produce_bytes) {
    found->second.produce_bytes->Take(static_cast<double>(bytes), now);
  }
  if (found->second.messages) found->second.messages->Take(static_cast<double>(messages), now);
  return std::nullopt;
}

void TeamBuckets::GiveBack(std::string_view team, std::size_t bytes, std::size_t messages,
                           MonotonicTime now) {
  const auto found = teams_.find(team);
  if (found == teams_.end()) return;
  if (found->second.produce_bytes) {
    found->second.produce_bytes->GiveBack(static_cast<double>(bytes), now);
  }
  if (found->second.messages) found->second.messages->GiveBack(static_cast<double>(messages), now);
}

std::optional<TeamBuckets::Refusal> TeamBuckets::CheckFetch(std::string_view team,
                                                            MonotonicTime now) const {
  const auto found = teams_.find(team);
  if (found == teams_.end() || !found->second.fetch_bytes) return std::nullopt;
  const auto wait = found->second.fetch_bytes->Wait(0, now);
  if (wait.count() == 0) return std::nullopt;
  return Refusal{What::kFetchBytes, wait, found->second.fetch_bytes->rate()};
}

void TeamBuckets::TakeFetch(std::string_view team, std::size_t bytes, MonotonicTime now) {
  const auto found = teams_.find(team);
  if (found == teams_.end() || !found->second.fetch_bytes) return;
  found->second.fetch_bytes->TakeLate(static_cast<double>(bytes), now);
}

std::string_view ToString(TeamBuckets::What what) {
  switch (what) {
    case TeamBuckets::What::kProduceBytes:
      return "produce_bytes_per_s";
    case TeamBuckets::What::kMessages:
      return "messages_per_s";
    case TeamBuckets::What::kFetchBytes:
      return "fetch_bytes_per_s";
  }
  return "unknown";
}

}  // namespace lanemq::core
