// Two metaservers apply one request in one thread, in random interleavings: crashes between any
// two steps, takings over that the other one does not notice, answers that are lost (applied, not
// applied, or applied later), no room, names that others take, messages that operators send to
// topics that are not finished. At rest the request must be there as a whole, or nothing of it;
// nothing of others is dropped, and nothing that somebody wrote to.
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/core/policy/apply_machine.h"
#include "common/core/policy/request_machine.h"

namespace lanemq::core {
namespace {

// What is done wrong on purpose, to see that it is found out.
enum class Sabotage {
  kNone,
  kIgnoresEpoch,     // What is late has its effect all the same.
  kForgetsMark,      // Partitions are added without writing down that this may be so.
  kTrustsRefusals,   // A refusal counts, though an attempt before may still arrive.
  kDropsForeign,     // Going back drops what others made.
  kDropsWritten,     // Going back drops what somebody wrote to.
  kClosesAtOnce,     // Failed without going back.
  kCommitsInPieces,  // What is one transaction is two.
  kForgetsTopics,    // Ends a way without its first steps.
};

constexpr std::int64_t kRequest = 7;

struct TopicRow {
  std::int64_t made_by = 0;  // The request's mark; 0: others.
  bool is_written = false;
};

/// The metadata database and the data nodes.
class Database {
 public:
  ChangeRequest row;
  std::map<std::string, TopicRow> topics;
  std::map<std::string, std::int32_t> partitions;
  bool has_rest = false;  // Owners, grants, quotas …
  bool has_room = true;
  std::set<std::string> foreign_dropped;
  std::set<std::string> written_dropped;
};

class Simulation {
 public:
  struct Tally {
    int applied = 0, failed = 0, undone = 0, crashes = 0, fenced = 0, late = 0, in_use = 0;
  };

  Simulation(std::uint64_t seed, Sabotage sabotage) : random_(seed), sabotage_(sabotage) {
    ChangeRequest request;
    request.id = kRequest;
    request.state = RequestState::kApproved;
    for (std::uint64_t i = random_.Below(4); i > 0; --i) {
      CreateTopicChange change;
      change.name = "made" + std::to_string(i);
      request.bundle.changes.emplace_back(change);
    }
    for (std::uint64_t i = random_.Below(3); i > 0; --i) {
      const std::string name = "old" + std::to_string(i);
      request.bundle.changes.emplace_back(AddPartitionsChange{name, 8});
      db_.partitions[name] = 4;
    }
    request.bundle.changes.emplace_back(SetQuotaChange{"payments", {}});
    Decision decision;
    decision.kind = Decision::Kind::kApply;
    db_.row = StartApplying(request, decision, 14, now_).request;
  }

  /// Does nothing random before `crash_at` operations, and then crashes at that one.
  void CrashAt(int operation) { crash_at_ = operation; }

  void Run(int steps) {
    for (int i = 0; i < steps && violation_.empty(); ++i) Step();
    // A person sees to it: there is room, others' topics go, everything answers.
    is_calm_ = true;
    db_.has_room = true;
    std::erase_if(db_.topics, [](const auto& topic) { return topic.second.made_by == 0; });
    for (int i = 0; i < 400 && violation_.empty(); ++i) {
      now_.micros += 61'000'000;
      LandAll();
      Work(holders_[0]);
      if (IsFinal(db_.row.state) && late_.empty()) break;
    }
    if (!IsFinal(db_.row.state)) Violate("it never ends");
    CheckAtRest();
    if (db_.row.state == RequestState::kApplied) ++tally_.applied;
    if (db_.row.state == RequestState::kFailed) ++tally_.failed;
    if (db_.row.state == RequestState::kUndone) ++tally_.undone;
  }

  [[nodiscard]] const std::string& violation() const { return violation_; }
  [[nodiscard]] const Tally& tally() const { return tally_; }
  [[nodiscard]] int operations() const { return operations_; }

 private:
  struct Holder {
    std::optional<ChangeRequest> memory = {};
  };
  // The answer of the database; nullopt: it was lost.
  template <typename T>
  using Answer = std::optional<T>;

  bool Chance(double p) { return random_.Unit() < p; }
  bool Does(Sabotage what) const { return sabotage_ == what; }
  void Violate(const std::string& what) {
    if (violation_.empty()) violation_ = what;
  }
  bool IsPlain() const { return is_calm_ || crash_at_ > 0; }

