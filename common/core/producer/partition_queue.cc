#include "common/core/producer/partition_queue.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace lanemq::core {
namespace {

// Refusals that say nothing against the batch itself: a later attempt may succeed.
bool IsWorthRetrying(ErrorCode code) {
  return RetryOf(code) != Retry::kNever || code == ErrorCode::kUnknownServerError;
}

}  // namespace

PartitionQueue::PartitionQueue(Options options, Random random)
    : options_(options),
      random_(random),
      window_(options.max_in_flight),
      fill_bytes_(options.batch_bytes),
      producer_(random_.PositiveId()) {}

PartitionQueue::Appended PartitionQueue::Append(std::size_t bytes, MonotonicTime now) {
  bool is_new = false;
  if (batches_.empty() || batches_.back().is_sealed ||
      batches_.back().bytes + bytes > fill_bytes_) {
    if (!batches_.empty()) batches_.back().is_sealed = true;
    Batch batch;
    batch.serial = next_serial_++;
    batch.created = batch.not_before = now;
    batches_.push_back(std::move(batch));
    is_new = true;
  }
  Batch& batch = batches_.back();
  batch.bytes += bytes;
  ++batch.records;
  if (batch.records >= options_.batch_records || batch.bytes >= fill_bytes_) {
    batch.is_sealed = true;
  }
  return {batch.serial, is_new, batch.is_sealed};
}

const PartitionQueue::Batch* PartitionQueue::Find(std::int64_t serial) const {
  const auto found = std::find_if(batches_.begin(), batches_.end(),
                                  [&](const Batch& batch) { return batch.serial == serial; });
  return found == batches_.end() ? nullptr : &*found;
}

void PartitionQueue::SealAll() {
  if (!batches_.empty()) batches_.back().is_sealed = true;
}

bool PartitionQueue::IsReady(const Batch& batch, MonotonicTime now) const {
  return (batch.is_sealed || now - batch.created >= options_.linger) && now >= batch.not_before;
}

void PartitionQueue::SlowDown(const Batch& refused) {
  window_ = 1;
  const std::size_t least = std::min(kThrottledBatchBytes, options_.batch_bytes);
  fill_bytes_ = std::max(least, std::min(fill_bytes_, refused.bytes) / 2);
}

void PartitionQueue::SpeedUp() {
  window_ = std::min(window_ + 1, options_.max_in_flight);
  fill_bytes_ = std::min(fill_bytes_ + fill_bytes_ / 4, options_.batch_bytes);
}

void PartitionQueue::AssignSequences(Batch& batch) {
  if (!options_.is_idempotent) return;
  batch.producer = producer_;
  batch.base_sequence = next_sequence_;
  next_sequence_ += batch.records;
}

const PartitionQueue::Batch* PartitionQueue::NextToSend(MonotonicTime now) {
  if (in_flight_ >= window_ || must_renumber_) return nullptr;
  for (Batch& batch : batches_) {
    if (batch.is_in_flight) continue;
    // Order: whoever waits holds back those behind.
    if (!IsReady(batch, now)) return nullptr;
    batch.is_sealed = true;
    if (batch.base_sequence < 0) AssignSequences(batch);
    batch.is_in_flight = true;
    ++batch.attempts;
    ++in_flight_;
    return &batch;
  }
  return nullptr;
}

std::vector<PartitionQueue::Finished> PartitionQueue::OnReply(std::int64_t serial,
                                                              const std::optional<Error>& error,
                                                              MonotonicTime now,
                                                              bool can_go_elsewhere) {
  std::vector<Finished> finished;
  const auto found = std::find_if(batches_.begin(), batches_.end(),
                                  [&](const Batch& batch) { return batch.serial == serial; });
  if (found == batches_.end()) return finished;  // Abandoned meanwhile.
  LANEMQ_CHECK(found->is_in_flight);
  found->is_in_flight = false;
  --in_flight_;
  const auto index = static_cast<std::size_t>(found - batches_.begin());
  if (!error || error->code == ErrorCode::kDuplicateSequence) {
    SpeedUp();
    Finish(index, std::nullopt, finished);
  } else {
    OnRefused(index, *error, now, can_go_elsewhere, finished);
  }
  if (must_renumber_ && in_flight_ == 0) Renumber(finished);
  return finished;
}

