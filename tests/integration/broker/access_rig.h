#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/secure.h"
#include "common/core/access/token_text.h"
#include "common/rpc/wire/errors.h"
#include "tests/integration/broker/broker_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {

/// The token of a service of this name: always the same one.
[[nodiscard]] inline core::TokenText TokenOf(const std::string& service) {
  core::TokenText text;
  text.id = service + std::string(core::TokenText::kIdBytes, '0');
  text.id.resize(core::TokenText::kIdBytes);
  text.secret = service + std::string(core::TokenText::kSecretBytes, 'x');
  text.secret.resize(core::TokenText::kSecretBytes);
  return text;
}

/// A client that says who it is; with an empty token it says nothing.
struct AccessClientRig {
  explicit AccessClientRig(const std::string& token) : transport(Options(token)) {}
  static rpc::ClientOptions Options(const std::string& token) {
    rpc::ClientOptions options;
    options.connections_per_endpoint_max = 1;
    if (!token.empty()) options.token = [token] { return token; };
    return options;
  }
  rpc::RpcClient transport;
  rpc::DataPlaneClient data{transport};
};

/// The first error in a reply, of the call or of one of its parts; nullopt: there is none.
template <typename T>
std::optional<ErrorCode> CodeOf(const Result<T>& reply) {
  if (!reply.ok()) return reply.error().code;
  const auto first_in = [](const auto& parts) -> std::optional<ErrorCode> {
    for (const auto& part : parts) {
      if (part.__isset.error) return wire::FromWire(part.error).code;
    }
    return std::nullopt;
  };
  if constexpr (requires { reply->partitions[0].error; }) return first_in(reply->partitions);
  if constexpr (requires { reply->results[0].error; }) return first_in(reply->results);
  if constexpr (requires { reply->errors[0].error; }) return first_in(reply->errors);
  return std::nullopt;
}

/// A guarded broker. Topic "orders" and group "g" are of team "shops", topic "secrets" of "others".
/// Services: "shop" of shops; "stranger", "guest" and "late" of others; "server", "operator" and
/// "admin" of those kinds.
class AccessTest : public ::testing::TestWithParam<Engine> {
 protected:
  struct Guarded {
    Guarded(broker::BrokerOptions options, DatabaseServer& server, broker::MetaClient& meta)
        : stores(server), broker(std::move(options), stores, meta) {
      const Status started = broker.Start();
      LANEMQ_CHECK(started.ok());
    }
    RigStores stores;
    broker::Broker broker;
  };

  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    rig_ = std::make_unique<BrokerRig>(*server);
    AddTopic("secrets", 2);
    rig_->meta.ChangeAccess([](core::AccessRecords& records) { FillIn(records); });
  }

  void AddTopic(const std::string& name, std::int64_t id) {
    const core::Topic topic = broker::testing::TestTopic(id, name, 1);
    RigStores stores(rig_->server);
    stores.UpdateNodes(rig_->meta.snapshot().nodes);
    const Status made = stores.messages().CreatePartition(topic.LocationOf(topic.partitions[0]),
                                                          name, BrokerRig::In(20));
    LANEMQ_CHECK(made.ok());
    rig_->meta.Change([&](core::CatalogSnapshot& snapshot) { snapshot.topics.push_back(topic); });
  }

  static void FillIn(core::AccessRecords& records) {
    records.teams = {{.name = "others"}, {.name = "shops"}};
    records.services = {
        {.name = "admin", .kind = core::ServiceKind::kAdmin},
        {.name = "guest", .team = "others"},
        {.name = "late", .team = "others"},
        {.name = "operator", .kind = core::ServiceKind::kOperator},
        {.name = "server", .kind = core::ServiceKind::kServer},
        {.name = "shop", .team = "shops"},
        {.name = "stranger", .team = "others"},
    };
    for (const core::Service& service : records.services) {
      const core::TokenText text = TokenOf(service.name);
      core::Token token;
      token.id = text.id;
      token.hash = Sha256(text.secret);
      token.service = service.name;
      records.tokens.push_back(token);
    }
    records.owners = {{core::ResourceKind::kTopic, "orders", "shops"},
                      {core::ResourceKind::kTopic, "secrets", "others"},
                      {core::ResourceKind::kGroup, "g", "shops"}};
  }

  /// Starts it, or starts it again with what it has on disk.
  void StartBroker() {
    broker_.reset();
    const auto data_dir = rig_->dir.path() / "guarded";
    std::filesystem::create_directories(data_dir);
    broker::BrokerOptions options = RigBroker::Options(1, data_dir, {}, {});
    options.auth = auth_;
    options.tls = tls_;
    options.access_interval = access_interval_;
    options.start_patience = std::chrono::milliseconds(500);
    broker_ = std::make_unique<Guarded>(std::move(options), rig_->server, rig_->meta);
  }
  [[nodiscard]] rpc::Endpoint at() const { return {"127.0.0.1", broker_->broker.port()}; }

  /// Changes who may do what, and waits until the broker knows it.
  template <typename Edit>
  void Change(Edit edit) {
    rig_->meta.ChangeAccess(edit);
    const std::int64_t version = rig_->meta.access().version;
    ASSERT_TRUE(WaitFor(
        [&] {
          const auto book = broker_->broker.guard().book();
          return book != nullptr && book->version() >= version;
        },
        std::chrono::seconds(10), "the new book"));
  }

  /// The client of a service; of nobody: "".
  rpc::DataPlaneClient& As(const std::string& service) {
    auto& client = clients_[service];
    if (!client) {
      client =
          std::make_unique<AccessClientRig>(service.empty() ? "" : TokenOf(service).ToString());
    }
    return client->data;
  }
  static Deadline In() { return BrokerRig::In(30); }

  static core::Grant GrantTo(const std::string& service, core::ResourceKind kind,
                             const std::string& name, std::vector<core::Action> actions,
                             std::optional<WallTime> expires = std::nullopt) {
    core::Grant grant;
    grant.kind = kind;
    grant.name = name;
    grant.principal = {core::PrincipalKind::kService, service};
    grant.actions = std::move(actions);
    grant.expires_at = expires;
    return grant;
  }
  static WallTime FromNow(std::chrono::microseconds time) {
    return {SystemClock::Instance().WallNow().micros + time.count()};
  }

  Result<idl::ProduceResponse> Produce(const std::string& service,
                                       const std::vector<std::string>& topics) {
    idl::ProduceRequest request;
    for (const std::string& topic : topics) {
      auto& batch = request.partitions.emplace_back();
      batch.topic = topic;
      batch.messages.emplace_back().__set_body("from " + service);
    }
    return As(service).ProduceSync(at(), request, In());
  }
  static idl::FetchRequest FetchOf(const std::vector<std::string>& topics, std::int64_t offset = 1,
                                   std::int32_t max_wait_ms = 0) {
    idl::FetchRequest request;
    for (const std::string& topic : topics) {
      auto& wanted = request.partitions.emplace_back();
      wanted.topic = topic;
      wanted.offset = offset;
    }
    request.__set_max_wait_ms(max_wait_ms);
    return request;
  }

  std::unique_ptr<BrokerRig> rig_;
  // Of StartBroker().
  std::shared_ptr<rpc::TlsServer> tls_;  ///< Null: plain TCP.
  AuthMode auth_ = AuthMode::kToken;
  std::chrono::milliseconds access_interval_{20};
  std::unique_ptr<Guarded> broker_;
  std::map<std::string, std::unique_ptr<AccessClientRig>> clients_;
};

}  // namespace lanemq::testing
