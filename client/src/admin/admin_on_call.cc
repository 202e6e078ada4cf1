// Lag, alerts and canaries.
#include <utility>

#include "client/src/admin/admin_impl.h"
#include "common/rpc/on_call_client.h"
#include "lanemq/on_call.h"
#include "lanemq_types.h"

namespace lanemq {
namespace {

using rpc::OnCallClient;
using std::chrono::microseconds;
using std::chrono::milliseconds;

/// `method` on any metaserver. NOT_COORDINATOR goes on to the next one, so that who is on call
/// answers in the end.
template <typename Response, typename Request>
Result<Response> Call(client::Cluster& cluster,
                      Result<Response> (OnCallClient::*method)(const rpc::Endpoint&, const Request&,
                                                               Deadline),
                      const Request& request) {
  const auto deadline = Deadline::After(cluster.clock(), cluster.options().request_timeout);
  return cluster.CallAny<Response>(&client::Cluster::Metaservers, deadline,
                                   [&](const rpc::Endpoint& server, Deadline until) {
                                     return (cluster.on_call().*method)(server, request, until);
                                   });
}

template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.ok() ? Status() : Status(result.error());
}

PartitionLag Describe(idl::PartitionLag&& wire) {
  return {.partition = wire.partition,
          .status = std::move(wire.status),
          .lag_messages = wire.lag_messages,
          .lag = milliseconds{wire.lag_ms},
          .committed = wire.committed,
          .log_start = wire.log_start,
          .log_end = wire.log_end,
          .member_id = std::move(wire.member_id),
          .node = std::move(wire.node)};
}

GroupLag Describe(idl::TopicLag&& wire) {
  GroupLag lag;
  lag.group = std::move(wire.group);
  lag.topic = std::move(wire.topic);
  lag.status = std::move(wire.status);
  lag.cause = std::move(wire.cause);
  lag.evidence = std::move(wire.evidence);
  if (wire.__isset.since_us) lag.since_us = wire.since_us;
  lag.lag_messages = wire.lag_messages;
  lag.lag = milliseconds{wire.lag_ms};
  lag.objective = milliseconds{wire.objective_ms};
  lag.members = wire.members;
  lag.in_rate = wire.in_rate;
  lag.out_rate = wire.out_rate;
  if (wire.__isset.drain_ms) lag.drain = milliseconds{wire.drain_ms};
  if (wire.__isset.headroom_ms) lag.headroom = milliseconds{wire.headroom_ms};
  lag.owner = std::move(wire.owner);
  for (auto& partition : wire.partitions) lag.partitions.push_back(Describe(std::move(partition)));
  return lag;
}

LagObjective Describe(idl::LagObjective&& wire) {
  LagObjective objective;
  objective.group = std::move(wire.group);
  objective.topic = std::move(wire.topic);
  if (wire.__isset.objective_ms) objective.lag = milliseconds{wire.objective_ms};
  if (wire.__isset.allowed_messages) objective.allowed_messages = wire.allowed_messages;
  if (wire.__isset.owner) objective.owner = std::move(wire.owner);
  if (wire.__isset.tier) objective.tier = std::move(wire.tier);
  if (wire.__isset.alerts_on) objective.alerts_on = wire.alerts_on;
  return objective;
}

AlertDescription Describe(idl::Alert&& wire) {
  AlertDescription alert;
  alert.incident = std::move(wire.incident);
  alert.kind = std::move(wire.kind);
  alert.subject = std::move(wire.subject);
  alert.state = std::move(wire.state);
  alert.severity = std::move(wire.severity);
  alert.owner = std::move(wire.owner);
  alert.summary = std::move(wire.summary);
  alert.cause = std::move(wire.cause);
  alert.since_us = wire.since_us;
  if (wire.__isset.fired_us) alert.fired_us = wire.fired_us;
  if (wire.__isset.resolved_us) alert.resolved_us = wire.resolved_us;
  alert.is_silenced = wire.__isset.is_silenced && wire.is_silenced;
  alert.inhibited_by = std::move(wire.inhibited_by);
  return alert;
}

}  // namespace

