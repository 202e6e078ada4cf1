#include "client/canary/canary.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "common/base/log.h"
#include "common/base/random.h"
#include "lanemq/on_call.h"

namespace lanemq::client {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kErrorBytesMax = 500;
/// Until the nodes are known for the first time.
constexpr milliseconds kFirstPause{500};

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._/@:-").find(c) != std::string_view::npos;
}

Status Check(const CanaryOptions& options) {
  const auto fault = [](const char* what) { return Error{ErrorCode::kInvalidConfig, what}; };
  if (options.name.empty() || options.name.size() > kNameBytesMax ||
      !std::ranges::all_of(options.name, IsNameByte)) {
    return fault("name is not 1 to 128 of [A-Za-z0-9._/@:-]");
  }
  if (options.every < milliseconds{10}) return fault("every is less than 10 ms");
  if (options.report_every < milliseconds{100}) return fault("report_every is less than 100 ms");
  if (options.nodes_every < milliseconds{100}) return fault("nodes_every is less than 100 ms");
  if (options.times.late_after.count() <= 0 ||
      options.times.lost_after <= options.times.late_after) {
    return fault("lost_after is not more than late_after, or that is not more than 0");
  }
  // Else messages in flight fill the ledger, and nothing more is sent.
  if (options.times.lost_after / options.every >=
      static_cast<std::int64_t>(CanaryLedger::kRemembered)) {
    return fault("lost_after is more than 1,000 messages");
  }
  return {};
}

CanaryDescription Describe(const std::string& instance, const NodePicture& node) {
  CanaryDescription canary;
  canary.instance = instance;
  canary.node = node.node;
  canary.ok = node.counts.ok;
  canary.late = node.counts.late;
  canary.lost = node.counts.lost;
  canary.duplicates = node.counts.duplicates;
  canary.produce_errors = node.counts.produce_errors;
  canary.p50 = std::chrono::duration_cast<microseconds>(node.p50);
  canary.p99 = std::chrono::duration_cast<microseconds>(node.p99);
  canary.last_ok_age = std::chrono::duration_cast<milliseconds>(node.silent_for);
  if (node.last_error) canary.last_error = node.last_error->ToString().substr(0, kErrorBytesMax);
  return canary;
}

}  // namespace

Result<std::unique_ptr<Canary>> Canary::Create(CanaryOptions options, const Clock& clock) {
  LANEMQ_RETURN_IF_ERROR(Check(options));
  AdminOptions of_admin;
  static_cast<ClientOptions&>(of_admin) = options;
  LANEMQ_ASSIGN_OR_RETURN(auto admin, Admin::Create(std::move(of_admin)));
  if (!options.make_line) options.make_line = MakeCanaryLine;
  return std::unique_ptr<Canary>(new Canary(std::move(options), std::move(admin), clock));
}

Canary::Canary(CanaryOptions options, std::unique_ptr<Admin> admin, const Clock& clock)
    : options_(std::move(options)),
      run_(fmt::format("{}/{:x}", options_.name, Random::FromSystem().PositiveId())),
      clock_(clock),
      admin_(std::move(admin)),
      metrics_(options_.name) {}

void Canary::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void Canary::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  std::map<std::string, std::unique_ptr<NodeProbe>> probes;
  {
    MutexLock lock(mutex_);
    probes.swap(probes_);
  }
  for (const auto& [node, probe] : probes) probe->Stop();
}

void Canary::Run() {
  MonotonicTime next_look = clock_.Now();
  MonotonicTime next_report = next_look + options_.report_every;
  while (!IsStopping()) {
    if (clock_.Now() >= next_look) {
      LookForNodes();
      next_look =
          clock_.Now() + (Picture().are_nodes_known ? options_.nodes_every
                                                    : std::min(options_.nodes_every, kFirstPause));
    }
    if (clock_.Now() >= next_report) {
      Report();
      next_report = clock_.Now() + options_.report_every;
    }
    const Deadline until{std::min(next_look, next_report)};
    MutexLock lock(mutex_);
    while (!is_stopping_ && !until.HasPassed(clock_)) wake_.WaitFor(mutex_, until.Left(clock_));
  }
}

