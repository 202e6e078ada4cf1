// People on a metaserver of its own: passwords, sessions, and what each may see of the others.
#include <map>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "common/rpc/wire/errors.h"
#include "tests/integration/meta/access_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;

class PeopleTest : public AccessTest {
 protected:
  template <typename T>
  static std::optional<ErrorCode> CodeOf(const Result<T>& result) {
    return result.ok() ? std::nullopt : std::optional(result.error().code);
  }
  std::map<std::string, idl::Person> PeopleAs(StockClient& client) {
    std::map<std::string, idl::Person> people;
    auto reply = client.Call(&idl::ControlPlaneIf::listPeople, idl::ListPeopleRequest());
    EXPECT_TRUE(reply.ok()) << reply.error().ToString();
    if (!reply.ok()) return people;
    for (idl::Person& person : reply->people) people[person.name] = person;
    return people;
  }
};
INSTANTIATE_TEST_SUITE_P(On, PeopleTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(PeopleTest, WhoWasGivenAPasswordChangesItAndNothingElseBefore) {
  idl::PutPersonRequest request;
  request.person.name = "ann";
  request.person.__set_role("operator");
  Do(&idl::ControlPlaneIf::putPerson, request);
  EXPECT_EQ(CodeOf(SignIn("ann", "")), ErrorCode::kAuthenticationFailed);
  SetPassword(*setup_, "ann", FirstPassword("ann"), "");
  const auto session = SignIn("ann", FirstPassword("ann"));
  ASSERT_TRUE(session.ok()) << session.error().ToString();
  EXPECT_TRUE(session->person.must_change_password);

  StockClient ann(meta_->endpoint());
  const auto welcome = ann.Authenticate(session->token);
  ASSERT_TRUE(welcome.ok());
  EXPECT_EQ(welcome->principal, "person:ann");
  EXPECT_EQ(welcome->role, "operator");
  EXPECT_TRUE(welcome->must_change_password);
  EXPECT_EQ(CodeOf(ann.Metadata()), ErrorCode::kClusterAuthorizationFailed);
  idl::SetPasswordRequest change;
  change.name = "ann";
  change.new_password = PasswordOf("ann");
  EXPECT_EQ(CodeOf(ann.Call(&idl::ControlPlaneIf::setPassword, change)),
            ErrorCode::kAuthenticationFailed);  // Without the one so far.
  change.__set_current_password(FirstPassword("ann"));
  change.new_password = FirstPassword("ann");
  EXPECT_EQ(CodeOf(ann.Call(&idl::ControlPlaneIf::setPassword, change)),
            ErrorCode::kInvalidRequest);
  SetPassword(ann, "ann", PasswordOf("ann"), FirstPassword("ann"));
  EXPECT_EQ(CodeOf(ann.Metadata()), std::nullopt);
  EXPECT_EQ(CodeOf(SignIn("ann", FirstPassword("ann"))), ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(CodeOf(SignIn("ann", PasswordOf("ann"))), std::nullopt);
}

TEST_P(PeopleTest, ANewPasswordEndsTheOtherSessionsWithTheirConnections) {
  MakePerson("ann", "viewer");
  const auto other = SignIn("ann", PasswordOf("ann"));
  ASSERT_TRUE(other.ok()) << other.error().ToString();
  StockClient own(meta_->endpoint(), tokens_["ann"]);
  StockClient second(meta_->endpoint(), other->token);
  ASSERT_EQ(CodeOf(second.Metadata()), std::nullopt);
  SetPassword(own, "ann", "another password of ann", PasswordOf("ann"));
  EXPECT_EQ(CodeOf(own.Metadata()), std::nullopt);
  const auto ended = CodeOf(second.Metadata());
  EXPECT_TRUE(ended == ErrorCode::kAuthenticationFailed || ended == ErrorCode::kNetworkException)
      << (ended ? NameOf(*ended) : "OK");
}

TEST_P(PeopleTest, WhoSignsOutIsOutWithinASecondOrTwo) {
  MakePerson("ann", "viewer");
  StockClient ann(meta_->endpoint(), tokens_["ann"]);
  const auto out = ann.Call(&idl::ControlPlaneIf::signOut, idl::SignOutRequest());
  ASSERT_TRUE(out.ok()) << out.error().ToString();
  EXPECT_TRUE(WaitFor(
      [&] {
        StockClient again(meta_->endpoint());
        return CodeOf(again.Authenticate(tokens_["ann"])) == ErrorCode::kAuthenticationFailed;
      },
      seconds{5}, "the session ends"));
  EXPECT_TRUE(WaitFor([&] { return CodeOf(ann.Metadata()) == ErrorCode::kNetworkException; },
                      seconds{5}, "the connection ends"));
  // A service has nothing to sign out of.
  EXPECT_EQ(CodeOf(setup_->Call(&idl::ControlPlaneIf::signOut, idl::SignOutRequest())),
            ErrorCode::kFailedPrecondition);
}

TEST_P(PeopleTest, AddressesAndLocksAreForOperatorsAndForOneself) {
  MakePerson("ann", "viewer");
  MakePerson("olga", "operator");
  for (const std::string name : {"ann", "olga"}) {
    idl::PutPersonRequest request;
    request.person.name = name;
    request.person.__set_role(name == "ann" ? "viewer" : "operator");
    request.person.__set_email(name + "@example.com");
    request.person.__set_display_name("Our " + name);
    Do(&idl::ControlPlaneIf::putPerson, request);
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(CodeOf(SignIn("olga", "a wrong password")), ErrorCode::kAuthenticationFailed);
  }
  StockClient ann(meta_->endpoint(), tokens_["ann"]);
  auto seen = PeopleAs(ann);
  EXPECT_EQ(seen["ann"].email, "ann@example.com");
  EXPECT_EQ(seen["olga"].display_name, "Our olga");
  EXPECT_EQ(seen["olga"].role, "operator");
  EXPECT_FALSE(seen["olga"].__isset.email);
  EXPECT_FALSE(seen["olga"].__isset.locked_until_us);
  EXPECT_FALSE(seen["olga"].__isset.last_sign_in_at_us);
  StockClient olga(meta_->endpoint(), tokens_["olga"]);
  seen = PeopleAs(olga);
  EXPECT_EQ(seen["ann"].email, "ann@example.com");
  EXPECT_TRUE(seen["ann"].__isset.last_sign_in_at_us);
}

TEST_P(PeopleTest, AGatewayOpensSessionsOfSubjectsAndTellsItsClient) {
  MakeService("portal", "gateway");
  idl::PutPersonRequest request;
  request.person.name = "oid";
  request.person.__set_oidc_subject("sub-1");
  Do(&idl::ControlPlaneIf::putPerson, request);
  StockClient portal(meta_->endpoint(), tokens_["portal"]);
  idl::OpenSessionRequest open;
  open.oidc_subject = "sub-2";
  EXPECT_EQ(CodeOf(portal.Call(&idl::ControlPlaneIf::openSession, open)), ErrorCode::kNotFound);
  open.oidc_subject = "sub-1";
  open.__set_client_address("192.0.2.7");
  const auto session = portal.Call(&idl::ControlPlaneIf::openSession, open);
  ASSERT_TRUE(session.ok()) << session.error().ToString();
  StockClient person(meta_->endpoint());
  const auto welcome = person.Authenticate(session->token);
  ASSERT_TRUE(welcome.ok()) << welcome.error().ToString();
  EXPECT_EQ(welcome->principal, "person:oid");
  idl::SearchAuditRequest search;
  search.__set_action("openSession");
  const auto events = Audit(search);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].actor, "person:oid");
  EXPECT_EQ(events[0].reason, "proved to service:portal");
  EXPECT_EQ(events[0].source.find("192.0.2.7 via "), 0u) << events[0].source;

  // Nobody else may say where he is.
  idl::SignInRequest sign_in;
  sign_in.name = "oid";
  sign_in.password = "a wrong password";
  sign_in.__set_client_address("192.0.2.8");
  StockClient nobody(meta_->endpoint());
  EXPECT_NE(CodeOf(nobody.Call(&idl::ControlPlaneIf::signIn, sign_in)), std::nullopt);
  EXPECT_EQ(CodeOf(setup_->Call(&idl::ControlPlaneIf::signIn, sign_in)),
            ErrorCode::kClusterAuthorizationFailed);
  // Who has a subject has no password.
  EXPECT_EQ(CodeOf(SignIn("oid", "")), ErrorCode::kAuthenticationFailed);
}

