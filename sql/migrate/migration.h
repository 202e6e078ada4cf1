#pragma once

#include <string_view>

namespace lanemq::sql {

/// One file of sql/migrations, embedded at build: one re-runnable DDL statement.
struct Migration {
  int number;
  std::string_view name;      ///< The file's name without .sql.
  std::string_view checksum;  ///< SHA-256 of the file, in hex.
  std::string_view text;
};

}  // namespace lanemq::sql
