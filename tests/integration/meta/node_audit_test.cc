// The audit logs of data nodes beside that of the metadata database, as one: by a real metaserver,
// on both engines. And what it tells to tidy up.
#include <chrono>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "common/rpc/access_client.h"
#include "common/rpc/governance_client.h"
#include "tests/integration/meta/meta_process.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NodeAuditTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    prefix_ = UniquePrefix();
    meta_ = std::make_unique<MetaProcess>(*server_, prefix_);
    ASSERT_TRUE(meta_->WaitReady());
    for (const char* name : {"one", "two"}) {
      idl::AddDataNodeRequest request;
      request.name = name;
      request.host = server_->host();
      request.port = server_->port();
      request.__set_schema_prefix(prefix_ + name);
      request.__set_schemas_max(1);
      const auto added =
          meta_->client().AddDataNodeSync(meta_->endpoint(), request, MetaProcess::Soon());
      ASSERT_TRUE(added.ok()) << added.error().ToString();
    }
    Sql("DELETE FROM " + prefix_ + "_meta.audit_events");
  }
  void Sql(const std::string& sql) {
    const auto done = server_->Query(sql);
    ASSERT_TRUE(done.ok()) << sql << ": " << done.error().ToString();
  }
  /// Appends an event of that second to `schema`'s log; about the group that is named.
  void Event(const std::string& schema, int second, const std::string& group) {
    Sql(
        fmt::format("INSERT INTO {}{}.audit_events (at, actor, source, action, object_kind, "
                    "object_name, after_json, reason, result) VALUES ('2026-11-01' + INTERVAL {} "
                    "SECOND, 'person:ann', '10.0.0.1:1', 'resetOffsets', 'group', '{}', "
                    "'{{\"n\":{}}}', 'why', 'ok')",
                    prefix_, schema, second, group, second));
  }
  void MoveNode(const std::string& name, int port) {
    Sql(
        fmt::format("UPDATE {0}_meta.data_nodes SET port = {1} WHERE name = '{2}'; UPDATE "
                    "{0}_meta.cluster SET metadata_version = metadata_version + 1",
                    prefix_, port, name));
  }
  Result<idl::SearchAuditResponse> Search(const idl::SearchAuditRequest& request) {
    return access_.SearchAuditSync(meta_->endpoint(), request, MetaProcess::Soon());
  }
  idl::SearchAuditResponse SearchOk(const idl::SearchAuditRequest& request = {}) {
    const auto reply = Search(request);
    EXPECT_TRUE(reply.ok()) << reply.error().ToString();
    return reply.ok() ? *reply : idl::SearchAuditResponse();
  }
  static std::string NameOfEvent(const idl::AuditEvent& event) {
    return event.source_node + ":" + event.object_name;
  }
  static std::vector<std::string> Names(const idl::SearchAuditResponse& reply) {
    std::vector<std::string> names;
    for (const idl::AuditEvent& event : reply.events) names.push_back(NameOfEvent(event));
    return names;
  }
  ErrorCode CodeOf(const idl::SearchAuditRequest& request) {
    const auto reply = Search(request);
    EXPECT_FALSE(reply.ok());
    return reply.ok() ? ErrorCode::kUnknownServerError : reply.error().code;
  }

  DatabaseServer* server_ = nullptr;
  std::string prefix_;
  std::unique_ptr<MetaProcess> meta_;
  rpc::RpcClient rpc_;
  rpc::AccessClient access_{rpc_};
};
INSTANTIATE_TEST_SUITE_P(On, NodeAuditTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(NodeAuditTest, EventsOfAllLogsComeAsOneListPageByPage) {
  Event("_meta", 1, "a");
  Event("one_node", 2, "b");
  Event("two_node", 3, "c");
  Event("one_node", 4, "d");
  Event("_meta", 5, "e");
  const std::vector<std::string> all = {":e", "one:d", "two:c", "one:b", ":a"};
  const auto whole = SearchOk();
  EXPECT_EQ(Names(whole), all);
  EXPECT_FALSE(whole.has_more || whole.__isset.next_page || whole.__isset.unreachable);
  EXPECT_EQ(whole.events[1].actor, "person:ann");
  EXPECT_EQ(whole.events[1].source, "10.0.0.1:1");
  EXPECT_EQ(whole.events[1].reason, "why");
  EXPECT_EQ(whole.events[1].after_json, R"({"n":4})");
  EXPECT_FALSE(whole.events[0].__isset.source_node);
  for (const int max : {1, 2, 3, 4}) {
    idl::SearchAuditRequest request;
    request.__set_max(max);
    std::vector<std::string> walked;
    for (int page = 0; page < 10; ++page) {
      const auto reply = SearchOk(request);
      for (const idl::AuditEvent& event : reply.events) walked.push_back(NameOfEvent(event));
      if (!reply.has_more) break;
      request.__set_cursor(reply.next_page);
    }
    EXPECT_EQ(walked, all) << max;
  }
}

TEST_P(NodeAuditTest, ConditionsHoldOnEverySource) {
  Event("_meta", 1, "a");
  Event("one_node", 2, "b");
  Event("one_node", 3, "a");
  Event("two_node", 4, "b");
  idl::SearchAuditRequest request;
  request.__set_object_kind("group");
  request.__set_object_name("b");
  EXPECT_THAT(Names(SearchOk(request)), ElementsAre("two:b", "one:b"));
  request = {};
  request.__set_actor("person:ann");
  request.__set_until_us(SearchOk().events[0].at_us);
  EXPECT_THAT(Names(SearchOk(request)), ElementsAre("one:a", "one:b", ":a"));
  request = {};
  request.__set_source("one");
  EXPECT_THAT(Names(SearchOk(request)), ElementsAre("one:a", "one:b"));
  request.__set_source("metadata");
  EXPECT_THAT(Names(SearchOk(request)), ElementsAre(":a"));
  request.__set_source("three");
  EXPECT_EQ(CodeOf(request), ErrorCode::kNotFound);
  request = {};
  request.__set_action("resetOffsets");
  request.__set_from_us(0);
  EXPECT_EQ(SearchOk(request).events.size(), 4u);
  request.__set_result("denied");
  EXPECT_THAT(Names(SearchOk(request)), IsEmpty());
}

TEST_P(NodeAuditTest, WhoGoesByIdsSeesOneLog) {
  Event("_meta", 1, "a");
  Event("one_node", 2, "b");
  Event("_meta", 3, "c");
  idl::SearchAuditRequest request;
  request.__set_before_id(SearchOk().events[0].id);
  EXPECT_THAT(Names(SearchOk(request)), ElementsAre(":a"));
  request.__set_cursor("AAAA");
  EXPECT_EQ(CodeOf(request), ErrorCode::kInvalidRequest);
  request = {};
  request.__set_cursor("AAAA");
  EXPECT_EQ(CodeOf(request), ErrorCode::kInvalidRequest);
  request = {};
  request.__set_max(1);
  const auto page = SearchOk(request);
  request.__set_cursor(page.next_page);
  request.__set_actor("person:bob");
  EXPECT_EQ(CodeOf(request), ErrorCode::kInvalidRequest);
}

TEST_P(NodeAuditTest, ANodeThatIsAwayIsSaidAndItsEventsComeWhenItIsBack) {
  Event("_meta", 1, "a");
  Event("one_node", 2, "b");
  Event("two_node", 3, "c");
  MoveNode("two", 1);
  idl::SearchAuditResponse without;
  ASSERT_TRUE(WaitFor(
      [&] {
        without = SearchOk();
        return without.__isset.unreachable;
      },
      seconds{30}, "the node is away"));
  EXPECT_THAT(without.unreachable, ElementsAre("two"));
  EXPECT_THAT(Names(without), ElementsAre("one:b", ":a"));
  EXPECT_TRUE(without.has_more);
  idl::SearchAuditRequest request;
  request.__set_cursor(without.next_page);
  const auto still = SearchOk(request);
  EXPECT_THAT(Names(still), IsEmpty());
  EXPECT_THAT(still.unreachable, ElementsAre("two"));
  MoveNode("two", server_->port());
  request.__set_cursor(still.next_page);
  idl::SearchAuditResponse back;
  ASSERT_TRUE(WaitFor(
      [&] {
        back = SearchOk(request);
        return !back.__isset.unreachable;
      },
      seconds{30}, "the node is back"));
  EXPECT_THAT(Names(back), ElementsAre("two:c"));
  EXPECT_FALSE(back.has_more);
}

TEST_P(NodeAuditTest, ANodeOfAnOlderSchemaHasNoEvents) {
  Event("one_node", 1, "a");
  Sql("RENAME TABLE " + prefix_ + "two_node.audit_events TO " + prefix_ + "two_node.taken_away");
  const auto reply = SearchOk();
  EXPECT_THAT(Names(reply), ElementsAre("one:a"));
  EXPECT_FALSE(reply.has_more || reply.__isset.unreachable);
}

TEST_P(NodeAuditTest, ADocumentThatNoServerOfOursHasWrittenIsNotReadWhole) {
  Event("one_node", 1, "a");
  Event("_meta", 2, "b");
  Sql("UPDATE " + prefix_ + "one_node.audit_events SET after_json = REPEAT('x', 1000000)");
  const auto reply = SearchOk();
  EXPECT_THAT(Names(reply), ElementsAre(":b", "one:a"));
  EXPECT_EQ(reply.events[1].after_json, R"({"left_out":"it has 1000000 bytes"})");
}

TEST_P(NodeAuditTest, WhoAsksWhatToTidyUpDoesNotHoldUpRequests) {
  // Shorter than servers wait for a lock.
  std::jthread blocker([&] {
    Sql("LOCK TABLES " + prefix_ + "_meta.topic_last_use WRITE; SELECT SLEEP(4); UNLOCK TABLES");
  });
  const auto runs = [&](const std::string& statement) {
    const auto found = server_->Query(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '" + statement + "'");
    return found.ok() && *found != "0\n";
  };
  ASSERT_TRUE(WaitFor([&] { return runs("SELECT SLEEP%"); }, seconds{20}, "the table is locked"));
  std::vector<std::jthread> askers;
  for (int i = 0; i < 4; ++i) {
    askers.emplace_back([&] {
      const auto told = access_.ListHygieneSync(meta_->endpoint(), {}, MetaProcess::Soon());
      EXPECT_TRUE(told.ok()) << told.error().ToString();
    });
  }
  ASSERT_TRUE(WaitFor([&] { return runs("SELECT%FROM topic_last_use%"); }, seconds{5},
                      "somebody waits for the table"));
  rpc::GovernanceClient governance(rpc_);
  const auto policy = governance.GetPolicySync(meta_->endpoint(), {}, MetaProcess::Soon());
  EXPECT_TRUE(policy.ok()) << policy.error().ToString();
  EXPECT_TRUE(runs("SELECT SLEEP%")) << "the answer came only after the table was free";
}

TEST_P(NodeAuditTest, WhatNobodyUsesOrOwnsIsTold) {
  ASSERT_TRUE(meta_->CreateTopic("orders", 1).ok());
  idl::PutTeamRequest team;
  team.team.name = "gone";
  ASSERT_TRUE(access_.PutTeamSync(meta_->endpoint(), team, MetaProcess::Soon()).ok());
  idl::SetOwnerRequest owner;
  owner.kind = "topic";
  owner.name = "orders";
  owner.__set_team("gone");
  ASSERT_TRUE(access_.SetOwnerSync(meta_->endpoint(), owner, MetaProcess::Soon()).ok());
  const auto list = [&](const idl::ListHygieneRequest& request) {
    const auto reply = access_.ListHygieneSync(meta_->endpoint(), request, MetaProcess::Soon());
    EXPECT_TRUE(reply.ok()) << reply.error().ToString();
    return reply.ok() ? *reply : idl::ListHygieneResponse();
  };
  const auto kinds = [](const idl::ListHygieneResponse& reply) {
    std::vector<std::string> told;
    for (const idl::HygieneFinding& finding : reply.findings) {
      told.push_back(finding.kind + " " + finding.object_name);
    }
    return told;
  };
  ASSERT_TRUE(WaitFor(
      [&] {
        const auto rows =
            server_->Query("SELECT COUNT(*) FROM " + prefix_ + "_meta.topic_last_use");
        return rows.ok() && *rows == "1\n";
      },
      seconds{60}, "the topic is watched"));
  EXPECT_THAT(kinds(list({})), ElementsAre("owner_gone orders"));
  Sql("UPDATE " + prefix_ + "_meta.topics SET created_at = created_at - INTERVAL 100 DAY");
  Sql("UPDATE " + prefix_ + "_meta.cluster SET metadata_version = metadata_version + 1");
  ASSERT_TRUE(WaitFor([&] { return list({}).topics_not_known == 1; }, seconds{30}, "it is old"));
  Sql("UPDATE " + prefix_ +
      "_meta.topic_last_use SET watched_since = watched_since - INTERVAL 99 DAY, produced_at = "
      "UTC_TIMESTAMP(6) - INTERVAL 61 DAY, consumed_at = UTC_TIMESTAMP(6) - INTERVAL 31 DAY");
  const auto found = list({});
  EXPECT_EQ(found.topics_not_known, 0);
  EXPECT_THAT(kinds(found), ElementsAre("owner_gone orders", "nobody_writes orders"));
  EXPECT_EQ(found.findings[1].text, "nobody has written to topic orders for 61 days");
  EXPECT_TRUE(found.findings[1].__isset.at_us);
  idl::ListHygieneRequest request;
  request.__set_idle_days(30);
  request.__set_kinds({"nobody_reads"});
  EXPECT_THAT(kinds(list(request)), ElementsAre("nobody_reads orders"));
  request.__set_team("gone");
  EXPECT_THAT(kinds(list(request)), IsEmpty());
  request = {};
  request.__set_max(1);
  const auto cut = list(request);
  EXPECT_EQ(cut.findings.size(), 1u);
  EXPECT_FALSE(cut.is_whole);
  request.__set_kinds({"nothing"});
  const auto refused = access_.ListHygieneSync(meta_->endpoint(), request, MetaProcess::Soon());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidRequest);
}

}  // namespace
}  // namespace lanemq::testing
