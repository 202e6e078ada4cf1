#include "metaserver/handlers/own_things.h"

#include <chrono>
#include <utility>

#include "common/base/log.h"
#include "common/core/access/access_rules.h"
#include "metaserver/access/new_token.h"

namespace lanemq::metaserver {
namespace {

/// Of ids that are taken already, which one in 10^17 is.
constexpr int kAttemptsMax = 3;

constexpr std::chrono::seconds kPasswordTime{10};

}  // namespace

bool IsCaller(const rpc::CallContext& call, std::string_view person) {
  const auto& caller = call.caller();
  return caller != nullptr && caller->principal.kind == core::PrincipalKind::kPerson &&
         caller->principal.name == person;
}

bool MayDo(const Services& services, const rpc::CallContext& call, core::Action action) {
  return services.guard.Check(call.caller().get(), action).ok();
}

Status MustAdminister(Services& services, const rpc::CallContext& call, const core::AuditNote& note,
                      core::AuditedChange attempted) {
  Status allowed = services.guard.Check(call.caller().get(), core::Action::kAdminister);
  if (!allowed.ok()) services.denials.Tell(note, std::move(attempted));
  return allowed;
}

std::string AddressOf(const rpc::CallContext& call) {
  const auto& caller = call.caller();
  if (caller != nullptr && !caller->client_address.empty()) return caller->client_address;
  return call.peer().substr(0, call.peer().rfind(':'));
}

void TellRefusal(Services& services, const Error& error, core::AuditNote note,
                 const std::string& name) {
  if (error.code != ErrorCode::kAuthenticationFailed) return;
  const auto book = services.guard.book();
  const bool is_known = book != nullptr && book->FindPerson(name) != nullptr;
  core::AuditedChange attempted;
  attempted.object_kind = "person";
  attempted.object_name = is_known ? name : "(unknown)";
  LANEMQ_LOG(WARN, "access.sign_in_refused", {"person", attempted.object_name},
             {"source", note.source}, {"request", note.request_id});
  services.denials.Tell(std::move(note), std::move(attempted));
}

Deadline ForPasswords(const Services& services) {
  return Deadline::After(services.clock, kPasswordTime);
}

Result<StoredToken> StoreToken(Services& services, core::Token token, const core::AuditNote& note,
                               Deadline deadline) {
  for (int attempt = 1;; ++attempt) {
    const NewToken made = MakeNewToken();
    token.id = made.token.id;
    token.hash = made.token.hash;
    LANEMQ_RETURN_IF_ERROR(core::CheckToken(token));
    auto added = token.person.empty() ? services.access.AddToken(token, note, deadline)
                                      : services.people.AddToken(token, note, deadline);
    if (!added.ok() && added.error().code == ErrorCode::kAlreadyExists && attempt < kAttemptsMax) {
      continue;
    }
    if (!added.ok()) return added.error();
    // It must reach who asked for it, whether or not this server can read it back.
    if (const Status loaded = services.book.Reload(); !loaded.ok()) {
      LANEMQ_LOG(WARN, "access.reload", {"error", loaded.error().ToString()});
    }
    return StoredToken{*std::move(added), made.text};
  }
}

}  // namespace lanemq::metaserver