OnCallAdmin& Admin::OnCall() { return impl_->on_call(); }

Result<LagReport> OnCallAdmin::Lag(const LagQuery& query) {
  idl::GroupLagRequest request;
  if (!query.group.empty()) request.__set_group(query.group);
  if (!query.topic.empty()) request.__set_topic(query.topic);
  request.__set_include_partitions(query.with_partitions);
  request.__set_only_troubled(query.only_troubled);
  request.__set_max(query.max);
  LANEMQ_ASSIGN_OR_RETURN(auto reply, Call(cluster_, &OnCallClient::GroupLagSync, request));
  LagReport report;
  for (auto& lag : reply.topics) report.groups.push_back(Describe(std::move(lag)));
  report.total = reply.total;
  report.age = milliseconds{reply.age_ms};
  report.stale_nodes = std::move(reply.stale_nodes);
  return report;
}

Result<std::vector<LagPoint>> OnCallAdmin::LagHistory(const std::string& group,
                                                      const std::string& topic,
                                                      std::int64_t from_us, std::int64_t until_us,
                                                      std::int32_t points_max) {
  idl::LagHistoryRequest request;
  request.__set_group(group);
  request.__set_topic(topic);
  request.__set_from_us(from_us);
  request.__set_until_us(until_us);
  request.__set_max_points(points_max);
  LANEMQ_ASSIGN_OR_RETURN(auto reply, Call(cluster_, &OnCallClient::LagHistorySync, request));
  std::vector<LagPoint> points;
  for (auto& wire : reply.points) {
    points.push_back({.at_us = wire.at_us,
                      .lag_messages = wire.lag_messages,
                      .lag_messages_max = wire.lag_messages_max,
                      .lag_max = milliseconds{wire.lag_ms_max},
                      .produced = wire.produced,
                      .consumed = wire.consumed,
                      .members = wire.members,
                      .worst_status = std::move(wire.worst_status)});
  }
  return points;
}

Result<std::vector<LagObjective>> OnCallAdmin::Objectives() {
  LANEMQ_ASSIGN_OR_RETURN(auto reply, Call(cluster_, &OnCallClient::ListLagObjectivesSync,
                                           idl::ListLagObjectivesRequest()));
  std::vector<LagObjective> objectives;
  for (auto& wire : reply.objectives) objectives.push_back(Describe(std::move(wire)));
  return objectives;
}

Status OnCallAdmin::SetObjective(const LagObjective& objective) {
  idl::SetLagObjectiveRequest request;
  idl::LagObjective& wire = request.objective;
  wire.__set_group(objective.group);
  wire.__set_topic(objective.topic);
  if (objective.lag) wire.__set_objective_ms(objective.lag->count());
  if (objective.allowed_messages) wire.__set_allowed_messages(*objective.allowed_messages);
  if (objective.owner) wire.__set_owner(*objective.owner);
  if (objective.tier) wire.__set_tier(*objective.tier);
  if (objective.alerts_on) wire.__set_alerts_on(*objective.alerts_on);
  wire.__set_updated_by(cluster_.options().client_id);
  return StatusOf(Call(cluster_, &OnCallClient::SetLagObjectiveSync, request));
}

Status OnCallAdmin::RemoveObjective(const std::string& group, const std::string& topic) {
  idl::SetLagObjectiveRequest request;
  request.objective.__set_group(group);
  request.objective.__set_topic(topic);
  request.objective.__set_updated_by(cluster_.options().client_id);
  request.__set_remove(true);
  return StatusOf(Call(cluster_, &OnCallClient::SetLagObjectiveSync, request));
}

