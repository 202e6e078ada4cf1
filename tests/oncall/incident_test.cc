#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <functional>
#include <iostream>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/on_call_client.h"
#include "lanemq_types.h"
#include "tests/groups/groups_test_fixture.h"

namespace lanemq::groups {
namespace {

using std::chrono_literals::operator""s;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::WaitFor;

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

/// A page of a server's admin port, with its head.
std::string Get(const rpc::Endpoint& server, const std::string& path) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(server.port);
  std::string reply;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    EXPECT_EQ(::send(fd, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    std::array<char, 4096> bytes{};
    for (ssize_t got = 0; (got = ::recv(fd, bytes.data(), bytes.size(), 0)) > 0;) {
      reply.append(bytes.data(), static_cast<std::size_t>(got));
    }
  }
  ::close(fd);
  return reply;
}

/// Two metaservers; ten minutes are six seconds, and the group promises one.
class IncidentTest : public GroupsTest {
 protected:
  void SetUp() override {
    e2e::ClusterOptions options;
    options.metaservers = 2;
    options.metaserver_flags = {"--lag-interval=200", "--on-call-time-scale=0.01",
                                "--lease-ttl=2000", "--group-slot-lease-ms=2000"};
    StartCluster(std::move(options), 4, 100);
    if (!cluster_) return;
    idl::SetLagObjectiveRequest request;
    request.objective.group = rig_->group();
    request.objective.topic = "*";
    request.objective.__set_objective_ms(1'000);
    request.objective.__set_owner("payments");
    const auto set = calls_.SetLagObjectiveSync(cluster_->metaserver(), request, In(10s));
    ASSERT_TRUE(set.ok()) << set.error().ToString();
    StartMembers({"a"});
  }

  /// The metaserver that any of the living ones names; nullopt while none is on call.
  std::optional<int> OnCall(int asked) {
    idl::FindCoordinatorRequest request;
    request.__set_duty("on-call");
    const auto found =
        cluster_->control_plane().FindCoordinatorSync(cluster_->metaserver(asked), request, In(5s));
    if (!found.ok()) return std::nullopt;
    for (int i = 0; i < 2; ++i) {
      if (cluster_->metaserver(i).port == found->coordinator.port) return i;
    }
    return std::nullopt;
  }
  /// What the metaserver tells of the group; nullopt when it tells nothing.
  std::optional<idl::TopicLag> Lag(int metaserver) {
    idl::GroupLagRequest request;
    request.__set_group(rig_->group());
    request.__set_include_partitions(true);
    const auto answer = calls_.GroupLagSync(cluster_->metaserver(metaserver), request, In(5s));
    last_error_ = answer.ok() ? std::string() : answer.error().ToString();
    if (!answer.ok() || answer->topics.empty()) return std::nullopt;
    return answer->topics.front();
  }
  /// The same once `is_so` holds of it. Without a failure, it does.
  std::optional<idl::TopicLag> WaitForLag(int metaserver, const std::string& what,
                                          const std::function<bool(const idl::TopicLag&)>& is_so) {
    std::optional<idl::TopicLag> lag;
    const auto waited = WaitFor(
        [&] {
          lag = Lag(metaserver);
          return lag && is_so(*lag);
        },
        40s, what);
    EXPECT_TRUE(waited) << Tell(metaserver);
    return waited ? lag : std::nullopt;
  }
  /// The metaserver on call, of which both know.
  std::optional<int> WaitForOnCall() {
    std::optional<int> found;
    EXPECT_TRUE(WaitFor(
        [&] {
          found = OnCall(0);
          return found && found == OnCall(1);
        },
        20s, "one is on call"));
    return found;
  }
  bool IsStatus(int metaserver, const std::string& status) {
    const auto lag = Lag(metaserver);
    return lag && lag->status == status;
  }
  std::string Tell(int metaserver) {
    const auto lag = Lag(metaserver);
    if (!lag) return "nothing: " + last_error_;
    return lag->status + " " + lag->cause + " " + lag->evidence;
  }

  rpc::RpcClient transport_{rpc::ClientOptions{}};
  rpc::OnCallClient calls_{transport_};
  std::string last_error_;
};

TEST_P(IncidentTest, AGroupThatStopsIsToldWithItsCauseAndASuccessorGoesOn) {
  const std::optional<int> on_call = WaitForOnCall();
  ASSERT_TRUE(on_call);
  const int holder = *on_call;
  const int other = 1 - holder;
  // Members and rows of the group come one after the other.
  const auto fine = WaitForLag(holder, "all is well", [](const idl::TopicLag& lag) {
    return lag.status == "OK" && lag.members == 1 && lag.partitions.size() == 4 &&
           lag.partitions[0].log_end > 1;
  });
  ASSERT_TRUE(fine);
  EXPECT_EQ(fine->topic, "jobs");
  EXPECT_EQ(fine->owner, "payments");
  EXPECT_EQ(fine->objective_ms, 1'000);
  EXPECT_FALSE(fine->__isset.cause);
  // Elsewhere nothing is told, and who asks is told so.
  EXPECT_FALSE(Lag(other));
  EXPECT_THAT(last_error_, HasSubstr("NOT_COORDINATOR"));
  EXPECT_THAT(
      Get(cluster_->metaserver_admin(other), "/metrics"),
      ::testing::AllOf(HasSubstr("lanemq_oncall_is_holder 0\n"), Not(HasSubstr("lanemq_group_"))));

  rig_->Stop("a");
  const auto stopped = WaitForLag(holder, "STOP, NO_MEMBERS", [](const idl::TopicLag& lag) {
    return lag.status == "STOP" && lag.cause == "NO_MEMBERS";
  });
  ASSERT_TRUE(stopped);
  EXPECT_GT(stopped->lag_messages, 100);
  EXPECT_GE(stopped->lag_ms, 6'000);
  EXPECT_EQ(stopped->members, 0);
  (void)WaitForLag(holder, "rates", [](const idl::TopicLag& lag) {
    return lag.in_rate > 20 && lag.out_rate < lag.in_rate && !lag.__isset.drain_ms;
  });
  ASSERT_TRUE(WaitFor(
      [&] {
        const std::string page = Get(cluster_->metaserver_admin(holder), "/metrics");
        return page.find(R"(lanemq_group_status{group="workers",topic="jobs",status="STOP"} 1)") !=
                   std::string::npos &&
               page.find("lanemq_oncall_is_holder 1\n") != std::string::npos;
      },
      10s, "the same in the metrics"));

  cluster_->KillMetaserver(holder);
  const auto succeeded = WaitForLag(other, "the successor says the same",
                                    [](const idl::TopicLag& lag) { return lag.status == "STOP"; });
  ASSERT_TRUE(succeeded);
  EXPECT_EQ(succeeded->since_us, stopped->since_us);
  EXPECT_TRUE(WaitFor([&] { return OnCall(other) == other; }, 10s, "it says who is on call"));

  const Status started = rig_->Start("a");
  ASSERT_TRUE(started.ok()) << started.error().ToString();
  ASSERT_TRUE(WaitFor([&] { return IsStatus(other, "OK"); }, 60s, "all is well again"))
      << Tell(other);
}

TEST_P(IncidentTest, MembersTellWhenTheirApplicationLastPolled) {
  idl::DescribeGroupRequest request;
  request.group = rig_->group();
  ASSERT_TRUE(WaitFor(
      [&] {
        // Whichever coordinates the group has heard it.
        for (int i = 0; i < 2; ++i) {
          const auto described =
              cluster_->control_plane().DescribeGroupSync(cluster_->metaserver(i), request, In(5s));
          if (!described.ok() || described->members.size() != 1) continue;
          const idl::GroupMemberInfo& member = described->members.front();
          if (!member.__isset.last_poll_age_ms || !member.__isset.last_heartbeat_us) continue;
          EXPECT_GE(member.last_poll_age_ms, 0);
          EXPECT_LT(member.last_poll_age_ms, 30'000);
          return true;
        }
        return false;
      },
      30s, "a heartbeat that tells it"));
}

INSTANTIATE_TEST_SUITE_P(Engines, IncidentTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::groups
