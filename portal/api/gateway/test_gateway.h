#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/base/clock.h"
#include "portal/api/gateway/gateway.h"
#include "portal/api/gateway/test_token.h"
#include "portal/api/transcode/decode.h"

namespace lanemq::portal {

/// A cluster that answers what it was told to, and keeps what it was asked.
class FakeBackend final : public Backend {
 public:
  struct Asked {
    Caller caller;
    std::string method;
    nlohmann::json request;
    bool is_read;
    std::string server;
  };

  RpcReply Call(const Caller& caller, const BackendCall& call, Deadline /*deadline*/) override {
    const StructRow& row = TheSchema().structure(call.method->request);
    wire::Reader reader(call.request);
    const auto request = DecodeStruct(TheSchema(), row, reader);
    EXPECT_TRUE(request.has_value());
    asked.push_back({caller, std::string(call.method->name),
                     nlohmann::json::parse(request.value_or(nlohmann::json::object()).dump()),
                     call.is_read, std::string(call.server)});
    if (const auto during = std::exchange(during_call, nullptr)) during();
    const auto found = replies.find(std::string(call.method->name));
    return found == replies.end() ? RpcReply{nlohmann::ordered_json::object(), {}, {}}
                                  : found->second;
  }
  RpcReply Identify(const Caller& caller, bool /*is_fresh*/, Deadline /*deadline*/) override {
    identified.push_back(caller);
    return identity;
  }
  void Forget(const Caller& caller) override { forgotten.push_back(caller.token); }

  std::function<void()> during_call;  // Called once, by the next call; null: nothing.
  std::map<std::string, RpcReply> replies;
  RpcReply identity{{{"principal", "person:ann"}}, {}, {}};
  std::vector<Asked> asked;
  std::vector<Caller> identified;
  std::vector<std::string> forgotten;
};

/// Time that stands still until it is told to pass.
class StillClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime Now() const override { return now; }
  [[nodiscard]] WallTime WallNow() const override { return {1'000'000'000}; }
  MonotonicTime now{std::chrono::hours(1)};
};

class GatewayTestBase : public ::testing::Test {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  HttpReply Ask(const std::string& method, const std::string& target, Headers headers = {},
                const std::string& body = "") {
    HttpRequest request{.method = method,
                        .target = target,
                        .headers = std::move(headers),
                        .body = body,
                        .peer = "10.1.1.1"};
    if (request.Count("host") == 0) request.headers.emplace_back("host", "lanemq.example");
    if (!body.empty() && request.Count("content-type") == 0) {
      request.headers.emplace_back("content-type", "application/json");
    }
    return gateway().Handle(request);
  }
  HttpReply AsService(const std::string& method, const std::string& target,
                      const std::string& body = "", Headers headers = {}) {
    headers.emplace_back("authorization", "Bearer " + TokenOf('s'));
    return Ask(method, target, std::move(headers), body);
  }

  Gateway& gateway() {
    if (!gateway_) {
      gateway_ = std::make_unique<Gateway>(options, TheSchema(), backend, metrics, clock, 7);
    }
    return *gateway_;
  }

  static std::string HeaderOf(const HttpReply& reply, const std::string& name) {
    for (const auto& [known, value] : reply.headers) {
      if (known == name) return value;
    }
    return "";
  }
  static nlohmann::json Body(const HttpReply& reply) { return nlohmann::json::parse(reply.body); }

  GatewayOptions options;
  FakeBackend backend;
  GatewayMetrics metrics;
  StillClock clock;

 private:
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace lanemq::portal
