#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/random.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/stop_signal.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lanemq::spool {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::Engine;

constexpr int kKills = 200;
constexpr int kKillsPerPhase = 10;

/// What producers did and what came of it. Bodies are "key:run:number", each tried once.
struct History {
  std::vector<std::string> tried;  // In order.
  std::set<std::string> acked;
  std::vector<std::vector<std::string>> stored;  // By partition and offset.
};

std::string KeyOf(const std::string& body) { return body.substr(0, body.find(':')); }

/// Everything that is wrong, at most a few of each kind.
std::vector<std::string> Judge(const History& history) {
  std::vector<std::string> faults;
  std::map<std::string, std::size_t> position;
  for (std::size_t i = 0; i < history.tried.size(); ++i) position.emplace(history.tried[i], i);
  std::set<std::string> seen;
  std::map<std::string, std::size_t> last;
  for (const auto& log : history.stored) {
    for (const std::string& body : log) {
      const auto tried = position.find(body);
      if (tried == position.end()) {
        faults.push_back(body + " was never sent");
        continue;
      }
      if (!seen.insert(body).second) faults.push_back(body + " is stored twice");
      const auto [newest, is_first] = last.try_emplace(KeyOf(body), tried->second);
      if (!is_first && tried->second < newest->second) {
        faults.push_back(body + " is stored after " + history.tried[newest->second]);
      }
      newest->second = std::max(newest->second, tried->second);
    }
  }
  for (const std::string& body : history.acked) {
    if (!seen.contains(body)) faults.push_back(body + " was acknowledged and is lost");
  }
  if (faults.size() > 10) faults.resize(10);
  return faults;
}

TEST(SpoolJudgeTest, ConvictsEachKindOfWrong) {
  const History good{
      {"a:1:0", "b:1:1", "a:1:2", "a:1:3"}, {"a:1:0", "b:1:1"}, {{"a:1:0", "a:1:2"}, {"b:1:1"}}};
  EXPECT_THAT(Judge(good), ::testing::IsEmpty());
  History lost = good;
  lost.stored[1].clear();
  EXPECT_THAT(Judge(lost), ::testing::ElementsAre("b:1:1 was acknowledged and is lost"));
  History twice = good;
  twice.stored[1].push_back("b:1:1");
  EXPECT_THAT(Judge(twice), ::testing::ElementsAre("b:1:1 is stored twice"));
  History twisted = good;
  std::swap(twisted.stored[0][0], twisted.stored[0][1]);
  EXPECT_THAT(Judge(twisted), ::testing::ElementsAre("a:1:0 is stored after a:1:2"));
  History invented = good;
  invented.stored[0].push_back("a:2:0");
  EXPECT_THAT(Judge(invented), ::testing::ElementsAre("a:2:0 was never sent"));
}

class SpoolTest : public ::testing::TestWithParam<Engine> {
 protected:
  Result<testing::Process> Worker(const std::string& run, const std::string& fsync,
                                  std::vector<std::string> more) {
    std::vector<std::string> argv = {
        std::string(LANEMQ_BIN_DIR) + "/lanemq-spool-worker",
        fmt::format("--bootstrap={}", fmt::join(cluster_->bootstrap(), ",")),
        "--topic=spooled",
        "--dir=" + (dir_.path() / "spool").string(),
        "--events=" + (dir_.path() / "events").string(),
        "--run=" + run,
        "--fsync=" + fsync};
    argv.insert(argv.end(), more.begin(), more.end());
    return testing::Process::Start({.argv = argv, .output_dir = dir_.path(), .name = "worker"});
  }

  /// The brokers are up, frozen, up, dead, in turn.
  void BeginPhase(int phase) {
    for (int i = 0; i < cluster_->brokers(); ++i) {
      if (phase % 4 == 1) cluster_->broker_process(i).Signal(SIGSTOP);
      if (phase % 4 == 3) cluster_->KillBroker(i);
    }
  }
  void EndPhase(int phase) {
    for (int i = 0; i < cluster_->brokers(); ++i) {
      if (phase % 4 == 1) cluster_->broker_process(i).Signal(SIGCONT);
      if (phase % 4 != 3) continue;
      const Status started = cluster_->StartBroker(i);
      ASSERT_TRUE(started.ok()) << started.error().ToString();
    }
  }

  void KillOne(int kill) {
    const std::string mode = std::vector{"every_send", "interval", "never"}[random_.Below(3)];
    auto worker = Worker(std::to_string(kill), mode, {"--records-max=300"});
    ASSERT_TRUE(worker.ok()) << worker.error().ToString();
    // Some die while they open the spool.
    if (random_.Below(8) != 0) {
      const auto started = worker->WaitForOutput("started", 20s);
      ASSERT_TRUE(started.ok()) << started.error().ToString() << worker->Stderr();
    }
    e2e::StopSignal never;
    (void)never.WaitFor(std::chrono::microseconds(random_.Below(60'000)));
    ASSERT_TRUE(worker->IsRunning()) << worker->Stderr();
    worker->Kill();
  }

  History ReadHistory(const e2e::TestTopic& topic) {
    History history;
    std::ifstream events(dir_.path() / "events");
    std::string kind;
    std::string body;
    while (events >> kind >> body) {
      if (kind == "tried") {
        history.tried.push_back(body);
      } else {
        history.acked.insert(body);
      }
    }
    for (const std::string& table : topic.tables) {
      const auto rows =
          cluster_->data_server().Query("SELECT body FROM " + table + " ORDER BY `offset`");
      EXPECT_TRUE(rows.ok());
      std::istringstream lines(rows.ok() ? *rows : "");
      std::vector<std::string>& log = history.stored.emplace_back();
      while (lines >> body) log.push_back(body);
    }
    return history;
  }

  testing::TempDir dir_;
  Random random_ = Random::FromSystem();
  std::unique_ptr<e2e::Cluster> cluster_;
};

TEST_P(SpoolTest, KilledTwoHundredTimesEachAcknowledgedRecordIsStoredOnceInOrder) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  const auto seed = static_cast<std::uint64_t>(random_.PositiveId());
  random_ = Random(seed);
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  auto started = e2e::Cluster::Start({.engine = GetParam(), .seed = seed});
  ASSERT_TRUE(started.ok()) << started.error().ToString();
  cluster_ = std::move(started).value();
  cluster_->ExpectErrors("");  // Everything complains about killed neighbours.
  const auto topic = cluster_->CreateTopic("spooled", 3);
  ASSERT_TRUE(topic.ok()) << topic.error().ToString();
  for (int kill = 0; kill < kKills; ++kill) {
    if (kill % kKillsPerPhase == 0) BeginPhase(kill / kKillsPerPhase);
    KillOne(kill);
    if ((kill + 1) % kKillsPerPhase == 0) EndPhase(kill / kKillsPerPhase);
    if (HasFatalFailure()) return;
  }
  // The last one sends a little more, and everything that is left.
  auto last = Worker("last", "every_send", {"--records-max=100", "--flush"});
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->Wait(90s), 0) << last->Stderr();
  const History history = ReadHistory(*topic);
  EXPECT_THAT(Judge(history), ::testing::IsEmpty());
  std::size_t stored = 0;
  for (const auto& log : history.stored) stored += log.size();
  EXPECT_GT(history.acked.size(), 1'000u);
  std::cout << fmt::format("{} kills: tried {}, acknowledged {}, stored {}, seed {}\n", kKills,
                           history.tried.size(), history.acked.size(), stored, seed);
}

INSTANTIATE_TEST_SUITE_P(Engines, SpoolTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::spool
