#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// One term of ownership of a named resource.
struct Lease {
  std::string name;
  std::string owner;
  FencingToken token;
  bool operator==(const Lease&) const = default;
};

/// Who owns a named resource, and until when. The database's clock is the only judge of expiry.
///
/// Whoever holds a lease trusts it for a shorter time than the database does (core/lease), and puts
/// the token into every write made under it (Fence, catalog_store.h).
///
/// Implementations: sql::MySqlLeaseStore; it passes tests/conformance/lease_store_suite.h, and a
/// new one must too. Thread safety: every method from any thread.
/// Errors of every method: kMetadataUnavailable (of a data node's: kDataNodeUnavailable),
/// kThrottled: nothing was changed. kOutcomeUnknown:
/// the reply was lost; act as though the lease is NOT held, and acquire again when useful.
class LeaseStore {
 public:
  virtual ~LeaseStore() = default;

  /// Takes the lease if it is free or expired, or extends it if `owner` already holds it.
  ///
  /// `owner` names one incarnation of a process (at most 128 bytes): it must not be used by two at
  /// once, also not by a process and its restart. `name`: at most 128 bytes. `ttl` is more than 0.
  /// The token grows with each new term, also when the owner of an expired one comes back, and is
  /// never reused.
  /// Errors: kConflict when another owner holds it.
  virtual Result<Lease> Acquire(std::string_view name, std::string_view owner,
                                std::chrono::milliseconds ttl, Deadline deadline) = 0;

  /// Extends exactly this term, counted from now. kFenced when it has ended: it expired, was
  /// released, or somebody else holds the lease.
  virtual Status Renew(const Lease& lease, std::chrono::milliseconds ttl, Deadline deadline) = 0;

  /// Ends exactly this term early. Harmless when it has ended already.
  virtual Status Release(const Lease& lease, Deadline deadline) = 0;

  /// Every term that is running now of leases whose name begins with `prefix` (not empty), by name.
  /// To find holders; whoever is about to act on its own lease asks core/lease instead.
  virtual Result<std::vector<Lease>> Running(std::string_view prefix, Deadline deadline) = 0;
};

}  // namespace lanemq::core
