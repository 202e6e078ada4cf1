#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/core/store/dead_letter_store.h"
#include "common/core/types/ids.h"

namespace lanemq::sql {

/// Statements on chosen dead letters, as text: how many there are varies. Everything is made of
/// numbers and of quoted bytes, as in MessageTable. Sessions are in the node schema.

/// Chosen letters of one partition. `offsets` is not empty and ascends.
struct ChosenLetters {
  std::string_view group;
  core::PartitionKey key;
  std::span<const core::Offset> offsets;
};

/// topic, partition, offset, dead_at, reason, key, whether the partition is yet to arrive (0 when
/// locked: its caller knows) and, when wanted, the bytes of the body (else 0) of those that are
/// there, locked for this transaction when wanted.
std::string SelectHeadsText(const ChosenLetters& letters, bool with_sizes, bool lock);
/// The columns of read_dead_letter, in order; `with_bodies` false: NULL instead of bodies.
std::string SelectLettersText(const ChosenLetters& letters, bool with_bodies);
std::string DeleteLettersText(const ChosenLetters& letters);
/// Copies letters to the group's retries: due now, without attempts, with their first and last
/// failure. A row of the same record that is there already is replaced, because the letter is what
/// somebody asked for, and a record has one row; an attempt that is under way by it is over.
/// `edit` replaces content, and may be null; a body it brings is not compressed.
std::string CopyToRetriesText(const ChosenLetters& letters, const core::DeadLetterEdit* edit);
/// The query of AppendSelected(): letters in order, of no producer, with a header more that says
/// where they are from.
std::string SelectForLogText(const ChosenLetters& letters);

/// The header that letters get which are redriven to their topic; its value is the group.
inline constexpr std::string_view kRedrivenFromHeader = "lanemq-redriven-from";

}  // namespace lanemq::sql
