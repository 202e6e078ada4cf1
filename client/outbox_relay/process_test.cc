// The relay as a process: what it is told, what it tells, what wakes it.
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ControlPlane.h"
#include "client/outbox_relay/admin_pages.h"
#include "client/outbox_relay/command_line.h"
#include "client/outbox_relay/options.h"
#include "client/outbox_relay/reporter.h"
#include "client/outbox_relay/wake_listener.h"
#include "common/base/mutex.h"
#include "common/rpc/server.h"
#include "lanemq_types.h"
#include "tests/conformance/fake_outbox_store.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_for.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::HasSubstr;
using ::testing::Not;

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void SendDatagram(std::uint16_t port, const std::string& text) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  const sockaddr_in to = Loopback(port);
  EXPECT_EQ(
      ::sendto(fd, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to)),
      static_cast<ssize_t>(text.size()));
  ::close(fd);
}

// The whole reply of an admin server.
std::string Get(std::uint16_t port, const std::string& path) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in to = Loopback(port);
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(::send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::string reply;
  std::array<char, 4096> bytes{};
  for (ssize_t got = 0; (got = ::recv(fd, bytes.data(), bytes.size(), 0)) > 0;) {
    reply.append(bytes.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  return reply;
}

OutboxRelayOptions GoodOptions() {
  OutboxRelayOptions options;
  options.bootstrap_servers = {"127.0.0.1:1"};
  options.database_schema = "shop";
  options.database_user = "relay";
  options.database_password = "hidden-word";
  return options;
}

TEST(WakeListenerTest, DatagramsOfAnyContentWakeAndTheirNumberDoesNotMatter) {
  std::atomic<int> wakes{0};
  WakeListener listener([&] { ++wakes; });
  ASSERT_TRUE(listener.Start("127.0.0.1:0").ok());
  EXPECT_GT(listener.port(), 0);
  EXPECT_EQ(listener.address(), "127.0.0.1:" + std::to_string(listener.port()));
  SendDatagram(listener.port(), "lanemq-wake\n");
  ASSERT_TRUE(testing::WaitFor([&] { return wakes == 1; }, 10s, "woken"));
  SendDatagram(listener.port(), "");
  ASSERT_TRUE(testing::WaitFor([&] { return wakes == 2; }, 10s, "woken by an empty one"));
  // Fewer than fit into the socket's buffer: beyond, the system drops them.
  for (int i = 0; i < 50; ++i) SendDatagram(listener.port(), std::string(100, 'x'));
  EXPECT_TRUE(testing::WaitFor([&] { return listener.datagrams() == 52; }, 10s, "all heard"));
  listener.Stop();
  EXPECT_EQ(wakes, listener.wakes());
  EXPECT_LE(wakes, 52);
  listener.Stop();
}

TEST(WakeListenerTest, RefusesAddressesThatCannotBeUsed) {
  for (const char* bad :
       {"", "nonsense", "127.0.0.1", "127.0.0.1:70000", "127.0.0.1:x", "192.0.2.1:0"}) {
    WakeListener listener([] {});
    const Status started = listener.Start(bad);
    ASSERT_FALSE(started.ok()) << bad;
    EXPECT_EQ(started.error().code, ErrorCode::kInvalidConfig) << bad;
  }
  WakeListener first([] {});
  ASSERT_TRUE(first.Start("127.0.0.1:0").ok());
  WakeListener second([] {});
  EXPECT_FALSE(second.Start(first.address()).ok()) << "the port is taken";
}

TEST(WakeListenerTest, TellsAnAddressThatOthersCanUse) {
  EXPECT_EQ(WakeAddressToTell("10.1.2.3:77", ""), "10.1.2.3:77");
  EXPECT_EQ(WakeAddressToTell("0.0.0.0:77", ""), "127.0.0.1:77");
  EXPECT_EQ(WakeAddressToTell("[::]:77", ""), "[::1]:77");
  EXPECT_EQ(WakeAddressToTell("0.0.0.0:77", "relay1"), "relay1:77");
  EXPECT_EQ(WakeAddressToTell("0.0.0.0:77", "relay1:78"), "relay1:78");
  EXPECT_EQ(WakeAddressToTell("0.0.0.0:77", "[fd00::1]"), "[fd00::1]:77");
  EXPECT_EQ(WakeAddressToTell("", "relay1:78"), "") << "it does not listen";
}

TEST(RelayOptionsTest, ReadsAddresses) {
  const auto with_port = ParseDatabase("db7:3307/shop");
  ASSERT_TRUE(with_port.ok());
  EXPECT_EQ(with_port->host + " " + std::to_string(with_port->port) + " " + with_port->schema,
            "db7 3307 shop");
  EXPECT_EQ(ParseDatabase("db7/shop")->port, 3306);
  EXPECT_EQ(ParseDatabase("[fd00::1]:3307/shop")->host, "fd00::1");
  EXPECT_EQ(ParseDatabase("shop")->host, "") << "for a socket";
  for (const char* bad : {"", "db7:3307/", "/shop", "db7:0/shop", "db7:x/shop", "db7:70000/shop"}) {
    EXPECT_FALSE(ParseDatabase(bad).ok()) << bad;
  }
  EXPECT_EQ(ParseListen(":0")->host, "");
  EXPECT_EQ(ParseListen("[::1]:9")->host, "::1");
}

TEST(RelayOptionsTest, EveryFaultIsNamedAtOnce) {
  EXPECT_TRUE(GoodOptions().Validate().ok());
  OutboxRelayOptions bad = GoodOptions();
  bad.bootstrap_servers.clear();
  bad.database_schema.clear();
  bad.lease_ttl = 10ms;
  bad.poll_max = 1ms;
  bad.batch_rows = 0;
  bad.outbox_name = "two words";
  bad.admin_listen = "9000";
  bad.advertise_wake = "relay1";
  const Status checked = bad.Validate();
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::kInvalidConfig);
  for (const char* part : {"bootstrap.servers", "schema", "lease_ttl", "poll_max", "batch_rows",
                           "two words", "9000", "advertise_wake"}) {
    EXPECT_THAT(checked.error().message, HasSubstr(part));
  }
  EXPECT_FALSE(lanemq::OutboxRelay::Create(bad).ok());
  EXPECT_EQ(WithNames(GoodOptions()).outbox_name, "shop@127.0.0.1:3306");
  EXPECT_FALSE(WithNames(GoodOptions()).name.empty());
}

ParsedRelayCommandLine Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "lanemq-outbox-relay");
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  auto parsed = ParseRelayCommandLine(static_cast<int>(arguments.size()), arguments.data());
  ::testing::internal::GetCapturedStdout();
  ::testing::internal::GetCapturedStderr();
  return parsed;
}

