#include "client/cli/commands/group_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

idl::TopicPartition Partition(const std::string& topic, std::int32_t partition) {
  idl::TopicPartition name;
  name.__set_topic(topic);
  name.__set_partition(partition);
  return name;
}

idl::FetchOffsetsPartitionResult Row(std::int32_t partition, std::int64_t offset) {
  idl::FetchOffsetsPartitionResult row;
  row.__set_topic("orders");
  row.__set_partition(partition);
  row.__set_offset(offset);
  return row;
}

idl::GroupMemberInfo Member(const std::string& id, std::vector<idl::TopicPartition> assignment) {
  idl::GroupMemberInfo member;
  member.__set_member_id(id);
  member.__set_client_id("app");
  member.__set_host("10.0.0.1:4000:17:99");
  member.__set_assignment(std::move(assignment));
  return member;
}

/// Partition 0 read to 40 of 100, partition 1 assigned but never committed; two members and a
/// spare.
GroupDetail Billing() {
  GroupDetail detail;
  detail.name = "billing";
  detail.partitions = {Row(0, 40), Row(1, -1)};
  detail.log_ends = {{{"orders", 0}, 100}, {{"orders", 1}, 7}};
  idl::DescribeGroupResponse& described = detail.described.emplace();
  described.group.__set_group("billing");
  described.group.__set_state("Stable");
  described.group.__set_generation(5);
  described.group.__set_protocol("cooperative-sticky");
  described.coordinator.__set_host("127.0.0.1");
  described.coordinator.__set_port(9650);
  described.__set_leader("app-1");
  described.members = {Member("app-1", {Partition("orders", 0)}),
                       Member("app-2", {Partition("orders", 1)}), Member("app-3", {})};
  return detail;
}

std::string Csv(const Table& table) { return Render(table, {OutputFormat::kCsv, true}); }

TEST(GroupTable, HasTheColumnsKafkaUsersKnow) {
  const std::string text = Render(GroupPartitionsTable(Billing()), {});
  EXPECT_THAT(text.substr(0, text.find('\n')),
              testing::MatchesRegex("GROUP +TOPIC +PARTITION +CURRENT-OFFSET +LOG-END-OFFSET +LAG "
                                    "+CONSUMER-ID +HOST +CLIENT-ID"));
  EXPECT_EQ(Csv(GroupPartitionsTable(Billing())),
            "group,topic,partition,current_offset,log_end_offset,lag,consumer_id,host,client_id\n"
            "billing,orders,0,40,100,60,app-1,10.0.0.1:4000:17:99,app\n"
            "billing,orders,1,,7,,app-2,10.0.0.1:4000:17:99,app\n"
            "billing,,,,,,app-3,10.0.0.1:4000:17:99,app\n");
}

TEST(GroupTable, ACommitBeyondAStaleLogEndIsNoLag) {
  GroupDetail detail = Billing();
  detail.log_ends[{"orders", 0}] = 39;
  EXPECT_THAT(Csv(GroupPartitionsTable(detail)), HasSubstr("orders,0,40,39,0,"));
}

TEST(GroupTable, WithoutACoordinatorTheLastOwnersAreShown) {
  GroupDetail detail = Billing();
  detail.described.reset();
  detail.described_missing = Error{ErrorCode::kCoordinatorNotAvailable, "nobody answers"};
  detail.partitions[0].__set_member_id("app-9");
  EXPECT_THAT(Csv(GroupPartitionsTable(detail)), HasSubstr("orders,0,40,100,60,app-9,,\n"));
  EXPECT_THAT(GroupSummary(detail), HasSubstr("not known: COORDINATOR_NOT_AVAILABLE"));
  EXPECT_THAT(GroupJson(detail), HasSubstr("\"state\":null"));
}

TEST(GroupTable, ReadersThatChooseTheirPartitionsHaveNoState) {
  GroupDetail detail = Billing();
  detail.described.reset();
  EXPECT_THAT(GroupSummary(detail), HasSubstr("STATE        -: no member ever joined"));
  EXPECT_THAT(GroupSummary(detail), Not(HasSubstr("MISSING")));
  EXPECT_THAT(GroupJson(detail), HasSubstr("\"state\":null,\"state_missing\":\"no member ever"));
  EXPECT_THAT(GroupJson(detail), HasSubstr("\"offsets_missing\":null"));
}

