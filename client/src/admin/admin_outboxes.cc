// Outboxes, as their relays report them.
#include <utility>

#include "client/src/admin/admin_impl.h"

namespace lanemq {
namespace {

OutboxDescription Describe(idl::OutboxListing listing) {
  idl::OutboxReport& report = listing.report;
  OutboxDescription outbox;
  outbox.name = std::move(report.outbox);
  outbox.relay = std::move(report.relay);
  outbox.ready = report.ready;
  outbox.held = report.held;
  outbox.dead = report.dead;
  if (report.__isset.holds) outbox.holds = report.holds;
  outbox.oldest_age = std::chrono::milliseconds{report.oldest_age_ms};
  outbox.relays = report.relays;
  outbox.unowned_buckets = report.unowned_buckets;
  if (report.__isset.published) outbox.published = report.published;
  if (report.__isset.failed) outbox.failed = report.failed;
  outbox.last_error = std::move(report.last_error);
  outbox.version = std::move(report.version);
  outbox.first_seen_us = listing.first_seen_us;
  outbox.reported_us = listing.reported_us;
  outbox.silent_for = std::chrono::milliseconds{listing.silent_ms};
  return outbox;
}

}  // namespace

Result<std::vector<OutboxDescription>> Admin::Outboxes() {
  LANEMQ_ASSIGN_OR_RETURN(auto response, impl_->Control(&rpc::ControlPlaneClient::ListOutboxesSync,
                                                        idl::ListOutboxesRequest()));
  std::vector<OutboxDescription> outboxes;
  outboxes.reserve(response.outboxes.size());
  for (idl::OutboxListing& listing : response.outboxes) {
    outboxes.push_back(Describe(std::move(listing)));
  }
  return outboxes;
}

Status Admin::ForgetOutbox(const std::string& name) {
  idl::ForgetOutboxRequest request;
  request.outbox = name;
  LANEMQ_RETURN_IF_ERROR(impl_->Control(&rpc::ControlPlaneClient::ForgetOutboxSync, request));
  return {};
}

}  // namespace lanemq
