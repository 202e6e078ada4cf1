// Relays, an outbox and a cluster in one thread, in random interleavings: transactions that commit
// late and out of order, lost and repeated commits, requests executed long after their senders gave
// up, refusals, failing partitions, forgotten producers, crashed and frozen relays. Every committed
// message must be in its topic exactly once (or dead, by policy), every key in order, and when
// nothing is wrong any more, everything must come to its end.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/outbox/bucket_share.h"
#include "common/core/outbox/model_outbox.h"
#include "common/core/outbox/relay_planner.h"

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;

// What a relay or its database does wrong on purpose, to see that it is found out.
enum class Sabotage {
  kNone,
  kCommitsNoPlan,      // Sends batches whose plan was not committed.
  kSendsBeforeCommit,  // Does not wait for the commit of the plan.
  kRenumbers,          // Sends a dead relay's plan under another producer id.
  kDropsPlan,          // Closes a dead relay's session without sending its plan.
  kReadsByCursor,      // Reads on from the highest id seen.
  kIgnoresEpoch,       // The store takes writes of sessions that were taken over.
  kFreesEarly,         // Buckets of a dead relay are free before its plan is sent.
  kReleasesEarly,      // Gives buckets back with rows on their way.
  kForgetsHolds,       // Reads a bucket without having read its holds.
};

struct Relay {
  OutboxSession session;
  std::unique_ptr<RelayPlanner> planner;
  std::vector<std::int32_t> buckets = {};
  std::vector<std::int32_t> to_release = {};
  bool is_resuming = false;
  std::optional<OutboxChange> pending = {};  // Taken, and not known to be committed.
  std::vector<std::pair<std::int64_t, std::optional<Error>>> answers = {};
  std::map<std::int32_t, std::int64_t> cursors = {};
};

struct Request {
  int relay = 0;  // Who waits for the answer; 0: nobody any more.
  std::int64_t serial = 0;
  OutboxGroup group;
  std::vector<OutboxMessage> messages;
};

struct Transaction {
  std::vector<std::int64_t> ids;
  std::set<std::string> keys;  // Locked until it ends.
};

class Simulation {
 public:
  struct Tally {
    int published = 0, dead = 0, adoptions = 0, fenced = 0, late = 0, holds = 0, forgotten = 0;
  };

  Simulation(std::uint64_t seed, Sabotage sabotage) : random_(seed), sabotage_(sabotage) {
    options_.streams = {.rows_max = 1 + random_.Below(5),
                        .groups_max = 1 + random_.Below(6),
                        .resend = {milliseconds(10), milliseconds(100), 2.0}};
    options_.on_refusal = Chance(0.5) ? OutboxRefusal::kBlock : OutboxRefusal::kDead;
    options_.attempts_max = 2;
    options_.hold_after = milliseconds(150);
    options_.hold_backoff = {milliseconds(50), milliseconds(400), 2.0};
    options_.holds_max = Chance(0.3) ? 2 : 1'000;
    options_.held_per_round = Chance(0.3) ? 2 : 1'000;
    due_holds_max_ = Chance(0.5) ? 2 : 16;
    poison_share_ = Chance(0.5) ? 0.05 : 0;
  }

  void Run(int steps) {
    for (int i = 0; i < steps && violation_.empty(); ++i) Step();
    if (violation_.empty()) Close();
    if (violation_.empty()) CheckEnd();
  }
  [[nodiscard]] const std::string& violation() const { return violation_; }
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  bool Chance(double p) { return random_.Unit() < p; }
  void Violate(const std::string& what) {
    if (violation_.empty() && !what.empty()) violation_ = what;
  }
  bool Does(Sabotage what) const { return sabotage_ == what; }

  void Step() {
    if (Chance(0.3)) now_ = now_ + milliseconds(random_.Below(40));
    Weather();
    const double turn = random_.Unit();
    if (turn < 0.25) {
      Business();
    } else if (turn < 0.33) {
      Share(true);
    } else if (turn < 0.65) {
      if (!relays_.empty()) Work(AnyRelay(), true);
    } else if (!requests_.empty()) {
      Serve(random_.Below(requests_.size()), true);
    }
    Violate(cluster_.violation());
  }

