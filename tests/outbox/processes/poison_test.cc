// What cannot be published, or not yet, stops nothing but what must wait for it.
#include <string>

#include <fmt/format.h>

#include "tests/outbox/processes/outbox_rig.h"

namespace lanemq::outbox_testing {
namespace {

using std::chrono_literals::operator""s;
using testing::WaitFor;

constexpr int kBig = 100'000;

class OutboxPoisonTest : public OutboxProcessTest {
 protected:
  // As an application without the library does it: plain SQL.
  void Insert(const std::string& topic, const std::string& key, const std::string& text,
              int bytes = 0) {
    const auto done = rig_->Ask(
        fmt::format("INSERT INTO lanemq_outbox (topic, message_key, body) VALUES ('{}', '{}', "
                    "CONCAT('{} ', REPEAT('x', {})))",
                    topic, key, text, bytes));
    ASSERT_TRUE(done.ok()) << done.error().ToString();
  }
  // Another key of the same bucket.
  std::string NeighbourOf(const std::string& key) {
    const auto found = rig_->Ask(fmt::format(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT "
        "CONCAT('n', i) FROM n WHERE CRC32(CONCAT('n', i)) & 255 = CRC32('{}') & 255 LIMIT 1",
        key));
    return found.ok() ? found->substr(0, found->find('\n')) : "";
  }
  ::testing::AssertionResult Reads(const std::string& topic, const std::string& key,
                                   const std::string& texts, std::chrono::milliseconds patience) {
    const auto there = WaitFor([&] { return rig_->TextsOf(topic, key) == texts; }, patience, texts);
    if (there) return there;
    return ::testing::AssertionFailure() << "of key " << key << " there is '"
                                         << rig_->TextsOf(topic, key) << "', not '" << texts << "'";
  }
  std::string Holds() {
    const auto holds = rig_->Ask(
        "SELECT CONVERT(domain USING ascii), topic FROM lanemq_outbox_hold ORDER BY domain");
    return holds.ok() ? *holds : holds.error().ToString();
  }
  ::testing::AssertionResult WaitUntilEmpty(std::chrono::milliseconds patience) {
    return WaitFor([&] { return rig_->IsEmpty(); }, patience, "an empty outbox");
  }
};

TEST_P(OutboxPoisonTest, ARefusedMessageStopsItsKeyAloneUntilItFitsOrIsDead) {
  ASSERT_NO_FATAL_FAILURE(StartRig({}));
  if (IsSkipped()) return;
  CreateTopic({.name = "orders", .config = {{"max.message.bytes", "10000"}}});
  StartRelay("relay0", {"--on-refusal=block"});
  const std::string near = NeighbourOf("bad");
  ASSERT_FALSE(near.empty());

  Insert("orders", "bad", "b1");
  Insert("orders", "bad", "b2", kBig);
  Insert("orders", "bad", "b3");
  for (int i = 1; i <= 3; ++i) Insert("orders", near, fmt::format("n{}", i));
  for (int i = 1; i <= 3; ++i) Insert("orders", "other", fmt::format("o{}", i));
  EXPECT_TRUE(Reads("orders", near, "n1 n2 n3", 10s)) << "the same bucket and partition";
  EXPECT_TRUE(Reads("orders", "other", "o1 o2 o3", 10s));
  EXPECT_TRUE(Reads("orders", "bad", "b1", 10s));
  EXPECT_TRUE(WaitFor([&] { return Holds() == "k:bad\torders\n"; }, 10s, "a hold of the key"));
  // Blocked; what comes now is no different.
  Insert("orders", "bad", "b4");
  Insert("orders", near, "n4");
  Insert("orders", "other", "o4");
  EXPECT_TRUE(Reads("orders", near, "n1 n2 n3 n4", 10s));
  EXPECT_TRUE(Reads("orders", "other", "o1 o2 o3 o4", 10s));
  EXPECT_TRUE(
      WaitFor([&] { return rig_->Number("SELECT MAX(attempts) FROM lanemq_outbox_hold") > 1; }, 10s,
              "tried again"));
  EXPECT_TRUE(Reads("orders", "bad", "b1", 0s));
  const auto why = rig_->Ask("SELECT last_error FROM lanemq_outbox_hold");
  ASSERT_TRUE(why.ok());
  EXPECT_NE(why->find("bytes"), std::string::npos) << *why;

  ExpectOk(rig_->SetTopicConfig("orders", "max.message.bytes", "1000000"));
  EXPECT_TRUE(Reads("orders", "bad", "b1 b2 b3 b4", 20s));
  EXPECT_TRUE(WaitUntilEmpty(10s)) << Holds();

  // The other policy gives it up.
  ExpectOk(rig_->SetTopicConfig("orders", "max.message.bytes", "10000"));
  EXPECT_EQ(rig_->relay("relay0").Terminate(15s), 0);
  StartRelay("relay0", {"--on-refusal=dead", "--attempts-max=2"});
  Insert("orders", "bad", "b5");
  Insert("orders", "bad", "b6", kBig);
  Insert("orders", "bad", "b7");
  Insert("orders", near, "n5");
  EXPECT_TRUE(Reads("orders", near, "n1 n2 n3 n4 n5", 10s));
  EXPECT_TRUE(Reads("orders", "bad", "b1 b2 b3 b4 b5 b7", 20s));
  EXPECT_TRUE(WaitFor(
      [&] {
        return rig_->Number(
                   "SELECT COUNT(*) FROM lanemq_outbox WHERE state = 2 AND attempts = 2 AND body "
                   "LIKE 'b6 %' AND last_error LIKE '%bytes%'") == 1 &&
               rig_->Number("SELECT COUNT(*) FROM lanemq_outbox WHERE state <> 2") == 0;
      },
      10s, "one dead row with its error"));
  EXPECT_TRUE(WaitFor([&] { return Holds().empty(); }, 10s, "no hold")) << Holds();
}

TEST_P(OutboxPoisonTest, AnUnknownTopicAndADataNodeThatHangsStopNoOtherTopic) {
  ASSERT_NO_FATAL_FAILURE(StartRig({.has_second_node = true, .relay_flags = {"--lease-ttl=2s"}}));
  if (IsSkipped()) return;
  CreateTopic({.name = "orders"});
  CreateTopic({.name = "elsewhere", .partitions = 2, .node = "node2"});
  StartRelay("relay0");
  Insert("elsewhere", "a", "e1");
  EXPECT_TRUE(Reads("elsewhere", "a", "e1", 20s));

  Insert("later", "a", "l1");
  Insert("orders", "a", "o1");
  Insert("later", "a", "l2");
  EXPECT_TRUE(Reads("orders", "a", "o1", 10s));
  EXPECT_TRUE(WaitFor([&] { return Holds() == "t:\tlater\n"; }, 10s, "a hold of the topic"));
  Insert("later", "a", "l3");
  Insert("orders", "a", "o2");
  EXPECT_TRUE(Reads("orders", "a", "o1 o2", 10s));
  CreateTopic({.name = "later"});
  EXPECT_TRUE(Reads("later", "a", "l1 l2 l3", 20s));
  EXPECT_TRUE(WaitUntilEmpty(10s)) << Holds();

  // The same keys on a data node that does not answer, before and behind those of another one.
  rig_->cluster().ExpectErrors("");
  rig_->second_node().Pause();
  std::string texts = "o1 o2";
  for (int i = 3; i <= 10; ++i) {
    Insert("elsewhere", "a", fmt::format("e{}", i));
    Insert("elsewhere", "b", fmt::format("f{}", i));
    Insert("orders", "a", fmt::format("o{}", i));
    texts += fmt::format(" o{}", i);
    EXPECT_TRUE(Reads("orders", "a", texts, 10s)) << "beside a data node that hangs";
  }
  // A new relay takes over what the old one could not finish; it stops nothing else.
  EXPECT_EQ(rig_->relay("relay0").Terminate(15s), 0);
  StartRelay("relay1");
  Insert("elsewhere", "a", "e11");
  Insert("orders", "a", "o11");
  texts += " o11";
  EXPECT_TRUE(Reads("orders", "a", texts, 15s)) << "beside a plan that cannot be finished";
  // Nor does sharing with another: the bucket of "d" would move, and has rows on their way.
  Insert("elsewhere", "d", "g1");
  StartRelay("relay2");
  for (int i = 1; i <= 5; ++i) {
    Insert("orders", "d", fmt::format("p{}", i));
    std::string expected = "p1";
    for (int j = 2; j <= i; ++j) expected += fmt::format(" p{}", j);
    EXPECT_TRUE(Reads("orders", "d", expected, 15s)) << "beside rows that cannot be handed over";
  }
  rig_->second_node().Resume();
  EXPECT_TRUE(Reads("elsewhere", "a", "e1 e3 e4 e5 e6 e7 e8 e9 e10 e11", 30s));
  EXPECT_TRUE(Reads("elsewhere", "b", "f3 f4 f5 f6 f7 f8 f9 f10", 10s));
  EXPECT_TRUE(Reads("elsewhere", "d", "g1", 10s));
  EXPECT_TRUE(WaitUntilEmpty(10s)) << Holds();
  EXPECT_EQ(rig_->relay("relay1").Terminate(15s), 0);
  EXPECT_EQ(rig_->relay("relay2").Terminate(15s), 0);
}

TEST_P(OutboxPoisonTest, TransactionsThatStayOpenStopNoOthers) {
  ASSERT_NO_FATAL_FAILURE(StartRig({}));
  if (IsSkipped()) return;
  CreateTopic({.name = "orders", .partitions = 2});
  CreateTopic({.name = "slow", .partitions = 2});
  StartRelay("relay0");
  ExpectOk(
      rig_->StartApp("slow", {"--connections=3", "--slow-per-mille=1000", "--slow-max-ms=10000"}));
  ASSERT_TRUE(WaitFor([&] { return rig_->CountOf("slow") > 0; }, 60s, "a first slow one"));
  std::string texts;
  for (int i = 0; i < 15; ++i) {
    // Most of what is in the table: a statement that scanned it would wait.
    std::string sql = "INSERT INTO lanemq_outbox (topic, message_key, body) VALUES ";
    for (int j = 0; j < 8; ++j) {
      sql += fmt::format("{}('orders', 'a', 'o{}.{} ')", j == 0 ? "" : ", ", i, j);
      texts += fmt::format("{}o{}.{}", texts.empty() ? "" : " ", i, j);
    }
    const auto done = rig_->Ask(sql);
    ASSERT_TRUE(done.ok()) << done.error().ToString();
    // The relay may look a second later; a transaction stays open for five on average.
    EXPECT_TRUE(Reads("orders", "a", texts, 5s)) << "beside open transactions";
  }
  EXPECT_EQ(rig_->app().Terminate(15s), 0);
  EXPECT_TRUE(WaitUntilEmpty(10s)) << Holds();
  EXPECT_EQ(rig_->relay("relay0").Terminate(15s), 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, OutboxPoisonTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::outbox_testing
