// Who may do what, on metaservers that ask: from the first token to the last refusal.
#include <sys/stat.h>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "sql/migrate/migrator.h"
#include "tests/integration/meta/access_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr milliseconds kRevokedWithin{2'000};

template <typename T>
ErrorCode CodeOf(const Result<T>& result) {
  return result.ok() ? ErrorCode::kUnknownServerError : result.error().code;
}

INSTANTIATE_TEST_SUITE_P(On, AccessTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(AccessTest, TheSetUpTokenIsWrittenOnceAndNeverShown) {
  struct stat info {};
  ASSERT_EQ(::stat(TokenFile().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const auto who = StockClient(meta_->endpoint()).Authenticate(tokens_["setup"]);
  ASSERT_TRUE(who.ok()) << who.error().ToString();
  EXPECT_EQ(who->principal, "service:setup");
  EXPECT_THAT(meta_->process().Stderr(), HasSubstr(TokenFile()));
  setup_.reset();
  EXPECT_EQ(meta_->process().Terminate(seconds{20}), 0);
  EXPECT_THAT(meta_->process().Stderr(), Not(HasSubstr(tokens_["setup"])));

  std::filesystem::remove(TokenFile());
  meta_ = StartMeta();
  EXPECT_FALSE(std::filesystem::exists(TokenFile()));
  EXPECT_TRUE(StockClient(meta_->endpoint(), tokens_["setup"]).Metadata().ok());
}

TEST_P(AccessTest, WhoSaysNothingOrTheWrongThingIsServedNothing) {
  StockClient nobody(meta_->endpoint());
  EXPECT_EQ(CodeOf(nobody.Metadata()), ErrorCode::kAuthenticationFailed);
  EXPECT_TRUE(nobody.Call(&idl::CommonIf::serverInfo, idl::ServerInfoRequest{}).ok());
  std::string wrong = tokens_["setup"];
  wrong.back() = wrong.back() == 'a' ? 'b' : 'a';
  for (const std::string& token : {wrong, std::string("nonsense"), std::string()}) {
    const auto refused = nobody.Authenticate(token);
    EXPECT_EQ(CodeOf(refused), ErrorCode::kAuthenticationFailed);
    EXPECT_EQ(CodeOf(nobody.Metadata()), ErrorCode::kAuthenticationFailed);
  }
  EXPECT_THAT(meta_->process().Stderr(), Not(HasSubstr(wrong.substr(15))));
  // It may still say who it is.
  EXPECT_TRUE(nobody.Authenticate(tokens_["setup"]).ok());
  EXPECT_TRUE(nobody.Metadata().ok());
}

TEST_P(AccessTest, ARevokedTokenEndsConnectionsAndParkedCallsEverywhere) {
  MakeWorld();
  const auto other = StartMeta();
  StockClient open(other->endpoint(), tokens_["cart"]);
  ASSERT_TRUE(open.Metadata().ok());
  idl::FindCoordinatorRequest find;
  find.group = "pickers";
  std::unique_ptr<StockClient> member;
  idl::JoinGroupRequest join;
  join.group = "pickers";
  join.session_timeout_ms = join.rebalance_timeout_ms = 60'000;
  join.protocols = {"range"};
  ASSERT_TRUE(WaitFor(
      [&] {
        for (const MetaProcess* meta : {meta_.get(), other.get()}) {
          member = std::make_unique<StockClient>(meta->endpoint(), tokens_["cart"]);
          const auto first = member->Call(&idl::ControlPlaneIf::joinGroup, join);
          if (!first.ok()) continue;
          join.member_id = first->member_id;
          return true;
        }
        return false;
      },
      seconds{30}, "the group has a coordinator"));
  Result<idl::JoinGroupResponse> parked = Error{};
  std::jthread waits([&] { parked = member->Call(&idl::ControlPlaneIf::joinGroup, join); });
  // The group waits a minute for more members.
  idl::DescribeGroupRequest describe;
  describe.group = "pickers";
  StockClient ops_here(meta_->endpoint(), tokens_["ops"]);
  StockClient ops_there(other->endpoint(), tokens_["ops"]);
  ASSERT_TRUE(WaitFor(
      [&] {
        for (StockClient* ops : {&ops_here, &ops_there}) {
          const auto group = ops->Call(&idl::ControlPlaneIf::describeGroup, describe);
          if (group.ok() && group->members.size() == 1) return true;
        }
        return false;
      },
      seconds{30}, "it has joined"));

  const auto began = SystemClock::Instance().Now();
  Revoke(tokens_["cart"]);
  waits.join();
  EXPECT_LT(SystemClock::Instance().Now() - began, kRevokedWithin);
  EXPECT_FALSE(parked.ok());
  EXPECT_TRUE(WaitFor([&] { return CodeOf(open.Metadata()) == ErrorCode::kNetworkException; },
                      kRevokedWithin, "the open connection is closed"));
  EXPECT_LT(SystemClock::Instance().Now() - began, kRevokedWithin);
  EXPECT_EQ(CodeOf(StockClient(other->endpoint()).Authenticate(tokens_["cart"])),
            ErrorCode::kAuthenticationFailed);
  // Nobody else was sent away.
  EXPECT_TRUE(ops_here.Metadata().ok());
  EXPECT_TRUE(ops_there.Metadata().ok());
}

TEST_P(AccessTest, ATokenEndsByTheClockAlsoOnAnOpenConnection) {
  MakeWorld();
  StockClient open(meta_->endpoint(), tokens_["cart"]);
  ASSERT_TRUE(open.Metadata().ok());
  // Shorter than one may ask for; the poll has to notice first, so there is some time.
  const auto changed = server_->Query(fmt::format(
      "UPDATE {0}.service_tokens SET expires_at = UTC_TIMESTAMP(6) + INTERVAL 3 SECOND WHERE id = "
      "'{1}'; UPDATE {0}.access_state SET version = version + 1",
      sql::MetaSchema(prefix_), IdOf(tokens_["cart"])));
  ASSERT_TRUE(changed.ok()) << changed.error().ToString();
  EXPECT_TRUE(open.Metadata().ok());
  EXPECT_TRUE(WaitFor([&] { return !open.Metadata().ok(); }, seconds{10}, "it has ended"));
  EXPECT_TRUE(WaitFor([&] { return CodeOf(open.Metadata()) == ErrorCode::kNetworkException; },
                      seconds{10}, "and so has its connection"));
  EXPECT_EQ(CodeOf(StockClient(meta_->endpoint()).Authenticate(tokens_["cart"])),
            ErrorCode::kAuthenticationFailed);
}

TEST_P(AccessTest, ADisabledServiceIsSentAwayAndComesBack) {
  MakeWorld();
  StockClient open(meta_->endpoint(), tokens_["cart"]);
  idl::PutServiceRequest request;
  request.definition.name = "cart";
  request.definition.__set_team("shop");
  request.definition.__set_disabled(true);
  Do(&idl::ControlPlaneIf::putService, request);
  EXPECT_TRUE(WaitFor([&] { return CodeOf(open.Metadata()) == ErrorCode::kNetworkException; },
                      kRevokedWithin, "it is sent away"));
  request.definition.__set_disabled(false);
  Do(&idl::ControlPlaneIf::putService, request);
  EXPECT_TRUE(StockClient(meta_->endpoint(), tokens_["cart"]).Metadata().ok());
}

TEST_P(AccessTest, AGrantCountsWhileItIsThere) {
  MakeWorld();
  StockClient billing(meta_->endpoint(), tokens_["billing"]);
  idl::DescribeGroupRequest describe;
  describe.group = "pickers";
  const auto code = [&] {
    return CodeOf(billing.Call(&idl::ControlPlaneIf::describeGroup, describe));
  };
  EXPECT_EQ(code(), ErrorCode::kGroupAuthorizationFailed);
  idl::PutGrantRequest put;
  put.grant.kind = "group";
  put.grant.name = "pick";
  put.grant.__set_is_prefix(true);
  put.grant.principal = "team:payments";
  put.grant.actions = {"describe"};
  const auto grants = Do(&idl::ControlPlaneIf::putGrant, put).grants;
  ASSERT_EQ(grants.size(), 1u);
  EXPECT_NE(code(), ErrorCode::kGroupAuthorizationFailed);
  idl::DeleteGrantRequest remove;
  remove.id = grants[0].id;
  EXPECT_TRUE(Do(&idl::ControlPlaneIf::deleteGrant, remove).grants.empty());
  EXPECT_EQ(code(), ErrorCode::kGroupAuthorizationFailed);
}

TEST_P(AccessTest, TheAuditLogTellsOfChangesAndOfRefusals) {
  MakeWorld();
  StockClient ops(meta_->endpoint(), tokens_["ops"]);
  idl::SetAlertRuleRequest rule;
  rule.rule.kind = "no-such-kind";
  StockClient billing(meta_->endpoint(), tokens_["billing"]);
  idl::DeleteTopicRequest remove;
  remove.name = "orders";
  remove.origin.__set_reason("I want it gone");
  remove.__isset.origin = true;
  const auto refused = billing.Call(&idl::ControlPlaneIf::deleteTopic, remove);
  ASSERT_EQ(CodeOf(refused), ErrorCode::kTopicAuthorizationFailed);

  idl::SearchAuditRequest denied;
  denied.__set_result("denied");
  ASSERT_TRUE(WaitFor([&] { return Audit(denied).size() == 1; }, seconds{20}, "it is kept"));
  const idl::AuditEvent event = Audit(denied)[0];
  EXPECT_EQ(event.actor, "service:billing");
  EXPECT_EQ(event.action, "deleteTopic");
  EXPECT_EQ(event.object_kind, "topic");
  EXPECT_EQ(event.object_name, "orders");
  EXPECT_EQ(event.reason, "I want it gone");
  EXPECT_THAT(event.source, HasSubstr("127.0.0.1:"));
  EXPECT_THAT(refused.error().message, HasSubstr(event.request_id));

  idl::SearchAuditRequest of_service;
  of_service.__set_object_kind("service");
  of_service.__set_object_name("cart");
  of_service.__set_action("putService");  // Its tokens are about it, too.
  const auto changes = Audit(of_service);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].actor, "service:setup");
  EXPECT_EQ(changes[0].result, "ok");
  EXPECT_FALSE(changes[0].__isset.before_json);
  EXPECT_THAT(changes[0].after_json, HasSubstr("shop"));
  const auto rows = server_->Query(fmt::format(
      "SELECT CONCAT_WS(' ', actor, source, object_name, before_json, after_json, reason) FROM "
      "{}.audit_events",
      sql::MetaSchema(prefix_)));
  ASSERT_TRUE(rows.ok());
  for (const auto& [service, token] : tokens_) {
    EXPECT_THAT(*rows, Not(HasSubstr(token.substr(15)))) << service;
  }
}

TEST_P(AccessTest, WhoNamesAPersonHasNoRightsOfHis) {
  MakeWorld();
  idl::ForgetOutboxRequest request;
  request.outbox = "none";
  request.origin.__set_on_behalf_of("person:ann");
  request.__isset.origin = true;
  StockClient ops(meta_->endpoint(), tokens_["ops"]);
  EXPECT_EQ(CodeOf(ops.Call(&idl::ControlPlaneIf::forgetOutbox, request)),
            ErrorCode::kClusterAuthorizationFailed);
  StockClient portal(meta_->endpoint(), tokens_["portal"]);
  EXPECT_EQ(CodeOf(portal.Call(&idl::ControlPlaneIf::forgetOutbox, request)),
            ErrorCode::kClusterAuthorizationFailed);
  EXPECT_TRUE(WaitFor(
      [&] {
        idl::SearchAuditRequest denied;
        denied.__set_action("forgetOutbox");
        const auto events = Audit(denied);
        return events.size() == 2 && events[0].actor == "service:portal" &&
               events[0].on_behalf_of == "person:ann" && events[1].actor == "service:ops" &&
               !events[1].__isset.on_behalf_of;
      },
      seconds{20}, "the refusals are kept, and the claim of the gateway alone"));
}

TEST_P(AccessTest, AnybodyMayAskWhatHeMayDo) {
  MakeWorld();
  StockClient cart(meta_->endpoint(), tokens_["cart"]);
  idl::ExplainAccessRequest request;
  request.kind = "topic";
  request.name = "orders";
  request.action = "produce";
  auto answer = cart.Call(&idl::ControlPlaneIf::explainAccess, request);
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_TRUE(answer->is_allowed) << answer->because;
  request.__set_principal("service:billing");
  EXPECT_EQ(CodeOf(cart.Call(&idl::ControlPlaneIf::explainAccess, request)),
            ErrorCode::kClusterAuthorizationFailed);
  StockClient ops(meta_->endpoint(), tokens_["ops"]);
  answer = ops.Call(&idl::ControlPlaneIf::explainAccess, request);
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_FALSE(answer->is_allowed);
  EXPECT_THAT(answer->because, HasSubstr("shop"));
  request.action = "fly";
  EXPECT_EQ(CodeOf(ops.Call(&idl::ControlPlaneIf::explainAccess, request)),
            ErrorCode::kInvalidRequest);
}

TEST_P(AccessTest, ServersGetTheBookWhenTheyHaveAnother) {
  MakeWorld();
  StockClient broker(meta_->endpoint(), tokens_["broker-1"]);
  const auto book = broker.Call(&idl::ControlPlaneIf::accessBook, idl::AccessBookRequest{});
  ASSERT_TRUE(book.ok()) << book.error().ToString();
  EXPECT_EQ(book->teams.size(), 2u);
  EXPECT_EQ(book->services.size(), 7u);
  EXPECT_EQ(book->tokens.size(), 7u);
  EXPECT_EQ(book->owners.size(), 2u);
  for (const idl::BookToken& token : book->tokens) EXPECT_EQ(token.hash.size(), 32u);
  idl::AccessBookRequest same;
  same.__set_version(book->version);
  const auto unchanged = broker.Call(&idl::ControlPlaneIf::accessBook, same);
  ASSERT_TRUE(unchanged.ok());
  EXPECT_EQ(unchanged->version, book->version);
  EXPECT_EQ(unchanged->cluster_id, book->cluster_id);
  EXPECT_FALSE(unchanged->__isset.services);
}

TEST_P(AccessTest, AnOlderDatabaseBringsNothingBackUntilTheNextChange) {
  MakeWorld();
  StockClient broker(meta_->endpoint(), tokens_["broker-1"]);
  const auto ask = [&](const idl::AccessBookRequest& request) {
    return broker.Call(&idl::ControlPlaneIf::accessBook, request);
  };
  const auto before = ask({});
  ASSERT_TRUE(before.ok()) << before.error().ToString();
  idl::AccessBookRequest same;
  same.__set_version(before->version);
  ASSERT_TRUE(ask(same).ok());
  Revoke(tokens_["cart"]);
  const std::int64_t revoked = ask({})->version;
  EXPECT_GT(revoked, before->version);
  // As if the database had failed over, and had lost the revocation.
  const auto undone = server_->Query(fmt::format("UPDATE {}.access_state SET version = {}",
                                                 sql::MetaSchema(prefix_), before->version));
  ASSERT_TRUE(undone.ok()) << undone.error().ToString();
  same.__set_version(revoked);
  EXPECT_TRUE(WaitFor([&] { return CodeOf(ask(same)) == ErrorCode::kMetadataUnavailable; },
                      seconds{20}, "brokers are sent to another"));
  EXPECT_EQ(ask({})->version, revoked) << "who has no book gets the last";
  EXPECT_EQ(CodeOf(StockClient(meta_->endpoint()).Authenticate(tokens_["cart"])),
            ErrorCode::kAuthenticationFailed);
  EXPECT_THAT(meta_->process().Stderr(), HasSubstr("access.book_went_back"));

  MakeTeam("next");
  const auto next = ask(same);
  ASSERT_TRUE(next.ok()) << next.error().ToString();
  EXPECT_GT(next->version, revoked);
  EXPECT_EQ(next->teams.size(), 3u);
  const std::string log = meta_->process().Stderr();
  EXPECT_EQ(log.find("access.book_went_back"), log.rfind("access.book_went_back")) << "told once";
}

TEST_P(AccessTest, CutOffFromItsDatabaseItSendsBrokersToAnother) {
  MakeWorld();
  const auto book = StockClient(meta_->endpoint(), tokens_["broker-1"])
                        .Call(&idl::ControlPlaneIf::accessBook, idl::AccessBookRequest{});
  ASSERT_TRUE(book.ok()) << book.error().ToString();
  idl::AccessBookRequest same;
  same.__set_version(book->version);
  StockClient broker(meta_->endpoint(), tokens_["broker-1"]);
  ASSERT_TRUE(broker.Call(&idl::ControlPlaneIf::accessBook, same).ok());
  // Without the table the version cannot be read, whatever else can.
  const std::string table = sql::MetaSchema(prefix_) + ".access_state";
  ASSERT_TRUE(server_->Query(fmt::format("RENAME TABLE {0} TO {0}_gone", table)).ok());
  EXPECT_TRUE(WaitFor(
      [&] {
        return CodeOf(broker.Call(&idl::ControlPlaneIf::accessBook, same)) ==
               ErrorCode::kMetadataUnavailable;
      },
      seconds{20}, "it cannot say whether that is the newest"));
  const auto last = broker.Call(&idl::ControlPlaneIf::accessBook, idl::AccessBookRequest{});
  ASSERT_TRUE(last.ok()) << last.error().ToString();
  EXPECT_EQ(last->version, book->version);
  ASSERT_TRUE(server_->Query(fmt::format("RENAME TABLE {0}_gone TO {0}", table)).ok());
  EXPECT_TRUE(WaitFor([&] { return broker.Call(&idl::ControlPlaneIf::accessBook, same).ok(); },
                      seconds{20}, "it can again"));
}

TEST_P(AccessTest, TokensAreListedWithoutTheirSecrets) {
  MakeWorld();
  idl::IssueTokenRequest request;
  request.service_name = "cart";
  request.__set_note("the second one");
  request.__set_expires_in_s(3'600);
  const auto issued = Do(&idl::ControlPlaneIf::issueToken, request);
  EXPECT_THAT(issued.secret, HasSubstr("lmq_" + issued.token.id + "_"));
  idl::ListTokensRequest list;
  list.__set_service_name("cart");
  const auto tokens = Do(&idl::ControlPlaneIf::listTokens, list).tokens;
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_EQ(tokens[0].id, issued.token.id);  // The newest first.
  EXPECT_EQ(tokens[0].note, "the second one");
  EXPECT_EQ(tokens[0].created_by, "service:setup");
  EXPECT_TRUE(tokens[0].__isset.expires_at_us);
  EXPECT_THAT(Text(tokens), Not(HasSubstr(issued.secret.substr(15))));
  // Both count until one is revoked: that is how tokens are changed.
  Revoke(tokens_["cart"]);
  EXPECT_TRUE(StockClient(meta_->endpoint(), issued.secret).Metadata().ok());
  request.__set_expires_in_s(59);
  EXPECT_EQ(CodeOf(setup_->Call(&idl::ControlPlaneIf::issueToken, request)),
            ErrorCode::kInvalidRequest);
}

}  // namespace
}  // namespace lanemq::testing
