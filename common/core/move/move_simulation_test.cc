// Whole moves against a model of both data nodes and of the metadata database, with everything that
// may go wrong: see README.md.
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/core/move/move_machine.h"
#include "common/core/move/test_move_world.h"

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;

/// A metaserver that believes, rightly or not, that it carries moves out.
struct Mover {
  std::int64_t term = 0;
  std::unique_ptr<MoveMachine> machine;
  /// Taken from the machine, and still to be carried out: it may take long to get around to it.
  std::optional<MoveOrder> order;
  /// Read for it, and still to be written.
  std::optional<TwoNodes::AheadPart> ahead;
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, Sabotage sabotage)
      : random_(seed), sabotage_(sabotage), nodes_(sabotage) {
    movers_[0].term = 1;
  }

  /// What is wrong in the end; empty: nothing.
  std::string Run() {
    for (int i = 0; i < 4'000; ++i) {
      Chaos();
      if (book_.Unfinished() == nullptr && book_.is_topic_active &&
          nodes_.Of(book_.place).state != TwoNodes::State::kWritable) {
        return "nothing moves, and yet it cannot be used";
      }
    }
    is_calm_ = true;
    for (int i = 0; i < 20'000 && (book_.Unfinished() != nullptr || HasOrders()); ++i) {
      now_ = now_ + milliseconds{10};
      for (Mover& mover : movers_) Step(mover);
    }
    while (!ghosts_.empty()) Haunt();
    if (book_.Unfinished() != nullptr) return "the move does not end";
    if (!fault_.empty()) return fault_;
    return book_.is_topic_active ? Faults() : FaultsOfDeleted();
  }
  [[nodiscard]] int done() const { return done_; }

 private:
  bool Once(std::int64_t in) { return random_.Below(static_cast<std::uint64_t>(in)) == 0; }

  bool HasOrders() const { return movers_[0].order || movers_[1].order; }

  void Chaos() {
    now_ = now_ + milliseconds{10};
    if (Once(3)) Write();
    if (Once(2)) Step(movers_[0]);
    if (Once(2)) Step(movers_[1]);
    if (Once(150)) {
      // The lease goes to the other one; this one does not know it.
      Mover& next = movers_[random_.Below(2)];
      next.term = ++book_.term;
      Forget(next);
    }
    if (Once(200)) Forget(movers_[random_.Below(2)]);
    if (!ghosts_.empty() && Once(20)) Haunt();
    if (Once(300)) book_.Cancel();
    if (Once(20'000)) LoseTheOther();
    if (book_.Unfinished() == nullptr && book_.is_topic_active && lost_ == 0 && Once(20)) {
      book_.Begin(++last_id_);
    }
    if (Once(20'000)) book_.is_topic_active = false;
    if (!book_.is_topic_active && Once(10)) nodes_.DropPartition(book_.place);
  }

  /// The data node that the partition is not on never comes back, and is disabled.
  void LoseTheOther() {
    const MoveRecord* const record = book_.Unfinished();
    // In between a person must help: see the known faults in docs/adr.
    const bool needs_help = record != nullptr && (record->state == MoveState::kHandingOver ||
                                                  record->state == MoveState::kOpening);
    if (needs_help || lost_ != 0 || !book_.is_topic_active) return;
    lost_ = 3 - book_.place;
    if (sabotage_ != Sabotage::kNotDisabled) book_.disabled = lost_;
  }
  [[nodiscard]] bool IsLost(const PartitionMove& move, MoveStep step) const {
    switch (step) {
      case MoveStep::kBeginArrival:
      case MoveStep::kCopyLog:
      case MoveStep::kCopyAhead:
      case MoveStep::kCopyState:
      case MoveStep::kCompare:
        return lost_ != 0;
      case MoveStep::kSeal:
      case MoveStep::kUnseal:
      case MoveStep::kDropSource:
        return move.from.node.value == lost_;
      case MoveStep::kOpen:
      case MoveStep::kDropArrival:
        return move.to.node.value == lost_;
      default:
        return false;
    }
  }

  /// Its process is another one from here on; what the old one has sent may still arrive.
  void Forget(Mover& mover) {
    if (mover.machine && mover.order) {
      Mover ghost;
      ghost.term = mover.term;
      ghost.machine = std::move(mover.machine);
      ghost.order = std::move(mover.order);
      ghost.ahead = std::move(mover.ahead);
      ghosts_.push_back(std::move(ghost));
    }
    mover.machine.reset();
    mover.order.reset();
    mover.ahead.reset();
  }

  void Haunt() {
    Mover ghost = std::move(ghosts_.front());
    ghosts_.pop_front();
    CarryOut(ghost);
  }

  /// By brokers, of which some have an old catalogue.
  void Write() {
    const std::int64_t node =
        Once(2) ? book_.place : static_cast<std::int64_t>(1 + random_.Below(2));
    if (Once(3)) {
      const int number = static_cast<int>(random_.Below(6));
      const int content = Once(3) ? 0 : ++last_letter_;
      if (!nodes_.PutLetter(node, number, content)) return;
      letters_.erase(number);
      if (content != 0) letters_[number] = content;
    } else if (Once(2)) {
      if (nodes_.Append(node, ++last_row_)) acknowledged_.push_back(last_row_);
    } else if (nodes_.Commit(node, ++last_commit_)) {
      committed_.push_back(last_commit_);
    }
  }

  void Step(Mover& mover) {
    if (mover.term == 0) return;
    if (!mover.machine && !mover.order) {
      MoveRecord* const record = book_.Unfinished();
      if (mover.term != book_.term || record == nullptr) return;
      record->is_topic_active = book_.is_topic_active;
      mover.machine = std::make_unique<MoveMachine>(
          *record,
          MoveLimits{.rows_near = 3, .ahead_rows_near = 4, .pause_max = milliseconds{3'000}}, now_);
    }
    if (!mover.order) {
      mover.order = mover.machine->Next(now_);
      if (!is_calm_ && Once(10)) return;
    }
    if (!is_calm_ && Once(3)) return;
    if (!is_calm_ && mover.ahead && IsFrozen(mover)) return;
    CarryOut(mover);
  }

  /// Who has lost his lease, and does not know it, writes when it is worst, or any time.
  bool IsFrozen(const Mover& mover) {
    if (mover.term == book_.term || Once(1'000)) return false;
    return !nodes_.Of(mover.machine->record().move.to.node.value).has_state_copy;
  }

  void CarryOut(Mover& mover) {
    const MoveOrder order = *std::exchange(mover.order, std::nullopt);
    if (!mover.machine) return;
    MoveMachine& machine = *mover.machine;
    if (order.step == MoveStep::kWait) {
      // Others have their turn; then it begins with what is written down.
      if (lost_ != 0 && machine.MayYield() && Once(20)) mover.machine.reset();
      return;
    }
    if (order.step == MoveStep::kReload || order.step == MoveStep::kFinished) {
      mover.machine.reset();
      return;
    }
    if (IsLost(machine.record().move, order.step) || (!is_calm_ && Once(8))) {
      mover.ahead.reset();
      return machine.OnFailed(order, {ErrorCode::kDataNodeUnavailable, "lost before"}, now_);
    }
    const bool is_lost_after = !is_calm_ && Once(8);
    const Status done = Do(mover, order, is_lost_after);
    if (!done.ok()) machine.OnFailed(order, done.error(), now_);
  }

  Status Do(Mover& mover, const MoveOrder& order, bool is_lost) {
    MoveMachine& machine = *mover.machine;
    const PartitionMove move = machine.record().move;
    const Error lost{ErrorCode::kOutcomeUnknown, "lost after"};
    Status done;
    switch (order.step) {
      case MoveStep::kBeginArrival:
        done = nodes_.BeginArrival(move);
        break;
      case MoveStep::kCopyLog: {
        auto copied = nodes_.CopyLog(move, 1 + random_.Below(4));
        if (!copied.ok()) return copied.error();
        if (is_lost) return lost;
        machine.OnLog(*copied);
        return {};
      }
      case MoveStep::kCopyAhead:
        return CopyAhead(mover, order, is_lost);
      case MoveStep::kSeal:
        done = nodes_.Seal(move, !is_calm_ && Once(4));
        break;
      case MoveStep::kUnseal:
        done = nodes_.Unseal(move);
        break;
      case MoveStep::kCopyState: {
        auto copied = nodes_.CopyState(move);
        if (!copied.ok()) return copied.error();
        if (is_lost) return lost;
        machine.OnState(*copied);
        return {};
      }
      case MoveStep::kCompare: {
        auto counts = nodes_.Compare(move);
        if (!counts.ok()) return counts.error();
        if (is_lost) return lost;
        if (sabotage_ == Sabotage::kDropFirst) (void)nodes_.DropSource(move);
        machine.OnCompared(*counts);
        return {};
      }
      case MoveStep::kOpen:
        if (sabotage_ == Sabotage::kSwitchFirst) {
          done = book_.Switch(move.id, mover.term);
          if (!done.ok()) break;
          if (Once(2)) {
            mover.machine.reset();  // It dies in between.
            return {};
          }
        }
        done = nodes_.Open(move);
        break;
      case MoveStep::kDropArrival:
        done = nodes_.DropArrival(move);
        break;
      case MoveStep::kDropSource: {
        auto dropped = nodes_.DropSource(move);
        if (!dropped.ok()) return dropped.error();
        if (is_lost) return lost;
        machine.OnSourceDropped(*dropped);
        return {};
      }
      case MoveStep::kDropTopic:
        for (const std::int64_t node : {move.to.node.value, move.from.node.value}) {
          if (node != lost_) nodes_.DropPartition(node);
        }
        break;
      case MoveStep::kAdvance:
        done = book_.Advance(move.id, mover.term, machine.record().state, order);
        if (done.ok() && order.next == MoveState::kDone) ++done_;
        if (done.ok() && order.ends_pause && IsSealedBy(move))
          fault_ = "it is shut, and counts not";
        if (sabotage_ == Sabotage::kForwardOnCancel && order.next == MoveState::kCancelling) {
          (void)nodes_.Open(move);
        }
        break;
      case MoveStep::kSwitch:
        done = book_.Switch(move.id, mover.term);
        break;
      case MoveStep::kWait:
      case MoveStep::kReload:
      case MoveStep::kFinished:
        break;
    }
    if (!done.ok()) return done;
    if (is_lost) return lost;
    machine.OnDone(order, now_);
    return {};
  }

  /// Reads, and writes now or when its turn comes again; much later when it has lost its lease.
  Status CopyAhead(Mover& mover, const MoveOrder& order, bool is_lost) {
    const PartitionMove move = mover.machine->record().move;
    if (!mover.ahead) {
      auto part = nodes_.ReadAhead(move, TwoNodes::NumberOf(order.after),
                                   1 + static_cast<int>(random_.Below(6)));
      if (!part.ok()) return part.error();
      mover.ahead = *std::move(part);
      if (!is_calm_ && Once(2)) {
        mover.order = order;
        return {};
      }
    }
    const TwoNodes::AheadPart part = *std::exchange(mover.ahead, std::nullopt);
    const auto copied = nodes_.WriteAhead(move, part);
    if (!copied.ok()) return copied.error();
    if (is_lost) return Error{ErrorCode::kOutcomeUnknown, "lost after"};
    mover.machine->OnAhead(*copied, now_);
    return {};
  }

  bool IsSealedBy(const PartitionMove& move) {
    const TwoNodes::Side& from = nodes_.Of(move.from.node.value);
    return from.state == TwoNodes::State::kMoving && from.move_id == move.id;
  }

  std::string Faults() {
    TwoNodes::Side& here = nodes_.Of(book_.place);
    TwoNodes::Side& there = nodes_.Of(3 - book_.place);
    if (here.state != TwoNodes::State::kWritable) return "it cannot be written to";
    if (here.table != TwoNodes::Table::kMessages) return "it has no table";
    if (here.log != acknowledged_) {
      return "its log has " + std::to_string(here.log.size()) +
             " rows, or others, instead of the " + std::to_string(acknowledged_.size()) +
             " that were acknowledged";
    }
    if (here.committed != committed_) return "a commit was lost";
    if (here.letters != letters_) return "the letters are not what they were";
    if (lost_ != 0) return {};
    if (there.table != TwoNodes::Table::kNone) return "the other place has a table";
    if (there.state != TwoNodes::State::kNone) return "the other place has a state";
    if (there.arrival == TwoNodes::Arrival::kArriving) return "a copy was left behind";
    return {};
  }
  /// The deletion itself comes around once more.
  std::string FaultsOfDeleted() {
    nodes_.DropPartition(book_.place);
    for (const std::int64_t node : {1, 2}) {
      if (node == lost_) continue;
      const TwoNodes::Side& side = nodes_.Of(node);
      if (side.table != TwoNodes::Table::kNone) return "a table of the deleted topic";
      if (side.state != TwoNodes::State::kNone) return "a state of the deleted topic";
      if (side.arrival == TwoNodes::Arrival::kArriving) return "a copy of the deleted topic";
    }
    return {};
  }

  Random random_;
  const Sabotage sabotage_;
  TwoNodes nodes_;
  MoveBook book_;
  Mover movers_[2];
  std::deque<Mover> ghosts_;
  MonotonicTime now_{milliseconds{1'000}};
  bool is_calm_ = false;
  std::int64_t last_id_ = 0;
  int last_row_ = 0;
  std::int64_t last_commit_ = 0;
  int last_letter_ = 0;
  std::vector<int> acknowledged_;
  std::vector<std::int64_t> committed_;
  std::map<int, int> letters_;
  int done_ = 0;
  std::int64_t lost_ = 0;  ///< A data node; 0: none.
  std::string fault_;
};

constexpr std::uint64_t kSeeds = 400;
/// Until the first one convicts; some need a rare coincidence.
constexpr std::uint64_t kSabotageSeeds = 4'000;

TEST(MoveSimulationTest, NothingIsLostWhateverIsLateOrLost) {
  int done = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Simulation simulation(seed, Sabotage::kNone);
    const std::string fault = simulation.Run();
    ASSERT_EQ(fault, "") << "seed " << seed;
    done += simulation.done();
  }
  EXPECT_GT(done, static_cast<int>(kSeeds));  // Otherwise it has shown little.
}

class MoveSabotageTest : public ::testing::TestWithParam<Sabotage> {};

TEST_P(MoveSabotageTest, AProtocolWithoutOneOfItsPartsIsConvicted) {
  for (std::uint64_t seed = 1; seed <= kSabotageSeeds; ++seed) {
    if (!Simulation(seed, GetParam()).Run().empty()) return;
  }
  FAIL() << "nobody has noticed";
}

INSTANTIATE_TEST_SUITE_P(EachPart, MoveSabotageTest,
                         ::testing::Values(Sabotage::kNoRename, Sabotage::kNoStateCheck,
                                           Sabotage::kNoTombstone, Sabotage::kNoStateCopy,
                                           Sabotage::kSwitchFirst, Sabotage::kDropFirst,
                                           Sabotage::kForwardOnCancel, Sabotage::kNoDiff,
                                           Sabotage::kNotDisabled, Sabotage::kLateAhead));

}  // namespace
}  // namespace lanemq::core
