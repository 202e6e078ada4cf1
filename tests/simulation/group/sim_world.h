#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/random.h"
#include "common/base/time.h"
#include "common/core/group/assignor.h"
#include "common/core/group/group_machine.h"
#include "tests/simulation/group/sim_checker.h"
#include "tests/simulation/group/sim_rows.h"

/// One simulated cluster: one thread, one clock, one source of random numbers.
namespace lanemq::simulation {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr seconds kSessionTimeout{10};

/// Deliberate defects; each must be convicted by the checker.
enum class Defect {
  kNone,
  kRowsIgnoreGeneration,  ///< A data node accepts claims and commits of older generations.
  kRowsIgnoreMember,      ///< A data node accepts commits of another member than the row's.
  kRowsUnfenced,          ///< Both of these.
  kRevealBeforeDurable,   ///< The coordinator answers before its write is done.
  kCoordinatorsUnfenced,  ///< A coordinator that lost its lease can still write.
  kTakeoverRebalances,    ///< A new coordinator makes everybody join again.
  kNobodyExpires,         ///< The coordinator never looks at its clock.
};

struct Faults {
  double loss = 0;
  double duplication = 0;
  milliseconds delay_max{20};
  double write_loss = 0;
};

/// What happened in a run, to see that it was worth running.
struct SimCounts {
  std::uint64_t events = 0;
  std::uint64_t commits = 0;
  std::uint64_t refused_commits = 0;
  std::uint64_t refused_claims = 0;
  std::uint64_t fenced_writes = 0;
  std::uint64_t fenced_instances = 0;
  std::uint64_t takeovers = 0;
};

/// To the coordinator, from the process `from`.
struct Request {
  std::size_t from = 0;
  std::uint64_t rpc = 0;
  struct Forget {
    std::uint64_t rpc = 0;
  };
  struct Heartbeat : core::MemberCall {};
  struct Leave : core::MemberCall {};
  std::variant<core::JoinCall, core::SyncCall, Heartbeat, Leave, Forget> call;
};

struct Reply {
  std::uint64_t rpc = 0;
  std::variant<Result<core::JoinReply>, Result<core::SyncReply>, Status> reply;
};

class SimMember;
class SimCoordinator;

/// The clock, the network, and who is there.
class World {
 public:
  World(std::uint64_t seed, Defect defect, bool is_traced);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void After(std::chrono::nanoseconds delay, std::function<void()> action);
  /// Runs what is due until then.
  void RunUntil(MonotonicTime end);
  /// A message: late, lost, or twice, as faults go.
  void Send(const std::function<void()>& deliver);
  void SendToCoordinator(std::int64_t epoch, const Request& request);
  void SendToMember(std::size_t process, const Reply& reply);

  bool OneIn(double probability) { return random.Unit() < probability; }
  milliseconds Between(milliseconds low, milliseconds high);
  std::uint64_t NextRpc() { return ++last_rpc_; }
  void Trace(std::string_view who, const std::string& what) const;

  MonotonicTime now;
  Random random;
  Defect defect;
  Faults faults;
  SimChecker checker;
  SimRows rows;
  core::PartitionCounts topics{{"a", 4}, {"b", 3}};
  core::GroupLimits limits;
  std::vector<std::string> protocols;

  /// What the metadata database has, and the newest epoch of the lease.
  core::StoredGroup stored;
  std::int64_t stored_epoch = 0;
  /// Of the coordinator that findCoordinator names; 0: none at the moment.
  std::int64_t coordinator_epoch = 0;
  std::vector<std::unique_ptr<SimCoordinator>> coordinators;  ///< By epoch, from 1.
  std::vector<std::unique_ptr<SimMember>> members;            ///< By process.
  int revocations = 0;
  SimCounts counts;

 private:
  struct Event {
    MonotonicTime at;
    std::uint64_t order = 0;
    std::shared_ptr<std::function<void()>> action;
    bool operator<(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  bool is_traced_;
  std::uint64_t last_rpc_ = 0;
  std::uint64_t last_order_ = 0;
  std::priority_queue<Event> events_;
};

}  // namespace lanemq::simulation
