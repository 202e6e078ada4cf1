#pragma once

// Part of people_store_suite.h: people and passwords.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/conformance/people_store_suite.h"

namespace lanemq::testing {

TEST_P(PeopleStoreSuite, APersonIsMadeChangedAndInTheBookWithWhatDecides) {
  const std::int64_t empty = Version();
  core::PersonProfile ann = PersonOf("ann", core::PersonRole::kOperator);
  ann.display_name = "Ann \xc3\x84.";
  ann.email = "ann@example.com";
  Put(ann);
  const std::int64_t version = Version();
  EXPECT_GT(version, empty);
  EXPECT_EQ(Book().people, (std::vector<core::Person>{ann.person}));
  auto people = store().List(Soon());
  ASSERT_TRUE(people.ok());
  ASSERT_EQ(people->size(), 1u);
  EXPECT_EQ((*people)[0].profile, ann);
  EXPECT_EQ((*people)[0].created_at, under_test_->now());
  EXPECT_EQ((*people)[0].last_sign_in_at, std::nullopt);
  const std::size_t events = Events().size();
  Put(ann);  // Changes nothing.
  EXPECT_EQ(Version(), version);
  EXPECT_EQ(Events().size(), events);

  under_test_->Advance(Seconds{5});
  ann.person.is_disabled = true;
  ann.email = "";
  Put(ann);
  EXPECT_GT(Version(), version);
  people = store().List(Soon());
  ASSERT_TRUE(people.ok());
  EXPECT_EQ((*people)[0].profile, ann);
  EXPECT_EQ((*people)[0].created_at, WallTime{under_test_->now().micros - 5'000'000});
  const core::AuditEvent event = Events().back();
  EXPECT_EQ(event.change.object_kind, "person");
  EXPECT_EQ(event.change.object_name, "ann");
  EXPECT_NE(event.change.before_json.find("ann@example.com"), std::string::npos);
  EXPECT_NE(event.change.after_json.find("\"disabled\":true"), std::string::npos);
  EXPECT_EQ(event.note.actor, "person:root");
}

TEST_P(PeopleStoreSuite, ASubjectIsOnePersonsAndEndsHisPassword) {
  Put(PersonOf("ann"));
  SetPassword("ann", /*must_change=*/true);
  core::PersonProfile ann = PersonOf("ann");
  ann.oidc_subject = "sub-1";
  Put(ann);
  EXPECT_EQ(Facts("ann").password_hash, "");
  EXPECT_FALSE(Facts("ann").account.profile.person.must_change_password);
  const std::int64_t version = Version();
  core::PersonProfile bob = PersonOf("bob");
  bob.oidc_subject = "sub-1";
  ExpectRefused(TryPut(bob), ErrorCode::kAlreadyExists, version);
  ExpectRefused(store().SetPassword({"ann", "h", false, ""}, Note(), Soon()),
                ErrorCode::kFailedPrecondition, version);
  const auto found = store().FindBySubject("sub-1", Soon());
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->profile, ann);
  for (const std::string subject : {"", "sub-2", "SUB-1"}) {
    const auto nobody = store().FindBySubject(subject, Soon());
    ASSERT_TRUE(nobody.ok());
    EXPECT_FALSE(nobody->has_value()) << subject;
  }
}

TEST_P(PeopleStoreSuite, APasswordEndsAllSessionsButOneAndKeepsTokens) {
  Put(PersonOf("ann"));
  Put(PersonOf("bob"));
  SetPassword("ann", /*must_change=*/true);
  EXPECT_TRUE(Book().people[0].must_change_password);
  EXPECT_EQ(Facts("ann").password_hash, "hash of ann");
  for (const std::string id : {"a1", "a2", "a3"}) AddToken(id, "ann");
  AddToken("a4", "ann", /*is_session=*/false);
  AddToken("b1", "bob");
  const std::int64_t version = Version();
  SetPassword("ann", /*must_change=*/false, /*keep=*/"a2");
  EXPECT_GT(Version(), version);
  EXPECT_EQ(TokenIds(), (std::vector<std::string>{"a2", "a4", "b1"}));
  EXPECT_FALSE(Book().people[0].must_change_password);
  for (const core::AuditEvent& event : Events()) {
    for (const std::string& json : {event.change.before_json, event.change.after_json}) {
      EXPECT_EQ(json.find("hash of"), std::string::npos) << json;
      EXPECT_EQ(json.find("SSSS"), std::string::npos) << json;
    }
  }
  SetPassword("ann");
  EXPECT_EQ(TokenIds(), (std::vector<std::string>{"a4", "b1"}));
  SetPassword("ann", /*must_change=*/true);
  EXPECT_EQ(TokenIds(), (std::vector<std::string>{"b1"})) << "set by somebody else: nothing stays";
  ExpectRefused(store().SetPassword({"nobody", "h", false, ""}, Note(), Soon()),
                ErrorCode::kNotFound, Version());
}

