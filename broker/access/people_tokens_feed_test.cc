// Signing in and out, as brokers hear of it: without the rest of the book.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "broker/access/access_feed.h"
#include "broker/access/access_file.h"
#include "broker/catalog/fake_meta_client.h"
#include "common/guard/test_world.h"
#include "tests/support/temp_dir.h"

namespace lanemq::broker {
namespace {

using lanemq::testing::GuardClock;
using lanemq::testing::TempDir;
using testing::FakeMetaClient;

core::Token TokenOf(const std::string& id, const std::string& person) {
  core::Token token;
  token.id = id;
  token.hash = std::string(32, 'h');
  token.person = person;
  return token;
}

class PeopleTokensFeedTest : public ::testing::Test {
 protected:
  PeopleTokensFeedTest() {
    meta_.ChangeAccess([](core::AccessRecords& records) {
      records.people = {{.name = "ann"}, {.name = "bob"}};
      records.tokens = {TokenOf("ann-1", "ann")};
    });
  }
  void SignIn(const std::string& id, const std::string& person) {
    meta_.ChangePeopleTokens(
        [&](core::AccessRecords& records) { records.tokens.push_back(TokenOf(id, person)); });
  }
  void SignOut(const std::string& id) {
    meta_.ChangePeopleTokens([&](core::AccessRecords& records) {
      std::erase_if(records.tokens, [&](const core::Token& token) { return token.id == id; });
    });
  }
  [[nodiscard]] bool IsIn(const std::string& id) const {
    const auto book = guard_.book();
    return book && book->Authenticate(id, std::string(32, 'h'), clock_.WallNow()).ok();
  }
  bool IsInFile(const std::string& id) {
    const auto saved = LoadAccess(options_.file);
    return saved.ok() && core::AccessBook(saved->records).FindToken(id) != nullptr;
  }

  TempDir dir_;
  GuardClock clock_;
  FakeMetaClient meta_;
  const AccessFeedOptions options_{.file = dir_.path() / "access.snapshot"};
  Guard guard_{true, clock_};
  int changes_ = 0;
  AccessFeed feed_{options_, meta_, guard_, clock_,
                   AccessFeed::Hooks{[] {
                                       return std::vector<core::Endpoint>{{"a", 1}};
                                     },
                                     [] { return std::string(); }, [this] { ++changes_; }}};
};

TEST_F(PeopleTokensFeedTest, WhoSignsInIsKnownWithoutAnotherBook) {
  feed_.Round();
  ASSERT_EQ(meta_.whole_books(), 1);
  SignIn("bob-1", "bob");
  feed_.Round();
  EXPECT_TRUE(IsIn("bob-1"));
  EXPECT_TRUE(IsIn("ann-1"));
  EXPECT_EQ(guard_.book()->version(), meta_.access().version);
  EXPECT_EQ(meta_.whole_books(), 1);
  EXPECT_EQ(changes_, 2);
  EXPECT_FALSE(IsInFile("bob-1")) << "nobody needs it there";
  feed_.Round();
  EXPECT_EQ(changes_, 2);
}

TEST_F(PeopleTokensFeedTest, WhoSignsOutIsGoneFromTheFileToo) {
  feed_.Round();
  ASSERT_TRUE(IsInFile("ann-1"));
  SignOut("ann-1");
  feed_.Round();
  EXPECT_FALSE(IsIn("ann-1"));
  EXPECT_FALSE(IsInFile("ann-1"));
  EXPECT_EQ(meta_.whole_books(), 1);
}

TEST_F(PeopleTokensFeedTest, WhatCouldNotBeSavedIsSavedLaterWhetherOrNotThereIsNews) {
  feed_.Round();
  ASSERT_TRUE(IsInFile("ann-1"));
  // A folder is in the way of the file.
  const auto set_aside = dir_.path() / "aside";
  std::filesystem::rename(options_.file, set_aside);
  std::filesystem::create_directories(options_.file / "in_the_way");
  SignOut("ann-1");
  feed_.Round();
  ASSERT_FALSE(IsIn("ann-1"));
  feed_.Round();
  std::filesystem::remove_all(options_.file);
  std::filesystem::rename(set_aside, options_.file);
  ASSERT_TRUE(IsInFile("ann-1")) << "as a restart would find it";
  meta_.SetAllDown(true);
  feed_.Round();
  EXPECT_TRUE(std::filesystem::exists(options_.file));
  EXPECT_FALSE(IsInFile("ann-1"));
  const auto saved_at = std::filesystem::last_write_time(options_.file);
  feed_.Round();
  EXPECT_EQ(std::filesystem::last_write_time(options_.file), saved_at) << "once is enough";
}

TEST_F(PeopleTokensFeedTest, AnythingElseBringsTheWholeBook) {
  feed_.Round();
  SignIn("bob-1", "bob");
  meta_.ChangeAccess([](core::AccessRecords& records) { records.people.pop_back(); });
  feed_.Round();
  EXPECT_EQ(meta_.whole_books(), 2);
  EXPECT_FALSE(IsIn("bob-1")) << "he is gone";
  SignIn("ann-2", "ann");
  feed_.Round();
  EXPECT_TRUE(IsIn("ann-2"));
  EXPECT_EQ(meta_.whole_books(), 2);
}

TEST_F(PeopleTokensFeedTest, AfterARestartTheRestIsInTheFile) {
  feed_.Round();
  SignIn("bob-1", "bob");
  feed_.Round();
  Guard guard(true, clock_);
  AccessFeed again(options_, meta_, guard, clock_,
                   {[] {
                      return std::vector<core::Endpoint>{{"a", 1}};
                    },
                    [] { return std::string(); }, [] {}});
  again.Load();
  again.Round();
  EXPECT_EQ(meta_.whole_books(), 1);
  EXPECT_NE(guard.book()->FindToken("bob-1"), nullptr);
  EXPECT_EQ(guard.book()->version(), meta_.access().version);
}

TEST_F(PeopleTokensFeedTest, AMetaserverThatKnowsNoPartsIsAskedForAllOfIt) {
  core::AccessRecords records = meta_.access();
  records.rights_version = 0;
  meta_.SetAccess(records);
  feed_.Round();
  SignIn("bob-1", "bob");
  feed_.Round();
  EXPECT_TRUE(IsIn("bob-1"));
  EXPECT_EQ(meta_.whole_books(), 2);
}

}  // namespace
}  // namespace lanemq::broker
