#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/core/types/audit.h"

namespace lanemq::sql {

/// What one statement has answered, newest first: no more than it was asked for, whatever the
/// server sends. Not thread-safe.
class AuditBatch {
 public:
  /// A batch has one event at least, if there is one.
  AuditBatch(std::size_t rows_max, std::size_t bytes_max)
      : rows_max_(rows_max), bytes_max_(bytes_max) {}

  /// Whether further ones are wanted.
  bool Add(core::AuditEvent event);
  /// There are none that belong behind the last one.
  [[nodiscard]] bool is_all() const { return !is_cut_ && events_.size() < rows_max_; }
  [[nodiscard]] std::vector<core::AuditEvent>& events() { return events_; }

  /// The newest of both, each once, as far as both have told.
  [[nodiscard]] static AuditBatch Merge(AuditBatch a, AuditBatch b);

 private:
  std::size_t rows_max_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  bool is_cut_ = false;  ///< Because of its bytes.
  std::int64_t last_id_ = 0;
  std::vector<core::AuditEvent> events_;
};

}  // namespace lanemq::sql
