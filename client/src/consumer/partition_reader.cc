#include "client/src/consumer/partition_reader.h"

#include <algorithm>
#include <iterator>

#include "common/base/check.h"

namespace lanemq::client {

void PartitionReader::Clear() {
  chunks_.clear();
  taken_ = buffered_bytes_ = buffered_records_ = 0;
  request_ = 0;
  not_before_ = {};
  unknown_since_.reset();
  failure_.reset();
  is_failure_told = false;
  is_busy = false;
}

void PartitionReader::Seek(std::int64_t offset) {
  Clear();
  start_.reset();
  why_.clear();
  position_ = fetch_offset_ = offset;
}

void PartitionReader::SeekTo(StartAt start, std::string why) {
  Clear();
  start_ = start;
  why_ = std::move(why);
}

bool PartitionReader::OnClaimed(std::optional<std::int64_t> committed, std::int64_t epoch) {
  must_claim_ = false;
  row_max = committed.value_or(0);
  LearnEpoch(epoch);
  if (start_ != StartAt::kCommitted) return true;
  if (!committed) return false;
  Seek(*committed);
  return true;
}

void PartitionReader::OnCommitted(std::int64_t offset) {
  // They were passed by the row already, by an operator or another reader.
  (void)failures.DropBelow(offset);
  row_max = offset;
  Seek(offset);
}

bool PartitionReader::OnRow(std::optional<std::int64_t> committed, std::int64_t epoch) {
  if (must_claim_ || !epoch_ || epoch <= *epoch_) return false;
  epoch_ = epoch;
  if (committed) {
    OnCommitted(*committed);
  } else {
    SeekTo(StartAt::kCommitted, "the group's offset was reset");
  }
  return true;
}

void PartitionReader::LearnEpoch(std::int64_t epoch) {
  epoch_ = epoch;
  if (!records_epoch_) records_epoch_ = epoch;
}

void PartitionReader::Add(std::vector<std::vector<ConsumedRecord>> chunks, std::size_t bytes) {
  LANEMQ_CHECK(request_ == 0 && !start_);
  unknown_since_.reset();
  is_busy = !chunks.empty();
  std::int64_t expected = fetch_offset_;
  for (std::vector<ConsumedRecord>& chunk : chunks) {
    const auto gap = std::find_if(chunk.begin(), chunk.end(), [&](const ConsumedRecord& record) {
      return record.offset != expected++;
    });
    if (gap != chunk.end()) {
      // `expected` has been counted past the gap.
      Fail({ErrorCode::kDataLossDetected, id_->topic + "/" + std::to_string(id_->partition) +
                                              ": the broker sent offset " +
                                              std::to_string(gap->offset) + " where " +
                                              std::to_string(expected - 1) + " comes next"});
      chunk.erase(gap, chunk.end());
    }
    buffered_records_ += chunk.size();
    fetch_offset_ += static_cast<std::int64_t>(chunk.size());
    if (!chunk.empty()) chunks_.push_back(std::move(chunk));
    if (failure_) break;
  }
  buffered_bytes_ += bytes;
}

void PartitionReader::Take(std::size_t max, std::vector<ConsumedRecord>& out) {
  if (max > 0 && !chunks_.empty()) records_epoch_ = epoch_;
  const std::int64_t from_offset = position_;
  while (max > 0 && !chunks_.empty()) {
    std::vector<ConsumedRecord>& chunk = chunks_.front();
    const std::size_t count = std::min(max, chunk.size() - taken_);
    if (out.empty() && count == chunk.size()) {
      out.swap(chunk);
      taken_ = 0;
      chunks_.pop_front();
    } else {
      const auto from = chunk.begin() + static_cast<std::ptrdiff_t>(taken_);
      out.insert(out.end(), std::make_move_iterator(from),
                 std::make_move_iterator(from + static_cast<std::ptrdiff_t>(count)));
      taken_ += count;
      if (taken_ == chunk.size()) {
        chunks_.pop_front();
        taken_ = 0;
      }
    }
    max -= count;
    position_ += static_cast<std::int64_t>(count);
    // By their mean size: exact when the buffer is empty.
    buffered_bytes_ -= buffered_bytes_ / buffered_records_ * count;
    buffered_records_ -= count;
    if (buffered_records_ == 0) buffered_bytes_ = 0;
  }
  failures.OnRecords(from_offset, static_cast<std::size_t>(position_ - from_offset));
}

void PartitionReader::Retry(const Error& error, MonotonicTime now, std::chrono::nanoseconds pause,
                            std::chrono::nanoseconds unknown_max) {
  not_before_ = now + pause;
  if (error.code != ErrorCode::kUnknownTopicOrPartition) {
    unknown_since_.reset();
    return;
  }
  if (!unknown_since_) unknown_since_ = now;
  if (now - *unknown_since_ >= unknown_max) Fail(error);
}

void PartitionReader::Fail(Error error) {
  failure_ = std::move(error);
  is_failure_told = false;
}

}  // namespace lanemq::client
