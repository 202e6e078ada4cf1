#include "common/core/policy/policy_json.h"

#include <ctime>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/policy/json_reader.h"
#include "common/core/policy/policy_check.h"
#include "common/core/policy/policy_rig.h"

namespace lanemq::core {
namespace {

using ::testing::HasSubstr;

std::string Complaint(std::string_view text) {
  const Result<Policy> policy = PolicyFromText(text);
  if (policy.ok()) return "";
  EXPECT_EQ(policy.error().code, ErrorCode::kInvalidConfig);
  return policy.error().message;
}

TEST(JsonReaderTest, UnknownFieldsBeyondTheFaultsThatAreToldCostNoSearch) {
  nlohmann::json object = nlohmann::json::object();
  for (int i = 0; i < 100'000; ++i) object[std::string(58, 'x') + std::to_string(i)] = 1;
  std::string faults;
  JsonReader reader(object, "", faults);
  for (const char* known : {"description", "partitions", "retention_bytes", "retention_hours",
                            "message_bytes_max", "delivery_attempts", "owner", "tier"}) {
    (void)reader.Find(known);
  }
  const std::clock_t begun = std::clock();
  reader.Finish();
  // Comparing them all takes several seconds.
  EXPECT_LT(std::clock() - begun, CLOCKS_PER_SEC / 2);
  EXPECT_THAT(faults, HasSubstr("did you mean"));
  EXPECT_TRUE(faults.ends_with("; and more"));
  EXPECT_LT(faults.size(), 5'000u);
}

TEST(PolicyJsonTest, APolicyComesBackAsItWas) {
  Policy full = policy_rig::StrictPolicy();
  full.topic_names->prefixes = {"acme."};
  full.group_names->begins_with_owner = true;
  full.group_names->punctuation = "_-";
  full.group_names->allows_upper_case = true;
  full.reserved_suffixes = {"-x"};
  full.required.traffic = true;
  full.tiers = {"gold"};
  full.may_delete_topics_in_use = true;
  full.sizing = {500, 2};
  full.request_days_max = 3;
  ApprovalRule& rule = full.approvals[ChangeKind::kPutGrant];
  rule.tiers = {"gold"};
  rule.is_for_own_team = true;
  rule.approvers = {{Approver::Kind::kAdmins, {}}, {Approver::Kind::kTeamLeads, "platform"}};
  for (const Policy& policy : {Policy{}, policy_rig::StrictPolicy(), full}) {
    const Result<Policy> again = PolicyFromText(PolicyToText(policy));
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(*again, policy) << PolicyToText(policy);
  }
}

TEST(PolicyJsonTest, WhatIsMissingOrNullIsTheDefault) {
  for (const char* text : {"{}", R"({"partitions": null, "approvals": {}, "tiers": null})",
                           R"({"approvals": {"put_team": {}}, "required": {}, "sizing": {}})"}) {
    const Result<Policy> policy = PolicyFromText(text);
    ASSERT_TRUE(policy.ok()) << policy.error().message;
    EXPECT_EQ(*policy, Policy{}) << text;
  }
  const Result<Policy> part = PolicyFromText(
      R"({"partitions": {"max": 8}, "approvals": {"create_topic": {"partitions_max": 4}}})");
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part->partitions, (NumberRange{std::nullopt, 8}));
  EXPECT_EQ(part->approvals.at(ChangeKind::kCreateTopic).partitions_max, 4);
  EXPECT_TRUE(part->approvals.at(ChangeKind::kCreateTopic).is_automatic);
  EXPECT_FALSE(part->approvals.at(ChangeKind::kSetQuota).is_automatic);
}

TEST(PolicyJsonTest, UnknownFieldsAreErrorsThatNameTheNearestOne) {
  EXPECT_THAT(Complaint(R"({"partition": {}})"), HasSubstr("did you mean 'partitions'?"));
  EXPECT_THAT(Complaint(R"({"partitions": {"maximum": 3}})"),
              HasSubstr("partitions has no field 'maximum'; did you mean 'max'?"));
  EXPECT_THAT(Complaint(R"({"topic_names": {"segment_max": 3}})"),
              HasSubstr("did you mean 'segments_max'?"));
  EXPECT_THAT(Complaint(R"({"approvals": {"create_topics": {}}})"),
              HasSubstr("approvals has no field 'create_topics'; did you mean 'create_topic'?"));
  EXPECT_THAT(Complaint(R"({"approvals": {"create_topic": {"automatic": true}}})"),
              HasSubstr("approvals.create_topic has no field 'automatic'; did you mean "
                        "'is_automatic'?"));
  EXPECT_THAT(Complaint(R"({"required": {"owners": true}})"), HasSubstr("did you mean 'owner'?"));
  EXPECT_THAT(Complaint(R"({"sizing": {"partition": 2}})"),
              HasSubstr("did you mean 'partitions'?"));
  EXPECT_THAT(Complaint("{\"" + std::string(60'000, 'x') + "\": 1}"), HasSubstr("has no field"));
}

TEST(PolicyJsonTest, ValuesOfAnotherTypeAreErrorsAllAtOnce) {
  const std::vector<std::string> wrong = {
      R"({"environment": 5})",
      R"({"topic_names": []})",
      R"({"topic_names": {"segments_min": "2"}})",
      R"({"reserved_suffixes": ".dlq"})",
      R"({"reserved_suffixes": [1]})",
      R"({"partitions": 5})",
      R"({"partitions": {"max": 1.5}})",
      R"({"partitions": {"max": 18446744073709551615}})",
      R"({"message_bytes_max": true})",
      R"({"required": ["owner"]})",
      R"({"required": {"owner": 1}})",
      R"({"approvals": []})",
      R"({"approvals": {"put_grant": {"actions": ["eat"]}}})",
      R"({"approvals": {"put_grant": {"approvers": ["team:"]}}})",
      R"({"approvals": {"put_grant": {"approvers": "operators"}}})",
      R"({"may_delete_topics_in_use": "yes"})",
      R"([])",
      R"("x")",
      "5",
      "null",
      "",
      "{",
      "{\"environment\": \"\xff\"}",
      std::string(kPolicyBytesMax + 1, ' '),
  };
  for (const std::string& text : wrong) EXPECT_NE(Complaint(text), "") << text.substr(0, 100);
  const std::string both = Complaint(R"({"environment": 5, "tiers": 5, "oops": 1})");
  EXPECT_THAT(both, HasSubstr("environment is not a text"));
  EXPECT_THAT(both, HasSubstr("tiers is not a list"));
  EXPECT_THAT(both, HasSubstr("'oops'"));
  EXPECT_NE(Complaint(std::string(30'000, '[')), "");
}

TEST(PolicyJsonTest, APolicyThatCannotBeMeantIsRefused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"partitions": {"min": 0}})", "partitions.min is 0, not 1 to 1000"},
      {R"({"partitions": {"max": 1001}})", "partitions.max is 1001"},
      {R"({"partitions": {"min": 5, "max": 4}})", "min 5 is more than max 4"},
      {R"({"retention_ms": {"max": -1}})", "retention_ms.max is -1, not 1 or more"},
      {R"({"message_bytes_max": 4194305})", "message_bytes_max is 4194305"},
      {R"({"message_bytes_max": 0})", "message_bytes_max is 0"},
      {R"({"grant_days_max": 0})", "grant_days_max is 0"},
      {R"({"request_days_max": 0})", "request_days_max is 0"},
      {R"({"sizing": {"messages_per_partition_and_day": 0}})", "sizing"},
      {R"({"sizing": {"partitions": 9}, "partitions": {"max": 8}})", "sizing.partitions is 9"},
      {R"({"tiers": [""]})", "tiers has an empty text"},
      {R"({"reserved_suffixes": [""]})", "reserved_suffixes has an empty text"},
      {R"({"environment": "a\nb"})", "not printable ASCII"},
      {R"({"topic_names": {"segments_min": 0}})", "topic_names.segments_min is 0"},
      {R"({"topic_names": {"segments_min": 5}})", "topic_names.segments_min is 5, not 1 to 4"},
      {R"({"topic_names": {"segments_max": 21}})", "topic_names.segments_max is 21"},
      {R"({"topic_names": {"segment_bytes_min": 42}})", "segment_bytes_min is 42"},
      {R"({"topic_names": {"bytes_max": 250}})", "bytes_max is 250"},
      {R"({"topic_names": {"segments_min": 4, "bytes_max": 10}})", "allows no name"},
      {R"({"topic_names": {"punctuation": "."}})", "punctuation is '.'"},
      {R"({"topic_names": {"begins_with_owner": true, "prefixes": ["a"]}})", "one of them"},
      {R"({"approvals": {"put_group": {"partitions_max": -1}}})", "put_group.partitions_max is -1"},
  };
  for (const auto& [text, complaint] : cases) {
    EXPECT_THAT(Complaint(text), HasSubstr(complaint)) << text;
  }
  Policy many;
  many.tiers.assign(51, "x");
  many.request_days_max = 366;
  const Status status = CheckPolicy(many);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message, HasSubstr("tiers has 51 entries"));
  EXPECT_THAT(status.error().message, HasSubstr("request_days_max is 366"));
}

TEST(PolicyJsonTest, APolicyThatWasNotCheckedIsTextAllTheSame) {
  Policy policy;
  policy.environment = "\xff\xfe";
  EXPECT_THAT(PolicyToText(policy), HasSubstr("environment"));
}

}  // namespace
}  // namespace lanemq::core
