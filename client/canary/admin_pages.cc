#include "client/canary/admin_pages.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace lanemq::client {
namespace {

using nlohmann::json;

double Seconds(std::chrono::nanoseconds d) { return std::chrono::duration<double>(d).count(); }

json TextOf(const std::optional<Error>& error) {
  return error ? json(error->ToString()) : json(nullptr);
}

json PageOf(const NodePicture& node) {
  json page;
  page["node"] = node.node;
  page["topic"] = CanaryTopic(node.node);
  page["is_open"] = node.is_open;
  page["ok"] = node.counts.ok;
  page["late"] = node.counts.late;
  page["lost"] = node.counts.lost;
  page["duplicates"] = node.counts.duplicates;
  page["produce_errors"] = node.counts.produce_errors;
  page["on_their_way"] = node.on_their_way;
  page["p50_seconds"] = Seconds(node.p50);
  page["p99_seconds"] = Seconds(node.p99);
  page["last_back_age_seconds"] = Seconds(node.silent_for);
  page["last_error"] = TextOf(node.last_error);
  return page;
}

std::string StatusPage(const CanaryPicture& picture) {
  json page;
  page["are_nodes_known"] = picture.are_nodes_known;
  page["nodes_error"] = TextOf(picture.nodes_error);
  page["report_error"] = TextOf(picture.report_error);
  page["nodes"] = json::array();
  for (const NodePicture& node : picture.nodes) page["nodes"].push_back(PageOf(node));
  return page.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

rpc::AdminReply Readiness(const CanaryPicture& picture) {
  if (std::ranges::any_of(picture.nodes, &NodePicture::is_open)) return {200, "ready\n"};
  if (!picture.are_nodes_known) {
    const auto& error = picture.nodes_error;
    return {503, "the data nodes are not known yet" +
                     (error ? ": " + error->ToString() : std::string()) + "\n"};
  }
  return {503, "no data node can be written and read yet\n"};
}

}  // namespace

void AddCanaryPages(rpc::AdminServer& server, Canary& canary, const std::string& version,
                    const Clock& clock) {
  server.Handle("/healthz", [](const std::string&) { return rpc::AdminReply{200, "ok\n"}; });
  server.Handle("/readyz", [&canary](const std::string&) { return Readiness(canary.Picture()); });
  server.Handle("/version", [version](const std::string&) {
    return rpc::AdminReply{200, version + "\n"};
  });
  server.Handle("/status", [&canary](const std::string&) {
    return rpc::AdminReply{200, StatusPage(canary.Picture()), "application/json"};
  });
  server.Handle("/metrics",
                [&canary, &clock, serve = rpc::MetricsHandler(canary.metrics().registry())](
                    const std::string& query) {
                  canary.metrics().Sample(canary.Picture().nodes, clock.WallNow());
                  return serve(query);
                });
}

}  // namespace lanemq::client
