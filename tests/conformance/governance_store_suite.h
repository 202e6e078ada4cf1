#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "common/core/placement/placement_planner.h"
#include "common/core/policy/apply_machine.h"
#include "common/core/policy/request_machine.h"
#include "common/core/store/governance_store.h"
#include "tests/support/note.h"

namespace lanemq::testing {

/// A store to be tested, with room for topics.
class GovernanceStoreUnderTest {
 public:
  virtual ~GovernanceStoreUnderTest() = default;
  virtual core::GovernanceStore& store() = 0;
  /// The topic's tables are there, or gone.
  virtual void FinishTopic(const core::TopicRecord& record) = 0;
  /// A topic that no request has made.
  virtual void MakeForeignTopic(const std::string& name) = 0;
  virtual bool HasTopic(const std::string& name) = 0;
  /// There is one, and it can be written to.
  virtual bool IsActive(const std::string& name) = 0;
  /// A new term of the lease `on-call`, which ends the one before.
  virtual core::Fence NewTerm() = 0;
  /// Moves the store's clock, which stands still otherwise.
  virtual void Advance(std::chrono::microseconds by) = 0;
  /// The reply to the next COMMIT after statement `after` is lost. False: not possible.
  virtual bool LoseReply(const std::string& after, bool after_effect) = 0;
};

struct GovernanceStoreFactory {
  std::string name;
  std::function<std::unique_ptr<GovernanceStoreUnderTest>(std::string* why)> make;
};
inline void PrintTo(const GovernanceStoreFactory& factory, std::ostream* out) {
  *out << factory.name;
}

/// What every GovernanceStore must do.
class GovernanceStoreSuite : public ::testing::TestWithParam<GovernanceStoreFactory> {
 protected:
  static constexpr WallTime kNow{1'795'237'696'000'000};

  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr) {
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
    }
  }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{20});
  }
  core::GovernanceStore& store() { return under_test_->store(); }

  static core::StoredRequest Draft(const std::string& author = "ann") {
    core::StoredRequest stored;
    stored.title = "Refunds";
    stored.request.author = {core::PrincipalKind::kPerson, author};
    core::CreateTopicChange topic;
    topic.name = "refunds";
    topic.partitions = 2;
    stored.request.bundle.changes = {topic, core::DeleteTeamChange{"old"}};
    stored.request.created_at = kNow;
    stored.request.changed_at = kNow;
    return stored;
  }
  core::StoredRequest Add(const core::StoredRequest& request, const std::string& attempt = "") {
    auto added = store().AddRequest(request, attempt, Note(), Soon());
    EXPECT_TRUE(added.ok()) << added.error().ToString();
    return added.ok() ? *added : core::StoredRequest{};
  }
  core::StoredRequest Find(std::int64_t id) {
    auto found = store().FindRequest(id, Soon());
    EXPECT_TRUE(found.ok()) << found.error().ToString();
    return found.ok() && *found ? **found : core::StoredRequest{};
  }
  /// A request that is being applied, in epoch 1.
  core::StoredRequest AddApplying(core::StoredRequest stored = Draft()) {
    stored.request.state = core::RequestState::kApplying;
    stored.request.progress.epoch = 1;
    return Add(stored);
  }
  Result<core::TopicRecord> Create(const core::RequestTerm& term, const std::string& name) {
    core::NewTopic topic;
    topic.name = name;
    topic.partitions = 2;
    const core::Placer placer = [](std::span<const core::NodeUsage> usage) {
      return core::PlanPlacement(usage, {2, {}, {}});
    };
    return store().BeginCreateTopic(term, topic, placer, Note(), Soon());
  }
  template <typename T>
  static ErrorCode CodeOf(const Result<T>& result) {
    return result.ok() ? ErrorCode::kUnknownServerError : result.error().code;
  }

  std::unique_ptr<GovernanceStoreUnderTest> under_test_;
};

TEST_P(GovernanceStoreSuite, ThereIsNoPolicyUntilOneIsSet) {
  const auto none = store().LoadPolicy(Soon());
  ASSERT_TRUE(none.ok()) << none.error().ToString();
  EXPECT_EQ(none->version, 0);
  EXPECT_EQ(none->policy, core::Policy{});
}

TEST_P(GovernanceStoreSuite, APolicyIsReplacedOnlyByWhoKnowsItsVersion) {
  core::Policy policy;
  policy.environment = "production";
  EXPECT_EQ(CodeOf(store().PutPolicy(policy, 3, Note(), Soon())), ErrorCode::kConflict);
  const auto first = store().PutPolicy(policy, 0, Note(), Soon());
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_EQ(first->version, 1);
  EXPECT_EQ(store().PutPolicy(policy, std::nullopt, Note(), Soon())->version, 1);
  policy.partitions.max = 8;
  EXPECT_EQ(CodeOf(store().PutPolicy(policy, 0, Note(), Soon())), ErrorCode::kConflict);
  EXPECT_EQ(store().PutPolicy(policy, 1, Note(), Soon())->version, 2);
  const auto loaded = store().LoadPolicy(Soon());
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->version, 2);
  EXPECT_EQ(loaded->policy, policy);
}

