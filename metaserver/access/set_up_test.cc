#include "metaserver/access/set_up.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/secure.h"
#include "common/core/access/access_book.h"
#include "common/core/access/token_text.h"
#include "tests/conformance/fake_access_store.h"
#include "tests/support/temp_dir.h"

namespace lanemq::metaserver {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SetUpTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string Path() const { return (dir_.path() / "setup.token").string(); }
  static std::string TextOf(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  Status Run() { return metaserver::SetUp(store_, Path(), Deadline{}); }
  core::AccessRecords Records() { return *store_.Load(Deadline{}); }

  testing::TempDir dir_;
  testing::FakeAccessStore store_;
};

TEST_F(SetUpTest, WhereAPersonIsAdminNothingIsSetUp) {
  core::AccessRecords records = Records();
  records.people = {{"ann", core::PersonRole::kOperator, false, false},
                    {"bob", core::PersonRole::kAdmin, true, false}};
  EXPECT_TRUE(NeedsSetUp(records));
  records.people[1].is_disabled = false;
  EXPECT_FALSE(NeedsSetUp(records));
}

TEST_F(SetUpTest, TheFirstStartMakesAnAdminAndWritesItsToken) {
  ASSERT_TRUE(NeedsSetUp(Records()));
  const Status made = Run();
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  EXPECT_FALSE(NeedsSetUp(Records()));

  const auto token = core::ParseToken(TextOf(Path()));
  ASSERT_TRUE(token);
  const core::AccessBook book(Records());
  const auto caller = book.Authenticate(token->id, Sha256(token->secret), store_.now());
  ASSERT_TRUE(caller.ok()) << caller.error().ToString();
  EXPECT_EQ(caller->principal.name, kSetUpService);
  EXPECT_TRUE(book.Allows(*caller, core::Action::kAdminister, {}, store_.now()));
}

TEST_F(SetUpTest, NobodyElseCanReadTheFile) {
  // Not even when somebody has opened it before.
  { std::ofstream(Path() + ".half") << "waiting"; }
  std::filesystem::permissions(Path() + ".half", std::filesystem::perms::all);
  ASSERT_TRUE(Run().ok());
  struct stat info {};
  ASSERT_EQ(::stat(Path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(Path() + ".half"));
}

TEST_F(SetUpTest, AFileThatCannotBeWrittenMakesNothing) {
  const Status made = metaserver::SetUp(store_, "/nonexistent/setup.token", Deadline{});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, ErrorCode::kInvalidConfig);
  EXPECT_THAT(made.error().message, HasSubstr("--setup-token-file"));
  EXPECT_TRUE(Records().tokens.empty());
  EXPECT_TRUE(Records().services.empty());
}

TEST_F(SetUpTest, ACrashBetweenTheStepsIsMadeGood) {
  store_.FailNextChange(ErrorCode::kMetadataUnavailable, false);
  EXPECT_FALSE(Run().ok());
  EXPECT_TRUE(NeedsSetUp(Records()));
  store_.FailNextChange(ErrorCode::kOutcomeUnknown, true);
  EXPECT_FALSE(Run().ok());
  EXPECT_TRUE(NeedsSetUp(Records()));  // The service is there, its token is not.
  ASSERT_TRUE(Run().ok());
  EXPECT_FALSE(NeedsSetUp(Records()));
}

TEST_F(SetUpTest, WhoLostTheTokenGetsAnotherOnceItIsRevoked) {
  ASSERT_TRUE(Run().ok());
  const std::string first = TextOf(Path());
  ASSERT_TRUE(store_.RevokeToken(Records().tokens.at(0).id, {}, Deadline{}).ok());
  ASSERT_TRUE(NeedsSetUp(Records()));
  ASSERT_TRUE(Run().ok());
  EXPECT_NE(TextOf(Path()), first);
  EXPECT_EQ(core::ParseToken(TextOf(Path()))->id, Records().tokens.at(0).id);
}

TEST_F(SetUpTest, WhoHasAnAdminNeedsNone) {
  core::Service admin;
  admin.name = "root";
  admin.kind = core::ServiceKind::kAdmin;
  ASSERT_TRUE(store_.PutService(admin, {}, Deadline{}).ok());
  EXPECT_FALSE(NeedsSetUp(Records()));
}

TEST_F(SetUpTest, TheAuditLogSaysThatItHappenedAndNotWhatTheTokenIs) {
  ASSERT_TRUE(Run().ok());
  const auto token = core::ParseToken(TextOf(Path()));
  ASSERT_TRUE(token);
  const auto events = store_.Events();
  ASSERT_EQ(events.size(), 2u);
  for (const core::AuditEvent& event : events) {
    EXPECT_EQ(event.note.actor, "metaserver");
    EXPECT_EQ(event.note.action, "setUp");
    EXPECT_THAT(event.change.after_json, Not(HasSubstr(token->secret)));
  }
}

}  // namespace
}  // namespace lanemq::metaserver
