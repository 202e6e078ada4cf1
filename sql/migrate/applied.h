#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "sql/migrate/migration.h"

namespace lanemq::sql {

/// A row of schema_migrations.
struct AppliedMigration {
  int number = 0;
  std::string name;
  std::string checksum;
};

/// OK when `applied` is a beginning of `known`; kFailedPrecondition, with what to do, otherwise.
/// Pure.
Status CompareMigrations(std::string_view schema, std::span<const Migration> known,
                         std::span<const AppliedMigration> applied);

}  // namespace lanemq::sql
