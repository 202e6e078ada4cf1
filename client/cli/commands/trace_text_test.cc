#include "client/cli/commands/trace_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lanemq::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::int64_t kTime = 1'800'000'000'000'000;  // 2027-01-15T08:00:00Z

idl::TraceMessageRequest Request() {
  idl::TraceMessageRequest request;
  request.topic = "orders";
  request.partition = 2;
  request.offset = 42;
  return request;
}

idl::GroupTrace Group(const std::string& name, const std::string& place) {
  idl::GroupTrace group;
  group.group = name;
  group.place = place;
  group.committed_at_us = kTime;
  return group;
}

idl::TraceMessageResponse Stored() {
  idl::TraceMessageResponse trace;
  trace.place = "stored";
  trace.at_us = kTime;
  trace.log_start = 1;
  trace.log_end = 101;
  trace.data_node = "n1";
  trace.table_name = "p_00.msg_1_2";
  trace.__set_timestamp_us(kTime);
  trace.groups_hidden = 0;
  trace.has_more_groups = false;
  return trace;
}

TEST(TraceText, BeginsWithWhereItIs) {
  EXPECT_THAT(TraceText(Request(), Stored()), StartsWith("orders/2/42 is in the log\n"));
  auto trace = Stored();
  trace.place = "removed";
  EXPECT_THAT(TraceText(Request(), trace), HasSubstr("removed by retention or a trim"));
  idl::TracedRemoval removal;
  removal.cause = "time";
  removal.at_us = kTime;
  trace.__set_removal(removal);
  EXPECT_THAT(TraceText(Request(), trace),
              HasSubstr("removed by retention (time) at 2027-01-15T08:00:00"));
  removal.cause = "trim";
  removal.__set_requested_by("ana");
  removal.__set_reason("space");
  trace.__set_removal(removal);
  EXPECT_THAT(TraceText(Request(), trace), HasSubstr("removed by a trim of ana at 2027-01-15"));
  trace = Stored();
  trace.place = "not_yet";
  trace.log_end = 41;
  EXPECT_THAT(TraceText(Request(), trace), HasSubstr("not there yet: 1 message before it"));
  trace.place = "missing";
  trace.__set_next_offset(44);
  EXPECT_THAT(TraceText(Request(), trace), HasSubstr("a hole, 44 is next"));
  trace.place = "lost";
  trace.__set_lost_at_us(kTime);
  EXPECT_THAT(TraceText(Request(), trace), HasSubstr("noticed to be missing at 2027-01-15"));
}

TEST(TraceText, NamesTheRowForADba) {
  const std::string text = TraceText(Request(), Stored());
  EXPECT_THAT(text, HasSubstr("SELECT * FROM p_00.msg_1_2 WHERE `offset` = 42"));
  EXPECT_THAT(text, HasSubstr("n1"));
  EXPECT_THAT(text, HasSubstr("1 to 100"));
  EXPECT_THAT(text, HasSubstr("No group that you may see"));
}

TEST(TraceText, HasALinePerGroup) {
  auto trace = Stored();
  trace.groups = {Group("a", "not_read"), Group("b", "not_read"), Group("c", "handling"),
                  Group("d", "passed"),   Group("e", "retrying"), Group("f", "dead_letter")};
  trace.groups[0].__set_committed_offset(40);
  trace.groups[0].__set_behind(2);
  trace.groups[2].__set_committed_offset(42);
  trace.groups[2].__set_behind(0);
  trace.groups[2].__set_attempts(3);
  trace.groups[3].__set_committed_offset(50);
  idl::TracedRetry retry;
  retry.attempts = 2;
  retry.due_at_us = kTime;
  retry.is_being_handled = false;
  retry.__set_reason("timeout");
  retry.__set_last_error("no\nanswer");
  trace.groups[4].__set_retrying(retry);
  idl::TracedDeadLetter letter;
  letter.attempts = 16;
  letter.dead_at_us = kTime;
  letter.__set_reason("declined");
  trace.groups[5].__set_dead_letter(letter);
  std::string text = TraceText(Request(), trace);
  EXPECT_THAT(text, HasSubstr("offset 40, 2 messages before it"));
  EXPECT_THAT(text, HasSubstr("nothing is committed yet"));
  EXPECT_THAT(text, HasSubstr("offset 42, the next one, call 3 of its handler"));
  EXPECT_THAT(text, HasSubstr("offset 50"));
  EXPECT_THAT(text, HasSubstr("2 attempts, next at 2027-01-15T08:00:00.000000Z, timeout: no\\"));
  EXPECT_THAT(text, HasSubstr("DEAD LETTER"));
  EXPECT_THAT(text, HasSubstr("16 attempts, declined"));
  EXPECT_THAT(text, Not(HasSubstr("may not see")));
  trace.groups[4].retrying.is_being_handled = true;
  trace.groups_hidden = 2;
  trace.has_more_groups = true;
  text = TraceText(Request(), trace);
  EXPECT_THAT(text, HasSubstr("attempt 2 is under way"));
  EXPECT_THAT(text, HasSubstr("2 more groups you may not see"));
  EXPECT_THAT(text, HasSubstr("these are the first"));
}

