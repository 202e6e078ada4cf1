#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/alert_store.h"
#include "common/core/store/group_store.h"
#include "common/core/store/lag_history.h"
#include "metaserver/oncall/group_book.h"

namespace lanemq::metaserver {

/// Asks the coordinator of `group`, wherever it is. Blocks until the deadline at most.
using DescribeGroupFn =
    std::function<Result<GroupDetails>(const std::string& group, Deadline deadline)>;

/// Reads what evaluations want to know of groups besides their offsets: members, states, what was
/// promised, and of groups in trouble what their coordinators know. One thread; an evaluation never
/// waits for a database. While that does not answer the last book stays.
///
/// Thread safety: Want() and Current() from any thread; the rest from one owner.
class GroupWatcher {
 public:
  using GroupTopic = std::pair<std::string, core::TopicId>;
  struct Options {
    std::chrono::milliseconds every{5'000};
    std::chrono::milliseconds read_timeout{3'000};
    std::chrono::milliseconds ask_timeout{500};       ///< Of one coordinator.
    std::chrono::milliseconds asking_timeout{3'000};  ///< Of all in one turn.
    std::chrono::nanoseconds rebalances_within = std::chrono::minutes{15};
    std::chrono::milliseconds norms_every{600'000};
  };
  /// Not owned; they outlive it. Those that are nullptr are not asked.
  struct Sources {
    core::GroupStore* groups = nullptr;
    core::AlertStore* alerts = nullptr;  ///< Objectives.
    core::LagHistory* history = nullptr;
    DescribeGroupFn describe;
  };

  GroupWatcher(Options options, Sources sources, const Clock& clock, std::function<void()> on_book);
  ~GroupWatcher() { Stop(); }
  GroupWatcher(const GroupWatcher&) = delete;
  GroupWatcher& operator=(const GroupWatcher&) = delete;

  void Start();
  /// Waits for the reading under way. Idempotent.
  void Stop();
  /// Whose details are wanted. True: one of the groups is new, and a reading begins at once.
  bool Want(std::vector<GroupTopic> wanted);
  /// nullptr before the first reading.
  [[nodiscard]] std::shared_ptr<const GroupBook> Current() const;
  /// Reads once: what the thread does again and again. For tests.
  void Tick();

 private:
  /// What is remembered of a group from one reading to the next.
  struct Memory {
    std::deque<std::pair<MonotonicTime, std::int64_t>> generations;  ///< When it was first seen.
    std::optional<MonotonicTime> unstable_since;
  };

  void Run();
  void ReadGroups(GroupBook& book);
  void ReadObjectives(GroupBook& book);
  void AskCoordinators(GroupBook& book, const std::vector<GroupTopic>& wanted);
  void NoteStates(GroupBook& book);
  void ReadNorms(GroupBook& book, const std::vector<GroupTopic>& wanted);
  [[nodiscard]] std::int32_t CountRebalances(Memory& memory, std::int64_t generation) const;
  [[nodiscard]] bool IsStopping() const;
  [[nodiscard]] Deadline ForCall() const { return Deadline::After(clock_, options_.read_timeout); }

  const Options options_;
  const Sources sources_;
  const Clock& clock_;
  const std::function<void()> on_book_;
  // The thread's own.
  std::unordered_map<std::string, Memory> memory_;
  std::unordered_map<std::string, std::int32_t> rebalances_;
  std::vector<core::ObjectiveRow> objective_rows_;
  MonotonicTime norms_due_;
  std::set<GroupTopic> norms_of_;  ///< Whose consumption was read.
  std::int64_t number_ = 0;

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_wanted_now_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::vector<GroupTopic> wanted_ LANEMQ_GUARDED_BY(mutex_);
  std::shared_ptr<const GroupBook> book_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
