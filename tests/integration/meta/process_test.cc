// Real metaserver processes: started together, killed in the middle of their work, paused, and
// without their database.
#include <csignal>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/integration/meta/meta_process.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

class MetaProcessTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    prefix_ = UniquePrefix();
  }
  int CountTables() {
    const auto count = server_->Query(
        fmt::format("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema LIKE "
                    "'{}\\_0%' AND table_name LIKE 'msg\\_%'",
                    prefix_));
    EXPECT_TRUE(count.ok());
    return count.ok() ? std::stoi(*count) : -1;
  }
  std::string LeaseOwner() {
    const auto owner = server_->Query(fmt::format(
        "SELECT owner FROM {}_meta.leases WHERE name = 'background-jobs' AND expires_at > "
        "UTC_TIMESTAMP(6)",
        prefix_));
    return owner.ok() ? *owner : "";
  }
  /// Of any kind.
  int RunningLeases() {
    const auto count = server_->Query(fmt::format(
        "SELECT COUNT(*) FROM {}_meta.leases WHERE expires_at > UTC_TIMESTAMP(6)", prefix_));
    EXPECT_TRUE(count.ok());
    return count.ok() ? std::stoi(*count) : -1;
  }
  /// How the lease names a metaserver.
  static std::string NameInLease(const MetaProcess& meta) {
    return meta.endpoint().ToString() + "/";
  }

  DatabaseServer* server_ = nullptr;
  std::string prefix_;
};
INSTANTIATE_TEST_SUITE_P(On, MetaProcessTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(MetaProcessTest, SeveralStartAtOnceOnAnEmptyServerAndFindEachOther) {
  std::vector<std::unique_ptr<MetaProcess>> metas;
  for (int i = 0; i < 3; ++i) metas.push_back(std::make_unique<MetaProcess>(*server_, prefix_));
  for (auto& meta : metas) ASSERT_TRUE(meta->WaitReady());
  for (auto& meta : metas) {
    ASSERT_TRUE(WaitFor(
        [&] {
          const auto metadata = meta->Metadata();
          return metadata.ok() && metadata->metaservers.size() == 3;
        },
        seconds{20}, "knows all three"));
    EXPECT_EQ(meta->Metadata()->cluster_id, metas[0]->Metadata()->cluster_id);
  }
  // What one changes the others see.
  ASSERT_TRUE(metas[0]->AddNode(*server_, prefix_).ok());
  ASSERT_TRUE(metas[1]->CreateTopic("orders", 2).ok());
  ASSERT_TRUE(WaitFor([&] { return metas[2]->DescribeTopic("orders").ok(); }, seconds{20}, "seen"));
  for (auto& meta : metas) {
    EXPECT_EQ(meta->process().Terminate(seconds{20}), 0) << meta->process().Stderr();
    EXPECT_THAT(meta->process().Stderr(), ::testing::Not(HasSubstr(" error ")));
  }
  EXPECT_EQ(RunningLeases(), 0);  // Given back.
}

TEST_P(MetaProcessTest, KilledInTheMiddleOfACreationItLeavesNothingThatIsNotFinished) {
  constexpr int kPartitions = 6;
  auto meta = std::make_unique<MetaProcess>(*server_, prefix_);
  ASSERT_TRUE(meta->WaitReady());
  ASSERT_TRUE(meta->AddNode(*server_, prefix_).ok());
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const std::string name = "t" + std::to_string(round);
    const int before = round * kPartitions;
    idl::CreateTopicRequest request;
    request.name = name;
    request.partitions = kPartitions;
    meta->client().CreateTopic(meta->endpoint(), request, MetaProcess::Soon(),
                               [](const Result<idl::TopicResponse>&) {});
    // Killed after a different number of tables each time, or a little later.
    ASSERT_TRUE(WaitFor([&] { return CountTables() >= before + round; }, seconds{30}, "tables"));
    meta->process().Kill();
    meta = std::make_unique<MetaProcess>(*server_, prefix_);
    ASSERT_TRUE(meta->WaitReady());
    if (round % 2 == 0) {
      const auto topic = meta->CreateTopic(name, kPartitions);
      ASSERT_TRUE(topic.ok()) << topic.error().ToString();
      EXPECT_EQ(topic->topic.state, idl::TopicState::ACTIVE);
    } else {
      ASSERT_TRUE(WaitFor(
          [&] {
            const auto topic = meta->DescribeTopic(name);
            return topic.ok() && topic->topic.state == idl::TopicState::ACTIVE;
          },
          seconds{30}, "finished by the job"));
    }
    EXPECT_EQ(CountTables(), before + kPartitions);
  }
}

