#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/policy/policy_rig.h"
#include "common/guard/test_world.h"
#include "metaserver/governance/governor.h"
#include "tests/conformance/fake_governance_store.h"
#include "tests/support/note.h"

namespace lanemq::metaserver {

/// A governor in the small company of core/policy's tests, which has a strict policy, on a store in
/// memory. Time begins at policy_rig::kNow.
class GovernanceRig : public ::testing::Test {
 protected:
  GovernanceRig() {
    EXPECT_TRUE(
        store_.PutPolicy(core::policy_rig::StrictPolicy(), std::nullopt, testing::Note(), {}).ok());
  }

  static core::Principal Person(const std::string& name) {
    return {core::PrincipalKind::kPerson, name};
  }
  static Governor::Proposal ProposalOf(std::vector<core::Change> changes) {
    Governor::Proposal proposal;
    proposal.bundle.changes = std::move(changes);
    return proposal;
  }
  static core::Change Topic(const std::string& name = "payments.refunds") {
    return core::policy_rig::GoodTopic(name);
  }
  /// Needs the yes of leads of payments who are not ann.
  static core::Change Deletion() { return core::DeleteTopicChange{"payments.idle"}; }

  Governor::Answer Propose(const std::string& who, const Governor::Proposal& proposal) {
    auto answer = governor_.Propose(Person(who), proposal, testing::Note());
    EXPECT_TRUE(answer.ok()) << answer.error().ToString();
    return answer.ok() ? *std::move(answer) : Governor::Answer{};
  }
  Result<Governor::Answer> Act(const std::string& who, std::int64_t id, const std::string& what,
                               const std::string& reason = "") {
    Governor::Deed deed;
    deed.id = id;
    deed.what = what;
    deed.reason = reason;
    const auto seen = store_.FindRequest(id, {});
    if (seen.ok() && *seen) deed.if_version = (*seen)->version;
    return governor_.Act(Person(who), deed, testing::Note());
  }
  core::RequestState StateOf(std::int64_t id) {
    const auto found = store_.FindRequest(id, {});
    return found.ok() && *found ? (*found)->request.state : core::RequestState::kDraft;
  }
  /// "submitted 1": what others hear of, in order.
  [[nodiscard]] std::vector<std::string> told() const { return store_.Events(); }

  testing::GuardClock clock_;
  testing::FakeGovernanceStore store_;
  core::PolicyWorld world_ = core::policy_rig::SmallWorld();
  bool is_in_use_ = false;

  Governor governor_{{},
                     store_,
                     {.world = [this](Deadline) -> Result<core::PolicyWorld> { return world_; },
                      .actor =
                          [](const core::Principal& principal) {
                            core::Actor actor = core::policy_rig::AuthorNamed(principal.name).who;
                            actor.principal = principal;
                            return actor;
                          },
                      .is_in_use = [this](const std::string&, std::chrono::hours,
                                          Deadline) -> Result<bool> { return is_in_use_; }},
                     clock_,
                     [] {}};
};

}  // namespace lanemq::metaserver
