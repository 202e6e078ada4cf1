#include "metaserver/status_page.h"

#include <nlohmann/json.hpp>

#include "metaserver/options.h"

namespace lanemq::metaserver {
namespace {

/// The worst first.
nlohmann::ordered_json OutboxesJson(const std::vector<core::RegisteredOutbox>& worst,
                                    std::size_t count) {
  nlohmann::ordered_json json = {{"count", count}, {"worst", nlohmann::ordered_json::array()}};
  for (const core::RegisteredOutbox& outbox : worst) {
    const core::OutboxReport& report = outbox.report;
    json["worst"].push_back(
        {{"outbox", report.outbox},
         {"ready", report.ready},
         {"held", report.held},
         {"dead", report.dead},
         {"oldest_age_ms", report.oldest_age.count()},
         {"silent_ms",
          std::chrono::duration_cast<std::chrono::milliseconds>(outbox.silent_for).count()},
         {"relays", report.relays},
         {"unowned_buckets", report.unowned_buckets},
         {"last_error", report.last_error}});
  }
  return json;
}

nlohmann::ordered_json AccessJson(const AccessFacts& access) {
  nlohmann::ordered_json json = {{"auth", NameOf(access.mode)}, {"tls", access.is_tls}};
  if (access.mode != AuthMode::kToken) {
    json["warning"] = "whoever reaches this server may do everything";
  }
  if (access.mode == AuthMode::kObserve) json["would_have_refused"] = access.observed;
  if (access.is_tls) json["certificate_days_left"] = access.certificate_days_left;
  json["book_version"] = access.version;
  json["is_fresh"] = access.is_fresh;
  json["book_age_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(access.age).count();
  json["denials"] = {{"kept", access.denials.kept},
                     {"left_out", access.denials.left_out},
                     {"lost", access.denials.lost}};
  return json;
}

}  // namespace

std::string StatusJson(const StatusFacts& facts) {
  const core::CatalogSnapshot& snapshot = facts.snapshot;
  const JobStats& jobs = facts.jobs;
  const CoordinatorStats& groups = facts.groups;
  const auto of = [&](core::GroupState state) {
    return groups.groups[static_cast<std::size_t>(state)];
  };
  nlohmann::ordered_json json = {
      {"role", "metaserver"},
      {"version", Version()},
      {"is_ready", facts.is_ready},
      {"cluster_id", snapshot.cluster_id},
      {"catalog",
       {{"version", snapshot.version},
        {"is_fresh", facts.is_fresh},
        {"age_ms", std::chrono::duration_cast<std::chrono::milliseconds>(facts.age).count()},
        {"topics", snapshot.topics.size()},
        {"nodes", snapshot.nodes.size()},
        {"brokers", snapshot.brokers.size()},
        {"metaservers", snapshot.metaservers.size()}}},
      {"jobs",
       {{"is_leader", jobs.token.has_value()},
        {"token", jobs.token.value_or(0)},
        {"terms", jobs.terms},
        {"evicted", jobs.evicted},
        {"held_back", jobs.held_back},
        {"suspects_itself", jobs.suspects_itself},
        {"finished_topics", jobs.finished_topics},
        {"unfinished_topics", jobs.unfinished_topics},
        {"failures", jobs.failures}}},
      {"groups",
       {{"slots_held", groups.slots_held},
        {"slots_loading", groups.slots_loading},
        {"is_degraded", groups.is_degraded},
        {"preparing_rebalance", of(core::GroupState::kPreparingRebalance)},
        {"completing_rebalance", of(core::GroupState::kCompletingRebalance)},
        {"stable", of(core::GroupState::kStable)},
        {"empty", of(core::GroupState::kEmpty)},
        {"members", groups.members},
        {"rebalances", groups.rebalances}}}};
  json["access"] = AccessJson(facts.access);
  json["outboxes"] = OutboxesJson(facts.outboxes, facts.outbox_count);
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace lanemq::metaserver
