// Data nodes' credentials: kept sealed, used by metaserver and broker processes, exchanged while
// both work, and found in no file and no log.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "common/rpc/data_plane_client.h"
#include "tests/integration/meta/meta_process.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kFirstKey =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
constexpr const char* kSecondKey =
    "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100\n";
// Planted, and looked for everywhere. With what SQL and shells make something of.
constexpr const char* kSecret = "Canary-'\"\\-one";
constexpr const char* kNewSecret = "Canary-'\"\\-two";
constexpr const char* kCanary = "Canary-";

/// Nobody signs in at data nodes but with what the catalogue says.
constexpr const char* kNobody = "nobody_at_all";

class NodeLoginTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    prefix_ = UniquePrefix();
  }
  void TearDown() override {
    if (server_ == nullptr) return;
    for (const std::string& user : users_) {
      (void)server_->Query(fmt::format("DROP USER IF EXISTS '{}'@'%'", user));
    }
  }

  std::string WriteFile(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = (dir_.path() / name).string();
    std::ofstream(path, std::ios::trunc) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  /// `password` as a literal of SQL.
  static std::string Quoted(const std::string& password) {
    std::string quoted = "'";
    for (const char c : password) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
    return quoted + "'";
  }
  /// An account of this test, with the rights that servers need, or only with `rights`.
  std::string MakeUser(const std::string& name, const std::string& password,
                       const std::string& rights =
                           "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, LOCK "
                           "TABLES") {
    const std::string user = prefix_ + name;
    users_.push_back(user);
    std::string pattern;
    for (const char c : prefix_) {
      if (c == '_') pattern += '\\';
      pattern += c;
    }
    const auto made = server_->Query(
        fmt::format("CREATE USER '{}'@'%' IDENTIFIED BY {}; GRANT {} ON `{}\\_%`.* TO '{}'@'%'",
                    user, Quoted(password), rights, pattern, user));
    EXPECT_TRUE(made.ok()) << made.error().ToString();
    return user;
  }

  std::unique_ptr<MetaProcess> StartMeta(const std::string& key_file) {
    auto meta = std::make_unique<MetaProcess>(
        *server_, prefix_,
        std::vector<std::string>{"--credentials-key-file=" + key_file,
                                 std::string("--node-user=") + kNobody});
    EXPECT_TRUE(meta->WaitReady());
    return meta;
  }
  Result<idl::DataNodeResponse> AddNode(MetaProcess& meta, const std::string& user,
                                        const std::string& password) {
    idl::AddDataNodeRequest request;
    request.name = "one";
    request.host = server_->host();
    request.port = server_->port();
    request.__set_schema_prefix(prefix_);
    request.__set_schemas_max(2);
    request.__set_user(user);
    request.__set_password(password);
    return meta.client().AddDataNodeSync(meta.endpoint(), request, MetaProcess::Soon());
  }
  static Result<idl::DataNodeResponse> SetLogin(MetaProcess& meta, const std::string& user,
                                                const std::string& password) {
    idl::AlterDataNodeRequest request;
    request.name = "one";
    request.__set_user(user);
    request.__set_password(password);
    return meta.client().AlterDataNodeSync(meta.endpoint(), request, MetaProcess::Soon());
  }

  struct Broker {
    Process process;
    rpc::Endpoint endpoint;
  };
  /// `data`: whose data directory it takes over; empty: its own.
  Process Launch(const std::string& name, const MetaProcess& meta, const std::string& key_file,
                 const std::string& data = "") {
    Process::Options options;
    options.argv = {
        LANEMQ_BROKER,
        "--broker-id=1",
        "--listen=127.0.0.1:0",
        "--metaserver=" + meta.endpoint().ToString(),
        "--data-dir=" + (dir_.path() / ((data.empty() ? name : data) + ".data")).string(),
        std::string("--db-user=") + kNobody,
        "--credentials-key-file=" + key_file};
    options.output_dir = dir_.path();
    options.name = name;
    auto started = Process::Start(std::move(options));
    EXPECT_TRUE(started.ok()) << started.error().ToString();
    return started.ok() ? *std::move(started) : Process();
  }
  Broker StartBroker(const std::string& name, const MetaProcess& meta, const std::string& key_file,
                     const std::string& data = "") {
    Broker broker{Launch(name, meta, key_file, data), {}};
    const auto port =
        broker.process.WaitForOutput("lanemq-broker ready port=([0-9]+)", seconds{60});
    EXPECT_TRUE(port.ok()) << broker.process.Stderr();
    if (port.ok()) {
      broker.endpoint = {"127.0.0.1", static_cast<std::uint16_t>(std::stoi(*port))};
    }
    return broker;
  }

  /// Stores one message in orders/0; its offset.
  Result<std::int64_t> Produce(const Broker& broker, const std::string& body) {
    idl::ProduceRequest request;
    idl::ProducePartition& partition = request.partitions.emplace_back();
    partition.topic = "orders";
    partition.partition = 0;
    partition.messages.emplace_back().__set_body(body);
    const auto reply = data_plane_.ProduceSync(broker.endpoint, request, MetaProcess::Soon());
    if (!reply.ok()) return reply.error();
    const idl::ProducePartitionResult& result = reply->partitions.at(0);
    if (!result.__isset.error) return result.base_offset;
    return Error{static_cast<ErrorCode>(result.error.code), result.error.message};
  }
  bool CanProduce(const Broker& broker) {
    return WaitFor([&] { return Produce(broker, "hello").ok(); }, seconds{30}, "stored");
  }

  std::string Cell(const std::string& sql) {
    const auto text = server_->Query(sql);
    EXPECT_TRUE(text.ok()) << text.error().ToString();
    return text.ok() ? *text : "";
  }
  std::string SealedHex() {
    return Cell(fmt::format("SELECT HEX(sealed_credentials) FROM {}_meta.data_nodes", prefix_));
  }
  int SessionsOf(const std::string& user) {
    return std::stoi(Cell(fmt::format(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE user = '{}'", user)));
  }

  /// Where the canary is: names of files below this test's folder, and tables.
  std::vector<std::string> PlacesOfSecret() {
    std::vector<std::string> places;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      if (text.find(kCanary) != std::string::npos) places.push_back(entry.path().string());
    }
    const std::string audit =
        Cell(fmt::format("SELECT CONCAT_WS('|', before_json, after_json, reason) FROM "
                         "{}_meta.audit_events",
                         prefix_));
    if (audit.find(kCanary) != std::string::npos) places.push_back("audit_events");
    const std::string nodes = Cell(fmt::format("SELECT * FROM {}_meta.data_nodes", prefix_));
    if (nodes.find(kCanary) != std::string::npos) places.push_back("data_nodes");
    return places;
  }

  DatabaseServer* server_ = nullptr;
  std::string prefix_;
  std::vector<std::string> users_;
  TempDir dir_;
  rpc::RpcClient rpc_;
  rpc::DataPlaneClient data_plane_{rpc_};
};
INSTANTIATE_TEST_SUITE_P(On, NodeLoginTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(NodeLoginTest, ServersSignInAsTheCatalogueSaysAndNobodyIsToldTheSecret) {
  const std::string key_file = WriteFile("keys", kFirstKey);
  const std::string user = MakeUser("_a", kSecret);
  const auto meta = StartMeta(key_file);
  const auto added = AddNode(*meta, user, kSecret);
  ASSERT_TRUE(added.ok()) << added.error().ToString();
  EXPECT_TRUE(added->node.has_credentials);
  EXPECT_FALSE(added->node.__isset.sealed_credentials);
  // A call that is repeated, since its reply was lost, changes nothing.
  const std::string sealed = SealedHex();
  ASSERT_TRUE(AddNode(*meta, user, kSecret).ok());
  EXPECT_EQ(SealedHex(), sealed);
  EXPECT_GT(sealed.size(), 2 * std::string(kSecret).size());
  // Nor does one that only brings the schemas up to date.
  ASSERT_TRUE(meta->AddNode(*server_, prefix_).ok());
  EXPECT_EQ(SealedHex(), sealed);

  ASSERT_TRUE(meta->CreateTopic("orders", 2).ok());
  Broker broker = StartBroker("broker", *meta, key_file);
  ASSERT_TRUE(CanProduce(broker));
  EXPECT_GT(SessionsOf(user), 0);

  idl::ListDataNodesRequest list;
  list.__set_include_health(true);
  list.__set_names({"one"});
  const auto nodes = meta->client().ListDataNodesSync(meta->endpoint(), list, MetaProcess::Soon());
  ASSERT_TRUE(nodes.ok()) << nodes.error().ToString();
  ASSERT_EQ(nodes->nodes.size(), 1u);
  const idl::DataNode& node = nodes->nodes[0];
  EXPECT_TRUE(node.is_reachable) << node.unreachable_reason;
  EXPECT_FALSE(node.__isset.sealed_credentials);
  EXPECT_EQ(node.account, user + "@%");
  EXPECT_TRUE(node.__isset.missing_rights);
  EXPECT_THAT(node.missing_rights, IsEmpty());
  EXPECT_EQ(node.semi_sync, "off");
  EXPECT_GT(node.connections_max, 0);
  EXPECT_GT(node.connections_used, 0);
  EXPECT_GT(node.schema_version, 0);
  EXPECT_LT(std::abs(node.clock_ahead_us), 5'000'000);
  EXPECT_FALSE(node.is_read_only);
  EXPECT_FALSE(node.__isset.disk_used_bytes);  // It has not the right PROCESS.
  EXPECT_THAT(node.warnings, IsEmpty()) << Text(node);

  EXPECT_THAT(meta->process().Stderr(), Not(HasSubstr(kCanary)));
  EXPECT_EQ(broker.process.Terminate(seconds{30}), 0);
  // The broker has the credentials in its catalogue file, sealed, and starts with it alone.
  EXPECT_THAT(PlacesOfSecret(), IsEmpty());
  const auto remembered =
      std::filesystem::status(dir_.path() / "broker.data" / "catalog.snapshot").permissions();
  EXPECT_EQ(remembered & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  meta->process().Kill();
  Broker again = StartBroker("again", *meta, key_file, "broker");
  EXPECT_TRUE(CanProduce(again)) << again.process.Stderr();
  EXPECT_THAT(Cell(fmt::format("SELECT after_json FROM {}_meta.audit_events", prefix_)),
              HasSubstr(R"("credentials":"kept")"));
}

TEST_P(NodeLoginTest, ALoginThatDoesNotWorkIsRefusedBeforeAnybodyHearsOfIt) {
  const std::string key_file = WriteFile("keys", kFirstKey);
  const std::string user = MakeUser("_a", kSecret);
  const std::string reader = MakeUser("_r", kSecret, "SELECT, CREATE, INDEX, ALTER, INSERT");
  const auto meta = StartMeta(key_file);
  const auto wrong = AddNode(*meta, user, kNewSecret);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(wrong.error().message, AllOf(HasSubstr("Access denied"), Not(HasSubstr(kCanary))));
  EXPECT_EQ(SealedHex(), "");
  ASSERT_TRUE(AddNode(*meta, user, kSecret).ok());
  ASSERT_TRUE(meta->CreateTopic("orders", 1).ok());
  const std::string sealed = SealedHex();
  for (const auto& [name, password] : {std::pair<std::string, std::string>{user, kNewSecret},
                                       {"no_such_user", kSecret},
                                       {user, ""}}) {
    const auto refused = SetLogin(*meta, name, password);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition) << refused.error().message;
    EXPECT_THAT(refused.error().message, AllOf(HasSubstr("denied"), Not(HasSubstr(kCanary))));
  }
  const auto poor = SetLogin(*meta, reader, kSecret);
  ASSERT_FALSE(poor.ok());
  EXPECT_EQ(poor.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(poor.error().message,
              AllOf(HasSubstr("DELETE on"), HasSubstr("LOCK TABLES on"), HasSubstr(prefix_)));
  EXPECT_EQ(SealedHex(), sealed);
  EXPECT_EQ(SetLogin(*meta, "", kSecret).error().code, ErrorCode::kInvalidRequest);
  // Without one of its own the node is not reached any more: nobody has no account there.
  EXPECT_EQ(SetLogin(*meta, "", "").error().code, ErrorCode::kFailedPrecondition);
  // It is not shown to a server that it was not given for.
  idl::AlterDataNodeRequest elsewhere;
  elsewhere.name = "one";
  elsewhere.__set_port(1);
  const auto moved =
      meta->client().AlterDataNodeSync(meta->endpoint(), elsewhere, MetaProcess::Soon());
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().code, ErrorCode::kInvalidRequest);
  EXPECT_THAT(moved.error().message, HasSubstr("give user and password again"));
  EXPECT_THAT(meta->process().Stderr(), Not(HasSubstr(kCanary)));
  EXPECT_THAT(PlacesOfSecret(), IsEmpty());
}

TEST_P(NodeLoginTest, ANewLoginIsTakenWhileMessagesAreStored) {
  const std::string key_file = WriteFile("keys", kFirstKey);
  const std::string first = MakeUser("_a", kSecret);
  const std::string second = MakeUser("_b", kNewSecret);
  const auto meta = StartMeta(key_file);
  ASSERT_TRUE(AddNode(*meta, first, kSecret).ok());
  ASSERT_TRUE(meta->CreateTopic("orders", 1).ok());
  Broker broker = StartBroker("broker", *meta, key_file);
  ASSERT_TRUE(CanProduce(broker));

  std::atomic<bool> is_over{false};
  std::atomic<int> stored{0};
  std::vector<std::string> failures;
  std::jthread producer([&] {
    while (!is_over) {
      const auto offset = Produce(broker, std::to_string(stored));
      if (offset.ok()) {
        ++stored;
      } else if (failures.size() < 10) {
        failures.push_back(offset.error().ToString());
      }
    }
  });
  ASSERT_TRUE(WaitFor([&] { return stored > 50; }, seconds{30}, "messages"));
  const auto altered = SetLogin(*meta, second, kNewSecret);
  ASSERT_TRUE(altered.ok()) << altered.error().ToString();
  EXPECT_TRUE(WaitFor([&] { return SessionsOf(second) > 0 && SessionsOf(first) == 0; }, seconds{30},
                      "everybody signs in as the second"));
  // The first account is not needed any more.
  EXPECT_TRUE(server_->Query(fmt::format("DROP USER '{}'@'%'", first)).ok());
  const int before = stored;
  EXPECT_TRUE(WaitFor([&] { return stored > before + 50; }, seconds{30}, "more messages"));
  is_over = true;
  producer.join();
  EXPECT_THAT(failures, IsEmpty());
  EXPECT_THAT(Cell(fmt::format("SELECT after_json FROM {}_meta.audit_events ORDER BY id DESC "
                               "LIMIT 1",
                               prefix_)),
              HasSubstr(R"("credentials":"changed")"));
  EXPECT_EQ(broker.process.Terminate(seconds{30}), 0);
  EXPECT_THAT(PlacesOfSecret(), IsEmpty());
}

TEST_P(NodeLoginTest, AKeyFileThatOthersMayReadIsRefusedAtTheStart) {
  const std::string open = WriteFile("open", kFirstKey, 0644);
  MetaProcess meta(*server_, prefix_, {"--credentials-key-file=" + open});
  EXPECT_EQ(meta.process().Wait(seconds{30}), 2);
  EXPECT_THAT(meta.process().Stderr(), HasSubstr("chmod 0600"));
  Process broker = Launch("broker", meta, open);
  EXPECT_EQ(broker.Wait(seconds{30}), 2);
  EXPECT_THAT(broker.Stderr(), HasSubstr("chmod 0600"));
}

TEST_P(NodeLoginTest, ABrokerWithoutTheKeySaysWhichOneIsMissing) {
  const std::string key_file = WriteFile("keys", kFirstKey);
  const std::string user = MakeUser("_a", kSecret);
  const auto meta = StartMeta(key_file);
  ASSERT_TRUE(AddNode(*meta, user, kSecret).ok());
  ASSERT_TRUE(meta->CreateTopic("orders", 1).ok());
  Broker broker = StartBroker("broker", *meta, WriteFile("other", kSecondKey));
  const auto refused = Produce(broker, "x");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kDataNodeUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("sealed with key 630dcd2966c43366"));
  EXPECT_THAT(broker.process.Stderr() + broker.process.Stdout(),
              AllOf(HasSubstr("sql.data_node_credentials_unreadable"), HasSubstr("630dcd29")));
}

TEST_P(NodeLoginTest, AnotherFirstKeySealsAnewAndBothKindsOfServersGoOn) {
  const std::string old_first = WriteFile("old", std::string(kFirstKey) + kSecondKey);
  const std::string new_first = WriteFile("new", std::string(kSecondKey) + kFirstKey);
  const std::string user = MakeUser("_a", kSecret);
  auto meta = StartMeta(old_first);
  ASSERT_TRUE(AddNode(*meta, user, kSecret).ok());
  ASSERT_TRUE(meta->CreateTopic("orders", 1).ok());
  Broker broker = StartBroker("broker", *meta, old_first);
  ASSERT_TRUE(CanProduce(broker));
  const std::string before = SealedHex();
  EXPECT_EQ(before.substr(2, 16), "630DCD2966C43366");
  const std::string audited =
      Cell(fmt::format("SELECT COUNT(*) FROM {}_meta.audit_events", prefix_));
  EXPECT_EQ(meta->process().Terminate(seconds{30}), 0);
  meta = StartMeta(new_first);
  EXPECT_NE(SealedHex().substr(2, 16), before.substr(2, 16));
  EXPECT_EQ(Cell(fmt::format("SELECT COUNT(*) FROM {}_meta.audit_events", prefix_)), audited);
  EXPECT_TRUE(CanProduce(broker));
  // Whoever has the new key alone can read it now.
  Broker fresh = StartBroker("fresh", *meta, WriteFile("only", kSecondKey));
  EXPECT_TRUE(CanProduce(fresh));
}

}  // namespace
}  // namespace lanemq::testing
