#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <list>
#include <memory>
#include <span>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>

#include "lanemq/sql_session.h"

namespace lanemq {

/// A SqlSession on a connection of MySQL Connector/C++ (the JDBC API, any version). Header-only:
/// the application links the connector that it uses anyway.
///
///   lanemq::ConnectorSession session(connection);   // Once per connection; keeps statements.
///   outbox->Append(session, record);
///
/// Keeps up to `kStatementsMax` prepared statements. No exception leaves it.
/// Commit with a statement (`execute("COMMIT")`): the connector's commit() ignores what the server
/// answers, in version 1.1 at least, and tells nobody when the transaction is gone.
/// Turn OPT_RECONNECT off: after a silent reconnect the connector would write outside of the
/// transaction that is lost.
/// Lifetime: destroy it before the connection.
class ConnectorSession final : public SqlSession {
 public:
  static constexpr std::size_t kStatementsMax = 8;

  explicit ConnectorSession(::sql::Connection& connection) : connection_(connection) {}
  ConnectorSession(const ConnectorSession&) = delete;
  ConnectorSession& operator=(const ConnectorSession&) = delete;

  Result<std::int64_t> Execute(std::string_view text, std::span<const SqlValue> params) override {
    try {
      ::sql::PreparedStatement& statement = Prepare(text);
      std::list<Bytes> bytes;  // The connector reads them when it executes.
      unsigned index = 1;
      for (const SqlValue& value : params) {
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
          statement.setInt64(index, *number);
        } else if (const auto* view = std::get_if<std::string_view>(&value)) {
          // As a blob: a string would be converted from the connection's character set.
          statement.setBlob(index, &bytes.emplace_back(*view).stream);
        } else {
          statement.setNull(index, 0);
        }
        ++index;
      }
      return static_cast<std::int64_t>(statement.executeUpdate());
    } catch (const ::sql::SQLException& e) {
      const int number = e.getErrorCode();
      const std::string what = e.what();
      // A statement that failed is not used again: its parameters may be half sent.
      Forget(text);
      return SqlError(number, what);
    } catch (const std::exception& e) {
      Forget(text);
      return Error{ErrorCode::kUnknownServerError, e.what()};
    }
  }

 private:
  /// Bytes as the stream that the connector wants, without a copy.
  struct Bytes {
    struct Buffer final : std::streambuf {
      explicit Buffer(std::string_view view) {
        char* const begin = const_cast<char*>(view.data());  // Only ever read.
        setg(begin, begin, begin + view.size());
      }
    };
    explicit Bytes(std::string_view view) : buffer(view), stream(&buffer) {}
    Buffer buffer;
    std::istream stream;
  };
  struct Prepared {
    std::string text;
    std::unique_ptr<::sql::PreparedStatement> statement;
  };

  /// The statement, prepared before or now, at the front; the least recently used one makes room.
  ::sql::PreparedStatement& Prepare(std::string_view text) {
    const auto found =
        std::find_if(prepared_.begin(), prepared_.end(),
                     [&](const Prepared& prepared) { return prepared.text == text; });
    if (found != prepared_.end()) {
      prepared_.splice(prepared_.begin(), prepared_, found);
    } else {
      if (prepared_.size() == kStatementsMax) prepared_.pop_back();
      std::unique_ptr<::sql::PreparedStatement> fresh(
          connection_.prepareStatement(::sql::SQLString(text.data(), text.size())));
      prepared_.push_front({std::string(text), std::move(fresh)});
    }
    return *prepared_.front().statement;
  }
  void Forget(std::string_view text) {
    prepared_.remove_if([&](const Prepared& prepared) { return prepared.text == text; });
  }

  ::sql::Connection& connection_;
  std::list<Prepared> prepared_;
};

}  // namespace lanemq
