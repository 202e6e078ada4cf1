// Who asked for no notices. States of alerts go on.
#include "common/core/alert/alert_checks.h"
#include "metaserver/access/audit_note.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::seconds kTimeout{5};

idl::AlertSilence ToWire(const core::AlertSilence& silence) {
  idl::AlertSilence wire;
  wire.id = silence.id;
  wire.kind = silence.kind;
  wire.subject = silence.subject;
  wire.until_us = silence.until.micros;
  wire.reason = silence.reason;
  wire.created_by = silence.created_by;
  wire.created_us = silence.created_at.micros;
  return wire;
}

Result<idl::SilencesResponse> AllSilences(Services& services) {
  LANEMQ_ASSIGN_OR_RETURN(const core::AlertSettings settings,
                          services.alerts.LoadSettings(Deadline::After(services.clock, kTimeout)));
  idl::SilencesResponse out;
  for (const core::AlertSilence& silence : settings.silences) {
    out.silences.push_back(ToWire(silence));
  }
  return out;
}

}  // namespace

Result<idl::SilencesResponse> SilenceAlert(Services& services,
                                           const idl::SilenceAlertRequest& request,
                                           const core::AuditNote& note) {
  core::AlertSilence silence;
  silence.kind = request.kind;
  silence.subject = request.subject;
  silence.reason = request.reason;
  silence.created_by = PersonOf(services.guard, note, request.created_by);
  const std::chrono::milliseconds length{request.for_ms};
  LANEMQ_RETURN_IF_ERROR(core::CheckSilence(silence, length));
  LANEMQ_ASSIGN_OR_RETURN(
      silence,
      services.alerts.Silence(silence, length, note, Deadline::After(services.clock, kTimeout)));
  return AllSilences(services);
}

Result<idl::SilencesResponse> EndSilence(Services& services, const idl::EndSilenceRequest& request,
                                         const core::AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(
      services.alerts.EndSilence(request.id, note, Deadline::After(services.clock, kTimeout)));
  return AllSilences(services);
}

Result<idl::SilencesResponse> ListSilences(Services& services,
                                           const idl::ListSilencesRequest& /*request*/) {
  return AllSilences(services);
}

}  // namespace lanemq::metaserver
