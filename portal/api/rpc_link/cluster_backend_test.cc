// Against a real server of the RPC layer, with a metaserver that knows a few calls.
#include "portal/api/rpc_link/cluster_backend.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ControlPlane.h"
#include "common/rpc/responder.h"
#include "common/rpc/server.h"
#include "portal/api/transcode/encode.h"

namespace lanemq::portal {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

template <typename T>
using Cob = std::function<void(const T&)>;
using ExnCob = std::function<void(apache::thrift::TDelayedException*)>;

// A metaserver that remembers who came, and names the servers that it is told to.
class Metaserver final : public idl::ControlPlaneCobSvNull {
 public:
  void authenticate(Cob<idl::AuthenticateResponse> cob, ExnCob exn,
                    const idl::AuthenticateRequest& request) override {
    const rpc::Responder<idl::AuthenticateResponse> responder(std::move(cob), std::move(exn));
    MutexLock lock(mutex);
    seen.push_back(request.token + "|" + request.gateway_token + "|" + request.client_address);
    if (request.token == "new" && unknown_times > 0) {
      --unknown_times;
      return responder.Fail({ErrorCode::kMetadataUnavailable, "a moment", 30});
    }
    if (request.token == "revoked") {
      return responder.Fail({ErrorCode::kAuthenticationFailed, "nobody's", 0});
    }
    idl::AuthenticateResponse response;
    response.principal = "service:" + request.token;
    responder.Respond(response);
  }
  void metadata(Cob<idl::MetadataResponse> cob, ExnCob exn, const idl::MetadataRequest&) override {
    const rpc::Responder<idl::MetadataResponse> responder(std::move(cob), std::move(exn));
    idl::MetadataResponse response;
    response.version = 1;
    response.is_unchanged = false;
    std::vector<idl::Endpoint> list;
    MutexLock lock(mutex);
    for (const std::uint16_t port : metaservers) {
      idl::Endpoint endpoint;
      endpoint.host = "127.0.0.1";
      endpoint.port = port;
      list.push_back(endpoint);
    }
    response.__set_metaservers(list);
    responder.Respond(response);
  }
  void describeTopic(Cob<idl::TopicResponse> cob, ExnCob exn,
                     const idl::DescribeTopicRequest& request) override {
    const rpc::Responder<idl::TopicResponse> responder(std::move(cob), std::move(exn));
    ++calls;
    if (request.name == "none") {
      return responder.Fail({ErrorCode::kUnknownTopicOrPartition, "no such topic", 0});
    }
    if (request.name == "gone") {
      return responder.Fail({ErrorCode::kAuthenticationFailed, "revoked meanwhile", 0});
    }
    idl::TopicResponse response;
    response.topic.name = request.name;
    responder.Respond(response);
  }
  void serverInfo(Cob<idl::ServerInfo> cob, ExnCob exn, const idl::ServerInfoRequest&) override {
    ++calls;
    rpc::Responder<idl::ServerInfo>(std::move(cob), std::move(exn)).Respond({});
  }
  void findCoordinator(Cob<idl::FindCoordinatorResponse> cob, ExnCob exn,
                       const idl::FindCoordinatorRequest&) override {
    idl::FindCoordinatorResponse response;
    response.coordinator.host = "127.0.0.1";
    response.coordinator.port = on_call_port;
    rpc::Responder<idl::FindCoordinatorResponse>(std::move(cob), std::move(exn)).Respond(response);
  }
  void listTopics(Cob<idl::ListTopicsResponse> cob, ExnCob exn,
                  const idl::ListTopicsRequest&) override {
    const rpc::Responder<idl::ListTopicsResponse> responder(std::move(cob), std::move(exn));
    if (hangs) {
      MutexLock lock(mutex);
      unanswered.push_back(responder);
      return;
    }
    idl::ListTopicsResponse response;
    if (is_on_call) response.topics.emplace_back().name = "orders";
    responder.Respond(response);
  }
  void groupLag(Cob<idl::GroupLagResponse> cob, ExnCob exn, const idl::GroupLagRequest&) override {
    const rpc::Responder<idl::GroupLagResponse> responder(std::move(cob), std::move(exn));
    if (!is_on_call) return responder.Fail({ErrorCode::kNotCoordinator, "not I", 0});
    idl::GroupLagResponse response;
    response.total = 42;
    responder.Respond(response);
  }

