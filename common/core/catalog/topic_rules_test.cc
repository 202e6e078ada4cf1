#include "common/core/catalog/topic_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using ::testing::HasSubstr;

TEST(TopicRulesTest, NamesFollowKafkasRules) {
  for (const std::string& name :
       {std::string("orders"), std::string("a"), std::string("Team-1.orders_v2"),
        std::string("..."), std::string("-"), std::string(249, 'x')}) {
    EXPECT_TRUE(CheckTopicName(name).ok()) << name;
  }
  for (const std::string& name :
       {std::string(""), std::string("."), std::string(".."), std::string("a b"),
        std::string("a/b"), std::string("caf\xc3\xa9"), std::string("a\0b", 3),
        std::string("a'; DROP TABLE t"), std::string(250, 'x')}) {
    const Status status = CheckTopicName(name);
    ASSERT_FALSE(status.ok()) << name;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidTopic);
  }
}

TEST(TopicRulesTest, ATopicHasOneToAThousandPartitions) {
  for (const int count : {1, 2, 1'000}) EXPECT_TRUE(CheckPartitionCount(count).ok()) << count;
  for (const int count : {0, -1, 1'001, 1 << 30}) {
    EXPECT_EQ(CheckPartitionCount(count).error().code, ErrorCode::kInvalidPartitions) << count;
  }
}

struct ConfigCase {
  std::string key;
  std::string value;
  std::string complaint;  ///< Empty: allowed.
};

TEST(TopicRulesTest, SettingsAreCheckedForNameTypeAndRange) {
  const std::vector<ConfigCase> cases = {
      {"retention.ms", "604800000", ""},
      {"retention.ms", "1", ""},
      {"retention.ms", "-1", ""},
      {"retention.ms", "9223372036854775807", ""},
      {"retention.ms", "9223372036854775808", "not a whole number"},
      {"retention.ms", "0", "is not 1 or more, nor -1"},
      {"retention.ms", "-2", "is not 1 or more, nor -1"},
      {"retention.ms", "7d", "'7d' is not a whole number"},
      {"retention.ms", "", "not a whole number"},
      {"retention.ms", " 5", "not a whole number"},
      {"retention.bytes", "-1", ""},
      {"retention.bytes", "1073741824", ""},
      {"retention.unread", "block", ""},
      {"retention.unread", "warn", ""},
      {"retention.unread", "allow", ""},
      {"retention.unread", "1", "'1' is not one of block, warn, allow"},
      {"retention.unread", "Block", "is not one of block, warn, allow"},
      {"retention.unread", "", "is not one of"},
      {"max.message.bytes", "1", ""},
      {"max.message.bytes", "4194304", ""},
      {"max.message.bytes", "4194305", "is not 1 to 4194304"},
      {"max.message.bytes", "-1", "is not 1 to 4194304"},
      {"retention", "5", "did you mean retention.ms?"},
      {"retention.byte", "5", "did you mean retention.bytes?"},
      {"max.mesage.bytes", "5", "did you mean max.message.bytes?"},
      {"", "5", "there is no setting ''"},
      {"RETENTION.MS", "5", "there is no setting"},
  };
  for (const ConfigCase& c : cases) {
    SCOPED_TRACE(c.key + "=" + c.value);
    const Status status = CheckTopicConfig({{c.key, c.value}});
    EXPECT_EQ(status.ok(), c.complaint.empty());
    if (status.ok()) continue;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(status.error().message, HasSubstr(c.complaint));
  }
}

TEST(TopicRulesTest, DefaultsAreWithinTheirRanges) {
  for (const TopicConfigKey& key : TopicConfigKeys()) {
    const std::string value =
        key.choices.empty() ? std::to_string(key.fallback)
                            : std::string(key.choices[static_cast<std::size_t>(key.fallback)]);
    EXPECT_TRUE(CheckTopicConfig({{std::string(key.name), value}}).ok()) << key.name;
  }
  EXPECT_EQ(TopicConfigValue({}, kRetentionMs), 604'800'000);
  EXPECT_EQ(TopicConfigValue({{"retention.ms", "5"}}, kRetentionMs), 5);
  EXPECT_EQ(TopicConfigValue({}, kRetentionUnread), 1);
  EXPECT_EQ(TopicConfigValue({{"retention.unread", "block"}}, kRetentionUnread), 0);
  EXPECT_EQ(TopicConfigValue({{"retention.unread", "allow"}}, kRetentionUnread), 2);
}

TEST(TopicRulesTest, DataNodesAreChecked) {
  DataNode good;
  good.name = "db-1";
  good.host = "127.0.0.1";
  good.port = 3306;
  EXPECT_TRUE(CheckDataNode(good).ok());
  const auto refused = [&](auto change) {
    DataNode bad = good;
    change(bad);
    const Status status = CheckDataNode(bad);
    return !status.ok() && status.error().code == ErrorCode::kInvalidRequest;
  };
  EXPECT_TRUE(refused([](DataNode& n) { n.name = ""; }));
  EXPECT_TRUE(refused([](DataNode& n) { n.name = "a b"; }));
  EXPECT_TRUE(refused([](DataNode& n) { n.name = std::string(65, 'n'); }));
  EXPECT_TRUE(refused([](DataNode& n) { n.host = ""; }));
  EXPECT_TRUE(refused([](DataNode& n) { n.host = "a b"; }));
  EXPECT_TRUE(refused([](DataNode& n) { n.port = 0; }));
  EXPECT_TRUE(refused([](DataNode& n) { n.port = 65'536; }));
  EXPECT_TRUE(refused([](DataNode& n) { n.schema_prefix = "Lane-mq"; }));
  EXPECT_TRUE(refused([](DataNode& n) { n.schema_prefix = std::string(49, 'p'); }));
  EXPECT_TRUE(refused([](DataNode& n) { n.schemas_max = 11; }));
  EXPECT_TRUE(refused([](DataNode& n) { n.tables_per_schema_max = 100; }));
}

}  // namespace
}  // namespace lanemq::core
