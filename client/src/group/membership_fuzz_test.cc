// Everything at once, by chance: a group in which processes start, end, stop and hang.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "client/src/group/group_simulation.h"

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int32_t kPartitions = 10;
constexpr std::size_t kMembersMax = 5;
constexpr int kSteps = 60;
constexpr std::uint64_t kRuns = 6;

class Chaos {
 public:
  Chaos(std::uint64_t seed, std::vector<std::vector<std::string>> assignors)
      : random_(seed), assignors_(std::move(assignors)), group_(seed, {{"t", kPartitions}}) {
    group_.may_have_zombies = true;
    group_.faults = {.lost = 0.03, .failed_write = 0.03, .delay_max = milliseconds(100)};
    Start();
  }

  void Step() {
    SimulatedMember* member = running_.empty() ? nullptr : running_[Pick(running_.size())];
    switch (Pick(8)) {
      case 0:
      case 1:
        if (running_.size() < kMembersMax) Start();
        break;
      case 2:
        if (member != nullptr) Stop(*member, true);
        break;
      case 3:
        if (member != nullptr) Stop(*member, false);
        break;
      case 4:
        if (member != nullptr) group_.Freeze(*member);
        break;
      case 5:
        if (member != nullptr) member->is_polling = false;
        break;
      case 6:
        is_up_ ? group_.StopCoordinator() : group_.StartCoordinator();
        is_up_ = !is_up_;
        break;
      default:
        Heal();
    }
    constexpr milliseconds kPauses[] = {milliseconds(50), milliseconds(700), seconds(5), minutes(1),
                                        minutes(6)};
    group_.Run(kPauses[Pick(std::size(kPauses))]);
  }

  void Heal() {
    if (!is_up_) group_.StartCoordinator();
    is_up_ = true;
    for (SimulatedMember* member : running_) {
      member->is_frozen = false;
      member->is_polling = true;
    }
  }

  /// All that is wrong is over: the group must come to rest, evenly.
  void ExpectRest() {
    Heal();
    group_.faults = {};
    if (running_.empty()) Start();
    ASSERT_TRUE(group_.Settle(minutes(12))) << group_.Describe();
    const auto generation = group_.generation();
    group_.Run(minutes(3));
    EXPECT_EQ(group_.generation(), generation) << group_.Describe();
    EXPECT_TRUE(group_.Violations().empty()) << group_.Describe();
    for (const SimulatedMember* member : running_) {
      const auto share = static_cast<std::size_t>(kPartitions) / running_.size();
      EXPECT_GE(member->membership->owned().size(), share) << group_.Describe();
      EXPECT_LE(member->membership->owned().size(), share + 1) << group_.Describe();
      EXPECT_TRUE(member->errors.empty());
    }
  }

 private:
  std::size_t Pick(std::size_t count) { return random_() % count; }

  void Start() {
    const std::string name = "m" + std::to_string(++started_);
    MembershipConfig config{.assignors = assignors_[Pick(assignors_.size())]};
    if (Pick(3) == 0) {
      // One of a few ids, so that crashed ones come back; never two at a time.
      config.instance_id = "i" + std::to_string(Pick(kMembersMax));
      for (const auto& [member, instance_id] : instances_) {
        if (instance_id == config.instance_id && IsRunning(member)) config.instance_id.clear();
      }
    }
    SimulatedMember& member = group_.Add(name, config);
    instances_.emplace_back(&member, config.instance_id);
    running_.push_back(&member);
  }

  void Stop(SimulatedMember& member, bool in_order) {
    in_order ? group_.Close(member) : GroupSimulation::Crash(member);
    // Whoever closes runs its listener.
    member.is_frozen = false;
    member.is_polling = true;
    std::erase(running_, &member);
  }

  [[nodiscard]] bool IsRunning(const SimulatedMember* member) const {
    return std::ranges::find(running_, member) != running_.end();
  }

  std::mt19937_64 random_;
  std::vector<std::vector<std::string>> assignors_;
  GroupSimulation group_;
  std::vector<SimulatedMember*> running_;
  std::vector<std::pair<SimulatedMember*, std::string>> instances_;
  bool is_up_ = true;
  int started_ = 0;
};

void RunAll(const std::vector<std::vector<std::string>>& assignors) {
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    SCOPED_TRACE(seed);
    Chaos chaos(seed, assignors);
    for (int step = 0; step < kSteps; ++step) chaos.Step();
    chaos.ExpectRest();
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(MembershipFuzzTest, Range) { RunAll({{"range"}}); }
TEST(MembershipFuzzTest, Sticky) { RunAll({{"sticky"}}); }
TEST(MembershipFuzzTest, Cooperative) { RunAll({{"cooperative-sticky"}}); }
TEST(MembershipFuzzTest, EagerAndCooperativeTogether) {
  RunAll({{"cooperative-sticky"}, {"cooperative-sticky", "range"}});
}

}  // namespace
}  // namespace lanemq::client