  Mutex mutex;
  std::vector<std::string> seen;
  std::vector<std::uint16_t> metaservers;
  std::vector<rpc::Responder<idl::ListTopicsResponse>> unanswered;
  std::atomic<int> calls = 0;
  std::atomic<int> unknown_times = 0;  // That a token is not known yet.
  std::atomic<bool> hangs = false;
  std::atomic<bool> is_on_call = false;
  std::atomic<std::int32_t> on_call_port = 0;
};

struct Running {
  explicit Running(std::uint16_t port = 0)
      : server({.host = "127.0.0.1", .port = port},
               std::make_shared<idl::ControlPlaneAsyncProcessor>(handler)) {
    EXPECT_TRUE(server.Start().ok());
  }
  ~Running() {
    // They hold the server, which holds the handler.
    std::vector<rpc::Responder<idl::ListTopicsResponse>> unanswered;
    {
      MutexLock lock(handler->mutex);
      unanswered.swap(handler->unanswered);
    }
    unanswered.clear();
    server.Stop();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  std::vector<std::string> Seen() {
    MutexLock lock(handler->mutex);
    return handler->seen;
  }
  void Name(std::vector<std::uint16_t> ports) {
    MutexLock lock(handler->mutex);
    handler->metaservers = std::move(ports);
  }

  std::shared_ptr<Metaserver> handler = std::make_shared<Metaserver>();
  rpc::Server server;
};

class ClusterBackendTest : public ::testing::Test {
 protected:
  ClusterBackend& backend() {
    if (!backend_) {
      first.Name({first.server.port()});
      options.bootstrap = {{"127.0.0.1", first.server.port()}};
      backend_ = std::make_unique<ClusterBackend>(TheSchema(), options);
    }
    return *backend_;
  }
  RpcReply Describe(const std::string& token, const std::string& name, bool is_read = true) {
    return Ask(token, "describeTopic", {{"name", name}}, Target::kMetaserver, is_read);
  }
  RpcReply Ask(const std::string& token, const char* method_name, const nlohmann::json& request,
               Target target, bool is_read = true, const std::string& server = "") {
    const MethodRow& method = *TheSchema().FindMethod(method_name);
    Faults faults;
    const std::string bytes =
        EncodeStruct(TheSchema(), TheSchema().structure(method.request), request, faults);
    EXPECT_TRUE(faults.empty());
    return backend().Call({token, "10.9.9.9"},
                          {.method = &method,
                           .request = bytes,
                           .target = target,
                           .server = server,
                           .is_read = is_read},
                          Deadline::After(SystemClock::Instance(), 10s));
  }

  Running first;
  ClusterBackendOptions options{.token = [] { return std::string("gateway"); }};

 private:
  std::unique_ptr<ClusterBackend> backend_;
};

TEST_F(ClusterBackendTest, CallsSayWhoAsksAndWhereHeIs) {
  const RpcReply reply = Describe("ann", "orders");
  ASSERT_TRUE(reply.status.ok()) << reply.status.error().ToString();
  EXPECT_EQ(reply.body["topic"]["name"], "orders");
  EXPECT_EQ(first.Seen(), (std::vector<std::string>{"gateway||", "ann|gateway|10.9.9.9"}));
}

TEST_F(ClusterBackendTest, ConnectionsAreKeptForTheirCallerAlone) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Describe("ann", "orders").status.ok());
  EXPECT_TRUE(Describe("bob", "orders").status.ok());
  EXPECT_THAT(first.Seen(),
              ::testing::ElementsAre("gateway||", "ann|gateway|10.9.9.9", "bob|gateway|10.9.9.9"));
  backend().Forget({"ann", ""});
  EXPECT_TRUE(Describe("ann", "orders").status.ok());
  EXPECT_EQ(first.Seen().size(), 4u);
}

