#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "common/base/clock.h"
#include "common/core/store/message_store.h"

namespace lanemq::broker {

/// A MessageStore for callers whose catalogue may be older than a partition's move to another data
/// node. Where the other store knows no such partition, though the catalogue has it: it asks for a
/// newer catalogue, and answers kDataNodeUnavailable instead of kUnknownTopicOrPartition, since
/// nothing was done and a moment later there is a place for it again. Once the catalogue says that
/// it is gone, so does this.
/// Thread safety: as the other store; the hooks are called from any thread and must not block.
class PlacedStore final : public core::MessageStore {
 public:
  struct Hooks {
    /// Whether the newest catalogue has the partition, wherever it is.
    std::function<bool(const core::PartitionKey&)> is_active;
    /// Asks for a newer catalogue; called at most every `refresh_every`.
    std::function<void()> refresh;
    std::chrono::milliseconds refresh_every{200};
  };

  /// `store` outlives this.
  PlacedStore(core::MessageStore& store, Hooks hooks, const Clock& clock)
      : store_(store), hooks_(std::move(hooks)), clock_(clock) {}

  Status CreatePartition(const core::PartitionLocation& location, std::string_view topic_name,
                         Deadline deadline) override;
  Status DropPartition(const core::PartitionLocation& location, Deadline deadline) override;
  Status Append(const core::PartitionLocation& location, std::span<const core::RecordPtr> records,
                const core::ServerIdentity& expected_server, Deadline deadline) override;
  Result<core::TailInfo> ReadTail(const core::PartitionLocation& location,
                                  Deadline deadline) override;
  Result<std::vector<core::RecordIdentity>> ReadIdentities(const core::PartitionLocation& location,
                                                           core::Offset from, std::int32_t max,
                                                           Deadline deadline) override;
  Result<std::vector<core::RecordPtr>> Read(const core::PartitionLocation& location,
                                            core::Offset from, core::ReadLimits limits,
                                            Deadline deadline) override;
  Result<std::optional<core::RecordIdentity>> FindByTime(const core::PartitionLocation& location,
                                                         WallTime time, Deadline deadline) override;
  Result<std::vector<core::PartitionEnd>> ReadEnds(
      std::span<const core::PartitionLocation> locations, Deadline deadline) override;
  Result<std::optional<core::ProducerSnapshot>> LoadProducerSnapshot(
      const core::PartitionLocation& location, Deadline deadline) override;
  Status SaveProducerSnapshot(const core::PartitionLocation& location,
                              const core::ProducerSnapshot& snapshot, Deadline deadline) override;

 private:
  static constexpr MonotonicTime kNever{std::chrono::nanoseconds::min()};

  /// What the answer of a call on `key` means.
  template <typename T>
  T Judge(const core::PartitionKey& key, T result);
  void Refresh();

  core::MessageStore& store_;
  const Hooks hooks_;
  const Clock& clock_;
  std::atomic<MonotonicTime> asked_at_{kNever};
};

}  // namespace lanemq::broker
