#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/base/error.h"
#include "common/base/time.h"
#include "common/core/types/record.h"

namespace lanemq::broker {

/// One partition of a fetch.
struct FetchSlot {
  std::size_t index = 0;  ///< Its place in the request.
  core::PartitionLocation location;
  core::Offset offset;
  std::size_t bytes_max = 0;

  // The result.
  std::vector<core::RecordPtr> records;
  std::size_t bytes = 0;
  std::optional<Error> error;
};

/// A fetch of several partitions. Owned by one thread, or by the parked ones, at any time.
struct FetchCall {
  std::vector<FetchSlot> slots;
  std::size_t bytes_min = 1;
  std::size_t bytes_max = 8u << 20;
  std::int32_t records_max = 5'000;
  MonotonicTime deadline;
  std::optional<MonotonicTime> parked_at;  ///< While it waits for messages.
  std::chrono::nanoseconds waited{0};      ///< For them, in all.
  std::uint64_t timer = 0;                 ///< FetchManager's, for `deadline`; 0: none yet.
  /// Called exactly once, on any thread, with the results in the slots.
  std::function<void(FetchCall&)> done;
  /// False once nobody waits for the answer any more. May be empty.
  std::function<bool()> is_wanted;
  /// False, with errors in the slots, once the caller may not read all of them any more. Asked
  /// while the call is parked; must not block. Empty: he may whatever comes.
  std::function<bool(FetchCall&)> is_allowed;
};

}  // namespace lanemq::broker
