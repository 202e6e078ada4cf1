#include "client/cli/commands/dlq_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lanemq::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

idl::DeadLetter Letter() {
  idl::DeadLetter letter;
  letter.id.__set_group("billing");
  letter.id.__set_topic("orders");
  letter.id.__set_partition(2);
  letter.id.__set_offset(42);
  letter.message.__set_offset(42);
  letter.message.__set_timestamp_us(1'800'000'000'000'000);
  letter.message.__set_key("c-1");
  letter.message.__set_body("{\"total\": 1}\n");
  idl::Header header;
  header.__set_name("trace");
  header.__set_value("\xff\x01");
  letter.message.__set_headers({header});
  letter.__set_attempts(3);
  letter.__set_reason("timeout");
  letter.__set_first_error("no answer");
  letter.__set_last_error("still\nno answer");
  letter.__set_first_failed_at_us(1'800'000'001'000'000);
  letter.__set_last_failed_at_us(1'800'000'002'000'000);
  letter.__set_dead_at_us(1'800'000'003'000'000);
  return letter;
}

TEST(DlqTable, NamesPrintsIdsThatOtherCommandsTake) {
  EXPECT_EQ(Render(DeadLettersTable({Letter()}, false), {OutputFormat::kName, true}),
            "orders/2/42\n");
}

TEST(DlqTable, BodiesAreThereOnlyWhenAsked) {
  EXPECT_THAT(Render(DeadLettersTable({Letter()}, false), {}), Not(HasSubstr("total")));
  const std::string text = Render(DeadLettersTable({Letter()}, true), {});
  EXPECT_THAT(text, HasSubstr("{\"total\": 1}\\n"));
  EXPECT_THAT(text, HasSubstr("still\\nno answer"));
}

TEST(DlqTable, JsonHasEveryField) {
  const std::string line = DeadLetterJson(Letter(), true);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["id"], "orders/2/42");
  EXPECT_EQ(json["group"], "billing");
  EXPECT_EQ(json["topic"], "orders");
  EXPECT_EQ(json["partition"], 2);
  EXPECT_EQ(json["offset"], "42");
  EXPECT_EQ(json["timestamp"], "2027-01-15T08:00:00.000000Z");
  EXPECT_EQ(json["key"], "c-1");
  EXPECT_EQ(json["value"], "{\"total\": 1}\n");
  EXPECT_EQ(json["headers"][0]["name"], "trace");
  EXPECT_EQ(json["headers"][0]["value_base64"], "/wE=");
  EXPECT_EQ(json["attempts"], 3);
  EXPECT_EQ(json["reason"], "timeout");
  EXPECT_EQ(json["first_error"], "no answer");
  EXPECT_EQ(json["last_error"], "still\nno answer");
  EXPECT_EQ(json["first_failed_at"], "2027-01-15T08:00:01.000000Z");
  EXPECT_EQ(json["last_failed_at"], "2027-01-15T08:00:02.000000Z");
  EXPECT_EQ(json["dead_at"], "2027-01-15T08:00:03.000000Z");
}

TEST(DlqTable, JsonTellsNoBodyFromABodyThatWasNotAsked) {
  idl::DeadLetter letter = Letter();
  EXPECT_FALSE(nlohmann::json::parse(DeadLetterJson(letter, false)).contains("value"));
  letter.message.__isset.body = false;
  EXPECT_TRUE(nlohmann::json::parse(DeadLetterJson(letter, true))["value"].is_null());
  letter.message.__set_body("\xc3\x28");
  EXPECT_EQ(nlohmann::json::parse(DeadLetterJson(letter, true))["value_base64"], "wyg=");
}

TEST(DlqTable, TextShowsControlCharactersInsteadOfObeyingThem) {
  idl::DeadLetter letter = Letter();
  letter.__set_last_error("\x1b[2Jgone");
  const std::string text = DeadLetterText(letter);
  EXPECT_THAT(text, HasSubstr("LAST-ERROR    \\x1b[2Jgone\n"));
  EXPECT_THAT(text, HasSubstr("OFFSET        42\n"));
  EXPECT_THAT(text, HasSubstr("HEADER        trace="));
  EXPECT_THAT(text, HasSubstr("FIRST-FAILED  2027-01-15T08:00:01.000000Z\n"));
}

TEST(DlqTable, RedrivesShowJobStateAndTarget) {
  idl::Redrive job;
  job.__set_id(77);
  job.__set_group("billing");
  job.__set_data_node("n1");
  job.__set_state("running");
  job.__set_target(idl::RedriveTarget::TOPIC);
  job.__set_moved(5);
  job.__set_created_at_us(1'800'000'000'000'000);
  EXPECT_EQ(Render(RedrivesTable({job}), {OutputFormat::kCsv, false}),
            "77,billing,n1,running,topic,5,,2027-01-15T08:00:00.000000Z,,,\n");
}

TEST(DelayedTable, JsonHasTheHandleAndWhenItIsDue) {
  idl::DelayedListing each;
  each.__set_handle("h1");
  each.__set_partition(3);
  each.__set_due_us(1'800'000'000'000'000);
  each.message.__set_body("wake up");
  const auto json = nlohmann::json::parse(DelayedJson("alarms", each));
  EXPECT_EQ(json["handle"], "h1");
  EXPECT_EQ(json["topic"], "alarms");
  EXPECT_EQ(json["partition"], 3);
  EXPECT_EQ(json["due"], "2027-01-15T08:00:00.000000Z");
  EXPECT_TRUE(json["key"].is_null());
  EXPECT_EQ(json["value"], "wake up");
  EXPECT_EQ(json["headers"].size(), 0U);
  EXPECT_EQ(Render(DelayedTable({each}), {OutputFormat::kName, true}), "h1\n");
}

}  // namespace
}  // namespace lanemq::cli
