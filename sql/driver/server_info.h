#pragma once

#include <cstdint>
#include <string>

#include "common/core/store/message_store.h"

namespace lanemq::sql {

enum class ServerKind { kMySql, kMariaDb };

/// The settings that decide whether a commit survives a crash of the server's machine.
struct Durability {
  std::int64_t flush_log_at_trx_commit = 0;  ///< innodb_flush_log_at_trx_commit
  std::int64_t sync_binlog = 0;
  bool has_binlog = false;

  /// Acknowledged rows survive a power cut: redo synced at each commit, and the binlog, if any,
  /// as well.
  [[nodiscard]] bool IsFull() const {
    return flush_log_at_trx_commit == 1 && (!has_binlog || sync_binlog == 1);
  }
};

/// What a session learnt of its server when it was opened or checked again.
struct ServerInfo {
  core::ServerIdentity identity;  ///< host:port/server_id/uuid/data directory
  ServerKind kind = ServerKind::kMySql;
  std::string version;
  std::int64_t max_allowed_packet = 0;
  bool is_read_only = false;
  Durability durability;
};

}  // namespace lanemq::sql
