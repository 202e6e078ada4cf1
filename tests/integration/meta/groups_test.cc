// Coordinators of consumer groups as real processes on a real database: killed, stopped, without
// their database. What a group has is what it had before.
#include <future>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "sql/store/data_nodes.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_offset_store.h"
#include "tests/integration/meta/meta_process.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr milliseconds kLease{2'000};

struct Member {
  std::string id;
  std::int64_t generation = 0;
};

class GroupsProcessTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    prefix_ = UniquePrefix();
  }
  std::unique_ptr<MetaProcess> StartMeta() { return StartMeta(*server_); }
  std::unique_ptr<MetaProcess> StartMeta(const DatabaseServer& database,
                                         std::vector<std::string> more = {}) {
    more.push_back(fmt::format("--group-slot-lease-ms={}", kLease.count()));
    more.emplace_back("--group-initial-rebalance-delay-ms=500");
    auto meta = std::make_unique<MetaProcess>(database, prefix_, std::move(more));
    EXPECT_TRUE(meta->WaitReady());
    return meta;
  }
  static bool Names(const idl::Endpoint& found, const MetaProcess& meta) {
    return found.port == meta.endpoint().port;
  }
  static Result<idl::FindCoordinatorResponse> Find(MetaProcess& meta, const std::string& group) {
    idl::FindCoordinatorRequest request;
    request.group = group;
    return meta.client().FindCoordinatorSync(meta.endpoint(), request, MetaProcess::Soon());
  }
  static bool IsCoordinator(MetaProcess& meta, const std::string& group) {
    const auto found = Find(meta, group);
    return found.ok() && Names(found->coordinator, meta);
  }
  static idl::JoinGroupRequest Wish(const std::string& group, const std::string& member_id) {
    idl::JoinGroupRequest request;
    request.group = group;
    request.member_id = member_id;
    request.session_timeout_ms = 60'000;
    request.rebalance_timeout_ms = 30'000;
    request.protocols = {"range"};
    request.topics = {"orders"};
    request.__set_client_id("c");
    return request;
  }
  static Result<idl::JoinGroupResponse> Join(MetaProcess& meta, const std::string& group,
                                             const std::string& member_id) {
    return meta.client().JoinGroupSync(meta.endpoint(), Wish(group, member_id),
                                       MetaProcess::Soon());
  }
  static Result<idl::GroupHeartbeatResponse> Beat(MetaProcess& meta, const std::string& group,
                                                  const Member& member) {
    idl::GroupHeartbeatRequest request;
    request.group = group;
    request.member_id = member.id;
    request.generation = member.generation;
    return meta.client().GroupHeartbeatSync(meta.endpoint(), request, MetaProcess::Soon());
  }
  /// nullopt: it is well.
  static std::optional<ErrorCode> BeatError(MetaProcess& meta, const std::string& group,
                                            const Member& member) {
    const auto beat = Beat(meta, group, member);
    return beat.ok() ? std::nullopt : std::optional(beat.error().code);
  }
  static Result<idl::DescribeGroupResponse> Describe(MetaProcess& meta, const std::string& group) {
    idl::DescribeGroupRequest request;
    request.group = group;
    return meta.client().DescribeGroupSync(meta.endpoint(), request, MetaProcess::Soon());
  }

  /// A Stable group of `count` members with a partition each.
  static std::vector<Member> MakeStable(MetaProcess& meta, const std::string& group, int count) {
    EXPECT_TRUE(WaitFor(
        [&] {
          return BeatError(meta, group, {"nobody", 1}) == ErrorCode::kUnknownMemberId;
        },
        seconds{20}, "serves the slot"));
    std::vector<std::future<Result<idl::JoinGroupResponse>>> joins;
    for (int i = 0; i < count; ++i) {
      const auto first = Join(meta, group, "");
      EXPECT_TRUE(first.ok()) << first.error().ToString();
      EXPECT_TRUE(first->__isset.error);
      joins.push_back(std::async(std::launch::async, [&meta, group, id = first->member_id] {
        return Join(meta, group, id);
      }));
    }
    std::vector<Member> members;
    idl::SyncGroupRequest lead;
    for (auto& join : joins) {
      const auto joined = join.get();
      EXPECT_TRUE(joined.ok()) << joined.error().ToString();
      members.push_back({joined->member_id, joined->generation});
      if (!joined->members.empty()) lead.member_id = joined->leader;
    }
    for (int i = 0; i < count; ++i) {
      idl::MemberAssignment& given = lead.assignments.emplace_back();
      given.member_id = members[static_cast<std::size_t>(i)].id;
      given.partitions.emplace_back().topic = "orders";
      given.partitions.back().partition = i;
    }
    lead.group = group;
    lead.generation = members.front().generation;
    const auto led = meta.client().SyncGroupSync(meta.endpoint(), lead, MetaProcess::Soon());
    EXPECT_TRUE(led.ok()) << led.error().ToString();
    for (const Member& member : members) {
      idl::SyncGroupRequest sync;
      sync.group = group;
      sync.member_id = member.id;
      sync.generation = member.generation;
      const auto synced = meta.client().SyncGroupSync(meta.endpoint(), sync, MetaProcess::Soon());
      EXPECT_TRUE(synced.ok()) << synced.error().ToString();
      EXPECT_EQ(synced->assignment.size(), 1u);
    }
    return members;
  }

  DatabaseServer* server_ = nullptr;
  std::string prefix_;
};
INSTANTIATE_TEST_SUITE_P(On, GroupsProcessTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(GroupsProcessTest, AKilledCoordinatorIsReplacedInTimeAndTheGroupDoesNotNotice) {
  const std::string group = "billing";
  auto a = StartMeta();
  ASSERT_TRUE(WaitFor([&] { return IsCoordinator(*a, group); }, seconds{20}, "a coordinates"));
  const std::vector<Member> members = MakeStable(*a, group, 2);
  auto b = StartMeta();
  const auto before = Describe(*b, group);  // Any metaserver tells it.
  ASSERT_TRUE(before.ok()) << before.error().ToString();
  EXPECT_EQ(before->group.state, "Stable");
  EXPECT_EQ(before->history.size(), 1u);

  // Slots settle on both; then the one that has this group is killed.
  ASSERT_TRUE(WaitFor(
      [&] {
        const auto shares = server_->Query(fmt::format(
            "SELECT COUNT(DISTINCT owner) * 100 + COUNT(*) FROM {}_meta.leases WHERE name LIKE "
            "'group-slot-%' AND expires_at > UTC_TIMESTAMP(6)",
            prefix_));
        return shares.ok() && std::stoi(*shares) == 216;
      },
      seconds{30}, "both have slots"));
  ASSERT_TRUE(WaitFor(
      [&] {
        const auto by_a = Find(*a, group);
        const auto by_b = Find(*b, group);
        return by_a.ok() && by_b.ok() && Text(*by_a) == Text(*by_b);
      },
      seconds{20}, "both name the same one"));
  const bool is_a = IsCoordinator(*a, group);
  std::unique_ptr<MetaProcess>& victim = is_a ? a : b;
  MetaProcess& heir = is_a ? *b : *a;
  ASSERT_TRUE(
      WaitFor([&] { return Beat(*victim, group, members[0]).ok(); }, seconds{20}, "serves"));
  const auto former = Find(heir, group);
  ASSERT_TRUE(former.ok());
  victim->process().Kill();
  const auto began = SystemClock::Instance().Now();
  ASSERT_TRUE(
      WaitFor([&] { return IsCoordinator(heir, group) && Beat(heir, group, members[0]).ok(); },
              seconds{30}, "taken over"));
  const auto took = SystemClock::Instance().Now() - began;
  RecordProperty("takeover_ms", static_cast<int>(took / milliseconds{1}));
  EXPECT_LE(took, kLease + seconds{2});
  const auto found = Find(heir, group);
  ASSERT_TRUE(found.ok());
  EXPECT_GT(found->epoch, former->epoch);
  for (const Member& member : members) EXPECT_TRUE(Beat(heir, group, member).ok());
  const auto after = Describe(heir, group);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(Text(after->group), Text(before->group));
  auto survivors = after->members;
  // Of the coordinator's memory: when it heard from them itself.
  for (auto& member : survivors) member.__isset.last_heartbeat_us = false;
  EXPECT_EQ(Text(survivors), Text(before->members));
  EXPECT_EQ(Text(after->history), Text(before->history));
}

TEST_P(GroupsProcessTest, ACoordinatorThatStopsHandsOverAtOnceAndAnswersWhoWaits) {
  const std::string group = "billing";
  auto a = StartMeta();
  ASSERT_TRUE(WaitFor([&] { return IsCoordinator(*a, group); }, seconds{20}, "a coordinates"));
  const std::vector<Member> members = MakeStable(*a, group, 1);
  const auto second = Join(*a, group, "");
  ASSERT_TRUE(second.ok());
  // Waits for the first one, which does not come.
  auto parked = std::async(std::launch::async, [&] { return Join(*a, group, second->member_id); });
  ASSERT_TRUE(
      WaitFor([&] { return BeatError(*a, group, members[0]) == ErrorCode::kRebalanceInProgress; },
              seconds{20}, "is parked"));
  auto b = StartMeta();
  EXPECT_EQ(a->process().Terminate(seconds{20}), 0) << a->process().Stderr();
  const auto refused = parked.get();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kNotCoordinator) << refused.error().ToString();
  ASSERT_TRUE(WaitFor([&] { return Beat(*b, group, members[0]).ok(); }, seconds{20}, "b serves"));
  EXPECT_EQ(Describe(*b, group)->group.state, "Stable");  // The join was worth nothing.
}

