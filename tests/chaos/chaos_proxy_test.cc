#include "tests/chaos/chaos_proxy.h"

#include <arpa/inet.h>
#include <optional>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/wait_for.h"

namespace lanemq::chaos {
namespace {

using std::chrono_literals::operator""s;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Answers every message with itself, and counts the bytes it got.
class EchoServer {
 public:
  EchoServer() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = Loopback(0);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    socklen_t size = sizeof(address);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { Serve(); });
  }
  ~EchoServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  int port() const { return port_; }
  std::size_t received() const { return received_; }

 private:
  void Serve() {
    int peer = 0;
    while ((peer = ::accept(listener_, nullptr, nullptr)) >= 0) {
      char buffer[256];
      ssize_t bytes = 0;
      while ((bytes = ::recv(peer, buffer, sizeof(buffer), 0)) > 0) {
        received_ += static_cast<std::size_t>(bytes);
        if (::send(peer, buffer, static_cast<std::size_t>(bytes), MSG_NOSIGNAL) < 0) break;
      }
      ::close(peer);
    }
  }
  int listener_ = -1;
  int port_ = 0;
  std::atomic<std::size_t> received_ = 0;
  std::jthread thread_;
};

class Client {
 public:
  explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = Loopback(port);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~Client() { ::close(socket_); }
  // What comes back; empty when the connection was cut.
  std::string Ask(const std::string& text) {
    ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    char buffer[256];
    const ssize_t bytes = ::recv(socket_, buffer, sizeof(buffer), 0);
    return bytes > 0 ? std::string(buffer, static_cast<std::size_t>(bytes)) : "";
  }

 private:
  int socket_;
};

class ChaosProxyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = ChaosProxy::Start(server_.port(), 1);
    ASSERT_TRUE(started.ok());
    proxy_ = std::move(started).value();
  }
  EchoServer server_;
  std::unique_ptr<ChaosProxy> proxy_;
};

TEST_F(ChaosProxyTest, PassesBytesOn) {
  Client client(proxy_->port());
  EXPECT_EQ(client.Ask("hello"), "hello");
  EXPECT_EQ(client.Ask("again"), "again");
  EXPECT_EQ(proxy_->Stats().connections, 1);
  EXPECT_EQ(proxy_->Stats().cuts(), 0);
}

TEST_F(ChaosProxyTest, CutsBeforeTheRequest) {
  Client client(proxy_->port());
  proxy_->SetCuts({.before_request = 1});
  EXPECT_EQ(client.Ask("hello"), "");
  EXPECT_EQ(server_.received(), 0u);
  EXPECT_EQ(proxy_->Stats().before_request, 1);
}

TEST_F(ChaosProxyTest, CutsInsideTheRequest) {
  Client client(proxy_->port());
  proxy_->SetCuts({.inside_request = 1});
  EXPECT_EQ(client.Ask("12345678"), "");
  EXPECT_TRUE(testing::WaitFor([&] { return server_.received() == 4; }, 10s, "half a request"));
}

TEST_F(ChaosProxyTest, CutsBetweenExecuteAndReply) {
  Client client(proxy_->port());
  proxy_->SetCuts({.before_reply = 1});
  EXPECT_EQ(client.Ask("hello"), "");
  EXPECT_EQ(server_.received(), 5u);
  EXPECT_EQ(proxy_->Stats().before_reply, 1);
}

TEST_F(ChaosProxyTest, CutsInsideTheReply) {
  Client client(proxy_->port());
  proxy_->SetCuts({.inside_reply = 1});
  EXPECT_EQ(client.Ask("12345678"), "1234");
}

TEST_F(ChaosProxyTest, BlocksAndLetsThroughAgain) {
  Client client(proxy_->port());
  EXPECT_EQ(client.Ask("hello"), "hello");
  proxy_->Block(true);
  EXPECT_EQ(client.Ask("hello"), "");
  EXPECT_EQ(Client(proxy_->port()).Ask("hello"), "");
  proxy_->Block(false);
  EXPECT_EQ(Client(proxy_->port()).Ask("hello"), "hello");
  EXPECT_EQ(proxy_->Stats().cut_all, 1);
}

}  // namespace
}  // namespace lanemq::chaos