  void Step() {
    now_.micros += static_cast<std::int64_t>(random_.Below(Chance(0.02) ? 400'000'000 : 5'000'000));
    if (!IsPlain()) Disturb();
    Holder& holder = holders_[crash_at_ > 0 ? 0 : random_.Below(2)];
    if (!IsPlain() && Chance(0.03)) Crash(holder);
    Work(holder);
  }

  void Disturb() {
    if (Chance(0.15)) db_.has_room = !db_.has_room;
    if (!late_.empty() && Chance(0.03)) LandOne();
    for (const Change& change : db_.row.bundle.changes) {
      const auto* const made = std::get_if<CreateTopicChange>(&change);
      if (made == nullptr) continue;
      const auto found = db_.topics.find(made->name);
      if (found == db_.topics.end()) {
        if (Chance(0.01)) db_.topics[made->name] = {};  // Somebody else makes it.
      } else if (Chance(0.01)) {
        found->second.is_written = true;
      } else if (found->second.made_by == 0 && Chance(0.05)) {
        db_.topics.erase(found);  // Its maker deletes it.
      }
    }
    if (db_.row.state == RequestState::kApplying && Chance(0.004) &&
        !db_.row.progress.is_past_return) {
      db_.row = GiveUp(db_.row, "wrong", now_);
    }
  }

  void Crash(Holder& holder) {
    ++tally_.crashes;
    holder = {};
  }

  /// One transaction. The effect takes place now, later, or never; the answer may be lost.
  template <typename T>
  Answer<T> Execute(const std::function<T()>& transaction) {
    ++operations_;
    if (!IsPlain()) Disturb();
    if (operations_ == crash_at_ || (!IsPlain() && Chance(0.2))) {
      const std::uint64_t fate = random_.Below(4);
      if (fate == 0) (void)transaction();
      if (fate >= 2) late_.push_back([transaction] { (void)transaction(); });
      CheckAtRest();
      if (operations_ == crash_at_) Crash(holders_[0]);
      return std::nullopt;
    }
    const T result = transaction();
    CheckAtRest();
    return result;
  }

  void LandOne() {
    ++tally_.late;
    const std::size_t at = random_.Below(late_.size());
    const std::function<void()> transaction = late_[at];
    late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(at));
    transaction();
    CheckAtRest();
  }
  void LandAll() {
    while (!late_.empty()) LandOne();
  }

  bool IsCurrent(const ChangeRequest& seen) {
    if (Does(Sabotage::kIgnoresEpoch)) return true;
    const bool is =
        db_.row.state == RequestState::kApplying && db_.row.progress.epoch == seen.progress.epoch;
    if (!is) ++tally_.fenced;
    return is;
  }

  /// Replaces the row that `seen` was read from. False: somebody else has gone on.
  bool Store(const ChangeRequest& seen, const ChangeRequest& after) {
    // What waited for the row comes first.
    if (!IsPlain() && !late_.empty() && Chance(0.35)) LandOne();
    const Answer<bool> answer = Execute<bool>([this, seen, after] {
      if (!IsCurrent(seen)) return false;
      db_.row = after;
      return true;
    });
    return answer.value_or(false);
  }

  void Work(Holder& holder) {
    if (!holder.memory) {
      if (db_.row.state != RequestState::kApplying) return;
      if (!IsPlain() && !Chance(0.1)) return;  // Whoever is at it is not disturbed all the time.
      const ChangeRequest taken = TakenOver(db_.row);
      if (Store(db_.row, taken)) holder.memory = taken;
      return;
    }
    const ChangeRequest seen = *holder.memory;
    const ApplyTurn turn = NextTurn(seen, now_);
    switch (turn.kind) {
      case ApplyTurn::Kind::kNone:
      case ApplyTurn::Kind::kWait:
        if (turn.kind == ApplyTurn::Kind::kNone) holder = {};
        return;
      case ApplyTurn::Kind::kMark: {
        ChangeRequest marked = Marked(seen);
        if (Does(Sabotage::kForgetsMark)) marked.progress.is_past_return = false;
        return Keep(holder, seen, marked);
      }
      case ApplyTurn::Kind::kStep:
        return Do(holder, seen, turn.step);
    }
  }

  void Keep(Holder& holder, const ChangeRequest& seen, const ChangeRequest& after) {
    if (Store(seen, after)) {
      if (holder.memory) holder.memory = after;
    } else {
      holder = {};  // Read again, and taken over: what was meant is known then.
    }
  }

