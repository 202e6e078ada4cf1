#include "common/rpc/tls_stream.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <boost/asio/error.hpp>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "common/rpc/out_queue.h"
#include "common/rpc/test_certificates.h"
#include "common/rpc/tls_context.h"

namespace lanemq::rpc {
namespace {

using namespace test;  // NOLINT: the rigs are this test's vocabulary.
using boost::system::error_code;

// Both ends in one thread, over a pair of sockets that hold little.
class StreamPair {
 public:
  StreamPair() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets_), 0);
    const int bytes = 8'192;
    for (const int socket : sockets_) {
      EXPECT_EQ(::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes), 0);
    }
    const TestAuthority authority;
    const CertifiedKey own = authority.Issue({});
    tls_server_ = TlsServer::Make({.certificate_file = files_.Write("own.pem", own.certificate),
                                   .key_file = files_.Write("own.key", own.key)})
                      .value();
    tls_client_ =
        TlsClient::Make({.ca_file = files_.Write("ca.pem", authority.certificate())}).value();
    server = std::make_unique<TlsStream>(*tls_server_, sockets_[0]);
    client = std::make_unique<TlsStream>(*tls_client_, "localhost", sockets_[1]);
  }
  ~StreamPair() {
    server.reset();
    client.reset();
    CloseClientSocket();
    ::close(sockets_[0]);
  }
  StreamPair(const StreamPair&) = delete;
  StreamPair& operator=(const StreamPair&) = delete;

  [[nodiscard]] bool ShakeHands() const {
    auto ours = TlsStream::Handshake::kWantsRead;
    auto theirs = TlsStream::Handshake::kWantsRead;
    for (int step = 0; step < 20; ++step) {
      if (theirs != TlsStream::Handshake::kDone) theirs = client->Advance();
      if (ours != TlsStream::Handshake::kDone) ours = server->Advance();
    }
    return ours == TlsStream::Handshake::kDone && theirs == TlsStream::Handshake::kDone;
  }
  void CloseClientSocket() {
    if (sockets_[1] >= 0) ::close(sockets_[1]);
    sockets_[1] = -1;
  }

  std::unique_ptr<TlsStream> server;
  std::unique_ptr<TlsStream> client;

 private:
  PemFolder files_;
  int sockets_[2] = {-1, -1};
  std::shared_ptr<TlsServer> tls_server_;
  std::shared_ptr<TlsClient> tls_client_;
};

OwnedBytes Frame(const std::string& text) {
  OwnedBytes frame;
  frame.data.reset(static_cast<std::uint8_t*>(std::malloc(text.size())));
  std::memcpy(frame.data.get(), text.data(), text.size());
  frame.size = frame.capacity = text.size();
  return frame;
}

// One way of a connection: frames of all sizes go in, bytes come out.
struct Way {
  TlsStream& from;
  TlsStream& to;
  OutQueue queue = {};
  std::string pushed = {};
  std::string received = {};
  std::size_t blocked = 0;