TEST_P(GroupsProcessTest, ListsDescribesAndDeletes) {
  auto a = StartMeta();
  ASSERT_TRUE(WaitFor([&] { return IsCoordinator(*a, "one"); }, seconds{20}, "a coordinates"));
  const std::vector<Member> members = MakeStable(*a, "one", 1);
  const auto groups = a->client().ListGroupsSync(a->endpoint(), {}, MetaProcess::Soon());
  ASSERT_TRUE(groups.ok()) << groups.error().ToString();
  ASSERT_EQ(groups->groups.size(), 1u);
  EXPECT_EQ(groups->groups[0].group, "one");
  EXPECT_EQ(groups->groups[0].members, 1);
  const auto described = Describe(*a, "one");
  ASSERT_TRUE(described.ok());
  EXPECT_EQ(described->leader, members[0].id);
  EXPECT_TRUE(Names(described->coordinator, *a));
  ASSERT_EQ(described->members.size(), 1u);
  EXPECT_EQ(described->members[0].assignment.size(), 1u);
  EXPECT_THAT(described->members[0].host, HasSubstr("127.0.0.1:"));
  EXPECT_EQ(Describe(*a, "none").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Describe(*a, "").error().code, ErrorCode::kInvalidGroupId);

  idl::DeleteGroupRequest remove;
  remove.group = "one";
  const auto erase = [&] {
    return a->client().DeleteGroupSync(a->endpoint(), remove, MetaProcess::Soon());
  };
  EXPECT_EQ(erase().error().code, ErrorCode::kFailedPrecondition);
  idl::LeaveGroupRequest leave;
  leave.group = "one";
  leave.member_id = members[0].id;
  ASSERT_TRUE(a->client().LeaveGroupSync(a->endpoint(), leave, MetaProcess::Soon()).ok());
  EXPECT_EQ(Describe(*a, "one")->group.state, "Empty");
  EXPECT_TRUE(Describe(*a, "one")->group.__isset.empty_since_us);
  const auto erased = erase();
  EXPECT_TRUE(erased.ok()) << erased.error().ToString();
  EXPECT_EQ(Describe(*a, "one").error().code, ErrorCode::kNotFound);
}