  void Weather() {
    if (Chance(0.02)) failing_.insert({AnyTopic(), static_cast<std::int32_t>(random_.Below(3))});
    if (Chance(0.02)) failing_.clear();
    if (Chance(0.005)) {
      unknown_ =
          Chance(0.5) ? ErrorCode::kUnknownTopicOrPartition : ErrorCode::kMetadataUnavailable;
      has_missed_b_ = has_missed_b_ || unknown_ == ErrorCode::kUnknownTopicOrPartition;
    }
    if (Chance(0.02)) unknown_.reset();
    if (Chance(0.02)) ForgetProducers();
    if (relays_.empty() || !Chance(0.02)) return;
    const int who = AnyRelay();
    const OutboxSession session = relays_.at(who).session;
    // Gone, or frozen: then it may wake up before it is taken over.
    if (outbox_.IsCurrent(session)) outbox_.SetAlive(session.id, false);
    if (Chance(0.5)) relays_.erase(who);
  }

  std::string AnyTopic() { return Chance(0.7) ? "a" : "b"; }
  int AnyRelay() {
    auto at = relays_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_.Below(relays_.size())));
    return at->first;
  }

  // The application: rows of a key come in the order of its transactions, all else in any.
  void Business() {
    if (transactions_.size() < 5 && Chance(0.4)) transactions_.emplace_back();
    if (transactions_.empty()) return;
    const std::size_t index = random_.Below(transactions_.size());
    Transaction& one = transactions_[index];
    if (one.ids.size() < 3 && Chance(0.7)) return Insert(one);
    if (Chance(0.5)) End(index, Chance(0.85));
  }

  void Insert(Transaction& one) {
    const auto number = static_cast<std::int32_t>(random_.Below(6));
    const std::int32_t bucket = number * 45;
    const std::string key = "k" + std::to_string(number);
    const std::string topic = AnyTopic();
    if (Chance(0.2)) {
      one.ids.push_back(outbox_.Insert(topic, std::nullopt, bucket, Chance(0.2)));
    } else if (one.keys.contains(key) || locked_.insert(key).second) {
      one.keys.insert(key);
      one.ids.push_back(outbox_.Insert(topic, key, bucket, Chance(0.1)));
    } else {
      return;
    }
    if (topic == "b") of_b_.insert(one.ids.back());
    if (Chance(poison_share_)) poison_.insert(one.ids.back());
  }

  void End(std::size_t index, bool commits) {
    const Transaction one = transactions_[index];
    transactions_.erase(transactions_.begin() + static_cast<std::ptrdiff_t>(index));
    for (const std::int64_t id : one.ids) {
      if (!commits) {
        outbox_.Delete(id);
        continue;
      }
      outbox_.Show(id);
      if (!committed_.empty() && *committed_.rbegin() > id) ++tally_.late;
      committed_.insert(id);
    }
    for (const std::string& key : one.keys) locked_.erase(key);
  }

  // Leases, buckets, dead relays.
  void Share(bool with_faults) {
    const auto own = std::count_if(relays_.begin(), relays_.end(),
                                   [](const auto& relay) { return !relay.second.is_resuming; });
    if (own == 0 || (with_faults && own < 3 && Chance(0.05))) {
      relays_[++last_relay_] = {outbox_.Open(), MakePlanner(false)};
    }
    const int who = AnyRelay();
    Relay& relay = relays_.at(who);
    if (relay.pending) return;
    if (!outbox_.IsCurrent(relay.session)) {
      ++tally_.fenced;
      relays_.erase(who);
      return;
    }
    outbox_.SetAlive(relay.session.id, true);
    if (relay.is_resuming) return;
    const OutboxView view = outbox_.View(relay.session.id);
    const BucketMove move = PlanBuckets(view, relay.session.id);
    relay.to_release = move.release;
    relay.buckets.clear();
    std::set_difference(view.own_buckets.begin(), view.own_buckets.end(), move.release.begin(),
                        move.release.end(), std::back_inserter(relay.buckets));
    if (!move.take.empty()) relay.buckets = outbox_.Take(relay.session, move.take);
    if (!Does(Sabotage::kForgetsHolds)) {
      relay.planner->holds().Load(relay.buckets, outbox_.ReadHolds(relay.buckets, now_), now_);
    }
    for (const std::int64_t dead : move.adopt) Adopt(dead);
  }

  void Adopt(std::int64_t dead) {
    OutboxAdoption adoption = outbox_.Adopt(dead);
    ++tally_.adoptions;
    if (Does(Sabotage::kFreesEarly)) outbox_.Free(dead);
    for (OutboxGroup& group : adoption.plan.groups) {
      if (!Does(Sabotage::kRenumbers)) continue;
      group.producer = ProducerId{random_.PositiveId()};
      group.base_sequence = 0;
    }
    if (Does(Sabotage::kDropsPlan)) adoption.plan.groups.clear();
    Relay& relay = relays_[++last_relay_] = {adoption.session, MakePlanner(true)};
    relay.is_resuming = true;
    relay.planner->Resume(std::move(adoption.plan), std::move(adoption.messages), now_);
  }

  std::unique_ptr<RelayPlanner> MakePlanner(bool is_resuming) {
    RelayPlanner::Options options = options_;
    options.is_resuming = is_resuming;
    return std::make_unique<RelayPlanner>(
        options,
        [this](const std::string& topic) -> Result<std::int32_t> {
          if (topic == "b" && unknown_) return Error{*unknown_, "b"};
          return topic == "a" ? 3 : 1;
        },
        Random(random_.Below(~0ULL)));
  }

  // One turn of a relay: its rounds are interrupted at every call to the store.
  void Work(int who, bool with_faults) {
    Relay& relay = relays_.at(who);
    if (Does(Sabotage::kSendsBeforeCommit) && relay.pending && Chance(0.5)) {
      relay.planner->OnCommitted();
      return Send(who);
    }
    if (relay.pending) return Commit(who, with_faults);
    if (Chance(0.4)) return Send(who);
    for (const auto& [serial, error] : std::exchange(relay.answers, {})) {
      relay.planner->OnResult(serial, error, now_);
    }
    Gather(relay);
    if (relay.pending) return;
    if (!relay.is_resuming || relay.planner->streams().outstanding() > 0) return;
    if (outbox_.IsCurrent(relay.session)) outbox_.Close(relay.session);
    relays_.erase(who);
  }

  void Gather(Relay& relay) {
    RelayPlanner& planner = *relay.planner;
    for (const OutboxHoldKey& key : planner.DueHolds(now_, due_holds_max_)) {
      const std::size_t rows_max = 8 + random_.Below(60);
      auto rows = outbox_.ReadHeld(key, rows_max);
      const bool is_all = rows.size() < rows_max;
      planner.OfferHeld(key, std::move(rows), is_all, now_);
    }
    if (!relay.is_resuming) {
      auto rows = outbox_.Read(relay.buckets, static_cast<std::int32_t>(random_.Below(256)),
                               1 + random_.Below(20), planner.UnderWay());
      if (Does(Sabotage::kReadsByCursor)) {
        std::erase_if(rows, [&](const OutboxMessage& row) {
          return row.id <= std::exchange(relay.cursors[row.bucket],
                                         std::max(relay.cursors[row.bucket], row.id));
        });
      }
      planner.Offer(std::move(rows), now_);
    }
    OutboxChange change = planner.TakeChange(now_);
    for (const std::int32_t bucket : relay.to_release) {
      if (Does(Sabotage::kReleasesEarly) || !planner.streams().HasRowsOf(bucket)) {
        change.released_buckets.push_back(bucket);
      }
    }
    if (!change.IsEmpty()) relay.pending = std::move(change);
  }

  void Commit(int who, bool with_faults) {
    Relay& relay = relays_.at(who);
    if (with_faults && Chance(0.05)) return;  // Nothing happened; it is repeated.
    if (!outbox_.IsCurrent(relay.session) &&
        !(Does(Sabotage::kIgnoresEpoch) && outbox_.sessions().contains(relay.session.id))) {
      ++tally_.fenced;
      relays_.erase(who);
      return;
    }
    for (const std::int64_t id : relay.pending->published) {
      if (!cluster_.Has(id)) Violate("message " + std::to_string(id) + " is done but not stored");
    }
    tally_.holds += static_cast<int>(relay.pending->holds.size());
    if (Does(Sabotage::kCommitsNoPlan)) relay.pending->plan.reset();
    outbox_.Commit(relay.session, *relay.pending, now_);
    if (with_faults && Chance(0.05)) return;  // Done, but nobody said so; it is repeated.
    relay.planner->OnCommitted();
    relay.planner->holds().Forget(relay.pending->released_buckets);
    std::erase_if(relay.to_release, [&](std::int32_t bucket) {
      return std::count(relay.pending->released_buckets.begin(),
                        relay.pending->released_buckets.end(), bucket) > 0;
    });
    relay.pending.reset();
  }

  void Send(int who) {
    for (const OutboxStreams::Group* group : relays_.at(who).planner->ToSend(now_)) {
      requests_.push_back({who, group->serial, group->plan, group->messages});
    }
  }

  // The network and a broker: one request is lost, executed, or executed and kept to come again.
  void Serve(std::size_t index, bool with_faults) {
    Request request = requests_[index];
    const bool is_lost = with_faults && Chance(0.05);
    const bool comes_again = with_faults && Chance(0.15);
    const bool is_silent = with_faults && Chance(0.15);
    if (is_silent && Chance(0.5)) {  // Given up before it is executed.
      Answer(requests_[index], Error{ErrorCode::kRequestTimedOut, "silent"});
      return;
    }
    if (comes_again) {
      requests_[index].relay = 0;
    } else {
      requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(index));
    }
    if (is_lost) return Answer(request, Error{ErrorCode::kNetworkException, "lost"});
    std::optional<Error> error = Execute(request);
    if (is_silent) error = Error{ErrorCode::kRequestTimedOut, "silent"};
    Answer(request, error);
  }

  std::optional<Error> Execute(const Request& request) {
    const OutboxGroup& group = request.group;
    if (group.topic == "b" && unknown_) return Error{ErrorCode::kBrokerNotAvailable, "b"};
    if (failing_.contains({group.topic, group.partition})) {
      return Error{ErrorCode::kDataNodeUnavailable, "weather"};
    }
    for (const std::int64_t id : group.ids) {
      if (poison_.contains(id)) return Error{ErrorCode::kMessageTooLarge, "poison"};
    }
    return cluster_.Append(group, request.messages);
  }

  void Answer(Request& request, std::optional<Error> error) {
    const auto relay = relays_.find(std::exchange(request.relay, 0));
    if (relay == relays_.end()) return;
    relay->second.answers.emplace_back(request.serial, std::move(error));
  }

  // A topic forgets a producer long after its last message: nobody repeats what it stored.
  void ForgetProducers() {
    std::vector<OutboxGroup> groups;
    std::set<ProducerId> in_use;
    const auto add = [&](const OutboxPlan& plan) {
      for (const OutboxGroup& group : plan.groups) {
        groups.push_back(group);
        if (cluster_.HasStored(group)) in_use.insert(group.producer);
      }
    };
    for (const auto& [id, session] : outbox_.sessions()) add(session.plan);
    for (const auto& [number, relay] : relays_) add(relay.planner->streams().Plan());
    for (const Request& request : requests_) in_use.insert(request.group.producer);
    for (const OutboxGroup& group : groups) {
      if (in_use.contains(group.producer) || !cluster_.Knows(group)) continue;
      cluster_.Forget(group);
      ++tally_.forgotten;
    }
  }

  // All is well again: everything must come to its end, in a bounded number of rounds.
  void Close() {
    while (!transactions_.empty()) End(0, true);
    failing_.clear();
    unknown_.reset();
    while (!requests_.empty()) Serve(0, false);
    // A frozen relay that has not noticed its end must not send what is good only now.
    std::erase_if(relays_,
                  [&](const auto& relay) { return !outbox_.IsCurrent(relay.second.session); });
    if (options_.on_refusal == OutboxRefusal::kBlock) poison_.clear();
    for (int i = 0; i < 3'000; ++i) {
      if (IsQuiet()) return;
      now_ = now_ + milliseconds(20);
      Share(false);
      for (int relay = 1; relay <= last_relay_; ++relay) {
        for (int turn = 0; turn < 3 && relays_.contains(relay); ++turn) Work(relay, false);
      }
      while (!requests_.empty()) Serve(0, false);
      Violate(cluster_.violation());
      if (!violation_.empty()) return;
    }
    Violate("stuck with " + std::to_string(outbox_.open_rows()) + " rows and " +
            std::to_string(outbox_.holds().size()) + " holds");
  }

  [[nodiscard]] bool IsQuiet() const {
    return outbox_.open_rows() == 0 && outbox_.holds().empty() &&
           std::all_of(outbox_.sessions().begin(), outbox_.sessions().end(),
                       [](const auto& session) { return session.second.plan.groups.empty(); });
  }

  void CheckEnd() {
    for (const std::int64_t id : committed_) {
      const bool is_dead = outbox_.dead().contains(id);
      if (is_dead == cluster_.Has(id)) {
        Violate("message " + std::to_string(id) + (is_dead ? " is dead and stored" : " is lost"));
      }
      if (is_dead && !poison_.contains(id) && !(has_missed_b_ && of_b_.contains(id))) {
        Violate("message " + std::to_string(id) + " is dead without reason");
      }
      (is_dead ? tally_.dead : tally_.published)++;
    }
    for (const std::int64_t id : outbox_.dead()) {
      if (!committed_.contains(id)) Violate("a message of no transaction");
    }
  }

  Random random_;
  const Sabotage sabotage_;
  RelayPlanner::Options options_;
  std::size_t due_holds_max_ = 16;
  double poison_share_ = 0;
  MonotonicTime now_{std::chrono::seconds(100)};
  ModelOutbox outbox_;
  ModelCluster cluster_;
  std::map<int, Relay> relays_;
  int last_relay_ = 0;
  std::vector<Request> requests_;
  std::vector<Transaction> transactions_;
  std::set<std::string> locked_;
  std::set<std::int64_t> committed_;
  std::set<std::int64_t> poison_;
  std::set<std::pair<std::string, std::int32_t>> failing_;
  std::optional<ErrorCode> unknown_;  // Of topic b.
  bool has_missed_b_ = false;
  std::set<std::int64_t> of_b_;
  std::string violation_;
  Tally tally_;
};

