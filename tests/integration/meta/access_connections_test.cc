// Connections of metaservers that ask who is there: changing over, tokens of a moment ago,
// gateways, members that lose their rights.
#include <gmock/gmock.h>

#include "tests/integration/meta/access_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Beside the metaserver of AccessTest, which makes groups wait for a minute: on the same cluster,
/// one that does not, and after StopFirst() the only one.
class AccessConnectionsTest : public AccessTest {
 protected:
  std::unique_ptr<MetaProcess> StartAnother(const std::string& auth) {
    auto meta = std::make_unique<MetaProcess>(
        *server_, prefix_,
        std::vector<std::string>{"--auth=" + auth, "--group-initial-rebalance-delay-ms=0"});
    EXPECT_TRUE(meta->WaitReady());
    return meta;
  }
  void StopFirst(const MetaProcess& next) {
    setup_ = std::make_unique<StockClient>(next.endpoint(), tokens_["setup"]);
    EXPECT_EQ(meta_->process().Terminate(seconds{20}), 0);
  }
};
INSTANTIATE_TEST_SUITE_P(On, AccessConnectionsTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(AccessConnectionsTest, AMetaserverThatObservesServesEverybodyAndSaysWhatItWouldRefuse) {
  MakeWorld();
  const auto observing = StartAnother("observe");
  EXPECT_THAT(observing->process().Stderr(), HasSubstr("auth.observing"));
  StockClient nobody(observing->endpoint());
  EXPECT_TRUE(nobody.Metadata().ok());
  const auto welcome = nobody.Authenticate("lmq_nonsense");
  ASSERT_TRUE(welcome.ok()) << welcome.error().ToString();
  EXPECT_EQ(welcome->principal, "anonymous");
  StockClient billing(observing->endpoint(), tokens_["billing"]);
  idl::PutTeamRequest put;
  put.team.name = "made-by-billing";
  EXPECT_TRUE(billing.Call(&idl::ControlPlaneIf::putTeam, put).ok());
  EXPECT_TRUE(WaitFor(
      [&] {
        const std::string log = observing->process().Stderr();
        return log.find("access.would_refuse") != std::string::npos &&
               log.find("service:billing may not administer") != std::string::npos;
      },
      seconds{10}, "the line about it"));
  EXPECT_THAT(observing->process().Stderr(), Not(HasSubstr(tokens_["billing"].substr(15))));
}

TEST_P(AccessConnectionsTest, ATokenOfAMomentAgoIsNeverRefusedByAnotherMetaserver) {
  MakeWorld();
  const auto other = StartMeta();
  for (int i = 0; i < 5; ++i) {
    const std::string token = IssueToken("cart").secret;
    StockClient client(other->endpoint());
    Result<idl::AuthenticateResponse> welcome = Error{};
    ASSERT_TRUE(WaitFor(
        [&] {
          welcome = client.Authenticate(token);
          return welcome.ok() || RetryOf(welcome.error().code) == Retry::kNever;
        },
        seconds{10}, "a verdict"));
    EXPECT_TRUE(welcome.ok()) << welcome.error().ToString();
    EXPECT_EQ(welcome->principal, "service:cart");
  }
  // What nobody has issued is refused in the end.
  StockClient client(other->endpoint());
  std::string invented = tokens_["cart"];
  invented[5] = invented[5] == 'a' ? 'b' : 'a';
  EXPECT_TRUE(WaitFor(
      [&] {
        const auto refused = client.Authenticate(invented);
        return !refused.ok() && refused.error().code == ErrorCode::kAuthenticationFailed;
      },
      seconds{10}, "the refusal"));
}

TEST_P(AccessConnectionsTest, AGatewayCallsForSomebodyAndTheAuditLogHasHisAddress) {
  MakeWorld();
  StockClient through(meta_->endpoint());
  idl::AuthenticateRequest request;
  request.token = tokens_["root"];
  request.__set_gateway_token(tokens_["billing"]);
  request.__set_client_address("192.0.2.7");
  EXPECT_FALSE(through.Call(&idl::CommonIf::authenticate, request).ok()) << "that is no gateway";
  request.__set_gateway_token(tokens_["portal"]);
  const auto welcome = through.Call(&idl::CommonIf::authenticate, request);
  ASSERT_TRUE(welcome.ok()) << welcome.error().ToString();
  EXPECT_EQ(welcome->principal, "service:root");
  idl::PutTeamRequest put;
  put.team.name = "through-the-portal";
  ASSERT_TRUE(through.Call(&idl::ControlPlaneIf::putTeam, put).ok());
  idl::SearchAuditRequest search;
  search.__set_object_kind("team");
  search.__set_object_name("through-the-portal");
  const auto events = Audit(search);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].actor, "service:root");
  EXPECT_THAT(events[0].source, StartsWith("192.0.2.7 via 127.0.0.1:"));
}

TEST_P(AccessConnectionsTest, AMemberThatLosesItsGrantIsOutOfTheGroupWithinSeconds) {
  MakeWorld();
  const auto other = StartAnother("token");
  StopFirst(*other);
  idl::PutGrantRequest put;
  put.grant.kind = "group";
  put.grant.name = "pickers";
  put.grant.principal = "service:billing";
  put.grant.actions = {"consume"};
  const auto grants = Do(&idl::ControlPlaneIf::putGrant, put).grants;
  ASSERT_EQ(grants.size(), 1u);

  StockClient member(other->endpoint(), tokens_["billing"]);
  idl::JoinGroupRequest join;
  join.group = "pickers";
  join.session_timeout_ms = join.rebalance_timeout_ms = 600'000;
  join.protocols = {"range"};
  ASSERT_TRUE(WaitFor(
      [&] {
        const auto joined = member.Call(&idl::ControlPlaneIf::joinGroup, join);
        if (!joined.ok()) return false;
        join.member_id = joined->member_id;
        return !joined->__isset.error;
      },
      seconds{30}, "the member"));
  StockClient ops(other->endpoint(), tokens_["ops"]);
  idl::DescribeGroupRequest describe;
  describe.group = "pickers";
  const auto members = [&] {
    const auto group = ops.Call(&idl::ControlPlaneIf::describeGroup, describe);
    return group.ok() ? static_cast<int>(group->members.size()) : -1;
  };
  ASSERT_EQ(members(), 1);
  idl::DeleteGrantRequest remove;
  remove.id = grants[0].id;
  Do(&idl::ControlPlaneIf::deleteGrant, remove);
  EXPECT_TRUE(WaitFor([&] { return members() == 0; }, seconds{5}, "the member to be gone"));
  EXPECT_THAT(other->process().Stderr(), HasSubstr("group.member_expelled"));
  EXPECT_TRUE(member.Metadata().ok()) << "it is still who it is";
}

}  // namespace
}  // namespace lanemq::testing
