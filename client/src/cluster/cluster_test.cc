#include "client/src/cluster/cluster.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "Common.h"
#include "common/base/mutex.h"
#include "common/rpc/server.h"
#include "tests/support/wait_for.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// Answers what it was told last.
class Answers final : public idl::CommonCobSvNull {
 public:
  void Set(const std::string& cluster, std::int64_t version, int broker_port) {
    MutexLock lock(mutex_);
    response_.version = version;
    response_.is_unchanged = false;
    response_.__set_cluster_id(cluster);
    idl::Broker broker;
    broker.broker_id = 1;
    broker.host = "127.0.0.1";
    broker.port = broker_port;
    broker.state = idl::BrokerState::ACTIVE;
    response_.__set_brokers({broker});
    response_.__set_topics({});
    response_.__set_metaservers({});
  }
  void metadata(std::function<void(const idl::MetadataResponse&)> cob,
                std::function<void(apache::thrift::TDelayedException*)>,
                const idl::MetadataRequest&) override {
    MutexLock lock(mutex_);
    cob(response_);
  }

 private:
  Mutex mutex_;
  idl::MetadataResponse response_ LANEMQ_GUARDED_BY(mutex_);
};

class ClusterTest : public ::testing::Test {
 protected:
  ClusterTest()
      : server_({.host = "127.0.0.1", .threads = 1, .name = "meta"},
                std::make_shared<idl::CommonAsyncProcessor>(answers_)) {
    EXPECT_TRUE(server_.Start().ok());
  }
  ~ClusterTest() override { server_.Stop(); }
  ClientOptions Options() {
    ClientOptions options;
    options.bootstrap_servers = {"127.0.0.1:" + std::to_string(server_.port())};
    options.retry_backoff = 1ms;
    return options;
  }

  const std::shared_ptr<Answers> answers_ = std::make_shared<Answers>();
  rpc::Server server_;
};

TEST_F(ClusterTest, AListenerIsNotRunningAnyMoreWhenItIsTakenAway) {
  answers_->Set("ours", 5, 1'111);
  Cluster cluster(Options(), {}, "test");
  std::atomic<bool> is_in{false};
  std::atomic<bool> may_leave{false};
  std::atomic<bool> has_left{false};
  cluster.SetListener([&] {
    is_in = true;
    (void)testing::WaitFor([&] { return may_leave.load(); }, 10s, "let go");
    has_left = true;
    cluster.SetListener(nullptr);  // Does not wait for itself.
  });
  cluster.RequestRefresh();
  ASSERT_TRUE(testing::WaitFor([&] { return is_in.load(); }, 10s, "called"));
  const std::jthread other([&] { may_leave = true; });
  cluster.SetListener(nullptr);
  EXPECT_TRUE(has_left);
  cluster.Close();
}

TEST_F(ClusterTest, AServerThatIsAnotherClustersByNowIsNotBelieved) {
  answers_->Set("ours", 5, 1'111);
  Cluster cluster(Options(), {}, "test");
  std::atomic<int> rounds{0};
  cluster.SetListener([&] { ++rounds; });
  ASSERT_TRUE(testing::WaitFor([&] { return cluster.View()->cluster_id == "ours"; }, 10s, "known"));

  answers_->Set("theirs", 9, 2'222);
  for (int i = 0; i < 3; ++i) {
    const int before = rounds;
    cluster.RequestRefresh();
    ASSERT_TRUE(testing::WaitFor([&] { return rounds > before; }, 10s, "refused"));
    ASSERT_EQ(cluster.View()->cluster_id, "ours");
    ASSERT_EQ(cluster.View()->brokers.at(0).port, 1'111);
  }
  idl::ProduceRequest request;
  cluster.NameCluster(request);
  EXPECT_EQ(request.cluster_id, "ours");

  answers_->Set("ours", 6, 3'333);
  cluster.RequestRefresh();
  EXPECT_TRUE(testing::WaitFor([&] { return cluster.View()->brokers.at(0).port == 3'333; }, 10s,
                               "its own cluster is believed again"));
  cluster.Close();
}

}  // namespace
}  // namespace lanemq::client