TEST(TraceText, SaysWhatWasDoneAndWhatIsNotSure) {
  auto trace = Stored();
  trace.groups = {Group("a", "passed")};
  idl::TracedDeed deed;
  deed.at_us = kTime;
  deed.action = "redrive_to_topic";
  deed.is_exact = false;
  deed.requested_by = "ana";
  deed.reason = "fixed";
  deed.__set_redrive_id(7);
  deed.__set_redrive_state("done");
  idl::TracedDeed drop;
  drop.at_us = kTime;
  drop.action = "drop";
  drop.is_exact = true;
  drop.requested_by = "bob";
  trace.groups[0].__set_deeds({deed, drop});
  const std::string text = TraceText(Request(), trace);
  EXPECT_THAT(text, HasSubstr("redrive to the topic, as a new message by ana (redrive 7, done): "
                              "fixed [its filter covers this message]\n"));
  EXPECT_THAT(text, HasSubstr("drop by bob\n"));
}

TEST(TraceText, JsonHasEveryField) {
  auto trace = Stored();
  trace.groups = {Group("a", "dead_letter"), Group("b", "not_read")};
  trace.groups[0].__set_committed_offset(50);
  idl::TracedDeadLetter letter;
  letter.attempts = 16;
  letter.dead_at_us = kTime;
  letter.__set_last_error("x\xff");
  letter.__set_reason("no\nanswer");
  trace.groups[0].__set_dead_letter(letter);
  const std::string line = TraceJson(Request(), trace);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["topic"], "orders");
  EXPECT_EQ(json["partition"], 2);
  EXPECT_EQ(json["offset"], "42");
  EXPECT_EQ(json["place"], "stored");
  EXPECT_EQ(json["log_end"], "101");
  EXPECT_EQ(json["table"], "p_00.msg_1_2");
  EXPECT_EQ(json["timestamp"], "2027-01-15T08:00:00.000000Z");
  EXPECT_TRUE(json["producer_id"].is_null());
  EXPECT_TRUE(json["removal"].is_null());
  ASSERT_EQ(json["groups"].size(), 2u);
  EXPECT_EQ(json["groups"][0]["committed_offset"], "50");
  EXPECT_EQ(json["groups"][0]["dead_letter"]["attempts"], 16);
  EXPECT_EQ(json["groups"][0]["dead_letter"]["reason"], "no\nanswer") << "escaped once, by JSON";
  EXPECT_EQ(json["groups"][0]["dead_letter"]["last_error"], "x\\xff");
  EXPECT_EQ(json["groups"][0]["dead_letter"]["dead_at"], "2027-01-15T08:00:00.000000Z");
  EXPECT_TRUE(json["groups"][0]["retrying"].is_null());
  EXPECT_TRUE(json["groups"][1]["committed_offset"].is_null());
  EXPECT_TRUE(json["groups"][1]["deeds"].empty());
  EXPECT_EQ(json["has_more_groups"], false);
}

}  // namespace
}  // namespace lanemq::cli
