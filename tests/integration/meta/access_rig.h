#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSocket.h>

#include "ControlPlane.h"
#include "common/rpc/wire/errors.h"
#include "tests/integration/meta/meta_process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {

/// A client as Thrift comes with it: one connection, one call at a time.
class StockClient {
 public:
  /// Presents `token`, unless it is empty.
  explicit StockClient(const rpc::Endpoint& server, const std::string& token = "")
      : socket_(std::make_shared<apache::thrift::transport::TSocket>(server.host, server.port)),
        transport_(std::make_shared<apache::thrift::transport::TFramedTransport>(socket_)),
        client_(std::make_shared<apache::thrift::protocol::TBinaryProtocol>(transport_)) {
    socket_->setRecvTimeout(40'000);
    transport_->open();
    if (token.empty()) return;
    const auto welcome = Authenticate(token);
    EXPECT_TRUE(welcome.ok()) << welcome.error().ToString();
  }

  Result<idl::AuthenticateResponse> Authenticate(const std::string& token) {
    idl::AuthenticateRequest request;
    request.token = token;
    return Call(&idl::CommonIf::authenticate, request);
  }
  Result<idl::MetadataResponse> Metadata() {
    return Call(&idl::CommonIf::metadata, idl::MetadataRequest{});
  }

  /// kNetworkException when the connection broke.
  template <typename Interface, typename Response, typename Request>
  Result<Response> Call(void (Interface::*method)(Response&, const Request&),
                        const Request& request) {
    Response response;
    if (const Status called = Guarded([&] { (client_.*method)(response, request); });
        !called.ok()) {
      return called.error();
    }
    return response;
  }
  /// The same of whatever `call` does with the client.
  template <typename Call>
  Status With(Call call) {
    return Guarded([&] { call(client_); });
  }

 private:
  template <typename Body>
  static Status Guarded(Body body) {
    try {
      body();
      return {};
    } catch (const idl::LaneMqError& error) {
      return wire::FromWire(error);
    } catch (const apache::thrift::TException& error) {
      return Error{ErrorCode::kNetworkException, error.what()};
    }
  }

  std::shared_ptr<apache::thrift::transport::TSocket> socket_;
  std::shared_ptr<apache::thrift::transport::TFramedTransport> transport_;
  idl::ControlPlaneClient client_;
};

/// A metaserver that asks who is there, and its first admin.
class AccessTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    prefix_ = UniquePrefix();
    meta_ = StartMeta();
    tokens_["setup"] = ReadToken();
    ASSERT_FALSE(tokens_["setup"].empty());
    setup_ = std::make_unique<StockClient>(meta_->endpoint(), tokens_["setup"]);
  }

  [[nodiscard]] std::string TokenFile() const { return (dir_.path() / "setup.token").string(); }
  std::unique_ptr<MetaProcess> StartMeta() {
    auto meta = std::make_unique<MetaProcess>(
        *server_, prefix_,
        std::vector<std::string>{"--auth=token", "--setup-token-file=" + TokenFile(),
                                 "--group-initial-rebalance-delay-ms=60000"});
    EXPECT_TRUE(meta->WaitReady());
    return meta;
  }
  [[nodiscard]] std::string ReadToken() const {
    std::string token;
    std::ifstream(TokenFile()) >> token;
    return token;
  }
  /// What happens as the first admin must go well.
  template <typename Interface, typename Response, typename Request>
  Response Do(void (Interface::*method)(Response&, const Request&), const Request& request) {
    auto done = setup_->Call(method, request);
    EXPECT_TRUE(done.ok()) << done.error().ToString();
    return done.ok() ? *std::move(done) : Response{};
  }

  void MakeTeam(const std::string& name) {
    idl::PutTeamRequest request;
    request.team.name = name;
    Do(&idl::ControlPlaneIf::putTeam, request);
  }
  /// With a token, in tokens_.
  void MakeService(const std::string& name, const std::string& kind, const std::string& team = "") {
    idl::PutServiceRequest request;
    request.definition.name = name;
    request.definition.__set_kind(kind);
    if (!team.empty()) request.definition.__set_team(team);
    Do(&idl::ControlPlaneIf::putService, request);
    tokens_[name] = IssueToken(name).secret;
  }
  idl::IssueTokenResponse IssueToken(const std::string& service) {
    idl::IssueTokenRequest request;
    request.service_name = service;
    return Do(&idl::ControlPlaneIf::issueToken, request);
  }
  /// Passwords are for three attempts a second of one address.
  template <typename Call>
  auto UnlessThrottled(Call call) {
    auto reply = call();
    const auto is_throttled = [&] {
      return !reply.ok() && reply.error().code == ErrorCode::kThrottled;
    };
    const auto answered = testing::WaitFor(
        [&] {
          if (is_throttled()) reply = call();
          return !is_throttled();
        },
        std::chrono::seconds{30}, "the limit of the address to end");
    EXPECT_TRUE(answered);
    return reply;
  }
  /// With a session, in tokens_, after a password that somebody else has set and one of his own.
  void MakePerson(const std::string& name, const std::string& role) {
    idl::PutPersonRequest request;
    request.person.name = name;
    request.person.__set_role(role);
    Do(&idl::ControlPlaneIf::putPerson, request);
    SetPassword(*setup_, name, FirstPassword(name), "");
    const auto session = SignIn(name, FirstPassword(name));
    ASSERT_TRUE(session.ok()) << session.error().ToString();
    tokens_[name] = session->token;
    StockClient person(meta_->endpoint(), session->token);
    SetPassword(person, name, PasswordOf(name), FirstPassword(name));
  }
  static std::string FirstPassword(const std::string& name) { return "first password of " + name; }
  static std::string PasswordOf(const std::string& name) { return "own password of " + name; }
  void SetPassword(StockClient& by, const std::string& name, const std::string& password,
                   const std::string& current) {
    idl::SetPasswordRequest request;
    request.name = name;
    request.new_password = password;
    if (!current.empty()) request.__set_current_password(current);
    const auto set =
        UnlessThrottled([&] { return by.Call(&idl::ControlPlaneIf::setPassword, request); });
    EXPECT_TRUE(set.ok()) << set.error().ToString();
  }
  /// On a connection of its own, of nobody.
  Result<idl::SessionResponse> SignIn(const std::string& name, const std::string& password) {
    idl::SignInRequest request;
    request.name = name;
    request.password = password;
    return UnlessThrottled([&] {
      StockClient nobody(meta_->endpoint());
      return nobody.Call(&idl::ControlPlaneIf::signIn, request);
    });
  }
  void SetOwner(const std::string& kind, const std::string& name, const std::string& team) {
    idl::SetOwnerRequest request;
    request.kind = kind;
    request.name = name;
    request.__set_team(team);
    Do(&idl::ControlPlaneIf::setOwner, request);
  }
  /// Teams shop and payments with an application each, a service of every other kind; shop owns
  /// topic orders and group pickers.
  void MakeWorld() {
    for (const char* team : {"shop", "payments"}) MakeTeam(team);
    MakeService("cart", "application", "shop");
    MakeService("billing", "application", "payments");
    MakeService("broker-1", "server");
    MakeService("portal", "gateway");
    MakeService("ops", "operator");
    MakeService("root", "admin");
    SetOwner("topic", "orders", "shop");
    SetOwner("group", "pickers", "shop");
  }
  std::vector<idl::AuditEvent> Audit(idl::SearchAuditRequest request = {}) {
    request.__set_max(1'000);
    return Do(&idl::ControlPlaneIf::searchAudit, request).events;
  }
  static std::string IdOf(const std::string& token) { return token.substr(4, 10); }
  void Revoke(const std::string& token) {
    idl::RevokeTokenRequest request;
    request.id = IdOf(token);
    Do(&idl::ControlPlaneIf::revokeToken, request);
  }

  DatabaseServer* server_ = nullptr;
  std::string prefix_;
  TempDir dir_;
  std::unique_ptr<MetaProcess> meta_;
  std::map<std::string, std::string> tokens_;
  std::unique_ptr<StockClient> setup_;
};

}  // namespace lanemq::testing