constexpr int kSteps = 400;

TEST(RelaySimulationTest, EveryCommittedMessageIsPublishedOnceAndInOrder) {
  // Others: --gtest_random_seed=N.
  const std::uint64_t first =
      1 + 1'000'000ULL * static_cast<std::uint64_t>(GTEST_FLAG_GET(random_seed));
  Simulation::Tally sum;
  for (std::uint64_t seed = first; seed < first + 2'000; ++seed) {
    Simulation simulation(seed, Sabotage::kNone);
    simulation.Run(kSteps);
    ASSERT_EQ(simulation.violation(), "") << "seed " << seed;
    const Simulation::Tally& tally = simulation.tally();
    sum.published += tally.published;
    sum.dead += tally.dead;
    sum.adoptions += tally.adoptions;
    sum.fenced += tally.fenced;
    sum.late += tally.late;
    sum.holds += tally.holds;
    sum.forgotten += tally.forgotten;
  }
  // Else the seeds show nothing.
  EXPECT_GT(sum.published, 50'000);
  EXPECT_GT(sum.dead, 300);
  EXPECT_GT(sum.adoptions, 5'000);
  EXPECT_GT(sum.fenced, 500);
  EXPECT_GT(sum.late, 5'000);
  EXPECT_GT(sum.holds, 5'000);
  EXPECT_GT(sum.forgotten, 300);
}

class RelaySabotageTest : public ::testing::TestWithParam<std::pair<const char*, Sabotage>> {};

TEST_P(RelaySabotageTest, IsFoundOut) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Simulation simulation(seed, GetParam().second);
    simulation.Run(kSteps);
    if (!simulation.violation().empty()) return;
  }
  FAIL() << "nobody noticed";
}

INSTANTIATE_TEST_SUITE_P(All, RelaySabotageTest,
                         ::testing::Values(std::pair("CommitsNoPlan", Sabotage::kCommitsNoPlan),
                                           std::pair("SendsBeforeCommit",
                                                     Sabotage::kSendsBeforeCommit),
                                           std::pair("Renumbers", Sabotage::kRenumbers),
                                           std::pair("DropsPlan", Sabotage::kDropsPlan),
                                           std::pair("ReadsByCursor", Sabotage::kReadsByCursor),
                                           std::pair("IgnoresEpoch", Sabotage::kIgnoresEpoch),
                                           std::pair("FreesEarly", Sabotage::kFreesEarly),
                                           std::pair("ReleasesEarly", Sabotage::kReleasesEarly),
                                           std::pair("ForgetsHolds", Sabotage::kForgetsHolds)),
                         [](const auto& instance) { return std::string(instance.param.first); });

}  // namespace
}  // namespace lanemq::core
