#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "client/outbox_relay/relay.h"
#include "client/src/publisher/cluster_publisher.h"
#include "common/base/error.h"
#include "common/core/store/outbox_store.h"

namespace lanemq::client {

/// What is in the outbox, as it was read last.
struct Backlog {
  std::optional<core::OutboxStats> stats;  ///< nullopt: never read.
  std::chrono::nanoseconds age{0};         ///< Since it was read.
  std::optional<Error> error;              ///< Why it could not be read since then.

  /// Of the oldest message that waits; 0: none does, or it was never read. While the outbox cannot
  /// be read, the time since the last reading is added, also to 0: rows may have come since.
  [[nodiscard]] std::chrono::nanoseconds OldestAge() const {
    if (!stats) return std::chrono::nanoseconds{0};
    return error ? stats->oldest_age + age : stats->oldest_age;
  }
};

/// A relay's process at one moment, for metrics and pages.
struct RelayPicture {
  RelayStats relay;
  PublishCounts publish;
  Backlog backlog;
  std::int64_t archived_rows_deleted = 0;
  std::string cluster_id;              ///< Empty: the cluster is not known yet.
  std::int64_t metadata_version = -1;  ///< Likewise.
  std::string wake_address;            ///< Empty: it cannot be woken.
  std::int64_t wake_datagrams = 0;
  std::int64_t wakes = 0;
  bool is_installing = false;  ///< The tables are being made; nothing else happens.
  std::optional<Error> install_error;
  bool is_stopping = false;

  /// It has a session, and its database answers.
  [[nodiscard]] bool CanWork() const { return relay.session != 0 && !relay.store_error; }
  /// It works: it can, and it knows a cluster to publish to.
  [[nodiscard]] bool IsReady() const { return CanWork() && metadata_version >= 0 && !is_stopping; }
};

}  // namespace lanemq::client
