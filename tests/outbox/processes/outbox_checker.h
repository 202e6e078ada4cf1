#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "tests/checker/message.h"

namespace lanemq::outbox_testing {

/// What a run of an application, its outbox and its relays may not end with. Enumerator, name,
/// meaning.
// clang-format off
#define LANEMQ_OUTBOX_RULES(X)                                                                     \
  X(kLost, "lost", "its transaction is committed, and it is not in the topic")                     \
  X(kGhost, "ghost", "in the topic, and its transaction is not committed")                         \
  X(kPhantom, "phantom", "in the topic, and no transaction appended it")                           \
  X(kDuplicate, "duplicate", "at two places of the topic")                                         \
  X(kAltered, "altered", "in the topic with another key than it was appended with")                \
  X(kScattered, "scattered", "one key in two partitions")                                          \
  X(kKeyOrder, "key-order", "behind a later version of its key")                                   \
  X(kEarly, "early", "in the topic before it was due")                                             \
  X(kLeft, "left", "rows that the outbox still has at the end")                                    \
  X(kUnfaithful, "unfaithful", "the business's database and what it answered contradict")
// clang-format on

enum class OutboxRule : std::uint8_t {
#define LANEMQ_X(enumerator, name, meaning) enumerator,
  LANEMQ_OUTBOX_RULES(LANEMQ_X)
#undef LANEMQ_X
};
[[nodiscard]] std::string_view NameOf(OutboxRule rule);

/// A message that a transaction appends.
struct Intent {
  std::optional<std::string> key;
  std::int64_t version = 0;  ///< Of the key, raised by each message of it.
  std::int64_t due_us = 0;   ///< Not in the topic before then. 0: not delayed.
};

/// The application's transactions are numbered: `producer * kTrialsPerProducer + n`.
inline constexpr std::int64_t kTrialsPerProducer = 1'000'000;
inline constexpr std::int64_t kIntentsPerTrial = 16;
/// The id of the transaction's message number `index`, as its body has it.
[[nodiscard]] checker::MessageId IdOf(std::int64_t tx, std::int64_t index);

/// One transaction as the application saw it.
struct Trial {
  enum class End : std::uint8_t { kUnknown, kCommitted, kRolledBack };
  std::int64_t tx = 0;
  std::vector<Intent> intents;
  End end = End::kUnknown;
};

/// Lines of an event file: `try TX KEY/VERSION/DUE ...`, `committed TX`, `rolled-back TX`.
[[nodiscard]] std::string FormatTrial(const Trial& trial);
[[nodiscard]] std::string FormatEnd(std::int64_t tx, Trial::End end);
/// Adds what the text says. A last line without its newline is what a killed process leaves, and is
/// left out. kCorruptMessage names the line that is no event.
Status ParseTrials(std::string_view text, std::map<std::int64_t, Trial>& trials);

/// A message as the topic's table holds it.
struct Published {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<std::string> key;
  checker::MessageId id;
  std::int64_t timestamp_us = 0;
};

struct OutboxHistory {
  std::map<std::int64_t, Trial> trials;  ///< By number.
  std::set<std::int64_t> done;           ///< Committed, says a table of the business.
  std::vector<Published> log;
  /// What the outbox's tables hold that should be gone, for people.
  std::vector<std::string> left;
};

struct OutboxReport {
  std::map<OutboxRule, std::vector<std::string>> broken;  ///< At most 5 examples each.
  std::int64_t committed = 0;
  std::int64_t rolled_back = 0;  ///< Or never ended.
  std::int64_t unknown = 0;      ///< Whose end only the table knew.
  std::int64_t messages = 0;
  std::int64_t keyless = 0;
  std::int64_t delayed = 0;

  [[nodiscard]] bool ok() const { return broken.empty(); }
  [[nodiscard]] std::string ToString() const;
};

/// Judges a run that has come to rest. Pure.
[[nodiscard]] OutboxReport Check(const OutboxHistory& history);

}  // namespace lanemq::outbox_testing
