#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "portal/api/rpc_link/backend.h"
#include "portal/api/rpc_link/link_pool.h"

namespace lanemq::portal {

struct ClusterBackendOptions {
  std::vector<rpc::Endpoint> bootstrap;  ///< Brokers or metaservers; at least one.
  LinkOptions link;
  LinkPool::Options pool;
  /// The gateway's own token; absent or empty: the cluster asks nobody who he is.
  std::function<std::string()> token;
  /// How old what is known of the servers may be.
  std::chrono::milliseconds servers_age_max = std::chrono::seconds(5);
  /// After which another one is asked instead of who is on call (Target::kBestOnCall).
  std::chrono::milliseconds on_call_timeout = std::chrono::seconds(4);
  /// How long a call waits for a server that does not know yet who may come: it hears of a new
  /// token a moment after somebody has signed in.
  std::chrono::milliseconds new_token_patience = std::chrono::seconds(2);
};

/// The real cluster: finds its servers by `metadata`, and keeps each caller's connections.
class ClusterBackend final : public Backend {
 public:
  ClusterBackend(const Schema& schema, ClusterBackendOptions options);

  RpcReply Call(const Caller& caller, const BackendCall& call, Deadline deadline) override;
  RpcReply Identify(const Caller& caller, bool is_fresh, Deadline deadline) override;
  void Forget(const Caller& caller) override;

  /// A metaserver answers.
  Status CheckReady(Deadline deadline);
  /// Closes idle connections; now and then.
  void Sweep();
  [[nodiscard]] std::size_t idle_links() const { return pool_.size(); }

 private:
  struct Servers {
    std::vector<rpc::Endpoint> metaservers;
    std::vector<rpc::Endpoint> brokers;
  };

  Servers KnownServers(Deadline deadline);
  Result<Servers> AskForServers(Deadline deadline);
  [[nodiscard]] std::vector<rpc::Endpoint> Candidates(Target target, Deadline deadline);
  std::optional<rpc::Endpoint> OnCallServer(const Caller& caller, Deadline deadline);
  RpcReply CallOne(const rpc::Endpoint& endpoint, const Caller& caller, const BackendCall& call,
                   Deadline deadline);
  RpcReply CallNamed(const Caller& caller, const BackendCall& call, Deadline deadline);
  RpcReply CallAny(const std::vector<rpc::Endpoint>& endpoints, const Caller& caller,
                   const BackendCall& call, Deadline deadline);
  Result<KnownLink> OpenLink(const rpc::Endpoint& endpoint, const Caller& caller,
                             Deadline deadline);
  /// OpenLink(), and again while the server is about to learn of the caller's token.
  Result<KnownLink> OpenKnownLink(const rpc::Endpoint& endpoint, const Caller& caller,
                                  Deadline deadline);
  Status Authenticate(KnownLink& link, const Caller& caller, const std::string& own,
                      Deadline deadline);
  RpcReply RoundTrip(Link& link, const BackendCall& call, Deadline deadline);

  const Schema& schema_;
  const ClusterBackendOptions options_;
  const Clock& clock_ = SystemClock::Instance();
  LinkPool pool_;
  CondVar pause_;  // Of waits that nothing shortens.
  Mutex mutex_;
  Servers servers_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime servers_at_ LANEMQ_GUARDED_BY(mutex_);
  bool is_asking_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::size_t turn_ LANEMQ_GUARDED_BY(mutex_) = 0;  // Spreads calls over servers.
};

}  // namespace lanemq::portal
