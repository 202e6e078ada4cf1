// Trims by operators, what readers and groups see of them, and losses that brokers write down.
#include <gmock/gmock.h>

#include "common/rpc/wire/errors.h"
#include "tests/integration/retention/janitor_rig.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

class TrimTest : public JanitorTest {
 protected:
  Result<idl::TrimPartitionResult> Trim(const RigBroker& broker, idl::TrimPartition where,
                                        bool is_dry_run = false, bool lose_unread = false) {
    idl::TrimRequest request;
    where.__set_topic("orders");
    where.__set_partition(0);
    request.partitions.push_back(where);
    request.__set_dry_run(is_dry_run);
    request.__set_lose_unread(lose_unread);
    request.__set_requested_by("ann@desk");
    request.__set_reason("disk");
    LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                            rig_->client.TrimSync(broker.endpoint(), request, BrokerRig::In(20)));
    if (reply.partitions.at(0).__isset.error) return wire::FromWire(reply.partitions[0].error);
    return reply.partitions[0];
  }
  static idl::TrimPartition Before(std::int64_t offset) {
    idl::TrimPartition to;
    to.__set_before_offset(offset);
    return to;
  }
  void Commit(const RigBroker& broker, const std::string& group, std::int64_t offset) {
    idl::CommitOffsetsRequest request;
    request.group = group;
    idl::CommitPartition& part = request.partitions.emplace_back();
    part.topic = "orders";
    part.partition = 0;
    part.offset = offset;
    const auto reply =
        rig_->client.CommitOffsetsSync(broker.endpoint(), request, BrokerRig::In(20));
    ASSERT_TRUE(reply.ok() && !reply->partitions.at(0).__isset.error);
  }
  ErrorCode FetchCode(const RigBroker& broker, std::int64_t offset) {
    const auto reply = rig_->Fetch(broker, 0, offset, 0);
    if (!reply.ok()) return reply.error().code;
    const auto& result = reply->partitions.at(0);
    return result.__isset.error ? wire::FromWire(result.error).code : ErrorCode{};
  }
};

