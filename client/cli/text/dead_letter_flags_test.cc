#include "client/cli/text/dead_letter_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr WallTime kNow{1'800'000'000'000'000};

std::string IdOrError(const std::vector<std::string>& words, const std::string& group) {
  const auto id = ParseDeadLetterId(words, group);
  return id.ok() ? id->group + ":" + DeadLetterIdText(*id) : id.error().message;
}

TEST(DeadLetterId, IsOneWordWithTheGroupOrFourWords) {
  EXPECT_EQ(IdOrError({"orders/0/42"}, "billing"), "billing:orders/0/42");
  EXPECT_EQ(IdOrError({"billing", "orders", "3", "7"}, ""), "billing:orders/3/7");
  EXPECT_EQ(IdOrError({"billing", "orders", "3", "7"}, "billing"), "billing:orders/3/7");
  EXPECT_EQ(IdOrError({"orders", "3", "7"}, "billing"), "billing:orders/3/7");
}

TEST(DeadLetterId, SaysWhatToWrite) {
  EXPECT_THAT(IdOrError({"orders/0/42"}, ""), HasSubstr("-g GROUP"));
  EXPECT_THAT(IdOrError({"billing", "orders", "3", "7"}, "audit"), HasSubstr("another group"));
  for (const std::string word : {"orders", "orders/0", "/0/1", "orders//1", "orders/0/x",
                                 "orders/-1/2", "orders/0/2 ", "orders/5000000000/2"}) {
    EXPECT_THAT(IdOrError({word}, "billing"), HasSubstr("orders/0/42")) << word;
  }
  EXPECT_THAT(IdOrError({"billing", "orders"}, ""), HasSubstr("'billing orders'"));
}

TEST(DeadLetterFilter, HasWhatWasGivenAndNothingElse) {
  DeadLetterFlags flags{.group = "billing",
                        .topic = "orders",
                        .partition = 2,
                        .reason = "timeout",
                        .key = "",
                        .since = "-1h",
                        .until = "now",
                        .ids = {}};
  const auto filter = ReadDeadLetterFilter(flags, kNow);
  ASSERT_TRUE(filter.ok()) << filter.error().ToString();
  EXPECT_EQ(filter->group, "billing");
  EXPECT_EQ(filter->topic, "orders");
  EXPECT_EQ(filter->partition, 2);
  EXPECT_EQ(filter->reason, "timeout");
  EXPECT_TRUE(filter->__isset.key);  // The empty key is a key.
  EXPECT_EQ(filter->from_us, kNow.micros - 3'600'000'000);
  EXPECT_EQ(filter->until_us, kNow.micros);
  EXPECT_FALSE(filter->__isset.ids);

  const auto all = ReadDeadLetterFilter({.group = "billing"}, kNow);
  ASSERT_TRUE(all.ok());
  EXPECT_FALSE(all->__isset.topic || all->__isset.partition || all->__isset.reason ||
               all->__isset.key || all->__isset.from_us || all->__isset.until_us);
  EXPECT_EQ(DescribeFilter(*all), "all");
  EXPECT_THAT(DescribeFilter(*filter), HasSubstr("topic orders, partition 2, reason timeout"));
}

std::string Complaint(const DeadLetterFlags& flags) {
  const auto filter = ReadDeadLetterChoice(flags, kNow);
  return filter.ok() ? "" : filter.error().message;
}

TEST(DeadLetterFilter, RefusesWhatMakesNoSense) {
  EXPECT_THAT(Complaint({.group = "g", .partition = 1}), HasSubstr("needs --topic"));
  EXPECT_THAT(Complaint({.group = "g", .since = "soon"}), HasSubstr("--since: 'soon'"));
  EXPECT_THAT(Complaint({.group = "g", .since = "now", .until = "-1h"}), HasSubstr("not before"));
  EXPECT_THAT(Complaint({.group = "g", .topic = "t", .ids = {"t/0/1"}}), HasSubstr("--id names"));
  EXPECT_THAT(Complaint({.group = "g", .ids = {"t/0"}}), HasSubstr("TOPIC/PARTITION/OFFSET"));
  EXPECT_THAT(Complaint({.group = "g", .ids = std::vector<std::string>(1'001, "t/0/1")}),
              HasSubstr("1000 is the most"));
}

TEST(DeadLetterFilter, ChangesNeedAChoice) {
  EXPECT_THAT(Complaint({.group = "g"}), HasSubstr("--all"));
  EXPECT_THAT(Complaint({.group = "g", .topic = "t", .is_all = true}), HasSubstr("excludes"));
  EXPECT_EQ(Complaint({.group = "g", .is_all = true}), "");
  EXPECT_EQ(Complaint({.group = "g", .ids = {"t/0/1"}}), "");
  EXPECT_EQ(Complaint({.group = "g", .key = ""}), "");
}

std::vector<idl::Header> Headers(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::vector<idl::Header> headers;
  for (const auto& [name, value] : pairs) {
    headers.emplace_back();
    headers.back().__set_name(name);
    headers.back().__set_value(value);
  }
  return headers;
}

std::vector<std::pair<std::string, std::string>> Pairs(const std::vector<idl::Header>& headers) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const idl::Header& header : headers) pairs.emplace_back(header.name, header.value);
  return pairs;
}

TEST(EditHeaders, ReplacesByNameInPlaceAndKeepsTheOthers) {
  const auto before = Headers({{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "4"}});
  const auto edited = EditHeaders({.headers = {"a=x=y", "d="}, .removed_headers = {"c"}}, before);
  ASSERT_TRUE(edited.ok() && edited->has_value());
  EXPECT_THAT(Pairs(**edited), ElementsAre(Pair("a", "x=y"), Pair("b", "2"), Pair("d", "")));
  const auto twice = EditHeaders({.headers = {"b=5", "b=6"}}, before);
  ASSERT_TRUE(twice.ok() && twice->has_value());
  EXPECT_THAT(Pairs(**twice), ElementsAre(Pair("a", "1"), Pair("b", "5"), Pair("b", "6"),
                                          Pair("a", "3"), Pair("c", "4")));
}

TEST(EditHeaders, LeavesThemAloneUnlessAsked) {
  const auto same = EditHeaders({.body = "x"}, Headers({{"a", "1"}}));
  ASSERT_TRUE(same.ok());
  EXPECT_FALSE(same->has_value());
  EXPECT_FALSE(EditHeaders({.headers = {"a"}}, {}).ok());
  EXPECT_FALSE(EditHeaders({.headers = {"=1"}}, {}).ok());
}

TEST(EditFlagsCheck, WantsOneChangeOfEach) {
  EXPECT_FALSE(CheckEditFlags({}).ok());
  EXPECT_FALSE(CheckEditFlags({.body = "x", .has_no_body = true}).ok());
  EXPECT_FALSE(CheckEditFlags({.key = "x", .has_no_key = true}).ok());
  EXPECT_TRUE(CheckEditFlags({.body = ""}).ok());
  EXPECT_TRUE(CheckEditFlags({.has_no_key = true, .removed_headers = {"a"}}).ok());
}

}  // namespace
}  // namespace lanemq::cli
