#include "broker/fetch/log_reader.h"

#include <utility>

#include <fmt/format.h>

namespace lanemq::broker {

using core::Offset;

Error OutOfRange(Offset offset, const LogEnds& ends) {
  return {ErrorCode::kOffsetOutOfRange,
          fmt::format("offset {} is outside the log, which is {} up to {}", offset.value,
                      ends.start.value, ends.end.value)};
}

Result<LogEnds> LogReader::ReadEnds(const core::PartitionLocation& location) {
  const MonotonicTime asked_at = clock_.Now();
  const auto before = view_.EndsOf(location.key);
  LANEMQ_ASSIGN_OR_RETURN(const core::TailInfo tail,
                          store_.ReadTail(location, Deadline::After(clock_, sql_timeout_)));
  const LogEnds ends{tail.log_start, tail.End(), asked_at};
  view_.SetStart(location.key, ends.start);
  if (before && ends.end < before->end) {
    data_loss_.Raise(location.key, ends.end, Offset{before->end.value - 1},
                     "the log is shorter than it was: " + tail.server);
    view_.Reset(location.key, ends.end, asked_at);
  } else {
    view_.AdvanceEnd(location.key, ends.end, asked_at);
  }
  return ends;
}

// Looks at the ends again when what is known says that `from` is not in the log.
std::optional<Error> LogReader::CheckRange(const core::PartitionLocation& location, Offset from) {
  const auto known = view_.EndsOf(location.key);
  if (known && known->start.value > 0 && from >= known->start && from <= known->end) {
    return std::nullopt;
  }
  const auto ends = ReadEnds(location);
  if (!ends.ok()) return ends.error();
  if (from < ends->start || from > ends->end) return OutOfRange(from, *ends);
  return std::nullopt;
}

// There is no row at `from`, where one was expected.
std::optional<Error> LogReader::MissingAt(const core::PartitionLocation& location, Offset from,
                                          std::optional<Offset> next_row) {
  const auto ends = ReadEnds(location);
  if (!ends.ok()) return ends.error();
  if (from < ends->start || from > ends->end) return OutOfRange(from, *ends);
  if (from == ends->end) return std::nullopt;  // It was lost with the end; the alarm is raised.
  const Offset until = next_row.value_or(ends->end);
  data_loss_.Raise(location.key, from, Offset{until.value - 1}, "a reader found a hole");
  return Error{
      ErrorCode::kDataLossDetected,
      fmt::format("messages {} to {} are missing in the database", from.value, until.value - 1)};
}

LogSlice LogReader::Read(const core::PartitionLocation& location, Offset from,
                         core::ReadLimits limits) {
  LogSlice slice;
  if ((slice.error = CheckRange(location, from))) return slice;
  const auto before = view_.EndsOf(location.key);
  const MonotonicTime asked_at = clock_.Now();
  auto rows = store_.Read(location, from, limits, Deadline::After(clock_, sql_timeout_));
  if (!rows.ok()) {
    slice.error = rows.error();
    return slice;
  }
  std::vector<core::RecordPtr> records = std::move(rows).value();
  std::size_t dense = 0;
  while (dense < records.size() &&
         records[dense]->offset.value == from.value + static_cast<std::int64_t>(dense)) {
    ++dense;
  }
  if (dense == 0) {
    const bool is_at_end = records.empty() && (!before || before->end <= from);
    if (is_at_end) {
      view_.AdvanceEnd(location.key, from, asked_at);
    } else {
      slice.error = MissingAt(
          location, from, records.empty() ? std::nullopt : std::optional(records.front()->offset));
    }
    return slice;
  }
  records.resize(dense);  // What follows a hole is for the next call to stumble over.
  metrics_.fetch_records_from_database.Increment(static_cast<double>(dense));
  const Offset end{from.value + static_cast<std::int64_t>(dense)};
  if (!before || end >= before->end) {
    view_.AddRows(location.key, records, asked_at);
  }
  slice.records = std::move(records);
  return slice;
}

}  // namespace lanemq::broker
