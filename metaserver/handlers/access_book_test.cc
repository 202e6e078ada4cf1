#include "metaserver/handlers/access_book.h"

#include <gtest/gtest.h>

namespace lanemq::metaserver {
namespace {

class TellBookTest : public ::testing::Test {
 protected:
  static core::AccessBook BookOf(std::int64_t version) {
    core::AccessRecords records;
    records.version = version;
    records.cluster_id = "test";
    records.services = {{.name = "billing"}};
    return core::AccessBook(std::move(records));
  }
  static idl::AccessBookRequest Having(std::int64_t version) {
    idl::AccessBookRequest request;
    request.__set_version(version);
    return request;
  }

  const core::AccessBook book_ = BookOf(7);
};

TEST_F(TellBookTest, WhoHasTheSameIsToldSoAndWhoHasAnotherGetsItAll) {
  const auto same = TellBook(book_, true, Having(7));
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->version, 7);
  EXPECT_EQ(same->cluster_id, "test");
  EXPECT_FALSE(same->__isset.services);
  for (const std::int64_t version : {6, 8}) {
    const auto other = TellBook(book_, true, Having(version));
    ASSERT_TRUE(other.ok());
    EXPECT_EQ(other->version, 7);
    EXPECT_EQ(other->services.size(), 1u);
  }
}

TEST_F(TellBookTest, AWholeBookIsMadeOnceForEachVersion) {
  BookReplies replies;
  core::AccessRecords records;
  records.version = 7;
  const auto seven = std::make_shared<const core::AccessBook>(records);
  records.version = 8;
  const auto eight = std::make_shared<const core::AccessBook>(records);
  const auto first = replies.Of(seven);
  EXPECT_EQ(first->version, 7);
  EXPECT_EQ(replies.Of(seven), first);
  EXPECT_EQ(replies.Of(eight)->version, 8);
  EXPECT_EQ(first->version, 7) << "who sends it yet has it";
}

TEST_F(TellBookTest, CutOffFromTheDatabaseItConfirmsNothing) {
  for (const std::int64_t version : {6, 7, 8}) {
    const auto told = TellBook(book_, false, Having(version));
    ASSERT_FALSE(told.ok()) << version;
    EXPECT_EQ(told.error().code, ErrorCode::kMetadataUnavailable);
    EXPECT_GT(told.error().retry_after_ms, 0);
  }
}

TEST_F(TellBookTest, WhoHasNoneGetsTheLastOneEvenThen) {
  for (const bool is_fresh : {false, true}) {
    const auto told = TellBook(book_, is_fresh, idl::AccessBookRequest{});
    ASSERT_TRUE(told.ok());
    EXPECT_EQ(told->version, 7);
    EXPECT_EQ(told->services.size(), 1u);
  }
}

TEST_F(TellBookTest, WhoHasAllButTokensOfPeopleGetsThoseAlone) {
  core::AccessRecords records;
  records.version = 9;
  records.rights_version = 7;
  records.cluster_id = "test";
  core::Token token;
  token.id = "s";
  token.service = "billing";
  records.tokens.push_back(token);
  token.id = "t";
  token.service.clear();
  token.person = "ann";
  records.tokens.push_back(token);
  const auto book = std::make_shared<const core::AccessBook>(records);
  idl::AccessBookRequest request = Having(8);
  EXPECT_FALSE(HasRights(*book, request)) << "an older server";
  request.__set_rights_version(6);
  EXPECT_FALSE(HasRights(*book, request));
  request.__set_rights_version(7);
  EXPECT_TRUE(HasRights(*book, request));
  request.__isset.version = false;
  EXPECT_FALSE(HasRights(*book, request)) << "it has nothing";
  BookReplies replies;
  const auto reply = replies.PeopleTokensOf(book);
  EXPECT_EQ(replies.PeopleTokensOf(book), reply);
  EXPECT_TRUE(reply->people_tokens_only);
  EXPECT_EQ(reply->version, 9);
  EXPECT_EQ(reply->rights_version, 7);
  EXPECT_FALSE(reply->__isset.services);
  ASSERT_EQ(reply->tokens.size(), 1u);
  EXPECT_EQ(reply->tokens[0].id, "t");
  EXPECT_EQ(replies.Of(book)->tokens.size(), 2u);
}

}  // namespace
}  // namespace lanemq::metaserver
