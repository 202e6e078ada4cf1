#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "lanemq/sql_session.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {

enum class Adapter { kConnector, kCApi };

inline std::string NameOf(Adapter adapter) {
  return adapter == Adapter::kConnector ? "Connector" : "CApi";
}
inline void PrintTo(Adapter adapter, std::ostream* out) { *out << NameOf(adapter); }

/// An application with a connection of its own, as applications make them: utf8mb4, autocommit on.
/// One thread at a time.
class Caller {
 public:
  /// Connects; ends the process when that fails. An empty `schema`: none.
  static std::unique_ptr<Caller> Connect(Adapter adapter, const DatabaseServer& server,
                                         const std::string& schema);
  virtual ~Caller() = default;

  [[nodiscard]] virtual SqlSession& session() = 0;
  /// Runs a statement without parameters as the application does; "" or the error.
  virtual std::string Run(const std::string& text) = 0;
  /// The first column of the first row; "" for NULL and for no row.
  virtual std::string Value(const std::string& query) = 0;
  /// The server's number of this session.
  [[nodiscard]] std::int64_t Id() { return std::stoll(Value("SELECT CONNECTION_ID()")); }
};

}  // namespace lanemq::testing