TEST(RelayCommandLineTest, FlagsBeatTheEnvironmentWhichBeatsTheFile) {
  const testing::TempDir dir;
  const std::string password = dir.path() / "password";
  std::ofstream(password) << "hidden-word\n";
  const std::string file = dir.path() / "relay.conf";
  std::ofstream(file) << "database=db7:3307/shop\nuser=relay\nbootstrap=a:1,b:2\nlease-ttl=3s\n"
                      << "poll-min=7ms\nkeep=2d\narchive=true\npassword-file=" << password << "\n";
  ::setenv("LANEMQ_OUTBOX_RELAY_LEASE_TTL", "4s", 1);
  ::setenv("LANEMQ_OUTBOX_RELAY_POLL_MIN", "8ms", 1);
  const auto parsed = Parse({"--config", file.c_str(), "--poll-min", "9ms", "--on-refusal=dead"});
  ::unsetenv("LANEMQ_OUTBOX_RELAY_LEASE_TTL");
  ::unsetenv("LANEMQ_OUTBOX_RELAY_POLL_MIN");
  ASSERT_FALSE(parsed.exit_code);
  const OutboxRelayOptions& relay = parsed.options.relay;
  EXPECT_EQ(relay.lease_ttl, 4s);
  EXPECT_EQ(relay.poll_min, 9ms);
  EXPECT_EQ(relay.poll_max, 1s);
  EXPECT_EQ(relay.keep, 48h);
  EXPECT_TRUE(relay.is_archiving);
  EXPECT_EQ(relay.on_refusal, OnRefusal::kDead);
  EXPECT_EQ(relay.database_password, "hidden-word") << "without the line's end";
  EXPECT_EQ(relay.bootstrap_servers, (std::vector<std::string>{"a:1", "b:2"}));
  EXPECT_EQ(DatabaseText(relay), "shop@db7:3307");
}

