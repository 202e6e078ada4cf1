#include "client/outbox_relay/admin_pages.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "client/outbox_relay/options.h"

namespace lanemq::client {
namespace {

using nlohmann::json;

double Seconds(std::chrono::nanoseconds d) { return std::chrono::duration<double>(d).count(); }

json TextOf(const std::optional<Error>& error) {
  return error ? json(error->ToString()) : json(nullptr);
}

// Why it does not work, for people.
std::string NotReady(const RelayPicture& picture) {
  if (picture.is_stopping) return "stopping";
  std::string why;
  const std::optional<Error>* error = &picture.relay.store_error;
  if (picture.is_installing) {
    why = "the outbox's tables are not made yet";
    error = &picture.install_error;
  } else if (picture.relay.session == 0) {
    why = "no session";
  } else if (picture.relay.store_error) {
    why = "the outbox's database is in trouble";
  }
  if (!why.empty()) return *error ? why + ": " + (*error)->ToString() : why;
  return "no server of the cluster has answered yet";
}

const char* StateOf(const RelayPicture& picture) {
  if (picture.is_stopping) return "stopping";
  if (picture.is_installing) return "installing";
  return picture.IsReady() ? "active" : "waiting";
}

json BacklogOf(const Backlog& backlog) {
  if (!backlog.stats) return nullptr;
  json page;
  page["ready"] = backlog.stats->ready;
  page["held"] = backlog.stats->held;
  page["dead"] = backlog.stats->dead;
  page["published"] = backlog.stats->published;
  page["holds"] = backlog.stats->holds;
  page["oldest_age_seconds"] = Seconds(backlog.OldestAge());
  page["unowned_buckets"] = backlog.stats->unowned_buckets;
  page["read_age_seconds"] = Seconds(backlog.age);
  return page;
}

std::string StatusPage(const OutboxRelayOptions& options, const RelayPicture& picture) {
  const RelayStats& relay = picture.relay;
  json page;
  page["outbox"] = options.outbox_name;
  page["relay"] = options.name;
  page["state"] = StateOf(picture);
  if (!picture.IsReady()) page["why"] = NotReady(picture);
  page["session"] = relay.session;
  page["buckets"] = relay.buckets;
  page["relays"] = relay.peers;
  page["cluster_id"] = picture.cluster_id;
  page["metadata_version"] = picture.metadata_version;
  page["backlog"] = BacklogOf(picture.backlog);
  page["backlog_error"] = TextOf(picture.backlog.error);
  page["database_error"] = TextOf(relay.store_error);
  page["last_failure"] = TextOf(relay.counts.last_error);
  page["outstanding_messages"] = relay.outstanding;
  page["holds"] = relay.holds;
  page["published"] = relay.counts.published;
  page["refused"] = relay.counts.refused;
  page["dead"] = relay.counts.dead;
  page["attempts_retried"] = relay.counts.retried;
  json& failures = page["attempts_failed"] = json::object();
  for (const auto& [code, count] : relay.counts.failures)
    failures[std::string(NameOf(code))] = count;
  page["duplicates_suppressed"] = picture.publish.duplicates;
  page["rounds"] = relay.rounds;
  page["commits"] = relay.commits;
  page["sessions_adopted"] = relay.adopted;
  page["sessions_lost"] = relay.fenced;
  page["wake_address"] = picture.wake_address;
  page["wake_datagrams"] = picture.wake_datagrams;
  page["archived_rows_deleted"] = picture.archived_rows_deleted;
  return page.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string ConfigPage(const OutboxRelayOptions& options) {
  json page;
  page["database"] = DatabaseText(options);
  page["user"] = options.database_user;
  page["bootstrap"] = options.bootstrap_servers;
  page["tls"] = options.tls;
  page["ca_file"] = options.tls_ca_file;
  page["token_file"] = options.token_file;
  page["name"] = options.name;
  page["outbox_name"] = options.outbox_name;
  page["database_timeout_ms"] = options.database_timeout.count();
  page["request_timeout_ms"] = options.request_timeout.count();
  page["lease_ttl_ms"] = options.lease_ttl.count();
  page["on_refusal"] = options.on_refusal == OnRefusal::kDead ? "dead" : "block";
  page["attempts_max"] = options.attempts_max;
  page["archive"] = options.is_archiving;
  page["keep_seconds"] = options.keep.count();
  page["poll_min_ms"] = options.poll_min.count();
  page["poll_max_ms"] = options.poll_max.count();
  page["batch_rows"] = options.batch_rows;
  page["wake_listen"] = options.wake_listen;
  page["advertise_wake"] = options.advertise_wake;
  page["admin_listen"] = options.admin_listen;
  page["install"] = options.should_install;
  return page.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

void AddRelayPages(rpc::AdminServer& server, const OutboxRelayOptions& options,
                   const std::string& version, RelayMetrics& metrics,
                   std::function<RelayPicture()> picture) {
  server.Handle("/healthz", [](const std::string&) { return rpc::AdminReply{200, "ok\n"}; });
  server.Handle("/readyz", [picture](const std::string&) {
    const RelayPicture now = picture();
    if (now.IsReady()) return rpc::AdminReply{200, "ready\n"};
    return rpc::AdminReply{503, NotReady(now) + "\n"};
  });
  server.Handle("/version", [version](const std::string&) {
    return rpc::AdminReply{200, version + "\n"};
  });
  server.Handle("/status", [options, picture](const std::string&) {
    return rpc::AdminReply{200, StatusPage(options, picture()), "application/json"};
  });
  server.Handle("/config", [page = ConfigPage(options)](const std::string&) {
    return rpc::AdminReply{200, page, "application/json"};
  });
  server.Handle("/metrics",
                [&metrics, picture = std::move(picture),
                 serve = rpc::MetricsHandler(metrics.registry())](const std::string& q) {
                  metrics.Sample(picture());
                  return serve(q);
                });
}

}  // namespace lanemq::client