TEST_P(GovernanceStoreSuite, ARequestComesBackAsItWas) {
  core::StoredRequest request = Draft();
  request.request.state = core::RequestState::kPending;
  request.request.approvers = {{core::Approver::Kind::kTeamLeads, "pay"}};
  request.request.approvals = {
      {{core::Approver::Kind::kTeamLeads, "pay"}, {core::PrincipalKind::kPerson, "bob"}, kNow}};
  request.request.expires_at = WallTime{kNow.micros + 5};
  request.request.reason = "why\n\"not\"";
  request.request.break_glass_reason = "fire";
  const core::StoredRequest added = Add(request);
  EXPECT_GT(added.request.id, 0);
  EXPECT_EQ(added.version, 1);
  EXPECT_EQ(added.changes, 2u);
  EXPECT_EQ(Find(added.request.id), added);
  core::StoredRequest wanted = request;
  wanted.request.id = added.request.id;
  wanted.version = 1;
  wanted.changes = 2;
  EXPECT_EQ(added, wanted);
  const auto missing = store().FindRequest(added.request.id + 1, Soon());
  ASSERT_TRUE(missing.ok());
  EXPECT_FALSE(missing->has_value());
}

TEST_P(GovernanceStoreSuite, AKeyMakesOneRequestADayAndAuthor) {
  const core::StoredRequest first = Add(Draft(), "k");
  EXPECT_EQ(Add(Draft(), "k").request.id, first.request.id);
  EXPECT_NE(Add(Draft("bob"), "k").request.id, first.request.id);
  EXPECT_NE(Add(Draft(), "l").request.id, first.request.id);
  EXPECT_NE(Add(Draft()).request.id, Add(Draft()).request.id);
  core::StoredRequest tomorrow = Draft();
  tomorrow.request.created_at.micros += 24LL * 3'600 * 1'000'000;
  const core::StoredRequest second = Add(tomorrow, "k");
  EXPECT_NE(second.request.id, first.request.id);
  EXPECT_EQ(Add(tomorrow, "k").request.id, second.request.id);
}

TEST_P(GovernanceStoreSuite, ALostReplyMakesNoSecondRequest) {
  for (const bool after_effect : {false, true}) {
    if (!under_test_->LoseReply("read_audit_mark", after_effect)) {
      GTEST_SKIP() << "this store loses no replies";
    }
    const core::StoredRequest added = Add(Draft("lost"));
    core::RequestFilter filter;
    filter.author = "person:lost";
    const auto listed = store().ListRequests(filter, Soon());
    ASSERT_TRUE(listed.ok());
    ASSERT_EQ(listed->size(), after_effect ? 2u : 1u);
    EXPECT_EQ(listed->front().request.id, added.request.id);
  }
}

TEST_P(GovernanceStoreSuite, OnlyWhoHasTheNewestVersionSaves) {
  const core::StoredRequest first = Add(Draft());
  core::StoredRequest change = first;
  change.title = "Other";
  change.request.state = core::RequestState::kWithdrawn;
  const auto saved = store().SaveRequest(change, Note(), Soon());
  ASSERT_TRUE(saved.ok()) << saved.error().ToString();
  EXPECT_EQ(saved->version, 2);
  EXPECT_EQ(Find(first.request.id), *saved);
  core::StoredRequest late = first;
  late.title = "Late";
  EXPECT_EQ(CodeOf(store().SaveRequest(late, Note(), Soon())), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(store().SaveRequest(late, std::nullopt, Soon())), ErrorCode::kConflict);
  EXPECT_EQ(Find(first.request.id), *saved);
}

TEST_P(GovernanceStoreSuite, ASaveWhoseReplyIsLostIsDoneOnce) {
  for (const bool is_told : {true, false}) {
    for (const bool after_effect : {false, true}) {
      core::StoredRequest change = Add(Draft());
      change.title = "Other";
      if (!under_test_->LoseReply(is_told ? "read_audit_mark" : "update_change_request",
                                  after_effect)) {
        GTEST_SKIP() << "this store loses no replies";
      }
      std::optional<core::AuditNote> note;
      if (is_told) note = Note();
      const auto saved = store().SaveRequest(change, note, Soon());
      ASSERT_TRUE(saved.ok()) << is_told << after_effect << saved.error().ToString();
      EXPECT_EQ(Find(change.request.id), *saved);
    }
  }
}

