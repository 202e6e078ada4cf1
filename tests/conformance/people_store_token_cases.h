#pragma once

// Part of people_store_suite.h: sessions and tokens.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/conformance/people_store_suite.h"

namespace lanemq::testing {

TEST_P(PeopleStoreSuite, ATokenIsInTheBookUntilItIsRevoked) {
  Put(PersonOf("ann"));
  const core::Token given = TokenOf("a1", "ann", true);
  const auto added = store().AddToken(given, Note(), Soon());
  ASSERT_TRUE(added.ok()) << added.error().ToString();
  core::Token expected = given;
  expected.created_at = under_test_->now();
  EXPECT_EQ(*added, expected);
  EXPECT_EQ(Book().tokens, (std::vector<core::Token>{expected}));
  const std::int64_t version = Version();
  ExpectRefused(TryToken(given), ErrorCode::kAlreadyExists, version);
  ExpectRefused(TryToken(TokenOf("a2", "nobody", true)), ErrorCode::kFailedPrecondition, version);
  ExpectRefused(store().RevokeToken("a2", Note(), Soon()), ErrorCode::kNotFound, version);
  ExpectOk(store().RevokeToken("a1", Note(), Soon()));
  EXPECT_GT(Version(), version);
  EXPECT_TRUE(Book().tokens.empty());
  EXPECT_EQ(Events().back().change.object_kind, "token");
  core::PersonProfile disabled = PersonOf("ann");
  disabled.person.is_disabled = true;
  Put(disabled);
  ExpectRefused(TryToken(given), ErrorCode::kFailedPrecondition, Version());
}

TEST_P(PeopleStoreSuite, ATokenOfAServiceIsNotAPersonsToRevokeAndItsIdIsTaken) {
  Put(PersonOf("ann"));
  core::Service service;
  service.name = "setup";
  service.kind = core::ServiceKind::kAdmin;
  ExpectOk(under_test_->access().PutService(service, Note(), Soon()));
  core::Token token = TokenOf("s1", "", false);
  token.service = "setup";
  ExpectOk(StatusOf(under_test_->access().AddToken(token, Note(), Soon())));
  ExpectRefused(store().RevokeToken("s1", Note(), Soon()), ErrorCode::kNotFound, Version());
  ExpectRefused(TryToken(TokenOf("s1", "ann", true)), ErrorCode::kAlreadyExists, Version());
  AddToken("a1", "ann");
  EXPECT_EQ(Book().tokens.size(), 2u);
}

TEST_P(PeopleStoreSuite, OfTwentySessionsTheOldestGoesAndOfTwentyTokensNone) {
  Put(PersonOf("ann"));
  Put(PersonOf("bob"));
  AddToken("b1", "bob");
  std::vector<std::string> expected = {"b1"};
  // Ids fall: it is the age that counts.
  for (int i = 25; i > 0; --i) {
    under_test_->Advance(Seconds{1});
    const std::string id = (i < 10 ? "c0" : "c") + std::to_string(i);
    AddToken(id, "ann");
    if (i <= 20) expected.push_back(id);
  }
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(TokenIds(), expected);
  for (int i = 0; i < 20; ++i) AddToken("t" + std::to_string(i), "ann", /*is_session=*/false);
  ExpectRefused(TryToken(TokenOf("t20", "ann", false)), ErrorCode::kInsufficientCapacity,
                Version());
  AddToken("c30", "ann");  // Sessions are counted by themselves.
}

TEST_P(PeopleStoreSuite, WhatEndedGoesSessionsAtOnceAndTokensAfterThirtyDays) {
  Put(PersonOf("ann"));
  AddToken("a1", "ann");
  AddToken("a2", "ann", /*is_session=*/false);
  under_test_->Advance(Hours{12});
  Put(PersonOf("bob"));
  EXPECT_EQ(TokenIds(), (std::vector<std::string>{"a2"}));
  under_test_->Advance(Hours{24 * 30} + Seconds{1});
  Put(PersonOf("cid"));
  EXPECT_TRUE(TokenIds().empty());
}

TEST_P(PeopleStoreSuite, WhereThereIsNoRoomTheSessionThatEndsFirstMakesItAndNoToken) {
  constexpr std::size_t kMax = core::AccessLimits::kTokensMax;
  Put(PersonOf("ann"));
  Put(PersonOf("bob"));
  AddToken("a1", "ann");
  core::Token short_session = TokenOf("a2", "ann", true);
  short_session.expires_at = In(Hours{6});
  ExpectOk(TryToken(short_session));
  core::Token short_token = TokenOf("a3", "ann", false);
  short_token.expires_at = In(Hours{1});
  ExpectOk(TryToken(short_token));
  under_test_->FillTokens(kMax);
  const auto of_us = [&] {
    std::vector<std::string> ids = TokenIds();
    EXPECT_LE(ids.size(), kMax);
    std::erase_if(ids, [](const std::string& id) { return id.starts_with('~'); });
    return ids;
  };
  using Ids = std::vector<std::string>;
  ExpectRefused(TryToken(TokenOf("b1", "bob", false)), ErrorCode::kInsufficientCapacity, Version());
  under_test_->Advance(Hours{1});
  AddToken("b1", "bob", /*is_session=*/false);
  EXPECT_EQ(of_us(), (Ids{"a1", "a2", "b1"})) << "what had ended went";
  AddToken("b2", "bob");
  EXPECT_EQ(of_us(), (Ids{"a1", "b1", "b2"})) << "it ended before a1";
  const auto events = Events();
  ASSERT_GE(events.size(), 2u);
  EXPECT_EQ(events[events.size() - 2].change.object_name, "a2");
  AddToken("b3", "bob");
  EXPECT_EQ(of_us(), (Ids{"b1", "b2", "b3"}));
  ExpectOk(store().RevokeToken("b2", Note(), Soon()));
  ExpectOk(store().RevokeToken("b3", Note(), Soon()));
  under_test_->FillTokens(kMax);
  ExpectRefused(TryToken(TokenOf("b4", "bob", true)), ErrorCode::kInsufficientCapacity, Version());
  EXPECT_EQ(of_us(), Ids{"b1"});
}

TEST_P(PeopleStoreSuite, SigningInAndOutLeavesTheRestOfTheBookAlone) {
  Put(PersonOf("ann"));
  Put(PersonOf("bob"));
  const core::AccessRecords first = Book();
  const std::int64_t rights = first.rights_version;
  EXPECT_EQ(rights, first.version);
  for (const std::string id : {"a1", "a2", "a3"}) AddToken(id, "ann", id != "a3");
  ExpectOk(store().RevokeToken("a1", Note(), Soon()));
  const core::AccessRecords book = Book();
  EXPECT_GT(book.version, first.version);
  EXPECT_EQ(book.rights_version, rights);
  const auto people = under_test_->access().LoadPeopleTokens(rights, Soon());
  ASSERT_TRUE(people.ok()) << people.error().ToString();
  ASSERT_TRUE(people->has_value());
  EXPECT_EQ((*people)->version, book.version);
  EXPECT_EQ((*people)->rights_version, rights);
  EXPECT_EQ((*people)->cluster_id, book.cluster_id);
  EXPECT_EQ((*people)->tokens, book.tokens);
  EXPECT_EQ(book.tokens.size(), 2u);
}

TEST_P(PeopleStoreSuite, WhatEndsSessionsOtherwiseChangesTheBook) {
  Put(PersonOf("ann"));
  Put(PersonOf("bob"));
  AddToken("a1", "ann");
  const std::int64_t rights = Book().rights_version;
  const auto expect_whole = [&](std::int64_t before) {
    const core::AccessRecords book = Book();
    EXPECT_GT(book.rights_version, before);
    EXPECT_EQ(book.rights_version, book.version);
    const auto people = under_test_->access().LoadPeopleTokens(before, Soon());
    ASSERT_TRUE(people.ok()) << people.error().ToString();
    EXPECT_FALSE(people->has_value());
  };
  SetPassword("ann");
  expect_whole(rights);
  AddToken("a2", "ann");
  const std::int64_t later = Book().rights_version;
  core::PersonProfile locked = PersonOf("ann");
  locked.person.is_disabled = true;
  Put(locked);
  expect_whole(later);
  AddToken("b1", "bob");
  const std::int64_t last = Book().rights_version;
  ExpectOk(store().Delete("bob", Note(), Soon()));
  expect_whole(last);
}

}  // namespace lanemq::testing
