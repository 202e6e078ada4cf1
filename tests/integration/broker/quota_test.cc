// Quotas of teams on a broker with a real data node: what is throttled, that it costs nothing, and
// how fast a change is in force.
#include <chrono>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/broker/access_rig.h"

namespace lanemq::testing {
namespace {

using core::QuotaMode;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Code = idl::ErrorCode;

/// Team "others" (stranger, topic "secrets") has a quota; team "shops" (shop, "orders") has none.
class BrokerQuotaTest : public AccessTest {
 protected:
  void SetUp() override {
    AccessTest::SetUp();
    if (!IsSkipped()) StartBroker();
  }
  void SetQuota(core::TeamQuota quota, QuotaMode mode = QuotaMode::kEnforce) {
    Change([&](core::AccessRecords& records) {
      records.quotas = {{"others", quota}};
      records.quota_mode = mode;
    });
  }
  /// One message with so large a body.
  idl::ProducePartitionResult Send(const std::string& service, const std::string& topic,
                                   std::size_t bytes) {
    idl::ProduceRequest request;
    auto& batch = request.partitions.emplace_back();
    batch.topic = topic;
    batch.messages.emplace_back().__set_body(std::string(bytes, 'x'));
    auto reply = As(service).ProduceSync(at(), request, In());
    EXPECT_TRUE(reply.ok()) << reply.error().ToString();
    return reply.ok() ? reply->partitions.at(0) : idl::ProducePartitionResult();
  }
  /// How it was refused; nullopt: stored.
  std::optional<Code::type> Refusal(const std::string& service, const std::string& topic,
                                    std::size_t bytes) {
    const auto result = Send(service, topic, bytes);
    return result.__isset.error ? std::optional(result.error.code) : std::nullopt;
  }
  idl::FetchPartitionResult Read(const std::string& service, const std::string& topic) {
    auto reply = As(service).FetchSync(at(), FetchOf({topic}), In());
    EXPECT_TRUE(reply.ok()) << reply.error().ToString();
    EXPECT_EQ(reply->partitions.size(), 1u);
    return reply->partitions.empty() ? idl::FetchPartitionResult() : reply->partitions[0];
  }
  double Counted(const std::string& what, const std::string& mode) {
    return broker_->broker.metrics().QuotaThrottled("others", what, mode).Value();
  }
  static MonotonicTime Now() { return SystemClock::Instance().Now(); }
};
INSTANTIATE_TEST_SUITE_P(On, BrokerQuotaTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(BrokerQuotaTest, AboveItsQuotaATeamIsThrottledAndNothingIsStored) {
  SetQuota({.produce_bytes_per_s = 1'000});
  EXPECT_FALSE(Refusal("stranger", "secrets", 60'000)) << "a batch larger than the burst passes";
  for (int i = 0; i < 20; ++i) {
    const auto result = Send("stranger", "secrets", 10);
    ASSERT_TRUE(result.__isset.error);
    EXPECT_EQ(result.error.code, Code::THROTTLED);
    EXPECT_GT(result.error.retry_after_ms, 0);
    EXPECT_THAT(result.error.message, ::testing::HasSubstr("team 'others'"));
  }
  EXPECT_EQ(Refusal("guest", "secrets", 10), Code::THROTTLED) << "of the same team";
  EXPECT_EQ(Read("admin", "secrets").messages.size(), 1u);
  EXPECT_EQ(Counted("produce_bytes_per_s", "enforce"), 21);

  for (int i = 0; i < 20; ++i) EXPECT_FALSE(Refusal("shop", "orders", 10'000)) << "another team";
}

TEST_P(BrokerQuotaTest, TheRateHoldsOverSecondsHoweverMuchIsAskedFor) {
  constexpr double kRate = 100'000;
  constexpr std::size_t kBody = 10'000;
  SetQuota({.produce_bytes_per_s = static_cast<std::int64_t>(kRate)});
  const MonotonicTime began = Now();
  double stored = 0;
  while (Now() - began < seconds(5)) {
    if (!Refusal("stranger", "secrets", kBody)) stored += kBody;
  }
  const double expected = kRate * (std::chrono::duration<double>(Now() - began).count() + 1);
  EXPECT_GT(Counted("produce_bytes_per_s", "enforce"), 0);
  EXPECT_NEAR(stored, expected, 0.15 * expected);
}

TEST_P(BrokerQuotaTest, MessagesAreCountedAsWell) {
  SetQuota({.messages_per_s = 5});
  int stored = 0;
  const MonotonicTime began = Now();
  while (Now() - began < seconds(2)) stored += Refusal("stranger", "secrets", 1) ? 0 : 1;
  EXPECT_GE(stored, 13);
  EXPECT_LE(stored, 18);
}

TEST_P(BrokerQuotaTest, ReadersArePaidForAfterwardsAndThrottledBefore) {
  ASSERT_FALSE(Refusal("stranger", "secrets", 50'000));
  SetQuota({.fetch_bytes_per_s = 10'000});
  const auto first = Read("stranger", "secrets");
  EXPECT_FALSE(first.__isset.error);
  EXPECT_EQ(first.messages.size(), 1u);
  const auto second = Read("guest", "secrets");
  ASSERT_TRUE(second.__isset.error);
  EXPECT_EQ(second.error.code, Code::THROTTLED);
  EXPECT_GT(second.error.retry_after_ms, 3'000) << "four seconds of debt";
  EXPECT_TRUE(second.messages.empty());
  EXPECT_EQ(Counted("fetch_bytes_per_s", "enforce"), 1);
  ASSERT_FALSE(Refusal("shop", "orders", 10));
  EXPECT_FALSE(Read("shop", "orders").__isset.error);
}

TEST_P(BrokerQuotaTest, InLogModeEverythingIsServedAndCounted) {
  SetQuota({.produce_bytes_per_s = 1'000, .message_bytes_max = 5'000}, QuotaMode::kLog);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Refusal("stranger", "secrets", 6'000));
  EXPECT_EQ(Counted("produce_bytes_per_s", "log"), 9);
  EXPECT_EQ(Counted("message_bytes_max", "log"), 10);
  EXPECT_EQ(Read("admin", "secrets").messages.size(), 10u);
}

TEST_P(BrokerQuotaTest, ATeamsMessagesMayBeSmallerThanItsTopicsAre) {
  SetQuota({.message_bytes_max = 5'000});
  EXPECT_FALSE(Refusal("stranger", "secrets", 5'000));
  EXPECT_EQ(Refusal("stranger", "secrets", 5'001), Code::MESSAGE_TOO_LARGE);
  EXPECT_FALSE(Refusal("shop", "orders", 5'001));
}

TEST_P(BrokerQuotaTest, TheKillSwitchWorksWithinTwoSeconds) {
  SetQuota({.produce_bytes_per_s = 1'000});
  EXPECT_FALSE(Refusal("stranger", "secrets", 600'000));
  EXPECT_EQ(Refusal("stranger", "secrets", 10), Code::THROTTLED);
  const MonotonicTime began = Now();
  rig_->meta.ChangeAccess(
      [](core::AccessRecords& records) { records.quota_mode = QuotaMode::kOff; });
  EXPECT_TRUE(
      WaitFor([&] { return !Refusal("stranger", "secrets", 10); }, seconds(2), "quotas to be off"));
  EXPECT_LT(Now() - began, seconds(2));
}

TEST_P(BrokerQuotaTest, ASecondBrokerHalvesWhatThisOneLetsThrough) {
  SetQuota({.produce_bytes_per_s = 1'000'000});
  rig_->meta.Change([](core::CatalogSnapshot& snapshot) {
    core::Broker other;
    other.id = core::BrokerId{2};
    other.host = "127.0.0.1";
    other.port = 1;
    snapshot.brokers.push_back(other);
  });
  const auto knows = [&] {
    return broker_->broker.catalog().View()->snapshot().brokers.size() == 2;
  };
  ASSERT_TRUE(WaitFor(knows, seconds(10), "the other broker to be known"));
  const auto is_shared = [&] {
    const auto result = Send("stranger", "secrets", 900'000);
    if (!result.__isset.error) return false;
    EXPECT_THAT(result.error.message, ::testing::HasSubstr("share is 500000"));
    return true;
  };
  EXPECT_TRUE(WaitFor(is_shared, seconds(10), "a refusal"));
}

TEST_P(BrokerQuotaTest, DelayedMessagesArePaidForWhenTheyAreScheduled) {
  SetQuota({.messages_per_s = 1});
  idl::ScheduleRequest request;
  auto& batch = request.partitions.emplace_back();
  batch.topic = "secrets";
  for (int i = 0; i < 5; ++i) {
    auto& delayed = batch.messages.emplace_back();
    delayed.message.__set_body("later");
    delayed.due_us = SystemClock::Instance().WallNow().micros + 3'600'000'000;
  }
  const auto first = As("stranger").ScheduleSync(at(), request, In());
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(first->partitions.at(0).__isset.error);
  const auto second = As("stranger").ScheduleSync(at(), request, In());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->partitions.at(0).error.code, Code::THROTTLED);
}

TEST_P(BrokerQuotaTest, DelayedMessagesThatWereThereOrWereNotStoredCostNothing) {
  idl::ScheduleRequest request;
  auto& batch = request.partitions.emplace_back();
  batch.topic = "secrets";
  batch.__set_producer_id(77);
  batch.__set_base_sequence(0);
  for (int i = 0; i < 5; ++i) {
    auto& delayed = batch.messages.emplace_back();
    delayed.message.__set_body("later");
    delayed.due_us = SystemClock::Instance().WallNow().micros + 3'600'000'000;
  }
  const auto refusal = [&]() -> std::optional<Code::type> {
    const auto reply = As("stranger").ScheduleSync(at(), request, In());
    EXPECT_TRUE(reply.ok()) << reply.error().ToString();
    if (!reply.ok() || !reply->partitions.at(0).__isset.error) return std::nullopt;
    return reply->partitions[0].error.code;
  };
  ASSERT_FALSE(refusal());
  SetQuota({.messages_per_s = 1});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(refusal()) << "it was there already";
  batch.__set_base_sequence(99);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(refusal(), Code::OUT_OF_ORDER_SEQUENCE_NUMBER);
}

}  // namespace
}  // namespace lanemq::testing
