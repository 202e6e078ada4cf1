#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/types/outbox.h"

namespace lanemq::client {

/// What the frames of a spool's journals are. The numbers are in files.
enum class SpoolFrame : std::uint8_t {
  kState = 1,    ///< SpoolState: the start of each segment but the first.
  kRecord = 2,   ///< A spooled record; one that is copied forward comes again, with its id.
  kStep = 3,     ///< SpoolStep.
  kRefusal = 4,  ///< SpoolRefusal, in the journal of refused records.
};

/// What must outlive the segments before.
struct SpoolState {
  std::int64_t next_id = 1;
  core::OutboxPlan plan;
};

/// One step of the replay.
struct SpoolStep {
  std::vector<std::int64_t> done;  ///< Stored, or refused and kept as such.
  core::OutboxPlan plan;           ///< What is being sent from now on; replaces the one before.
};

/// A record that the cluster does not take.
struct SpoolRefusal {
  WallTime at;
  std::string error;
  core::OutboxMessage message;
};

// Layouts: numbers are little-endian, texts have their length before them, ids come as runs.
// Decoding never trusts the bytes: kCorruptMessage.
[[nodiscard]] std::string EncodeRecord(const core::OutboxMessage& message);
[[nodiscard]] std::string EncodeState(const SpoolState& state);
[[nodiscard]] std::string EncodeStep(const SpoolStep& step);
[[nodiscard]] std::string EncodeRefusal(const SpoolRefusal& refusal);
[[nodiscard]] Result<core::OutboxMessage> DecodeRecord(std::string_view bytes);
[[nodiscard]] Result<SpoolState> DecodeState(std::string_view bytes);
[[nodiscard]] Result<SpoolStep> DecodeStep(std::string_view bytes);
[[nodiscard]] Result<SpoolRefusal> DecodeRefusal(std::string_view bytes);

}  // namespace lanemq::client