TEST_F(ClusterBackendTest, ATokenThatTheServerHearsOfInAMomentIsWaitedFor) {
  first.handler->unknown_times = 2;
  const RpcReply reply = Describe("new", "orders", false);
  ASSERT_TRUE(reply.status.ok()) << reply.status.error().ToString();
  EXPECT_EQ(std::ranges::count(first.Seen(), "new|gateway|10.9.9.9"), 3);
  EXPECT_EQ(first.handler->calls, 1) << "the call itself was sent once";
}

TEST_F(ClusterBackendTest, ATokenThatNoServerHearsOfIsNotWaitedForForLong) {
  options.new_token_patience = 100ms;
  first.handler->unknown_times = 1'000'000;
  const RpcReply reply = Describe("new", "orders");
  ASSERT_FALSE(reply.status.ok());
  EXPECT_EQ(reply.status.error().code, ErrorCode::kMetadataUnavailable);
  EXPECT_GE(first.Seen().size(), 3U);
  EXPECT_LE(first.Seen().size(), 6U) << "a pause lies between two attempts";
  EXPECT_EQ(first.handler->calls, 0);
}

TEST_F(ClusterBackendTest, ErrorsComeBackAsTheServerSaidThem) {
  const RpcReply none = Describe("ann", "none");
  EXPECT_EQ(none.status.error().code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_NE(none.server_request_id, "");
  EXPECT_EQ(Describe("revoked", "orders").status.error().code, ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(Describe("ann", "gone").status.error().code, ErrorCode::kAuthenticationFailed);
  // Such a connection is not used again.
  EXPECT_TRUE(Describe("ann", "orders").status.ok());
  EXPECT_EQ(std::ranges::count(first.Seen(), "ann|gateway|10.9.9.9"), 2);
}

TEST_F(ClusterBackendTest, AConnectionThatTheServerHasClosedIsReplaced) {
  EXPECT_TRUE(Describe("ann", "orders", false).status.ok());
  const std::uint16_t port = first.server.port();
  first.server.Stop();
  Running again(port);
  EXPECT_TRUE(Describe("ann", "orders", false).status.ok());
  EXPECT_EQ(again.handler->calls, 1);
}

TEST_F(ClusterBackendTest, GoesToAnotherServerWhenOneIsGone) {
  (void)backend();
  auto second = std::make_unique<Running>();
  first.Name({first.server.port(), second->server.port()});
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Describe("ann", "orders", false).status.ok());
  EXPECT_GT(second->handler->calls, 0);
  second.reset();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(Describe("ann", "orders", false).status.ok());
}

TEST_F(ClusterBackendTest, SaysSoWhenNobodyIsThere) {
  EXPECT_TRUE(Describe("ann", "orders").status.ok());
  EXPECT_TRUE(backend().CheckReady(Deadline::After(SystemClock::Instance(), 10s)).ok());
  first.server.Stop();
  const RpcReply reply = Describe("ann", "orders");
  EXPECT_EQ(reply.status.error().code, ErrorCode::kBrokerNotAvailable);
  EXPECT_FALSE(backend().CheckReady(Deadline::After(SystemClock::Instance(), 10s)).ok());
}

TEST_F(ClusterBackendTest, WhileNoServerIsKnownNoneIsSaidNotToExist) {
  (void)backend();
  first.server.Stop();
  const RpcReply reply =
      Ask("ann", "serverInfo", nlohmann::json::object(), Target::kBroker, true, "127.0.0.1:1");
  EXPECT_EQ(reply.status.error().code, ErrorCode::kBrokerNotAvailable);
}

TEST_F(ClusterBackendTest, AServerThatIsNamedAnswersAlone) {
  (void)backend();
  auto second = std::make_unique<Running>();
  Running stranger;  // Of another cluster.
  first.Name({first.server.port(), second->server.port()});
  const auto ask = [&](std::uint16_t port) {
    return Ask("ann", "serverInfo", nlohmann::json::object(), Target::kBroker, true,
               "127.0.0.1:" + std::to_string(port));
  };
  const std::uint16_t port = second->server.port();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask(port).status.ok());
  EXPECT_EQ(second->handler->calls, 3);
  EXPECT_EQ(first.handler->calls, 0);
  EXPECT_EQ(ask(stranger.server.port()).status.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(stranger.handler->calls, 0);
  second.reset();
  EXPECT_EQ(ask(port).status.error().code, ErrorCode::kBrokerNotAvailable);
  EXPECT_EQ(first.handler->calls, 0);
}

TEST_F(ClusterBackendTest, LagIsAskedOfWhoHasIt) {
  Running second;
  second.handler->is_on_call = true;
  first.handler->on_call_port = second.server.port();
  const RpcReply reply = Ask("ann", "groupLag", nlohmann::json::object(), Target::kOnCall);
  ASSERT_TRUE(reply.status.ok()) << reply.status.error().ToString();
  EXPECT_EQ(reply.body["total"], "42");
}

TEST_F(ClusterBackendTest, WhoIsOnCallIsAskedFirstAndAnybodyWithoutHim) {
  Running second;
  second.handler->is_on_call = true;
  first.handler->on_call_port = second.server.port();
  const auto ask = [&] {
    return Ask("ann", "listTopics", nlohmann::json::object(), Target::kBestOnCall);
  };
  RpcReply reply = ask();
  ASSERT_TRUE(reply.status.ok()) << reply.status.error().ToString();
  EXPECT_EQ(reply.body["topics"].size(), 1u);
  first.handler->on_call_port = 0;  // Nobody is known to be on call.
  reply = ask();
  ASSERT_TRUE(reply.status.ok()) << reply.status.error().ToString();
  EXPECT_EQ(reply.body["topics"].size(), 0u);
  first.handler->on_call_port = second.server.port();
  second.server.Stop();
  reply = ask();
  ASSERT_TRUE(reply.status.ok()) << reply.status.error().ToString();
  EXPECT_EQ(reply.body["topics"].size(), 0u);
}

TEST_F(ClusterBackendTest, WhoIsOnCallAndHangsIsNotWaitedFor) {
  options.on_call_timeout = 200ms;
  Running second;
  second.handler->is_on_call = true;
  second.handler->hangs = true;
  first.handler->on_call_port = second.server.port();
  RpcReply reply = Ask("ann", "listTopics", nlohmann::json::object(), Target::kBestOnCall);
  ASSERT_TRUE(reply.status.ok()) << reply.status.error().ToString();
  EXPECT_EQ(reply.body["topics"].size(), 0u);
}

TEST_F(ClusterBackendTest, WithoutTokensNobodySaysWhoHeIs) {
  options.token = nullptr;
  EXPECT_TRUE(Describe("", "orders").status.ok());
  EXPECT_TRUE(first.Seen().empty());
  EXPECT_TRUE(Describe("ann", "orders").status.ok());
  EXPECT_EQ(first.Seen(), (std::vector<std::string>{"ann||"}));
}

TEST_F(ClusterBackendTest, KeepsNoMoreConnectionsThanItMay) {
  options.pool.idle_max = 3;
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(Describe("p" + std::to_string(i), "orders").status.ok());
  EXPECT_EQ(backend().idle_links(), 3u);
}

TEST_F(ClusterBackendTest, WhoSomebodyIsIsAskedAnewWhenItMustBe) {
  const Deadline deadline = Deadline::After(SystemClock::Instance(), 10s);
  EXPECT_EQ(backend().Identify({"ann", "a"}, false, deadline).body["principal"], "service:ann");
  EXPECT_EQ(backend().Identify({"ann", "a"}, false, deadline).body["principal"], "service:ann");
  EXPECT_EQ(std::ranges::count(first.Seen(), "ann|gateway|a"), 1);
  EXPECT_TRUE(backend().Identify({"ann", "a"}, true, deadline).status.ok());
  EXPECT_EQ(std::ranges::count(first.Seen(), "ann|gateway|a"), 2);
}

}  // namespace
}  // namespace lanemq::portal
