#include "portal/api/http/http_server.h"

#include <arpa/inet.h>
#include <atomic>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/log.h"
#include "common/base/mutex.h"
#include "tests/support/wait_for.h"

namespace lanemq::portal {
namespace {

using lanemq::testing::WaitFor;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

// A client that sends what it likes.
class Raw {
 public:
  // `from`: an address of this machine.
  explicit Raw(std::uint16_t port, const char* from = "127.0.0.1")
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    EXPECT_EQ(::inet_pton(AF_INET, from, &address.sin_addr), 1);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const timeval limit{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~Raw() { ::close(fd_); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  void Send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }
  // Until the text is there, or the server closes.
  std::string ReadTo(const std::string& text = "\n\n(never)") {
    char bytes[4096];
    while (got_.find(text) == std::string::npos) {
      const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
      if (n <= 0) break;
      got_.append(bytes, static_cast<std::size_t>(n));
    }
    return std::exchange(got_, {});
  }

 private:
  int fd_;
  std::string got_;
};

class HttpServerTest : public ::testing::Test {
 protected:
  void TearDown() override {
    gate_open = true;
    if (server) server->Stop();
  }

  void Start() {
    server = std::make_unique<HttpServer>(
        options, [this](const HttpRequest& request) { return Answer(request); },
        [](int status, const std::string& why) {
          return HttpReply{status, {}, why};
        });
    ASSERT_TRUE(server->Start().ok());
  }

  HttpReply Answer(const HttpRequest& request) {
    ++begun;
    if (request.target == "/wait") {
      EXPECT_TRUE(WaitFor([&] { return gate_open.load(); }, 20s, "the gate"));
    }
    if (request.target == "/throw") throw std::runtime_error("canary");
    return {200,
            {{"X-Test", "1"}},
            request.method + " " + request.target + " " + request.peer + " " +
                std::to_string(request.body.size())};
  }