  void Push(Random& random) {
    const std::size_t bytes_max = random.Below(4) == 0 ? 50'000 : 200;
    const std::string text(1 + random.Below(bytes_max), static_cast<char>('a' + random.Below(26)));
    queue.Push(Frame(text));
    pushed += text;
  }
  void Write() {
    while (!queue.empty()) {
      std::array<boost::asio::const_buffer, 64> room;
      error_code error;
      const std::size_t sent = from.WriteSome(queue.Pieces(room), error);
      if (error == boost::asio::error::would_block) {
        ++blocked;
        return;
      }
      ASSERT_FALSE(error) << from.error();
      queue.Sent(sent);
    }
  }
  void Read(Random& random) {
    std::vector<std::uint8_t> room(1 + random.Below(40'000));
    error_code error;
    const std::size_t got = to.ReadSome(room, error);
    if (error == boost::asio::error::would_block) return;
    ASSERT_FALSE(error) << to.error();
    received.append(reinterpret_cast<const char*>(room.data()), got);
  }
};

TEST(TlsStreamTest, WhatIsWrittenIsReadWhateverThePiecesAndThePauses) {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    StreamPair pair;
    ASSERT_TRUE(pair.ShakeHands());
    std::array<Way, 2> ways = {Way{*pair.client, *pair.server}, Way{*pair.server, *pair.client}};
    for (int step = 0; step < 2'000; ++step) {
      Way& way = ways[random.Below(2)];
      // More frames come while a write waits, as they do.
      if (random.Below(3) == 0) way.Push(random);
      if (random.Below(2) == 0) way.Write();
      if (random.Below(2) == 0) way.Read(random);
    }
    for (Way& way : ways) {
      while (way.received.size() < way.pushed.size()) {
        const std::size_t before = way.received.size() + way.pushed.size();
        way.Write();
        way.Read(random);
        ASSERT_FALSE(HasFatalFailure()) << before;
      }
      EXPECT_EQ(way.received, way.pushed);
      EXPECT_GT(way.blocked, 10u);
    }
  }
}

TEST(TlsStreamTest, SmallPiecesShareARecord) {
  StreamPair pair;
  ASSERT_TRUE(pair.ShakeHands());
  const std::string text(50, 'x');
  const std::vector<boost::asio::const_buffer> pieces(40, {text.data(), text.size()});
  error_code error;
  EXPECT_EQ(pair.client->WriteSome(pieces, error), 2'000u);
  std::array<std::uint8_t, 4'096> room{};
  EXPECT_EQ(pair.server->ReadSome(room, error), 2'000u);
}

TEST(TlsStreamTest, AWriteToAVanishedPeerIsAnErrorAndNoSignal) {
  StreamPair pair;
  ASSERT_TRUE(pair.ShakeHands());
  pair.CloseClientSocket();
  const std::string text(100, 'x');
  const boost::asio::const_buffer piece(text.data(), text.size());
  for (int i = 0; i < 3; ++i) {
    error_code error;
    EXPECT_EQ(pair.server->WriteSome({&piece, 1}, error), 0u);
    EXPECT_EQ(error, boost::asio::error::broken_pipe);
    EXPECT_EQ(pair.server->error(), "Broken pipe");
  }
  std::array<std::uint8_t, 100> room{};
  error_code error;
  EXPECT_EQ(pair.server->ReadSome(room, error), 0u);
  EXPECT_EQ(error, boost::asio::error::eof);
  pair.server->SayGoodbye();
}

TEST(TlsStreamTest, WhatCameBeforeTheEndIsReadFirst) {
  for (const bool is_polite : {true, false}) {
    StreamPair pair;
    ASSERT_TRUE(pair.ShakeHands());
    const std::string text(100, 'x');
    const boost::asio::const_buffer piece(text.data(), text.size());
    error_code error;
    ASSERT_EQ(pair.client->WriteSome({&piece, 1}, error), 100u);
    if (is_polite) pair.client->SayGoodbye();
    pair.CloseClientSocket();
    std::array<std::uint8_t, 1'000> room{};
    EXPECT_EQ(pair.server->ReadSome(room, error), 100u);
    EXPECT_FALSE(error);
    EXPECT_EQ(pair.server->ReadSome(room, error), 0u);
    EXPECT_EQ(error, boost::asio::error::eof);
    EXPECT_FALSE(pair.server->is_violated());
    EXPECT_TRUE(pair.server->has_more()) << "the end is not forgotten";
  }
}

TEST(TlsStreamTest, AnEndInTheHandshakeIsToldAsSuch) {
  StreamPair pair;
  EXPECT_EQ(pair.client->Advance(), TlsStream::Handshake::kWantsRead);
  EXPECT_EQ(pair.server->Advance(), TlsStream::Handshake::kWantsRead);
  pair.CloseClientSocket();
  TlsStream::Handshake step = TlsStream::Handshake::kWantsRead;
  for (int i = 0; i < 5 && step != TlsStream::Handshake::kFailed; ++i)
    step = pair.server->Advance();
  EXPECT_EQ(step, TlsStream::Handshake::kFailed);
  EXPECT_FALSE(pair.server->is_violated());
  EXPECT_NE(pair.server->error().find("in the handshake; the other side may not speak TLS"),
            std::string::npos)
      << pair.server->error();
  EXPECT_EQ(pair.server->Advance(), TlsStream::Handshake::kFailed);
}

TEST(TlsStreamTest, AHostThatCannotBeANameIsNotCalled) {
  const PemFolder files;
  const TestAuthority authority;
  const auto client =
      TlsClient::Make({.ca_file = files.Write("ca.pem", authority.certificate())}).value();
  TlsStream stream(*client, std::string(300, 'x'), -1);
  EXPECT_EQ(stream.Advance(), TlsStream::Handshake::kFailed);
  EXPECT_NE(stream.error().find("is not a name"), std::string::npos) << stream.error();
}

}  // namespace
}  // namespace lanemq::rpc
