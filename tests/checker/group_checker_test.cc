#include "tests/checker/group_checker.h"

#include <gtest/gtest.h>

namespace lanemq::checker {
namespace {

using Kind = GroupEventKind;

// Events of a member, with growing times of its own.
class Script {
 public:
  explicit Script(std::string name) { log_.name = std::move(name); }
  Script& Do(std::int64_t at, Kind kind, std::int64_t offset = -1, std::int32_t partition = 0) {
    log_.events.push_back({at, kind, partition, offset, ""});
    return *this;
  }
  Script& Read(std::int64_t at, std::int64_t from, std::int64_t to) {
    for (std::int64_t offset = from; offset <= to; ++offset) Do(at, Kind::kRead, offset);
    return *this;
  }
  Script& Commit(std::int64_t at, std::int64_t offset, Kind answer = Kind::kCommitOk) {
    return Do(at, Kind::kCommitBegin, offset).Do(at + 1, answer, offset);
  }
  GroupMemberLog Log() const { return log_; }

 private:
  GroupMemberLog log_;
};

GroupReport Judge(std::vector<GroupMemberLog> members, std::int64_t end, bool is_orderly = false) {
  return CheckGroup(members, {.ends = {{0, end}}, .is_orderly = is_orderly});
}

TEST(GroupCheckerTest, AcceptsAnOrderlyHandOver) {
  Script a("a");
  a.Do(1, Kind::kAssigned).Read(2, 1, 5).Commit(3, 6).Do(5, Kind::kRevoked);
  Script b("b");
  b.Do(10, Kind::kAssigned).Read(11, 6, 9).Commit(12, 10);
  const GroupReport report = Judge({a.Log(), b.Log()}, 10, true);
  EXPECT_TRUE(report.ok()) << report.ToString();
  EXPECT_EQ(report.reads, 9);
  EXPECT_EQ(report.commits, 2);
}

TEST(GroupCheckerTest, AcceptsRepeatsAfterACrashAndAZombieThatIsRefused) {
  Script a("a");
  a.Do(1, Kind::kAssigned).Read(2, 1, 5).Commit(3, 4).Read(6, 6, 8);
  a.Commit(40, 9, Kind::kCommitFailed).Do(42, Kind::kLost);
  Script b("b");
  b.Do(30, Kind::kAssigned).Read(31, 4, 9);
  const GroupReport report = Judge({a.Log(), b.Log()}, 10);
  EXPECT_TRUE(report.ok()) << report.ToString();
  EXPECT_EQ(report.repeats, 5);
  EXPECT_FALSE(Judge({a.Log(), b.Log()}, 10, true).ok()) << "an orderly run repeats nothing";
}

TEST(GroupCheckerTest, AcceptsACommitWhoseAnswerWasLost) {
  Script a("a");
  a.Do(1, Kind::kAssigned).Read(2, 1, 5).Do(3, Kind::kCommitBegin, 6);
  Script applied("b");
  applied.Do(10, Kind::kAssigned).Read(11, 6, 6);
  EXPECT_TRUE(Judge({a.Log(), applied.Log()}, 7).ok());
  Script dropped("b");
  dropped.Do(10, Kind::kAssigned).Read(11, 1, 6);
  EXPECT_TRUE(Judge({a.Log(), dropped.Log()}, 7).ok());
}

void ExpectBroken(const GroupReport& report, GroupRule rule) {
  EXPECT_TRUE(report.broken.contains(rule)) << NameOf(rule) << ": " << report.ToString();
}

TEST(GroupCheckerTest, ConvictsEachFault) {
  Script a("a");
  a.Do(1, Kind::kAssigned).Read(2, 1, 5).Commit(3, 6).Do(5, Kind::kRevoked);

  ExpectBroken(Judge({a.Log()}, 8), GroupRule::kUnread);
  ExpectBroken(Judge({Script(a).Read(7, 6, 6).Log()}, 7), GroupRule::kUntracked);
  ExpectBroken(Judge({Script("b").Do(1, Kind::kAssigned).Read(2, 1, 2).Read(3, 4, 4).Log()}, 5),
               GroupRule::kJumped);
  const auto resumed = [&](std::int64_t at) {
    // A reader in between, so that the commit is older than any claim of the last one.
    Script b("b");
    b.Do(10, Kind::kAssigned).Do(11, Kind::kRevoked);
    Script c("c");
    c.Do(20, Kind::kAssigned).Read(21, at, 9);
    return Judge({a.Log(), b.Log(), c.Log()}, 10);
  };
  EXPECT_TRUE(resumed(6).ok());
  ExpectBroken(resumed(7), GroupRule::kResumedAhead);
  ExpectBroken(resumed(4), GroupRule::kResumedBehind);
  Script late("a");
  late.Do(1, Kind::kAssigned).Read(2, 1, 5).Do(3, Kind::kCommitBegin, 6);
  ExpectBroken(Judge({late.Log(), Script("b").Do(9, Kind::kAssigned).Read(10, 3, 7).Log()}, 8),
               GroupRule::kResumedBetween);

  Script zombie("a");
  zombie.Do(1, Kind::kAssigned).Read(2, 1, 5).Commit(30, 6);
  Script owner("b");
  owner.Do(20, Kind::kAssigned).Read(21, 1, 5).Commit(22, 6);
  ExpectBroken(Judge({zombie.Log(), owner.Log()}, 6), GroupRule::kZombieCommit);
  Script back("a");
  back.Do(1, Kind::kAssigned).Read(2, 1, 5).Commit(3, 6).Commit(6, 4);
  ExpectBroken(Judge({back.Log()}, 6), GroupRule::kCommitBack);
}

TEST(GroupEventsTest, LinesSurviveAndACutOneIsLeftOut) {
  const GroupEvent event{123, Kind::kCommitFailed, 3, 99, "ILLEGAL_GENERATION: x y"};
  const std::string text = FormatGroupEvent(event) + "124 read 3 1";
  const auto log = ParseGroupLog("m", text);
  ASSERT_TRUE(log.ok()) << log.error().ToString();
  ASSERT_EQ(log->events.size(), 1u);
  EXPECT_EQ(log->events[0].text, "ILLEGAL_GENERATION: x y");
  EXPECT_EQ(log->events[0].offset, 99);
  EXPECT_FALSE(ParseGroupLog("m", "12 dance 1 1 \n").ok());
}

}  // namespace
}  // namespace lanemq::checker