TEST_P(GovernanceStoreSuite, ListsAreNewestFirstAndFiltered) {
  const auto ann = Add(Draft("ann")).request.id;
  core::StoredRequest pending = Draft("bob");
  pending.request.state = core::RequestState::kPending;
  const auto bob = Add(pending).request.id;
  const auto last = Add(Draft("ann")).request.id;
  const auto ids = [&](const core::RequestFilter& filter) {
    std::vector<std::int64_t> found;
    const auto listed = store().ListRequests(filter, Soon());
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    if (!listed.ok()) return found;
    for (const core::StoredRequest& one : *listed) {
      found.push_back(one.request.id);
      EXPECT_TRUE(one.request.bundle.changes.empty());
      EXPECT_EQ(one.changes, 2u);
    }
    return found;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(ids({}), ElementsAre(last, bob, ann));
  core::RequestFilter filter;
  filter.author = "person:ann";
  EXPECT_THAT(ids(filter), ElementsAre(last, ann));
  filter.max = 1;
  EXPECT_THAT(ids(filter), ElementsAre(last));
  filter.before_id = last;
  EXPECT_THAT(ids(filter), ElementsAre(ann));
  core::RequestFilter states;
  states.states = {core::RequestState::kPending, core::RequestState::kApplied};
  EXPECT_THAT(ids(states), ElementsAre(bob));
}

TEST_P(GovernanceStoreSuite, WhatSomebodyHasToGoOnWithIsDue) {
  const auto add = [&](core::RequestState state, std::optional<WallTime> expires = {}) {
    core::StoredRequest stored = Draft();
    stored.request.state = state;
    stored.request.expires_at = expires;
    return Add(stored).request.id;
  };
  using State = core::RequestState;
  add(State::kDraft);
  const auto approved = add(State::kApproved);
  add(State::kPending, WallTime{kNow.micros + 1});
  const auto late = add(State::kPending, kNow);
  const auto applying = add(State::kApplying);
  add(State::kApplied);
  const auto due = store().LoadDueRequests(kNow, 0, 10, Soon());
  ASSERT_TRUE(due.ok()) << due.error().ToString();
  EXPECT_THAT(*due, ::testing::ElementsAre(approved, late, applying));
  EXPECT_THAT(*store().LoadDueRequests(kNow, 0, 1, Soon()), ::testing::ElementsAre(approved));
  EXPECT_THAT(*store().LoadDueRequests(kNow, approved, 1, Soon()), ::testing::ElementsAre(late));
  EXPECT_THAT(*store().LoadDueRequests(kNow, applying, 1, Soon()), ::testing::IsEmpty());
}

TEST_P(GovernanceStoreSuite, WhatWaitsForItsNextAttemptIsNotDueBefore) {
  core::StoredRequest applying = AddApplying();
  applying.request.progress.retry_at = WallTime{kNow.micros + 1};
  ASSERT_TRUE(store().SaveRequest(applying, std::nullopt, Soon()).ok());
  core::StoredRequest other = Draft();
  other.request.state = core::RequestState::kApplying;
  other.request.progress.retry_at = WallTime{kNow.micros + 1};
  const auto added = Add(other).request.id;
  EXPECT_THAT(*store().LoadDueRequests(kNow, 0, 10, Soon()), ::testing::IsEmpty());
  EXPECT_THAT(*store().LoadDueRequests(WallTime{kNow.micros + 1}, 0, 10, Soon()),
              ::testing::ElementsAre(applying.request.id, added));
}

TEST_P(GovernanceStoreSuite, AKeyThatIsUsedForOtherChangesIsRefused) {
  const core::StoredRequest first = Add(Draft(), "k");
  core::StoredRequest other = Draft();
  other.request.bundle.changes.pop_back();
  EXPECT_EQ(CodeOf(store().AddRequest(other, "k", Note(), Soon())), ErrorCode::kInvalidRequest);
  EXPECT_EQ(Add(Draft(), "k").request.id, first.request.id);
}

TEST_P(GovernanceStoreSuite, ManyOldRequestsOfAllEndsGoUpToTheLimit) {
  for (const auto state : {core::RequestState::kApplied, core::RequestState::kExpired}) {
    for (int i = 0; i < 60; ++i) {
      core::StoredRequest ended = Draft();
      ended.request.state = state;
      Add(ended);
    }
  }
  const WallTime later{kNow.micros + 2 * 3'600LL * 1'000'000};
  EXPECT_EQ(*store().ExpireRequests(later, std::chrono::hours{1}, 110, Soon()), 110);
  EXPECT_EQ(*store().ExpireRequests(later, std::chrono::hours{1}, 110, Soon()), 10);
}

TEST_P(GovernanceStoreSuite, OldRequestsThatHaveEndedGo) {
  core::StoredRequest ended = Draft();
  ended.request.state = core::RequestState::kDeclined;
  const auto old = Add(ended).request.id;
  ended.request.changed_at.micros += 3'600LL * 1'000'000;
  const auto young = Add(ended).request.id;
  const auto open = Add(Draft()).request.id;
  const WallTime later{kNow.micros + 2 * 3'600LL * 1'000'000 - 1};
  EXPECT_EQ(*store().ExpireRequests(later, std::chrono::hours{1}, 10, Soon()), 1);
  EXPECT_EQ(Find(old).request.id, 0);
  EXPECT_EQ(Find(young).request.id, young);
  EXPECT_EQ(Find(open).request.id, open);
}

}  // namespace lanemq::testing