void PartitionQueue::OnRefused(std::size_t index, const Error& error, MonotonicTime now,
                               bool can_go_elsewhere, std::vector<Finished>& finished) {
  Batch& batch = batches_[index];
  batch.last_error = error;
  if (EffectOf(error.code) == Effect::kPossible) batch.may_be_stored = true;
  if (error.code == ErrorCode::kThrottled) SlowDown(batch);
  const bool is_gap =
      error.code == ErrorCode::kOutOfOrderSequence || error.code == ErrorCode::kUnknownProducerId;
  if (is_gap && index > 0) {
    // The earlier batches are not stored yet; once they are, this one fits.
    batch.waits_for_earlier = true;
    batch.not_before = now + Backoff(batch, error);
    return;
  }
  if (is_gap) {
    // Nothing earlier is left: an earlier batch was given up, or the broker forgot us.
    must_renumber_ = true;
    return;
  }
  if (!IsWorthRetrying(error.code)) {
    // Later batches would leave a gap behind them; and when this one may be stored all the same,
    // its sequences are taken and must not be given to others.
    if (options_.is_idempotent) {
      if (index + 1 < batches_.size() || batch.may_be_stored) {
        must_renumber_ = true;
      } else {
        next_sequence_ = batch.base_sequence;
      }
    }
    Finish(index, batch.may_be_stored ? GivenUp(batch) : error, finished);
    return;
  }
  batch.not_before = can_go_elsewhere ? now : now + Backoff(batch, error);
}

// Starts over with a new producer id: nothing is in flight. What may be stored under the old id
// cannot be sent again under the new one without risking a second copy.
void PartitionQueue::Renumber(std::vector<Finished>& finished) {
  must_renumber_ = false;
  for (std::size_t i = 0; i < batches_.size();) {
    if (batches_[i].may_be_stored) {
      Finish(i, GivenUp(batches_[i]), finished);
    } else {
      batches_[i].base_sequence = -1;
      ++i;
    }
  }
  producer_ = ProducerId{random_.PositiveId()};
  next_sequence_ = 0;
}

void PartitionQueue::Finish(std::size_t index, std::optional<Error> error,
                            std::vector<Finished>& finished) {
  finished.push_back({batches_[index].serial, std::move(error)});
  batches_.erase(batches_.begin() + static_cast<std::ptrdiff_t>(index));
  if (!batches_.empty() && batches_.front().waits_for_earlier) {
    batches_.front().waits_for_earlier = false;
    batches_.front().not_before = batches_.front().created;
  }
}

Error PartitionQueue::GivenUp(const Batch& batch) const {
  const std::string last = batch.last_error ? batch.last_error->ToString() : "never sent";
  if (batch.may_be_stored) {
    return {ErrorCode::kOutcomeUnknown, "given up after " + std::to_string(batch.attempts) +
                                            " attempts; the records may be stored; last: " + last};
  }
  return {batch.last_error ? batch.last_error->code : ErrorCode::kBrokerNotAvailable,
          "given up after " + std::to_string(batch.attempts) + " attempts; last: " + last};
}

std::vector<PartitionQueue::Finished> PartitionQueue::Expire(MonotonicTime now) {
  std::vector<Finished> finished;
  for (std::size_t i = 0; i < batches_.size();) {
    Batch& batch = batches_[i];
    if (batch.is_in_flight || now - batch.created < options_.delivery_timeout) {
      ++i;
      continue;
    }
    // Whoever was numbered after it would leave a gap.
    if (batch.base_sequence >= 0) must_renumber_ = true;
    Finish(i, GivenUp(batch), finished);
  }
  if (must_renumber_ && in_flight_ == 0) Renumber(finished);
  return finished;
}

std::vector<PartitionQueue::Finished> PartitionQueue::Abandon(const Error& why) {
  std::vector<Finished> finished;
  for (const Batch& batch : batches_) {
    const bool may_be_stored = batch.may_be_stored || batch.is_in_flight;
    finished.push_back({batch.serial, may_be_stored
                                          ? Error{ErrorCode::kOutcomeUnknown,
                                                  why.message + "; the records may be stored"}
                                          : why});
  }
  batches_.clear();
  in_flight_ = 0;
  return finished;
}

std::optional<MonotonicTime> PartitionQueue::NextDeadline(MonotonicTime now) const {
  std::optional<MonotonicTime> next;
  const auto consider = [&](MonotonicTime at) {
    if (!next || at < *next) next = at;
  };
  bool may_send = in_flight_ < window_ && !must_renumber_;
  for (const Batch& batch : batches_) {
    if (batch.is_in_flight) continue;
    consider(batch.created + options_.delivery_timeout);
    if (!may_send) continue;
    consider(batch.is_sealed ? batch.not_before
                             : std::max(batch.not_before, batch.created + options_.linger));
    may_send = false;
  }
  return next ? std::optional(std::max(*next, now)) : std::nullopt;
}

std::chrono::nanoseconds PartitionQueue::Backoff(const Batch& batch, const Error& error) {
  const auto doublings = std::min(batch.attempts - 1, 16);
  std::chrono::nanoseconds pause = std::min<std::chrono::nanoseconds>(
      options_.retry_backoff * (1LL << doublings), options_.retry_backoff_max);
  // Up to half less, so that producers do not come back together.
  pause -= std::chrono::nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(pause.count()) * 0.5 * random_.Unit()));
  const std::chrono::nanoseconds asked = std::chrono::milliseconds(error.retry_after_ms);
  if (error.code != ErrorCode::kThrottled || asked.count() <= 0) return std::max(pause, asked);
  // The broker knows when there is room again: much later than it says would be room unused.
  return asked + std::min(pause, asked) / 4;
}

}  // namespace lanemq::core