TEST_P(PeopleTest, NobodyIssuesTokensOfAnother) {
  MakePerson("ann", "admin");
  MakePerson("bob", "viewer");
  StockClient ann(meta_->endpoint(), tokens_["ann"]);
  StockClient bob(meta_->endpoint(), tokens_["bob"]);
  idl::IssueTokenRequest request;
  request.__set_person("bob");
  EXPECT_EQ(CodeOf(ann.Call(&idl::ControlPlaneIf::issueToken, request)),
            ErrorCode::kClusterAuthorizationFailed);
  const auto issued = bob.Call(&idl::ControlPlaneIf::issueToken, request);
  ASSERT_TRUE(issued.ok()) << issued.error().ToString();
  EXPECT_EQ(issued->token.person, "bob");
  EXPECT_FALSE(issued->token.is_session);
  StockClient program(meta_->endpoint(), issued->secret);
  EXPECT_EQ(CodeOf(program.Call(&idl::ControlPlaneIf::issueToken, request)),
            ErrorCode::kFailedPrecondition);
  request.__set_service_name("setup");
  EXPECT_EQ(CodeOf(bob.Call(&idl::ControlPlaneIf::issueToken, request)),
            ErrorCode::kInvalidRequest);
  // An admin may end what he may not make.
  idl::RevokeTokenRequest revoke;
  revoke.id = IdOf(issued->secret);
  EXPECT_EQ(CodeOf(ann.Call(&idl::ControlPlaneIf::revokeToken, revoke)), std::nullopt);
}

}  // namespace
}  // namespace lanemq::testing
