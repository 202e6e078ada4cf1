#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/access/access_types.h"
#include "common/core/access/people_tokens.h"
#include "common/core/types/catalog.h"

namespace lanemq::broker {

/// What a metaserver answers to a heartbeat.
struct HeartbeatReply {
  std::int64_t metadata_version = 0;
  std::chrono::milliseconds interval{1'000};  ///< Until the next heartbeat.
  std::string cluster_id;
};

/// What the broker has already; empty and 0 before the first catalogue.
struct KnownCatalog {
  std::int64_t version = 0;
  std::string cluster_id;
};

/// Who may do what, as a metaserver tells it.
struct AccessReply {
  std::int64_t version = 0;
  std::string cluster_id;
  std::optional<core::AccessRecords> records;  ///< Absent: the version asked about is the newest.
  /// Of `records`: false when the metaserver is too old to know of people and quotas.
  bool is_whole = true;
  /// Instead of `records`: nothing else has changed.
  std::optional<core::PeopleTokens> people_tokens;
};

/// The book that the broker has.
struct KnownAccess {
  std::optional<std::int64_t> version;  ///< nullopt: it has none.
  std::int64_t rights_version = 0;      ///< Of it; 0: it is not known, or the whole book is wanted.
};

/// One metaserver's control plane, as far as a broker needs it. Blocking.
/// Implementations: RpcMetaClient; tests have a fake. Thread safety: every method from any thread.
/// Errors: those of the RPC client, and what the server declares.
class MetaClient {
 public:
  virtual ~MetaClient() = default;
  /// kInconsistentClusterId, and nothing is registered, when the server is not of
  /// `known.cluster_id`.
  virtual Result<HeartbeatReply> Heartbeat(const core::Endpoint& server, const core::Broker& self,
                                           const KnownCatalog& known, Deadline deadline) = 0;
  virtual Status Unregister(const core::Endpoint& server, core::BrokerId broker,
                            std::int64_t incarnation, Deadline deadline) = 0;
  /// nullopt: the version is still `known_version`.
  virtual Result<std::optional<core::CatalogSnapshot>> Catalog(const core::Endpoint& server,
                                                               std::int64_t known_version,
                                                               Deadline deadline) = 0;
  virtual Result<AccessReply> Access(const core::Endpoint& server, const KnownAccess& known,
                                     Deadline deadline) = 0;
};

}  // namespace lanemq::broker
