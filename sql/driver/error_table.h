#pragma once

#include <span>
#include <string_view>

#include "common/base/error.h"

namespace lanemq::sql {

/// What the server or the client library was asked to do when it failed.
enum class Phase {
  kConnect,        ///< Opening a session. Nothing can have happened.
  kRead,           ///< A statement that changes nothing.
  kInTransaction,  ///< Before COMMIT was sent: what is lost is rolled back.
  kWrite,          ///< An autocommitted write, DDL or COMMIT: a lost answer leaves it open.
};

/// One MySQL or MariaDB error number and what callers should do about it.
struct ErrorRow {
  int number;
  std::string_view symbol;   ///< The server's or client library's name of it.
  ErrorCode without_effect;  ///< In every phase but kWrite.
  ErrorCode when_writing;    ///< In phase kWrite.
  bool breaks_connection;    ///< The session cannot be used again.
};

/// The one list. Numbers that are not in it are kUnknownServerError and break the connection.
[[nodiscard]] std::span<const ErrorRow> ErrorTable();

/// The row of `number`; a row for unknown numbers when it is not listed.
[[nodiscard]] const ErrorRow& RowOf(int number);

/// The Error for `number` in `phase`; `text` is the server's message.
[[nodiscard]] Error Classify(int number, std::string_view text, Phase phase);

}  // namespace lanemq::sql
