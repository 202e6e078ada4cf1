// Two coordinators that come and go, a database that comes and goes, and members that join, sync
// and leave all the while: every call is answered once, and no generation gives a partition twice.
#include <atomic>
#include <map>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "metaserver/coordinator/slot_keeper.h"
#include "metaserver/coordinator/test_stores.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::TestDatabase;
using testing::WaitFor;

constexpr milliseconds kTtl{300};
constexpr milliseconds kRunTime{4'000};
constexpr int kMembers = 6;
constexpr int kPartitions = 12;
const std::string kGroup = "billing";

const Clock& Now() { return SystemClock::Instance(); }

/// One metaserver's coordinator, with its threads.
struct Meta {
  Meta(std::string host, TestDatabase& database)
      : self{std::move(host), 1},
        coordinator(Options(), database, testing::NoOffsetNodes(), Now()),
        directory(kTtl, Now()),
        keeper({.self = self,
                .owner = LeaseOwner(self, Random::FromSystem().PositiveId()),
                .lease = Lease(),
                .tick = milliseconds{15}},
               database, coordinator, directory, Now()) {
    coordinator.Start();
    keeper.Start();
  }
  static core::LeaseTrust::Options Lease() { return {.ttl = kTtl, .margin = kTtl / 5}; }
  static Coordinator::Options Options() {
    Coordinator::Options options;
    options.slot.limits.initial_rebalance_delay = milliseconds{20};
    options.slot.limits.session_timeout_min = milliseconds{10};
    options.slot.lease = Lease();
    return options;
  }

  const core::Endpoint self;
  Coordinator coordinator;
  SlotDirectory directory;
  SlotKeeper keeper;
};

class CoordinatorStressTest : public ::testing::Test {
 protected:
  using MetaPtr = std::shared_ptr<Meta>;

  MetaPtr Some(Random& random) {
    MutexLock lock(mutex_);
    return metas_[random.Below(metas_.size())];
  }
  void Replace(std::size_t index, MetaPtr next) {
    MetaPtr former;
    {
      MutexLock lock(mutex_);
      former = std::exchange(metas_[index], std::move(next));
    }
    if (former) former->keeper.Stop();
  }

  /// Calls and waits; what is given up after 10 s fails the test.
  template <typename T, typename Call>
  T Ask(const Call& call) {
    struct State {
      Mutex mutex;
      std::optional<T> value;
    };
    const auto state = std::make_shared<State>();
    call([state](const T& value) {
      MutexLock lock(state->mutex);
      EXPECT_FALSE(state->value.has_value()) << "answered twice";
      state->value = value;
    });
    EXPECT_TRUE(WaitFor(
        [&] {
          MutexLock lock(state->mutex);
          return state->value.has_value();
        },
        seconds{10}, "an answer"));
    ++answers_;
    MutexLock lock(state->mutex);
    return state->value.value_or(T{Error{ErrorCode::kRequestTimedOut, "no answer"}});
  }

  Result<core::JoinReply> Join(Meta& meta, const std::string& id) {
    core::JoinCall join;
    join.member_id = id;
    join.session_timeout = milliseconds{800};
    join.rebalance_timeout = milliseconds{600};
    join.protocols = {"range"};
    join.subscription.topics = {"orders"};
    return Ask<Result<core::JoinReply>>(
        [&](OnJoined done) { (void)meta.coordinator.SlotOf(kGroup).Join(kGroup, join, done); });
  }

  Result<core::SyncReply> Sync(Meta& meta, const core::JoinReply& joined) {
    core::SyncCall sync{.member_id = joined.member_id, .generation = joined.generation};
    for (int p = 0; p < kPartitions && !joined.members.empty(); ++p) {
      const auto owner = static_cast<std::size_t>(p) % joined.members.size();
      sync.assignments[joined.members[owner].member_id].push_back({"orders", p});
    }
    return Ask<Result<core::SyncReply>>(
        [&](OnSynced done) { (void)meta.coordinator.SlotOf(kGroup).Sync(kGroup, sync, done); });
  }

  void Note(const std::string& member, const core::SyncReply& synced) {
    MutexLock lock(mutex_);
    for (const core::TopicPartition& p : synced.assignment) {
      const auto [owner, is_new] = owners_.try_emplace({synced.generation, p.partition}, member);
      EXPECT_EQ(owner->second, member) << "generation " << synced.generation.value;
    }
    ++syncs_;
  }

  void RunMember(const std::atomic<bool>& is_over) {
    Random random = Random::FromSystem();
    std::string id;
    while (!is_over) {
      const MetaPtr meta = Some(random);
      const auto joined = Join(*meta, id);
      if (!joined.ok()) {
        if (joined.error().code == ErrorCode::kUnknownMemberId) id.clear();
        continue;
      }
      id = joined->member_id;
      if (joined->must_rejoin_with_id) continue;
      const auto synced = Sync(*meta, *joined);
      if (!synced.ok()) continue;
      Note(id, *synced);
      const core::MemberCall member{.member_id = id, .generation = joined->generation};
      for (int i = 0; i < 20; ++i) {
        const Status beat = Ask<Status>([&](OnMemberDone done) {
          (void)meta->coordinator.SlotOf(kGroup).Heartbeat(kGroup, member, done);
        });
        if (!beat.ok()) break;
      }
      if (random.Below(4) != 0) continue;
      (void)Ask<Status>([&](OnMemberDone done) {
        (void)meta->coordinator.SlotOf(kGroup).Leave(kGroup, member, done);
      });
      id.clear();
    }
  }

  TestDatabase database_{Now()};
  Mutex mutex_;
  CondVar never_;
  std::array<MetaPtr, 2> metas_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::pair<core::Generation, int>, std::string> owners_ LANEMQ_GUARDED_BY(mutex_);
  int syncs_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::atomic<std::int64_t> answers_{0};
};

TEST_F(CoordinatorStressTest, EveryCallIsAnsweredOnceAndNoGenerationGivesAPartitionTwice) {
  Replace(0, std::make_shared<Meta>("a", database_));
  Replace(1, std::make_shared<Meta>("b", database_));
  std::atomic<bool> is_over{false};
  {
    std::vector<std::jthread> members;
    for (int i = 0; i < kMembers; ++i) members.emplace_back([&] { RunMember(is_over); });
    const MonotonicTime end = Now().Now() + kRunTime;
    for (int round = 0; Now().Now() < end; ++round) {
      {
        MutexLock lock(mutex_);
        never_.WaitFor(mutex_, milliseconds{450});
      }
      if (round % 3 == 0) Replace(1, std::make_shared<Meta>("b", database_));
      if (round % 3 == 1) database_.SetDown(true);
      if (round % 3 == 2) database_.SetDown(false);
    }
    database_.SetDown(false);
    is_over = true;
  }
  for (std::size_t i : {0, 1}) Replace(i, nullptr);
  MutexLock lock(mutex_);
  EXPECT_GT(syncs_, 20);
  RecordProperty("answers", static_cast<int>(answers_));
  RecordProperty("syncs", syncs_);
}

}  // namespace
}  // namespace lanemq::metaserver