TEST(GroupTable, SaysWhichOffsetsAreMissing) {
  GroupDetail detail = Billing();
  detail.offsets_missing = Error{ErrorCode::kDataNodeUnavailable, "orders/2: db2 is away"};
  EXPECT_THAT(GroupSummary(detail),
              HasSubstr("MISSING      DATA_NODE_UNAVAILABLE: orders/2: db2 is away\n"));
  EXPECT_THAT(GroupJson(detail), HasSubstr("\"offsets_missing\":\"DATA_NODE_UNAVAILABLE: orders"));
}

TEST(GroupTable, MembersHaveTheirPartitionsInShort) {
  EXPECT_EQ(PartitionsText({Partition("b", 7), Partition("b", 1), Partition("b", 0),
                            Partition("b", 2), Partition("a", 1), Partition("b", 1)}),
            "a:1 b:0-2,7");
  EXPECT_EQ(PartitionsText({}), "");
  EXPECT_THAT(Csv(GroupMembersTable(Billing())),
              HasSubstr("billing,app-2,10.0.0.1:4000:17:99,app,,1,orders:1,\n"));
}

TEST(GroupTable, LagIsSummedByTopicAndSaysWhatItDoesNotKnow) {
  GroupDetail detail = Billing();
  detail.partitions.push_back(Row(2, 90));
  detail.log_ends[{"orders", 2}] = 100;
  EXPECT_EQ(Csv(GroupLagTable({detail})),
            "group,topic,partitions,lag,max_lag,max_lag_partition,unknown\n"
            "billing,orders,3,70,60,0,1\n");
}

TEST(GroupTable, TheSummaryTellsStateCoordinatorAndPauses) {
  GroupDetail detail = Billing();
  detail.partitions[0].__set_paused_until_us(-1);
  detail.partitions[0].__set_pause_reason("ledger is down");
  const std::string text = GroupSummary(detail);
  EXPECT_THAT(text, HasSubstr("STATE        Stable\nCOORDINATOR  127.0.0.1:9650\n"));
  EXPECT_THAT(text, HasSubstr("TOTAL-LAG    60, without 1 of 2 partitions\n"));
  EXPECT_THAT(text, HasSubstr("PAUSED       orders:0, until resumed: ledger is down\n"));
  EXPECT_THAT(GroupJson(detail),
              HasSubstr("\"pauses\":[\n  {\"topic\":\"orders\",\"partition\":0,"
                        "\"paused_until\":null,\"reason\":\"ledger is down\"}]"));
}

TEST(GroupTable, HistoryShowsTheNewestAndCountsAll) {
  GroupDetail detail = Billing();
  EXPECT_EQ(GroupHistory(detail), "");
  for (int generation = 9; generation > 0; --generation) {
    idl::Rebalance rebalance;
    rebalance.__set_generation(generation);
    rebalance.__set_reason("generation-" + std::to_string(generation));
    detail.described->history.push_back(rebalance);
  }
  idl::OffsetReset reset;
  reset.__set_topic("orders");
  reset.__set_old_offset(-1);
  reset.__set_new_offset(3);
  reset.__set_requested_by("ann@ops");
  reset.__set_reason("replay\x1b[2J");
  detail.resets.push_back(reset);
  const std::string text = GroupHistory(detail);
  EXPECT_THAT(text, HasSubstr("REBALANCES   newest first, 9 in all\n"));
  EXPECT_THAT(text, HasSubstr("generation-9"));
  EXPECT_THAT(text, Not(HasSubstr("generation-4")));
  EXPECT_THAT(text, HasSubstr("ann@ops"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(GroupJson(detail), HasSubstr("generation-1"));
}

TEST(GroupTable, ListsGroupsByName) {
  idl::GroupListing listing;
  listing.__set_state("Empty");
  listing.__set_group("b");
  std::vector groups{listing};
  listing.__set_group("a");
  listing.__set_empty_since_us(1'000'000);
  groups.push_back(listing);
  EXPECT_EQ(Csv(GroupsTable(groups)),
            "group,state,members,protocol,generation,empty_since\n"
            "a,Empty,0,,0,1970-01-01T00:00:01.000000Z\n"
            "b,Empty,0,,0,\n");
}

}  // namespace
}  // namespace lanemq::cli
