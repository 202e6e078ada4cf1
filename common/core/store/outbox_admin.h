#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/outbox_store.h"
#include "common/core/types/outbox.h"

namespace lanemq::core {

/// What people do with an outbox: look what is stuck and why, try again, give up.
///
/// Implementations: sql::MySqlOutboxAdmin, testing::FakeOutboxStore. Needs no session; relays may
/// run meanwhile. Thread safety and errors: as OutboxStore's; every call is harmless to repeat.
class OutboxAdmin {
 public:
  /// Rows that one call may list or change, and ids that it takes.
  static constexpr std::int32_t kRowsMax = 1'000;

  virtual ~OutboxAdmin() = default;

  /// Rows in `state`, of all topics or one, with an id above `after_id`, by id; at most `limit`,
  /// and fewer when bodies are large: an empty answer is the end.
  virtual Result<std::vector<OutboxMessage>> List(OutboxState state,
                                                  const std::optional<std::string>& topic,
                                                  std::int64_t after_id, std::int32_t limit,
                                                  Deadline deadline) = 0;
  /// What waits and why, longest first; at most `limit`.
  virtual Result<std::vector<OutboxHold>> Holds(std::int32_t limit, Deadline deadline) = 0;

  /// Makes those of `ids` that are dead ready again, with no attempts counted: how many. They come
  /// after what has been published of their keys meanwhile.
  virtual Result<std::int64_t> Retry(const std::vector<std::int64_t>& ids, Deadline deadline) = 0;
  /// Same for dead rows of one topic, or of all; at most kRowsMax: call again until it answers 0.
  virtual Result<std::int64_t> RetryDead(const std::optional<std::string>& topic,
                                         Deadline deadline) = 0;
  /// Makes every hold due now: how many. Relays see it when they next read their holds.
  virtual Result<std::int64_t> RetryHolds(Deadline deadline) = 0;

  /// Deletes those of `ids` that are dead: how many. Others are left alone. kFailedPrecondition,
  /// and nothing is deleted, when a session may still be sending one of them.
  virtual Result<std::int64_t> Drop(const std::vector<std::int64_t>& ids, Deadline deadline) = 0;

  /// Sessions of relays, alive or not, by id.
  virtual Result<std::vector<OutboxPeer>> Peers(Deadline deadline) = 0;
  virtual Result<OutboxStats> Stats(Deadline deadline) = 0;
};

}  // namespace lanemq::core
