#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/types/audit.h"

namespace lanemq::testing {

/// The events of `audited` that are behind the first `known`.
inline std::vector<core::AuditEvent> Behind(std::size_t known,
                                            const std::vector<core::AuditEvent>& audited) {
  EXPECT_GE(audited.size(), known) << "nothing takes rows out of an audit log";
  if (audited.size() <= known) return {};
  return {audited.begin() + static_cast<std::ptrdiff_t>(known), audited.end()};
}

/// One event, of this object, that says what `note` says.
inline void ExpectOne(const std::vector<core::AuditEvent>& events, std::string_view kind,
                      std::string_view name, const core::AuditNote& note) {
  ASSERT_EQ(events.size(), 1u);
  const core::AuditEvent& event = events.front();
  EXPECT_EQ(event.change.object_kind, kind);
  EXPECT_EQ(event.change.object_name, name);
  EXPECT_EQ(event.result, core::AuditResult::kOk);
  EXPECT_EQ(event.note.actor, note.actor);
  EXPECT_EQ(event.note.on_behalf_of, note.on_behalf_of);
  EXPECT_EQ(event.note.source, note.source);
  EXPECT_EQ(event.note.request_id, note.request_id);
  EXPECT_EQ(event.note.action, note.action);
  EXPECT_EQ(event.note.reason, note.reason);
}

}  // namespace lanemq::testing