TEST(RelayCommandLineTest, ACertificateAuthorityTurnsTlsOn) {
  const std::vector<const char*> good{"--database=db7:3307/shop", "--user=u", "--bootstrap=a:1"};
  EXPECT_FALSE(Parse(good).options.relay.tls);
  std::vector<const char*> flags = good;
  flags.push_back("--token-file=/etc/relay.token");
  flags.push_back("--tls");
  EXPECT_TRUE(Parse(flags).options.relay.tls);
  EXPECT_EQ(Parse(flags).options.relay.token_file, "/etc/relay.token");
  flags = good;
  flags.push_back("--ca-file=/etc/ca.pem");
  EXPECT_FALSE(Parse(flags).exit_code);
  EXPECT_TRUE(Parse(flags).options.relay.tls);
  EXPECT_EQ(Parse(flags).options.relay.tls_ca_file, "/etc/ca.pem");
}

TEST(RelayCommandLineTest, WrongSettingsEndWithTwo) {
  const std::vector<const char*> good{"--database=db7:3307/shop", "--user=u", "--bootstrap=a:1"};
  EXPECT_FALSE(Parse(good).exit_code);
  for (const char* bad : {"--colour=red", "--lease-ttl=5", "--lease-ttl=1ms", "--on-refusal=skip",
                          "--batch-rows=0", "--password-file=/does/not/exist", "--poll-max=1ms"}) {
    std::vector<const char*> flags = good;
    flags.push_back(bad);
    EXPECT_EQ(Parse(flags).exit_code, 2) << bad;
  }
  EXPECT_EQ(Parse({"--user=u", "--bootstrap=a:1"}).exit_code, 2) << "no database";
  EXPECT_EQ(Parse({"--database=shop", "--user=u", "--bootstrap=a:1"}).exit_code, 2) << "no host";
  EXPECT_FALSE(
      Parse({"--database=shop", "--socket=/tmp/x", "--user=u", "--bootstrap=a:1"}).exit_code);
  EXPECT_EQ(Parse({"--help"}).exit_code, 0);
}

