#include "sql/store/facts_text.h"

#include <fmt/format.h>

namespace lanemq::sql {

std::string UsedBytesText(std::string_view prefix, ServerKind kind) {
  // Tablespaces, not information_schema.tables: those open every table, or answer from a cache of
  // a day. A prefix may begin as another one does: hence all of a schema's name.
  return fmt::format(
      "SELECT CAST(SUM(file_size) AS SIGNED) FROM information_schema.{} WHERE "
      "CONVERT(name USING utf8mb4) REGEXP CONVERT('^{}_([0-9]{{2}}|node)/' USING utf8mb4)",
      kind == ServerKind::kMariaDb ? "innodb_sys_tablespaces" : "innodb_tablespaces", prefix);
}

}  // namespace lanemq::sql
