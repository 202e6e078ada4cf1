// What connections may use before they have said who they are, and what replies may use that nobody
// takes.

#include <algorithm>
#include <string>
#include <sys/socket.h>
#include <vector>

#include <gtest/gtest.h>

#include "common/rpc/data_plane_client.h"
#include "common/rpc/server.h"
#include "common/rpc/test_rig.h"

namespace lanemq::rpc {
namespace {

using namespace test;  // NOLINT: the rig is this test's vocabulary.

constexpr std::size_t kKiB = 1u << 10;
constexpr std::size_t kMiB = 1u << 20;

ServerOptions Asking() {
  ServerOptions options;
  options.must_identify = true;
  options.limits.sweep_interval = milliseconds(20);
  options.admit = [](const RequestHead& head) -> std::optional<Error> {
    if (head.caller != nullptr || head.method == "authenticate") return std::nullopt;
    return Error{ErrorCode::kAuthenticationFailed, "say who you are", 0};
  };
  return options;
}

// A produce request of so many bytes and a little.
std::string LargeFrame(std::int32_t seqid, std::size_t bytes) {
  return CallFrame("produce", seqid, [bytes](apache::thrift::protocol::TProtocol& protocol) {
    idl::ProduceRequest request;
    auto& batch = request.partitions.emplace_back();
    batch.topic = "orders";
    batch.messages.emplace_back().__set_body(std::string(bytes, 'b'));
    idl::DataPlane_produce_pargs args;
    args.request = &request;
    args.write(&protocol);
  });
}

std::string MessageFrame(std::int32_t seqid, std::int64_t bytes) {
  return CallFrame("getMessage", seqid, [bytes](apache::thrift::protocol::TProtocol& protocol) {
    idl::GetMessageRequest request;
    request.topic = "orders";
    request.offset = bytes;
    idl::DataPlane_getMessage_pargs args;
    args.request = &request;
    args.write(&protocol);
  });
}

TEST(UnidentifiedTest, WhoDoesNotSayWhoHeIsIsClosedAndWhoDoesStays) {
  ServerOptions options = Asking();
  options.limits.unidentified.patience = milliseconds(300);
  TestServer rig(options);
  RawClient known(rig.server->port());
  ASSERT_TRUE(known.Send(AuthenticateFrame(1, "lmq_billing_good")));
  ASSERT_TRUE(known.ReadFrame().has_value());
  RawClient silent(rig.server->port());
  RawClient refused(rig.server->port());
  ASSERT_TRUE(refused.Send(AuthenticateFrame(1, "lmq_billing_refused")));
  ASSERT_TRUE(refused.ReadFrame().has_value());
  EXPECT_TRUE(silent.WaitClosed());
  EXPECT_TRUE(refused.WaitClosed());
  EXPECT_EQ(rig.closed(CloseReason::kUnidentified), 2u);
  ASSERT_TRUE(known.Send(ServerInfoFrame(2)));
  EXPECT_EQ(RoleIn(known.ReadFrame().value()), "billing");
  EXPECT_EQ(rig.server->Stats().unidentified, 0);
}

TEST(UnidentifiedTest, WhereNobodyHasToSayWhoHeIsNobodyIsClosedForThat) {
  ServerOptions options = Asking();
  options.must_identify = false;
  options.admit = nullptr;
  options.limits.unidentified.patience = milliseconds(1);
  TestServer rig(options);
  RawClient client(rig.server->port());
  EXPECT_FALSE(client.WaitClosed(milliseconds(200)));
  ASSERT_TRUE(client.Send(ServerInfoFrame(1)));
  EXPECT_TRUE(client.ReadFrame().has_value());
}

TEST(UnidentifiedTest, OneAddressHasSoManyAndThoseWhoSaidWhoTheyAreDoNotCount) {
  ServerOptions options = Asking();
  options.limits.unidentified.connections_per_address_max = 3;
  TestServer rig(options);
  std::vector<RawClient> known;
  for (int i = 0; i < 5; ++i) {
    known.emplace_back(rig.server->port());
    ASSERT_TRUE(known.back().Send(AuthenticateFrame(1, "lmq_billing_good")));
    ASSERT_TRUE(known.back().ReadFrame().has_value());
  }
  std::vector<RawClient> nobodies;
  for (int i = 0; i < 3; ++i) nobodies.emplace_back(rig.server->port());
  ASSERT_TRUE(Eventually([&] { return rig.server->Stats().unidentified == 3; }));
  RawClient one_more(rig.server->port());
  EXPECT_TRUE(one_more.WaitClosed());
  EXPECT_EQ(rig.server->Stats().refused, 1u);
  nobodies.pop_back();
  ASSERT_TRUE(Eventually([&] { return rig.server->Stats().unidentified == 2; }));
  RawClient late(rig.server->port());
  ASSERT_TRUE(late.Send(AuthenticateFrame(1, "lmq_billing_good") + ServerInfoFrame(2)));
  EXPECT_TRUE(late.ReadFrame().has_value());
  EXPECT_EQ(RoleIn(late.ReadFrame().value()), "billing");
}

TEST(UnidentifiedTest, AllTogetherHaveAQuarterOfTheConnections) {
  ServerOptions options = Asking();
  options.limits.connections_max = 16;
  TestServer rig(options);
  std::vector<RawClient> nobodies;
  for (int i = 0; i < 4; ++i) nobodies.emplace_back(rig.server->port());
  ASSERT_TRUE(Eventually([&] { return rig.server->Stats().unidentified == 4; }));
  RawClient one_more(rig.server->port());
  EXPECT_TRUE(one_more.WaitClosed());
}

TEST(UnidentifiedTest, ALargeRequestNeedsToSayWhoItIsFirst) {
  TestServer rig(Asking());
  RawClient known(rig.server->port());
  ASSERT_TRUE(known.Send(AuthenticateFrame(1, "lmq_billing_good") + LargeFrame(2, kMiB)));
  ASSERT_TRUE(known.ReadFrame().has_value());
  const auto produced = known.ReadFrame();
  ASSERT_TRUE(produced.has_value()) << "it was sent behind the token, without waiting";
  EXPECT_FALSE(Parse(*produced).error_code);

  RawClient nobody(rig.server->port());
  ASSERT_TRUE(nobody.Send(LargeFrame(1, 32 * kKiB)));
  EXPECT_EQ(Parse(nobody.ReadFrame().value()).error_code,
            static_cast<int>(ErrorCode::kAuthenticationFailed));
  std::string half = LargeFrame(2, kMiB);
  half.resize(half.size() / 2);
  (void)nobody.Send(half);
  RawClient other(rig.server->port());
  ASSERT_TRUE(other.Send(ServerInfoFrame(1)));
  ASSERT_TRUE(other.ReadFrame().has_value());
  EXPECT_LT(rig.server->Stats().receive_bytes, static_cast<std::int64_t>(64 * kKiB));
}

TEST(UnidentifiedTest, WhoIsRefusedHearsItThoughLargeRequestsWereOnTheirWay) {
  ServerOptions options = Asking();
  options.limits.unidentified.patience = milliseconds(500);
  TestServer rig(options);
  RawClient client(rig.server->port());
  (void)client.Send(AuthenticateFrame(1, "lmq_billing_refused") + LargeFrame(2, kMiB));
  const auto refusal = client.ReadFrame();
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(Parse(*refusal).error_code, static_cast<int>(ErrorCode::kAuthenticationFailed));
  EXPECT_LT(rig.server->Stats().receive_bytes, static_cast<std::int64_t>(64 * kKiB));
  EXPECT_TRUE(client.WaitClosed());
  EXPECT_EQ(rig.closed(CloseReason::kUnidentified), 1u);
}

TEST(UnidentifiedTest, LengthsThatNoFrameHasAreClosedAtOnce) {
  TestServer rig(Asking());
  RawClient client(rig.server->port());
  ASSERT_TRUE(client.Send(std::string("\x7f\xff\xff\xff", 4)));
  EXPECT_TRUE(client.WaitClosed(milliseconds(3'000)));
  EXPECT_EQ(rig.closed(CloseReason::kFrameLength), 1u);
}

TEST(UnidentifiedTest, RefusalsThatNobodyReadsStopAtALittle) {
  ServerOptions options = Asking();
  options.limits.unidentified.patience = milliseconds(3'000);
  TestServer rig(options);
  RawClient client(rig.server->port());
  const int small = 4 * 1024;
  ASSERT_EQ(::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
  std::string many;
  for (int i = 1; i <= 200; ++i) many += ServerInfoFrame(i);
  const timeval soon{.tv_sec = 0, .tv_usec = 50'000};
  ::setsockopt(client.fd(), SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
  std::int64_t most = 0;
  for (int i = 0; i < 3'000 && client.Send(many); ++i) {
    most = std::max(most, rig.server->Stats().out_bytes);
  }
  EXPECT_GE(rig.server->Stats().pauses, 1u) << "it never came to that";
  EXPECT_LT(most, static_cast<std::int64_t>(128 * kKiB));
  EXPECT_TRUE(Eventually([&] { return rig.closed(CloseReason::kUnidentified) == 1; }));
  EXPECT_TRUE(Eventually([&] { return rig.server->Stats().out_bytes == 0; }));
}

// Known clients that ask for a lot and take nothing.
std::vector<RawClient> Hoarders(const TestServer& rig, int count, std::int64_t bytes_each) {
  std::vector<RawClient> clients;
  for (int i = 0; i < count; ++i) {
    clients.emplace_back(rig.server->port());
    EXPECT_TRUE(clients.back().Send(AuthenticateFrame(1, "lmq_billing_good") +
                                    MessageFrame(2, bytes_each)));
  }
  return clients;
}

TEST(ReplyMemoryTest, ThoseWhoTakeNothingAreClosedAndOthersAreServed) {
  ServerOptions options = Asking();
  options.limits.out_bytes_max = 32 * kMiB;
  TestServer rig(options);
  std::vector<RawClient> hoarders = Hoarders(rig, 6, 12 * kMiB);
  EXPECT_TRUE(Eventually([&] { return rig.closed(CloseReason::kReplyBytes) >= 1; }));
  EXPECT_TRUE(Eventually(
      [&] { return rig.server->Stats().out_bytes <= static_cast<std::int64_t>(24 * kMiB); }));
  // A hoarder whose request is answered late makes memory scarce once more: until he is closed
  // as well, others are throttled or closed, and served when they come again.
  const auto is_served = [&] {
    RawClient client(rig.server->port());
    if (!client.Send(AuthenticateFrame(1, "lmq_payments_good") + MessageFrame(2, 4 * kMiB)) ||
        !client.ReadFrame().has_value()) {
      return false;
    }
    const auto message = client.ReadFrame();
    return message.has_value() && message->size() > 4 * kMiB;
  };
  EXPECT_TRUE(Eventually(is_served)) << "once those who take nothing are closed";
  hoarders.clear();
  EXPECT_TRUE(Eventually([&] { return rig.server->Stats().out_bytes == 0; }))
      << "all is given back";
}

TEST(ReplyMemoryTest, AReplyThatIsTooMuchEndsItsConnectionAtOnce) {
  ServerOptions options = Asking();
  options.limits.out_bytes_max = 20 * kMiB;
  options.limits.sweep_interval = milliseconds(60'000);  // Nobody is closed for his slowness.
  TestServer rig(options);
  RawClient client(rig.server->port());
  ASSERT_TRUE(client.Send(AuthenticateFrame(1, "lmq_billing_good") + MessageFrame(2, 14 * kMiB) +
                          MessageFrame(3, 14 * kMiB)));
  EXPECT_TRUE(Eventually([&] { return rig.closed(CloseReason::kReplyBytes) == 1; }));
  EXPECT_EQ(rig.server->Stats().out_bytes, 0);
}

TEST(ReplyMemoryTest, WhileMemoryIsScarceRequestsAreThrottled) {
  ServerOptions options = Asking();
  options.limits.out_bytes_max = 32 * kMiB;
  options.limits.sweep_interval = milliseconds(60'000);  // Nobody is closed for his slowness.
  TestServer rig(options);
  RawClient client(rig.server->port());
  ASSERT_TRUE(client.Send(AuthenticateFrame(1, "lmq_payments_good")));
  ASSERT_TRUE(client.ReadFrame().has_value());
  std::vector<RawClient> hoarders = Hoarders(rig, 2, 15 * kMiB);
  ASSERT_TRUE(Eventually([&] {
    return rig.server->Stats().out_bytes > static_cast<std::int64_t>(24 * kMiB);
  })) << rig.server->Stats().out_bytes;
  ASSERT_TRUE(client.Send(ServerInfoFrame(2)));
  EXPECT_EQ(Parse(client.ReadFrame().value()).error_code, static_cast<int>(ErrorCode::kThrottled));
  hoarders.clear();
  ASSERT_TRUE(Eventually([&] { return rig.server->Stats().out_bytes == 0; }));
  ASSERT_TRUE(client.Send(ServerInfoFrame(3)));
  EXPECT_EQ(RoleIn(client.ReadFrame().value()), "payments");
}

}  // namespace
}  // namespace lanemq::rpc
