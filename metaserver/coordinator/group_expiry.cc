#include "metaserver/coordinator/group_expiry.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {

GroupExpiry::GroupExpiry(Options options, core::GroupStore& store, Coordinator& coordinator,
                         const Clock& clock)
    : options_(options), store_(store), coordinator_(coordinator), clock_(clock) {}

void GroupExpiry::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void GroupExpiry::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool GroupExpiry::is_stopping() const {
  MutexLock lock(mutex_);
  return is_stopping_;
}

void GroupExpiry::Run() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      const Deadline next = Deadline::After(clock_, options_.every);
      while (!is_stopping_ && !next.HasPassed(clock_)) wake_.WaitFor(mutex_, next.Left(clock_));
      if (is_stopping_) return;
    }
    Tick();
  }
}

Result<std::vector<GroupExpiry::Due>> GroupExpiry::FindDue() {
  const auto read = [&] {
    return store_.EmptyFor(options_.retention, Deadline::After(clock_, options_.read_timeout));
  };
  LANEMQ_ASSIGN_OR_RETURN(const std::vector<std::string> empty, read());
  std::map<std::string, core::Generation> here;
  for (const std::string& group : empty) {
    if (here.size() >= options_.groups_at_once) break;
    core::GroupState state{};
    const auto seen = coordinator_.SlotOf(group).Peek(group, &state);
    if (seen && state == core::GroupState::kEmpty) here.emplace(group, seen->generation);
  }
  std::vector<Due> due;
  if (here.empty()) return due;
  // Once more: whoever is still in the list was without members all the time at that generation,
  // which a join would raise.
  LANEMQ_ASSIGN_OR_RETURN(const std::vector<std::string> still, read());
  for (const std::string& group : still) {
    const auto found = here.find(group);
    if (found != here.end()) due.push_back({group, found->second});
  }
  return due;
}

void GroupExpiry::Tick() {
  const auto due = FindDue();
  if (!due.ok()) {
    LANEMQ_LOG(WARN, "group.expiry_failed", {"error", due.error().ToString()});
    return;
  }
  for (const auto& [group, generation] : *due) {
    if (is_stopping()) return;
    const Status ended = coordinator_.SlotOf(group).Expire(
        group, generation, options_.retention, Deadline::After(clock_, options_.group_timeout));
    if (ended.ok()) continue;
    ++coordinator_.counters().expiries_postponed;
    LANEMQ_LOG(WARN, "group.expiry_postponed", {"group", group},
               {"error", ended.error().ToString()});
    const ErrorCode code = ended.error().code;
    const bool is_about_this_one = code == ErrorCode::kFailedPrecondition ||
                                   code == ErrorCode::kConflict || code == ErrorCode::kNotFound ||
                                   code == ErrorCode::kNotCoordinator;
    // What is down is down for the others, too.
    if (!is_about_this_one) return;
  }
}

}  // namespace lanemq::metaserver
