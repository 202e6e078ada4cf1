#include "metaserver/oncall/group_watcher.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "common/core/lag/lag_rates.h"
#include "metaserver/coordinator/state_name.h"

namespace lanemq::metaserver {
namespace {

constexpr std::size_t kGenerationsMax = 64;
constexpr std::size_t kNormRowsMax = 100'000;
constexpr std::size_t kHours = 24;
constexpr std::int64_t kDayUs = 86'400'000'000;

}  // namespace

GroupWatcher::GroupWatcher(Options options, Sources sources, const Clock& clock,
                           std::function<void()> on_book)
    : options_(options),
      sources_(std::move(sources)),
      clock_(clock),
      on_book_(std::move(on_book)) {}

void GroupWatcher::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void GroupWatcher::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool GroupWatcher::IsStopping() const {
  MutexLock lock(mutex_);
  return is_stopping_;
}

void GroupWatcher::Run() {
  for (;;) {
    const Deadline next = Deadline::After(clock_, options_.every);
    Tick();
    MutexLock lock(mutex_);
    while (!is_stopping_ && !is_wanted_now_ && !next.HasPassed(clock_)) {
      wake_.WaitFor(mutex_, next.Left(clock_));
    }
    if (is_stopping_) return;
  }
}

bool GroupWatcher::Want(std::vector<GroupTopic> wanted) {
  MutexLock lock(mutex_);
  const bool is_new = std::ranges::any_of(wanted, [this](const GroupTopic& one) {
    mutex_.AssertHeld();
    return !book_ || !book_->details.contains(one.first);
  });
  // At once only for what nobody asked for yet: a coordinator that does not answer is not asked
  // again and again.
  const bool is_same = wanted == wanted_;
  wanted_ = std::move(wanted);
  if (!is_new || is_same) return false;
  is_wanted_now_ = true;
  wake_.NotifyAll();
  return true;
}

std::shared_ptr<const GroupBook> GroupWatcher::Current() const {
  MutexLock lock(mutex_);
  return book_;
}

void GroupWatcher::Tick() {
  std::vector<GroupTopic> wanted;
  auto book = std::make_shared<GroupBook>();
  {
    MutexLock lock(mutex_);
    is_wanted_now_ = false;
    wanted = wanted_;
    if (book_) *book = *book_;
  }
  ReadGroups(*book);
  ReadObjectives(*book);
  AskCoordinators(*book, wanted);
  NoteStates(*book);
  ReadNorms(*book, wanted);
  book->number = ++number_;
  {
    MutexLock lock(mutex_);
    book_ = std::move(book);
  }
  on_book_();
}

std::int32_t GroupWatcher::CountRebalances(Memory& memory, std::int64_t generation) const {
  auto& seen = memory.generations;
  const MonotonicTime now = clock_.Now();
  // A group that was deleted and made again begins anew.
  if (!seen.empty() && seen.back().second > generation) seen.clear();
  if (seen.empty() || seen.back().second != generation) seen.emplace_back(now, generation);
  // The first one that stays is the generation at the beginning of the time that is looked at.
  while (seen.size() > 1 &&
         (seen.size() > kGenerationsMax || now - seen[1].first > options_.rebalances_within)) {
    seen.pop_front();
  }
  return static_cast<std::int32_t>(
      std::min<std::int64_t>(generation - seen.front().second, 1'000'000));
}

void GroupWatcher::ReadGroups(GroupBook& book) {
  if (sources_.groups == nullptr) return;
  const auto listed = sources_.groups->List(ForCall());
  if (!listed.ok()) {
    LANEMQ_LOG(DEBUG, "lag.groups_not_read", {"error", listed.error().ToString()});
    return;
  }
  std::unordered_map<std::string, Memory> kept;
  std::unordered_map<std::string, GroupEntry> groups;
  rebalances_.clear();
  for (const core::GroupSummary& group : *listed) {
    Memory memory = std::move(memory_[group.group_id]);
    rebalances_[group.group_id] = CountRebalances(memory, group.generation.value);
    kept.emplace(group.group_id, std::move(memory));
    groups[group.group_id] = {static_cast<std::int32_t>(group.members),
                              std::string(NameOf(group.state)), std::nullopt};
  }
  memory_ = std::move(kept);
  book.groups = std::move(groups);
}

void GroupWatcher::ReadObjectives(GroupBook& book) {
  if (sources_.alerts == nullptr) {
    if (!book.objectives) book.objectives = std::make_shared<core::ObjectiveTable>();
    return;
  }
  auto settings = sources_.alerts->LoadSettings(ForCall());
  if (!settings.ok()) {
    LANEMQ_LOG(DEBUG, "lag.objectives_not_read", {"error", settings.error().ToString()});
    return;
  }
  if (book.objectives && settings->objectives == objective_rows_) return;
  objective_rows_ = std::move(settings->objectives);
  book.objectives = std::make_shared<core::ObjectiveTable>(objective_rows_);
}

void GroupWatcher::AskCoordinators(GroupBook& book, const std::vector<GroupTopic>& wanted) {
  std::unordered_map<std::string, GroupDetails> details;
  const Deadline end = Deadline::After(clock_, options_.asking_timeout);
  for (const auto& [group, topic] : wanted) {
    if (details.contains(group)) continue;
    if (!sources_.describe || end.HasPassed(clock_) || IsStopping()) break;
    // Without members there is nobody to ask about.
    const auto entry = book.groups.find(group);
    if (entry == book.groups.end()) {
      details[group].asked = clock_.Now();
      continue;
    }
    const Deadline deadline = Deadline::After(clock_, options_.ask_timeout);
    auto answer = sources_.describe(group, deadline.at < end.at ? deadline : end);
    if (!answer.ok()) continue;
    answer->asked = clock_.Now();
    details[group] = *std::move(answer);
  }
  for (auto& [group, one] : details) {
    if (const auto found = rebalances_.find(group); found != rebalances_.end()) {
      one.rebalances = std::max(one.rebalances, found->second);
    }
  }
  book.details = std::move(details);
}

void GroupWatcher::NoteStates(GroupBook& book) {
  const MonotonicTime now = clock_.Now();
  for (auto& [group, entry] : book.groups) {
    const auto details = book.details.find(group);
    if (details != book.details.end() && !details->second.state.empty()) {
      entry.state = details->second.state;
    }
    std::optional<MonotonicTime>& since = memory_[group].unstable_since;
    if (entry.state == "Stable" || entry.state == "Empty") {
      since.reset();
    } else if (!since) {
      since = now;
    }
    entry.unstable_since = since;
  }
}

void GroupWatcher::ReadNorms(GroupBook& book, const std::vector<GroupTopic>& wanted) {
  if (sources_.history == nullptr) return;
  const bool is_new = std::ranges::any_of(
      wanted, [this](const GroupTopic& one) { return !norms_of_.contains(one); });
  if (book.norms && !is_new && clock_.Now() < norms_due_) return;
  const auto produced = sources_.history->ProducedHourly(kNormRowsMax, ForCall());
  const auto now = sources_.history->Now(ForCall());
  if (!produced.ok() || !now.ok()) return;
  auto norms = std::make_shared<HourlyNorms>();
  std::unordered_map<core::TopicId, std::vector<std::int64_t>> hours;
  for (const core::LagHistoryRow& row : *produced) hours[row.topic].push_back(row.produced);
  for (const auto& [topic, counts] : hours) {
    if (const auto norm = core::HourlyNorm(counts)) norms->produced[topic] = *norm;
    if (counts.size() >= kHours) norms->least_produced[topic] = *std::ranges::min_element(counts);
  }
  const WallTime until{now->micros - now->micros % (kDayUs / 24)};
  for (const GroupTopic& one : wanted) {
    if (IsStopping()) return;
    const auto rows = sources_.history->Read(one.first, one.second, 2, {until.micros - kDayUs},
                                             until, kHours, ForCall());
    if (!rows.ok()) break;
    std::vector<std::int64_t> counts;
    for (const core::LagHistoryRow& row : *rows) counts.push_back(row.consumed);
    if (const auto norm = core::HourlyNorm(counts)) norms->consumed[one] = *norm;
  }
  norms_of_ = {wanted.begin(), wanted.end()};
  book.norms = std::move(norms);
  norms_due_ = clock_.Now() + options_.norms_every;
}

}  // namespace lanemq::metaserver
