#include "metaserver/access/denial_log.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/guard/test_world.h"
#include "metaserver/access/test_audit_log.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::WaitFor;

class DenialLogTest : public ::testing::Test {
 protected:
  void Tell(const std::string& actor, std::string name = "orders") {
    core::AuditNote note;
    note.actor = actor;
    note.action = "deleteTopic";
    denials_.Tell(std::move(note), {.object_kind = "topic", .object_name = std::move(name)});
  }
  [[nodiscard]] bool Kept(std::int64_t count) const {
    return WaitFor([&] { return denials_.Stats().kept == count; }, seconds{20}, "rows are kept");
  }

  testing::GuardClock clock_;
  testing::TestAuditLog log_;
  DenialLog denials_{
      {.per_minute = 3, .queue_max = 10, .retry_pause = milliseconds{5}}, log_, clock_};
};

TEST_F(DenialLogTest, ARefusedAttemptIsKeptWithItsNote) {
  denials_.Start();
  Tell("service:cart");
  ASSERT_TRUE(Kept(1));
  const auto events = log_.events();
  EXPECT_EQ(events[0].note.actor, "service:cart");
  EXPECT_EQ(events[0].note.action, "deleteTopic");
  EXPECT_EQ(events[0].change.object_name, "orders");
}

TEST_F(DenialLogTest, OfOnePrincipalSoManyAMinuteAreKeptAndTheRestIsSummedUp) {
  denials_.Start();
  for (int i = 0; i < 8; ++i) Tell("service:cart");
  Tell("service:billing");
  ASSERT_TRUE(Kept(4));
  EXPECT_EQ(denials_.Stats().left_out, 5);
  clock_.Advance(std::chrono::minutes{1});
  Tell("service:billing");
  ASSERT_TRUE(Kept(6));
  bool is_summed_up = false;
  for (const core::AuditEvent& event : log_.events()) {
    if (event.note.action != "many") continue;
    is_summed_up = true;
    EXPECT_EQ(event.note.actor, "service:cart");
    EXPECT_THAT(event.note.reason, HasSubstr("5 more"));
  }
  EXPECT_TRUE(is_summed_up);
  Tell("service:cart");
  EXPECT_TRUE(Kept(7));
}

TEST_F(DenialLogTest, WhileTheDatabaseIsAwayTheyWaitInAQueueThatEnds) {
  log_.SetFailure(Error{ErrorCode::kMetadataUnavailable, "away"});
  denials_.Start();
  for (int i = 0; i < 20; ++i) Tell("service:s" + std::to_string(i));
  EXPECT_EQ(denials_.Stats().lost, 10);
  ASSERT_TRUE(WaitFor([&] { return log_.calls() > 3; }, seconds{20}, "it tries again"));
  EXPECT_EQ(denials_.Stats().kept, 0);
  log_.SetFailure(std::nullopt);
  EXPECT_TRUE(Kept(10));
  EXPECT_EQ(log_.events().size(), 10u);
}

TEST_F(DenialLogTest, WhatMayBeThereAlreadyIsNotWrittenTwice) {
  log_.SetFailure(Error{ErrorCode::kOutcomeUnknown, "perhaps"});
  denials_.Start();
  Tell("service:cart");
  ASSERT_TRUE(WaitFor([&] { return denials_.Stats().lost == 1; }, seconds{20}, "given up"));
  EXPECT_EQ(log_.calls(), 1);
}

TEST_F(DenialLogTest, StoppingWritesWhatWaits) {
  for (int i = 0; i < 3; ++i) Tell("service:cart");
  denials_.Start();
  denials_.Stop();
  EXPECT_EQ(log_.events().size(), 3u);
}

TEST_F(DenialLogTest, StoppingDoesNotWaitForADatabaseThatIsAway) {
  log_.SetFailure(Error{ErrorCode::kMetadataUnavailable, "away"});
  Tell("service:cart");
  denials_.Start();
  denials_.Stop();
  EXPECT_EQ(denials_.Stats().lost, 1);
}

TEST_F(DenialLogTest, ANameOfMegabytesIsCutBeforeItWaits) {
  denials_.Start();
  Tell("service:cart", std::string(1u << 20, 'x'));
  ASSERT_TRUE(Kept(1));
  EXPECT_LE(log_.events()[0].change.object_name.size(), 600u);
}

}  // namespace
}  // namespace lanemq::metaserver
