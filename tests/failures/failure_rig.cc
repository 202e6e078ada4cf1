#include "tests/failures/failure_rig.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "tests/failures/fate.h"
#include "tests/failures/tables.h"

namespace lanemq::failures {
namespace {

using checker::CancelAnswer;
using checker::FailureEventKind;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr auto kStopPatience = 40'000ms;
constexpr std::size_t kBodyBytes = 48;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::int64_t WallNow() { return SystemClock::Instance().WallNow().micros; }
Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

}  // namespace

FailureRig::FailureRig(e2e::Cluster& cluster, e2e::TestTopic topic, std::string group)
    : cluster_(cluster), topic_(std::move(topic)), group_(std::move(group)) {}

FailureRig::~FailureRig() {
  (void)StopWriting();
  for (auto& [name, process] : workers_) process.Kill();
}

Status FailureRig::OpenProducer() {
  if (producer_ != nullptr) return {};
  ProducerOptions options;
  options.bootstrap_servers = cluster_.bootstrap();
  options.linger = 5ms;
  options.metadata_max_age = 100ms;
  LANEMQ_ASSIGN_OR_RETURN(producer_, Producer::Create(options));
  return {};
}

Status FailureRig::SendOne(const TestMessage& message) {
  std::int64_t number = 0;
  ProducerRecord record;
  {
    const MutexLock lock(mutex_);
    number = static_cast<std::int64_t>(sends_.size());
    const checker::MessageId id{0, number};
    record.body = checker::MakeBody(id, kBodyBytes);
    sends_[number] = {
        .id = id, .fingerprint = checker::Fingerprint(*record.body), .due_us = message.due_us};
  }
  record.topic = topic_.name;
  record.partition = message.partition;
  record.key = message.key;
  if (message.due_us != 0) record.deliver_at_us = message.due_us;
  if (!message.act.empty()) record.headers = {{std::string(kActHeader), message.act}};
  return producer_->Send(std::move(record), [this, number](const auto& result) {
    if (!result.ok()) return;
    ++acked_;
    const MutexLock lock(mutex_);
    sends_[number].is_acked = true;
    sends_[number].acked_at_us = WallNow();
    if (!result->delayed_handle.empty()) handles_[number] = result->delayed_handle;
  });
}

Status FailureRig::Send(const std::vector<TestMessage>& messages) {
  LANEMQ_RETURN_IF_ERROR(OpenProducer());
  const std::int64_t before = acked_;
  for (const TestMessage& message : messages) LANEMQ_RETURN_IF_ERROR(SendOne(message));
  LANEMQ_RETURN_IF_ERROR(producer_->Flush(60s));
  const std::int64_t stored = acked_ - before;
  if (stored == static_cast<std::int64_t>(messages.size())) return {};
  return Error{ErrorCode::kOutcomeUnknown,
               fmt::format("{} of {} messages were acknowledged", stored, messages.size())};
}

Status FailureRig::Cancel(const std::vector<std::int64_t>& numbers) {
  std::vector<std::string> handles;
  {
    const MutexLock lock(mutex_);
    for (const std::int64_t number : numbers) handles.push_back(handles_.at(number));
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto states, producer_->Cancel(handles));
  const MutexLock lock(mutex_);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    sends_[numbers[i]].cancel = states[i] == CancelState::kCancelled   ? CancelAnswer::kCancelled
                                : states[i] == CancelState::kDelivered ? CancelAnswer::kDelivered
                                                                       : CancelAnswer::kNotFound;
  }
  return {};
}

std::map<std::int64_t, checker::FailureSend> FailureRig::Sends() const {
  const MutexLock lock(mutex_);
  return sends_;
}

int FailureRig::DutyHolder() {
  const auto owner =
      cluster_.data_server().Query(fmt::format("SELECT owner FROM {}_node.leases WHERE name = "
                                               "'duties' AND expires_at > UTC_TIMESTAMP(6) LIMIT 1",
                                               cluster_.schema_prefix()));
  if (!owner.ok()) return -1;
  // "broker-ID" or such: the number at its end is the id, from 1.
  const auto digits = owner->find_first_of("0123456789");
  return digits == std::string::npos ? -1 : std::atoi(owner->c_str() + digits) - 1;
}

void FailureRig::StartWriting(int per_second) {
  const Status opened = OpenProducer();
  if (!opened.ok()) {
    ADD_FAILURE() << opened.error().ToString();
    return;
  }
  stop_ = std::make_unique<e2e::StopSignal>();
  writer_ = std::jthread([this, per_second] { Write(per_second); });
}

