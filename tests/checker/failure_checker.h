#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/checker/failure_events.h"
#include "tests/checker/message.h"

namespace lanemq::checker {

/// What the history of a group whose handlers fail may not contain. Enumerator, name, meaning.
// clang-format off
#define LANEMQ_FAILURE_RULES(X)                                                                    \
  X(kNotStored, "not-stored", "acknowledged, and not in the log")                                  \
  X(kStoredTwice, "stored-twice", "one message at two offsets of the log")                         \
  X(kUnexpected, "unexpected", "stored or delivered, and never sent")                              \
  X(kNowhere, "nowhere", "passed by the group, not done, and neither a retry nor a dead letter (D2)") \
  X(kTwoPlaces, "two-places", "a retry and a dead letter at once (D2)")                            \
  X(kAhead, "ahead", "a retry or dead letter that the group's offset has not passed (D2)")         \
  X(kNotDone, "not-done", "at the end still in the log or a retry")                                \
  X(kDoneAndDead, "done-and-dead", "its last handling was in order, and it is a dead letter (D3)") \
  X(kDeadMissing, "dead-missing", "given up by the handler, never done, and no dead letter (D3)")  \
  X(kPastLimit, "past-limit", "handled more often than the policy allows (D1)")                    \
  X(kSameAttempt, "same-attempt", "one attempt at a retry was given out twice (D7)")               \
  X(kSourceDiffers, "source-differs", "a dead letter or delivery that is not what the log holds (D4)") \
  X(kReasonDiffers, "reason-differs", "a dead letter without the handler's last reason (D4)")      \
  X(kRedriveLost, "redrive-lost", "redriven, and not delivered (D5)")                              \
  X(kRedriveTwice, "redrive-twice", "delivered twice for one request (D5)")                        \
  X(kEarly, "early", "in the log or delivered before its due time (D6)")                           \
  X(kDueOrder, "due-order", "in the log before one that was due earlier (D6)")                     \
  X(kCancelled, "cancelled", "delivered although its cancellation was confirmed")                  \
  X(kCancelLied, "cancel-lied", "said to be delivered or unknown, and it was neither")             \
  X(kRetryEarly, "retry-early", "delivered again before the policy's wait was over")               \
  X(kKeyOrder, "key-order", "handled before its predecessor of the same key was finished (D8)")
// clang-format on

enum class FailureRule : std::uint8_t {
#define LANEMQ_X(enumerator, name, meaning) enumerator,
  LANEMQ_FAILURE_RULES(LANEMQ_X)
#undef LANEMQ_X
};
[[nodiscard]] std::string_view NameOf(FailureRule rule);

/// Partition and offset in the log: what a failed record is known by.
using Place = std::pair<std::int32_t, std::int64_t>;

enum class CancelAnswer : std::uint8_t { kNone, kCancelled, kDelivered, kNotFound };

struct FailureSend {
  MessageId id;
  bool is_acked = false;
  std::uint64_t fingerprint = 0;  ///< Of the body.
  std::int64_t acked_at_us = 0;
  std::int64_t due_us = 0;  ///< 0: not delayed.
  CancelAnswer cancel = CancelAnswer::kNone;
};

/// A record as a table holds it.
struct StoredCopy {
  MessageId id;  ///< From its body.
  std::string key;
  std::int64_t timestamp_us = 0;
  /// Everything else, in any form that is equal for equal records: key, headers, body, producer.
  std::string content;
};

struct FailedCopy {
  StoredCopy record;
  std::int32_t attempts = 0;
  std::string reason;
  std::string first_error;
  std::string last_error;
};

/// The tables of one group and topic, read in one transaction.
struct FailureTables {
  std::map<Place, StoredCopy> log;
  std::map<std::int32_t, std::int64_t> committed;  ///< By partition: the next one to read.
  std::map<Place, FailedCopy> retries;
  std::map<Place, FailedCopy> dead;
};

/// Dead letters that were asked to be delivered again, to their group.
struct RedriveAsked {
  std::int64_t at_us = 0;
  std::set<Place> places;
};

enum class KeptOrder : std::uint8_t { kNone, kKey, kPartition };

struct FailureCheckOptions {
  /// Nothing is under way any more: everything has to be done or dead.
  bool is_finished = true;
  std::int32_t attempts_max = 16;
  /// Of the policy, jitter subtracted.
  std::int64_t retry_wait_min_us = 0;
  KeptOrder order = KeptOrder::kNone;
  /// Answers got lost and calls were repeated: a cancellation may have been done by the lost one,
  /// so that the repeat found nothing.
  bool may_repeat_cancels = false;
  /// Reasons that are not a handler's.
  std::set<std::string> system_reasons = {"lost", "timeout", "exception", "crash"};
};

struct FailureCase {
  std::vector<FailureSend> sends;
  std::vector<HandlerLog> handlers;  ///< Read after the tables.
  FailureTables tables;
  std::vector<RedriveAsked> redrives;  ///< By time.
};

struct FailureReport {
  std::map<FailureRule, std::vector<std::string>> broken;  ///< At most 5 examples each.
  std::int64_t sent = 0;                                   ///< Acknowledged.
  std::int64_t done = 0;
  std::int64_t dead = 0;
  std::int64_t retries = 0;  ///< Rows that wait.
  std::int64_t deliveries = 0;
  std::int64_t redeliveries = 0;  ///< Attempt 1 of a record, again.
  std::int32_t attempts_max = 0;

  [[nodiscard]] bool ok() const { return broken.empty(); }
  [[nodiscard]] std::string ToString() const;
};

/// Judges what a group did with one topic. Pure. While work goes on (is_finished false) it may be
/// called with tables of any instant: a record is always in one place.
[[nodiscard]] FailureReport CheckFailures(const FailureCase& history,
                                          const FailureCheckOptions& options);

}  // namespace lanemq::checker
