#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lanemq/lanemq.h"
#include "tests/checker/group_checker.h"
#include "tests/e2e/cluster.h"
#include "tests/support/process.h"

namespace lanemq::groups {

/// How a member is started, beyond its name.
struct MemberOptions {
  std::string instance_id;  ///< Empty: dynamic.
  std::string strategy = "cooperative-sticky";
  int session_timeout_ms = 6'000;
};

/// A topic on a running cluster, a writer that keeps writing to all its partitions, and the members
/// of one group, each a process with an event file.
///
/// Not thread-safe; one owner, which lives as long as the members.
class GroupRig {
 public:
  GroupRig(e2e::Cluster& cluster, std::string topic, std::int32_t partitions,
           std::string group = "workers");
  ~GroupRig();
  GroupRig(const GroupRig&) = delete;
  GroupRig& operator=(const GroupRig&) = delete;

  /// Writes about `per_second` records a second, to the partitions in turn, until StopWriting().
  void StartWriting(int per_second = 500);
  /// Waits for the answers. A record that could not be stored fails it.
  Status StopWriting();

  /// A process of that name; a name may be started again after its end, and gets a new event file.
  Status Start(const std::string& name, const MemberOptions& options = {});
  [[nodiscard]] testing::Process& process(const std::string& name) { return members_.at(name); }
  void Kill(const std::string& name) { members_.at(name).Kill(); }
  /// SIGTERM: leaves the group in order. Its exit code.
  int Stop(const std::string& name);
  void StopAll();

  /// Every event file so far; a name started twice is there twice, as `name` and `name#2`.
  [[nodiscard]] std::vector<checker::GroupMemberLog> Logs() const;
  /// What Logs() calls the newest process of that name.
  [[nodiscard]] std::string NewestLogName(const std::string& name) const;
  /// Partitions that the newest process of that name holds, by its own account.
  [[nodiscard]] std::size_t Holds(const std::string& name) const;
  [[nodiscard]] std::int64_t CountOf(const std::string& name, checker::GroupEventKind kind) const;
  [[nodiscard]] std::int64_t Reads() const;
  /// Log end offsets, from the brokers.
  [[nodiscard]] Result<std::map<std::int32_t, std::int64_t>> Ends();
  /// True when every record below the ends has been read by some member.
  [[nodiscard]] bool IsDrained();
  [[nodiscard]] checker::GroupReport Check(bool is_orderly = false);

  void set_partitions(std::int32_t partitions) { partitions_ = partitions; }
  [[nodiscard]] const std::string& group() const { return group_; }

 private:
  struct EventsOf {
    std::string name;
    std::string path;
  };
  void Write(int per_second);
  [[nodiscard]] checker::GroupMemberLog LogOf(const EventsOf& events) const;
  [[nodiscard]] const EventsOf& NewestOf(const std::string& name) const;

  e2e::Cluster& cluster_;
  const std::string topic_;
  const std::string group_;
  std::atomic<std::int32_t> partitions_;
  testing::TempDir dir_;
  std::vector<EventsOf> events_;
  std::map<std::string, testing::Process> members_;
  std::unique_ptr<Producer> producer_;
  std::atomic<bool> is_writing_ = false;
  std::atomic<std::int64_t> unstored_ = 0;
  std::jthread writer_;
};

}  // namespace lanemq::groups
