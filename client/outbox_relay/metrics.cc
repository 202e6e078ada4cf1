#include "client/outbox_relay/metrics.h"

#include <string>

namespace lanemq::client {
namespace {

using prometheus::Histogram;

Histogram::BucketBoundaries LatencyBuckets() {
  return {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30};
}

template <typename Builder>
auto& Declare(Builder builder, prometheus::Registry& registry, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

prometheus::Counter& Counter(prometheus::Registry& registry, const char* name, const char* help) {
  return Declare(prometheus::BuildCounter(), registry, name, help).Add({});
}

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return Declare(prometheus::BuildGauge(), registry, name, help).Add({});
}

double ToSeconds(std::chrono::nanoseconds d) { return std::chrono::duration<double>(d).count(); }

// A counter of something that is counted elsewhere.
void RaiseTo(prometheus::Counter& counter, std::int64_t value) {
  const double more = static_cast<double>(value) - counter.Value();
  if (more > 0) counter.Increment(more);
}

}  // namespace

RelayMetrics::RelayMetrics(const std::string& outbox, const std::string& relay)
    : registry_(std::make_shared<prometheus::Registry>()),
      failed_(Declare(prometheus::BuildCounter(), *registry_, "lanemq_outbox_failed_total",
                      "Attempts of batches that failed, by error")),
      backlog_(Declare(
          prometheus::BuildGauge(), *registry_, "lanemq_outbox_backlog_messages",
          "Rows of the outbox by state; counting stops at 100,000, of published ones at 1,000")),
      publish_seconds_(Declare(prometheus::BuildHistogram(), *registry_,
                               "lanemq_outbox_publish_seconds",
                               "From the sending of a batch to its answer, failures included")
                           .Add({}, LatencyBuckets())),
      queries_(Counter(*registry_, "lanemq_outbox_queries_total",
                       "Statements run on the outbox's database")),
      query_errors_(
          Counter(*registry_, "lanemq_outbox_query_errors_total", "Of these, those that failed")),
      published_(Counter(*registry_, "lanemq_outbox_published_total",
                         "Messages that this relay put into their topics")),
      refused_(Counter(*registry_, "lanemq_outbox_refused_total",
                       "Answers that refused a message for good")),
      dead_(Counter(*registry_, "lanemq_outbox_dead_total",
                    "Messages that this relay gave up; an operator retries or drops them")),
      duplicates_(Counter(*registry_, "lanemq_outbox_duplicates_suppressed_total",
                          "Messages sent again that brokers recognised as stored")),
      rounds_(Counter(*registry_, "lanemq_outbox_rounds_total", "Looks at the outbox")),
      commits_(Counter(*registry_, "lanemq_outbox_commits_total",
                       "Transactions in which the relay wrote to the outbox")),
      adopted_(Counter(*registry_, "lanemq_outbox_adopted_sessions_total",
                       "Sessions of dead relays that this one finished")),
      fenced_(Counter(*registry_, "lanemq_outbox_fenced_sessions_total",
                      "Sessions that others took from this relay")),
      requests_(Counter(*registry_, "lanemq_outbox_requests_total", "Batches sent, with repeats")),
      bytes_(Counter(*registry_, "lanemq_outbox_sent_bytes_total", "Of messages, with repeats")),
      wakes_(Counter(*registry_, "lanemq_outbox_wakes_total",
                     "Times that applications woke the relay; what comes at once is one")),
      archived_deleted_(Counter(*registry_, "lanemq_outbox_archived_rows_deleted_total",
                                "Kept rows that were old enough to go")),
      oldest_age_(
          Gauge(*registry_, "lanemq_outbox_oldest_age_seconds",
                "Of the oldest message that is neither published nor dead; 0: none is; grows while "
                "the database cannot be read")),
      holds_(Gauge(*registry_, "lanemq_outbox_holds", "Keys, partitions and topics that wait")),
      backlog_age_(Gauge(*registry_, "lanemq_outbox_backlog_read_age_seconds",
                         "Since the backlog was read; it is old while the database is away")),
      unowned_(Gauge(*registry_, "lanemq_outbox_unowned_buckets",
                     "Buckets that no relay works on; alert when it stays above 0")),
      buckets_(Gauge(*registry_, "lanemq_outbox_buckets_owned", "Of 256, those of this relay")),
      relays_(Gauge(*registry_, "lanemq_outbox_relays", "Live relays of this outbox")),
      outstanding_(Gauge(*registry_, "lanemq_outbox_outstanding_messages", "Sent and unanswered")),
      session_(
          Gauge(*registry_, "lanemq_outbox_session_state",
                "1: this relay has a session and its database answers; 0: it works on nothing")) {
  Declare(prometheus::BuildGauge(), *registry_, "lanemq_outbox_info", "1; who this is")
      .Add({{"outbox", outbox}, {"relay", relay}})
      .Set(1);
}

void RelayMetrics::OnAnswer(std::size_t /*rows*/, std::chrono::nanoseconds took,
                            const Error* error) {
  publish_seconds_.Observe(ToSeconds(took));
  if (error != nullptr) failed_.Add({{"reason", std::string(NameOf(error->code))}}).Increment();
}

void RelayMetrics::OnStatement(bool has_failed) {
  queries_.Increment();
  if (has_failed) query_errors_.Increment();
}

void RelayMetrics::Sample(const RelayPicture& picture) {
  const RelayStats& relay = picture.relay;
  RaiseTo(published_, relay.counts.published);
  RaiseTo(refused_, relay.counts.refused);
  RaiseTo(dead_, relay.counts.dead);
  RaiseTo(duplicates_, picture.publish.duplicates);
  RaiseTo(rounds_, relay.rounds);
  RaiseTo(commits_, relay.commits);
  RaiseTo(adopted_, relay.adopted);
  RaiseTo(fenced_, relay.fenced);
  RaiseTo(requests_, picture.publish.requests);
  RaiseTo(bytes_, picture.publish.bytes);
  RaiseTo(wakes_, picture.wakes);
  RaiseTo(archived_deleted_, picture.archived_rows_deleted);
  buckets_.Set(relay.buckets);
  relays_.Set(relay.peers);
  outstanding_.Set(static_cast<double>(relay.outstanding));
  session_.Set(picture.CanWork() ? 1 : 0);
  if (!picture.backlog.stats) return;
  const core::OutboxStats& stats = *picture.backlog.stats;
  backlog_.Add({{"state", "ready"}}).Set(static_cast<double>(stats.ready));
  backlog_.Add({{"state", "held"}}).Set(static_cast<double>(stats.held));
  backlog_.Add({{"state", "dead"}}).Set(static_cast<double>(stats.dead));
  backlog_.Add({{"state", "published"}}).Set(static_cast<double>(stats.published));
  holds_.Set(static_cast<double>(stats.holds));
  oldest_age_.Set(ToSeconds(picture.backlog.OldestAge()));
  unowned_.Set(stats.unowned_buckets);
  backlog_age_.Set(ToSeconds(picture.backlog.age));
}

}  // namespace lanemq::client
