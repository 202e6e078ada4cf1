// Coordinators on one database in memory and a clock of the test: who serves what, when answers
// are given, and what outlives a coordinator.
#include "metaserver/coordinator/coordinator.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metaserver/coordinator/slot_keeper.h"
#include "metaserver/coordinator/test_stores.h"
#include "tests/support/note.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using core::Endpoint;
using core::GroupState;
using core::kGroupSlots;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::Note;
using testing::TestClock;
using testing::TestDatabase;
using testing::WaitFor;

constexpr seconds kTtl{5};
constexpr milliseconds kSession{10'000};

/// The answer of one call, when there is one.
template <typename T>
class Answer {
 public:
  [[nodiscard]] std::function<void(const T&)> Taker() const {
    return [state = state_](const T& value) {
      MutexLock lock(state->mutex);
      EXPECT_FALSE(state->value.has_value()) << "answered twice";
      state->value = value;
    };
  }
  [[nodiscard]] std::optional<T> Get() const {
    MutexLock lock(state_->mutex);
    return state_->value;
  }
  T Wait() const {
    EXPECT_TRUE(WaitFor([&] { return Get().has_value(); }, seconds{20}, "answer"));
    return Get().value_or(T{Error{ErrorCode::kRequestTimedOut, "no answer"}});
  }

 private:
  struct State {
    Mutex mutex;
    std::optional<T> value;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};
using Joined = Answer<Result<core::JoinReply>>;
using Synced = Answer<Result<core::SyncReply>>;
using Done = Answer<Status>;

/// One metaserver's coordinator without its threads' timing: the test says when it acts.
struct Meta {
  Meta(std::string host, TestDatabase& database, TestClock& clock)
      : self{std::move(host), 1},
        coordinator(Options(), database, testing::NoOffsetNodes(), clock),
        directory(kTtl, clock),
        keeper({.self = self, .owner = LeaseOwner(self, 7), .lease = Lease()}, database,
               coordinator, directory, clock) {}

  static core::LeaseTrust::Options Lease() { return {.ttl = kTtl, .margin = seconds{1}}; }
  static Coordinator::Options Options() {
    Coordinator::Options options;
    options.slot.limits.initial_rebalance_delay = milliseconds{0};
    options.slot.limits.members_max = 3;
    options.slot.lease = Lease();
    return options;
  }
  int Serving() {
    int serving = 0;
    for (int i = 0; i < kGroupSlots; ++i) {
      if (coordinator.slot(i).state() == GroupSlot::State::kServing) ++serving;
    }
    return serving;
  }
  void Timers() {
    for (int i = 0; i < kGroupSlots; ++i) (void)coordinator.slot(i).OnTime();
  }

  const Endpoint self;
  Coordinator coordinator;
  SlotDirectory directory;
  SlotKeeper keeper;
};

class CoordinatorTest : public ::testing::Test {
 protected:
  static core::JoinCall Wish(const std::string& member_id = "") {
    core::JoinCall join;
    join.member_id = member_id;
    join.client_id = "c";
    join.host = "h";
    join.session_timeout = kSession;
    join.protocols = {"range"};
    join.subscription.topics = {"orders"};
    return join;
  }
  Result<core::JoinReply> Join(Meta& meta, core::JoinCall join) {
    Joined joined;
    (void)meta.coordinator.SlotOf(kGroup).Join(kGroup, std::move(join), joined.Taker());
    return joined.Wait();
  }
  Status Beat(Meta& meta, const core::JoinReply& member) {
    Done done;
    (void)meta.coordinator.SlotOf(kGroup).Heartbeat(
        kGroup, {.member_id = member.member_id, .generation = member.generation}, done.Taker());
    return done.Wait();
  }
  void Serve(Meta& meta, int slots = kGroupSlots) {
    meta.keeper.Tick();
    ASSERT_TRUE(WaitFor([&] { return meta.Serving() == slots; }, seconds{20}, "serves"));
  }
  /// Time goes by in steps of a keeper's round.
  void Pass(seconds time, std::vector<Meta*> metas) {
    for (milliseconds passed{0}; passed < time; passed += milliseconds{500}) {
      clock_.Advance(milliseconds{500});
      for (Meta* meta : metas) {
        meta->keeper.Tick();
        meta->Timers();
      }
    }
  }
  /// A group of one member, with its partition.
  core::JoinReply MakeStable(Meta& meta) {
    const auto first = Join(meta, Wish());
    EXPECT_TRUE(first.ok() && first->must_rejoin_with_id);
    const auto joined = Join(meta, Wish(first->member_id));
    EXPECT_TRUE(joined.ok()) << joined.error().ToString();
    Synced synced;
    (void)meta.coordinator.SlotOf(kGroup).Sync(
        kGroup,
        {.member_id = joined->member_id,
         .generation = joined->generation,
         .assignments = {{joined->member_id, {{"orders", 0}}}}},
        synced.Taker());
    EXPECT_TRUE(synced.Wait().ok());
    return *joined;
  }

  const std::string kGroup = "billing";
  TestClock clock_;
  TestDatabase database_{clock_};
};

TEST_F(CoordinatorTest, TakesAllSlotsWhenItIsAloneAndIsFound) {
  Meta a("a", database_, clock_);
  EXPECT_EQ(Join(a, Wish()).error().code, ErrorCode::kNotCoordinator);
  EXPECT_THAT(a.directory.Find(kGroup).error().ToString(), HasSubstr("COORDINATOR_NOT_AVAILABLE"));
  Serve(a);
  const auto found = a.directory.Find(kGroup);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->endpoint, a.self);
  EXPECT_EQ(found->epoch, core::FencingToken{1});
  const core::JoinReply member = MakeStable(a);
  EXPECT_EQ(database_.Stored(kGroup)->state, GroupState::kStable);
  EXPECT_TRUE(Beat(a, member).ok());
  const CoordinatorStats stats = a.coordinator.Stats();
  EXPECT_EQ(stats.slots_held, kGroupSlots);
  EXPECT_EQ(stats.members, 1);
  EXPECT_EQ(stats.rebalances, 1);
  EXPECT_EQ(stats.groups[static_cast<std::size_t>(GroupState::kStable)], 1);
}

TEST_F(CoordinatorTest, RefusesUntilItsSlotIsLoadedAndLoadsAgainWhenThatFailed) {
  Meta a("a", database_, clock_);
  database_.HoldLoads(true);
  database_.FailNextLoad();
  a.keeper.Tick();
  EXPECT_EQ(Join(a, Wish()).error().code, ErrorCode::kCoordinatorLoadInProgress);
  EXPECT_EQ(a.coordinator.Stats().slots_loading, kGroupSlots);
  database_.HoldLoads(false);
  ASSERT_TRUE(WaitFor([&] { return a.Serving() == kGroupSlots - 1; }, seconds{20}, "all but one"));
  Pass(seconds{2}, {&a});
  ASSERT_TRUE(WaitFor([&] { return a.Serving() == kGroupSlots; }, seconds{20}, "all"));
  EXPECT_TRUE(Join(a, Wish()).ok());
}

TEST_F(CoordinatorTest, AnswersOnlyWhatIsDurableAndForgetsWhoWentAway) {
  Meta a("a", database_, clock_);
  Serve(a);
  const std::string id = Join(a, Wish())->member_id;
  database_.HoldWrites(true);
  Joined joined;
  Joined gone;
  GroupSlot& slot = a.coordinator.SlotOf(kGroup);
  (void)slot.Join(kGroup, Wish(id), joined.Taker());
  slot.Forget(slot.Join(kGroup, Wish(id), gone.Taker()));
  ASSERT_TRUE(WaitFor([&] { return database_.writes_begun() == 1; }, seconds{20}, "a write"));
  EXPECT_FALSE(joined.Get().has_value());
  EXPECT_EQ(a.coordinator.Stats().parked_calls, 1);
  database_.HoldWrites(false);
  EXPECT_TRUE(joined.Wait().ok());
  EXPECT_EQ(a.coordinator.Stats().parked_calls, 0);
  EXPECT_FALSE(gone.Get().has_value());
}

TEST_F(CoordinatorTest, AnUnknownMemberMakesNoGroupAndAFailedJoinLeavesNone) {
  Meta a("a", database_, clock_);
  Serve(a);
  EXPECT_EQ(Join(a, Wish("stranger")).error().code, ErrorCode::kUnknownMemberId);
  core::JoinCall hasty = Wish();
  hasty.session_timeout = milliseconds{1};
  EXPECT_EQ(Join(a, hasty).error().code, ErrorCode::kInvalidSessionTimeout);
  EXPECT_EQ(a.coordinator.Stats().groups, (std::array<std::int64_t, 5>{}));
  ASSERT_TRUE(Join(a, Wish()).ok());
  EXPECT_EQ(a.coordinator.Stats().groups[0], 1);
  // It never joins: nothing is remembered of it.
  Pass(seconds{31}, {&a});
  EXPECT_EQ(a.coordinator.Stats().groups[0], 0);
}

TEST_F(CoordinatorTest, AGroupHasAtMostSoManyMembers) {
  Meta a("a", database_, clock_);
  Serve(a);
  for (int i = 0; i < 3; ++i) {
    core::JoinCall join = Wish();
    join.instance_id = "i" + std::to_string(i);
    Joined joined;
    (void)a.coordinator.SlotOf(kGroup).Join(kGroup, join, joined.Taker());
    if (i == 0) {
      ASSERT_TRUE(joined.Wait().ok());
    }
  }
  EXPECT_EQ(Join(a, Wish()).error().code, ErrorCode::kGroupMaxSizeReached);
}

TEST_F(CoordinatorTest, AKilledCoordinatorIsReplacedWithoutARebalance) {
  Meta a("a", database_, clock_);
  Meta b("b", database_, clock_);
  Serve(a);
  const core::JoinReply member = MakeStable(a);
  b.keeper.Tick();
  EXPECT_EQ(b.Serving(), 0);
  EXPECT_EQ(Beat(b, member).error().code, ErrorCode::kNotCoordinator);
  // `a` acts no more.
  Pass(kTtl + seconds{1}, {&b});
  ASSERT_TRUE(WaitFor([&] { return b.Serving() == kGroupSlots; }, seconds{20}, "b serves all"));
  EXPECT_TRUE(Beat(b, member).ok());
  EXPECT_EQ(b.directory.Find(kGroup)->endpoint, b.self);
  EXPECT_EQ(b.directory.Find(kGroup)->epoch, core::FencingToken{2});
  EXPECT_EQ(b.coordinator.SlotOf(kGroup).Peek(kGroup, nullptr)->generation, member.generation);
  // `a` was only paused: it knows without asking.
  EXPECT_EQ(Beat(a, member).error().code, ErrorCode::kNotCoordinator);
  a.Timers();
  EXPECT_EQ(a.Serving(), 0);
  EXPECT_EQ(a.coordinator.Stats().slots_lost, kGroupSlots);
}

TEST_F(CoordinatorTest, AWriteOfAPausedCoordinatorIsFenced) {
  Meta a("a", database_, clock_);
  Meta b("b", database_, clock_);
  Serve(a);
  const core::JoinReply member = MakeStable(a);
  database_.HoldWrites(true);
  Done left;
  (void)a.coordinator.SlotOf(kGroup).Leave(kGroup, {.member_id = member.member_id}, left.Taker());
  Pass(kTtl + seconds{1}, {&b});
  ASSERT_TRUE(WaitFor([&] { return b.Serving() == kGroupSlots; }, seconds{20}, "b serves all"));
  database_.HoldWrites(false);
  EXPECT_EQ(left.Wait().error().code, ErrorCode::kNotCoordinator);
  EXPECT_EQ(database_.Stored(kGroup)->members.size(), 1u);
  EXPECT_TRUE(Beat(b, member).ok());
}

TEST_F(CoordinatorTest, HandsOverWhatAnotherIsPreferredFor) {
  Meta a("a", database_, clock_);
  Serve(a);
  const core::JoinReply member = MakeStable(a);
  Meta b("b", database_, clock_);
  Pass(2 * kTtl, {&a, &b});
  const std::vector<Endpoint> both = {a.self, b.self};
  int of_a = 0;
  for (int slot = 0; slot < kGroupSlots; ++slot) {
    const bool is_of_a = *PreferredMetaserver(slot, both) == a.self;
    of_a += is_of_a ? 1 : 0;
    EXPECT_EQ(a.coordinator.slot(slot).lease().has_value(), is_of_a) << slot;
    EXPECT_EQ(b.coordinator.slot(slot).lease().has_value(), !is_of_a) << slot;
  }
  EXPECT_THAT(of_a, ::testing::AllOf(::testing::Gt(0), ::testing::Lt(kGroupSlots)));
  EXPECT_EQ(a.coordinator.Stats().slots_handed_over, kGroupSlots - of_a);
  ASSERT_TRUE(WaitFor([&] { return b.Serving() == kGroupSlots - of_a; }, seconds{20}, "b serves"));
  for (Meta* meta : {&a, &b}) {
    const bool is_here = meta->directory.Find(kGroup)->endpoint == meta->self;
    const Status beat = Beat(*meta, member);
    EXPECT_EQ(beat.ok(), is_here);
  }
  // The one that stops gives all back, and the other need not wait for a lease to run out.
  b.keeper.Stop();
  a.keeper.Tick();
  ASSERT_TRUE(WaitFor([&] { return a.Serving() == kGroupSlots; }, seconds{20}, "a serves all"));
  EXPECT_TRUE(Beat(a, member).ok());
}

TEST_F(CoordinatorTest, ParkedCallsAreAnsweredAtAHandOver) {
  Meta a("a", database_, clock_);
  Serve(a);
  (void)MakeStable(a);
  const std::string id = Join(a, Wish())->member_id;
  Joined joined;  // Waits for the first member to join again.
  (void)a.coordinator.SlotOf(kGroup).Join(kGroup, Wish(id), joined.Taker());
  EXPECT_FALSE(joined.Get().has_value());
  a.keeper.Stop();
  EXPECT_EQ(joined.Wait().error().code, ErrorCode::kNotCoordinator);
}

TEST_F(CoordinatorTest, SilentMembersExpireButNotWhileTheDatabaseIsAway) {
  Meta a("a", database_, clock_);
  Serve(a);
  const core::JoinReply member = MakeStable(a);
  Pass(seconds{8}, {&a});
  database_.SetDown(true);
  Pass(seconds{3}, {&a});  // Its session is over, and the lease is still trusted.
  EXPECT_TRUE(a.coordinator.Stats().is_degraded);
  EXPECT_EQ(a.coordinator.Stats().members_expired, 0);
  EXPECT_TRUE(Beat(a, member).ok());
  EXPECT_TRUE(a.coordinator.SlotOf(kGroup).is_degraded());
  Pass(seconds{3}, {&a});
  EXPECT_EQ(Beat(a, member).error().code, ErrorCode::kCoordinatorNotAvailable);
  EXPECT_THAT(Beat(a, member).error().message, HasSubstr("metadata database"));
  EXPECT_EQ(a.Serving(), 0);
  Pass(seconds{60}, {&a});
  EXPECT_THAT(a.directory.Find(kGroup).error().message, HasSubstr("metadata database"));
  database_.SetDown(false);
  Serve(a);
  EXPECT_FALSE(a.coordinator.Stats().is_degraded);
  EXPECT_TRUE(Beat(a, member).ok());
  EXPECT_EQ(a.coordinator.Stats().members_expired, 0);
  // Now it is silent, and somebody can say so.
  Pass(seconds{11}, {&a});
  ASSERT_TRUE(
      WaitFor([&] { return database_.Stored(kGroup)->members.empty(); }, seconds{20}, "expired"));
  EXPECT_EQ(a.coordinator.Stats().members_expired, 1);
  EXPECT_EQ(Beat(a, member).error().code, ErrorCode::kUnknownMemberId);
}

TEST_F(CoordinatorTest, RemembersWhatMembersTellOfTheirApplication) {
  Meta a("a", database_, clock_);
  Serve(a);
  const core::JoinReply member = MakeStable(a);
  GroupSlot& slot = a.coordinator.SlotOf(kGroup);
  EXPECT_FALSE(slot.LastHeard(kGroup, member.member_id));
  const auto beat = [&](const std::string& member_id, milliseconds poll_age) {
    Done done;
    (void)slot.Heartbeat(kGroup, {.member_id = member_id, .generation = member.generation},
                         done.Taker(), poll_age);
    return done.Wait();
  };
  ASSERT_TRUE(beat(member.member_id, milliseconds{70'000}).ok());
  const MonotonicTime told = clock_.Now();
  clock_.Advance(seconds{1});
  const auto heard = slot.LastHeard(kGroup, member.member_id);
  ASSERT_TRUE(heard.has_value());
  EXPECT_EQ(heard->heard, told);
  EXPECT_EQ(heard->poll_age, milliseconds{70'000});
  // A client that does not tell it any more, and one that is no member.
  ASSERT_TRUE(Beat(a, member).ok());
  EXPECT_FALSE(slot.LastHeard(kGroup, member.member_id)->poll_age);
  EXPECT_FALSE(beat("somebody", milliseconds{1}).ok());
  EXPECT_FALSE(slot.LastHeard(kGroup, "somebody"));
}

TEST(PollNotesTest, ForgetsMembersThatWereNotHeardForLong) {
  PollNotes notes;
  const MonotonicTime begin{seconds{1}};
  for (int i = 0; i < 60; ++i) notes.Heard("old-" + std::to_string(i), {}, begin);
  const MonotonicTime later = begin + std::chrono::hours{26};
  for (int i = 0; i < 60; ++i) notes.Heard("new-" + std::to_string(i), {}, later);
  EXPECT_FALSE(notes.Find("old-7"));
  EXPECT_TRUE(notes.Find("new-7"));
}

TEST_F(CoordinatorTest, DeletesOnlyWithoutMembers) {
  Meta a("a", database_, clock_);
  Serve(a);
  const core::JoinReply member = MakeStable(a);
  GroupSlot& slot = a.coordinator.SlotOf(kGroup);
  const Deadline soon = Deadline::After(clock_, seconds{5});
  EXPECT_EQ(slot.Delete(kGroup, Note(), soon).error().code, ErrorCode::kFailedPrecondition);
  Done left;
  (void)slot.Leave(kGroup, {.member_id = member.member_id}, left.Taker());
  ASSERT_TRUE(left.Wait().ok());
  EXPECT_EQ(a.coordinator.Stats().members_expired, 0);
  EXPECT_EQ(database_.Stored(kGroup)->state, GroupState::kEmpty);
  database_.SetDown(true);
  EXPECT_EQ(slot.Delete(kGroup, Note(), soon).error().code, ErrorCode::kMetadataUnavailable);
  EXPECT_TRUE(Join(a, Wish()).ok());
  database_.SetDown(false);
  EXPECT_TRUE(slot.Delete(kGroup, Note(), soon).ok());
  EXPECT_FALSE(database_.Stored(kGroup).has_value());
  EXPECT_TRUE(slot.Delete(kGroup, Note(), soon).ok());
  EXPECT_EQ(a.coordinator.Stats().groups, (std::array<std::int64_t, 5>{}));
}

TEST(SlotDirectoryTest, OwnersAreTakenApart) {
  const Endpoint v6{"2001:db8::1", 9600};
  EXPECT_EQ(EndpointOfOwner(LeaseOwner(v6, 0x1f)), v6);
  EXPECT_EQ(LeaseOwner(v6, 0x1f), "2001:db8::1:9600/1f");
  for (const char* other :
       {"", "/", "a/1", ":1/1", "a:/1", "a:0/1", "a:65536/1", "a:1x/1", "a:1"}) {
    EXPECT_FALSE(EndpointOfOwner(other).has_value()) << other;
  }
}

}  // namespace
}  // namespace lanemq::metaserver