Result<std::vector<AlertDescription>> OnCallAdmin::Alerts(std::int32_t resolved_days,
                                                          const std::string& owner) {
  idl::ListAlertsRequest request;
  request.__set_resolved_days(resolved_days);
  if (!owner.empty()) request.__set_owner(owner);
  LANEMQ_ASSIGN_OR_RETURN(auto reply, Call(cluster_, &OnCallClient::ListAlertsSync, request));
  std::vector<AlertDescription> alerts;
  for (auto& wire : reply.alerts) alerts.push_back(Describe(std::move(wire)));
  return alerts;
}

Result<std::vector<SilenceDescription>> OnCallAdmin::Silences() {
  LANEMQ_ASSIGN_OR_RETURN(
      auto reply, Call(cluster_, &OnCallClient::ListSilencesSync, idl::ListSilencesRequest()));
  std::vector<SilenceDescription> silences;
  for (auto& wire : reply.silences) {
    silences.push_back({.id = wire.id,
                        .kind = std::move(wire.kind),
                        .subject = std::move(wire.subject),
                        .until_us = wire.until_us,
                        .reason = std::move(wire.reason),
                        .created_by = std::move(wire.created_by)});
  }
  return silences;
}

Status OnCallAdmin::Silence(const std::string& kind, const std::string& subject,
                            std::chrono::milliseconds time, const std::string& reason) {
  idl::SilenceAlertRequest request;
  request.__set_kind(kind);
  request.__set_subject(subject);
  request.__set_for_ms(time.count());
  request.__set_reason(reason);
  request.__set_created_by(cluster_.options().client_id);
  return StatusOf(Call(cluster_, &OnCallClient::SilenceAlertSync, request));
}

Status OnCallAdmin::EndSilence(std::int64_t id) {
  idl::EndSilenceRequest request;
  request.__set_id(id);
  request.__set_requested_by(cluster_.options().client_id);
  return StatusOf(Call(cluster_, &OnCallClient::EndSilenceSync, request));
}

Result<std::vector<CanaryDescription>> OnCallAdmin::Canaries() {
  LANEMQ_ASSIGN_OR_RETURN(
      auto reply, Call(cluster_, &OnCallClient::ListCanariesSync, idl::ListCanariesRequest()));
  std::vector<CanaryDescription> canaries;
  for (auto& wire : reply.canaries) {
    idl::CanaryReport& report = wire.report;
    canaries.push_back({.instance = std::move(report.instance),
                        .node = std::move(report.node),
                        .ok = report.ok,
                        .late = report.late,
                        .lost = report.lost,
                        .duplicates = report.duplicates,
                        .produce_errors = report.produce_errors,
                        .p50 = microseconds{report.p50_us},
                        .p99 = microseconds{report.p99_us},
                        .last_ok_age = milliseconds{report.last_ok_age_ms + wire.silent_ms},
                        .silent_for = milliseconds{wire.silent_ms},
                        .last_error = std::move(report.last_error)});
  }
  return canaries;
}

Status OnCallAdmin::ReportCanaries(const std::vector<CanaryDescription>& canaries) {
  idl::ReportCanaryRequest request;
  cluster_.NameCluster(request);
  for (const CanaryDescription& canary : canaries) {
    idl::CanaryReport& report = request.reports.emplace_back();
    report.__set_instance(canary.instance);
    report.__set_node(canary.node);
    report.__set_ok(canary.ok);
    report.__set_late(canary.late);
    report.__set_lost(canary.lost);
    report.__set_duplicates(canary.duplicates);
    report.__set_produce_errors(canary.produce_errors);
    report.__set_p50_us(canary.p50.count());
    report.__set_p99_us(canary.p99.count());
    report.__set_last_ok_age_ms(canary.last_ok_age.count());
    if (!canary.last_error.empty()) report.__set_last_error(canary.last_error);
  }
  return StatusOf(Call(cluster_, &OnCallClient::ReportCanarySync, request));
}

}  // namespace lanemq
