#pragma once

#include <gtest/gtest.h>

#include "tests/conformance/governance_store_suite.h"

/// What every GovernanceStore must do while a request is applied.
namespace lanemq::testing {

TEST_P(GovernanceStoreSuite, AnOlderEpochHasNoEffect) {
  core::StoredRequest request = AddApplying();
  const core::RequestTerm old{request.request.id, 1};
  request.request = core::TakenOver(request.request);
  ASSERT_TRUE(store().SaveRequest(request, std::nullopt, Soon()).ok());
  EXPECT_EQ(CodeOf(Create(old, "refunds")), ErrorCode::kFenced);
  EXPECT_FALSE(under_test_->HasTopic("refunds"));
  EXPECT_EQ(CodeOf(store().FindMadeTopic(old, "refunds", Soon())), ErrorCode::kFenced);
  EXPECT_EQ(CodeOf(store().BeginUndoTopic(old, "refunds", Note(), Soon())), ErrorCode::kFenced);
  core::StoredRequest late = Find(request.request.id);
  late.request.progress.epoch = 1;
  late.request.state = core::RequestState::kApplied;
  late.request.bundle.changes.clear();
  EXPECT_EQ(CodeOf(store().Commit(late, Note(), Soon())), ErrorCode::kFenced);
  EXPECT_EQ(Find(request.request.id).request.state, core::RequestState::kApplying);
  const core::RequestTerm current{request.request.id, 2};
  EXPECT_TRUE(Create(current, "refunds").ok());
}

TEST_P(GovernanceStoreSuite, OnlyWhatTheRequestHasMadeIsUndone) {
  const core::RequestTerm term{AddApplying().request.id, 1};
  under_test_->MakeForeignTopic("foreign");
  EXPECT_EQ(CodeOf(Create(term, "foreign")), ErrorCode::kTopicAlreadyExists);
  EXPECT_FALSE((*store().FindMadeTopic(term, "foreign", Soon())).has_value());
  EXPECT_FALSE((*store().BeginUndoTopic(term, "foreign", Note(), Soon())).has_value());
  EXPECT_TRUE(under_test_->HasTopic("foreign"));

  const auto made = Create(term, "refunds");
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  under_test_->FinishTopic(*made);
  const auto again = Create(term, "refunds");
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ(again->topic.id, made->topic.id);
  EXPECT_EQ(again->ready, 2);
  ASSERT_TRUE((*store().FindMadeTopic(term, "refunds", Soon())).has_value());
  const auto undone = store().BeginUndoTopic(term, "refunds", Note(), Soon());
  ASSERT_TRUE(undone.ok()) << undone.error().ToString();
  ASSERT_TRUE(undone->has_value());
  EXPECT_EQ((**undone).topic.state, core::TopicState::kDeleting);
  EXPECT_EQ(CodeOf(Create(term, "refunds")), ErrorCode::kTopicAlreadyExists);
  under_test_->FinishTopic(**undone);
  EXPECT_FALSE(under_test_->HasTopic("refunds"));
  EXPECT_FALSE((*store().BeginUndoTopic(term, "refunds", Note(), Soon())).has_value());
}

TEST_P(GovernanceStoreSuite, ATopicIsInCreationUntilItsRequestIsApplied) {
  core::StoredRequest request = AddApplying();
  const core::RequestTerm term{request.request.id, 1};
  const auto made = Create(term, "refunds");
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  under_test_->FinishTopic(*made);
  const auto found = store().FindMadeTopic(term, "refunds", Soon());
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((**found).topic.state, core::TopicState::kCreating);
  EXPECT_EQ((**found).ready, 2);
  EXPECT_FALSE(under_test_->IsActive("refunds"));
  request.request.bundle.changes.pop_back();  // There is no such team.
  request.request.state = core::RequestState::kApplied;
  const auto done = store().Commit(request, Note(), Soon());
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_TRUE(under_test_->IsActive("refunds"));
}

TEST_P(GovernanceStoreSuite, OnlyTheBundleOfWhatCanBeEditedChanges) {
  core::StoredRequest draft = Add(Draft());
  draft.request.bundle.changes.pop_back();
  auto saved = store().SaveRequest(draft, Note(), Soon());
  ASSERT_TRUE(saved.ok()) << saved.error().ToString();
  EXPECT_EQ(Find(draft.request.id).request.bundle.changes.size(), 1u);
  core::StoredRequest applying = AddApplying();
  applying.request.bundle.changes.pop_back();
  applying.request.progress.done = 1;
  saved = store().SaveRequest(applying, std::nullopt, Soon());
  ASSERT_TRUE(saved.ok()) << saved.error().ToString();
  EXPECT_EQ(Find(applying.request.id).request.bundle.changes.size(), 2u);
  EXPECT_EQ(Find(applying.request.id).request.progress.done, 1u);
}

TEST_P(GovernanceStoreSuite, ACommitEndsTheRequestAndItsMarks) {
  core::StoredRequest request = AddApplying();
  const core::RequestTerm term{request.request.id, 1};
  const auto made = Create(term, "refunds");
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  under_test_->FinishTopic(*made);
  request.request.bundle.changes.pop_back();  // There is no such team.
  request.request.state = core::RequestState::kApplied;
  const auto done = store().Commit(request, Note(), Soon());
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->version, request.version + 1);
  EXPECT_EQ(Find(term.request).request.state, core::RequestState::kApplied);
  EXPECT_EQ(CodeOf(store().Commit(request, Note(), Soon())), ErrorCode::kFenced);
  EXPECT_EQ(CodeOf(Create(term, "other")), ErrorCode::kFenced);
  EXPECT_TRUE(under_test_->HasTopic("refunds"));
}

}  // namespace lanemq::testing
