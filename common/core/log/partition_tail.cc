#include "common/core/log/partition_tail.h"

#include <algorithm>

#include "common/base/check.h"

namespace lanemq::core {

template <typename Row>
void PartitionTail::Note(const Row& row) {
  next_ = Offset{row.offset.value + 1};
  last_timestamp_ = std::max(last_timestamp_, row.timestamp);
  if (row.offset <= producers_through_) return;
  const bool extends = run_.count > 0 && row.producer == run_producer_ &&
                       row.sequence == run_.first_sequence + run_.count &&
                       row.offset.value == run_.first_offset.value + run_.count;
  if (extends) {
    ++run_.count;
    return;
  }
  FlushRun();
  run_producer_ = row.producer;
  run_ = {row.sequence, 1, row.offset};
}

void PartitionTail::FlushRun() {
  if (run_.count > 0) producers_.Note(run_producer_, run_);
  run_ = {};
}

std::size_t PartitionTail::Absorb(std::span<const RecordIdentity> rows) {
  std::size_t taken = 0;
  for (const RecordIdentity& row : rows) {
    if (row.offset != next_) break;
    Note(row);
    ++taken;
  }
  FlushRun();
  return taken;
}

void PartitionTail::AbsorbOwn(std::span<const RecordPtr> rows) {
  for (const RecordPtr& row : rows) {
    LANEMQ_CHECK(row->offset == next_);
    Note(*row);
  }
  FlushRun();
}

void PartitionTail::SkipTo(Offset next) {
  LANEMQ_CHECK(next >= next_);
  next_ = next;
}

}  // namespace lanemq::core
