#include "broker/handlers/failures/settle_checks.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/core/retry/error_text.h"
#include "common/core/types/ids.h"

namespace lanemq::broker {
namespace {

constexpr std::int64_t kLeaseMsMax = 43'200'000;

Error Invalid(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

Status CheckCommit(const idl::SettlePartition& partition, const core::Limits& limits) {
  const idl::CommitPartition& commit = partition.commit;
  if (commit.topic != partition.topic || commit.partition != partition.partition) {
    return Invalid("the commit is of another partition than the one it settles");
  }
  if (commit.metadata.size() > limits.commit_metadata_bytes_max) {
    return Error{ErrorCode::kOffsetMetadataTooLarge,
                 fmt::format("{} bytes; the limit is {}", commit.metadata.size(),
                             limits.commit_metadata_bytes_max)};
  }
  if (commit.offset < core::kFirstOffset.value) {
    return Error{ErrorCode::kOffsetOutOfRange, "the first offset is 1"};
  }
  return {};
}

Status CheckFailureNote(std::int64_t offset, const idl::FailureNote& note) {
  if (!note.reason.empty() && note.reason.size() <= core::kFailureReasonBytesMax) return {};
  return Invalid(fmt::format("the reason of offset {} has {} bytes; 1 to {} are allowed", offset,
                             note.reason.size(), core::kFailureReasonBytesMax));
}

Status CheckDelay(std::int64_t offset, std::int64_t delay_ms) {
  if (delay_ms >= 0 && delay_ms <= kFailureDelayMsMax) return {};
  return Invalid(fmt::format("delay_ms of offset {} is 0 to {}, not {}", offset, kFailureDelayMsMax,
                             delay_ms));
}

Status CheckFailures(const idl::SettlePartition& partition) {
  if (partition.failures.empty()) return {};
  if (!partition.__isset.commit) return Invalid("failures go with a commit that passes them");
  std::int64_t previous = 0;
  for (const idl::LogFailure& failure : partition.failures) {
    if (failure.offset <= previous || failure.offset >= partition.commit.offset) {
      return Invalid(fmt::format(
          "failures ascend, from offset 1 to below the commit's {}: {} after {} does not",
          partition.commit.offset, failure.offset, previous));
    }
    previous = failure.offset;
    if (failure.attempts < 1) {
      return Invalid(fmt::format("attempts of offset {} are at least 1", failure.offset));
    }
    LANEMQ_RETURN_IF_ERROR(CheckFailureNote(failure.offset, failure.note));
    if (failure.__isset.delay_ms) {
      LANEMQ_RETURN_IF_ERROR(CheckDelay(failure.offset, failure.delay_ms));
    }
  }
  return {};
}

Status CheckOutcomes(const std::vector<idl::RetryOutcome>& outcomes) {
  std::vector<std::int64_t> offsets;
  for (const idl::RetryOutcome& outcome : outcomes) {
    offsets.push_back(outcome.offset);
    if (outcome.offset < core::kFirstOffset.value) return Invalid("a retry's offset is at least 1");
    if (outcome.attempt < 1) {
      return Invalid(fmt::format("the attempt of offset {} is at least 1", outcome.offset));
    }
    if (outcome.is_ok) continue;
    if (!outcome.__isset.note) {
      return Invalid(fmt::format("offset {} failed without a note", outcome.offset));
    }
    LANEMQ_RETURN_IF_ERROR(CheckFailureNote(outcome.offset, outcome.note));
    if (outcome.__isset.delay_ms) {
      LANEMQ_RETURN_IF_ERROR(CheckDelay(outcome.offset, outcome.delay_ms));
    }
  }
  std::ranges::sort(offsets);
  const auto twice = std::ranges::adjacent_find(offsets);
  if (twice == offsets.end()) return {};
  return Invalid(fmt::format("the retry of offset {} ends twice", *twice));
}

}  // namespace

Status CheckSettlement(const idl::SettlePartition& partition, const core::Limits& limits) {
  const std::size_t count = partition.failures.size() + partition.retries.size();
  if (count > kFailuresPerPartitionMax) {
    return Invalid(fmt::format("{} failures and ends of retries; the limit is {} per partition",
                               count, kFailuresPerPartitionMax));
  }
  if (partition.__isset.commit) LANEMQ_RETURN_IF_ERROR(CheckCommit(partition, limits));
  LANEMQ_RETURN_IF_ERROR(CheckFailures(partition));
  LANEMQ_RETURN_IF_ERROR(CheckOutcomes(partition.retries));
  if (!partition.__isset.begins_offset) return {};
  const std::int64_t least =
      partition.__isset.commit ? partition.commit.offset : core::kFirstOffset.value;
  if (partition.begins_offset >= least) return {};
  return Invalid(
      fmt::format("begins_offset is at least {}, not {}", least, partition.begins_offset));
}

Status CheckLease(std::int64_t lease_ms) {
  if (lease_ms >= 1 && lease_ms <= kLeaseMsMax) return {};
  return Invalid(fmt::format("lease_ms is 1 to {}, not {}", kLeaseMsMax, lease_ms));
}

core::FailureNote NoteFromWire(idl::FailureNote&& note) {
  std::string error = std::move(note.error);
  error.resize(core::CutErrorText(error).size());
  return {std::move(note.reason), std::move(error)};
}

}  // namespace lanemq::broker
