#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "portal/api/routes/route.h"
#include "portal/api/transcode/call_bytes.h"
#include "portal/api/transcode/schema.h"

namespace lanemq::portal {

/// Whose call it is.
struct Caller {
  std::string token;  ///< Empty: the gateway itself, or nobody when it has no token either.
  std::string client_address;  ///< Of the HTTP client, for the audit log.
};

/// One call to the cluster.
struct BackendCall {
  const MethodRow* method = nullptr;
  std::string_view request;  ///< The bytes of the request struct.
  Target target = Target::kMetaserver;
  /// HOST:PORT, as the cluster names its servers: this one alone, whatever the target. Empty: any.
  std::string_view server = {};
  /// A repetition changes nothing: another server may be asked when it is not known what the first
  /// one has done.
  bool is_read = false;
  /// The reply's list of which a page is wanted; null: all of the reply is.
  const ListPick* pick = nullptr;
};

/// The cluster as the gateway sees it. Errors of a reply are the server's, or kBrokerNotAvailable,
/// kNetworkException, kRequestTimedOut; kNotFound for a server that the cluster
/// does not name. Thread safety: every method from any thread; they block.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual RpcReply Call(const Caller& caller, const BackendCall& call, Deadline deadline) = 0;
  /// What `authenticate` answers about the caller: now, or, unless `is_fresh`, when one of his
  /// connections was made.
  virtual RpcReply Identify(const Caller& caller, bool is_fresh, Deadline deadline) = 0;
  /// The caller's connections are of no use any more.
  virtual void Forget(const Caller& caller) = 0;
};

}  // namespace lanemq::portal
