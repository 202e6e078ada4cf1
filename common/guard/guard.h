#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/core/access/access_book.h"
#include "common/guard/refusal_limit.h"
#include "common/rpc/call_context.h"
#include "common/rpc/server.h"

namespace lanemq {

/// What a server asks before it serves: who is there, and may he do that. Both servers have one.
///
/// Off (development): everybody is anonymous and may do everything.
/// On, without a book: nobody is served (kMetadataUnavailable, to be retried) until the first book
/// arrives, but by authenticate and serverInfo.
/// Thread safety: every method from any thread. None blocks.
class Guard {
 public:
  Guard(bool is_on, const Clock& clock) : is_on_(is_on), clock_(clock) {}

  [[nodiscard]] bool is_on() const { return is_on_; }

  /// Takes the book, unless it is as old as the one at hand of the same cluster, or older. True
  /// when taken. Then call rpc::Server::CloseConnections(IsVoid()).
  bool Publish(std::shared_ptr<const core::AccessBook> book);
  /// Null before the first.
  [[nodiscard]] std::shared_ptr<const core::AccessBook> book() const;
  /// For rpc::Server::CloseConnections(): whether the newest book does not know the caller any
  /// more.
  [[nodiscard]] std::function<bool(const core::Caller&)> IsVoid() const;

  /// For rpc::ServerOptions::admit: the connection has said who it is, and that still holds.
  /// Whether he may is Check()'s to say, with the request.
  [[nodiscard]] std::optional<Error> Admit(const rpc::RequestHead& head) const;
  /// For rpc::ServerOptions::identify. Null: no such service, or it is disabled.
  [[nodiscard]] std::shared_ptr<const core::Caller> Identify(
      const std::string& certificate_name) const;

  /// Whose the token is. kAuthenticationFailed; kMetadataUnavailable before the first book.
  [[nodiscard]] Result<core::Caller> Authenticate(std::string_view token) const;

  /// Refuses unless all of `resources` are allowed; without any, unless the action is allowed on
  /// the cluster (kOperate, for an action on topics or groups). kTopicAuthorizationFailed,
  /// kGroupAuthorizationFailed or kClusterAuthorizationFailed, with principal, action and name, and
  /// what to do: "service:billing may not produce to topic 'orders': ask team 'shop', ...".
  /// kNothing is always allowed: Admit() has looked who is there. `caller` null: the connection has
  /// not said who it is; kAuthenticationFailed when on.
  [[nodiscard]] Status Check(const core::Caller* caller, core::Action action,
                             std::span<const core::Resource> resources) const;
  /// Of the cluster.
  [[nodiscard]] Status Check(const core::Caller* caller, core::Action action) const {
    return Check(caller, action, std::span<const core::Resource>());
  }
  [[nodiscard]] Status Check(const core::Caller* caller, core::Action action,
                             const core::Resource& resource) const {
    return Check(caller, action, std::span(&resource, 1));
  }

  /// How many refused tokens of one address are looked into.
  [[nodiscard]] RefusalLimit& refusals() const { return refusals_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  const bool is_on_;
  const Clock& clock_;
  mutable RefusalLimit refusals_;
  mutable Mutex mutex_;
  std::shared_ptr<const core::AccessBook> book_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq
