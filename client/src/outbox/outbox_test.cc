// What the library refuses before any SQL, and how it wakes relays. No database.
#include "lanemq/outbox.h"

#include <arpa/inet.h>
#include <limits>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "lanemq/inbox.h"
#include "lanemq/relay_wake.h"

namespace lanemq {
namespace {

using std::chrono_literals::operator""ms;

/// Takes everything and remembers how often.
class CountingSession final : public SqlSession {
 public:
  Result<std::int64_t> Execute(std::string_view text, std::span<const SqlValue> params) override {
    ++calls;
    text_ = text;
    values = params.size();
    return std::int64_t{1};
  }
  int calls = 0;
  std::string text_;
  std::size_t values = 0;
};

class OutboxRulesTest : public ::testing::Test {
 protected:
  /// The code of what Append() answers; kUnknownServerError stands for ok.
  ErrorCode CodeOf(const OutboxRecord& record) {
    const Status appended = outbox_->Append(session_, record);
    return appended.ok() ? ErrorCode::kUnknownServerError : appended.error().code;
  }
  CountingSession session_;
  std::unique_ptr<Outbox> outbox_ = *Outbox::Create({});
};

TEST_F(OutboxRulesTest, WhatABrokerWouldRefuseIsRefusedBeforeAnySql) {
  const OutboxRecord good = {.topic = "t"};
  const auto with = [&](auto&& change) {
    OutboxRecord record = good;
    change(record);
    return CodeOf(record);
  };
  for (const std::string& topic : {std::string(), std::string("a b"), std::string(".."),
                                   std::string(250, 't'), std::string("t\0", 2)}) {
    EXPECT_EQ(with([&](auto& r) { r.topic = topic; }), ErrorCode::kInvalidTopic) << topic;
  }
  EXPECT_EQ(with([](auto& r) { r.key = std::string(1025, 'k'); }), ErrorCode::kMessageTooLarge);
  EXPECT_EQ(with([](auto& r) { r.body = std::string((1 << 20) + 1, 'b'); }),
            ErrorCode::kMessageTooLarge);
  EXPECT_EQ(with([](auto& r) {
              r.headers = {{"name", std::string(16 << 10, 'h')}};
            }),
            ErrorCode::kMessageTooLarge);
  EXPECT_EQ(with([](auto& r) { r.headers.resize(101); }), ErrorCode::kMessageTooLarge);
  EXPECT_EQ(with([](auto& r) { r.delay = -1ms; }), ErrorCode::kInvalidRequest);
  EXPECT_EQ(with([](auto& r) { r.delay = std::chrono::milliseconds::max(); }),
            ErrorCode::kInvalidRequest);
  EXPECT_EQ(with([](auto& r) { r.deliver_at_us = -1; }), ErrorCode::kInvalidRequest);
  EXPECT_EQ(with([](auto& r) { r.deliver_at_us = 253'402'300'800'000'000; }),
            ErrorCode::kInvalidRequest);
  EXPECT_EQ(with([](auto& r) { r.delay = 1ms, r.deliver_at_us = 1; }), ErrorCode::kInvalidRequest);
  EXPECT_EQ(session_.calls, 0);

  EXPECT_EQ(with([](auto& r) {
              r.topic = std::string(249, 't');
              r.key = std::string(1024, 'k');
              r.body = std::string(1 << 20, 'b');
              r.headers = {{"name", std::string((16 << 10) - 4, 'h')}};
              r.deliver_at_us = 253'402'300'799'999'999;
            }),
            ErrorCode::kUnknownServerError);
  EXPECT_EQ(session_.calls, 1);
}

TEST_F(OutboxRulesTest, ManyAreBoundedAndOneBadOneStopsAll) {
  EXPECT_TRUE(outbox_->AppendAll(session_, {}).ok());
  std::vector<OutboxRecord> records(Outbox::kRowsMax + 1, {.topic = "t"});
  EXPECT_EQ(outbox_->AppendAll(session_, records).error().code, ErrorCode::kRecordListTooLarge);
  records.assign(5, {.topic = "t", .body = std::string(1 << 20, 'b')});
  EXPECT_EQ(outbox_->AppendAll(session_, records).error().code, ErrorCode::kRecordListTooLarge);
  records.assign(3, {.topic = "t"});
  records.back().topic = "?";
  EXPECT_EQ(outbox_->AppendAll(session_, records).error().code, ErrorCode::kInvalidTopic);
  EXPECT_EQ(session_.calls, 0);
  records.pop_back();
  EXPECT_TRUE(outbox_->AppendAll(session_, records).ok());
  EXPECT_EQ(session_.calls, 1);
  EXPECT_EQ(session_.values, 10u);
  EXPECT_EQ(outbox_->Counts().records_appended, 2);
}

TEST_F(OutboxRulesTest, TheApplicationsTopicsAreAsked) {
  outbox_ = *Outbox::Create({.check_topic = [](std::string_view topic) -> Status {
    if (topic == "orders") return {};
    return Error{ErrorCode::kUnknownTopicOrPartition, "not one of ours"};
  }});
  EXPECT_EQ(CodeOf({.topic = "order"}), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(session_.calls, 0);
  EXPECT_TRUE(outbox_->Append(session_, {.topic = "orders"}).ok());
}

TEST_F(OutboxRulesTest, TableNamesAreIdentifiers) {
  for (const std::string& name :
       {std::string(), std::string("."), std::string("a."), std::string(".a"), std::string("a.b.c"),
        std::string("a`b"), std::string("a b"), std::string("t;DROP"), std::string("caf\xc3\xa9"),
        std::string("a\0b", 3), std::string(65, 'a'), std::string("s.") + std::string(65, 'a')}) {
    EXPECT_EQ(Outbox::Create({.table = name}).error().code, ErrorCode::kInvalidConfig) << name;
    EXPECT_EQ(Inbox::Create({.table = name, .group = "g"}).error().code, ErrorCode::kInvalidConfig);
  }
  outbox_ = *Outbox::Create({.table = "team_1.out$box"});
  EXPECT_TRUE(outbox_->Append(session_, {.topic = "t"}).ok());
  EXPECT_NE(session_.text_.find(" `team_1`.`out$box` "), std::string::npos) << session_.text_;
}

TEST_F(OutboxRulesTest, OptionsHaveRanges) {
  EXPECT_FALSE(Outbox::Create({.message_bytes_max = 0}).ok());
  EXPECT_FALSE(Outbox::Create({.message_bytes_max = (4u << 20) + 1}).ok());
  EXPECT_FALSE(Outbox::Create({.key_bytes_max = 1025}).ok());
  EXPECT_FALSE(Outbox::Create({.headers_bytes_max = (16u << 10) + 1}).ok());
  EXPECT_FALSE(Outbox::Create({.relay_addresses = {"relay1"}}).ok());
  EXPECT_FALSE(Inbox::Create({}).ok());
  EXPECT_FALSE(Inbox::Create({.group = std::string(250, 'g')}).ok());
}

TEST(SqlErrorTest, CodesSayWhatToDo) {
  EXPECT_EQ(SqlError(1062, "x").code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(SqlError(1213, "x").code, ErrorCode::kConflict);
  EXPECT_EQ(SqlError(1205, "x").code, ErrorCode::kConflict);
  EXPECT_EQ(SqlError(2013, "x").code, ErrorCode::kDataNodeUnavailable);
  EXPECT_EQ(SqlError(1146, "x").code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(SqlError(1406, "x").code, ErrorCode::kMessageTooLarge);
  const Error unknown = SqlError(9'999, "what it says");
  EXPECT_EQ(unknown.code, ErrorCode::kUnknownServerError);
  EXPECT_EQ(unknown.message, "what it says (9999)");
}

/// A UDP socket on loopback, as a relay has one.
class Listener {
 public:
  explicit Listener(int family) : socket_(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void* address = family == AF_INET ? static_cast<void*>(&v4) : static_cast<void*>(&v6);
    socklen_t size = family == AF_INET ? sizeof v4 : sizeof v6;
    is_bound_ = ::bind(socket_, static_cast<sockaddr*>(address), size) == 0 &&
                ::getsockname(socket_, static_cast<sockaddr*>(address), &size) == 0;
    const int port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
    address_ = (family == AF_INET ? "127.0.0.1:" : "[::1]:") + std::to_string(port);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] bool is_bound() const { return is_bound_; }
  [[nodiscard]] const std::string& address() const { return address_; }
  /// The next datagram; empty when none comes in time.
  std::string Receive() {
    std::string bytes(100, '\0');
    const auto size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }

 private:
  int socket_;
  bool is_bound_ = false;
  std::string address_;
};

TEST(RelayWakeTest, ReachesWhoListens) {
  for (const int family : {AF_INET, AF_INET6}) {
    Listener relay(family);
    if (family == AF_INET6 && !relay.is_bound()) continue;  // A machine without IPv6.
    ASSERT_TRUE(relay.is_bound());
    const auto sent = WakeRelays({relay.address()});
    ASSERT_TRUE(sent.ok()) << sent.error().ToString();
    EXPECT_EQ(*sent, 1);
    EXPECT_EQ(relay.Receive(), kRelayWakeDatagram);

    const auto outbox = *Outbox::Create({.relay_addresses = {relay.address()}});
    outbox->AfterCommit();
    EXPECT_EQ(relay.Receive(), "lanemq-wake\n");
    EXPECT_EQ(outbox->Counts().wakes_sent, 1);
  }
}

TEST(RelayWakeTest, NamesAreCheckedAndTheUnknownGetNothing) {
  const auto bad = WakeRelays({"127.0.0.1:1", "no-port"});
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(*WakeRelays({}), 0);
  EXPECT_EQ(*WakeRelays({"no-such-host.invalid:9670"}), 0);
}

TEST(RelayWakeTest, NobodyListensAndNothingWaits) {
  std::string nobody;
  {
    const Listener gone(AF_INET);
    nobody = gone.address();
  }
  const auto outbox = *Outbox::Create({.relay_addresses = {nobody}});
  const SystemClock& clock = SystemClock::Instance();
  const MonotonicTime start = clock.Now();
  constexpr int kCalls = 100'000;
  for (int i = 0; i < kCalls; ++i) outbox->AfterCommit();
  const auto took = std::chrono::ceil<std::chrono::milliseconds>(clock.Now() - start);
  const OutboxCounts counts = outbox->Counts();
  EXPECT_EQ(counts.wakes_sent + counts.wakes_skipped + counts.wakes_failed, kCalls);
  EXPECT_GE(counts.wakes_sent, 1);
  EXPECT_LE(counts.wakes_sent + counts.wakes_failed, took.count() + 1) << "one per millisecond";
  EXPECT_LT(took, std::chrono::seconds(10));
  // Without relays there is nothing to do, and nothing is counted.
  const auto alone = *Outbox::Create({});
  alone->AfterCommit();
  EXPECT_EQ(alone->Counts().wakes_skipped + alone->Counts().wakes_sent, 0);
}

}  // namespace
}  // namespace lanemq
