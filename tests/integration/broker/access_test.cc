// A guarded broker: who is let in, what is refused in part, and what happens when rights go away.
#include <atomic>
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/access_client.h"
#include "common/rpc/test_certificates.h"
#include "common/rpc/tls.h"
#include "tests/integration/broker/access_rig.h"

namespace lanemq::testing {
namespace {

using core::Action;
using core::ResourceKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Code = idl::ErrorCode;

class BrokerAccessTest : public AccessTest {
 protected:
  /// A long poll, and what came of it.
  struct Waiting {
    std::atomic<bool> is_over{false};
    std::optional<Result<idl::FetchResponse>> reply;  // Once it is over.
  };
  /// Parks a fetch of a service behind the end of the topics.
  std::shared_ptr<Waiting> Park(const std::string& service, const std::vector<std::string>& topics,
                                const std::string& group = "") {
    const std::size_t before = broker_->broker.parked_fetches();
    const auto waiting = std::make_shared<Waiting>();
    idl::FetchRequest request = FetchOf(topics, 1, 30'000);
    if (!group.empty()) request.__set_group(group);
    As(service).Fetch(at(), request, In(), [waiting](Result<idl::FetchResponse> reply) {
      waiting->reply = std::move(reply);
      waiting->is_over = true;
    });
    EXPECT_TRUE(WaitFor([&] { return broker_->broker.parked_fetches() == before + 1; }, seconds(20),
                        "the fetch to be parked"));
    return waiting;
  }
  static ::testing::AssertionResult EndsSoon(const Waiting& waiting) {
    return WaitFor([&] { return waiting.is_over.load(); }, seconds(2), "the end of the fetch");
  }
};
INSTANTIATE_TEST_SUITE_P(On, BrokerAccessTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(BrokerAccessTest, AProduceIsRefusedForEachTopicByItself) {
  StartBroker();
  const auto reply = Produce("shop", {"secrets", "orders", "secrets", "nowhere"});
  ASSERT_TRUE(reply.ok()) << reply.error().ToString();
  ASSERT_EQ(reply->partitions.size(), 4u);
  EXPECT_EQ(reply->partitions[0].error.code, Code::TOPIC_AUTHORIZATION_FAILED);
  EXPECT_THAT(reply->partitions[0].error.message, ::testing::HasSubstr("service:shop"));
  EXPECT_THAT(reply->partitions[0].error.message, ::testing::HasSubstr("others")) << "whom to ask";
  EXPECT_FALSE(reply->partitions[1].__isset.error);
  EXPECT_EQ(reply->partitions[1].base_offset, 1);
  EXPECT_EQ(reply->partitions[1].topic, "orders");
  EXPECT_EQ(reply->partitions[2].error.code, Code::TOPIC_AUTHORIZATION_FAILED);
  EXPECT_EQ(reply->partitions[3].error.code, Code::TOPIC_AUTHORIZATION_FAILED);
  const auto all = As("admin").FetchSync(at(), FetchOf({"orders", "secrets"}), In());
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->partitions.size(), 1u) << "nothing was stored where it may not";
  EXPECT_EQ(all->partitions[0].messages.size(), 1u);
}

TEST_P(BrokerAccessTest, AFetchAnswersAtOnceWithWhatIsAllowedAndWhatIsNot) {
  StartBroker();
  ASSERT_FALSE(CodeOf(Produce("shop", {"orders"})));
  ASSERT_FALSE(CodeOf(Produce("stranger", {"secrets"})));
  const auto reply = As("shop").FetchSync(at(), FetchOf({"orders", "secrets"}, 1, 20'000), In());
  ASSERT_TRUE(reply.ok()) << reply.error().ToString();
  ASSERT_EQ(reply->partitions.size(), 2u);
  for (const auto& partition : reply->partitions) {
    if (partition.topic == "orders") {
      EXPECT_EQ(partition.messages.size(), 1u);
    } else {
      EXPECT_EQ(partition.error.code, Code::TOPIC_AUTHORIZATION_FAILED);
      EXPECT_TRUE(partition.messages.empty());
    }
  }
  // Behind the end there is nothing but the refusal to tell, which does not wait.
  const MonotonicTime begun = SystemClock::Instance().Now();
  const auto rest = As("shop").FetchSync(at(), FetchOf({"orders", "secrets"}, 2, 20'000), In());
  EXPECT_EQ(CodeOf(rest), ErrorCode::kTopicAuthorizationFailed);
  EXPECT_LT(SystemClock::Instance().Now() - begun, seconds(10));
}

TEST_P(BrokerAccessTest, AFetchForAGroupAndACommitNeedTheGroupAsWell) {
  StartBroker();
  ASSERT_FALSE(CodeOf(Produce("shop", {"orders"})));
  idl::FetchRequest fetch = FetchOf({"orders"});
  fetch.__set_group("g");
  EXPECT_FALSE(CodeOf(As("shop").FetchSync(at(), fetch, In())));
  fetch.__set_group("spies");
  const auto spied = As("shop").FetchSync(at(), fetch, In());
  ASSERT_FALSE(spied.ok());
  EXPECT_EQ(spied.error().code, ErrorCode::kGroupAuthorizationFailed);

  idl::CommitOffsetsRequest commit;
  commit.group = "g";
  for (const char* topic : {"orders", "secrets"}) {
    auto& partition = commit.partitions.emplace_back();
    partition.topic = topic;
    partition.offset = 1;
  }
  const auto committed = As("shop").CommitOffsetsSync(at(), commit, In());
  ASSERT_TRUE(committed.ok());
  EXPECT_FALSE(committed->partitions.at(0).__isset.error);
  EXPECT_EQ(committed->partitions.at(1).error.code, Code::TOPIC_AUTHORIZATION_FAILED);
  const auto by_stranger = As("stranger").CommitOffsetsSync(at(), commit, In());
  ASSERT_FALSE(by_stranger.ok()) << "the group is one thing: refused whole";
  EXPECT_EQ(by_stranger.error().code, ErrorCode::kGroupAuthorizationFailed);
}

TEST_P(BrokerAccessTest, WhoHasNotSaidWhoHeIsGetsNothing) {
  StartBroker();
  EXPECT_EQ(CodeOf(Produce("", {"orders"})), ErrorCode::kAuthenticationFailed);
  EXPECT_TRUE(As("").ServerInfoSync(at(), {}, In()).ok());
  rpc::RpcClient transport;
  rpc::AccessClient client(transport);
  const auto authenticate = [&](const std::string& token) {
    idl::AuthenticateRequest request;
    request.token = token;
    return client.AuthenticateSync(at(), request, In());
  };
  core::TokenText wrong = TokenOf("shop");
  wrong.secret.back() = 'y';
  for (const std::string& token :
       {std::string(), std::string("shop"), wrong.ToString(), TokenOf("nobody").ToString()}) {
    auto reply = authenticate(token);
    // A token that might be a new one is looked into first; who asks all the time is held up.
    EXPECT_TRUE(WaitFor(
        [&] {
          if (reply.ok() || RetryOf(reply.error().code) == Retry::kNever) return true;
          reply = authenticate(token);
          return false;
        },
        seconds(10), "a verdict"));
    ASSERT_FALSE(reply.ok()) << token;
    EXPECT_EQ(reply.error().code, ErrorCode::kAuthenticationFailed);
    if (!token.empty()) {
      EXPECT_EQ(reply.error().message.find(token), std::string::npos) << "secrets are not repeated";
    }
  }
  const auto reply = authenticate(TokenOf("shop").ToString());
  ASSERT_TRUE(reply.ok()) << reply.error().ToString();
  EXPECT_EQ(reply->principal, "service:shop");
}

TEST_P(BrokerAccessTest, ATokenOfAMomentAgoWorksWithoutWaitingForTheNextRound) {
  access_interval_ = std::chrono::minutes(10);
  StartBroker();
  const std::int64_t known = broker_->broker.guard().book()->version();
  rig_->meta.ChangeAccess([](core::AccessRecords& records) {
    records.services.push_back({.name = "zoe", .team = "shops"});
    core::Token token;
    token.id = TokenOf("zoe").id;
    token.hash = Sha256(TokenOf("zoe").secret);
    token.service = "zoe";
    records.tokens.push_back(token);
  });
  const MonotonicTime begun = SystemClock::Instance().Now();
  const auto first = CodeOf(Produce("zoe", {"orders"}));
  EXPECT_EQ(first, ErrorCode::kMetadataUnavailable) << "it is to come again";
  EXPECT_TRUE(WaitFor([&] { return !CodeOf(Produce("zoe", {"orders"})); }, seconds(10),
                      "the broker to know the token"));
  EXPECT_LT(SystemClock::Instance().Now() - begun, seconds(5));
  EXPECT_GT(broker_->broker.guard().book()->version(), known);
}

TEST_P(BrokerAccessTest, ObservingEverybodyIsServedAndWhatWouldBeRefusedIsCounted) {
  auth_ = AuthMode::kObserve;
  StartBroker();
  EXPECT_FALSE(CodeOf(Produce("", {"orders"}))) << "who says nothing";
  EXPECT_FALSE(CodeOf(Produce("unknown", {"orders"}))) << "whose token nobody knows";
  EXPECT_FALSE(CodeOf(Produce("shop", {"secrets"}))) << "who may not";
  EXPECT_FALSE(CodeOf(Produce("shop", {"orders"})));
  const auto observed = broker_->broker.guard().log().observed();
  EXPECT_EQ(observed.at("produce"), 3u);
  EXPECT_EQ(observed.at("authenticate"), 1u);
}

TEST_P(BrokerAccessTest, ARevokedTokenEndsItsParkedFetchAndItsConnection) {
  StartBroker();
  const auto waiting = Park("shop", {"orders"});
  const auto other = Park("operator", {"orders"});
  rig_->meta.ChangeAccess([](core::AccessRecords& records) {
    std::erase_if(records.tokens, [](const core::Token& t) { return t.service == "shop"; });
  });
  ASSERT_TRUE(EndsSoon(*waiting));
  EXPECT_TRUE(WaitFor([&] { return broker_->broker.parked_fetches() == 1; }, seconds(2),
                      "the place to be free"));
  EXPECT_FALSE(other->is_over) << "nobody else is disturbed";
  EXPECT_TRUE(!waiting->reply->ok() || waiting->reply->value().partitions.at(0).__isset.error);
  EXPECT_EQ(CodeOf(Produce("shop", {"orders"})), ErrorCode::kAuthenticationFailed);
}

TEST_P(BrokerAccessTest, ALostGrantEndsTheParkedFetchAndNothingElse) {
  StartBroker();
  Change([](core::AccessRecords& records) {
    records.grants = {GrantTo("guest", ResourceKind::kTopic, "orders", {Action::kConsume})};
  });
  const auto waiting = Park("guest", {"orders"});
  const auto other = Park("shop", {"orders"});
  rig_->meta.ChangeAccess([](core::AccessRecords& records) { records.grants.clear(); });
  ASSERT_TRUE(EndsSoon(*waiting));
  ASSERT_TRUE(waiting->reply->ok()) << waiting->reply->error().ToString();
  EXPECT_EQ(CodeOf(*waiting->reply), ErrorCode::kTopicAuthorizationFailed);
  EXPECT_FALSE(other->is_over);
  EXPECT_TRUE(As("guest").MetadataSync(at(), {}, In()).ok()) << "he is still who he is";
  ASSERT_FALSE(CodeOf(Produce("shop", {"orders"})));
  ASSERT_TRUE(EndsSoon(*other));
  EXPECT_FALSE(CodeOf(*other->reply));
}

TEST_P(BrokerAccessTest, ALostGroupEndsTheParkedFetchToo) {
  StartBroker();
  const auto waiting = Park("shop", {"orders"}, "g");
  rig_->meta.ChangeAccess([](core::AccessRecords& records) {
    std::erase_if(records.owners, [](const core::Owner& owner) { return owner.name == "g"; });
  });
  ASSERT_TRUE(EndsSoon(*waiting));
  EXPECT_EQ(CodeOf(*waiting->reply), ErrorCode::kGroupAuthorizationFailed);
}

TEST_P(BrokerAccessTest, AGrantThatEndsByItselfEndsTheParkedFetch) {
  StartBroker();
  const WallTime end = FromNow(seconds(1));
  Change([&](core::AccessRecords& records) {
    records.grants = {GrantTo("guest", ResourceKind::kTopic, "orders", {Action::kConsume}, end)};
  });
  const auto waiting = Park("guest", {"orders"});
  ASSERT_TRUE(WaitFor([&] { return waiting->is_over.load(); }, seconds(3), "the end"));
  EXPECT_GE(SystemClock::Instance().WallNow(), end);
  EXPECT_EQ(CodeOf(*waiting->reply), ErrorCode::kTopicAuthorizationFailed);
}

TEST_P(BrokerAccessTest, WithoutAMetaserverTheLastBookHoldsAlsoAfterARestart) {
  StartBroker();
  ASSERT_FALSE(CodeOf(Produce("shop", {"orders"})));
  rig_->meta.SetAllDown(true);
  EXPECT_FALSE(CodeOf(Produce("shop", {"orders"})));
  EXPECT_EQ(CodeOf(Produce("shop", {"secrets"})), ErrorCode::kTopicAuthorizationFailed);
  clients_.clear();
  StartBroker();
  EXPECT_FALSE(CodeOf(Produce("shop", {"orders"}))) << "from disk";
  EXPECT_EQ(CodeOf(Produce("shop", {"secrets"})), ErrorCode::kTopicAuthorizationFailed);
  EXPECT_EQ(CodeOf(Produce("", {"orders"})), ErrorCode::kAuthenticationFailed);
}

TEST_P(BrokerAccessTest, BeforeTheFirstBookNobodyIsLetInAndToldToComeAgain) {
  rig_->meta.RefuseAccess(Error{ErrorCode::kMetadataUnavailable, "starting"});
  StartBroker();
  EXPECT_EQ(CodeOf(Produce("shop", {"orders"})), ErrorCode::kMetadataUnavailable);
  rig_->meta.RefuseAccess(std::nullopt);
  EXPECT_TRUE(
      WaitFor([&] { return !CodeOf(Produce("shop", {"orders"})); }, seconds(20), "the first book"));
}

TEST_P(BrokerAccessTest, ACertificateSaysWhoIsThere) {
  const rpc::test::TestAuthority authority;
  const rpc::test::PemFolder files;
  const std::string ca = files.Write("ca", authority.certificate());
  const auto own = authority.Issue({});
  auto tls = rpc::TlsServer::Make({.certificate_file = files.Write("server", own.certificate),
                                   .key_file = files.Write("server_key", own.key),
                                   .client_ca_file = ca});
  ASSERT_TRUE(tls.ok()) << tls.error().ToString();
  tls_ = *std::move(tls);
  StartBroker();
  const auto shops = authority.Issue({.common_name = "x", .names = {"URI:lanemq:service/shop"}});
  auto client = rpc::TlsClient::Make({.ca_file = ca,
                                      .certificate_file = files.Write("client", shops.certificate),
                                      .key_file = files.Write("client_key", shops.key)});
  ASSERT_TRUE(client.ok()) << client.error().ToString();
  rpc::ClientOptions options;
  options.tls = *std::move(client);
  rpc::RpcClient transport(options);
  rpc::DataPlaneClient shop(transport);
  idl::ListOffsetsRequest request;
  for (const char* topic : {"orders", "secrets"}) {
    auto& partition = request.partitions.emplace_back();
    partition.topic = topic;
    partition.timestamp_us = -1;
  }
  const auto reply = shop.ListOffsetsSync(at(), request, In());
  ASSERT_TRUE(reply.ok()) << reply.error().ToString();
  EXPECT_FALSE(reply->partitions.at(0).__isset.error);
  EXPECT_EQ(reply->partitions.at(1).error.code, Code::TOPIC_AUTHORIZATION_FAILED);
  EXPECT_FALSE(Produce("shop", {"orders"}).ok()) << "in plain there is no answer";

  Change([](core::AccessRecords& records) {
    for (core::Service& service : records.services) service.is_disabled = service.name == "shop";
  });
  EXPECT_FALSE(shop.ListOffsetsSync(at(), request, In()).ok()) << "the name counts no more";
}

TEST_P(BrokerAccessTest, ADelayedMessageIsCancelledByWhoMayProduceAndARedriveByItsGroup) {
  StartBroker();
  idl::ScheduleRequest schedule;
  schedule.partitions.emplace_back().topic = "orders";
  auto& delayed = schedule.partitions[0].messages.emplace_back();
  delayed.message.__set_body("later");
  delayed.due_us = FromNow(std::chrono::hours(1)).micros;
  const auto scheduled = As("shop").ScheduleSync(at(), schedule, In());
  ASSERT_FALSE(CodeOf(scheduled));
  idl::CancelRequest cancel;
  cancel.handles = scheduled->partitions.at(0).handles;
  EXPECT_EQ(CodeOf(As("stranger").CancelDelayedSync(at(), cancel, In())),
            ErrorCode::kTopicAuthorizationFailed);
  const auto cancelled = As("shop").CancelDelayedSync(at(), cancel, In());
  ASSERT_FALSE(CodeOf(cancelled));
  EXPECT_EQ(cancelled->results.at(0).state, idl::CancelState::CANCELLED) << "it was still there";

  idl::RedriveRequest redrive;
  redrive.id = 77;
  redrive.filter.group = "g";
  redrive.filter.__set_topic("secrets");
  redrive.__set_target(idl::RedriveTarget::TOPIC);
  Change([](core::AccessRecords& records) {
    records.grants = {GrantTo("shop", ResourceKind::kGroup, "g", {Action::kManage})};
  });
  EXPECT_EQ(CodeOf(As("shop").RedriveSync(at(), redrive, In())),
            ErrorCode::kTopicAuthorizationFailed)
      << "everybody who reads the topic would get them";
}

}  // namespace
}  // namespace lanemq::testing
