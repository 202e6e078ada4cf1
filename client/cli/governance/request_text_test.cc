#include "client/cli/governance/request_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/core/policy/bundle_json.h"

namespace lanemq::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

core::Bundle Bundle(const std::string& changes) {
  const auto bundle = core::BundleFromText("{\"changes\": [" + changes + "]}");
  EXPECT_TRUE(bundle.ok()) << bundle.error().message;
  return bundle.ok() ? *bundle : core::Bundle{};
}

idl::ChangeRequest Pending() {
  idl::ChangeRequest request;
  request.id = 12;
  request.author = "person:bob";
  request.title = "Refunds";
  request.state = "pending";
  request.version = 3;
  request.missing = {"leads of payments"};
  request.approvers = {"leads of payments", "operators"};
  idl::Approval approval;
  approval.approver = "operators";
  approval.by = "person:olga";
  request.approvals = {approval};
  request.changes = 1;
  request.__set_bundle_json(
      R"({"changes": [{"kind": "create_topic", "name": "payments.refunds", "owner": "payments"}]})");
  return request;
}

TEST(BundleLinesTest, SayWhatIsMadeChangedAndRemoved) {
  EXPECT_THAT(
      BundleLines(Bundle(
          R"({"kind": "create_topic", "name": "a", "owner": "t", "tier": "page", "partitions": 4,
              "config": {"retention.ms": 5}},
             {"kind": "alter_topic", "name": "b", "unset": ["retention.ms"]},
             {"kind": "add_partitions", "name": "b", "partitions": 8},
             {"kind": "delete_topic", "name": "c"},
             {"kind": "put_grant", "resource": "topic", "name": "a.", "is_prefix": true,
              "principal": "service:s", "actions": ["consume", "produce"]},
             {"kind": "set_owner", "resource": "group", "name": "g"},
             {"kind": "set_quota", "team": "t", "topics": 9},
             {"kind": "delete_team", "name": "u"})")),
      ElementsAre("+ topic a: owner t, tier page, partitions 4, retention.ms=5",
                  "~ topic b: retention.ms as by default", "~ topic b: partitions 8",
                  "- topic c, with its messages",
                  "+ grant: service:s may produce, consume topics beginning with 'a.'",
                  "~ group g: owner nobody", "~ quota of t: topics 9", "- team u"));
}

TEST(BundleLinesTest, NoTextDrivesTheTerminal) {
  const auto lines = BundleLines(Bundle(R"({"kind": "delete_topic", "name": "a\u001b[2Jb"})"));
  EXPECT_THAT(lines.at(0), Not(HasSubstr("\x1b")));
}

TEST(RequestTextTest, SaysWhatIsMissingAndWhatCanBeDone) {
  const std::string text = RequestText(Pending());
  for (const char* part :
       {"Request 12: Refunds", "state     pending", "author    person:bob",
        "agreed    person:olga for operators", "missing   the yes of leads of payments",
        "+ topic payments.refunds: owner payments", "lanemq request approve 12 --if-version 3"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(RequestTextTest, WhatHasEndedHasNothingToDo) {
  idl::ChangeRequest request = Pending();
  request.state = "declined";
  request.missing.clear();
  request.__set_reason("too\nlarge");
  const std::string text = RequestText(request);
  EXPECT_THAT(text, HasSubstr("reason    too\\nlarge"));
  EXPECT_THAT(text, Not(HasSubstr("lanemq request")));
  EXPECT_THAT(text, Not(HasSubstr("missing")));
}

TEST(RequestJsonTest, HasTheBundleAsJson) {
  const auto page = nlohmann::json::parse(RequestJson(Pending()));
  EXPECT_EQ(page["request"], "12");
  EXPECT_EQ(page["bundle"]["changes"][0]["name"], "payments.refunds");
  EXPECT_EQ(page["missing"][0], "leads of payments");
}

TEST(RequestsTableTest, HasARowForEach) {
  const Table table = RequestsTable({Pending()});
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.columns.size(), table.rows[0].size());
  EXPECT_EQ(Render(table, {.format = OutputFormat::kName}), "12\n");
}

}  // namespace
}  // namespace lanemq::cli
