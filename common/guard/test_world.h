#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/secure.h"
#include "common/core/access/access_book.h"
#include "common/core/access/token_text.h"
#include "common/rpc/call_context.h"

namespace lanemq::testing {

/// Stands still until it is moved.
class GuardClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override {
    return {std::chrono::nanoseconds{micros_.load() * 1'000}};
  }
  [[nodiscard]] WallTime WallNow() const override { return {micros_.load()}; }
  void Advance(std::chrono::microseconds by) { micros_ += by.count(); }

 private:
  std::atomic<std::int64_t> micros_{1'800'000'000'000'000};
};

/// A call that no server makes.
class FakeCall final : public rpc::CallContext {
 public:
  explicit FakeCall(std::shared_ptr<const core::Caller> caller = nullptr,
                    std::string peer = "10.1.2.3:4567", std::string method = "authenticate")
      : CallContext(std::move(method), std::make_shared<const std::string>(std::move(peer)),
                    std::move(caller), MonotonicTime{}, 0) {}
  void Identify(std::shared_ptr<const core::Caller> caller) override {
    identified = std::move(caller);
  }
  [[nodiscard]] std::string request_id() const override { return "test-1"; }

  std::shared_ptr<const core::Caller> identified;
};

/// A small cluster: teams payments and shop with an application each, billing and cart; topic
/// orders and group pickers of team shop; payments may consume from orders. And one service of each
/// other kind: broker-1, portal, ops, root. Every one has a token.
class World {
 public:
  World() {
    records.version = 1;
    records.cluster_id = "c";
    records.teams = {{"payments", "", "", {{"ann", core::TeamRole::kLead}}}, {"shop", "", "", {}}};
    Add("billing", core::ServiceKind::kApplication, "payments");
    Add("broker-1", core::ServiceKind::kServer);
    Add("cart", core::ServiceKind::kApplication, "shop");
    Add("ops", core::ServiceKind::kOperator);
    Add("portal", core::ServiceKind::kGateway);
    Add("root", core::ServiceKind::kAdmin);
    records.owners = {{core::ResourceKind::kTopic, "orders", "shop"},
                      {core::ResourceKind::kGroup, "pickers", "shop"}};
    core::Grant grant;
    grant.id = 1;
    grant.name = "orders";
    grant.principal = {core::PrincipalKind::kTeam, "payments"};
    grant.actions = {core::Action::kConsume};
    records.grants = {grant};
  }

  [[nodiscard]] std::shared_ptr<const core::AccessBook> Book() const {
    return std::make_shared<const core::AccessBook>(records);
  }
  /// What the service authenticates with.
  [[nodiscard]] const std::string& TextOf(const std::string& service) const {
    return texts_.at(service);
  }
  [[nodiscard]] core::Caller CallerOf(const std::string& service) const {
    return {{core::PrincipalKind::kService, service}, IdOf(service)};
  }
  [[nodiscard]] core::Token& TokenOf(const std::string& service) {
    for (core::Token& token : records.tokens) {
      if (token.service == service) return token;
    }
    std::abort();
  }
  void Revoke(const std::string& service) {
    std::erase_if(records.tokens,
                  [&](const core::Token& token) { return token.service == service; });
    ++records.version;
  }

  core::AccessRecords records;

 private:
  void Add(const std::string& name, core::ServiceKind kind, const std::string& team = "") {
    records.services.push_back({name, team, kind, "", false});
    std::array<std::uint8_t, 128> bytes{};
    bytes.fill(static_cast<std::uint8_t>(records.services.size()));
    const auto text = core::MakeToken(bytes);
    core::Token token;
    token.id = text->id;
    token.hash = Sha256(text->secret);
    token.service = name;
    records.tokens.push_back(token);
    texts_[name] = text->ToString();
  }
  [[nodiscard]] std::string IdOf(const std::string& service) const {
    return core::ParseToken(texts_.at(service))->id;
  }

  std::map<std::string, std::string> texts_;
};

}  // namespace lanemq::testing