TEST_P(GroupsProcessTest, AGroupWithoutMembersExpiresWithItsOffsetsWhenAllNodesAnswer) {
  auto own = DatabaseServer::Start({.engine = GetParam()});
  ASSERT_TRUE(own.ok()) << own.error().ToString();
  DatabaseServer& node = **own;
  const std::string group = "billing";
  auto a = StartMeta(
      *server_, {"--offsets-retention-minutes=1", "--offsets-retention-check-interval-ms=100"});
  const auto added = a->AddNode(node, prefix_);
  ASSERT_TRUE(added.ok()) << added.error().ToString();
  ASSERT_TRUE(WaitFor([&] { return IsCoordinator(*a, group); }, seconds{20}, "a coordinates"));
  const std::vector<Member> members = MakeStable(*a, group, 1);

  sql::DataNodes nodes({.user = "root"});
  core::DataNode known;
  known.id = core::NodeId{added->node.node_id};
  known.host = node.host();
  known.port = node.port();
  known.schema_prefix = prefix_;
  nodes.Update(std::vector{known});
  sql::MySqlOffsetStore offsets(nodes, known.id);
  const std::vector<core::PartitionKey> keys = {{core::TopicId{1}, 0}};
  ASSERT_TRUE(sql::MySqlMessageStore(nodes)
                  .CreatePartition({keys[0], known.id, 0}, "orders", MetaProcess::Soon())
                  .ok());
  const auto claim = [&](std::int64_t generation) {
    const auto claimed =
        offsets.Claim(group, {core::Generation{generation}, "m"}, keys, MetaProcess::Soon());
    EXPECT_TRUE(claimed.ok()) << claimed.error().ToString();
    return claimed.ok() && claimed->front().status.ok();
  };
  const std::int64_t generation = members[0].generation;
  ASSERT_TRUE(claim(generation));
  ASSERT_FALSE(claim(generation - 1));
  ASSERT_TRUE(offsets.Pause(group, keys, std::nullopt, {"me", "why"}, MetaProcess::Soon()).ok());

  node.Kill();
  idl::LeaveGroupRequest leave;
  leave.group = group;
  leave.member_id = members[0].id;
  ASSERT_TRUE(a->client().LeaveGroupSync(a->endpoint(), leave, MetaProcess::Soon()).ok());
  ASSERT_TRUE(
      server_
          ->Query(fmt::format("UPDATE {}_meta.consumer_groups SET empty_since = empty_since "
                              "- INTERVAL 2 MINUTE WHERE empty_since IS NOT NULL",
                              prefix_))
          .ok());
  ASSERT_TRUE(WaitFor(
      [&] { return a->process().Stderr().find("group.expiry_postponed") != std::string::npos; },
      seconds{40}, "is postponed"));
  EXPECT_EQ(Describe(*a, group)->group.state, "Empty");

  ASSERT_TRUE(node.StartAgain().ok());
  ASSERT_TRUE(
      WaitFor([&] { return a->process().Stderr().find("committed lately") != std::string::npos; },
              seconds{40}, "is postponed by what was committed lately"));
  EXPECT_EQ(Describe(*a, group)->group.state, "Empty");
  ASSERT_TRUE(node.Query(fmt::format("UPDATE {}_node.group_offsets SET committed_at = committed_at "
                                     "- INTERVAL 2 MINUTE",
                                     prefix_))
                  .ok());
  ASSERT_TRUE(WaitFor(
      [&] {
        const auto described = Describe(*a, group);
        return !described.ok() && described.error().code == ErrorCode::kNotFound;
      },
      seconds{40}, "expires"));
  ASSERT_TRUE(
      WaitFor([&] { return a->process().Stderr().find("group.expired") != std::string::npos; },
              seconds{20}, "says so"));
  const auto left = offsets.Fetch(group, {}, MetaProcess::Soon());
  ASSERT_TRUE(left.ok()) << left.error().ToString();
  EXPECT_TRUE(left->empty());
  // A group of the same name begins at the beginning, and its claims are taken.
  EXPECT_EQ(MakeStable(*a, group, 1)[0].generation, 1);
  EXPECT_TRUE(claim(1));
}