void FailureRig::Write(int per_second) {
  const Clock& clock = SystemClock::Instance();
  const std::chrono::nanoseconds gap{1'000'000'000 / per_second};
  const MonotonicTime start = clock.Now();
  for (std::int64_t i = 0; !stop_->WaitFor(start + gap * i - clock.Now()); ++i) {
    const Status sent = SendOne({.partition = static_cast<std::int32_t>(i % partitions()),
                                 .key = fmt::format("k{}", i % 50)});
    if (!sent.ok()) ADD_FAILURE() << sent.error().ToString();
  }
}

Status FailureRig::StopWriting() {
  if (stop_ == nullptr) return {};
  stop_->Set();
  if (writer_.joinable()) writer_.join();
  stop_.reset();
  return producer_->Flush(60s);
}

Status FailureRig::Start(const std::string& name, const WorkerOptions& options) {
  const auto starts = std::count_if(events_.begin(), events_.end(),
                                    [&](const EventsOf& e) { return e.name == name; });
  const std::string file = fmt::format("{}-{}", name, starts + 1);
  std::vector<std::string> argv = {
      std::string(LANEMQ_BIN_DIR) + "/lanemq-failure-worker",
      fmt::format("--bootstrap={}", fmt::join(cluster_.bootstrap(), ",")),
      "--group=" + group_,
      "--topic=" + topic_.name,
      "--events=" + (dir_.path() / (file + ".events")).string(),
      fmt::format("--retry-per-mille={}", options.retry_per_mille),
      fmt::format("--fatal-per-mille={}", options.fatal_per_mille)};
  argv.insert(argv.end(), options.flags.begin(), options.flags.end());
  LANEMQ_ASSIGN_OR_RETURN(
      auto process,
      testing::Process::Start({.argv = argv, .output_dir = dir_.path(), .name = file}));
  events_.push_back({name, (dir_.path() / (file + ".events")).string()});
  workers_.insert_or_assign(name, std::move(process));
  return {};
}

int FailureRig::Stop(const std::string& name) { return workers_.at(name).Terminate(kStopPatience); }

void FailureRig::StopAll() {
  for (auto& [name, process] : workers_) process.Signal(SIGTERM);
  for (auto& [name, process] : workers_) (void)process.Wait(kStopPatience);
}

Status FailureRig::SetPolicy(const idl::RetryPolicy& policy) {
  idl::SetGroupPolicyRequest request;
  request.group = group_;
  request.__set_policy(policy);
  request.__set_requested_by("test");
  LANEMQ_RETURN_IF_ERROR(
      cluster_.data_plane().SetGroupPolicySync(cluster_.broker(0), request, In(20s)));
  return {};
}

Status FailureRig::Redrive(std::int32_t per_second) {
  LANEMQ_ASSIGN_OR_RETURN(const auto tables, ReadTables(Parts(), topic_.id, group_));
  checker::RedriveAsked asked{WallNow(), {}};
  for (const auto& [place, letter] : tables.dead) asked.places.insert(place);
  redrives_.push_back(std::move(asked));
  redrive_id_ = Random::FromSystem().PositiveId();
  idl::RedriveRequest request;
  request.id = redrive_id_;
  request.filter.group = group_;
  request.__set_target(idl::RedriveTarget::GROUP);
  request.__set_per_second(per_second);
  request.__set_requested_by("test");
  LANEMQ_RETURN_IF_ERROR(cluster_.data_plane().RedriveSync(cluster_.broker(0), request, In(20s)));
  return {};
}

bool FailureRig::IsRedriven() {
  return Ask(fmt::format("SELECT COUNT(*) FROM {{node}}.redrive_jobs WHERE id = {} AND state = "
                         "'done'",
                         redrive_id_)) == 1;
}

std::vector<checker::HandlerLog> FailureRig::Logs() const {
  std::vector<checker::HandlerLog> logs;
  for (const EventsOf& events : events_) {
    auto log = checker::ParseHandlerLog(events.name, ReadFile(events.path));
    if (!log.ok()) {
      ADD_FAILURE() << log.error().ToString();
      continue;
    }
    logs.push_back(std::move(log).value());
  }
  return logs;
}

std::int64_t FailureRig::CountOf(FailureEventKind kind) const {
  std::int64_t sum = 0;
  for (const auto& log : Logs()) {
    sum += std::count_if(log.events.begin(), log.events.end(),
                         [&](const auto& event) { return event.kind == kind; });
  }
  return sum;
}

Result<checker::FailureCase> FailureRig::Case() {
  checker::FailureCase out;
  // What was acknowledged before the tables are read is in them; what was sent until afterwards may
  // be.
  const auto before = Sends();
  LANEMQ_ASSIGN_OR_RETURN(out.tables, ReadTables(Parts(), topic_.id, group_));
  out.handlers = Logs();
  out.redrives = redrives_;
  for (const auto& [number, send] : Sends()) {
    out.sends.push_back(send);
    const auto known = before.find(number);
    out.sends.back().is_acked = known != before.end() && known->second.is_acked;
  }
  return out;
}

std::int64_t FailureRig::Ask(const std::string& sql) {
  std::string text = sql;
  const std::string node = cluster_.schema_prefix() + "_node";
  for (auto at = text.find("{node}"); at != std::string::npos; at = text.find("{node}")) {
    text.replace(at, 6, node);
  }
  const auto answer = cluster_.data_server().Query(text);
  if (!answer.ok() || answer->empty()) return -1;
  return std::atoll(answer->c_str());
}

bool FailureRig::IsFinished() {
  for (const TopicPart& part : Parts()) {
    std::string sql = fmt::format(
        "SELECT (SELECT COUNT(*) FROM {}.retry_messages WHERE group_id = '{}' AND topic_id = {})",
        part.node_schema, group_, topic_.id);
    for (const auto& [partition, table] : part.tables) {
      // Never committed: 0. An empty partition needs no commit.
      sql += fmt::format(
          " + (SELECT IFNULL((SELECT MAX(`offset`) FROM {}) + 1, 0) > IFNULL((SELECT "
          "MAX(committed_offset) FROM {}.group_offsets WHERE group_id = '{}' AND topic_id = {} "
          "AND partition_index = {}), 0))",
          table, part.node_schema, group_, topic_.id, partition);
    }
    const auto left = part.server->Query(sql);
    if (!left.ok() || left->empty() || std::atoll(left->c_str()) != 0) return false;
  }
  return true;
}

checker::FailureReport FailureRig::Check(const checker::FailureCheckOptions& options) {
  const auto history = Case();
  if (history.ok()) return checker::CheckFailures(*history, options);
  ADD_FAILURE() << history.error().ToString();
  return {};
}

}  // namespace lanemq::failures
