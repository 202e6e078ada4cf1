#pragma once

#include <lanemq_types.h>
#include <string>
#include <vector>

#include "client/cli/output/table.h"
#include "client/cli/text/message_format.h"

/// How dead letters and delayed messages look: pure, from what was asked.
namespace lanemq::cli {

/// A line per dead letter; with `has_bodies` their bodies too.
[[nodiscard]] Table DeadLettersTable(const std::vector<idl::DeadLetter>& letters, bool has_bodies);
/// One dead letter with all that is known of it, a field a line.
[[nodiscard]] std::string DeadLetterText(const idl::DeadLetter& letter);
/// The same as one JSON object on one line: as JsonMessage(), and the failure's fields. Without
/// `has_body` there is no field for the body.
[[nodiscard]] std::string DeadLetterJson(const idl::DeadLetter& letter, bool has_body);

/// By topic, partition and reason.
[[nodiscard]] Table DeadLetterCountsTable(const std::vector<idl::DeadLetterCount>& counts);
/// By group and topic.
[[nodiscard]] Table DeadLetterGroupsTable(const std::vector<idl::GroupDeadLetters>& groups);
/// A line per redrive and data node, in the order given.
[[nodiscard]] Table RedrivesTable(const std::vector<idl::Redrive>& jobs);
[[nodiscard]] Table DeedsTable(const std::vector<idl::DeadLetterDeed>& deeds);

/// A line per delayed message.
[[nodiscard]] Table DelayedTable(const std::vector<idl::DelayedListing>& messages);
/// {"handle": ..., "topic": ..., "partition": ..., "due": ..., "key", "value", "headers"}.
[[nodiscard]] std::string DelayedJson(const std::string& topic, const idl::DelayedListing& message);

}  // namespace lanemq::cli