TEST_P(GroupsProcessTest, ADatabaseThatHangsIsNoticedAndCostsNobodyItsPlace) {
  auto own = DatabaseServer::Start({.engine = GetParam()});
  ASSERT_TRUE(own.ok()) << own.error().ToString();
  DatabaseServer& database = **own;
  const std::string group = "billing";
  auto a = StartMeta(database);
  ASSERT_TRUE(WaitFor([&] { return IsCoordinator(*a, group); }, seconds{20}, "a coordinates"));
  const std::vector<Member> members = MakeStable(*a, group, 1);
  database.Pause();
  EXPECT_TRUE(WaitFor(
      [&] {
        return BeatError(*a, group, members[0]) == ErrorCode::kCoordinatorNotAvailable &&
               !Find(*a, group).ok();
      },
      seconds{20}, "says so"));
  database.Resume();
  ASSERT_TRUE(
      WaitFor([&] { return Beat(*a, group, members[0]).ok(); }, seconds{40}, "serves again"));
  EXPECT_EQ(Describe(*a, group)->history.size(), 1u);
}

TEST_P(GroupsProcessTest, WithoutItsDatabaseItSaysSoAndTheGroupIsThereAfterwards) {
  auto own = DatabaseServer::Start({.engine = GetParam()});
  ASSERT_TRUE(own.ok()) << own.error().ToString();
  DatabaseServer& database = **own;
  const std::string group = "billing";
  auto a = StartMeta(database);
  ASSERT_TRUE(WaitFor([&] { return IsCoordinator(*a, group); }, seconds{20}, "a coordinates"));
  const std::vector<Member> members = MakeStable(*a, group, 2);
  database.Kill();
  ASSERT_TRUE(WaitFor(
      [&] {
        const auto beat = Beat(*a, group, members[0]);
        return !beat.ok() && beat.error().code == ErrorCode::kCoordinatorNotAvailable &&
               beat.error().message.find("metadata database") != std::string::npos;
      },
      seconds{20}, "says what is missing"));
  ASSERT_TRUE(WaitFor(
      [&] {
        const auto found = Find(*a, group);
        return !found.ok() && found.error().code == ErrorCode::kCoordinatorNotAvailable;
      },
      seconds{20}, "is found no more"));
  ASSERT_TRUE(database.StartAgain().ok());
  ASSERT_TRUE(
      WaitFor([&] { return Beat(*a, group, members[0]).ok(); }, seconds{40}, "serves again"));
  EXPECT_TRUE(Beat(*a, group, members[1]).ok());
  EXPECT_EQ(Describe(*a, group)->history.size(), 1u);
  EXPECT_THAT(a->process().Stderr(), ::testing::Not(HasSubstr("group.member_expired")));
}

}  // namespace
}  // namespace lanemq::testing
