#include "metaserver/governance/applier.h"

#include <set>

#include <gmock/gmock.h>

#include "metaserver/coordinator/test_stores.h"
#include "metaserver/governance/request_waiters.h"
#include "metaserver/governance/test_governance_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using core::RequestState;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::WaitFor;

class ApplierTest : public GovernanceRig {
 protected:
  std::unique_ptr<Applier> Start(const std::string& owner, std::size_t requests_max = 100) {
    Applier::Options options;
    options.requests_max = requests_max;
    options.owner = owner;
    options.tick = std::chrono::milliseconds{5};
    options.lease = {.ttl = seconds{10}, .margin = seconds{2}};
    auto applier = std::make_unique<Applier>(
        options, leases_, store_,
        Applier::Tools{
            .start = [this](const core::ChangeRequest& request) -> Result<core::RequestTurn> {
              if (request.id > stuck_up_to_) return governor_.StartApplying(request);
              return Error{ErrorCode::kMetadataUnavailable, "it cannot be decided"};
            },
            .finish = [this](const core::TopicRecord& record) { return Finish(record); },
            .was_written = [this](const core::Topic&, Deadline) -> Result<bool> {
              ++looks_;
              return was_written_.load();
            },
            .refresh = [] {},
            .on_stored = [] {}},
        clock_);
    applier->Start();
    return applier;
  }
  Status Finish(const core::TopicRecord& record) {
    if (record.topic.state == core::TopicState::kDeleting) {
      store_.ForgetTopic(record.topic.id);
    } else {
      store_.FinishTopic(record.topic.id);
      if (is_active_at_once_) store_.ActivateTopic(record.topic.id);
    }
    return {};
  }
  void Await(std::int64_t id, RequestState state) {
    EXPECT_TRUE(WaitFor([&] { return StateOf(id) == state; }, seconds{20},
                        "request is " + std::string(core::ToString(state))))
        << "it is " << core::ToString(StateOf(id));
  }
  std::int64_t ProposeTopics() {
    return Propose("bob", ProposalOf({Topic("payments.a"), Topic("payments.b")}))
        .request->request.id;
  }

  testing::TestDatabase leases_{clock_};
  std::atomic<bool> was_written_{false};
  std::atomic<int> looks_{0};                   // Whether somebody has written to a topic.
  std::atomic<bool> is_active_at_once_{false};  // As a metaserver of an older version made topics.
  std::int64_t stuck_up_to_ = 0;                // Set before Start().
};

TEST_F(ApplierTest, WhatIsApprovedIsApplied) {
  const auto applier = Start("one");
  const std::int64_t id = ProposeTopics();
  applier->Wake();
  Await(id, RequestState::kApplied);
  EXPECT_THAT(store_.Committed(), ElementsAre(id));
  EXPECT_TRUE(store_.HasTopic("payments.a"));
  EXPECT_TRUE(store_.HasTopic("payments.b"));
  const core::AuditNote note = store_.Notes().back();
  EXPECT_EQ(note.actor, "person:bob");
  EXPECT_EQ(note.action, "applyRequest");
  EXPECT_EQ(note.request_id, "request-" + std::to_string(id));
}

TEST_F(ApplierTest, WhatCannotBeMadeGoesBackAsAWhole) {
  store_.PutTopic("payments.b");
  const auto applier = Start("one");
  const std::int64_t id = ProposeTopics();
  Await(id, RequestState::kFailed);
  EXPECT_THAT(store_.Committed(), IsEmpty());
  EXPECT_FALSE(store_.HasTopic("payments.a"));
  EXPECT_TRUE(store_.HasTopic("payments.b"));
  EXPECT_THAT((*store_.FindRequest(id, {}))->request.reason, HasSubstr("exists"));
}

TEST_F(ApplierTest, NobodyCouldWriteToWhatGoesBack) {
  store_.PutTopic("payments.b");
  was_written_ = true;
  const auto applier = Start("one");
  const std::int64_t id = ProposeTopics();
  Await(id, RequestState::kFailed);
  EXPECT_FALSE(store_.HasTopic("payments.a"));
  EXPECT_EQ(looks_, 0);
}

TEST_F(ApplierTest, WhatSomebodyWroteToIsNotDropped) {
  store_.PutTopic("payments.b");
  was_written_ = true;
  is_active_at_once_ = true;
  const auto applier = Start("one");
  const std::int64_t id = ProposeTopics();
  EXPECT_TRUE(WaitFor(
      [&] {
        const auto found = store_.FindRequest(id, {});
        return (*found)->request.progress.last_error.find("has messages") != std::string::npos;
      },
      seconds{20}, "it was looked at"));
  EXPECT_TRUE(store_.HasTopic("payments.a"));
  EXPECT_EQ(StateOf(id), RequestState::kApplying);
  // It does not go to and fro as fast as it can.
  const std::int64_t steps = applier->Stats().steps;
  applier->Wake();
  clock_.Advance(seconds{1});
  EXPECT_LE(applier->Stats().steps, steps + 1);
  // A person sees to it.
  store_.ForgetTopic(store_.IdOf("payments.b"));
  EXPECT_TRUE(WaitFor(
      [&] {
        clock_.Advance(seconds{1});
        return StateOf(id) == RequestState::kApplied;
      },
      seconds{20}, "it is applied"));
}

TEST_F(ApplierTest, RequestsThatCannotGoOnLeaveThePlaceToOthers) {
  for (const char* name : {"payments.c", "payments.d", "payments.e"}) {
    stuck_up_to_ = Propose("bob", ProposalOf({Topic(name)})).request->request.id;
  }
  const std::int64_t id = ProposeTopics();
  const auto applier = Start("one", 2);
  Await(id, RequestState::kApplied);
  EXPECT_EQ(StateOf(stuck_up_to_), RequestState::kApproved);
}

