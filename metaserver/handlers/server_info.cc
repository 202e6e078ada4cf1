#include "metaserver/handlers/handlers.h"
#include "metaserver/jobs/job_runner.h"
#include "metaserver/oncall/on_call.h"

namespace lanemq::metaserver {
namespace {

/// As far as it knows: who was on call last says so while the metadata database is away. One on
/// call without a picture yet is not told: it cannot say more than others.
std::vector<std::string> DutiesOf(const Services& services) {
  std::vector<std::string> duties;
  const OnCall* on_call = services.on_call;
  if (on_call != nullptr && on_call->board().Current()) duties.emplace_back(OnCall::kLeaseName);
  const JobRunner* jobs = services.jobs;
  if (jobs != nullptr && jobs->Stats().token) duties.emplace_back(JobRunner::kLeaseName);
  return duties;
}

}  // namespace

Result<idl::ServerInfo> ServerInfo(Services& services, const idl::ServerInfoRequest&) {
  const auto snapshot = services.cache.Current();
  idl::ServerInfo out;
  out.role = "metaserver";
  out.version = services.version;
  out.__set_cluster_id(snapshot->cluster_id);
  out.now_us = services.clock.WallNow().micros;
  out.metadata_version = snapshot->version;
  out.__set_is_draining(services.is_draining);
  out.__set_started_at_us(services.started_at.micros);
  out.__set_duties(DutiesOf(services));
  return out;
}

}  // namespace lanemq::metaserver
