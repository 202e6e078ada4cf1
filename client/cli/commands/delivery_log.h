#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/cli/terminal/output.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "lanemq/producer.h"

namespace lanemq::cli {

/// Counts what became of the messages of one `produce`.
///
/// Thread safety: the callbacks run on the producer's thread; everything else on one other.
/// Outlives the producer.
class DeliveryLog {
 public:
  /// `has_lines`: keeps a JSON line per stored message for WriteTo().
  DeliveryLog(std::string topic, bool has_lines);

  /// For one more message. Call in the order of sending.
  Producer::Callback NewCallback();
  [[nodiscard]] std::int64_t accepted() const { return accepted_; }
  [[nodiscard]] bool has_failed() const;
  [[nodiscard]] std::optional<Error> first_error() const;

  /// Hands over the JSON lines that came since the last call.
  void WriteTo(Output& out);
  void ShowProgress(Output& out) const;
  /// "1,000 messages in 0.2 s (5,000/s)".
  [[nodiscard]] std::string Summary() const;
  [[nodiscard]] std::string JsonSummary() const;

 private:
  void Note(const Result<RecordMetadata>& result);
  [[nodiscard]] double Seconds() const;

  const std::string topic_;
  const bool has_lines_;
  const MonotonicTime began_;
  std::int64_t accepted_ = 0;

  mutable Mutex mutex_;
  std::int64_t stored_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::int64_t failed_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::optional<Error> first_error_ LANEMQ_GUARDED_BY(mutex_);
  std::string lines_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::cli
