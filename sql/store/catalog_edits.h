#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

#include "common/core/store/catalog_store.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

// Changes of topics as parts of one transaction that has locked the catalogue first and raises its
// version when something was changed. Each leaves its audit row. What CatalogStore promises of its
// methods of the same names holds of these, too. `now`: see MetaNow.

struct EditedTopic {
  core::TopicRecord record;
  bool is_changed = false;
};

/// `is_new` of what it answers: changed.
Result<core::BegunTopic> BeginCreateTopic(Connection& connection, Param now,
                                          const core::NewTopic& topic, const core::Placer& placer,
                                          const core::AuditNote& note);
Result<EditedTopic> BeginDeleteTopic(Connection& connection, Param now, std::string_view name,
                                     const core::AuditNote& note);
/// `keep`: for how long it can be brought back; 0: as BeginDeleteTopic().
Result<EditedTopic> MarkTopicDeleted(Connection& connection, Param now, std::string_view name,
                                     std::chrono::microseconds keep, const core::AuditNote& note);
Result<EditedTopic> UndeleteTopic(Connection& connection, Param now, std::string_view name,
                                  const core::AuditNote& note);
Result<EditedTopic> AlterTopic(Connection& connection, Param now, const core::TopicChange& change,
                               const core::AuditNote& note);
Result<EditedTopic> BeginAddPartitions(
    Connection& connection, Param now, std::string_view name, std::int32_t total,
    const std::function<core::Placer(const core::Topic&)>& placer, const core::AuditNote& note);

}  // namespace lanemq::sql
