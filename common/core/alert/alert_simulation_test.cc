// Two metaservers on call, a metadata database and receivers in one thread, in random
// interleavings: terms that end unnoticed, crashes between any two steps of writing, sending and
// marking, commits whose reply is lost (applied, not applied, or applied later), exchanges that
// time out, silences. Every incident must be told once and be over once per channel; a notice is
// repeated in doubt alone and under the same id; nothing is over that was never told; nothing is
// lost.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/alert/alert_machine.h"
#include "common/core/alert/alert_world.h"
#include "common/core/alert/notice_planner.h"

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// What is done wrong on purpose, to see that it is found out.
enum class Sabotage {
  kNone,
  kSendsUnstored,       // Sends what was planned before it is written.
  kIgnoresFence,        // The database takes what an old term writes.
  kIgnoresFenceAtEnd,   // The same, of the mark after a sending alone.
  kMarksOnlyAfter,      // Sends without the mark before.
  kChangesIds,          // A term makes its own ids.
  kTellsAllRecoveries,  // A recovery is queued whether its beginning was tried or not.
  kDropsNothing,        // A beginning that was never tried is sent after the recovery.
  kTrustsOldMemory,     // The database does not look whether alerts are as they were loaded.
  kIgnoresOrder,        // A recovery is sent while the beginning is tried again.
  kForgetsDoubt,        // What was being sent at a crash is taken as sent.
  kDropsTried,          // A beginning that may have been seen is dropped with the recovery.
};

class Simulation {
 public:
  struct Tally {
    int told = 0, repeated = 0, takeovers = 0, crashes = 0, late = 0, stale = 0, fenced = 0;
  };

  Simulation(std::uint64_t seed, Sabotage sabotage) : random_(seed), sabotage_(sabotage) {
    times_.remind_every = minutes{20};
    for (const char* name : {"hook", "mail"}) {
      AlertChannel channel;
      channel.name = name;
      settings_.channels.push_back(channel);
    }
    settings_.channels[1].lowest = AlertSeverity::kPage;
    for (const char* subject : {"topic a, partition 0", "topic a, partition 1"}) {
      truth_[{"data_loss", subject}] = false;
    }
    truth_[{"node_down", "node n1"}] = false;
    truth_[{"dead_letters_growing", "group g, topic a"}] = false;
    if (Does(Sabotage::kTrustsOldMemory)) world_.BeCareless();
  }

  void Run(int steps) {
    for (int i = 0; i < steps && violation_.empty(); ++i) Step();
    is_calm_ = true;
    settings_.silences.clear();
    for (auto& [key, is_true] : truth_) is_true = Chance(0.5);
    for (int i = 0; i < 1'500 && violation_.empty(); ++i) {
      world_.Advance(seconds{1});
      if (i == 0 || holders_[newest_].epoch != epoch_) TakeOver(0);
      Evaluate(holders_[newest_]);
      for (int n = 0; n < 12; ++n) Notify(holders_[newest_]);
    }
    if (violation_.empty()) CheckEnd();
  }
  [[nodiscard]] const std::string& violation() const { return violation_; }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  using Id = std::pair<std::string, std::string>;  // Notice, or incident, and channel.

  enum class Outcome { kDone, kFailed, kUnknown };

  struct Sending {
    AlertNotice notice;
    bool has_begun = false;
    std::optional<bool> is_sent = {};  // What the exchange came to, as the sender knows.
  };
  struct Holder {
    std::int64_t epoch = 0;  // 0: it does not believe to be on call.
    std::optional<AlertChanges> planned = {};
    std::optional<Sending> sending = {};
  };
  struct Received {
    std::set<std::string> ids;
    int count = 0;
  };

  bool Chance(double p) { return random_.Unit() < p; }
  bool Does(Sabotage what) const { return sabotage_ == what; }
  void Violate(const std::string& what) {
    if (violation_.empty()) violation_ = what;
  }

