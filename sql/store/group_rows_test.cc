#include "sql/store/group_rows.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lanemq::sql {
namespace {

using core::TopicPartition;

TEST(GroupRowsTest, TextsKeepTheirOrderAndComeBack) {
  const std::vector<std::string> texts = {"sticky", "range", "a\"b\\c", "\xC3\xA9"};
  const auto json = ToJson(texts);
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(*json, "[\"sticky\",\"range\",\"a\\\"b\\\\c\",\"\xC3\xA9\"]");
  EXPECT_EQ(TextsFromJson(*json), texts);
  EXPECT_EQ(ToJson(std::vector<std::string>{}), "[]");
  EXPECT_EQ(TextsFromJson("[]"), std::vector<std::string>{});
}

TEST(GroupRowsTest, PartitionsAreReadableAndComeBackSorted) {
  const std::vector<TopicPartition> partitions = {{"b", 7}, {"a", 2}, {"b", 0}, {"a", 2147483647}};
  const auto json = ToJson(partitions);
  EXPECT_EQ(json, R"({"a":[2,2147483647],"b":[0,7]})");
  const std::vector<TopicPartition> sorted = {{"a", 2}, {"a", 2147483647}, {"b", 0}, {"b", 7}};
  EXPECT_EQ(PartitionsFromJson(*json), sorted);
  EXPECT_EQ(ToJson(std::vector<TopicPartition>{}), "{}");
  EXPECT_EQ(PartitionsFromJson("{}"), std::vector<TopicPartition>{});
}

TEST(GroupRowsTest, WhatJsonCannotCarryIsRefused) {
  EXPECT_EQ(ToJson(std::vector<std::string>{"\xFF"}), std::nullopt);
  EXPECT_EQ(ToJson(std::vector<TopicPartition>{{"\xC3", 1}}), std::nullopt);
}

TEST(GroupRowsTest, DamagedTextsAreRefused) {
  for (const char* text : {"", "[", "[1]", "{}", "null", "[\"a\",]", "[\"a\"", "[\"a\"]x",
                           "[\"\xFF\"]", "[[\"a\"]]", "\"a\""}) {
    EXPECT_EQ(TextsFromJson(text), std::nullopt) << text;
  }
}

TEST(GroupRowsTest, DamagedPartitionsAreRefused) {
  for (const char* text :
       {"", "[]", "{", "null", R"({"a":1})", R"({"a":[-1]})", R"({"a":[1.5]})", R"({"a":["1"]})",
        R"({"a":[2147483648]})", R"({"a":[18446744073709551616]})", R"({"a":[null]})",
        R"({"a":[1]}x)", R"({"a":{}})"}) {
    EXPECT_EQ(PartitionsFromJson(text), std::nullopt) << text;
  }
  const std::string nested(100'000, '[');
  EXPECT_EQ(PartitionsFromJson(nested), std::nullopt);
  EXPECT_EQ(PartitionsFromJson(R"({"a":)" + nested), std::nullopt);
}

TEST(GroupRowsTest, AnyPrefixOfAColumnIsRefused) {
  const std::string texts = R"(["orders","bills"])";
  for (std::size_t n = 0; n < texts.size(); ++n) {
    EXPECT_EQ(TextsFromJson(texts.substr(0, n)), std::nullopt) << n;
  }
  const std::string partitions = R"({"orders":[0,1],"bills":[2]})";
  for (std::size_t n = 0; n < partitions.size(); ++n) {
    EXPECT_EQ(PartitionsFromJson(partitions.substr(0, n)), std::nullopt) << n;
  }
}

TEST(GroupRowsTest, OnlyStatesOfTheColumnAreStored) {
  for (const auto state : {core::GroupState::kEmpty, core::GroupState::kCompletingRebalance,
                           core::GroupState::kStable}) {
    EXPECT_TRUE(ToSql(state).ok());
  }
  EXPECT_EQ(ToSql(core::GroupState::kPreparingRebalance).error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(ToSql(core::GroupState::kDead).error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(StateFromSql(1), core::GroupState::kEmpty);
  EXPECT_EQ(StateFromSql(3), core::GroupState::kStable);
  EXPECT_EQ(StateFromSql(0), std::nullopt);
  EXPECT_EQ(StateFromSql(4), std::nullopt);
}

TEST(GroupRowsTest, ManyMembersAreSplitIntoStatementsOfBoundedLength) {
  core::StoredGroup group;
  group.group_id = "g";
  for (int i = 0; i < 100; ++i) {
    group.members.emplace_back();
    group.members.back().member.member_id = "m'" + std::to_string(i);
  }
  const auto one = SaveMembersTexts(group, 1u << 20);
  ASSERT_TRUE(one.ok());
  ASSERT_EQ(one->size(), 1u);
  EXPECT_NE(one->front().find("('g','m\\'0','','','',45000,300000,'[]','[]','{}',0,'{}'),("),
            std::string::npos);
  const auto many = SaveMembersTexts(group, 1'000);
  ASSERT_TRUE(many.ok());
  EXPECT_GT(many->size(), 5u);
  EXPECT_EQ(SaveMembersTexts(group, 1)->size(), 100u);  // Each alone.
  group.members.clear();
  EXPECT_TRUE(SaveMembersTexts(group, 1'000)->empty());
}

}  // namespace
}  // namespace lanemq::sql
