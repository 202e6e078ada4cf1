#pragma once

#include <functional>
#include <optional>
#include <string>

#include "sql/driver/statement.h"

namespace lanemq::sql {

/// "2026-11-21 05:00:00.000000" instead of the database's clock, for tests; nullopt or an empty
/// function: the database's clock, which is the only judge of leases and heartbeats.
/// Called from any thread.
using MetaNow = std::function<std::optional<std::string>()>;

/// The time parameter of one statement or transaction. Must outlive the Param.
class NowParam {
 public:
  explicit NowParam(const MetaNow& now) {
    if (now) text_ = now();
  }
  [[nodiscard]] Param get() const {
    return text_ ? Param{std::string_view(*text_)} : Param{SqlNull{}};
  }

 private:
  std::optional<std::string> text_;
};

}  // namespace lanemq::sql
