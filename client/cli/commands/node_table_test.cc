#include "client/cli/commands/node_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

idl::DataNode Node() {
  idl::DataNode node;
  node.name = "db1";
  node.host = "10.0.0.1";
  node.port = 3306;
  node.state = idl::NodeState::WRITABLE;
  node.schema_prefix = "lanemq";
  node.__set_schemas_max(2);
  node.__set_tables_per_schema_max(99);
  node.__set_tables_used(8);
  return node;
}

std::string Text(const Table& table) { return Render(table, {}); }

TEST(NodeTableTest, ANodeSaysWhoseLoginIsUsed) {
  idl::DataNode node = Node();
  EXPECT_THAT(Text(NodesTable({node})), HasSubstr("servers' files"));
  node.__set_has_credentials(true);
  EXPECT_THAT(Text(NodesTable({node})), AllOf(HasSubstr("kept"), Not(HasSubstr("files"))));
}

TEST(NodeTableTest, AProbeShowsWhatIsKnownAndTheWarningsLast) {
  idl::DataNode node = Node();
  node.__set_is_reachable(true);
  node.__set_engine_version("MySQL 9.1.0");
  node.__set_flush_log_at_trx_commit(1);
  node.__set_account("lanemq@%");
  node.__set_clock_ahead_us(-1'500);
  node.__set_round_trip_us(412);
  node.__set_semi_sync("on, 1 replica");
  node.__set_connections_max(151);
  node.__set_connections_used(9);
  node.__set_schema_version(18);
  node.__set_disk_used_bytes(3'221'225'472);
  node.__set_missing_rights({"DROP on lanemq_00"});
  node.__set_warnings({"grant it"});
  const std::string text = Text(ProbeTable(node));
  EXPECT_THAT(text, ContainsRegex("free_tables +190 of 198"));
  EXPECT_THAT(text, ContainsRegex("clock +-1.5 ms"));
  EXPECT_THAT(text, ContainsRegex("sync_binlog +no binlog"));
  EXPECT_THAT(text, ContainsRegex("semi_sync +on, 1 replica"));
  EXPECT_THAT(text, ContainsRegex("connections +9 of 151"));
  EXPECT_THAT(text, ContainsRegex("disk_used +3.0 GiB"));
  EXPECT_THAT(text, ContainsRegex("missing_rights +DROP on lanemq_00"));
  EXPECT_THAT(text, ContainsRegex("warning +grant it\n$"));
}

TEST(NodeTableTest, ANodeThatDoesNotAnswerSaysWhyAndNothingElse) {
  idl::DataNode node = Node();
  node.__set_is_reachable(false);
  node.__set_unreachable_reason("Access denied for user 'x'@'y'");
  const std::string text = Text(ProbeTable(node));
  EXPECT_THAT(text, ContainsRegex("FAILED +not from the metaserver: Access denied"));
  EXPECT_THAT(text, Not(HasSubstr("semi_sync")));
}

}  // namespace
}  // namespace lanemq::cli
