#pragma once

#include <string>
#include <utility>

#include "common/core/types/audit.h"

namespace lanemq::testing {

/// What the audit log is told of a test's changes: a service from a made-up address, and why.
inline core::AuditNote Note(std::string reason = "because the test wants it") {
  core::AuditNote note;
  note.actor = "service:test";
  note.on_behalf_of = "person:ann";
  note.source = "10.1.2.3:4567";
  note.request_id = "request-1";
  note.action = "testChange";
  note.reason = std::move(reason);
  return note;
}

}  // namespace lanemq::testing
