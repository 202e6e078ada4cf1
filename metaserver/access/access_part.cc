#include "metaserver/access/access_part.h"

#include <utility>

#include "common/base/log.h"
#include "metaserver/access/set_up.h"

namespace lanemq::metaserver {

AccessPart::AccessPart(Options options, core::AccessStore& store, core::AuditLog& audit,
                       const Clock& clock)
    : options_(std::move(options)),
      store_(store),
      clock_(clock),
      guard_(options_.auth.mode, clock),
      denials_(options_.denials, audit, clock),
      service_(options_.book, store, guard_, clock, [this] { CloseVoid(); }) {}

Status AccessPart::LoadCertificates() {
  LANEMQ_ASSIGN_OR_RETURN(tls_, MakeTls(options_.auth));
  watch_ = std::make_unique<CertificateWatch>(tls_, options_.certificate_interval);
  return {};
}

Status AccessPart::LoadBook(Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(service_.Load());
  return guard_.asks() ? EnsureSetUp(deadline) : Status{};
}

Status AccessPart::EnsureSetUp(Deadline deadline) {
  if (!NeedsSetUp(guard_.book()->records())) return {};
  if (options_.setup_token_file.empty()) {
    LANEMQ_LOG(WARN, "access.no_admin", {"nobody_can", "administer this cluster"},
               {"to_change_that", "start a metaserver with --setup-token-file"});
    return {};
  }
  LANEMQ_RETURN_IF_ERROR(SetUp(store_, options_.setup_token_file, deadline));
  return service_.Load();
}

void AccessPart::Apply(rpc::ServerOptions& server) const {
  server.tls = tls_;
  if (!guard_.asks()) return;
  server.must_identify = guard_.is_on();
  server.admit = [this](const rpc::RequestHead& head) { return guard_.Admit(head); };
  server.identify = [this](const std::string& name) { return guard_.Identify(name); };
}

void AccessPart::Start(rpc::Server& server) {
  server_ = &server;
  denials_.Start();
  service_.Start();
  watch_->Start();
  CloseVoid();  // What was revoked since the server listens.
}

void AccessPart::Stop() {
  if (watch_) watch_->Stop();
  service_.Stop();
  denials_.Stop();
  server_ = nullptr;
}

void AccessPart::CloseVoid() {
  if (rpc::Server* server = server_) server->CloseConnections(guard_.IsVoid());
}

AccessFacts AccessPart::Facts() const {
  AccessFacts facts;
  facts.mode = guard_.mode();
  facts.observed = guard_.log().observed();
  facts.is_tls = !options_.auth.tls.certificate_file.empty();
  if (tls_) {
    facts.certificate_days_left = tls_->DaysLeft();
    facts.certificate_ends_at = tls_->EndsAt();
  }
  if (const auto book = guard_.book()) facts.version = book->version();
  facts.is_fresh = service_.is_fresh();
  facts.age = clock_.Now() - service_.confirmed_at();
  facts.denials = denials_.Stats();
  return facts;
}

}  // namespace lanemq::metaserver
