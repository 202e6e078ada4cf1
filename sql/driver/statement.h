#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

namespace lanemq::sql {

/// A named statement of sql/statements/, embedded at build. Its text lives as long as the process.
struct Statement {
  std::string_view name;
  std::string_view text;
};

/// A Statement and what a test checks of it.
struct EmbeddedStatement {
  Statement statement;
  std::string_view database;    ///< "meta", "node" or "session": the default schema it needs.
  std::string_view uses_index;  ///< EXPLAIN must name this key; empty: not checked.
};

struct SqlNull {};

/// A value for a `?`. Strings are sent as the bytes they are; they must live until the call ends.
using Param = std::variant<SqlNull, std::int64_t, std::string_view>;

/// What a statement may leave behind when its answer is lost; decides how errors are classified.
enum class Access : std::uint8_t {
  kRead,   ///< Nothing.
  kWrite,  ///< Possibly its effect.
};

}  // namespace lanemq::sql
