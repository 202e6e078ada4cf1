#include "client/cli/output/table.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "client/cli/output/json_text.h"
#include "common/base/utf8.h"

namespace lanemq::cli {
namespace {

const Table kTopics{{"topic", "partitions", "topic_id", "retention", "is_pinned"},
                    {{"orders", std::int64_t{4}, Id{9'007'199'254'740'993}, std::monostate{}, true},
                     {"a,\"b\"\n\x1b[2J", std::int64_t{12}, Id{2}, 1.5, false}}};

std::string Draw(OutputFormat format, bool has_headers = true) {
  return Render(kTopics, {format, has_headers});
}

TEST(TableTest, AlignsAndDisarmsControlCharacters) {
  EXPECT_EQ(Draw(OutputFormat::kTable),
            "TOPIC           PARTITIONS          TOPIC-ID  RETENTION  IS-PINNED\n"
            "orders                   4  9007199254740993          -  yes\n"
            "a,\"b\"\\n\\x1b[2J          12                 2        1.5  no\n");
  EXPECT_EQ(Draw(OutputFormat::kTable, false).find("TOPIC"), std::string::npos);
  EXPECT_EQ(Render({{"a"}, {}}, {}), "");
  EXPECT_EQ(Render({{"a", "b"},
                    {{std::string("é"), std::string("x")}, {std::string("ab"), std::string("y")}}},
                   {OutputFormat::kTable, false}),
            "é   x\nab  y\n");
}

TEST(TableTest, JsonIsOneDocumentWithIdsAsStrings) {
  const auto json = nlohmann::json::parse(Draw(OutputFormat::kJson));
  ASSERT_EQ(json["items"].size(), 2U);
  EXPECT_EQ(json["items"][0]["topic_id"], "9007199254740993");
  EXPECT_EQ(json["items"][0]["partitions"], 4);
  EXPECT_TRUE(json["items"][0]["retention"].is_null());
  EXPECT_EQ(json["items"][1]["topic"], "a,\"b\"\n\x1b[2J");
  EXPECT_EQ(nlohmann::json::parse(Render({{"a"}, {}}, {OutputFormat::kJson}))["items"].size(), 0U);
}

TEST(TableTest, OtherFormats) {
  EXPECT_EQ(Draw(OutputFormat::kName), "orders\na,\"b\"\\n\\x1b[2J\n");
  EXPECT_EQ(Draw(OutputFormat::kCsv),
            "topic,partitions,topic_id,retention,is_pinned\n"
            "orders,4,9007199254740993,,yes\n"
            "\"a,\"\"b\"\"\n\x1b[2J\",12,2,1.5,no\n");
  const std::string lines = Draw(OutputFormat::kJsonLines);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
}

TEST(TableTest, OutputNamesAreSuggested) {
  EXPECT_EQ(*ParseOutputFormat("jsonl"), OutputFormat::kJsonLines);
  EXPECT_NE(ParseOutputFormat("jsn").error().message.find("did you mean 'json'"),
            std::string::npos);
}

TEST(JsonTextTest, EncodesBase64) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
}

TEST(JsonTextTest, TellsUtf8) {
  EXPECT_TRUE(IsUtf8("aé€😀"));
  for (const std::string_view bad :
       {"\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

TEST(JsonTextTest, MessagesStayValidJsonWhateverTheirBytes) {
  const MessageView message{.topic = "t",
                            .partition = 1,
                            .offset = 7,
                            .timestamp = {},
                            .key = std::nullopt,
                            .body = "\xff\x01",
                            .headers = {{"h", "\x01\"\\"}, {"b", "\xfe"}}};
  const auto json = nlohmann::json::parse(JsonMessage(message));
  EXPECT_EQ(json["offset"], "7");
  EXPECT_TRUE(json["key"].is_null());
  EXPECT_EQ(json["value_base64"], "/wE=");
  EXPECT_EQ(json["headers"][0]["value"], "\x01\"\\");
  EXPECT_EQ(json["headers"][1]["value_base64"], "/g==");
}

TEST(JsonTextTest, ErrorsAreValidJson) {
  const auto json = nlohmann::json::parse(JsonError("NOT_FOUND", "no \"x\" \xff", ""));
  EXPECT_EQ(json["error"]["code"], "NOT_FOUND");
  EXPECT_TRUE(json["error"]["hint"].is_null());
}

}  // namespace
}  // namespace lanemq::cli
