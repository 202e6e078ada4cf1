#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/time.h"
#include "common/core/access/access_types.h"
#include "common/core/quota/token_bucket.h"

namespace lanemq::core {

/// What one broker lets each team do a second: its share, `quota / live brokers`, of every quota
/// that is a rate. Bounded by the number of teams with such a quota.
///
/// Pure: told quotas, brokers and the time. Not thread-safe; one owner.
class TeamBuckets {
 public:
  enum class What : std::uint8_t { kProduceBytes, kMessages, kFetchBytes };
  struct Refusal {
    What what = What::kProduceBytes;
    std::chrono::nanoseconds retry_after{};
    double share_per_s = 0;  ///< Of this broker.
  };

  /// What holds from now on. Buckets that stay keep their level; teams without a rate go.
  /// `live_brokers` below 1 counts as 1: this one.
  void Set(std::span<const QuotaOfTeam> quotas, std::size_t live_brokers, MonotonicTime now);

  /// Takes both, or nothing. nullopt: taken, or the team has no such quota.
  std::optional<Refusal> TryProduce(std::string_view team, std::size_t bytes, std::size_t messages,
                                    MonotonicTime now);
  /// What TryProduce() took came to nothing.
  void GiveBack(std::string_view team, std::size_t bytes, std::size_t messages, MonotonicTime now);
  /// Before reading, when it is not known yet how much that will bring. nullopt: may read.
  [[nodiscard]] std::optional<Refusal> CheckFetch(std::string_view team, MonotonicTime now) const;
  /// Fetches that passed together make a debt of TokenBucket::kLateDebtMax at most: over a long
  /// window a team may get, each time, so much more as goes beyond that.
  void TakeFetch(std::string_view team, std::size_t bytes, MonotonicTime now);

  [[nodiscard]] bool has_produce() const { return has_produce_; }
  [[nodiscard]] bool has_fetch() const { return has_fetch_; }
  [[nodiscard]] std::size_t size() const { return teams_.size(); }

 private:
  struct Buckets {
    std::optional<TokenBucket> produce_bytes;
    std::optional<TokenBucket> messages;
    std::optional<TokenBucket> fetch_bytes;
  };

  std::map<std::string, Buckets, std::less<>> teams_;
  bool has_produce_ = false;
  bool has_fetch_ = false;
};

/// "produce_bytes_per_s", "messages_per_s", "fetch_bytes_per_s": the quota's field.
[[nodiscard]] std::string_view ToString(TeamBuckets::What what);

}  // namespace lanemq::core
