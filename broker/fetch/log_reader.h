#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "broker/data_loss.h"
#include "broker/fetch/log_view.h"
#include "common/base/clock.h"
#include "common/core/store/message_store.h"

namespace lanemq::broker {

/// Records from the offset asked for on, consecutive; or why not.
struct LogSlice {
  std::vector<core::RecordPtr> records;
  std::optional<Error> error;
};

/// Reads a partition from its database and checks what it got: density, both ends. A hole is
/// reported and never skipped. Blocking: for the data nodes' threads.
/// Thread safety: every method from any thread.
class LogReader {
 public:
  LogReader(core::MessageStore& store, LogView& view, DataLossAlarm& data_loss, Metrics& metrics,
            const Clock& clock, std::chrono::nanoseconds sql_timeout)
      : store_(store),
        view_(view),
        data_loss_(data_loss),
        metrics_(metrics),
        clock_(clock),
        sql_timeout_(sql_timeout) {}

  /// Empty without an error: `from` is the end. kOffsetOutOfRange below the start or beyond the
  /// end, after looking again; kDataLossDetected at a hole; store errors.
  [[nodiscard]] LogSlice Read(const core::PartitionLocation& location, core::Offset from,
                              core::ReadLimits limits);

  /// Both ends, from the database.
  Result<LogEnds> ReadEnds(const core::PartitionLocation& location);

 private:
  [[nodiscard]] std::optional<Error> CheckRange(const core::PartitionLocation& location,
                                                core::Offset from);
  [[nodiscard]] std::optional<Error> MissingAt(const core::PartitionLocation& location,
                                               core::Offset from,
                                               std::optional<core::Offset> next_row);

  core::MessageStore& store_;
  LogView& view_;
  DataLossAlarm& data_loss_;
  Metrics& metrics_;
  const Clock& clock_;
  const std::chrono::nanoseconds sql_timeout_;
};

/// "offset 7 of topic 3 partition 0 is outside 10..20", for clients and operators.
[[nodiscard]] Error OutOfRange(core::Offset offset, const LogEnds& ends);

}  // namespace lanemq::broker
