#include "client/cli/text/reset_file.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using testing::HasSubstr;

TEST(ResetFile, ReadsAPartitionALine) {
  const auto offsets = ParseResetFile("# kept by hand\norders,0,17\r\n\norders,1,0\nclicks,0,5");
  ASSERT_TRUE(offsets.ok()) << offsets.error().message;
  const std::map<PartitionName, std::int64_t> expected{
      {{"orders", 0}, 17}, {{"orders", 1}, 0}, {{"clicks", 0}, 5}};
  EXPECT_EQ(*offsets, expected);
}

TEST(ResetFile, ReadsBackAPlanThatWasPrintedAsCsv) {
  const auto offsets = ParseResetFile(
      "topic,partition,old_offset,new_offset,old_lag,new_lag,note\n"
      "orders,0,50,10,50,90,\"log, so to say\"\n"
      "orders,1,,,,,nothing committed to shift from\n");
  ASSERT_TRUE(offsets.ok()) << offsets.error().message;
  const std::map<PartitionName, std::int64_t> expected{{{"orders", 0}, 10}};
  EXPECT_EQ(*offsets, expected);
}

TEST(ResetFile, ReadsBackASnapshotOfAGroup) {
  const auto offsets = ParseResetFile(
      "topic,partition,committed_offset,log_end_offset,lag\norders,0,50,90,40\norders,1,,7,\n");
  ASSERT_TRUE(offsets.ok()) << offsets.error().message;
  const std::map<PartitionName, std::int64_t> expected{{{"orders", 0}, 50}};
  EXPECT_EQ(*offsets, expected);
}

TEST(ResetFile, ReadsJsonAsKafkaHasItAndOurOwn) {
  const std::map<PartitionName, std::int64_t> expected{{{"orders", 0}, 17}, {{"clicks", 1}, 0}};
  for (const std::string_view text : {
           R"({"version": 1, "partitions": [{"topic": "orders", "partition": 0, "offset": 17},
                                            {"topic": "clicks", "partition": 1, "offset": 0}]})",
           R"({"items": [{"topic": "orders", "partition": 0, "old_offset": "3", "new_offset": "17"},
                         {"topic": "orders", "partition": 1, "new_offset": null},
                         {"topic": "clicks", "partition": 1, "new_offset": "0"}]})",
           R"({"group": "billing", "total_lag": 0, "partitions": [
                {"topic": "orders", "partition": 0, "current_offset": "17"},
                {"topic": null, "partition": null, "current_offset": null},
                {"topic": "clicks", "partition": 1, "current_offset": "0"}]})",
           "\n [{\"topic\":\"orders\",\"partition\":0,\"offset\":17},"
           "{\"topic\":\"clicks\",\"partition\":1,\"offset\":\"0\"}]",
       }) {
    const auto offsets = ParseResetFile(text);
    ASSERT_TRUE(offsets.ok()) << text << ": " << offsets.error().message;
    EXPECT_EQ(*offsets, expected) << text;
  }
}

std::string ErrorOf(std::string_view text) {
  const auto offsets = ParseResetFile(text);
  return offsets.ok() ? "no error" : offsets.error().message;
}

TEST(ResetFile, NamesTheEntryOfJsonThatIsWrong) {
  const struct {
    std::string_view text;
    std::string_view error;
  } cases[] = {
      {R"({"partitions": [)", "begins like JSON"},
      {R"({"offsets": []})", "no list of \"partitions\""},
      {R"({"partitions": 3})", "no list of \"partitions\""},
      {R"([7])", "entry 1: expected topic"},
      {R"([{"topic": "a", "partition": 0}])", "entry 1: expected topic"},
      {R"([{"topic": 1, "partition": 0, "offset": 1}])", "the topic is not a string"},
      {R"([{"topic": "", "partition": 0, "offset": 1}])", "the topic is empty"},
      {R"([{"topic": "a", "partition": -1, "offset": 1}])", "not a partition number"},
      {R"([{"topic": "a", "partition": 3000000000, "offset": 1}])", "not a partition number"},
      {R"([{"topic": "a", "partition": 0, "offset": 1.5}])", "not an offset"},
      {R"([{"topic": "a", "partition": 0, "offset": "-1"}])", "not an offset"},
      {R"([{"topic": "a", "partition": 0, "offset": 18446744073709551615}])", "not an offset"},
      {R"([{"topic": "a", "partition": 0, "offset": 1}, {"topic": "a", "partition": 0, "offset": 1}])",
       "entry 2: a/0 is there twice"},
      {"[]", "names no partition"},
  };
  for (const auto& [text, error] : cases) EXPECT_THAT(ErrorOf(text), HasSubstr(error)) << text;
}

TEST(ResetFile, NamesTheLineThatIsWrong) {
  EXPECT_THAT(ErrorOf("orders,0,1\norders,0\n"), HasSubstr("line 2: expected"));
  EXPECT_THAT(ErrorOf("# nothing\n\n"), HasSubstr("names no partition"));
  EXPECT_THAT(ErrorOf("orders,x,1"), HasSubstr("line 1: not a partition"));
  EXPECT_THAT(ErrorOf("orders,-1,1"), HasSubstr("not a partition"));
  EXPECT_THAT(ErrorOf("orders,0,1x"), HasSubstr("not an offset"));
  EXPECT_THAT(ErrorOf("orders,0,99999999999999999999"), HasSubstr("not an offset"));
  EXPECT_THAT(ErrorOf(",0,1"), HasSubstr("topic is empty"));
  EXPECT_THAT(ErrorOf("orders,0,1\norders,0,2"), HasSubstr("line 2: orders/0 is there twice"));
}

}  // namespace
}  // namespace lanemq::cli
