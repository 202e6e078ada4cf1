// Rebalances, measured: how long until every partition has its owner, and how long each stood
// still.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "lanemq_types.h"
#include "perf/load/figures.h"
#include "perf/rebalance/timeline.h"
#include "tests/e2e/cluster.h"
#include "tests/groups/group_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::perf {
namespace {

using std::chrono_literals::operator""s;

struct Options {
  std::string engine = "mariadb";
  std::vector<int> members = {2, 20, 100};
  std::vector<int> partitions = {16, 100, 1'000};
  int rounds = 5;
  int session_timeout_ms = 6'000;
};

std::int64_t Now() { return SystemClock::Instance().Now().since_start.count(); }

class Scenario {
 public:
  Scenario(e2e::Cluster& cluster, const Options& options, int members, int partitions)
      : cluster_(cluster), options_(options), members_(members), partitions_(partitions) {}

  Status Run(const std::string& topic) {
    const std::string group = fmt::format("{}-members-of-{}", members_, topic);
    rig_ = std::make_unique<groups::GroupRig>(cluster_, topic, partitions_, group);
    for (int i = 0; i < members_; ++i) LANEMQ_RETURN_IF_ERROR(Start(NameOf(i)));
    LANEMQ_RETURN_IF_ERROR(AwaitWhole({}));
    if (members_ < partitions_) LANEMQ_RETURN_IF_ERROR(ComeAndGo());
    if (members_ >= partitions_) LANEMQ_RETURN_IF_ERROR(StandbyComesAndGoes());
    if (members_ > partitions_) LANEMQ_RETURN_IF_ERROR(LoseOwners());
    LANEMQ_RETURN_IF_ERROR(CoordinatorKill());
    LANEMQ_RETURN_IF_ERROR(RollingRestart("rolling restart, dynamic"));
    rig_->StopAll();
    rig_ = std::make_unique<groups::GroupRig>(cluster_, topic, partitions_, group + "-static");
    is_static_ = true;
    dead_.clear();  // They were members of the other group.
    alive_.clear();
    for (int i = 0; i < members_; ++i) LANEMQ_RETURN_IF_ERROR(Start(NameOf(i)));
    LANEMQ_RETURN_IF_ERROR(AwaitWhole({}));
    LANEMQ_RETURN_IF_ERROR(RollingRestart("rolling restart, static"));
    rig_->StopAll();
    return {};
  }

 private:
  /// One member more, and less again.
  Status ComeAndGo() {
    LANEMQ_RETURN_IF_ERROR(Measure(
        "planned join", partitions_ / (members_ + 1), [&](int) { return Start("extra"); },
        [&] { return Stop("extra"); }));
    const std::int64_t at = Now();
    LANEMQ_RETURN_IF_ERROR(Start("extra"));
    LANEMQ_RETURN_IF_ERROR(AwaitChange(at));
    LANEMQ_RETURN_IF_ERROR(AwaitWhole({}));
    LANEMQ_RETURN_IF_ERROR(Measure(
        "planned leave", partitions_ / (members_ + 1),
        [&](int) {
          alive_.erase("extra");
          rig_->process("extra").Signal(SIGTERM);
          return Status{};
        },
        [&] { return Start("extra"); }));
    LANEMQ_RETURN_IF_ERROR(Measure(
        "kill -9", partitions_ / (members_ + 1),
        [&](int) {
          alive_.erase("extra");
          rig_->Kill("extra");
          dead_.insert(rig_->NewestLogName("extra"));
          return Status{};
        },
        [&] { return Start("extra"); }));
    return {};
  }

  /// One member more, that gets nothing, and less again: Stable as the coordinator says.
  Status StandbyComesAndGoes() {
    const auto change = [&](const std::string& name, std::size_t members,
                            const std::function<Status()>& begin) -> Status {
      LANEMQ_ASSIGN_OR_RETURN(const auto before, Describe());
      const std::int64_t at = Now();
      LANEMQ_RETURN_IF_ERROR(begin());
      LANEMQ_RETURN_IF_ERROR(AwaitStable(members, before.generation));
      Standby& figures = standby_[name];
      figures.stable_ms.push_back(static_cast<double>(Now() - at) / 1e6);
      const RebalanceFigures moves = Timeline(rig_->Logs()).Since(at, dead_);
      figures.stops_ms.insert(figures.stops_ms.end(), moves.stops_ms.begin(), moves.stops_ms.end());
      figures.moved += moves.moved;
      figures.interrupted += moves.interrupted;
      return AwaitWhole(dead_);
    };
    const std::size_t all = alive_.size();
    const auto start = [&] { return Start("extra"); };
    for (int round = 0; round < options_.rounds; ++round) {
      LANEMQ_RETURN_IF_ERROR(change("planned join of a standby", all + 1, start));
      LANEMQ_RETURN_IF_ERROR(
          change("planned leave of a standby", all, [&] { return Stop("extra"); }));
      LANEMQ_ASSIGN_OR_RETURN(const auto before, Describe());
      LANEMQ_RETURN_IF_ERROR(start());
      LANEMQ_RETURN_IF_ERROR(AwaitStable(all + 1, before.generation));
      LANEMQ_RETURN_IF_ERROR(change("kill -9 of a standby", all, [&] {
        alive_.erase("extra");
        rig_->Kill("extra");
        dead_.insert(rig_->NewestLogName("extra"));
        return Status{};
      }));
    }
    for (const auto& [name, figures] : standby_) {
      Print(name, figures.stable_ms, figures.stops_ms, figures.moved / options_.rounds, 0,
            figures.interrupted);
    }
    return {};
  }

