#include "client/outbox_relay/reporter.h"

#include <algorithm>
#include <utility>

#include "common/base/log.h"
#include "lanemq_types.h"

namespace lanemq::client {
namespace {

// Until the cluster is known it is looked at more often.
constexpr std::chrono::milliseconds kUntilKnown{200};

std::string LastError(const Backlog& backlog, const RelayStats& relay) {
  if (backlog.error) return "outbox's database: " + backlog.error->ToString();
  if (relay.store_error) return "outbox's database: " + relay.store_error->ToString();
  if (relay.counts.last_error) return relay.counts.last_error->ToString();
  return {};
}

}  // namespace

OutboxReporter::OutboxReporter(Options options, core::OutboxStore& store, Cluster& cluster,
                               std::function<RelayStats()> relay)
    : options_(std::move(options)),
      store_(store),
      cluster_(cluster),
      clock_(cluster.clock()),
      relay_(std::move(relay)) {}

void OutboxReporter::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void OutboxReporter::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

Backlog OutboxReporter::Latest() const {
  MutexLock lock(mutex_);
  return {stats_, stats_ ? clock_.Now() - read_at_ : std::chrono::nanoseconds{0}, error_};
}

void OutboxReporter::Run() {
  MonotonicTime next_read{};
  bool is_reported = false;  // What was read last.
  while (true) {
    if (clock_.Now() >= next_read) {
      next_read = clock_.Now() + options_.interval;
      ReadBacklog();
      is_reported = false;
    }
    if (!is_reported && IsClusterKnown()) {
      Report();
      is_reported = true;
    }
    auto pause = next_read - clock_.Now();
    if (!is_reported) pause = std::min<std::chrono::nanoseconds>(pause, kUntilKnown);
    MutexLock lock(mutex_);
    if (!is_stopping_ && pause.count() > 0) wake_.WaitFor(mutex_, pause);
    if (is_stopping_) return;
  }
}

bool OutboxReporter::IsClusterKnown() const {
  const MetadataPtr view = cluster_.View();
  return view->version >= 0 && !view->cluster_id.empty() && !cluster_.Metaservers().empty();
}

void OutboxReporter::ReadBacklog() {
  const auto stats = store_.Stats(Deadline::After(clock_, options_.timeout));
  Note("outbox.backlog_not_read", stats.ok() ? Status() : Status(stats.error()), read_failed_);
  MutexLock lock(mutex_);
  if (stats.ok()) {
    stats_ = *stats;
    read_at_ = clock_.Now();
    error_.reset();
  } else {
    error_ = stats.error();
  }
}

void OutboxReporter::Report() {
  const Backlog backlog = Latest();
  if (!backlog.stats) return;
  const RelayStats relay = relay_();
  idl::ReportOutboxRequest request;
  cluster_.NameCluster(request);
  idl::OutboxReport& report = request.report;
  report.outbox = options_.outbox;
  report.relay = options_.relay;
  report.ready = backlog.stats->ready;
  report.held = backlog.stats->held;
  report.dead = backlog.stats->dead;
  report.oldest_age_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(backlog.OldestAge()).count();
  report.relays = relay.peers;
  report.unowned_buckets = backlog.stats->unowned_buckets;
  report.__set_holds(backlog.stats->holds);
  report.__set_published(relay.counts.published);
  std::int64_t failed = 0;
  for (const auto& [code, count] : relay.counts.failures) failed += count;
  report.__set_failed(failed);
  report.__set_version(options_.version);
  if (std::string error = LastError(backlog, relay); !error.empty()) {
    report.__set_last_error(std::move(error));
  }
  const auto answer = cluster_.CallAny<idl::ReportOutboxResponse>(
      &Cluster::Metaservers, Deadline::After(clock_, options_.timeout),
      [&](const rpc::Endpoint& server, Deadline deadline) {
        return cluster_.control_plane().ReportOutboxSync(server, request, deadline);
      });
  Note("outbox.not_reported", answer.ok() ? Status() : Status(answer.error()), report_failed_);
}

void OutboxReporter::Note(const char* event, const Status& status,
                          std::optional<ErrorCode>& last) const {
  if (status.ok()) {
    last.reset();
    return;
  }
  if (last == status.error().code) return;
  last = status.error().code;
  LANEMQ_LOG(WARN, event, {"error", status.error().ToString()});
}

}  // namespace lanemq::client