  std::string Ask(const std::string& request, const char* from = "127.0.0.1") {
    Raw client(server->port(), from);
    client.Send(request);
    return client.ReadTo();
  }
  std::string Get(const std::string& target) {
    return Ask("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  HttpServerOptions options;
  std::unique_ptr<HttpServer> server;
  std::atomic<int> begun = 0;
  std::atomic<bool> gate_open = false;
};

TEST_F(HttpServerTest, AnswersRequestAfterRequestOfOneConnection) {
  Start();
  Raw client(server->port());
  client.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadTo("GET /a 127.0.0.1 0"), StartsWith("HTTP/1.1 200"));
  client.Send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_THAT(client.ReadTo("POST /b 127.0.0.1 3"), HasSubstr("X-Test: 1"));
  // Two at once are answered in order.
  client.Send(
      "GET /c HTTP/1.1\r\nHost: x\r\n\r\nGET /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string both = client.ReadTo();
  EXPECT_LT(both.find("/c"), both.find("/d"));
  EXPECT_NE(both.find("/d"), std::string::npos);
}

TEST_F(HttpServerTest, ClientsThatAskBeforeTheySendAreTold) {
  options.body_bytes_max = 100;
  Start();
  Raw client(server->port());
  client.Send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.ReadTo("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("abc");
  EXPECT_THAT(client.ReadTo("POST /a 127.0.0.1 3"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(
      Ask("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 101\r\n\r\n"),
      StartsWith("HTTP/1.1 413"));
}

TEST_F(HttpServerTest, HeadHasNoBodyButItsLength) {
  Start();
  const std::string reply = Ask("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(reply, HasSubstr("Content-Length: 19"));
  EXPECT_TRUE(reply.ends_with("\r\n\r\n"));
}

TEST_F(HttpServerTest, RefusesWhatIsTooLargeOrNoHttp) {
  options.header_bytes_max = 1024;
  options.body_bytes_max = 100;
  Start();
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nX: " + std::string(5000, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(Ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) chunked += "a\r\n0123456789\r\n";
  EXPECT_THAT(Ask(chunked), StartsWith("HTTP/1.1 413"));
  for (const char* bytes :
       {"nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\x01 HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nBad Header: x\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc"}) {
    EXPECT_THAT(Ask(bytes), StartsWith("HTTP/1.1 400")) << bytes;
  }
  EXPECT_EQ(begun, 0);
  EXPECT_GE(server->stats().malformed, 8u);
}

TEST_F(HttpServerTest, LengthAndChunksTogetherAreRefused) {
  // What a proxy in front could read otherwise.
  Start();
  const std::string reply =
      Ask("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
          "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(begun, 0);
}

TEST_F(HttpServerTest, OnlyChunksThatStandAloneAreTransferEncodings) {
  Start();
  const std::string smuggled = "\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const char* fields :
       {"Transfer-Encoding: identity", "Transfer-Encoding: xchunked", "Transfer-Encoding: gzip",
        "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding:", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: identity\r\nContent-Length: 3",
        "Content-Length: 3\r\nTransfer-Encoding: chunked"}) {
    const std::string reply =
        Ask(std::string("POST /a HTTP/1.1\r\nHost: x\r\n") + fields + "\r\n" + smuggled);
    EXPECT_THAT(reply, StartsWith("HTTP/1.1 400")) << fields;
    EXPECT_THAT(reply, HasSubstr("Connection: close")) << fields;
    EXPECT_EQ(begun, 0) << fields;
  }
  EXPECT_THAT(Ask("POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                  "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
              HasSubstr("POST /a 127.0.0.1 3"));
}

TEST_F(HttpServerTest, ARequestThatTheHandlerFailsAtIsAnsweredAndTheOthersAreServed) {
  Start();
  ::testing::internal::CaptureStderr();
  SetUpLogging("http_server_test", LogLevel::DEBUG);
  const std::string reply = Get("/throw");
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(reply, HasSubstr("failed at this request"));
  EXPECT_THAT(log, HasSubstr("http.handler_failed"));
  EXPECT_THAT(reply + log, Not(HasSubstr("canary")));
  EXPECT_EQ(server->stats().failed, 1u);
  EXPECT_THAT(Get("/a"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, SlowHeadersAndBodiesEnd) {
  options.header_deadline = milliseconds(200);
  options.body_deadline = milliseconds(200);
  Start();
  Raw header(server->port());
  header.Send("GET / HTTP/1.1\r\nHost:");
  Raw body(server->port());
  body.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(header.ReadTo(), "");
  EXPECT_EQ(body.ReadTo(), "");
  EXPECT_EQ(begun, 0);
  // Counted when the server has noticed, which may be a moment after we have.
  EXPECT_TRUE(WaitFor([&] { return server->stats().timed_out == 2; }, 10s, "both"));
}

TEST_F(HttpServerTest, IdleConnectionsEnd) {
  options.idle_max = milliseconds(100);
  Start();
  Raw client(server->port());
  EXPECT_EQ(client.ReadTo(), "");
  EXPECT_TRUE(WaitFor([&] { return server->stats().connections == 0; }, 10s, "no connection"));
}

TEST_F(HttpServerTest, ConnectionsAreBoundedAndByAddress) {
  options.connections_per_address_max = 2;
  Start();
  Raw first(server->port());
  Raw second(server->port());
  EXPECT_TRUE(WaitFor([&] { return server->stats().connections == 2; }, 10s, "both"));
  Raw third(server->port());
  EXPECT_EQ(third.ReadTo(), "");
  EXPECT_EQ(server->stats().refused_connections, 1u);
  // Those that are in still are.
  first.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(first.ReadTo("/a"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, ProxiesHaveOnlyTheLimitOfAll) {
  options.connections_per_address_max = 1;
  options.connections_max = 3;
  options.is_proxy = [](const std::string& address) { return address == "127.0.0.1"; };
  Start();
  Raw first(server->port());
  Raw second(server->port());
  Raw third(server->port());
  EXPECT_TRUE(WaitFor([&] { return server->stats().connections == 3; }, 10s, "all three"));
  Raw fourth(server->port());
  EXPECT_EQ(fourth.ReadTo(), "");
}

TEST_F(HttpServerTest, ShedsWhatTheThreadsCannotTake) {
  options.threads = 1;
  options.queue_max = 1;
  Start();
  Raw working(server->port());
  working.Send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(WaitFor([&] { return begun == 1; }, 10s, "the first at work"));
  Raw waiting(server->port());
  waiting.Send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(WaitFor([&] { return server->queue_depth() == 1; }, 10s, "the second waits"));
  EXPECT_THAT(Get("/c"), StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(server->stats().shed, 1u);
  gate_open = true;
  EXPECT_THAT(working.ReadTo("/wait"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(waiting.ReadTo("/wait"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, TheBodiesOfAllTogetherAreBounded) {
  options.bodies_bytes_max = 1000;
  options.body_bytes_max = 800;
  Start();
  const std::string head =
      "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 600\r\n\r\n";
  auto first = std::make_unique<Raw>(server->port());
  first->Send(head);
  // Until the first one's header has been read, another one fits.
  EXPECT_TRUE(WaitFor([&] { return Ask(head + std::string(600, 'a')).starts_with("HTTP/1.1 503"); },
                      10s, "full"));
  EXPECT_THAT(Ask("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"),
              StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(Get("/b"), StartsWith("HTTP/1.1 200"));
  first.reset();
  EXPECT_TRUE(WaitFor([&] { return Ask(head + std::string(600, 'a')).starts_with("HTTP/1.1 200"); },
                      10s, "free"));
}

TEST_F(HttpServerTest, PromisesOfBodiesHoldLittleUntilTheyCome) {
  options.bodies_bytes_max = 8u << 20;
  Start();
  const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
  std::vector<std::unique_ptr<Raw>> idle;
  for (int i = 0; i < 64; ++i) {
    idle.push_back(std::make_unique<Raw>(server->port()));
    idle.back()->Send(head + "Expect: 100-continue\r\nContent-Length: 4194304\r\n\r\n");
    ASSERT_THAT(idle.back()->ReadTo("\r\n\r\n"), StartsWith("HTTP/1.1 100")) << i;
  }
  const std::string body(1u << 20, 'a');
  EXPECT_THAT(Ask(head + "Content-Length: 1048576\r\n\r\n" + body),
              HasSubstr("POST /a 127.0.0.1 1048576"));
}

TEST_F(HttpServerTest, TheBodiesOfAnAddressAreBounded) {
  options.bodies_bytes_per_address_max = 200'000;
  options.is_proxy = [](const std::string& address) { return address == "127.0.0.3"; };
  Start();
  const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
  const std::string large = head + "Content-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'a');
  const std::string chunk = "ea60\r\n" + std::string(60'000, 'a') + "\r\n";
  const std::string chunks =
      head + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + chunk + chunk + "0\r\n\r\n";
  // More than once: what was refused half way is given back.
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Ask(large), StartsWith("HTTP/1.1 503"));
    EXPECT_THAT(Ask(chunks), StartsWith("HTTP/1.1 503"));
  }
  EXPECT_THAT(Ask(large, "127.0.0.3"), StartsWith("HTTP/1.1 200"));
  // One that holds most of its share, while another address has its own.
  Raw holder(server->port());
  holder.Send(head + "Expect: 100-continue\r\nContent-Length: 150000\r\n\r\n");
  EXPECT_THAT(holder.ReadTo("\r\n\r\n"), StartsWith("HTTP/1.1 100"));
  const std::string middle = head + "Content-Length: 150000\r\n\r\n" + std::string(150'000, 'a');
  EXPECT_THAT(Ask(middle), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(Ask(middle, "127.0.0.2"), StartsWith("HTTP/1.1 200"));
  holder.Send(std::string(150'000, 'a'));
  EXPECT_THAT(holder.ReadTo(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, SilentConnectionsDoNotKeepOthersFromBeingServed) {
  options.connections_per_address_max = 200;
  Start();
  std::vector<std::unique_ptr<Raw>> silent;
  for (int i = 0; i < 100; ++i) {
    silent.push_back(std::make_unique<Raw>(server->port()));
    silent.back()->Send("GET / HTTP/1.1\r\n");
  }
  EXPECT_THAT(Get("/a"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, StopsWhenWhatIsAtWorkIsAnswered) {
  Start();
  Raw idle(server->port());
  Raw working(server->port());
  working.Send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(WaitFor([&] { return begun == 1; }, 10s, "at work"));
  std::jthread stopper([&] { server->Stop(20s); });
  EXPECT_EQ(idle.ReadTo(), "");
  gate_open = true;
  EXPECT_THAT(working.ReadTo(), HasSubstr("Connection: close"));
}

}  // namespace
}  // namespace lanemq::portal