  Result<idl::GroupListing> Describe() {
    idl::DescribeGroupRequest request;
    request.group = rig_->group();
    auto described = cluster_.control_plane().DescribeGroupSync(
        cluster_.metaserver(0), request,
        Deadline::After(SystemClock::Instance(), std::chrono::seconds(10)));
    if (!described.ok()) return described.error();
    return std::move(described->group);
  }

  Status AwaitStable(std::size_t members, std::int64_t after_generation) {
    const auto is_stable = [&] {
      const auto group = Describe();
      return group.ok() && group->state == "Stable" && group->generation > after_generation &&
             group->members == static_cast<std::int32_t>(members);
    };
    if (testing::WaitFor(is_stable, 60s, "the group is stable")) return {};
    return Error{ErrorCode::kRequestTimedOut, "the group did not become stable"};
  }

  /// More members than partitions: one that owns some dies, a standby takes over.
  Status LoseOwners() {
    std::vector<double> stable;
    std::vector<double> stops;
    std::int64_t moved = 0;
    for (int round = 0; round < std::min(options_.rounds, members_ - partitions_); ++round) {
      std::string owner;
      for (int i = 0; i < members_; ++i) {
        const bool is_alive = !dead_.contains(rig_->NewestLogName(NameOf(i)));
        if (is_alive && rig_->Holds(NameOf(i)) > 0) owner = NameOf(i);
      }
      const std::int64_t at = Now();
      alive_.erase(owner);
      rig_->Kill(owner);
      dead_.insert(rig_->NewestLogName(owner));
      LANEMQ_RETURN_IF_ERROR(AwaitChange(at));
      LANEMQ_RETURN_IF_ERROR(AwaitWhole(dead_));
      const RebalanceFigures figures = Timeline(rig_->Logs()).Since(at, dead_);
      stable.push_back(figures.stable_ms);
      stops.insert(stops.end(), figures.stops_ms.begin(), figures.stops_ms.end());
      moved += figures.moved;
    }
    Print("kill -9 of an owner, standby takes over", stable, stops, moved / options_.rounds, 1, 0);
    return {};
  }

  /// The first few members, one after the other, in order.
  Status RollingRestart(const std::string& name) {
    const int restarts = std::min(members_, 5);
    const std::int64_t began = Now();
    for (int i = 0; i < restarts; ++i) {
      if (dead_.contains(rig_->NewestLogName(NameOf(i)))) continue;
      LANEMQ_RETURN_IF_ERROR(Stop(NameOf(i)));
      const std::int64_t at = Now();
      LANEMQ_RETURN_IF_ERROR(Start(NameOf(i)));
      if (members_ <= partitions_) LANEMQ_RETURN_IF_ERROR(AwaitChange(at));
      LANEMQ_RETURN_IF_ERROR(AwaitWhole(dead_));
    }
    const RebalanceFigures figures = Timeline(rig_->Logs()).Since(began, dead_);
    Print(fmt::format("{} of {}", name, restarts), {figures.stable_ms}, figures.stops_ms,
          figures.moved, 0, figures.interrupted);
    return {};
  }

  static std::string NameOf(int index) { return fmt::format("m{}", index); }
  Status Start(const std::string& name) {
    alive_.insert(name);
    return rig_->Start(name, {.instance_id = is_static_ ? name : "",
                              .session_timeout_ms = options_.session_timeout_ms});
  }
  Status Stop(const std::string& name) {
    alive_.erase(name);
    if (rig_->Stop(name) == 0) return {};
    return Error{ErrorCode::kFailedPrecondition, name + " did not end in order"};
  }

  // Every partition has an owner, shares are even, and nothing has changed for half a second.
  Status AwaitWhole(const std::set<std::string>& dead) {
    const auto is_whole = [&] {
      const Timeline timeline(rig_->Logs());
      return timeline.IsSettled(partitions_, alive_.size(), dead) &&
             Now() - timeline.newest_ns() > 500'000'000;
    };
    if (testing::WaitFor(is_whole, 120s, "every partition has an owner")) return {};
    return Error{ErrorCode::kRequestTimedOut, "the group did not become whole"};
  }

