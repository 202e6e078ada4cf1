#pragma once

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/types/audit.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/audit_rows.h"

namespace lanemq::testing {

/// Every row of the audit log of a metadata schema, the oldest first.
inline std::vector<core::AuditEvent> AuditedIn(sql::ConnectionPool& pool) {
  std::vector<core::AuditEvent> events;
  auto connection = pool.Checkout(
      sql::Access::kRead, Deadline::After(SystemClock::Instance(), std::chrono::seconds{20}));
  EXPECT_TRUE(connection.ok());
  if (!connection.ok()) return events;
  (*connection)->Text() =
      "SELECT id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), actor, on_behalf_of, source, "
      "request_id, action, object_kind, object_name, before_json, after_json, reason, result + 0 "
      "FROM audit_events ORDER BY id";
  const Status read = (*connection)->QueryText("audited", [&](const sql::Row& row) {
    events.push_back(sql::AuditEventFromRow(row));
    return true;
  });
  EXPECT_TRUE(read.ok()) << read.error().ToString();
  return events;
}

}  // namespace lanemq::testing
