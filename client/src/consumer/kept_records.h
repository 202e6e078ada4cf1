#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>

#include "common/base/time.h"
#include "lanemq/record.h"

namespace lanemq::client {

/// A lease for an application that has `lease` from Poll() on: longer, for retries wait for Poll()
/// first.
[[nodiscard]] std::chrono::milliseconds LeaseWithSlack(std::chrono::milliseconds lease);

/// Copies of failed records, so that a retry that is due soon need not be read again. No more than
/// Poll() will hand out in time: what is kept has an attempt counted, and waits for its turn in the
/// slack of its lease. None while Poll() hands records out in bursts with long pauses.
///
/// Not thread-safe; what it returns may be let go of on any thread.
class KeptRecords {
 public:
  static constexpr std::size_t kRecordsMax = 40'000;
  static constexpr std::size_t kBytesMax = 16u << 20;
  using Record = std::shared_ptr<ConsumedRecord>;

  /// `lease`: what the application has.
  explicit KeptRecords(std::chrono::milliseconds lease) : slack_(LeaseWithSlack(lease) - lease) {}

  /// Poll() handed `count` records out.
  void OnPolled(std::size_t count, MonotonicTime now);
  /// A copy, counted until it is let go of; nullptr: there is no room.
  [[nodiscard]] Record Keep(const ConsumedRecord& record, MonotonicTime now);

 private:
  struct Used {
    std::atomic<std::size_t> records{0};
    std::atomic<std::size_t> bytes{0};
  };
  void Turn(MonotonicTime now);
  [[nodiscard]] bool IsSteady(MonotonicTime now) const;
  [[nodiscard]] std::size_t RecordsMax(MonotonicTime now);

  const std::chrono::milliseconds slack_;
  const std::shared_ptr<Used> used_ = std::make_shared<Used>();
  MonotonicTime steady_since_;  // No long pauses since, until:
  MonotonicTime last_polled_;
  MonotonicTime window_;  // When it began; as long as the slack.
  std::size_t polled_ = 0;
  std::size_t polled_before_ = 0;  // In the window before.
};

}  // namespace lanemq::client
