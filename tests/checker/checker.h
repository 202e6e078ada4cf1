#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/checker/history.h"

namespace lanemq::checker {

/// What a history may not contain. Enumerator, name, meaning.
// clang-format off
#define LANEMQ_CHECKER_RULES(X)                                                                    \
  X(kLost, "lost", "acknowledged, and not seen by a reader that read everything")                  \
  X(kUndrained, "undrained", "no reader read everything: nothing could be proved")                 \
  X(kSkipped, "skipped", "a reader went past a message without ever being given it")               \
  X(kBackwards, "backwards", "a reader was given an offset not above the one before")              \
  X(kHole, "hole", "an offset below the end that holds no message")                                \
  X(kDuplicate, "duplicate", "one message at two places in the log")                               \
  X(kInconsistent, "inconsistent", "one offset with two contents")                                 \
  X(kAltered, "altered", "read with a content other than the one sent")                            \
  X(kPhantom, "phantom", "read, but never sent")                                                   \
  X(kAbortedRead, "aborted-read", "read, although its producer was told that it failed")           \
  X(kWrongAck, "wrong-ack", "acknowledged with another place than where it is read")               \
  X(kKeyOrder, "key-order", "two messages of one producer and key in the wrong order")             \
  X(kRealTime, "real-time", "an offset below one acknowledged before the send began")              \
  X(kTimestamp, "timestamp", "the timestamp is older than the one at the offset before")           \
  X(kCommitAhead, "commit-ahead", "a commit beyond what the group's readers were given")           \
  X(kCommitLost, "commit-lost", "the committed offset is below an acknowledged commit")            \
  X(kCommitPhantom, "commit-phantom", "the committed offset is one that nobody committed")
// clang-format on

enum class Rule : std::uint8_t {
#define LANEMQ_X(enumerator, name, meaning) enumerator,
  LANEMQ_CHECKER_RULES(LANEMQ_X)
#undef LANEMQ_X
};

[[nodiscard]] std::string_view NameOf(Rule rule);
[[nodiscard]] std::string_view MeaningOf(Rule rule);

struct CheckOptions {
  /// False for logs whose numbers may have holes (AUTO_INCREMENT).
  bool offsets_are_dense = true;
  /// False when a retry may store a message twice.
  bool is_idempotent = true;
  /// False when a producer may have two requests of one key in flight out of order.
  bool keys_are_ordered = true;
  /// The first offset a complete reader must have seen.
  std::int64_t log_start = 1;
  /// Violations of one rule that the report spells out; all are counted.
  std::size_t shown_max = 5;
};

/// What Check() found.
struct Report {
  std::map<Rule, std::int64_t> counts;
  std::map<Rule, std::vector<std::string>> shown;  ///< The first of each rule, spelt out.
  std::int64_t sent = 0;
  std::int64_t acked = 0;
  std::int64_t failed = 0;
  std::int64_t unknown = 0;
  std::int64_t unknown_stored = 0;  ///< Of the unknown ones, those that were read.
  std::int64_t reads = 0;
  std::int64_t log_length = 0;  ///< Messages in all partitions.

  [[nodiscard]] bool ok() const { return counts.empty(); }
  [[nodiscard]] std::int64_t CountOf(Rule rule) const {
    const auto found = counts.find(rule);
    return found == counts.end() ? 0 : found->second;
  }
  /// One line of counts, then each broken rule with its first violations.
  [[nodiscard]] std::string ToString() const;
};

/// Judges a history; see LANEMQ_CHECKER_RULES. Pure. Cost: n log n in sends and reads.
[[nodiscard]] Report Check(const History& history, const CheckOptions& options = {});

}  // namespace lanemq::checker