TEST_P(PeopleStoreSuite, WrongAttemptsAreCountedOneByOneAndForgottenByARightOne) {
  Put(PersonOf("ann"));
  SetPassword("ann");
  const std::int64_t version = Version();
  const std::size_t events = Events().size();
  EXPECT_EQ(Facts("ann").account.failures, 0);
  EXPECT_TRUE(CountAttempt("ann", 0));
  EXPECT_FALSE(CountAttempt("ann", 0));  // Somebody else was first.
  under_test_->Advance(Seconds{3});
  EXPECT_TRUE(CountAttempt("ann", 1));
  EXPECT_FALSE(CountAttempt("nobody", 0));
  EXPECT_FALSE(CountAttempt("ann", -1));
  const core::SignInFacts facts = Facts("ann");
  EXPECT_EQ(facts.account.failures, 2);
  EXPECT_EQ(facts.account.last_failed_at, under_test_->now());
  EXPECT_EQ(facts.now, under_test_->now());
  // The book has nothing of it.
  EXPECT_EQ(Version(), version);
  EXPECT_EQ(Events().size(), events);

  AddToken("a1", "ann", /*is_session=*/false);
  EXPECT_EQ(Facts("ann").account.failures, 2);
  EXPECT_EQ(Facts("ann").account.last_sign_in_at, std::nullopt);
  AddToken("a2", "ann");
  EXPECT_EQ(Facts("ann").account.failures, 0);
  EXPECT_EQ(Facts("ann").account.last_failed_at, std::nullopt);
  EXPECT_EQ(Facts("ann").account.last_sign_in_at, under_test_->now());
  EXPECT_TRUE(CountAttempt("ann", 0));
  SetPassword("ann");
  EXPECT_EQ(Facts("ann").account.failures, 0);
  const auto nobody = store().FindForSignIn("nobody", Soon());
  ASSERT_TRUE(nobody.ok());
  EXPECT_FALSE(nobody->has_value());
}

TEST_P(PeopleStoreSuite, WhoIsDeletedLeavesTokensAndTeams) {
  Put(PersonOf("ann"));
  Put(PersonOf("bob"));
  core::Team team;
  team.name = "payments";
  team.members = {{"ann", core::TeamRole::kLead}, {"bob", core::TeamRole::kMember}};
  ExpectOk(under_test_->access().PutTeam(team, Note(), Soon()));
  AddToken("a1", "ann");
  AddToken("b1", "bob");
  ExpectOk(store().Delete("ann", Note(), Soon()));
  const core::AccessRecords book = Book();
  ASSERT_EQ(book.people.size(), 1u);
  EXPECT_EQ(book.people[0].name, "bob");
  EXPECT_EQ(TokenIds(), (std::vector<std::string>{"b1"}));
  EXPECT_EQ(book.teams[0].members,
            (std::vector<core::TeamMember>{{"bob", core::TeamRole::kMember}}));
  std::vector<std::string> told;
  const auto events = Events();
  for (std::size_t i = events.size() - 3; i < events.size(); ++i) {
    told.push_back(events[i].change.object_kind + " " + events[i].change.object_name);
  }
  EXPECT_EQ(told, (std::vector<std::string>{"token a1", "team payments", "person ann"}));
  ExpectRefused(store().Delete("ann", Note(), Soon()), ErrorCode::kNotFound, Version());
}

TEST_P(PeopleStoreSuite, TheLastAdminStays) {
  Put(PersonOf("ann", core::PersonRole::kAdmin));
  Put(PersonOf("bob", core::PersonRole::kAdmin));
  SetPassword("ann");
  const std::int64_t version = Version();
  core::PersonProfile disabled = PersonOf("ann", core::PersonRole::kAdmin);
  disabled.person.is_disabled = true;
  // Bob cannot sign in.
  ExpectRefused(store().Delete("ann", Note(), Soon()), ErrorCode::kFailedPrecondition, version);
  ExpectRefused(TryPut(PersonOf("ann", core::PersonRole::kOperator)),
                ErrorCode::kFailedPrecondition, version);
  ExpectRefused(TryPut(disabled), ErrorCode::kFailedPrecondition, version);
  core::PersonProfile changed = PersonOf("ann", core::PersonRole::kAdmin);
  changed.display_name = "Ann";
  Put(changed);
  SetPassword("bob");
  ExpectOk(store().Delete("ann", Note(), Soon()));
  ExpectRefused(store().Delete("bob", Note(), Soon()), ErrorCode::kFailedPrecondition, Version());

  core::Service service;
  service.name = "setup";
  service.kind = core::ServiceKind::kAdmin;
  ExpectOk(under_test_->access().PutService(service, Note(), Soon()));
  ExpectRefused(store().Delete("bob", Note(), Soon()), ErrorCode::kFailedPrecondition, Version());
  core::Token token = TokenOf("s1", "", false);
  token.service = "setup";
  ExpectOk(StatusOf(under_test_->access().AddToken(token, Note(), Soon())));
  ExpectOk(store().Delete("bob", Note(), Soon()));
}

}  // namespace lanemq::testing
