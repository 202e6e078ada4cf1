// What operators see of a broker over HTTP.
#include <nlohmann/json.hpp>

#include "broker/broker.h"
#include "common/rpc/tls.h"

namespace lanemq::broker {
void Broker::AddAdminPages() {
  admin_.Handle("/healthz", [](const std::string&) { return rpc::AdminReply{200, "ok\n"}; });
  admin_.Handle("/readyz", [this](const std::string&) {
    if (is_draining_) return rpc::AdminReply{503, "draining\n"};
    if (!catalog_.is_loaded()) return rpc::AdminReply{503, "no catalogue yet\n"};
    if (guard_.is_on() && !guard_.book()) {  // While it observes, everybody is served without one.
      return rpc::AdminReply{503, "nobody has said yet who may do what\n"};
    }
    return rpc::AdminReply{200, "ready\n"};
  });
  admin_.Handle("/version", [this](const std::string&) {
    return rpc::AdminReply{200, options_.version + "\n"};
  });
  admin_.Handle("/status", [this](const std::string&) {
    return rpc::AdminReply{200, StatusPage(), "application/json"};
  });
  admin_.Handle("/debug/slow", [this](const std::string&) {
    return rpc::AdminReply{200, slow_log_->ToJson(), "application/json"};
  });
  admin_.Handle("/config", [this](const std::string&) {
    return rpc::AdminReply{200, ConfigPage(), "application/json"};
  });
  admin_.Handle("/metrics",
                [this, serve = rpc::MetricsHandler(metrics_.registry())](const std::string& query) {
                  SampleGauges();
                  return serve(query);
                });
}

void Broker::SampleGauges() {
  metrics_.append_queue_bytes.Set(static_cast<double>(memory_.used()));
  metrics_.tail_cache_bytes.Set(static_cast<double>(view_.cache_bytes()));
  metrics_.parked_fetches.Set(static_cast<double>(fetches_->parked()));
  const rpc::ServerStats stats = server_->Stats();
  metrics_.connections.Set(static_cast<double>(stats.connections));
  metrics_.unidentified_connections.Set(static_cast<double>(stats.unidentified));
  metrics_.reply_bytes.Set(static_cast<double>(stats.out_bytes));
  for (std::size_t i = 0; i < stats.closed.size(); ++i) {
    metrics_.SetConnectionsClosed(rpc::NameOf(static_cast<rpc::CloseReason>(i)), stats.closed[i]);
  }
  for (const auto& [method, count] : guard_.log().observed()) {
    metrics_.SetObservedRefusals(method, count);
  }
  metrics_.catalog_version.Set(static_cast<double>(catalog_.View()->snapshot().version));
  if (const auto at = catalog_.confirmed_at()) {
    metrics_.catalog_age_seconds.Set(ToSeconds(clock_.Now() - *at));
  }
  if (guard_.asks()) {
    const auto book = guard_.book();
    metrics_.access_book_version.Set(book ? static_cast<double>(book->version()) : 0);
    metrics_.access_book_age_seconds.Set(ToSeconds(access_.age()));
  }
  if (options_.tls) {
    metrics_.tls_certificate_days_left.Set(options_.tls->DaysLeft());
    metrics_.SetCertificateEnd(options_.tls->EndsAt());
  }
}

namespace {

/// What operators see of who may do what; `confirmed_ago` nullopt: from disk, or none yet.
nlohmann::json AccessStatus(const Guard& guard,
                            std::optional<std::chrono::nanoseconds> confirmed_ago,
                            const rpc::TlsServer* tls) {
  nlohmann::json out;
  out["auth"] = NameOf(guard.mode());
  out["tls"] = tls != nullptr;
  if (tls != nullptr) out["tls_certificate_days_left"] = tls->DaysLeft();
  if (guard.mode() == AuthMode::kObserve) {
    out["warning"] =
        "whoever reaches this broker may do everything: what it would refuse is counted";
    out["would_have_refused"] = guard.log().observed_total();
  }
  if (!guard.asks()) return out;
  const auto book = guard.book();
  out["book_version"] = book ? nlohmann::json(book->version()) : nlohmann::json();
  out["book_age_seconds"] =
      confirmed_ago ? nlohmann::json(ToSeconds(*confirmed_ago)) : nlohmann::json();
  return out;
}

}  // namespace

std::string Broker::StatusPage() const {
  const auto view = catalog_.View();
  const auto stats = server_->Stats();
  nlohmann::json page;
  page["broker_id"] = options_.broker_id;
  page["state"] = is_draining_ ? "draining" : "active";
  page["cluster_id"] = view->snapshot().cluster_id;
  page["catalog_version"] = view->snapshot().version;
  if (const auto at = catalog_.confirmed_at()) {
    page["catalog_age_seconds"] = ToSeconds(clock_.Now() - *at);
  } else {
    page["catalog_age_seconds"] = nullptr;  // From disk, or none yet.
  }
  const auto confirmed = access_.confirmed_at();
  page["access"] =
      AccessStatus(guard_, confirmed ? std::optional(clock_.Now() - *confirmed) : std::nullopt,
                   options_.tls.get());
  page["connections"] = stats.connections;
  page["requests_in_flight"] = stats.in_flight;
  page["parked_fetches"] = fetches_->parked();
  page["append_queue_bytes"] = memory_.used();
  page["tail_cache_bytes"] = view_.cache_bytes();
  page["database_calls_waiting"] = workers_.QueueDepth();
  page["data_loss_messages"] = metrics_.data_loss.Value();
  nlohmann::json& partitions = page["partitions_written"] = nlohmann::json::array();
  for (const auto& writer : writers_.All()) {
    const core::PartitionLocation& location = writer->location();
    const TopicEntry* topic = view->FindTopic(location.key.topic);
    nlohmann::json entry;
    entry["topic"] = topic != nullptr ? topic->topic->name : "";
    entry["partition"] = location.key.partition;
    entry["data_node"] = location.node.value;
    entry["requests_waiting"] = writer->queue_requests();
    if (const auto ends = view_.EndsOf(location.key)) entry["log_end_offset"] = ends->end.value;
    partitions.push_back(std::move(entry));
  }
  return page.dump(2) + "\n";
}

std::string Broker::ConfigPage() const {
  nlohmann::json page;
  page["broker_id"] = options_.broker_id;
  page["listen"] = options_.listen_host + ":" + std::to_string(server_->port());
  page["advertise"] = options_.advertise_host;
  page["auth"] = NameOf(options_.auth);
  page["tls"] = options_.tls != nullptr;
  nlohmann::json& metaservers = page["metaserver"] = nlohmann::json::array();
  for (const auto& server : options_.metaservers) {
    metaservers.push_back(server.host + ":" + std::to_string(server.port));
  }
  page["data_dir"] = options_.data_dir.string();
  page["rpc_threads"] = options_.rpc_threads;
  page["connections_max"] = options_.rpc_limits.connections_max;
  page["append_threads"] = options_.workers.append_threads;
  page["read_threads"] = options_.workers.read_threads;
  page["append_memory_bytes_max"] = options_.append_memory_bytes_max;
  page["append_queue_bytes_max"] = options_.append.queue_bytes_max;
  page["append_queue_requests_max"] = options_.append.queue_requests_max;
  page["tail_cache_bytes_max"] = options_.tail_cache_bytes_max;
  page["parked_fetches_max"] = options_.fetch.parked_max;
  page["message_bytes_max"] = options_.limits.message_bytes_max;
  page["batch_records_max"] = options_.limits.batch_records_max;
  page["batch_bytes_max"] = options_.limits.batch_bytes_max;
  page["dead_letter_retention_hours"] = options_.duties.dead_letter_retention.count();
  page["sql_timeout_ms"] = options_.sql_timeout.count();
  page["slow_request_ms"] = slow_log_->options().request.count();
  page["slow_sql_ms"] = slow_log_->options().sql.count();
  page["drain_timeout_ms"] = options_.drain_timeout.count();
  return page.dump(2) + "\n";
}

}  // namespace lanemq::broker
