#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/catalog_store.h"
#include "common/core/store/offset_store.h"
#include "common/core/types/failure.h"

namespace lanemq::core {

struct DeadLetter {
  FailedId id;
  RecordPtr record;  ///< With the offset and timestamp it had in the log.
  FailureHistory history;
  WallTime dead_at;
};

/// All that is set must match.
struct DeadLetterFilter {
  std::string group;  ///< Required.
  std::optional<PartitionKey> partition;
  std::optional<TopicId> topic;
  std::optional<std::string> reason;
  std::optional<std::string> key;
  std::optional<WallTime> from;   ///< Dead since then.
  std::optional<WallTime> until;  ///< Dead before then.
  std::vector<FailedId> ids;      ///< Not empty: only these, at most 1,000.
};

struct DeadLetterPage {
  std::vector<DeadLetter> letters;  ///< By (topic, partition, offset).
  std::optional<FailedId> next;     ///< Where to go on; nullopt: this was the end.
};

enum class RedriveTarget { kGroup, kTopic };
enum class RedriveState { kRunning, kDone, kCancelled };

/// A redrive, on one data node.
struct RedriveJob {
  std::int64_t id = 0;  ///< Chosen by whoever asks, one for all data nodes; 63 random bits.
  DeadLetterFilter filter;
  RedriveTarget target = RedriveTarget::kGroup;
  std::int32_t per_second = 0;  ///< 0: as fast as it goes.
  RedriveState state = RedriveState::kRunning;
  std::int64_t moved = 0;
  OperatorNote note;
  WallTime created_at;
  std::optional<WallTime> finished_at;
};

/// What somebody did to dead letters.
struct DeadLetterDeed {
  WallTime at;
  std::string action;  ///< "redrive", "edit", "drop", "cancel", "expire".
  std::string group;
  std::int64_t count = 0;
  std::string detail;  ///< The filter or the id, for people.
  OperatorNote note;
};

/// What an edit replaces.
struct DeadLetterEdit {
  std::optional<std::optional<std::string>> key;
  std::optional<std::optional<std::string>> body;
  std::optional<std::vector<Header>> headers;
};

/// Dead letters on one data node.
///
/// Implementation: sql::MySqlDeadLetterStore; passes tests/conformance/dead_letter_store_suite.h on
/// both engines. Thread safety and errors: as OffsetStore's; all calls are harmless to repeat, but
/// for the audit row that each leaves.
class DeadLetterStore {
 public:
  virtual ~DeadLetterStore() = default;

  /// At most `max` after `after`; looks at no more than a bounded number of rows, so a page may be
  /// empty and yet have a `next`. Bodies are left out unless wanted.
  virtual Result<DeadLetterPage> List(const DeadLetterFilter& filter,
                                      const std::optional<FailedId>& after, std::int32_t max,
                                      bool with_bodies, Deadline deadline) = 0;
  /// kNotFound.
  virtual Result<DeadLetter> Get(const FailedId& id, Deadline deadline) = 0;
  /// How many there are, by topic, partition and reason: at most 1,000 rows.
  struct Count {
    PartitionKey key;
    std::string reason;
    std::int64_t letters = 0;
    WallTime oldest;
  };
  virtual Result<std::vector<Count>> CountBy(std::string_view group, Deadline deadline) = 0;

  /// Drops what matches, in bounded transactions, until none is left or the deadline is near: how
  /// many, and whether more are left.
  struct Dropped {
    std::int64_t count = 0;
    bool is_complete = true;
  };
  virtual Result<Dropped> Drop(const DeadLetterFilter& filter, const OperatorNote& note,
                               Deadline deadline) = 0;
  /// Moves one to the group's retries, edited. kNotFound.
  virtual Status RedriveEdited(const FailedId& id, const DeadLetterEdit& edit,
                               const OperatorNote& note, Deadline deadline) = 0;

  /// Makes the job; the same id again changes nothing. It covers what is dead by now.
  virtual Result<RedriveJob> BeginRedrive(const RedriveJob& job, Deadline deadline) = 0;
  /// Newest first; with `group` empty, of all.
  virtual Result<std::vector<RedriveJob>> ListRedrives(std::string_view group, bool only_running,
                                                       std::int32_t max, Deadline deadline) = 0;
  /// Nothing, when it has ended. kNotFound.
  virtual Status CancelRedrive(std::int64_t id, const OperatorNote& note, Deadline deadline) = 0;
  /// Moves up to `max` letters of a running job and its cursor in one transaction, which `fence`
  /// (a lease of node_leases) must allow: kFenced. The job as it is then; kDone when none is left.
  virtual Result<RedriveJob> StepRedrive(std::int64_t id, std::int32_t max, const Fence& fence,
                                         Deadline deadline) = 0;

  /// Removes up to `max` letters older than `age`: how many.
  virtual Result<std::int64_t> Expire(std::chrono::microseconds age, std::int32_t max,
                                      const Fence& fence, Deadline deadline) = 0;
  virtual Result<std::vector<DeadLetterDeed>> ListDeeds(std::string_view group, std::int32_t max,
                                                        Deadline deadline) = 0;
  /// However many are newer. kNotFound.
  virtual Result<RedriveJob> GetRedrive(std::int64_t id, Deadline deadline) = 0;
};

}  // namespace lanemq::core