TEST_P(MetaProcessTest, APausedLeaderIsReplacedAndDoesNoHarmWhenItGoesOn) {
  const std::vector<std::string> quick = {"--heartbeat-interval=200", "--session-timeout=2000"};
  MetaProcess a(*server_, prefix_, quick);
  ASSERT_TRUE(a.WaitReady());
  ASSERT_TRUE(
      WaitFor([&] { return LeaseOwner().starts_with(NameInLease(a)); }, seconds{20}, "a leads"));
  MetaProcess b(*server_, prefix_, quick);
  ASSERT_TRUE(b.WaitReady());
  ASSERT_TRUE(b.Heartbeat(1, 11, 9'001).ok());
  ASSERT_TRUE(b.Heartbeat(2, 12, 9'002).ok());
  a.process().Signal(SIGSTOP);
  ASSERT_TRUE(WaitFor(
      [&] {
        EXPECT_TRUE(b.Heartbeat(1, 11, 9'001).ok());
        EXPECT_TRUE(b.Heartbeat(2, 12, 9'002).ok());
        return LeaseOwner().starts_with(NameInLease(b));
      },
      seconds{30}, "b leads"));
  a.process().Signal(SIGCONT);
  ASSERT_TRUE(WaitFor(
      [&] {
        EXPECT_TRUE(b.Heartbeat(1, 11, 9'001).ok());
        EXPECT_TRUE(b.Heartbeat(2, 12, 9'002).ok());
        return a.process().Stderr().find("lease.lost") != std::string::npos;
      },
      seconds{30}, "a knows"));
  EXPECT_TRUE(LeaseOwner().starts_with(NameInLease(b)));
  const auto brokers = b.client().ListBrokersSync(b.endpoint(), {}, MetaProcess::Soon());
  ASSERT_TRUE(brokers.ok());
  EXPECT_EQ(brokers->brokers.size(), 2u);  // Dead ones are not listed.
}

TEST_P(MetaProcessTest, ABrokerOfAnotherClusterIsRefused) {
  MetaProcess meta(*server_, prefix_);
  ASSERT_TRUE(meta.WaitReady());
  const std::string cluster = meta.Metadata()->cluster_id;
  const auto stranger = meta.Heartbeat(1, 11, 9'001, "another");
  ASSERT_FALSE(stranger.ok());
  EXPECT_EQ(stranger.error().code, ErrorCode::kInconsistentClusterId);
  EXPECT_THAT(stranger.error().message, HasSubstr(cluster));
  const auto brokers = meta.client().ListBrokersSync(meta.endpoint(), {}, MetaProcess::Soon());
  ASSERT_TRUE(brokers.ok());
  EXPECT_EQ(brokers->brokers.size(), 0u);
  EXPECT_TRUE(meta.Heartbeat(1, 11, 9'001, cluster).ok());
  EXPECT_TRUE(meta.Heartbeat(2, 12, 9'002).ok()) << "a new broker does not know its cluster";
}

TEST_P(MetaProcessTest, WithoutItsDatabaseItServesWhatItKnowsAndAcceptsHeartbeats) {
  auto own = DatabaseServer::Start({.engine = GetParam()});
  ASSERT_TRUE(own.ok()) << own.error().ToString();
  DatabaseServer& database = **own;
  MetaProcess meta(database, prefix_);
  ASSERT_TRUE(meta.WaitReady());
  ASSERT_TRUE(meta.AddNode(database, prefix_).ok());
  ASSERT_TRUE(meta.CreateTopic("orders", 2).ok());
  ASSERT_TRUE(meta.Heartbeat(1, 11, 9'001).ok());
  ASSERT_TRUE(WaitFor([&] { return meta.Metadata()->brokers.size() == 1; }, seconds{20}, "seen"));
  const auto before = meta.Metadata();
  database.Kill();

  const auto refused = meta.CreateTopic("more", 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kMetadataUnavailable) << refused.error().ToString();
  EXPECT_GT(refused.error().retry_after_ms, 0);
  EXPECT_EQ(Text(*meta.Metadata()), Text(*before));
  EXPECT_EQ(meta.DescribeTopic("orders")->topic.partitions.size(), 2u);
  const auto catalog = meta.client().CatalogSync(meta.endpoint(), {}, MetaProcess::Soon());
  ASSERT_TRUE(catalog.ok());
  EXPECT_EQ(catalog->nodes.size(), 1u);
  for (int i = 0; i < 3; ++i) {
    const auto beat = meta.Heartbeat(1, 11, 9'001);
    ASSERT_TRUE(beat.ok()) << beat.error().ToString();
    EXPECT_EQ(beat->metadata_version, before->version);
  }
  EXPECT_TRUE(meta.Heartbeat(2, 22, 9'002).ok());
  const auto stranger = meta.Heartbeat(1, 99, 9'009);
  ASSERT_FALSE(stranger.ok());
  EXPECT_EQ(stranger.error().code, ErrorCode::kFenced);

  ASSERT_TRUE(database.StartAgain().ok());
  ASSERT_TRUE(WaitFor([&] { return meta.CreateTopic("more", 1).ok(); }, seconds{40}, "recovered"));
  EXPECT_TRUE(meta.Heartbeat(1, 11, 9'001).ok());
  ASSERT_TRUE(WaitFor([&] { return meta.Metadata()->topics.size() == 2; }, seconds{20}, "seen"));
  EXPECT_EQ(meta.Metadata()->brokers.size(), 1u);
}

TEST_P(MetaProcessTest, ItWaitsForItsDatabaseAtTheStartAndGivesUpInTime) {
  auto own = DatabaseServer::Start({.engine = GetParam()});
  ASSERT_TRUE(own.ok()) << own.error().ToString();
  DatabaseServer& database = **own;
  database.Stop();
  MetaProcess impatient(database, prefix_, {"--startup-timeout=700"});
  MetaProcess patient(database, prefix_);
  EXPECT_EQ(impatient.process().Wait(seconds{30}), 1);
  EXPECT_THAT(impatient.process().Stderr(), HasSubstr("metaserver.start_failed"));
  ASSERT_TRUE(WaitFor(
      [&] {
        return patient.process().Stderr().find("metaserver.waiting_for_database") !=
               std::string::npos;
      },
      seconds{30}, "says what it waits for"));
  EXPECT_THAT(patient.process().Stdout(), ::testing::Not(HasSubstr("ready")));
  MetaProcess given_up(database, prefix_);
  ASSERT_TRUE(WaitFor(
      [&] { return given_up.process().Stderr().find("waiting_for_database") != std::string::npos; },
      seconds{30}, "waits too"));
  EXPECT_EQ(given_up.process().Terminate(seconds{20}), 0);  // SIGTERM works while it waits.
  ASSERT_TRUE(database.StartAgain().ok());
  EXPECT_TRUE(patient.WaitReady());
}

TEST_P(MetaProcessTest, TellsTheHealthOfDataNodesWhenAskedTo) {
  DatabaseServer::Options options;
  options.engine = GetParam();
  auto started = DatabaseServer::Start(std::move(options));
  ASSERT_TRUE(started.ok()) << started.error().ToString();
  DatabaseServer& data = **started;  // Of its own: its settings change, and it hangs and dies.
  MetaProcess meta(*server_, prefix_);
  ASSERT_TRUE(meta.WaitReady());
  ASSERT_TRUE(meta.AddNode(data, prefix_).ok());
  const auto ask = [&](bool include_health) -> idl::DataNode {
    idl::ListDataNodesRequest request;
    if (include_health) request.__set_include_health(true);
    const auto reply =
        meta.client().ListDataNodesSync(meta.endpoint(), request, MetaProcess::Soon());
    EXPECT_TRUE(reply.ok() && reply->nodes.size() == 1u);
    return reply.ok() && !reply->nodes.empty() ? reply->nodes.front() : idl::DataNode{};
  };
  EXPECT_FALSE(ask(false).__isset.is_reachable);

  idl::DataNode node = ask(true);
  EXPECT_TRUE(node.is_reachable) << node.unreachable_reason;
  EXPECT_THAT(node.engine_version, ::testing::StartsWith(NameOf(GetParam()) + " "));
  EXPECT_EQ(node.flush_log_at_trx_commit, 1);
  EXPECT_EQ(node.sync_binlog, 1);

  ASSERT_TRUE(data.Query("SET GLOBAL sync_binlog=0").ok());
  ASSERT_TRUE(data.Query("SET GLOBAL innodb_flush_log_at_trx_commit=2").ok());
  node = ask(true);
  EXPECT_TRUE(node.is_reachable);
  EXPECT_EQ(node.flush_log_at_trx_commit, 2);
  EXPECT_TRUE(node.__isset.sync_binlog);
  EXPECT_EQ(node.sync_binlog, 0);

  data.Pause();
  const auto began = SystemClock::Instance().Now();
  node = ask(true);
  const auto took = SystemClock::Instance().Now() - began;
  data.Resume();
  EXPECT_TRUE(node.__isset.is_reachable);
  EXPECT_FALSE(node.is_reachable);
  EXPECT_LT(took, seconds{8});  // Its bound is 3 s; the machine may be busy.

  data.Kill();
  node = ask(true);
  EXPECT_TRUE(node.__isset.is_reachable);
  EXPECT_FALSE(node.is_reachable);
  EXPECT_THAT(node.unreachable_reason, HasSubstr(std::to_string(data.port())));
  EXPECT_FALSE(node.__isset.engine_version);
}

}  // namespace
}  // namespace lanemq::testing