  void Do(Holder& holder, ChangeRequest seen, ApplyStep step) {
    const bool ends = step.kind == ApplyStep::Kind::kCommit || step.kind == ApplyStep::Kind::kClose;
    if (Does(Sabotage::kClosesAtOnce) && step.kind == ApplyStep::Kind::kUndoTopic) {
      step.kind = ApplyStep::Kind::kClose;
      return End(holder, seen, step);
    }
    if (ends) return End(holder, seen, step);
    if (Does(Sabotage::kForgetsTopics) && Chance(0.1)) {
      return Keep(holder, seen, AfterStep(seen, step, StepOutcome::kDone, "", now_));
    }
    // What is late has its tables already.
    const bool has_room = db_.has_room;
    const StepOutcome outcome = Execute<StepOutcome>([this, seen, step, has_room] {
                                  return Effect(seen, step, has_room);
                                }).value_or(StepOutcome::kUnknown);
    if (!holder.memory) return;  // It crashed with that.
    if (outcome == StepOutcome::kInUse) ++tally_.in_use;
    ChangeRequest known = seen;
    if (Does(Sabotage::kTrustsRefusals) && outcome == StepOutcome::kRefused) {
      known.progress.attempts = std::min(known.progress.attempts, 1);
    }
    Keep(holder, seen, AfterStep(known, step, outcome, "because", now_));
  }

  /// One transaction on the catalogue, which checks the request's row.
  StepOutcome Effect(const ChangeRequest& seen, const ApplyStep& step, bool has_room) {
    if (!IsCurrent(seen)) return StepOutcome::kUnknown;
    const Change& change = seen.bundle.changes[step.change];
    if (step.kind == ApplyStep::Kind::kAddPartitions) {
      const auto& added = std::get<AddPartitionsChange>(change);
      if (db_.partitions[added.name] >= added.partitions) return StepOutcome::kDone;
      if (!has_room) return StepOutcome::kRefused;
      db_.partitions[added.name] = added.partitions;
      return StepOutcome::kDone;
    }
    const std::string& name = std::get<CreateTopicChange>(change).name;
    const auto found = db_.topics.find(name);
    if (step.kind == ApplyStep::Kind::kCreateTopic) {
      if (found != db_.topics.end()) {
        return found->second.made_by == kRequest ? StepOutcome::kDone : StepOutcome::kRefused;
      }
      if (!has_room) return StepOutcome::kRefused;
      db_.topics[name] = {.made_by = kRequest};
      return StepOutcome::kDone;
    }
    if (found == db_.topics.end()) return StepOutcome::kDone;
    if (found->second.made_by != kRequest) {
      if (!Does(Sabotage::kDropsForeign)) return StepOutcome::kDone;
      db_.foreign_dropped.insert(name);
    } else if (found->second.is_written) {
      if (!Does(Sabotage::kDropsWritten)) return StepOutcome::kInUse;
      db_.written_dropped.insert(name);
    }
    db_.topics.erase(found);
    return StepOutcome::kDone;
  }

  /// The last step: the request's row, and with a commit all the rest, in one transaction.
  void End(Holder& holder, const ChangeRequest& seen, const ApplyStep& step) {
    const ChangeRequest after = AfterStep(seen, step, StepOutcome::kDone, "", now_);
    const bool is_commit = step.kind == ApplyStep::Kind::kCommit;
    if (is_commit && Does(Sabotage::kCommitsInPieces)) {
      const Answer<bool> rest = Execute<bool>([this, seen] {
        if (!IsCurrent(seen)) return false;
        return db_.has_rest = true;
      });
      if (!rest.value_or(false)) return Fail(holder, seen, step);
      if (Store(seen, after)) {
        holder = {};
        return;
      }
      return Fail(holder, seen, step);
    }
    const Answer<bool> answer = Execute<bool>([this, seen, after, is_commit] {
      if (!IsCurrent(seen)) return false;
      db_.row = after;
      if (is_commit) db_.has_rest = true;
      return true;
    });
    if (answer) {
      holder = {};
      return;
    }
    Fail(holder, seen, step);
  }

  void Fail(Holder& holder, const ChangeRequest& seen, const ApplyStep& step) {
    if (!holder.memory) return;
    Keep(holder, seen, AfterStep(seen, step, StepOutcome::kUnknown, "lost", now_));
  }