TEST_F(ApplierTest, ARequestThatWaitedTooLongExpires) {
  const std::int64_t id = Propose("ann", ProposalOf({Deletion()})).request->request.id;
  const auto applier = Start("one");
  ASSERT_TRUE(
      WaitFor([&] { return applier->Stats().is_holder; }, seconds{20}, "the lease is held"));
  EXPECT_EQ(StateOf(id), RequestState::kPending);
  clock_.Advance(std::chrono::days{14});
  Await(id, RequestState::kExpired);
}

/// The process is gone: nothing that it does reaches the database any more.
TEST_F(ApplierTest, AfterACrashAtAnyChangeAnotherOneGoesOn) {
  for (int crash_at = 1; crash_at <= 6; ++crash_at) {
    std::atomic<int> calls{0};
    std::atomic<bool> is_dead{false};
    const std::int64_t id =
        Propose("bob", ProposalOf({Topic("payments.a" + std::to_string(crash_at))}))
            .request->request.id;
    store_.SetHook([&](std::string_view) -> Status {
      if (++calls >= crash_at) is_dead = true;
      return is_dead ? Status{Error{ErrorCode::kMetadataUnavailable, "dead"}} : Status{};
    });
    auto dead = Start("dead");
    const bool has_died = WaitFor([&] { return is_dead || StateOf(id) == RequestState::kApplied; },
                                  seconds{20}, "it is dead");
    ASSERT_TRUE(has_died);
    dead.reset();
    store_.SetHook({});
    const auto next = Start("next");
    Await(id, RequestState::kApplied);
    EXPECT_TRUE(store_.HasTopic("payments.a" + std::to_string(crash_at)));
    EXPECT_EQ(store_.Committed().back(), id);
  }
}

TEST_F(ApplierTest, OnlyTheHolderOfTheLeaseApplies) {
  const auto first = Start("first");
  ASSERT_TRUE(WaitFor([&] { return first->Stats().is_holder; }, seconds{20}, "held"));
  const auto second = Start("second");
  const std::int64_t id = ProposeTopics();
  Await(id, RequestState::kApplied);
  EXPECT_FALSE(second->Stats().is_holder);
  EXPECT_EQ(second->Stats().steps, 0);
}

TEST_F(ApplierTest, WhoWaitsHearsOfTheEnd) {
  RequestWaiters waiters({.look_every = std::chrono::milliseconds{5}, .waiters_max = 1}, store_,
                         clock_, [] {});
  waiters.Start();
  const auto answer = Propose("bob", ProposalOf({Topic()}));
  std::atomic<int> heard{-1};
  ASSERT_TRUE(waiters.Wait(*answer.request, seconds{60}, [&](const core::StoredRequest& newest) {
    heard = static_cast<int>(newest.request.state);
    EXPECT_EQ(newest.request.bundle.changes.size(), 1u);
  }));
  EXPECT_FALSE(waiters.Wait(*answer.request, seconds{60}, [](const auto&) {}));
  const auto applier = Start("one");
  EXPECT_TRUE(WaitFor([&] { return heard == static_cast<int>(RequestState::kApplied); },
                      seconds{20}, "the waiter heard"));
}

TEST_F(ApplierTest, ForAllWhoHearOfAnEndAtOnceThereIsOneRefresh) {
  std::atomic<int> refreshes{0};
  std::atomic<int> heard{0};
  RequestWaiters waiters({.look_every = std::chrono::milliseconds{5}}, store_, clock_,
                         [&] { ++refreshes; });
  const auto answer = Propose("bob", ProposalOf({Topic()}));
  const auto applier = Start("one");
  Await(answer.request->request.id, RequestState::kApplied);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(waiters.Wait(*answer.request, seconds{60}, [&](const core::StoredRequest&) {
      EXPECT_EQ(refreshes, 1);
      ++heard;
    }));
  }
  waiters.Start();
  EXPECT_TRUE(WaitFor([&] { return heard == 3; }, seconds{20}, "all heard"));
  EXPECT_EQ(refreshes, 1);
}

TEST_F(ApplierTest, WhoWaitsForTooLongHearsWhatIsSoFar) {
  RequestWaiters waiters({.look_every = std::chrono::milliseconds{5}}, store_, clock_, [] {});
  waiters.Start();
  const auto answer = Propose("bob", ProposalOf({Topic()}));
  std::atomic<int> heard{-1};
  ASSERT_TRUE(waiters.Wait(*answer.request, seconds{1}, [&](const core::StoredRequest& newest) {
    heard = static_cast<int>(newest.request.state);
  }));
  clock_.Advance(seconds{2});
  EXPECT_TRUE(WaitFor([&] { return heard == static_cast<int>(RequestState::kApproved); },
                      seconds{20}, "the waiter heard"));
}

TEST(OutcomeOfTest, OnlyWhatIsDefiniteIsRefused) {
  using core::StepOutcome;
  EXPECT_EQ(OutcomeOf({}), StepOutcome::kDone);
  EXPECT_EQ(OutcomeOf(Error{ErrorCode::kTopicAlreadyExists, ""}), StepOutcome::kRefused);
  EXPECT_EQ(OutcomeOf(Error{ErrorCode::kOutcomeUnknown, ""}), StepOutcome::kUnknown);
  EXPECT_EQ(OutcomeOf(Error{ErrorCode::kDataNodeUnavailable, ""}), StepOutcome::kUnknown);
  EXPECT_EQ(OutcomeOf(Error{ErrorCode::kFenced, ""}), std::nullopt);
}

}  // namespace
}  // namespace lanemq::metaserver
