#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/policy/request_types.h"

namespace lanemq::core {

// How a bundle is applied so that, at rest, it is there as a whole or not at all.
//
// Tables cannot be made in a transaction. So first they are made, topic by topic, each marked with
// the request and in creation, so that nobody, whatever he may do, can write to them. Then
// partitions are added, which cannot be undone. Then one transaction writes everything else (that
// the topics are active, settings, owners, groups, grants, quotas, teams, deletions of topics)
// together with `applied`. Whatever fails before partitions are added goes back: topics that this
// request made go, and one transaction writes `failed` or `undone`. (Those that a metaserver of an
// older version made were active at once: such a one stays when somebody wrote to it.)
//
// A crash loses nothing but time: every step may be repeated, and says that it is done when it is.
// Whoever takes over raises the epoch first; a step of an older epoch that is still under way has
// no effect any more, since it checks the request's row in its own transaction. Where both ways are
// closed (the name was taken, and somebody wrote to what was made) the directions take turns until
// a person has opened one.

struct ApplyStep {
  enum class Kind : std::uint8_t {
    kCreateTopic,    ///< With its tables. Refused: others made it, or there is no room.
    kAddPartitions,  ///< Refused: there is no room.
    kCommit,         ///< One transaction: all the rest, and the request as AfterStep() has it.
    kUndoTopic,      ///< Drops the topic, if this request made it. In use: somebody wrote to it.
    kClose,          ///< One transaction: the request as AfterStep() has it.
  };
  Kind kind = Kind::kCommit;
  std::size_t change = 0;  ///< Its place in the bundle; of the first, the second and the fourth.
  bool operator==(const ApplyStep&) const = default;
};

/// kRefused is definite: this attempt had no effect, and a repeated one would not, either.
enum class StepOutcome : std::uint8_t { kDone, kRefused, kInUse, kUnknown };

inline constexpr std::chrono::minutes kApplyForwardMax{10};  ///< Then it goes back, if it can.
inline constexpr std::chrono::seconds kApplyRetryMax{60};

/// All steps of a direction, in order; the last one ends it.
[[nodiscard]] std::vector<ApplyStep> PlanSteps(const Bundle& bundle, ApplyDirection direction);

/// What to do next with a request that is kApplying.
struct ApplyTurn {
  enum class Kind : std::uint8_t {
    kStep,  ///< Do `step`, and store what AfterStep() says.
    kMark,  ///< Store Marked(), then ask again: what comes next cannot be undone.
    kWait,  ///< Nothing until ApplyProgress::retry_at.
    kNone,  ///< It is not being applied.
  };
  Kind kind = Kind::kNone;
  ApplyStep step = {};
};
[[nodiscard]] ApplyTurn NextTurn(const ChangeRequest& request, WallTime now);

// Each gives the request to be stored, where the row has the same epoch as the argument; a row that
// has another one is somebody else's to go on with.

/// The first thing to do for whoever goes on after a crash, or after an answer was lost.
[[nodiscard]] ChangeRequest TakenOver(ChangeRequest request);
[[nodiscard]] ChangeRequest Marked(ChangeRequest request);
/// `error`: what the outcome said; empty with kDone.
[[nodiscard]] ChangeRequest AfterStep(ChangeRequest request, const ApplyStep& step,
                                      StepOutcome outcome, std::string_view error, WallTime now);
/// Precondition: not is_past_return.
[[nodiscard]] ChangeRequest GiveUp(ChangeRequest request, std::string_view reason, WallTime now);

/// Whether it has been applied for so long that a person should look.
[[nodiscard]] bool NeedsHelp(const ChangeRequest& request, WallTime now);

}  // namespace lanemq::core