void Canary::LookForNodes() {
  const auto listed = admin_->ListNodes();
  Note("canary.nodes_not_listed", listed.ok() ? Status() : Status(listed.error()),
       &Canary::nodes_error_);
  if (!listed.ok()) return;  // Those known go on.
  std::vector<std::string> nodes;
  for (const NodeDescription& node : *listed) {
    // A closed one takes no new topics, but serves those it has.
    bool is_known = false;
    {
      MutexLock lock(mutex_);
      is_known = probes_.contains(node.name);
    }
    if (node.state == "writable" || (node.state == "closed" && is_known)) {
      nodes.push_back(node.name);
    }
  }
  std::ranges::sort(nodes);
  if (nodes.size() > kNodesMax) {
    LANEMQ_LOG(WARN, "canary.too_many_nodes", {"nodes", nodes.size()}, {"most", kNodesMax});
    nodes.resize(kNodesMax);
  }
  Follow(nodes);
}

void Canary::Follow(const std::vector<std::string>& nodes) {
  std::map<std::string, std::unique_ptr<NodeProbe>> gone;
  std::vector<std::string> fresh;
  {
    MutexLock lock(mutex_);
    are_nodes_known_ = true;
    const std::set<std::string> wanted(nodes.begin(), nodes.end());
    for (auto it = probes_.begin(); it != probes_.end();) {
      if (wanted.contains(it->first)) {
        ++it;
        continue;
      }
      gone.emplace(it->first, std::move(it->second));
      it = probes_.erase(it);
    }
    for (const std::string& node : nodes) {
      if (!probes_.contains(node)) fresh.push_back(node);
    }
  }
  for (auto& [node, probe] : gone) {
    probe.reset();  // Without the lock: it waits for its thread.
    metrics_.Forget(node);
  }
  for (const std::string& node : fresh) {
    auto line = options_.make_line(*admin_, options_, node);
    if (!line.ok()) {
      LANEMQ_LOG(ERROR, "canary.no_line", {"node", node}, {"error", line.error().ToString()});
      continue;
    }
    auto probe = std::make_unique<NodeProbe>(
        NodeProbe::Options{
            .node = node,
            .run = run_,
            .every = options_.every,
            .times = options_.times,
            .on_back = [this,
                        node](std::chrono::nanoseconds took) { metrics_.OnBack(node, took); }},
        *std::move(line), clock_);
    probe->Start();
    MutexLock lock(mutex_);
    probes_.emplace(node, std::move(probe));
  }
}

void Canary::Report() {
  std::vector<CanaryDescription> canaries;
  for (const NodePicture& node : Picture().nodes) canaries.push_back(Describe(options_.name, node));
  if (canaries.empty()) return;
  Note("canary.not_reported", admin_->OnCall().ReportCanaries(canaries), &Canary::report_error_);
}

void Canary::Note(const char* what, const Status& status, std::optional<Error> Canary::*which) {
  MutexLock lock(mutex_);
  std::optional<Error>& last = this->*which;
  const bool is_new = !status.ok() && (!last || last->code != status.error().code);
  last = status.ok() ? std::nullopt : std::optional<Error>(status.error());
  if (is_new) LANEMQ_LOG(WARN, what, {"error", status.error().ToString()});
}

bool Canary::IsStopping() const {
  MutexLock lock(mutex_);
  return is_stopping_;
}

CanaryPicture Canary::Picture() const {
  MutexLock lock(mutex_);
  CanaryPicture picture;
  picture.are_nodes_known = are_nodes_known_;
  picture.nodes_error = nodes_error_;
  picture.report_error = report_error_;
  for (const auto& [node, probe] : probes_) picture.nodes.push_back(probe->Picture());
  return picture;
}

}  // namespace lanemq::client
