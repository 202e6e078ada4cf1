#include "metaserver/metrics.h"

#include <array>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "common/core/access/access_table.h"
#include "common/core/placement/placement_planner.h"
#include "metaserver/outbox_gauges.h"

namespace lanemq::metaserver {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

Family<Gauge>& MakeGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry);
}

/// What others count becomes a counter of ours.
void SetTotal(Counter& counter, std::int64_t total) {
  counter.Increment(static_cast<double>(total) - counter.Value());
}

std::string OutcomeOf(const rpc::CallEvent& event) {
  switch (event.outcome) {
    case rpc::CallOutcome::kOk:
      return "OK";
    case rpc::CallOutcome::kDeclaredError:
    case rpc::CallOutcome::kRejected:
      return std::string(NameOf(event.error.value_or(ErrorCode::kUnknownServerError)));
    case rpc::CallOutcome::kBroken:
      return "BROKEN";
    case rpc::CallOutcome::kCancelled:
      return "CANCELLED";
  }
  return "BROKEN";
}

const Histogram::BucketBoundaries kSeconds = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 100, 300};

}  // namespace

struct Metrics::Families {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  Family<Counter>& requests = BuildCounter()
                                  .Name("lanemq_meta_requests_total")
                                  .Help("Finished RPCs by method and outcome")
                                  .Register(*registry);
  Family<Histogram>& seconds = BuildHistogram()
                                   .Name("lanemq_meta_request_seconds")
                                   .Help("Time from a request's arrival to its answer")
                                   .Register(*registry);
  Family<Gauge>& version = MakeGauge(*registry, "lanemq_meta_catalog_version",
                                     "Version of the catalogue that is served");
  Family<Gauge>& age = MakeGauge(*registry, "lanemq_meta_catalog_age_seconds",
                                 "Since the catalogue was last confirmed by the database");
  Family<Gauge>& available = MakeGauge(*registry, "lanemq_meta_database_available",
                                       "1 while the metadata database answers");
  Family<Gauge>& brokers =
      MakeGauge(*registry, "lanemq_meta_brokers", "Registered brokers by state");
  Family<Gauge>& topics = MakeGauge(*registry, "lanemq_meta_topics", "Topics by state");
  Family<Gauge>& free = MakeGauge(*registry, "lanemq_meta_node_free_tables",
                                  "Message tables that still fit on a data node");
  Family<Gauge>& leader = MakeGauge(*registry, "lanemq_meta_jobs_leader",
                                    "1 on the metaserver that runs the background jobs");
  Family<Gauge>& held_back = MakeGauge(*registry, "lanemq_meta_eviction_held_back_brokers",
                                       "Silent brokers that the eviction guard keeps");
  Family<Counter>& jobs = BuildCounter()
                              .Name("lanemq_meta_jobs_total")
                              .Help("What the jobs of this process have done, by kind")
                              .Register(*registry);
  Family<Gauge>& groups =
      MakeGauge(*registry, "lanemq_meta_groups", "Consumer groups coordinated here, by state");
  Family<Gauge>& members =
      MakeGauge(*registry, "lanemq_meta_group_members", "Members of the groups coordinated here");
  Family<Gauge>& slots = MakeGauge(*registry, "lanemq_meta_group_slots",
                                   "Slots of groups held here, by whether they serve already");
  Family<Gauge>& degraded = MakeGauge(*registry, "lanemq_meta_groups_degraded",
                                      "1 while groups cannot rebalance: no metadata database");
  Family<Gauge>& parked = MakeGauge(*registry, "lanemq_meta_group_calls_parked",
                                    "Joins and syncs that wait for the other members");
  Family<Counter>& rebalances = BuildCounter()
                                    .Name("lanemq_meta_group_rebalances_total")
                                    .Help("Rebalances of groups that were finished here")
                                    .Register(*registry);
  Family<Counter>& group_events = BuildCounter()
                                      .Name("lanemq_meta_group_events_total")
                                      .Help("What else befell groups and slots here, by kind")
                                      .Register(*registry);
  Family<Gauge>& connections =
      MakeGauge(*registry, "lanemq_meta_rpc_connections", "Open client connections");
  Family<Gauge>& in_flight =
      MakeGauge(*registry, "lanemq_meta_rpc_in_flight", "Requests without an answer yet");
  Family<Gauge>& unidentified =
      MakeGauge(*registry, "lanemq_meta_unidentified_connections",
                "Client connections that have not said who they are, and must");
  Family<Gauge>& reply_bytes =
      MakeGauge(*registry, "lanemq_meta_reply_bytes", "Replies that clients have not taken yet");
  Family<Counter>& limits = BuildCounter()
                                .Name("lanemq_meta_limit_hits_total")
                                .Help("Times an RPC server limit was hit")
                                .Register(*registry);
  Family<Counter>& closed = BuildCounter()
                                .Name("lanemq_meta_connections_closed_total")
                                .Help("Connections that ended, by why")
                                .Register(*registry);
  Family<Counter>& observed =
      BuildCounter()
          .Name("lanemq_access_observed_refusals_total")
          .Help("What --auth=token would have refused and --auth=observe served")
          .Register(*registry);
  Family<Gauge>& certificate_end =
      MakeGauge(*registry, "lanemq_tls_certificate_expires_timestamp_seconds",
                "When the server's certificate ends; only with TLS");
  Family<Gauge>& access_version =
      MakeGauge(*registry, "lanemq_meta_access_book_version", "Of the book in force");
  Family<Gauge>& access_age = MakeGauge(*registry, "lanemq_meta_access_book_age_seconds",
                                        "Since the book was known to be the newest");
  Family<Gauge>& certificate_days = MakeGauge(*registry, "lanemq_meta_certificate_days_left",
                                              "Until the server's certificate ends; only with TLS");
  Family<Counter>& denials = BuildCounter()
                                 .Name("lanemq_meta_access_denials_total")
                                 .Help(
                                     "Refused attempts to change something, by what became of "
                                     "their audit rows")
                                 .Register(*registry);
  Family<Counter>& change_requests = BuildCounter()
                                         .Name("lanemq_meta_change_requests_total")
                                         .Help("Requests for changes that ended here, by how")
                                         .Register(*registry);
  Family<Gauge>& requests_in_hand = MakeGauge(*registry, "lanemq_meta_change_requests_in_hand",
                                              "Being applied here, by whether a person must look");
  Family<Counter>& request_notices = BuildCounter()
                                         .Name("lanemq_meta_change_request_notices_total")
                                         .Help("Events of requests, by what became of telling them")
                                         .Register(*registry);
  Family<Gauge>& moves = MakeGauge(*registry, "lanemq_meta_partition_moves",
                                   "Unfinished moves of partitions, by state, where they are "
                                   "carried out");
  Family<Counter>& move_ends = BuildCounter()
                                   .Name("lanemq_meta_partition_moves_ended_total")
                                   .Help("Moves that this process has ended, by how")
                                   .Register(*registry);
  Family<Counter>& move_bytes = BuildCounter()
                                    .Name("lanemq_meta_partition_move_bytes_total")
                                    .Help("What this process has copied between data nodes")
                                    .Register(*registry);
  Family<Counter>& move_failures = BuildCounter()
                                       .Name("lanemq_meta_partition_move_failures_total")
                                       .Help("Steps of moves that did not succeed")
                                       .Register(*registry);
  Family<Gauge>& move_pause = MakeGauge(*registry, "lanemq_meta_partition_move_pause_seconds",
                                        "How long the last, and the longest, moved partition "
                                        "could not be used, moved in the end or not");
  Family<Gauge>& moves_shut = MakeGauge(*registry, "lanemq_meta_partition_moves_shut",
                                        "Partitions that cannot be used because they move, where "
                                        "moves are carried out");
  Family<Gauge>& move_shut_seconds =
      MakeGauge(*registry, "lanemq_meta_partition_move_shut_seconds",
                "For how long the first of them cannot; 0: there is none");
  Family<Gauge>& request_notices_waiting =
      MakeGauge(*registry, "lanemq_meta_change_request_notices_waiting",
                "Events of requests that nobody was told of yet; in the whole cluster");
  OutboxGauges outboxes{*registry};
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

std::shared_ptr<prometheus::Collectable> Metrics::registry() const { return families_->registry; }

void Metrics::OnCall(const rpc::CallEvent& event) {
  // Names of methods that do not exist are the client's to choose: not a label.
  const bool is_known = core::FindAccess(event.method) != nullptr;
  const std::string method = is_known ? std::string(event.method) : "unknown";
  families_->requests.Add({{"method", method}, {"outcome", OutcomeOf(event)}}).Increment();
  families_->seconds.Add({{"method", method}}, kSeconds)
      .Observe(std::chrono::duration<double>(event.duration).count());
}

void Metrics::Update(const SnapshotCache& cache, const JobStats& jobs,
                     const rpc::ServerStats& server, MonotonicTime now) {
  Families& f = *families_;
  const auto snapshot = cache.Current();
  f.version.Add({}).Set(static_cast<double>(snapshot->version));
  f.age.Add({}).Set(std::chrono::duration<double>(now - cache.confirmed_at()).count());
  f.available.Add({}).Set(cache.is_fresh() ? 1 : 0);

  std::array<int, 4> brokers{};
  for (const core::Broker& broker : snapshot->brokers) {
    ++brokers[static_cast<std::size_t>(broker.state)];
  }
  f.brokers.Add({{"state", "active"}}).Set(brokers[1]);
  f.brokers.Add({{"state", "draining"}}).Set(brokers[2]);
  f.brokers.Add({{"state", "dead"}}).Set(brokers[3]);
  std::array<int, 4> topics{};
  for (const core::Topic& topic : snapshot->topics) {
    ++topics[topic.deletion ? 0 : static_cast<std::size_t>(topic.state)];
  }
  f.topics.Add({{"state", "creating"}}).Set(topics[1]);
  f.topics.Add({{"state", "active"}}).Set(topics[2]);
  f.topics.Add({{"state", "deleting"}}).Set(topics[3]);
  f.topics.Add({{"state", "deleted"}}).Set(topics[0]);  // They can be brought back.
  for (const core::NodeUsage& usage : core::UsageOf(*snapshot)) {
    f.free.Add({{"node", usage.node.name}}).Set(static_cast<double>(usage.Free()));
  }

  f.leader.Add({}).Set(jobs.token ? 1 : 0);
  f.held_back.Add({}).Set(static_cast<double>(jobs.held_back));
  const auto count = [&](const char* kind, std::int64_t total) {
    SetTotal(f.jobs.Add({{"kind", kind}}), total);
  };
  count("brokers_evicted", jobs.evicted);
  count("topics_finished", jobs.finished_topics);
  count("topics_purged", jobs.purged_topics);
  count("rows_forgotten", jobs.forgotten);
  count("audit_rows_expired", jobs.audit_expired);
  count("failures", jobs.failures);
  f.connections.Add({}).Set(static_cast<double>(server.connections));
  f.in_flight.Add({}).Set(static_cast<double>(server.in_flight));
  f.unidentified.Add({}).Set(static_cast<double>(server.unidentified));
  f.reply_bytes.Add({}).Set(static_cast<double>(server.out_bytes));
  for (std::size_t i = 0; i < server.closed.size(); ++i) {
    const auto reason = static_cast<rpc::CloseReason>(i);
    SetTotal(f.closed.Add({{"reason", std::string(rpc::NameOf(reason))}}),
             static_cast<std::int64_t>(server.closed[i]));
  }
}

void Metrics::OnLimit(rpc::LimitKind kind) {
  families_->limits.Add({{"limit", std::string(rpc::NameOf(kind))}}).Increment();
}

void Metrics::Update(const CoordinatorStats& groups) {
  Families& f = *families_;
  constexpr std::array kStates = {"empty", "preparing_rebalance", "completing_rebalance", "stable",
                                  "dead"};
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    f.groups.Add({{"state", kStates[i]}}).Set(static_cast<double>(groups.groups[i]));
  }
  f.members.Add({}).Set(static_cast<double>(groups.members));
  f.slots.Add({{"state", "serving"}}).Set(groups.slots_held - groups.slots_loading);
  f.slots.Add({{"state", "loading"}}).Set(groups.slots_loading);
  f.degraded.Add({}).Set(groups.is_degraded ? 1 : 0);
  f.parked.Add({}).Set(static_cast<double>(groups.parked_calls));
  SetTotal(f.rebalances.Add({}), groups.rebalances);
  SetTotal(f.group_events.Add({{"kind", "member_expired"}}), groups.members_expired);
  SetTotal(f.group_events.Add({{"kind", "member_expelled"}}), groups.members_expelled);
  SetTotal(f.group_events.Add({{"kind", "write_failed"}}), groups.writes_failed);
  SetTotal(f.group_events.Add({{"kind", "group_expired"}}), groups.groups_expired);
  SetTotal(f.group_events.Add({{"kind", "group_deleted"}}), groups.groups_deleted);
  SetTotal(f.group_events.Add({{"kind", "expiry_postponed"}}), groups.expiries_postponed);
  SetTotal(f.group_events.Add({{"kind", "slot_taken"}}), groups.slots_taken);
  SetTotal(f.group_events.Add({{"kind", "slot_handed_over"}}), groups.slots_handed_over);
  SetTotal(f.group_events.Add({{"kind", "slot_lost"}}), groups.slots_lost);
}

