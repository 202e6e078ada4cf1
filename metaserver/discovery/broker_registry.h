#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/catalog_store.h"
#include "metaserver/catalog/snapshot_cache.h"

namespace lanemq::metaserver {

/// Takes the brokers' heartbeats.
///
/// They are written to the metadata database, whose clock judges silence. While the database does
/// not answer they are accepted in memory: brokers go on, nobody is evicted (the job that evicts
/// needs the database), and the next heartbeat after its return is written again.
/// Blocking. Thread safety: every method from any thread.
class BrokerRegistry {
 public:
  struct Options {
    std::chrono::milliseconds session_timeout{6'000};
    std::chrono::milliseconds call_timeout{2'000};
    /// Brokers remembered while the database is down.
    std::size_t remembered_max = 10'000;
  };

  BrokerRegistry(Options options, core::CatalogStore& store, SnapshotCache& cache,
                 const Clock& clock);

  /// Errors: kInvalidRequest; kFenced while another incarnation of the id lives.
  Status Heartbeat(const core::Broker& broker);
  /// Errors: kMetadataUnavailable: the session timeout will do it.
  Status Unregister(core::BrokerId id, std::int64_t incarnation, const core::AuditNote& note);
  /// Every broker as the database has it, or as the last catalogue had it.
  std::vector<core::Broker> List();

 private:
  struct Seen {
    std::int64_t incarnation = 0;
    core::Endpoint address;
    MonotonicTime at;
  };
  /// The answer while the database is down.
  Status AcceptInMemory(const core::Broker& broker) LANEMQ_EXCLUDES(mutex_);
  void Remember(const core::Broker& broker) LANEMQ_EXCLUDES(mutex_);
  /// A fenced broker asks every second: one line per ten seconds, with how many there were.
  void NoteRefusal(const core::Broker& broker, const Error& error) LANEMQ_EXCLUDES(mutex_);

  const Options options_;
  core::CatalogStore& store_;
  SnapshotCache& cache_;
  const Clock& clock_;
  Mutex mutex_;
  std::map<core::BrokerId, Seen> seen_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime quiet_until_ LANEMQ_GUARDED_BY(mutex_);
  std::int64_t unsaid_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

}  // namespace lanemq::metaserver
