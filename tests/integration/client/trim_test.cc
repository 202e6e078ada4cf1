// What a consumer sees of a log that begins later than its group has read.
#include "tests/integration/client/client_test_base.h"

namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""s;

const TopicPartition kOne{"orders", 0};

class ClientTrimTest : public ClientTest {
 protected:
  std::unique_ptr<Consumer> MakeConsumer(const std::string& group, OffsetReset reset) {
    ConsumerOptions options = cluster_->ForConsumer();
    options.group_id = group;
    options.auto_offset_reset = reset;
    options.request_timeout = 10s;
    options.on_event = [this](const std::string& event) { events_.push_back(event); };
    auto consumer = Consumer::Create(options);
    EXPECT_TRUE(consumer.ok()) << consumer.error().ToString();
    EXPECT_TRUE((*consumer)->Assign({kOne}).ok());
    return *std::move(consumer);
  }
  void Commit(const std::string& group, std::int64_t offset) {
    ASSERT_TRUE(MakeConsumer(group, OffsetReset::kEarliest)->CommitSync({{kOne, offset}}).ok());
  }
  std::string Losses() {
    const auto rows =
        cluster_->server().Query("SELECT group_id, from_offset, to_offset FROM `" +
                                 cluster_->prefix() + "_node`.retention_losses ORDER BY group_id");
    EXPECT_TRUE(rows.ok());
    return rows.ok() ? *rows : "";
  }
  std::vector<std::string> events_;
};
INSTANTIATE_TEST_SUITE_P(Engines, ClientTrimTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(ClientTrimTest, AGroupBelowTheStartGoesOnByItsPolicyAndTheLossIsKept) {
  // One broker: others learn of the new start at their next look, and show the rows until then.
  if (!StartCluster({.brokers = 1})) return;
  Fill(0, 40);
  for (const char* group : {"early", "late", "strict"}) Commit(group, 11);
  Commit("done", 41);
  auto admin = Admin::Create(cluster_->ForAdmin());
  ASSERT_TRUE(admin.ok());
  const auto planned = (*admin)->Trim({{kOne, 31, std::nullopt}}, {.dry_run = true});
  ASSERT_TRUE(planned.ok()) << planned.error().ToString();
  ASSERT_FALSE(planned->at(0).error) << planned->at(0).error->ToString();
  EXPECT_EQ(planned->at(0).groups_below.size(), 3u);
  EXPECT_EQ(Losses(), "");
  const auto trimmed = (*admin)->Trim({{kOne, 31, std::nullopt}}, {.reason = "disk"});
  ASSERT_TRUE(trimmed.ok()) << trimmed.error().ToString();
  ASSERT_FALSE(trimmed->at(0).error) << trimmed->at(0).error->ToString();
  EXPECT_EQ(trimmed->at(0).new_start, 31);
  EXPECT_EQ(Losses(), "early\t11\t31\nlate\t11\t31\nstrict\t11\t31\n") << "twenty each, once";

  events_.clear();
  const auto rest = PollFor(*MakeConsumer("early", OffsetReset::kEarliest), 10);
  ASSERT_TRUE(rest.ok()) << rest.error().ToString();
  ASSERT_EQ(rest->size(), 10u);
  EXPECT_EQ(rest->front().offset, 31);
  EXPECT_FALSE(events_.empty()) << "it is told";

  auto latest = MakeConsumer("late", OffsetReset::kLatest);
  // Goes to the end at its first look; what is sent then, it reads.
  ASSERT_TRUE(WaitFor(
      [&] {
        return latest->Poll(std::chrono::milliseconds(10)).ok() && *latest->Position(kOne) == 41;
      },
      20s, "the end"));
  Fill(0, 1, "new");
  const auto news = PollFor(*latest, 1);
  ASSERT_TRUE(news.ok());
  ASSERT_EQ(news->size(), 1u);
  EXPECT_EQ(news->front().body, "new0");

  const auto refused = PollFor(*MakeConsumer("strict", OffsetReset::kError), 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kOffsetOutOfRange);
}

}  // namespace
}  // namespace lanemq::testing
