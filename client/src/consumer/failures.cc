#include "client/src/consumer/failures.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/core/retry/error_text.h"

namespace lanemq::client {
Status Failures::Check(Failure& failure) {
  if (failure.reason.size() > core::kFailureReasonBytesMax) {
    return Error{ErrorCode::kInvalidRequest,
                 "a failure's reason has at most 64 bytes: '" + failure.reason + "'"};
  }
  if (failure.delay && failure.delay->count() < 0) {
    return Error{ErrorCode::kInvalidRequest, "a failure's delay is not negative"};
  }
  if (failure.reason.empty()) failure.reason = "failed";
  failure.error.resize(core::CutErrorText(failure.error).size());
  return {};
}

void Failures::OnRecords(std::int64_t offset, std::size_t count) {
  const auto first = log_.lower_bound(offset);
  const auto last = log_.lower_bound(offset + static_cast<std::int64_t>(count));
  forgotten_ += static_cast<std::uint64_t>(std::distance(first, last));
  log_.erase(first, last);
}

void Failures::OnRetry(std::int64_t offset, std::int32_t attempt) {
  ended_.erase(offset);
  if (open_.size() >= kRetriesMax && !open_.contains(offset)) open_.erase(open_.begin());
  open_[offset] = attempt;
}

Status Failures::Fail(const ConsumedRecord& record, Failure failure, KeptRecords::Record kept) {
  if (record.is_retry()) {
    LANEMQ_RETURN_IF_ERROR(Done(record));
    RetryEntry& entry = ended_[record.offset];
    entry.failure = std::move(failure);
    entry.record = std::move(kept);
    return {};
  }
  if (!HasRoomFor(record.offset)) {
    return Error{ErrorCode::kQueueFull, "too many failed records wait for a commit beyond them"};
  }
  log_[record.offset] = {std::max(record.attempt, 1), std::move(failure), std::move(kept),
                         ++last_serial_};
  return {};
}

Status Failures::Done(const ConsumedRecord& retry) {
  const auto open = open_.find(retry.offset);
  if (open == open_.end() || open->second != retry.attempt) {
    return Error{ErrorCode::kFailedPrecondition, "attempt " + std::to_string(retry.attempt) +
                                                     " at offset " + std::to_string(retry.offset) +
                                                     " is over, or was delivered again"};
  }
  ended_[retry.offset] = {open->second, std::nullopt, nullptr};
  open_.erase(open);
  return {};
}

void Failures::GiveBack(const ConsumedRecord& retry) {
  Failure failure;
  failure.delay = std::chrono::milliseconds(0);
  failure.reason = retry.last_reason.empty() ? "late" : retry.last_reason;
  failure.error = "not handled: the consumer was too busy for it during its lease";
  ended_.try_emplace(retry.offset, RetryEntry{retry.attempt, std::move(failure), nullptr});
}

void Failures::FinishRetries() {
  for (const auto& [offset, attempt] : open_) ended_[offset] = {attempt, std::nullopt, nullptr};
  open_.clear();
}

Failures::Batch Failures::Collect(std::optional<std::int64_t> commit, bool with_retries,
                                  std::size_t max) const {
  Batch batch;
  batch.commit = commit;
  if (commit) {
    for (auto entry = log_.begin(); entry != log_.end() && entry->first < *commit; ++entry) {
      if (batch.size() == max) {
        batch.is_partial = true;
        // This failure stays, so the commit must not pass it yet.
        batch.commit = max == 0 ? std::nullopt : std::optional(entry->first);
        break;
      }
      batch.log.insert(*entry);
    }
  }
  if (!with_retries) return batch;
  for (const auto& entry : ended_) {
    if (batch.size() >= max) {
      batch.is_partial = true;
      break;
    }
    batch.retries.insert(entry);
  }
  return batch;
}

std::optional<std::int64_t> Failures::FirstUnsent(std::int64_t below) const {
  for (const auto& [offset, entry] : log_) {
    if (offset >= below) break;
    if (!entry.is_sent) return offset;
  }
  return std::nullopt;
}

void Failures::OnSent(const Batch& batch) {
  for (const auto& [offset, entry] : batch.log) {
    const auto known = log_.find(offset);
    if (known != log_.end() && known->second.serial == entry.serial) known->second.is_sent = true;
  }
}

KeptRecords::Record Failures::TakeKept(const Batch& batch, std::int64_t offset,
                                       std::int32_t attempt) {
  KeptRecords::Record record;
  const auto sent = batch.log.find(offset);
  const auto failed = log_.find(offset);
  if (sent != batch.log.end() && failed != log_.end() &&
      failed->second.serial == sent->second.serial && failed->second.attempts + 1 == attempt) {
    record = std::exchange(failed->second.record, nullptr);
    if (record) record->last_reason = failed->second.failure.reason;
  }
  const auto ended = ended_.find(offset);
  if (!record && batch.retries.contains(offset) && ended != ended_.end() && ended->second.failure &&
      ended->second.attempt + 1 == attempt) {
    record = std::exchange(ended->second.record, nullptr);
    if (record) record->last_reason = ended->second.failure->reason;
  }
  if (!record) return nullptr;
  record->attempt = attempt;
  record->is_from_retries = true;
  return record;
}

void Failures::Acknowledge(const Batch& batch) {
  for (const auto& [offset, entry] : batch.log) {
    const auto known = log_.find(offset);
    // One that failed again since is another one.
    if (known != log_.end() && known->second.serial == entry.serial) log_.erase(known);
  }
  for (const auto& [offset, entry] : batch.retries) {
    const auto known = ended_.find(offset);
    if (known != ended_.end() && known->second.attempt == entry.attempt) ended_.erase(known);
  }
}

std::vector<std::int64_t> Failures::DropBelow(std::int64_t offset) {
  std::vector<std::int64_t> dropped;
  while (IsPassedBy(offset)) {
    dropped.push_back(log_.begin()->first);
    log_.erase(log_.begin());
  }
  return dropped;
}

}  // namespace lanemq::client