TEST_P(TrimTest, MovesTheStartAtOnceAndTheRowsFollow) {
  if (IsSkipped()) return;
  Configure({{"retention.ms", "-1"}});
  RigBroker& broker = rig_->AddBroker({}, QuickJanitor());
  Produce(broker, 100);
  Commit(broker, "late", 11);
  const auto plan = Trim(broker, Before(51), true);
  ASSERT_TRUE(plan.ok()) << plan.error().ToString();
  EXPECT_EQ(plan->old_start, 1);
  EXPECT_EQ(plan->new_start, 51);
  EXPECT_THAT(plan->groups_below, ElementsAre("late"));
  EXPECT_EQ(LogStart(), 1) << "a dry run changes nothing";

  const auto done = Trim(broker, Before(51));
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->new_start, 51);
  EXPECT_EQ(FetchCode(broker, 50), ErrorCode::kOffsetOutOfRange) << "although it is cached";
  const auto kept = rig_->Fetch(broker, 0, 51, 0);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->partitions.at(0).messages.at(0).offset, 51);
  EXPECT_TRUE(WaitFor([&] { return FirstRow() == 51; }, seconds(20), "the rows gone"));
  const std::string node = "`" + rig_->prefix + "_node`.";
  EXPECT_EQ(Number("SELECT COUNT(*) FROM " + node +
                   "retention_losses WHERE group_id = 'late' AND from_offset = 11 AND to_offset = "
                   "51 AND reason = 'trim'"),
            1);
  EXPECT_EQ(Number("SELECT COUNT(*) FROM " + node +
                   "partition_trims WHERE old_start = 1 AND new_start = 51 AND requested_by = "
                   "'ann@desk' AND reason = 'disk'"),
            1);
  // Again, or to where it is already beyond: as it was.
  const auto again = Trim(broker, Before(20));
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ(again->new_start, 51);
  EXPECT_EQ(Trim(broker, Before(1'000)).error().code, ErrorCode::kOffsetOutOfRange);
}

TEST_P(TrimTest, IsRefusedUnderBlockUnlessTheUnreadMayBeLost) {
  if (IsSkipped()) return;
  Configure({{"retention.ms", "-1"}, {"retention.unread", "block"}});
  RigBroker& broker = rig_->AddBroker({}, QuickJanitor());
  Produce(broker, 50);
  Commit(broker, "late", 11);
  const auto refused = Trim(broker, Before(31));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(LogStart(), 1);
  ASSERT_TRUE(Trim(broker, Before(11)).ok()) << "that is read";
  const auto lost = Trim(broker, Before(31), false, true);
  ASSERT_TRUE(lost.ok()) << lost.error().ToString();
  EXPECT_EQ(LogStart(), 31);
}

TEST_P(TrimTest, EverythingUpToNowButTheNewestRow) {
  if (IsSkipped()) return;
  Configure({{"retention.ms", "-1"}});
  RigBroker& broker = rig_->AddBroker({}, QuickJanitor());
  Produce(broker, 50);
  idl::TrimPartition all;
  all.__set_before_us(SystemClock::Instance().WallNow().micros + 3'600'000'000);
  const auto done = Trim(broker, all);
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_TRUE(WaitFor([&] { return FirstRow() == 50; }, seconds(20), "the rows gone"));
  EXPECT_EQ(Produce(broker, 10), 51) << "offsets go on";
  EXPECT_EQ(FetchCode(broker, 49), ErrorCode::kOffsetOutOfRange);
}

TEST_P(TrimTest, RefusesWhatIsNoTrim) {
  if (IsSkipped()) return;
  RigBroker& broker = rig_->AddBroker();
  EXPECT_EQ(Trim(broker, {}).error().code, ErrorCode::kInvalidRequest);
  idl::TrimPartition both = Before(1);
  both.__set_before_us(5);
  EXPECT_EQ(Trim(broker, both).error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(Trim(broker, Before(0)).error().code, ErrorCode::kOffsetOutOfRange);
}

// The log's end is a bound: the newest row stays, those before it go one by one.
TEST_P(TrimTest, ASegmentThatIsJustFullKeepsItsNewestRowAlone) {
  if (IsSkipped()) return;
  Configure({{"retention.ms", "1000"}});
  RigBroker& broker = rig_->AddBroker({}, QuickJanitor());
  ASSERT_TRUE(WaitFor([&] { return Metric(broker, "lanemq_retention_steps_total", "split") > 0; },
                      seconds(20), "a bound at 21"));
  Produce(broker, 20);
  EXPECT_TRUE(WaitFor([&] { return FirstRow() == 20; }, seconds(20), "all but the newest gone"));
}

// Without a metaserver nobody knows whether the topic has been told to keep more. What an operator
// trims goes, and segments are made ahead.
TEST_P(TrimTest, AnOldCatalogueCondemnsNothing) {
  if (IsSkipped()) return;
  Configure({{"retention.ms", "1000"}});
  broker::JanitorOptions options = QuickJanitor();
  options.catalog_age_max = seconds(1);
  RigBroker& broker = rig_->AddBroker({}, options);
  rig_->meta.SetAllDown(true);
  const auto is_old = [&] {
    const auto at = broker.broker.catalog().confirmed_at();
    return at && SystemClock::Instance().Now() - *at > seconds(2);
  };
  ASSERT_TRUE(WaitFor(is_old, seconds(20), "an old catalogue"));
  Produce(broker, 110);
  const auto age_us = [&] {
    return Number(
        "SELECT CAST(UNIX_TIMESTAMP(NOW(6))*1000000 AS SIGNED) - MAX(timestamp_us) FROM " + table_);
  };
  ASSERT_TRUE(WaitFor([&] { return age_us() > 2'000'000; }, seconds(20), "all expired"));
  const double splits = Metric(broker, "lanemq_retention_steps_total", "split");
  Produce(broker, 60);
  ASSERT_TRUE(
      WaitFor([&] { return Metric(broker, "lanemq_retention_steps_total", "split") > splits; },
              seconds(20), "a segment ahead"));
  EXPECT_EQ(LogStart(), 1);
  EXPECT_EQ(Rows(), 170);
  ASSERT_TRUE(Trim(broker, Before(51)).ok());
  EXPECT_TRUE(WaitFor([&] { return FirstRow() == 51; }, seconds(20), "the trimmed rows gone"));
  EXPECT_EQ(LogStart(), 51);

  rig_->meta.SetAllDown(false);
  EXPECT_TRUE(WaitFor([&] { return FirstRow() == 170; }, seconds(30), "all but the newest gone"));
}

TEST_P(TrimTest, WhoeverReachesAMetaserverIsTheJanitor) {
  if (IsSkipped()) return;
  Configure({{"retention.ms", "1000"}});
  broker::JanitorOptions options = QuickJanitor();
  options.catalog_age_max = seconds(1);
  options.old_catalog_turn = seconds(1);
  RigBroker& lonely = rig_->AddBroker({}, options);
  ASSERT_TRUE(WaitFor([&] { return IsHolder(lonely); }, seconds(20), "a janitor"));
  RigBroker& other = rig_->AddBroker({}, options);
  rig_->meta.SetDown({"meta", 1}, true);
  ASSERT_TRUE(WaitFor([&] { return IsHolder(other); }, seconds(30), "the other one"));
  Produce(lonely, 50);
  EXPECT_TRUE(WaitFor([&] { return FirstRow() == 50; }, seconds(30), "all but the newest gone"));
}

TEST_P(TrimTest, ALogThatIsShorterThanItWasIsWrittenDown) {
  if (IsSkipped()) return;
  RigBroker& broker = rig_->AddBroker();
  Produce(broker, 50);
  ASSERT_EQ(rig_->ReadAll(broker, 0, 50).size(), 50U);
  ASSERT_TRUE(rig_->server.Query("DELETE FROM " + table_ + " WHERE `offset` > 30").ok());
  // A reader at the end makes the broker look.
  ASSERT_TRUE(WaitFor(
      [&] {
        (void)rig_->Fetch(broker, 0, 60, 0);
        return Number("SELECT COUNT(*) FROM `" + rig_->prefix +
                      "_node`.data_losses WHERE topic_id = 1 AND partition_index = 0 AND "
                      "from_offset = 31 AND to_offset = 51 AND broker = 'broker 1'") == 1;
      },
      seconds(20), "the row"));
}

INSTANTIATE_TEST_SUITE_P(Engines, TrimTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::testing