void Metrics::Update(const AccessFacts& access) {
  Families& f = *families_;
  f.access_version.Add({}).Set(static_cast<double>(access.version));
  f.access_age.Add({}).Set(std::chrono::duration<double>(access.age).count());
  if (access.is_tls) {
    f.certificate_days.Add({}).Set(access.certificate_days_left);
    f.certificate_end.Add({}).Set(static_cast<double>(access.certificate_ends_at.micros) / 1e6);
  }
  for (const auto& [method, count] : access.observed) {
    SetTotal(f.observed.Add({{"method", method}}), static_cast<std::int64_t>(count));
  }
  SetTotal(f.denials.Add({{"kind", "kept"}}), access.denials.kept);
  SetTotal(f.denials.Add({{"kind", "left_out"}}), access.denials.left_out);
  SetTotal(f.denials.Add({{"kind", "lost"}}), access.denials.lost);
}

void Metrics::Update(const GovernanceFactsShown& governance) {
  Families& f = *families_;
  const ApplierStats& applier = governance.applier;
  SetTotal(f.change_requests.Add({{"state", "applied"}}), applier.applied);
  SetTotal(f.change_requests.Add({{"state", "failed"}}), applier.failed);
  SetTotal(f.change_requests.Add({{"state", "expired"}}), applier.expired);
  f.requests_in_hand.Add({{"needs_help", "false"}})
      .Set(static_cast<double>(applier.in_hand - applier.needs_help));
  f.requests_in_hand.Add({{"needs_help", "true"}}).Set(static_cast<double>(applier.needs_help));
  const RequestNotices::Counts& notices = governance.notices;
  SetTotal(f.request_notices.Add({{"result", "told"}}), notices.told);
  SetTotal(f.request_notices.Add({{"result", "unheard"}}), notices.unheard);
  SetTotal(f.request_notices.Add({{"result", "overtaken"}}), notices.overtaken);
  SetTotal(f.request_notices.Add({{"result", "expired"}}), notices.expired);
  SetTotal(f.request_notices.Add({{"result", "failed"}}), notices.failed);
  f.request_notices_waiting.Add({}).Set(static_cast<double>(notices.waiting));
}