TEST(RelayPagesTest, TellHowItStandsAndNoSecrets) {
  OutboxRelayOptions options = WithNames(GoodOptions());
  options.token = "lmq_hidden-token";
  RelayMetrics metrics(options.outbox_name, "relay-1");
  RelayPicture picture;
  picture.relay.store_error = Error{ErrorCode::kDataNodeUnavailable, "gone \xff fishing"};
  rpc::AdminServer server({});
  AddRelayPages(server, options, "1.2.3", metrics, [&] { return picture; });
  ASSERT_TRUE(server.Start().ok());
  const std::uint16_t port = server.port();
  EXPECT_THAT(Get(port, "/healthz"), HasSubstr(" 200 "));
  EXPECT_THAT(Get(port, "/version"), HasSubstr("1.2.3"));
  EXPECT_THAT(Get(port, "/readyz"), HasSubstr(" 503 "));
  EXPECT_THAT(Get(port, "/readyz"), HasSubstr("fishing"));
  EXPECT_THAT(Get(port, "/status"), HasSubstr("\"state\": \"waiting\""));
  EXPECT_THAT(Get(port, "/config"), HasSubstr("shop@127.0.0.1:3306"));
  EXPECT_THAT(Get(port, "/config"), Not(HasSubstr("hidden-word")));
  EXPECT_THAT(Get(port, "/config"), Not(HasSubstr("hidden-token")));
  EXPECT_THAT(Get(port, "/metrics"), HasSubstr("lanemq_outbox_session_state 0"));

  picture.relay.store_error.reset();
  picture.relay.session = 5;
  picture.relay.buckets = 256;
  EXPECT_THAT(Get(port, "/readyz"), HasSubstr(" 503 ")) << "no cluster is known";
  picture.metadata_version = 1;
  picture.relay.counts.published = 7;
  picture.publish.duplicates = 2;
  picture.backlog.stats.emplace();
  picture.backlog.stats->held = 3;
  picture.backlog.stats->oldest_age = 1'500ms;
  picture.backlog.age = 60s;
  const Error refused{ErrorCode::kMessageTooLarge, "big"};
  metrics.OnAnswer(10, 20ms, nullptr);
  metrics.OnAnswer(1, 20ms, &refused);
  metrics.OnStatement(true);
  EXPECT_THAT(Get(port, "/readyz"), HasSubstr(" 200 "));
  EXPECT_THAT(Get(port, "/status"), HasSubstr("\"state\": \"active\""));
  (void)Get(port, "/metrics");
  const std::string text = Get(port, "/metrics");
  for (const char* line : {
           "lanemq_outbox_oldest_age_seconds 1.5",
           "lanemq_outbox_backlog_messages{state=\"held\"} 3",
           "lanemq_outbox_published_total 7",
           "lanemq_outbox_failed_total{reason=\"MESSAGE_TOO_LARGE\"} 1",
           "lanemq_outbox_duplicates_suppressed_total 2",
           "lanemq_outbox_buckets_owned 256",
           "lanemq_outbox_queries_total 1",
           "lanemq_outbox_query_errors_total 1",
           "lanemq_outbox_publish_seconds_count 2",
           "lanemq_outbox_session_state 1",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  picture.relay.store_error = Error{ErrorCode::kDataNodeUnavailable, "gone again"};
  EXPECT_THAT(Get(port, "/readyz"), HasSubstr("gone again")) << "also while the lease lasts";
  EXPECT_THAT(Get(port, "/metrics"), HasSubstr("lanemq_outbox_session_state 0"));
  picture.backlog.error = picture.relay.store_error;
  EXPECT_THAT(Get(port, "/metrics"), HasSubstr("lanemq_outbox_oldest_age_seconds 61.5"));
  EXPECT_THAT(Get(port, "/status"), HasSubstr("\"oldest_age_seconds\": 61.5"));
  picture.is_installing = true;
  picture.install_error = Error{ErrorCode::kFailedPrecondition, "edited"};
  EXPECT_THAT(Get(port, "/readyz"), HasSubstr("edited"));
  picture.is_stopping = true;
  EXPECT_THAT(Get(port, "/readyz"), HasSubstr("stopping"));
  server.Stop();
}

// A metaserver that takes reports.
class FakeCatalogue final : public idl::ControlPlaneCobSvNull {
 public:
  template <typename T>
  using Cob = std::function<void(const T&)>;
  using ExnCob = std::function<void(apache::thrift::TDelayedException*)>;

  void metadata(Cob<idl::MetadataResponse> cob, ExnCob, const idl::MetadataRequest&) override {
    idl::MetadataResponse response;
    response.version = 1;
    response.is_unchanged = false;
    response.__set_cluster_id("ours");
    response.__set_brokers({});
    response.__set_topics({});
    response.__set_metaservers({});
    cob(response);
  }
  void reportOutbox(Cob<idl::ReportOutboxResponse> cob, ExnCob,
                    const idl::ReportOutboxRequest& request) override {
    {
      MutexLock lock(mutex_);
      reports_.push_back(request);
    }
    cob({});
  }
  [[nodiscard]] std::vector<idl::ReportOutboxRequest> Reports() const {
    MutexLock lock(mutex_);
    return reports_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<idl::ReportOutboxRequest> reports_ LANEMQ_GUARDED_BY(mutex_);
};

TEST(OutboxReporterTest, ReportsTheBacklogAndWhyItIsOld) {
  const auto catalogue = std::make_shared<FakeCatalogue>();
  rpc::Server server({.host = "127.0.0.1", .threads = 1, .name = "meta"},
                     std::make_shared<idl::ControlPlaneAsyncProcessor>(catalogue));
  ASSERT_TRUE(server.Start().ok());
  ClientOptions options;
  options.bootstrap_servers = {"127.0.0.1:" + std::to_string(server.port())};
  options.retry_backoff = 1ms;
  Cluster cluster(options, {}, "test");
  testing::FakeOutboxStore store;
  store.Insert("orders", "k", "body");
  store.AdvanceTime(1'500ms);
  RelayStats relay;
  relay.peers = 2;
  relay.counts.published = 9;
  relay.counts.failures[ErrorCode::kNetworkException] = 4;
  OutboxReporter reporter({.outbox = "shop", .relay = "r1", .version = "1", .interval = 20ms},
                          store, cluster, [&] { return relay; });
  EXPECT_FALSE(reporter.Latest().stats);
  reporter.Start();
  ASSERT_TRUE(testing::WaitFor([&] { return !catalogue->Reports().empty(); }, 10s, "reported"));
  const idl::ReportOutboxRequest first = catalogue->Reports().front();
  EXPECT_EQ(first.cluster_id, "ours");
  EXPECT_EQ(first.report.outbox, "shop");
  EXPECT_EQ(first.report.relay, "r1");
  EXPECT_EQ(first.report.ready, 1);
  EXPECT_EQ(first.report.oldest_age_ms, 1'500);
  EXPECT_EQ(first.report.relays, 2);
  EXPECT_EQ(first.report.published, 9);
  EXPECT_EQ(first.report.failed, 4);
  EXPECT_FALSE(first.report.__isset.last_error);
  for (int i = 0; i < 1'000; ++i) {
    store.FailNext(testing::FakeOutboxStore::Call::kStats,
                   Error{ErrorCode::kDataNodeUnavailable, "gone fishing"});
  }
  ASSERT_TRUE(testing::WaitFor(
      [&] {
        return catalogue->Reports().back().report.last_error.find("fishing") != std::string::npos;
      },
      10s, "the trouble is reported"));
  EXPECT_EQ(catalogue->Reports().back().report.ready, 1) << "what was last known";
  EXPECT_TRUE(
      testing::WaitFor([&] { return catalogue->Reports().back().report.oldest_age_ms >= 1'600; },
                       10s, "the age grows with the time since the last reading"));
  EXPECT_TRUE(reporter.Latest().error);
  cluster.Close();
  reporter.Stop();
  server.Stop();
}

TEST(EmbeddedRelayTest, BeginsAndEndsWithoutADatabaseOrACluster) {
  OutboxRelayOptions options = GoodOptions();
  options.database_port = 1;
  options.admin_listen = "127.0.0.1:0";
  options.wake_listen = "127.0.0.1:0";
  auto relay = lanemq::OutboxRelay::Create(options);
  ASSERT_TRUE(relay.ok());
  ASSERT_TRUE((*relay)->Start().ok());
  EXPECT_THAT((*relay)->wake_address(), HasSubstr("127.0.0.1:"));
  ASSERT_TRUE(testing::WaitFor([&] { return !(*relay)->Stats().last_error.empty(); }, 10s,
                               "it says what is wrong"));
  EXPECT_FALSE((*relay)->Stats().has_session);
  EXPECT_THAT(Get((*relay)->admin_port(), "/readyz"), HasSubstr(" 503 "));
  (*relay)->Wake();
  (*relay)->Stop(100ms);
  (*relay)->Stop(100ms);

  options.admin_listen = "192.0.2.1:1";
  auto refused = lanemq::OutboxRelay::Create(options);
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ((*refused)->Start().error().code, ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace lanemq::client
