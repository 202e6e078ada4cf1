// searchMessages on both engines, and what fetch hides from people who may not peek.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/broker/access_rig.h"

namespace lanemq::testing {
namespace {

using core::Action;
using core::ResourceKind;
using ::testing::ElementsAre;

std::vector<std::string> BodiesOf(const idl::SearchMessagesResponse& reply) {
  std::vector<std::string> bodies;
  for (const idl::FoundMessage& found : reply.messages) bodies.push_back(found.message.body);
  return bodies;
}

class SearchTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    rig_ = std::make_unique<BrokerRig>(*server);
    broker_ = &rig_->AddBroker();
  }
  void Produce(std::int32_t partition, const std::vector<std::string>& bodies) {
    const auto produced = rig_->Produce(*broker_, partition, bodies);
    ASSERT_TRUE(produced.ok()) << produced.error().ToString();
    ASSERT_FALSE(produced->__isset.error) << produced->error.message;
  }
  static idl::SearchMessagesRequest For(const std::string& body) {
    idl::SearchMessagesRequest request;
    request.topic = "orders";
    request.__set_body_contains(body);
    request.__set_time_limit_ms(5'000);
    return request;
  }
  Result<idl::SearchMessagesResponse> Search(const idl::SearchMessagesRequest& request) {
    return rig_->client.SearchMessagesSync(broker_->endpoint(), request, BrokerRig::In(40));
  }
  ErrorCode Refused(const idl::SearchMessagesRequest& request) {
    const auto reply = Search(request);
    return reply.ok() ? ErrorCode::kUnknownServerError : reply.error().code;
  }

  DatabaseServer* server_ = nullptr;
  std::unique_ptr<BrokerRig> rig_;
  RigBroker* broker_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Engines, SearchTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(SearchTest, FindsInAllPartitionsAndSaysWhatItLookedAt) {
  Produce(0, {"red one", "blue", "red two"});
  Produce(1, {"green", "red three"});
  const auto reply = Search(For("red"));
  ASSERT_TRUE(reply.ok()) << reply.error().ToString();
  EXPECT_THAT(BodiesOf(*reply), ElementsAre("red one", "red two", "red three"));
  EXPECT_EQ(reply->messages[1].message.offset, 3);
  EXPECT_EQ(reply->messages[2].partition, 1);
  EXPECT_EQ(reply->scanned_rows, 5);
  EXPECT_GT(reply->scanned_bytes, 30);
  EXPECT_TRUE(reply->is_complete);
  EXPECT_EQ(reply->ended, idl::SearchEnd::DONE);
  EXPECT_FALSE(reply->__isset.next_page);
  ASSERT_EQ(reply->ranges.size(), 2u);
  EXPECT_EQ(reply->ranges[0].from_offset, 1);
  EXPECT_EQ(reply->ranges[0].to_offset, 4);
  EXPECT_EQ(reply->ranges[0].log_start_offset, 1);
  EXPECT_EQ(reply->ranges[1].log_end_offset, 3);
}

TEST_P(SearchTest, EndsAtEachLimitAndGoesOnWithTheCursor) {
  std::vector<std::string> bodies;
  for (int i = 1; i <= 40; ++i)
    bodies.push_back((i % 10 == 0 ? "hit " : "no ") + std::to_string(i));
  Produce(0, bodies);
  Produce(1, {"hit 41"});
  idl::SearchMessagesRequest request = For("hit");
  request.__set_max_scanned(15);
  std::vector<std::string> found;
  int pages = 0;
  for (bool has_more = true; has_more && pages < 10; ++pages) {
    const auto reply = Search(request);
    ASSERT_TRUE(reply.ok()) << reply.error().ToString();
    EXPECT_LE(reply->scanned_rows, 15);
    for (std::string& body : BodiesOf(*reply)) found.push_back(std::move(body));
    has_more = reply->__isset.next_page;
    EXPECT_EQ(reply->is_complete, !has_more);
    EXPECT_EQ(reply->ended, has_more ? idl::SearchEnd::ROWS : idl::SearchEnd::DONE);
    if (has_more) request.__set_cursor(reply->next_page);
  }
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(found, ElementsAre("hit 10", "hit 20", "hit 30", "hit 40", "hit 41"));
  idl::SearchMessagesRequest two = For("hit");
  two.__set_max_results(2);
  const auto reply = Search(two);
  ASSERT_TRUE(reply.ok()) << reply.error().ToString();
  EXPECT_EQ(reply->ended, idl::SearchEnd::RESULTS);
  EXPECT_EQ(reply->ranges.at(0).to_offset, 21) << "not further than it looked";
}

TEST_P(SearchTest, HoweverShortTheTimeEveryPageComesFurther) {
  Produce(0, {"a1", "a2"});
  Produce(1, {"a3"});
  idl::SearchMessagesRequest request = For("a");
  request.__set_time_limit_ms(1);
  std::vector<std::string> found;
  int pages = 0;
  for (bool has_more = true; has_more && pages < 5; ++pages) {
    const auto reply = Search(request);
    ASSERT_TRUE(reply.ok()) << reply.error().ToString();
    for (std::string& body : BodiesOf(*reply)) found.push_back(std::move(body));
    has_more = reply->__isset.next_page;
    if (has_more) request.__set_cursor(reply->next_page);
  }
  EXPECT_THAT(found, ElementsAre("a1", "a2", "a3"));
}

TEST_P(SearchTest, OffsetsAndTimesBoundWhatIsLookedAt) {
  Produce(0, {"x1", "x2"});
  Produce(0, {"x3"});
  idl::SearchMessagesRequest request = For("x");
  request.__set_partition(0);
  request.__set_from_offset(2);
  request.__set_to_offset(3);
  auto reply = Search(request);
  ASSERT_TRUE(reply.ok()) << reply.error().ToString();
  EXPECT_THAT(BodiesOf(*reply), ElementsAre("x2"));
  request = For("x");
  request.__set_partition(0);
  const auto all = Search(request);
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->messages.size(), 3u);
  const std::int64_t last = all->messages[2].message.timestamp_us;
  ASSERT_LT(all->messages[1].message.timestamp_us, last);
  request.__set_from_us(last);
  reply = Search(request);
  ASSERT_TRUE(reply.ok()) << reply.error().ToString();
  EXPECT_THAT(BodiesOf(*reply), ElementsAre("x3"));
  EXPECT_EQ(reply->scanned_rows, 1) << "by the time's offset, not by reading all";
  request.__isset.from_us = false;
  request.__set_to_us(last);
  reply = Search(request);
  ASSERT_TRUE(reply.ok()) << reply.error().ToString();
  EXPECT_THAT(BodiesOf(*reply), ElementsAre("x1", "x2"));
  EXPECT_TRUE(reply->is_complete);
}

TEST_P(SearchTest, BadRequestsAreRefused) {
  idl::SearchMessagesRequest request = For("x");
  request.__set_max_results(201);
  EXPECT_EQ(Refused(request), ErrorCode::kInvalidRequest);
  request = For("x");
  request.__set_max_scanned(100'001);
  EXPECT_EQ(Refused(request), ErrorCode::kInvalidRequest);
  request = For("x");
  request.__set_time_limit_ms(0);
  EXPECT_EQ(Refused(request), ErrorCode::kInvalidRequest);
  request = For("x");
  request.__set_from_offset(1);
  EXPECT_EQ(Refused(request), ErrorCode::kInvalidRequest) << "of no partition";
  request = For(std::string(1'025, 'x'));
  EXPECT_EQ(Refused(request), ErrorCode::kInvalidRequest);
  request = For("x");
  request.__set_header_value("x");
  EXPECT_EQ(Refused(request), ErrorCode::kInvalidRequest);
  for (const char* cursor : {"", "1:0", "1:0:1:9:1", "1:0:2:0:1", "nonsense"}) {
    request = For("x");
    request.__set_cursor(cursor);
    EXPECT_EQ(Refused(request), ErrorCode::kInvalidRequest) << cursor;
  }
  request = For("x");
  request.topic = "ghost";
  EXPECT_EQ(Refused(request), ErrorCode::kUnknownTopicOrPartition);
}

TEST_P(SearchTest, AHoleIsToldAndPassedOver) {
  Produce(0, {"a1", "a2", "a3", "a4", "a5"});
  const auto deleted =
      server_->Query("DELETE FROM " + rig_->prefix + "_00.msg_1_0 WHERE `offset` IN (2, 3)");
  ASSERT_TRUE(deleted.ok()) << deleted.error().ToString();
  idl::SearchMessagesRequest request = For("a");
  request.__set_partition(0);
  const auto reply = Search(request);
  ASSERT_TRUE(reply.ok()) << reply.error().ToString();
  EXPECT_THAT(BodiesOf(*reply), ElementsAre("a1", "a4", "a5"));
  ASSERT_EQ(reply->ranges.size(), 1u);
  ASSERT_EQ(reply->ranges[0].lost.size(), 1u);
  EXPECT_EQ(reply->ranges[0].lost[0].from_offset, 2);
  EXPECT_EQ(reply->ranges[0].lost[0].to_offset, 4);
  EXPECT_TRUE(reply->is_complete);
}

TEST_P(SearchTest, APartitionThatCannotBeReadIsToldAndTheOthersAreSearched) {
  Produce(0, {"a1"});
  rig_->meta.Change([](core::CatalogSnapshot& snapshot) {
    core::DataNode away = snapshot.nodes[0];
    away.id = core::NodeId{2};
    away.name = "n2";
    away.port = 1;  // Nobody listens there.
    snapshot.nodes.push_back(away);
    core::Topic split = broker::testing::TestTopic(1, "orders", 2);
    split.partitions[1].node = away.id;
    snapshot.topics = {split};
  });
  Result<idl::SearchMessagesResponse> reply = Error{ErrorCode::kUnknownServerError, "not asked"};
  ASSERT_TRUE(WaitFor(
      [&] {
        reply = Search(For("a"));
        return reply.ok() && reply->ranges.size() == 2 && reply->ranges[1].__isset.error;
      },
      std::chrono::seconds(60), "the broker knows the new place"));
  EXPECT_THAT(BodiesOf(*reply), ElementsAre("a1"));
  EXPECT_FALSE(reply->is_complete);
  EXPECT_THAT(reply->ranges[1].error.message, ::testing::HasSubstr("data node n2"));
  idl::SearchMessagesRequest request = For("a");
  request.__set_partition(1);
  EXPECT_NE(Refused(request), ErrorCode::kUnknownServerError) << "nothing could be read";
}

using HidingTest = AccessTest;
INSTANTIATE_TEST_SUITE_P(Engines, HidingTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(HidingTest, FetchShowsContentsToServicesAndToPeopleWhoMayPeek) {
  StartBroker();
  idl::ProduceRequest produce;
  auto& batch = produce.partitions.emplace_back();
  batch.topic = "orders";
  auto& message = batch.messages.emplace_back();
  message.__set_key("key");
  message.__set_body("body");
  message.__isset.headers = true;
  message.headers.emplace_back().name = "name";
  ASSERT_FALSE(CodeOf(As("shop").ProduceSync(at(), produce, In())));
  // People may what their teams may.
  const auto grant_to = [](const std::string& team, std::vector<Action> actions) {
    core::Grant grant = GrantTo(team, ResourceKind::kTopic, "orders", std::move(actions));
    grant.principal = {core::PrincipalKind::kTeam, team};
    return grant;
  };
  Change([&](core::AccessRecords& records) {
    for (const char* name : {"pat", "pia"}) {
      records.people.push_back({.name = name});
      const core::TokenText text = TokenOf(name);
      core::Token token;
      token.id = text.id;
      token.hash = Sha256(text.secret);
      token.person = name;
      records.tokens.push_back(token);
    }
    records.teams = {{.name = "consumers", .members = {{.person = "pat"}}},
                     {.name = "others"},
                     {.name = "peekers", .members = {{.person = "pia"}}},
                     {.name = "shops"}};
    records.grants = {grant_to("consumers", {Action::kConsume}),
                      grant_to("peekers", {Action::kConsume, Action::kPeek}),
                      GrantTo("guest", ResourceKind::kTopic, "orders", {Action::kConsume})};
    for (const char* team : {"consumers", "peekers"}) {
      core::Grant& grant = records.grants.emplace_back(grant_to(team, {Action::kConsume}));
      grant.kind = ResourceKind::kGroup;
      grant.name = "g";
    }
    for (std::size_t i = 0; i < records.grants.size(); ++i) {
      records.grants[i].id = static_cast<std::int64_t>(i) + 1;
    }
  });
  const std::pair<const char*, bool> readers[] = {
      {"shop", false}, {"guest", false}, {"operator", false}, {"pia", false}, {"pat", true}};
  for (const auto& [reader, is_hidden] : readers) {
    SCOPED_TRACE(reader);
    const auto reply = As(reader).FetchSync(at(), FetchOf({"orders"}), In());
    ASSERT_TRUE(reply.ok()) << reply.error().ToString();
    ASSERT_EQ(reply->partitions.size(), 1u);
    const idl::FetchPartitionResult& part = reply->partitions[0];
    ASSERT_FALSE(part.__isset.error) << part.error.message;
    EXPECT_EQ(part.__isset.is_hidden && part.is_hidden, is_hidden);
    ASSERT_EQ(part.messages.size(), 1u);
    const idl::StoredMessage& got = part.messages[0];
    EXPECT_EQ(got.offset, 1);
    EXPECT_GT(got.timestamp_us, 0);
    EXPECT_EQ(got.key, is_hidden ? "" : "key");
    EXPECT_EQ(got.body, is_hidden ? "" : "body");
    EXPECT_EQ(got.__isset.body, !is_hidden);
    EXPECT_EQ(got.headers.size(), is_hidden ? 0u : 1u);
  }
  idl::SearchMessagesRequest search;
  search.topic = "orders";
  EXPECT_EQ(CodeOf(As("pat").SearchMessagesSync(at(), search, In())),
            ErrorCode::kTopicAuthorizationFailed);
  EXPECT_FALSE(CodeOf(As("pia").SearchMessagesSync(at(), search, In())));
  // Nor do people read what they have failed themselves.
  idl::FetchRetriesRequest retries;
  retries.group = "g";
  retries.partitions.emplace_back().topic = "orders";
  EXPECT_EQ(CodeOf(As("pat").FetchRetriesSync(at(), retries, In())),
            ErrorCode::kTopicAuthorizationFailed);
  EXPECT_NE(CodeOf(As("pia").FetchRetriesSync(at(), retries, In())),
            ErrorCode::kTopicAuthorizationFailed);
  idl::SettleRequest settle;
  settle.group = "g";
  idl::SettlePartition& settled = settle.partitions.emplace_back();
  settled.topic = "orders";
  idl::CommitPartition commit;
  commit.topic = "orders";
  commit.offset = 2;
  settled.__set_commit(commit);
  idl::LogFailure failure;
  failure.offset = 1;
  failure.attempts = 1;
  failure.is_fatal = true;
  failure.note.reason = "bad";
  settled.__set_failures({failure});
  ASSERT_FALSE(CodeOf(As("pat").SettleSync(at(), settle, In())));
  idl::ListDeadLettersRequest list;
  list.filter.group = "g";
  list.__set_with_bodies(true);
  for (const auto& [reader, is_hidden] : {std::pair("pat", true), std::pair("pia", false)}) {
    SCOPED_TRACE(reader);
    const auto letters = As(reader).ListDeadLettersSync(at(), list, In());
    ASSERT_TRUE(letters.ok()) << letters.error().ToString();
    ASSERT_EQ(letters->letters.size(), 1u);
    EXPECT_EQ(letters->letters[0].message.body, is_hidden ? "" : "body");
  }
}

}  // namespace
}  // namespace lanemq::testing
