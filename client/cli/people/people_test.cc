#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/context/connection_settings.h"
#include "client/cli/context/session_file.h"
#include "client/cli/people/people_flags.h"
#include "client/cli/terminal/password.h"
#include "tests/support/temp_dir.h"

namespace lanemq::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr WallTime kNow{1'795'237'696'000'000};  // 2026-11-21T05:08:16Z

TEST(ChangePersonTest, KeepsWhatIsNotGiven) {
  idl::Person ann;
  ann.__set_name("ann");
  ann.__set_role("operator");
  ann.__set_email("ann@example.com");
  const auto changed = ChangePerson(
      ann, {.name = "ann", .role = {}, .display_name = "Ann", .email = {}, .oidc_subject = {}});
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->role, "operator");
  EXPECT_EQ(changed->email, "ann@example.com");
  EXPECT_EQ(changed->display_name, "Ann");
  const auto refused = ChangePerson(ann, {.name = "ann", .role = "root"});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("viewer, operator or admin"));
}

TEST(ReadLifetimeTest, IsADurationOrNothing) {
  EXPECT_EQ(*ReadLifetime(""), std::nullopt);
  EXPECT_EQ(*ReadLifetime("8h"), 28'800);
  EXPECT_FALSE(ReadLifetime("soon").ok());
}

TEST(PeopleTableTest, SaysWhatKeepsSomebodyOut) {
  std::vector<idl::Person> people(4);
  for (idl::Person& person : people) person.__set_name("ann");
  people[1].__set_disabled(true);
  people[2].__set_locked_until_us(kNow.micros + 1'000'000);
  people[3].__set_must_change_password(true);
  const Table table = PeopleTable(people, kNow);
  const auto state = [&](std::size_t row) { return std::get<std::string>(table.rows[row][2]); };
  EXPECT_EQ(state(0), "active");
  EXPECT_EQ(state(1), "disabled");
  EXPECT_THAT(state(2), HasSubstr("2026-11-21T05:08:17"));
  EXPECT_EQ(state(3), "must change password");
  people[2].__set_locked_until_us(kNow.micros);
  EXPECT_EQ(std::get<std::string>(PeopleTable(people, kNow).rows[2][2]), "active");
}

TEST(SeatsTextTest, NamesLeads) {
  std::vector<idl::Seat> seats(2);
  seats[0].team = "payments";
  seats[0].role = "lead";
  seats[1].team = "shop";
  seats[1].role = "member";
  EXPECT_EQ(SeatsText(seats), "payments (lead), shop");
  EXPECT_EQ(SeatsText({}), "");
}

class SessionFileTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string Path() const {
    return (dir_.path() / "lanemq" / "sessions.json").string();
  }
  testing::TempDir dir_;
};

TEST_F(SessionFileTest, KeepsSessionsForTheirOwnerAloneUntilTheyEnd) {
  const KeptSessions sessions = {
      {SessionKey("prod", "h:1"), {"lmq_a_secret", "ann", WallTime{kNow.micros + 5}}},
      {SessionKey("", "h:1"), {"lmq_b_secret", "bob", WallTime{kNow.micros}}}};
  ASSERT_TRUE(SaveSessions(Path(), sessions, kNow).ok());
  const auto kept = LoadSessions(Path());
  ASSERT_TRUE(kept.ok()) << kept.error().message;
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_EQ(kept->begin()->second, sessions.at("prod h:1"));
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(Path()).permissions(), perms::owner_read | perms::owner_write);
  std::filesystem::permissions(Path(), perms::others_read, std::filesystem::perm_options::add);
  const auto refused = LoadSessions(Path());
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("chmod 600"));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("secret")));
}

TEST_F(SessionFileTest, ADamagedFileIsSaidWithoutWhatIsInIt) {
  EXPECT_TRUE(LoadSessions(Path()).ok());
  for (const std::string text :
       {"", "{}", R"({"sessions":{"a":{"token":"lmq_secret"}}})",
        R"({"sessions":{"a":{"token":"lmq_secret","person":"p","expires_at_us":"1"}}})"}) {
    const auto refused = SessionsFromJson(text);
    ASSERT_FALSE(refused.ok()) << text;
    EXPECT_THAT(refused.error().message, Not(HasSubstr("secret")));
  }
}

TEST_F(SessionFileTest, OfMoreThanAHundredTheFirstToEndGo) {
  KeptSessions sessions;
  for (int i = 0; i < 103; ++i) {
    sessions[std::to_string(i)] = {"t", "p", WallTime{kNow.micros + 1'000 - i}};
  }
  ASSERT_TRUE(SaveSessions(Path(), sessions, kNow).ok());
  const auto kept = LoadSessions(Path());
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->size(), kKeptSessionsMax);
  EXPECT_FALSE(kept->contains("102"));
  EXPECT_TRUE(kept->contains("0"));
}

TEST(ContextInForceTest, ASessionOfAContextDoesNotGoToServersThatAreNamedElsewhere) {
  Contexts contexts;
  contexts.all["prod"].bootstrap = "prod:1";
  contexts.current = "prod";
  ConnectionSources sources;
  EXPECT_EQ(ContextInForce(sources, contexts), "prod");
  sources.flags.bootstrap = "other:1";
  EXPECT_EQ(ContextInForce(sources, contexts), "");
  sources.context_flag = "prod";
  EXPECT_EQ(ContextInForce(sources, contexts), "prod");
  EXPECT_NE(SessionKey("prod", "other:1"), SessionKey("prod", "prod:1"));
}

TEST(PasswordFileTest, IsItsFirstLine) {
  const testing::TempDir dir;
  const std::string path = (dir.path() / "password").string();
  const auto write = [&](const std::string& text) { std::ofstream(path) << text; };
  write("correct horse battery\r\nmore\n");
  EXPECT_EQ(*ReadPasswordFile(path), "correct horse battery");
  write(" no end ");
  EXPECT_EQ(*ReadPasswordFile(path), " no end ");
  for (const std::string& text : {std::string(), std::string("\n"), std::string(5'000, 'x')}) {
    write(text);
    EXPECT_FALSE(ReadPasswordFile(path).ok());
  }
  EXPECT_THAT(ReadPasswordFile("/nowhere").error().message, HasSubstr("No such file"));
}

}  // namespace
}  // namespace lanemq::cli
