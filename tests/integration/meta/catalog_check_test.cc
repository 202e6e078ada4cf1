// The catalogue against what a data node really has: differences that were made on purpose are
// told, and nothing else, and nothing is repaired.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "common/rpc/governance_client.h"
#include "tests/integration/meta/meta_process.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class CatalogCheckTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    prefix_ = UniquePrefix();
    meta_ = std::make_unique<MetaProcess>(*server_, prefix_);
    ASSERT_TRUE(meta_->WaitReady());
    ASSERT_TRUE(meta_->AddNode(*server_, prefix_).ok());
    const auto topic = meta_->CreateTopic("orders", 4);
    ASSERT_TRUE(topic.ok()) << topic.error().ToString();
    id_ = topic->topic.topic_id;
  }
  idl::CheckCatalogResponse Check(idl::CheckCatalogRequest request = {}) {
    const auto reply =
        governance_.CheckCatalogSync(meta_->endpoint(), request, MetaProcess::Soon());
    EXPECT_TRUE(reply.ok()) << reply.error().ToString();
    return reply.ok() ? *reply : idl::CheckCatalogResponse();
  }
  static std::vector<std::string> Kinds(const idl::CheckCatalogResponse& reply) {
    std::vector<std::string> kinds;
    for (const idl::CatalogFinding& finding : reply.findings) {
      EXPECT_NE(finding.advice, "");
      EXPECT_NE(finding.detail, "");
      kinds.push_back(finding.kind + " " + finding.object);
    }
    return kinds;
  }
  void Sql(const std::string& sql) {
    const auto done = server_->Query(sql);
    ASSERT_TRUE(done.ok()) << sql << ": " << done.error().ToString();
  }
  /// "t1a_00.msg_1_3", wherever the table is.
  std::string TableOf(int partition) {
    const auto table = server_->Query(fmt::format(
        "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE "
        "table_schema LIKE '{}%' AND table_name = 'msg_{}_{}'",
        prefix_, id_, partition));
    EXPECT_TRUE(table.ok() && !table->empty());
    return table.ok() ? table->substr(0, table->find('\n')) : "";
  }

  DatabaseServer* server_ = nullptr;
  std::string prefix_;
  std::int64_t id_ = 0;
  std::unique_ptr<MetaProcess> meta_;
  rpc::RpcClient rpc_;
  rpc::GovernanceClient governance_{rpc_};
};
INSTANTIATE_TEST_SUITE_P(On, CatalogCheckTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(CatalogCheckTest, ASoundClusterHasNoDifferences) {
  const auto reply = Check();
  EXPECT_THAT(Kinds(reply), IsEmpty());
  EXPECT_TRUE(reply.is_whole);
  EXPECT_EQ(reply.nodes_checked, 1);
  EXPECT_EQ(reply.partitions_checked, 4);
}

TEST_P(CatalogCheckTest, EachDifferenceIsToldAndNothingIsRepaired) {
  const std::string lost = TableOf(1);
  Sql("DROP TABLE " + lost);
  Sql(fmt::format("DELETE FROM {}_node.partition_state WHERE topic_id = {} AND partition_index = 2",
                  prefix_, id_));
  Sql(
      fmt::format("CREATE TABLE {0}_01.msg_999_0 LIKE {1}; INSERT INTO {0}_01.msg_999_0 "
                  "(`offset`, timestamp_us, producer_id, sequence, codec) VALUES (1, 1, 0, 0, 0), "
                  "(2, 2, 0, 0, 0)",
                  prefix_, TableOf(0)));
  Sql(
      fmt::format("INSERT INTO {}_node.group_offsets (group_id, topic_id, partition_index, "
                  "committed_offset, committed_at) VALUES ('billing', 999, 0, 7, "
                  "UTC_TIMESTAMP(6) - INTERVAL 1 HOUR)",
                  prefix_));
  Sql(fmt::format("DELETE FROM {}_node.schema_migrations ORDER BY number DESC LIMIT 1", prefix_));
  for (int round = 0; round < 2; ++round) {  // The second finds what the first found.
    const auto reply = Check();
    EXPECT_THAT(
        Kinds(reply),
        UnorderedElementsAre("table_missing orders/1", "state_row_missing orders/2",
                             "table_orphaned " + prefix_ + "_01.msg_999_0",
                             "offsets_orphaned billing", "schema_version " + prefix_ + "_node"));
    for (const idl::CatalogFinding& finding : reply.findings) {
      EXPECT_EQ(finding.data_node, "one");
      if (finding.kind == "table_missing") {
        EXPECT_THAT(finding.detail, HasSubstr(lost));
      }
      if (finding.kind == "table_orphaned") {
        EXPECT_TRUE(finding.__isset.rows && finding.__isset.age_us);
        EXPECT_LT(finding.age_us, 600'000'000);
      }
      if (finding.kind == "offsets_orphaned") {
        EXPECT_EQ(finding.rows, 1);
        EXPECT_GE(finding.age_us, 3'600'000'000);
      }
    }
  }
  idl::CheckCatalogRequest request;
  request.__set_max_findings(2);
  const auto cut = Check(request);
  EXPECT_EQ(cut.findings.size(), 2u);
  EXPECT_FALSE(cut.is_whole);
}

TEST_P(CatalogCheckTest, ANodeThatCannotBeReachedOrIsNotThereIsSaid) {
  idl::CheckCatalogRequest request;
  request.__set_nodes({"two"});
  const auto none = governance_.CheckCatalogSync(meta_->endpoint(), request, MetaProcess::Soon());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  Sql(
      fmt::format("UPDATE {}_meta.data_nodes SET port = 1; UPDATE {}_meta.cluster SET "
                  "metadata_version = metadata_version + 1",
                  prefix_, prefix_));
  const auto reply = Check();
  EXPECT_THAT(Kinds(reply), UnorderedElementsAre("node_unreachable 127.0.0.1:1"));
  EXPECT_EQ(reply.nodes_checked, 0);
}

TEST_P(CatalogCheckTest, ADisabledNodeIsLookedAtOnlyWhenItIsNamed) {
  idl::AlterDataNodeRequest alter;
  alter.name = "one";
  alter.__set_state(idl::NodeState::DISABLED);
  ASSERT_TRUE(
      meta_->client().AlterDataNodeSync(meta_->endpoint(), alter, MetaProcess::Soon()).ok());
  EXPECT_EQ(Check().nodes_checked, 0);
  idl::CheckCatalogRequest request;
  request.__set_nodes({"one"});
  EXPECT_EQ(Check(request).nodes_checked, 1);
}

}  // namespace
}  // namespace lanemq::testing