  Status Measure(const std::string& name, std::int64_t minimum,
                 const std::function<Status(int)>& change, const std::function<Status()>& undo) {
    std::vector<double> stable;
    std::vector<double> stops;
    std::int64_t moved = 0;
    std::int64_t interrupted = 0;
    for (int round = 0; round < options_.rounds; ++round) {
      const std::int64_t at = Now();
      LANEMQ_RETURN_IF_ERROR(change(round));
      LANEMQ_RETURN_IF_ERROR(AwaitChange(at));
      LANEMQ_RETURN_IF_ERROR(AwaitWhole(dead_));
      const RebalanceFigures figures = Timeline(rig_->Logs()).Since(at, dead_);
      stable.push_back(figures.stable_ms);
      stops.insert(stops.end(), figures.stops_ms.begin(), figures.stops_ms.end());
      moved += figures.moved;
      interrupted += figures.interrupted;
      const std::int64_t undone_at = Now();
      LANEMQ_RETURN_IF_ERROR(undo());
      LANEMQ_RETURN_IF_ERROR(AwaitChange(undone_at));
      LANEMQ_RETURN_IF_ERROR(AwaitWhole(dead_));
    }
    Print(name, stable, stops, moved / options_.rounds, minimum, interrupted);
    return {};
  }

  Status AwaitChange(std::int64_t at) {
    const auto has_changed = [&] { return Timeline(rig_->Logs()).newest_ns() > at; };
    if (testing::WaitFor(has_changed, 60s, "the group notices")) return {};
    return Error{ErrorCode::kRequestTimedOut, "nothing happened"};
  }

  // A stable group must not notice: any event would show.
  Status CoordinatorKill() {
    const std::int64_t at = Now();
    cluster_.KillMetaserver(0);
    LANEMQ_RETURN_IF_ERROR(cluster_.StartMetaserver(0));
    const std::int64_t until = Now() + 2LL * options_.session_timeout_ms * 1'000'000;
    (void)testing::WaitFor([&] { return Now() > until; }, 60s, "two session timeouts");
    const RebalanceFigures figures = Timeline(rig_->Logs()).Since(at, dead_);
    Print("coordinator kill", {figures.stable_ms}, figures.stops_ms, figures.moved, 0,
          figures.interrupted);
    return {};
  }

  void Print(const std::string& name, std::vector<double> stable, std::vector<double> stops,
             std::int64_t moved, std::int64_t minimum, std::int64_t interrupted) {
    Latencies stable_all;
    for (const double value : stable) stable_all.Add(value);
    Latencies stops_all;
    for (const double value : stops) stops_all.Add(value);
    fmt::print("| {} | {} | {} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {} | {} | {} |\n", name,
               members_, partitions_, stable_all.Percentile(0.5), stable_all.Percentile(0.99),
               stops_all.Percentile(0.5), stops_all.Percentile(0.99), moved, minimum, interrupted);
    std::fflush(stdout);
  }

  struct Standby {
    std::vector<double> stable_ms;
    std::vector<double> stops_ms;
    std::int64_t moved = 0;
    std::int64_t interrupted = 0;
  };

  e2e::Cluster& cluster_;
  const Options& options_;
  const int members_;
  const std::int32_t partitions_;
  std::unique_ptr<groups::GroupRig> rig_;
  std::set<std::string> alive_;  ///< Members, by name.
  std::set<std::string> dead_;   ///< Processes that were killed.
  bool is_static_ = false;
  std::map<std::string, Standby> standby_;  ///< By change, over all rounds.
};

Status RunAll(const Options& options) {
  const auto engine =
      options.engine == "mysql" ? testing::Engine::kMySql : testing::Engine::kMariaDb;
  LANEMQ_ASSIGN_OR_RETURN(
      const auto cluster,
      e2e::Cluster::Start({.engine = engine,
                           .data_nodes = 2,
                           .schemas_per_node = 10,
                           .metaserver_flags = {"--group-initial-rebalance-delay-ms=0"}}));
  fmt::print("{}; session timeout {} ms, heartbeat 500 ms, initial delay 0, {} rounds\n\n",
             testing::NameOf(engine), options.session_timeout_ms, options.rounds);
  fmt::print(
      "| change | members | partitions | stable p50 ms | p99 | stop p50 ms | p99 | moved |"
      " minimum | interrupted |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const int partitions : options.partitions) {
    const std::string topic = fmt::format("t-{}", partitions);
    // A thousand tables take their time; a repeated call goes on where the first one was.
    auto created = cluster->CreateTopic(topic, partitions);
    for (int i = 0; i < 5 && !created.ok(); ++i) created = cluster->CreateTopic(topic, partitions);
    if (!created.ok()) return created.error();
    for (const int members : options.members) {
      LANEMQ_RETURN_IF_ERROR(Scenario(*cluster, options, members, partitions).Run(topic));
    }
  }
  return {};
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures rebalances of consumer groups of real processes.",
               "lanemq-perf-rebalance");
  app.add_option("--engine", options.engine)
      ->check(CLI::IsMember({"mariadb", "mysql"}))
      ->capture_default_str();
  app.add_option("--members", options.members)->delimiter(',')->capture_default_str();
  app.add_option("--partitions", options.partitions)->delimiter(',')->capture_default_str();
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--session-timeout-ms", options.session_timeout_ms)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  SetUpLogging("lanemq-perf-rebalance", LogLevel::WARN);
  if (const Status status = RunAll(options); !status.ok()) {
    std::cerr << "lanemq-perf-rebalance: " << status.error().ToString() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace lanemq::perf

int main(int argc, char** argv) { return lanemq::perf::Main(argc, argv); }
