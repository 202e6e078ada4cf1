#pragma once

#include <string>
#include <utility>

#include "common/base/slow_log.h"
#include "sql/driver/options.h"

namespace lanemq::sql {

/// Writes down the statements of one database that took long, by their names. `log` outlives it.
class SlowStatements final : public StatementObserver {
 public:
  /// `where` is the database, for people.
  SlowStatements(SlowLog& log, std::string where) : log_(log), where_(std::move(where)) {}

  void OnStatement(std::string_view name, std::chrono::nanoseconds took,
                   const Error* error) override {
    if (!log_.IsSlow(SlowCall::Kind::kSql, took)) return;
    SlowCall call;
    call.kind = SlowCall::Kind::kSql;
    call.what = name;
    call.took = std::chrono::duration_cast<std::chrono::milliseconds>(took);
    call.detail = where_;
    if (error != nullptr) call.detail += ": " + std::string(NameOf(error->code));
    log_.Add(std::move(call));
  }

 private:
  SlowLog& log_;
  const std::string where_;
};

}  // namespace lanemq::sql
