#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "common/core/store/outbox_registry.h"

namespace prometheus {
class Gauge;
class Registry;
template <typename T>
class Family;
}  // namespace prometheus

namespace lanemq::metaserver {

/// The metrics of outboxes: a series of each for every outbox that was set last.
/// Not thread-safe; one owner.
class OutboxGauges {
 public:
  /// `registry` must outlive it.
  explicit OutboxGauges(prometheus::Registry& registry);
  /// `count`: of all outboxes, also those without series.
  void Set(const std::vector<core::RegisteredOutbox>& outboxes, std::size_t count);

 private:
  static constexpr std::size_t kFamilies = 6;
  using Gauges = std::array<prometheus::Gauge*, kFamilies>;

  prometheus::Family<prometheus::Gauge>& count_;
  const std::array<prometheus::Family<prometheus::Gauge>*, kFamilies> families_;
  std::map<std::string, Gauges> series_;
};

}  // namespace lanemq::metaserver