void Metrics::Update(const MoveFacts& moves) {
  Families& f = *families_;
  for (const std::string_view state :
       {"copying", "sealing", "handing_over", "opening", "cleaning", "cancelling"}) {
    const auto found = moves.by_state.find(std::string(state));
    f.moves.Add({{"state", std::string(state)}})
        .Set(found == moves.by_state.end() ? 0 : static_cast<double>(found->second));
  }
  SetTotal(f.move_ends.Add({{"how", "done"}}), moves.done);
  SetTotal(f.move_ends.Add({{"how", "taken_back"}}), moves.taken_back);
  SetTotal(f.move_bytes.Add({}), moves.bytes_copied);
  SetTotal(f.move_failures.Add({}), moves.failures);
  f.move_pause.Add({{"which", "last"}}).Set(static_cast<double>(moves.last_pause_us) / 1e6);
  f.move_pause.Add({{"which", "longest"}}).Set(static_cast<double>(moves.longest_pause_us) / 1e6);
  f.moves_shut.Add({}).Set(static_cast<double>(moves.shut));
  f.move_shut_seconds.Add({}).Set(static_cast<double>(moves.shut_us) / 1e6);
}

void Metrics::Update(const std::vector<core::RegisteredOutbox>& outboxes, std::size_t count) {
  families_->outboxes.Set(outboxes, count);
}

}  // namespace lanemq::metaserver
