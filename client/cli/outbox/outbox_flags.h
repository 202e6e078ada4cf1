#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/outbox.h"

/// What was typed of outboxes, before any database is asked: pure, but for the password's file.
namespace lanemq::cli {

/// How to get at a team's database, as typed.
struct OutboxDatabaseFlags {
  std::string database;  ///< HOST:PORT/SCHEMA
  std::string user;
  std::string password_file;
};

/// The same, understood.
struct OutboxLogin {
  std::string host;
  std::int32_t port = 0;
  std::string schema;
  std::string user;
  std::string password;
};

/// kInvalidRequest, with an example, when it is no HOST:PORT/SCHEMA, there is no user, or the
/// password's file cannot be read. Line ends at the end of the file are not of the password.
[[nodiscard]] Result<OutboxLogin> ReadLogin(const OutboxDatabaseFlags& flags);

/// "ready", "held", "dead" or "published".
[[nodiscard]] Result<core::OutboxState> ParseOutboxState(std::string_view text);
[[nodiscard]] std::string_view NameOf(core::OutboxState state);

/// Which rows a command changes, as typed.
struct OutboxChoice {
  std::vector<std::string> ids;
  bool is_all_dead = false;
  bool is_holds = false;  ///< `retry` only.
  std::string topic;      ///< Of all dead ones.
};

/// The ids, sorted, each once; empty with --all-dead and --holds. kInvalidRequest for words that
/// are no ids, and unless there is exactly one of ids, --all-dead and --holds. With `needs_topic`
/// --all-dead must have --topic.
[[nodiscard]] Result<std::vector<std::int64_t>> ReadChoice(const OutboxChoice& choice,
                                                           bool needs_topic);

}  // namespace lanemq::cli
