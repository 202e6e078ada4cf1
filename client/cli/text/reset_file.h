#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "client/cli/text/reset_plan.h"
#include "common/base/result.h"

namespace lanemq::cli {

/// Offsets from a file, as CSV or JSON.
///
/// CSV: a partition a line, topic,partition,offset as Kafka has it. A first line with column names
/// may change their order; the offset's column is then the first of new_offset, offset,
/// committed_offset and current_offset that there is, others are passed over. Empty lines and lines
/// that begin with # too.
/// JSON: {"partitions": [{"topic": "orders", "partition": 0, "offset": 17}, ...]} as Kafka has it;
/// the list may also be called "items", or stand alone. The offset is named as above and may be a
/// string of digits.
///
/// So a plan (`group reset`) or a snapshot (`group offsets`, `group describe`) that was printed as
/// csv or json can be read back. A partition whose offset is empty or null is passed over.
/// kInvalidRequest, with the line or the entry, for anything else, also for a partition named twice
/// and when there is no partition at all.
[[nodiscard]] Result<std::map<PartitionName, std::int64_t>> ParseResetFile(std::string_view text);

}  // namespace lanemq::cli