  void CheckAtRest() {
    for (const std::string& name : db_.foreign_dropped)
      Violate("dropped what others made: " + name);
    for (const std::string& name : db_.written_dropped) Violate("dropped messages: " + name);
    if (db_.row.state == RequestState::kApplying) return;
    const bool is_applied = db_.row.state == RequestState::kApplied;
    const std::string state(ToString(db_.row.state));
    if (db_.has_rest != is_applied) Violate(state + ": grants and quotas are not as it says");
    for (const Change& change : db_.row.bundle.changes) {
      if (const auto* const made = std::get_if<CreateTopicChange>(&change)) {
        const auto found = db_.topics.find(made->name);
        const bool is_there = found != db_.topics.end() && found->second.made_by == kRequest;
        if (is_there != is_applied) Violate(state + ": topic " + made->name + " is not as it says");
      } else if (const auto* const added = std::get_if<AddPartitionsChange>(&change)) {
        const bool is_added = db_.partitions[added->name] == added->partitions;
        if (is_added != is_applied) {
          Violate(state + ": partitions of " + added->name + " are not as it says");
        }
      }
    }
  }

  Random random_;
  const Sabotage sabotage_;
  WallTime now_{1'800'000'000'000'000};
  Database db_;
  std::array<Holder, 2> holders_;
  std::vector<std::function<void()>> late_;
  int operations_ = 0;
  int crash_at_ = 0;
  bool is_calm_ = false;
  std::string violation_;
  Tally tally_;
};

constexpr int kSteps = 150;

TEST(RequestSimulation, AtRestARequestIsThereAsAWholeOrNotAtAll) {
  Simulation::Tally sum;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    Simulation simulation(seed, Sabotage::kNone);
    simulation.Run(kSteps);
    ASSERT_EQ(simulation.violation(), "") << "seed " << seed;
    sum.applied += simulation.tally().applied;
    sum.failed += simulation.tally().failed;
    sum.undone += simulation.tally().undone;
    sum.crashes += simulation.tally().crashes;
    sum.fenced += simulation.tally().fenced;
    sum.late += simulation.tally().late;
    sum.in_use += simulation.tally().in_use;
  }
  // The worlds were not idle.
  EXPECT_GT(sum.applied, 500);
  EXPECT_GT(sum.failed, 200);
  EXPECT_GT(sum.undone, 20);
  EXPECT_GT(sum.crashes, 2'000);
  EXPECT_GT(sum.fenced, 1'000);
  EXPECT_GT(sum.late, 500);
  EXPECT_GT(sum.in_use, 10);
  RecordProperty("applied", sum.applied);
  RecordProperty("failed", sum.failed);
  RecordProperty("undone", sum.undone);
}

TEST(RequestSimulation, ACrashAfterAnyOneStepIsResumed) {
  int runs = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Simulation whole(seed, Sabotage::kNone);
    whole.CrashAt(1'000'000);  // Never: to count.
    whole.Run(kSteps);
    ASSERT_EQ(whole.violation(), "");
    ASSERT_EQ(whole.tally().applied, 1);
    for (int at = 1; at <= whole.operations(); ++at) {
      Simulation simulation(seed, Sabotage::kNone);
      simulation.CrashAt(at);
      simulation.Run(kSteps);
      ASSERT_EQ(simulation.violation(), "") << "seed " << seed << ", crash at " << at;
      ASSERT_EQ(simulation.tally().applied, 1) << "seed " << seed << ", crash at " << at;
      ++runs;
    }
  }
  EXPECT_GT(runs, 500);
}

TEST(RequestSimulation, EachRuleIsMissedWhenItIsTakenOut) {
  const std::vector<std::pair<Sabotage, const char*>> all = {
      {Sabotage::kIgnoresEpoch, "ignores_the_epoch"},
      {Sabotage::kForgetsMark, "forgets_the_mark"},
      {Sabotage::kTrustsRefusals, "trusts_refusals"},
      {Sabotage::kDropsForeign, "drops_what_others_made"},
      {Sabotage::kDropsWritten, "drops_what_was_written_to"},
      {Sabotage::kClosesAtOnce, "closes_at_once"},
      {Sabotage::kCommitsInPieces, "commits_in_pieces"},
      {Sabotage::kForgetsTopics, "forgets_steps"},
  };
  for (const auto& [sabotage, name] : all) {
    std::uint64_t convicted = 0;
    for (std::uint64_t seed = 1; seed <= 6'000 && convicted == 0; ++seed) {
      Simulation simulation(seed, sabotage);
      simulation.Run(kSteps);
      if (!simulation.violation().empty()) convicted = seed;
    }
    EXPECT_NE(convicted, 0U) << name << " was not found out";
    RecordProperty(name, static_cast<int>(convicted));
  }
}

}  // namespace
}  // namespace lanemq::core
