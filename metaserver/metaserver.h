#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "metaserver/options.h"
#include "metaserver/storage.h"

namespace lanemq::metaserver {

/// One metaserver, put together: catalogue, registry, jobs, RPC and admin servers.
///
/// Thread safety: Start() and Stop() from one owner; RequestStop() from any thread.
class Metaserver {
 public:
  /// `storage`'s stores and `clock` must outlive the metaserver.
  Metaserver(Options options, Storage storage, const Clock& clock = SystemClock::Instance());
  ~Metaserver();
  Metaserver(const Metaserver&) = delete;
  Metaserver& operator=(const Metaserver&) = delete;

  /// Opens the admin port, waits for the metadata database (for at most startup_timeout, with
  /// /readyz saying 503), then serves.
  /// Errors: kInvalidConfig when an address cannot be used; kFailedPrecondition when the schema
  /// does not fit this program; kMetadataUnavailable; kShuttingDown after RequestStop().
  Status Start();
  /// Makes a Start() that still waits return.
  void RequestStop();
  /// Answers what is running (for at most drain_timeout), gives the lease back. Idempotent.
  void Stop();

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t admin_port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq::metaserver
