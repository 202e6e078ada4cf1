#pragma once

#include <chrono>
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
#include "common/guard/auth_mode.h"
#include "common/guard/refusal_limit.h"
#include "common/guard/refusal_log.h"
#include "common/guard/sightings.h"
#include "common/rpc/call_context.h"
#include "common/rpc/server.h"

namespace lanemq {

/// What a server asks before it serves: who is there, and may he do that. Both servers have one.
///
/// Off (development): everybody is anonymous and may do everything.
/// Observing: everybody is served; what would have been refused is counted by method, and logged.
/// On, without a book: nobody is served (kMetadataUnavailable, to be retried) until the first book
/// arrives, but by authenticate, signIn and serverInfo.
/// Thread safety: every method from any thread. None blocks.
class Guard {
 public:
  Guard(AuthMode mode, const Clock& clock) : mode_(mode), clock_(clock) {}
  /// On or off.
  Guard(bool is_on, const Clock& clock)
      : Guard(is_on ? AuthMode::kToken : AuthMode::kNone, clock) {}

  [[nodiscard]] AuthMode mode() const { return mode_; }
  /// Whoever may not is refused.
  [[nodiscard]] bool is_on() const { return mode_ == AuthMode::kToken; }
  /// It is asked who is there and what he may do: on, or observing.
  [[nodiscard]] bool asks() const { return mode_ != AuthMode::kNone; }

  /// Before anybody is served: a token that the book does not have may have been issued a moment
  /// ago. It is answered kMetadataUnavailable, and `ask_again` is called, until Confirm() was told
  /// of a question asked `margin` after the token was first seen. `ask_again` must not block.
  void ExpectNewTokens(std::chrono::milliseconds margin, std::function<void()> ask_again);
  /// The book was found to be the newest, or replaced by it, when asked about at `asked_at`.
  void Confirm(MonotonicTime asked_at);

  /// Takes the book, unless it is as old as the one at hand of the same cluster, or older. True
  /// when taken. Then call rpc::Server::CloseConnections(IsVoid()). `is_more_complete`: also when
  /// it is as old: it has what the metaserver of the one at hand could not tell.
  bool Publish(std::shared_ptr<const core::AccessBook> book, bool is_more_complete = false);
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
  /// Of a token that was refused: it may be newer than the book, which is being asked for.
  [[nodiscard]] bool MayBeNew(std::string_view token) const;
  /// Whether the caller is a service of kind gateway.
  [[nodiscard]] bool IsGateway(const core::Caller& caller) const;

  /// Refuses unless all of `resources` are allowed; without any, unless the action is allowed on
  /// the cluster (kOperate, for an action on topics or groups). kTopicAuthorizationFailed,
  /// kGroupAuthorizationFailed or kClusterAuthorizationFailed, with principal, action and name, and
  /// what to do: "service:billing may not produce to topic 'orders': ask team 'shop', ...".
  /// kNothing is always allowed: Admit() has looked who is there. `caller` null: the connection has
  /// not said who it is; kAuthenticationFailed when on. Observing, all is OK, and counted.
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
  /// Where refused attempts are told.
  [[nodiscard]] RefusalLog& log() const { return log_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  [[nodiscard]] std::optional<Error> WhyNotAdmitted(const rpc::RequestHead& head) const;
  [[nodiscard]] Status Judge(const core::Caller* caller, core::Action action,
                             std::span<const core::Resource> resources) const;
  [[nodiscard]] bool IsValid(const core::AccessBook& book, const core::Caller& caller) const;

  const AuthMode mode_;
  const Clock& clock_;
  mutable RefusalLimit refusals_;
  mutable RefusalLog log_;
  std::unique_ptr<Sightings> sightings_;  // Null: the book is never behind.
  std::function<void()> ask_again_;
  mutable Mutex mutex_;
  std::shared_ptr<const core::AccessBook> book_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq
