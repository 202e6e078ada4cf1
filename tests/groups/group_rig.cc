#include "tests/groups/group_rig.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace lanemq::groups {
namespace {

using checker::GroupEventKind;
using std::chrono_literals::operator""s;

constexpr auto kStopPatience = 40s;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

GroupRig::GroupRig(e2e::Cluster& cluster, std::string topic, std::int32_t partitions,
                   std::string group)
    : cluster_(cluster),
      topic_(std::move(topic)),
      group_(std::move(group)),
      partitions_(partitions) {}

GroupRig::~GroupRig() {
  (void)StopWriting();
  for (auto& [name, process] : members_) process.Kill();
}

void GroupRig::StartWriting(int per_second) {
  ProducerOptions options;
  options.bootstrap_servers = cluster_.bootstrap();
  options.linger = std::chrono::milliseconds(5);
  options.metadata_max_age = std::chrono::milliseconds(100);
  auto producer = Producer::Create(options);
  if (!producer.ok()) {
    ++unstored_;
    return;
  }
  producer_ = std::move(producer).value();
  is_writing_ = true;
  writer_ = std::jthread([this, per_second] { Write(per_second); });
}

void GroupRig::Write(int per_second) {
  const Clock& clock = SystemClock::Instance();
  const std::chrono::nanoseconds gap{1'000'000'000 / per_second};
  const MonotonicTime start = clock.Now();
  const std::int32_t old_partitions = partitions_;
  Mutex mutex;
  CondVar never;
  for (std::int64_t i = 0; is_writing_; ++i) {
    ProducerRecord record;
    record.topic = topic_;
    const auto partition = static_cast<std::int32_t>(i % partitions_);
    record.partition = partition;
    record.key = fmt::format("k{}", i % 50);
    record.body = fmt::format("record {}", i);
    const Status sent = producer_->Send(std::move(record), [this](const auto& result) {
      if (!result.ok()) ++unstored_;
    });
    // Its producer may hear of a partition that was added later than others do.
    const bool is_too_early = !sent.ok() && partition >= old_partitions &&
                              sent.error().code == ErrorCode::kUnknownTopicOrPartition;
    if (!sent.ok() && !is_too_early) ++unstored_;
    MutexLock lock(mutex);
    const auto left = start + gap * (i + 1) - clock.Now();
    if (left.count() > 0) never.WaitFor(mutex, left);
  }
}

Status GroupRig::StopWriting() {
  is_writing_ = false;
  if (writer_.joinable()) writer_.join();
  if (producer_ != nullptr) {
    LANEMQ_RETURN_IF_ERROR(producer_->Flush(60s));
    producer_.reset();
  }
  if (unstored_ == 0) return {};
  return Error{ErrorCode::kOutcomeUnknown, fmt::format("{} records not stored", unstored_.load())};
}

Status GroupRig::Start(const std::string& name, const MemberOptions& options) {
  const auto starts = std::count_if(events_.begin(), events_.end(),
                                    [&](const EventsOf& e) { return e.name == name; });
  const std::string file = fmt::format("{}-{}", name, starts + 1);
  std::vector<std::string> argv = {
      std::string(LANEMQ_BIN_DIR) + "/lanemq-group-worker",
      fmt::format("--bootstrap={}", fmt::join(cluster_.bootstrap(), ",")),
      "--group=" + group_,
      "--topic=" + topic_,
      "--events=" + (dir_.path() / (file + ".events")).string(),
      "--strategy=" + options.strategy,
      fmt::format("--session-timeout-ms={}", options.session_timeout_ms)};
  if (!options.instance_id.empty()) argv.push_back("--instance-id=" + options.instance_id);
  LANEMQ_ASSIGN_OR_RETURN(
      auto process,
      testing::Process::Start({.argv = argv, .output_dir = dir_.path(), .name = file}));
  events_.push_back({name, (dir_.path() / (file + ".events")).string()});
  members_.insert_or_assign(name, std::move(process));
  return {};
}

int GroupRig::Stop(const std::string& name) {
  return members_.at(name).Terminate(
      std::chrono::duration_cast<std::chrono::milliseconds>(kStopPatience));
}

void GroupRig::StopAll() {
  for (auto& [name, process] : members_) process.Signal(SIGTERM);
  for (auto& [name, process] : members_) (void)process.Wait(kStopPatience);
}

checker::GroupMemberLog GroupRig::LogOf(const EventsOf& events) const {
  auto log = checker::ParseGroupLog(events.name, ReadFile(events.path));
  if (log.ok()) return std::move(log).value();
  ADD_FAILURE() << log.error().ToString();
  return {events.name, {}};
}

const GroupRig::EventsOf& GroupRig::NewestOf(const std::string& name) const {
  return *std::find_if(events_.rbegin(), events_.rend(),
                       [&](const EventsOf& e) { return e.name == name; });
}

std::string GroupRig::NewestLogName(const std::string& name) const {
  const auto times = std::count_if(events_.begin(), events_.end(),
                                   [&](const EventsOf& e) { return e.name == name; });
  return times > 1 ? fmt::format("{}#{}", name, times) : name;
}

std::vector<checker::GroupMemberLog> GroupRig::Logs() const {
  std::vector<checker::GroupMemberLog> logs;
  std::map<std::string, int> seen;
  for (const EventsOf& events : events_) {
    logs.push_back(LogOf(events));
    const int times = ++seen[events.name];
    if (times > 1) logs.back().name += fmt::format("#{}", times);
  }
  return logs;
}

std::size_t GroupRig::Holds(const std::string& name) const {
  std::set<std::int32_t> held;
  for (const auto& event : LogOf(NewestOf(name)).events) {
    if (event.kind == GroupEventKind::kAssigned) held.insert(event.partition);
    if (event.kind == GroupEventKind::kRevoked || event.kind == GroupEventKind::kLost) {
      held.erase(event.partition);
    }
  }
  return held.size();
}

std::int64_t GroupRig::CountOf(const std::string& name, GroupEventKind kind) const {
  const auto log = LogOf(NewestOf(name));
  return std::count_if(log.events.begin(), log.events.end(),
                       [&](const auto& event) { return event.kind == kind; });
}

std::int64_t GroupRig::Reads() const {
  std::int64_t sum = 0;
  for (const auto& log : Logs()) {
    sum += std::count_if(log.events.begin(), log.events.end(),
                         [](const auto& e) { return e.kind == GroupEventKind::kRead; });
  }
  return sum;
}

Result<std::map<std::int32_t, std::int64_t>> GroupRig::Ends() {
  ConsumerOptions options;
  options.bootstrap_servers = cluster_.bootstrap();
  LANEMQ_ASSIGN_OR_RETURN(const auto consumer, Consumer::Create(options));
  std::vector<TopicPartition> all;
  for (std::int32_t p = 0; p < partitions_; ++p) all.push_back({topic_, p});
  LANEMQ_ASSIGN_OR_RETURN(const Offsets ends, consumer->EndOffsets(all));
  std::map<std::int32_t, std::int64_t> out;
  for (const auto& [partition, end] : ends) out[partition.partition] = end;
  return out;
}

bool GroupRig::IsDrained() {
  const auto ends = Ends();
  if (!ends.ok()) return false;
  std::map<std::int32_t, std::set<std::int64_t>> read;
  for (const auto& log : Logs()) {
    for (const auto& event : log.events) {
      if (event.kind == GroupEventKind::kRead) read[event.partition].insert(event.offset);
    }
  }
  return std::all_of(ends->begin(), ends->end(), [&](const auto& end) {
    return static_cast<std::int64_t>(read[end.first].size()) == end.second - 1;
  });
}

checker::GroupReport GroupRig::Check(bool is_orderly) {
  const auto ends = Ends();
  if (!ends.ok()) ADD_FAILURE() << ends.error().ToString();
  return checker::CheckGroup(Logs(),
                             {.ends = ends.ok() ? *ends : std::map<std::int32_t, std::int64_t>{},
                              .is_orderly = is_orderly});
}

}  // namespace lanemq::groups