  void Step() {
    if (Chance(0.2)) world_.Advance(milliseconds(random_.Below(15'000)));
    for (auto& [key, is_true] : truth_) {
      if (Chance(0.004)) is_true = !is_true;
    }
    if (Chance(0.003)) ToggleSilence();
    if (Chance(0.01) || epoch_ == 0) TakeOver(random_.Below(2));
    Holder& holder = holders_[random_.Below(2)];
    if (Chance(0.01) && holder.epoch != 0) {
      ++tally_.crashes;
      holder = {};
    }
    if (holder.epoch == 0) return;
    Chance(0.4) ? Evaluate(holder) : Notify(holder);
  }

  void ToggleSilence() {
    if (!settings_.silences.empty()) return settings_.silences.clear();
    AlertSilence silence;
    silence.kind = "data_*";
    silence.subject = "*";
    silence.until = WallTime{INT64_MAX};
    settings_.silences.push_back(silence);
  }

  // The other one goes on as it was, until the database tells it.
  void TakeOver(std::size_t holder) {
    LandLate();
    ++tally_.takeovers;
    holders_[holder] = {};
    holders_[holder].epoch = ++epoch_;
    newest_ = holder;
  }

  // A commit that was on its way holds its locks: whoever writes the same rows waits for it.
  void LandLate() {
    if (!late_) return;
    const AlertChanges changes = *std::move(late_);
    late_.reset();
    ++tally_.late;
    if (!Write(changes)) ++tally_.stale;
  }

  bool Write(AlertChanges changes) {
    if (Does(Sabotage::kDropsNothing)) changes.drop.clear();
    if (Does(Sabotage::kDropsTried)) {
      for (AlertNotice& notice : world_.notices()) {
        for (const Id& id : changes.drop) {
          const bool is_of = notice.incident == id.first && notice.channel == id.second;
          if (is_of && notice.state == NoticeState::kQueued) notice.state = NoticeState::kDropped;
        }
      }
    }
    if (!world_.Apply(changes)) return false;
    if (Does(Sabotage::kTellsAllRecoveries)) {
      for (const AlertNotice& notice : changes.notices) {
        if (notice.what != NoticeKind::kResolved || Stored(notice) != nullptr) continue;
        world_.notices().push_back(notice);
      }
    }
    return true;
  }

  AlertNotice* Stored(const AlertNotice& wanted) {
    for (AlertNotice& notice : world_.notices()) {
      if (notice.notice == wanted.notice && notice.channel == wanted.channel) return &notice;
    }
    return nullptr;
  }

  bool IsFenced(Holder& holder, bool is_ignored) {
    if (holder.epoch == epoch_ || is_ignored) return false;
    ++tally_.fenced;
    holder = {};
    return true;
  }

  Outcome Reply() {
    if (is_calm_ || Chance(0.85)) return Outcome::kDone;
    return Chance(0.5) ? Outcome::kFailed : Outcome::kUnknown;
  }

  void Evaluate(Holder& holder) {
    if (!holder.planned) {
      AlertObservations seen;
      for (const auto& [key, is_true] : truth_) {
        if (!is_calm_ && Chance(0.1)) continue;  // Not looked at; it may be true or false.
        seen.complete.insert(key.kind);
        for (const auto& [other, is_other_true] : truth_) {
          if (other.kind != key.kind || !is_other_true) continue;
          AlertObservation item;
          item.kind = other.kind;
          item.subject = other.subject;
          item.truth = Truth::kTrue;
          if (other.kind == "data_loss") item.explained_by = {{"node_down", "node n1"}};
          seen.items.push_back(item);
        }
      }
      holder.planned = PlanAlerts(world_.Load(), seen, settings_, times_);
      if (holder.planned->empty()) holder.planned.reset();
      return;
    }
    AlertChanges changes = *std::move(holder.planned);
    holder.planned.reset();
    if (Does(Sabotage::kChangesIds)) {
      for (AlertNotice& notice : changes.notices) notice.notice += std::to_string(holder.epoch);
    }
    if (Does(Sabotage::kSendsUnstored)) {
      for (const AlertNotice& notice : changes.notices) {
        if (notice.what == NoticeKind::kFired) Receive(notice);
      }
    }
    if (IsFenced(holder, Does(Sabotage::kIgnoresFence))) return;
    const Outcome outcome = Reply();
    if (outcome == Outcome::kFailed) return;
    LandLate();
    if (outcome == Outcome::kUnknown && Chance(0.3)) return;
    if (outcome == Outcome::kUnknown && Chance(0.5)) {
      late_ = std::move(changes);
    } else if (!Write(changes)) {
      ++tally_.stale;
    }
  }

  std::optional<AlertNotice> Due(const Holder& holder) {
    const auto is_due = [&](const AlertNotice& notice) {
      if (notice.state == NoticeState::kQueued) return notice.next_at <= world_.now();
      if (notice.state != NoticeState::kSending || Does(Sabotage::kForgetsDoubt)) return false;
      return notice.epoch != holder.epoch || notice.next_at <= world_.now();
    };
    if (Does(Sabotage::kIgnoresOrder)) {
      for (const AlertNotice& notice : world_.notices()) {
        if (is_due(notice)) return notice;
      }
      return std::nullopt;
    }
    for (const AlertNotice* notice : world_.Waiting()) {
      if (is_due(*notice)) return *notice;
    }
    return std::nullopt;
  }

  void Notify(Holder& holder) {
    if (!holder.sending) {
      if (auto due = Due(holder)) holder.sending = Sending{*std::move(due)};
      return;
    }
    Sending& sending = *holder.sending;
    if (!sending.has_begun) {
      Begin(holder);
    } else if (!sending.is_sent) {
      // Failed; seen; seen, but the answer is lost.
      const double luck = is_calm_ ? 1 : random_.Unit();
      if (luck >= 0.2) Receive(sending.notice);
      sending.is_sent = luck >= 0.35;
    } else {
      End(holder);
    }
  }

  void Begin(Holder& holder) {
    if (IsFenced(holder, Does(Sabotage::kIgnoresFence))) return;
    Sending& sending = *holder.sending;
    if (Does(Sabotage::kMarksOnlyAfter)) {
      sending.has_begun = true;
      return;
    }
    const Outcome outcome = Reply();
    if (outcome == Outcome::kFailed || (outcome == Outcome::kUnknown && Chance(0.5))) return;
    AlertNotice* const stored = Stored(sending.notice);
    const bool waits = stored != nullptr && (stored->state == NoticeState::kQueued ||
                                             stored->state == NoticeState::kSending);
    const bool is_repeated = waits && stored->state == NoticeState::kSending &&
                             stored->epoch == holder.epoch &&
                             stored->attempts == sending.notice.attempts + 1;
    if (!waits || (stored->attempts != sending.notice.attempts && !is_repeated)) {
      holder.sending.reset();
      return;
    }
    stored->state = NoticeState::kSending;
    stored->epoch = holder.epoch;
    stored->attempts = sending.notice.attempts + 1;
    stored->next_at = WallTime{world_.now().micros + 120'000'000};
    if (outcome == Outcome::kUnknown) return;
    if (confirmed_.contains({stored->notice, stored->channel})) {
      Violate("sent again without doubt: " + stored->notice);
    }
    sending.notice = *stored;
    sending.has_begun = true;
  }

  void End(Holder& holder) {
    const bool is_ignored = Does(Sabotage::kIgnoresFence) || Does(Sabotage::kIgnoresFenceAtEnd);
    if (IsFenced(holder, is_ignored)) return;
    const Outcome outcome = Reply();
    if (outcome == Outcome::kFailed || (outcome == Outcome::kUnknown && Chance(0.5))) return;
    const Sending sending = *holder.sending;
    AlertNotice* const stored = Stored(sending.notice);
    const bool is_mine =
        stored != nullptr &&
        ((stored->state == NoticeState::kSending && stored->epoch == holder.epoch) || is_ignored ||
         Does(Sabotage::kMarksOnlyAfter));
    if (is_mine) {
      if (Does(Sabotage::kMarksOnlyAfter)) ++stored->attempts;
      stored->state = *sending.is_sent ? NoticeState::kSent : NoticeState::kQueued;
      if (*sending.is_sent) confirmed_.insert({stored->notice, stored->channel});
      const auto wait = RetryIn(*stored, world_.now(), times_, random_);
      if (!wait) return Violate("given up");
      stored->next_at = WallTime{world_.now().micros + std::chrono::microseconds(*wait).count()};
    }
    if (outcome == Outcome::kDone) holder.sending.reset();
  }

  void Receive(const AlertNotice& notice) {
    const auto body = NoticeBodyFromText(notice.body);
    if (!body.ok()) return Violate("damaged body");
    const Id id{notice.incident, notice.channel};
    const Id subject{body->alert.kind + "/" + body->alert.subject, notice.channel};
    Received& received = received_[notice.what][id];
    received.ids.insert(notice.notice);
    if (++received.count == 1) ++tally_.told;
    if (received.count > 1) ++tally_.repeated;
    const bool is_over = received_[NoticeKind::kResolved].contains(id);
    if (notice.what == NoticeKind::kFired) {
      subjects_[subject].insert(notice.incident);
      const bool is_first = received.count == 1;
      if (is_over && is_first) Violate("told after it was over: " + notice.notice);
    }
    if (notice.what == NoticeKind::kReminder) return;
    if (received.ids.size() > 1) Violate("told under two ids: " + notice.notice);
    if (notice.what == NoticeKind::kResolved) WasTried(id);
  }

  void WasTried(const Id& id) {
    for (const AlertNotice& notice : world_.notices()) {
      if (notice.incident != id.first || notice.channel != id.second) continue;
      if (notice.what != NoticeKind::kResolved && notice.attempts > 0) return;
    }
    Violate("over, and never told: " + id.first);
  }

  void CheckEnd() {
    for (const AlertNotice& notice : world_.notices()) {
      const bool is_done =
          notice.state == NoticeState::kSent || notice.state == NoticeState::kDropped;
      if (!is_done) Violate("it never ends: " + notice.notice);
    }
    auto& fired = received_[NoticeKind::kFired];
    auto& resolved = received_[NoticeKind::kResolved];
    for (const auto& [key, is_true] : truth_) {
      for (const AlertChannel& channel : settings_.channels) {
        const bool is_page = key.kind != "dead_letters_growing";
        const bool is_routed = is_page || channel.lowest == AlertSeverity::kTicket;
        int open = 0;
        for (const std::string& incident :
             subjects_[{key.kind + "/" + key.subject, channel.name}]) {
          const Id id{incident, channel.name};
          if (fired.contains(id) && !resolved.contains(id)) ++open;
        }
        // A loss is explained while the node is down.
        const bool is_explained = key.kind == "data_loss" && truth_[{"node_down", "node n1"}];
        const int wanted = is_true && is_routed ? 1 : 0;
        if (open == wanted || (is_explained && open < wanted)) continue;
        Violate(key.kind + " is told open " + std::to_string(open) + " times instead of " +
                std::to_string(wanted) + " on " + channel.name);
      }
    }
  }

  Random random_;
  const Sabotage sabotage_;
  AlertTimes times_;
  AlertSettings settings_;
  AlertWorld world_;
  std::int64_t epoch_ = 0;  // Of the newest term.
  std::size_t newest_ = 0;
  Holder holders_[2];
  std::optional<AlertChanges> late_;
  std::map<AlertKey, bool> truth_;
  std::map<NoticeKind, std::map<Id, Received>> received_;  // By incident and channel.
  std::map<Id, std::set<std::string>> subjects_;           // Incidents by subject and channel.
  std::set<Id> confirmed_;
  bool is_calm_ = false;
  std::string violation_;
  Tally tally_;
};

constexpr int kSteps = 3'000;

TEST(AlertSimulation, EveryIncidentIsToldOnceAndIsOverOncePerChannel) {
  Simulation::Tally sum;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Simulation simulation(seed, Sabotage::kNone);
    simulation.Run(kSteps);
    ASSERT_EQ(simulation.violation(), "") << "seed " << seed;
    sum.told += simulation.tally().told;
    sum.repeated += simulation.tally().repeated;
    sum.takeovers += simulation.tally().takeovers;
    sum.crashes += simulation.tally().crashes;
    sum.late += simulation.tally().late;
    sum.stale += simulation.tally().stale;
    sum.fenced += simulation.tally().fenced;
  }
  // The worlds were not idle.
  EXPECT_GT(sum.told, 1'000);
  EXPECT_GT(sum.repeated, 100);
  EXPECT_GT(sum.takeovers, 1'000);
  EXPECT_GT(sum.crashes, 500);
  EXPECT_GT(sum.late, 20);
  EXPECT_GT(sum.stale, 0);
  EXPECT_GT(sum.fenced, 200);
  RecordProperty("told", sum.told);
  RecordProperty("repeated", sum.repeated);
}

class SabotageTest : public ::testing::TestWithParam<Sabotage> {};
INSTANTIATE_TEST_SUITE_P(Every, SabotageTest,
                         ::testing::Values(Sabotage::kSendsUnstored, Sabotage::kIgnoresFence,
                                           Sabotage::kIgnoresFenceAtEnd, Sabotage::kMarksOnlyAfter,
                                           Sabotage::kChangesIds, Sabotage::kTellsAllRecoveries,
                                           Sabotage::kDropsNothing, Sabotage::kTrustsOldMemory,
                                           Sabotage::kIgnoresOrder, Sabotage::kForgetsDoubt,
                                           Sabotage::kDropsTried));

TEST_P(SabotageTest, IsFoundOut) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Simulation simulation(seed, GetParam());
    simulation.Run(kSteps);
    if (simulation.violation().empty()) continue;
    RecordProperty("violation", simulation.violation());
    RecordProperty("seed", static_cast<int>(seed));
    return;
  }
  FAIL() << "300 worlds, and nobody noticed";
}

}  // namespace
}  // namespace lanemq::core
