#include "common/core/access/people_tokens.h"

#include <string>

#include <gtest/gtest.h>

#include "common/core/access/access_book.h"

namespace lanemq::core {
namespace {

Token TokenOf(const std::string& id, const std::string& person) {
  Token token;
  token.id = id;
  token.hash = std::string(32, 'h');
  (person.empty() ? token.service : token.person) = person.empty() ? "billing" : person;
  return token;
}

AccessRecords Records() {
  AccessRecords records;
  records.version = 7;
  records.rights_version = 5;
  records.cluster_id = "test";
  records.services = {{.name = "billing"}};
  records.people = {{.name = "ann"}, {.name = "bob"}};
  records.tokens = {TokenOf("a", "ann"), TokenOf("m", ""), TokenOf("z", "bob")};
  return records;
}

TEST(PeopleTokensTest, WithThemTheBookIsThatOfTheirVersion) {
  AccessRecords after = Records();
  after.version = 9;
  after.tokens = {TokenOf("b", "ann"), TokenOf("m", ""), TokenOf("z", "bob")};
  const PeopleTokens people = PeopleTokensOf(after);
  EXPECT_EQ(people.tokens.size(), 2u) << "none of services";
  const AccessRecords made = WithPeopleTokens(Records(), people);
  EXPECT_EQ(made.version, 9);
  EXPECT_EQ(made.rights_version, 5);
  EXPECT_EQ(made.tokens, after.tokens);
  const AccessBook book(made);
  const std::string hash(32, 'h');
  EXPECT_TRUE(book.Authenticate("b", hash, WallTime{1}).ok());
  EXPECT_TRUE(book.Authenticate("m", hash, WallTime{1}).ok());
  EXPECT_FALSE(book.Authenticate("a", hash, WallTime{1}).ok()) << "signed out";
}

TEST(PeopleTokensTest, OnlyWhoIsSignedOutIsLost) {
  AccessRecords after = Records();
  after.tokens.insert(after.tokens.begin() + 1, TokenOf("b", "ann"));
  EXPECT_FALSE(LosesToken(Records(), PeopleTokensOf(after)));
  after.tokens.erase(after.tokens.begin());
  EXPECT_TRUE(LosesToken(Records(), PeopleTokensOf(after)));
  // Of services it says nothing.
  AccessRecords without = Records();
  without.tokens.erase(without.tokens.begin() + 1);
  EXPECT_FALSE(LosesToken(Records(), PeopleTokensOf(without)));
}

}  // namespace
}  // namespace lanemq::core
