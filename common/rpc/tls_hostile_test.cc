// What a server with TLS must survive, and whom it must not believe.

#include <openssl/ssl.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/rpc/data_plane_client.h"
#include "common/rpc/test_certificates.h"

namespace lanemq::rpc {
namespace {

using namespace test;  // NOLINT: the rigs are this test's vocabulary.

// Another client, on a connection of its own, that must not notice anything.
class Bystander {
 public:
  explicit Bystander(const TlsRig& rig) : endpoint_(rig.endpoint()), transport_(rig.Client()) {
    ExpectServed();
  }
  void ExpectServed() {
    EXPECT_TRUE(client_.ServerInfoSync(endpoint_, {}, In(milliseconds(5'000))).ok());
    EXPECT_EQ(transport_.Stats().connects, 1u) << "its connection was cut";
  }

 private:
  const Endpoint endpoint_;
  RpcClient transport_;
  DataPlaneClient client_{transport_};
};

TEST(TlsHostileTest, OldVersionsAndWeakCiphersAreRefused) {
  const TlsRig rig;
  Bystander bystander(rig);
  const std::vector<RawTlsClient::Settings> refused = {
      {TLS1_VERSION, TLS1_VERSION, ""},
      {TLS1_1_VERSION, TLS1_1_VERSION, ""},
      {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"},    // CBC.
      {TLS1_2_VERSION, TLS1_2_VERSION, "AES128-GCM-SHA256"},            // No forward secrecy.
      {TLS1_2_VERSION, TLS1_2_VERSION, "AECDH-AES128-SHA:@SECLEVEL=0"}  // Nobody in particular.
  };
  for (const auto& settings : refused) {
    RawTlsClient client(rig.endpoint().port, settings);
    EXPECT_FALSE(client.ShakeHands()) << settings.version_max << " " << settings.ciphers;
    EXPECT_TRUE(client.socket().WaitClosed());
  }
  EXPECT_TRUE(Eventually([&] { return rig.server->closed(CloseReason::kTls) == refused.size(); }));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    RawTlsClient client(rig.endpoint().port, {version, version, ""});
    ASSERT_TRUE(client.ShakeHands()) << version;
    ASSERT_TRUE(client.Send(ServerInfoFrame(5)));
    EXPECT_EQ(Parse(client.ReadFrame().value()).seqid, 5);
    EXPECT_EQ(SSL_get_current_compression(client.ssl()), nullptr);
    EXPECT_EQ(SSL_session_reused(client.ssl()), 0);
    EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get0_session(client.ssl())), 0) << version;
  }
  bystander.ExpectServed();
}

TEST(TlsHostileTest, AClientThatStopsInMidHandshakeIsClosedByTheDeadline) {
  TlsRig::Setup setup;
  setup.options.limits.frame_deadline = milliseconds(100);
  const TlsRig rig(std::move(setup));
  Bystander bystander(rig);
  RawClient silent(rig.endpoint().port);
  RawClient half(rig.endpoint().port);
  ASSERT_TRUE(half.Send(std::string("\x16\x03\x01\x02\x00\x01", 6)));
  EXPECT_TRUE(silent.WaitClosed());
  EXPECT_TRUE(half.WaitClosed());
  EXPECT_TRUE(Eventually([&] { return rig.server->closed(CloseReason::kTls) == 2; }));
  EXPECT_EQ(rig.server->server->Stats().handshakes, 1u);
  bystander.ExpectServed();
}

TEST(TlsHostileTest, GarbageBehindTheHandshakeEndsTheConnection) {
  const TlsRig rig;
  Bystander bystander(rig);
  for (const std::string& garbage : {std::string(1'000, '\xa5'), ServerInfoFrame(1),
                                     std::string("\x17\x03\x03\x00\x20", 5) +
                                         std::string(32, 'x')}) {  // A record, but nobody's.
    RawTlsClient client(rig.endpoint().port);
    ASSERT_TRUE(client.ShakeHands());
    ASSERT_TRUE(client.Send(ServerInfoFrame(1)));
    ASSERT_TRUE(client.ReadFrame().has_value());
    ASSERT_TRUE(client.socket().Send(garbage));
    EXPECT_TRUE(client.socket().WaitClosed());
  }
  EXPECT_TRUE(Eventually([&] { return rig.server->closed(CloseReason::kTls) == 3; }));
  bystander.ExpectServed();
}

TEST(TlsHostileTest, ImpossibleLengthsAreClosedWithinTlsToo) {
  const TlsRig rig;
  RawTlsClient client(rig.endpoint().port);
  ASSERT_TRUE(client.ShakeHands());
  ASSERT_TRUE(client.Send(std::string("\x7f\xff\xff\xff", 4)));
  EXPECT_TRUE(client.socket().WaitClosed());
  EXPECT_TRUE(Eventually([&] { return rig.server->closed(CloseReason::kFrameLength) == 1; }));
}

TEST(TlsHostileTest, RenegotiationIsRefused) {
  const TlsRig rig;
  Bystander bystander(rig);
  RawTlsClient client(rig.endpoint().port, {TLS1_2_VERSION, TLS1_2_VERSION, ""});
  ASSERT_TRUE(client.ShakeHands());
  ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
  EXPECT_NE(SSL_do_handshake(client.ssl()), 1);
  EXPECT_EQ(rig.server->server->Stats().handshakes, 2u);
  bystander.ExpectServed();
}

TEST(TlsHostileTest, NewKeysAreTakenInTheMiddleOfAConnection) {
  const TlsRig rig;
  RawTlsClient client(rig.endpoint().port, {TLS1_3_VERSION, TLS1_3_VERSION, ""});
  ASSERT_TRUE(client.ShakeHands());
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    ASSERT_TRUE(client.Send(ServerInfoFrame(i)));
    const auto frame = client.ReadFrame();
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(Parse(*frame).seqid, i);
  }
}

TEST(TlsHostileTest, AClientThatVanishesWhileItIsWrittenToHarmsNobody) {
  const TlsRig rig;
  Bystander bystander(rig);
  for (int i = 0; i < 5; ++i) {
    RawTlsClient client(rig.endpoint().port);
    ASSERT_TRUE(client.ShakeHands());
    std::string many;
    for (int call = 0; call < 30; ++call) {
      many += CallFrame("getMessage", call, [](auto& protocol) {
        idl::DataPlane_getMessage_args args;
        args.request.offset = 1 << 20;
        args.write(&protocol);
      });
    }
    ASSERT_TRUE(client.Send(many));
    ASSERT_TRUE(client.ReadFrame().has_value());
  }
  EXPECT_TRUE(Eventually([&] { return rig.server->server->Stats().connections == 1; }));
  bystander.ExpectServed();
}

TEST(TlsHostileTest, AClientThatDoesNotReadItsRepliesIsPausedAndThenClosed) {
  TlsRig::Setup setup;
  setup.options.limits.out_bytes_per_connection_max = 4u << 20;
  setup.options.limits.stall_timeout = milliseconds(200);
  const TlsRig rig(std::move(setup));
  Bystander bystander(rig);
  RawTlsClient client(rig.endpoint().port);
  ASSERT_TRUE(client.ShakeHands());
  std::string many;
  for (int i = 0; i < 200; ++i) {
    many += CallFrame("getMessage", i, [](auto& protocol) {
      idl::DataPlane_getMessage_args args;
      args.request.offset = 1 << 20;
      args.write(&protocol);
    });
  }
  ASSERT_TRUE(client.Send(many));
  EXPECT_TRUE(Eventually([&] { return rig.server->closed(CloseReason::kStall) == 1; }));
  EXPECT_GE(rig.server->server->Stats().pauses, 1u);
  EXPECT_LT(rig.server->server->Stats().frames_in, 100u);
  bystander.ExpectServed();
}

}  // namespace
}  // namespace lanemq::rpc
