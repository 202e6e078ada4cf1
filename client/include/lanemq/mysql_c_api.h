#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mysql.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lanemq/sql_session.h"

namespace lanemq {

/// A SqlSession on a connection of the C API: libmariadb or libmysqlclient. Header-only: the
/// application links the library that it uses anyway.
///
///   lanemq::CApiSession session(mysql);   // Once per connection; keeps statements.
///   inbox->Claim(session, record);
///
/// Keeps up to `kStatementsMax` prepared statements. Turn MYSQL_OPT_RECONNECT off (the default):
/// after a silent reconnect the library would write outside of the transaction that is lost.
/// Lifetime: destroy it before mysql_close().
class CApiSession final : public SqlSession {
 public:
  static constexpr std::size_t kStatementsMax = 8;

  explicit CApiSession(MYSQL* connection) : connection_(connection) {}
  CApiSession(const CApiSession&) = delete;
  CApiSession& operator=(const CApiSession&) = delete;

  Result<std::int64_t> Execute(std::string_view text, std::span<const SqlValue> params) override {
    LANEMQ_ASSIGN_OR_RETURN(MYSQL_STMT* const statement, Prepare(text));
    if (mysql_stmt_param_count(statement) != params.size()) {
      return Error{ErrorCode::kInvalidRequest,
                   "the statement has " + std::to_string(mysql_stmt_param_count(statement)) +
                       " parameters, not " + std::to_string(params.size())};
    }
    std::vector<MYSQL_BIND> binds(params.size());
    std::vector<std::int64_t> numbers(params.size());
    for (std::size_t i = 0; i < params.size(); ++i) Bind(params[i], binds[i], numbers[i]);
    if ((!params.empty() && mysql_stmt_bind_param(statement, binds.data()) != 0) ||
        mysql_stmt_execute(statement) != 0) {
      Error error = ErrorOf(statement);
      Forget(text);
      return error;
    }
    return static_cast<std::int64_t>(mysql_stmt_affected_rows(statement));
  }

  [[nodiscard]] std::optional<bool> IsInTransaction() const override {
    const unsigned status = connection_->server_status;
    return (status & SERVER_STATUS_IN_TRANS) != 0 || (status & SERVER_STATUS_AUTOCOMMIT) == 0;
  }

 private:
  struct CloseStatement {
    void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
  };
  struct Prepared {
    std::string text;
    std::unique_ptr<MYSQL_STMT, CloseStatement> statement;
  };

  static void Bind(const SqlValue& value, MYSQL_BIND& bind, std::int64_t& number) {
    bind = MYSQL_BIND{};
    if (const auto* given = std::get_if<std::int64_t>(&value)) {
      number = *given;
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.buffer = &number;
    } else if (const auto* bytes = std::get_if<std::string_view>(&value)) {
      // A blob: a string would be converted from the connection's character set.
      bind.buffer_type = MYSQL_TYPE_BLOB;
      // Only ever read. Not null: that would be NULL.
      bind.buffer = const_cast<char*>(bytes->empty() ? "" : bytes->data());
      bind.buffer_length = static_cast<unsigned long>(bytes->size());
    } else {
      bind.buffer_type = MYSQL_TYPE_NULL;
    }
  }

  static Error ErrorOf(MYSQL_STMT* statement) {
    return SqlError(static_cast<int>(mysql_stmt_errno(statement)), mysql_stmt_error(statement));
  }

  /// The statement, prepared before or now, at the front; the least recently used one makes room.
  Result<MYSQL_STMT*> Prepare(std::string_view text) {
    const auto found =
        std::find_if(prepared_.begin(), prepared_.end(),
                     [&](const Prepared& prepared) { return prepared.text == text; });
    if (found != prepared_.end()) {
      prepared_.splice(prepared_.begin(), prepared_, found);
      return prepared_.front().statement.get();
    }
    if (prepared_.size() == kStatementsMax) prepared_.pop_back();
    std::unique_ptr<MYSQL_STMT, CloseStatement> fresh(mysql_stmt_init(connection_));
    if (fresh == nullptr) {
      return SqlError(static_cast<int>(mysql_errno(connection_)), mysql_error(connection_));
    }
    const auto size = static_cast<unsigned long>(text.size());
    if (mysql_stmt_prepare(fresh.get(), text.data(), size) != 0) return ErrorOf(fresh.get());
    prepared_.push_front({std::string(text), std::move(fresh)});
    return prepared_.front().statement.get();
  }
  void Forget(std::string_view text) {
    prepared_.remove_if([&](const Prepared& prepared) { return prepared.text == text; });
  }

  MYSQL* connection_;
  std::list<Prepared> prepared_;
};

}  // namespace lanemq
