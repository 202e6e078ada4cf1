#include "common/rpc/admin_server.h"

#include <array>
#include <sys/socket.h>

#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include "common/rpc/test_rig.h"

namespace lanemq::rpc {
namespace {

using namespace test;  // NOLINT: the rig is this test's vocabulary.

// Everything the server sends until it closes.
std::string Ask(std::uint16_t port, const std::string& request) {
  RawClient client(port);
  EXPECT_TRUE(client.Send(request));
  std::string reply;
  std::array<char, 4096> bytes{};
  for (;;) {
    const ssize_t got = ::recv(client.fd(), bytes.data(), bytes.size(), 0);
    if (got <= 0) return reply;
    reply.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

std::string Get(std::uint16_t port, const std::string& target) {
  return Ask(port, "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

TEST(AdminServerTest, ServesHandlersAndMetrics) {
  auto registry = std::make_shared<prometheus::Registry>();
  prometheus::BuildCounter().Name("lanemq_rpc_tests_total").Register(*registry).Add({}).Increment();
  AdminServer server({});
  server.Handle("/healthz", [](const std::string&) { return AdminReply{200, "ok\n"}; });
  server.Handle("/readyz", [](const std::string& query) {
    return AdminReply{503, "not yet: " + query};
  });
  server.Handle("/metrics", MetricsHandler(registry));
  ASSERT_TRUE(server.Start().ok());

  EXPECT_TRUE(Get(server.port(), "/healthz").starts_with("HTTP/1.1 200"));
  EXPECT_NE(Get(server.port(), "/readyz?a=1").find("not yet: a=1"), std::string::npos);
  EXPECT_NE(Get(server.port(), "/metrics").find("lanemq_rpc_tests_total 1"), std::string::npos);
  EXPECT_NE(Get(server.port(), "/").find("/metrics\n"), std::string::npos);
  EXPECT_TRUE(Get(server.port(), "/nothing").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(Ask(server.port(), "POST /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 405"));
  const std::string head =
      Ask(server.port(), "HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  EXPECT_NE(head.find("Content-Length: 3"), std::string::npos);
}

TEST(AdminServerTest, BoundsHeadersTimeAndConnections) {
  AdminOptions options;
  options.header_bytes_max = 1'000;
  options.connections_max = 3;
  options.request_deadline = milliseconds(100);
  AdminServer server(options);
  server.Handle("/healthz", [](const std::string&) { return AdminReply{}; });
  ASSERT_TRUE(server.Start().ok());

  RawClient large(server.port());
  large.Send("GET /healthz HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(large.WaitClosed());
  RawClient with_body(server.port());
  with_body.Send("GET /healthz HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_TRUE(with_body.WaitClosed());
  RawClient slow(server.port());
  slow.Send("GET /hea");
  EXPECT_TRUE(slow.WaitClosed());

  std::vector<RawClient> many;
  for (int i = 0; i < 10; ++i) many.emplace_back(server.port());
  for (RawClient& client : many) EXPECT_TRUE(client.WaitClosed());
  EXPECT_TRUE(Eventually([&] { return !Get(server.port(), "/healthz").empty(); }));
}

TEST(AdminServerTest, StopsTwiceAndReportsATakenPort) {
  AdminServer server({});
  server.Stop();
  ASSERT_TRUE(server.Start().ok());
  AdminOptions taken;
  taken.port = server.port();
  AdminServer second(taken);
  EXPECT_EQ(second.Start().error().code, ErrorCode::kInvalidConfig);
  server.Stop();
  server.Stop();
}

}  // namespace
}  // namespace lanemq::rpc
