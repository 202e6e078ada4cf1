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
  /// What is kept of each stored message, for WriteTo().
  enum class Lines {
    kNone,
    kJson,     ///< Where it is, or its handle, as a JSON object.
    kHandles,  ///< What cancels a delayed message.
  };
  DeliveryLog(std::string topic, Lines kind);

  /// For one more message. Call in the order of sending.
  Producer::Callback NewCallback();
  [[nodiscard]] std::int64_t accepted() const { return accepted_; }
  [[nodiscard]] bool has_failed() const;
  [[nodiscard]] std::optional<Error> first_error() const;

  /// Hands over the lines that came since the last call.
  void WriteTo(Output& out);
  void ShowProgress(Output& out) const;
  /// "1,000 messages in 0.2 s (5,000/s)".
  [[nodiscard]] std::string Summary() const;
  [[nodiscard]] std::string JsonSummary() const;

 private:
  void Note(const Result<RecordMetadata>& result);
  [[nodiscard]] double Seconds() const;

  const std::string topic_;
  const Lines kind_;
  const MonotonicTime began_;
  std::int64_t accepted_ = 0;

  mutable Mutex mutex_;
  std::int64_t stored_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::int64_t failed_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::optional<Error> first_error_ LANEMQ_GUARDED_BY(mutex_);
  std::string lines_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::cli
