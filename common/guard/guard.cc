#include "common/guard/guard.h"

#include <utility>

#include <fmt/format.h>

#include "common/base/secure.h"
#include "common/core/access/access_rules.h"
#include "common/core/access/access_text.h"
#include "common/core/access/token_text.h"

namespace lanemq {
namespace {

using core::Action;
using core::ResourceKind;

constexpr std::int64_t kNoBookRetryMs = 500;

Error NoBook() {
  return {ErrorCode::kMetadataUnavailable,
          "this server does not know yet who may do what: no metaserver has told it",
          kNoBookRetryMs};
}

Error NotAuthenticated() {
  return {ErrorCode::kAuthenticationFailed,
          "this connection has not said who it is: call authenticate with a token first"};
}

Error MustChangePassword(const core::Caller& caller) {
  return {ErrorCode::kClusterAuthorizationFailed,
          fmt::format("{} has to set a password of his own first (lanemq person password)",
                      core::ToString(caller.principal))};
}

Error NoLongerValid(const core::Caller& caller) {
  return {ErrorCode::kAuthenticationFailed,
          fmt::format("what {} authenticated with has expired or was revoked",
                      core::ToString(caller.principal))};
}

/// What may be asked by whoever has reached the port.
bool IsForAnybody(std::string_view method) {
  return method == "authenticate" || method == "serverInfo" || method == "signIn";
}

/// What may be asked by a person who has to set a password of his own first.
bool IsForPasswordless(std::string_view method) {
  return method == "setPassword" || method == "signOut" || IsForAnybody(method);
}

/// "produce to", as in "may not produce to topic 'orders'".
std::string_view VerbOf(Action action) {
  switch (action) {
    case Action::kDescribe:
      return "describe";
    case Action::kProduce:
      return "produce to";
    case Action::kConsume:
      return "consume from";
    case Action::kPeek:
      return "read payloads of";
    case Action::kManage:
      return "manage";
    case Action::kNothing:
      return "use";
    case Action::kOperate:
      return "operate";
    case Action::kAdminister:
      return "administer";
    case Action::kServe:
      return "act as a server of";
    case Action::kActFor:
      return "open sessions of others on";
  }
  return "use";
}

bool IsAboutCluster(Action action) {
  switch (action) {
    case Action::kDescribe:
    case Action::kProduce:
    case Action::kConsume:
    case Action::kPeek:
    case Action::kManage:
      return false;
    case Action::kNothing:
    case Action::kOperate:
    case Action::kAdminister:
    case Action::kServe:
    case Action::kActFor:
      return true;
  }
  return true;
}

Error Refused(const core::AccessBook& book, const core::Caller& caller, Action action,
              const core::Resource& resource) {
  const std::string principal = core::ToString(caller.principal);
  if (resource.kind == ResourceKind::kCluster) {
    return {ErrorCode::kClusterAuthorizationFailed,
            fmt::format("{} may not {} the cluster: it takes {}", principal, VerbOf(action),
                        caller.principal.kind == core::PrincipalKind::kPerson
                            ? "another role (an admin gives it: lanemq person put --role)"
                            : "a service of another kind (lanemq service put --kind)")};
  }
  const std::string_view owner = book.OwnerOf(resource.kind, resource.name);
  const std::string whom =
      owner.empty() ? std::string("it is nobody's; ask an admin for a grant (lanemq acl grant)")
                    : fmt::format("ask team '{}' for a grant (lanemq acl grant)", owner);
  return {resource.kind == ResourceKind::kTopic ? ErrorCode::kTopicAuthorizationFailed
                                                : ErrorCode::kGroupAuthorizationFailed,
          fmt::format("{} may not {} {}: {}", principal, VerbOf(action), core::Described(resource),
                      whom)};
}

}  // namespace

bool Guard::Publish(std::shared_ptr<const core::AccessBook> book, bool is_more_complete) {
  const std::shared_ptr<const core::AccessBook> taken = book;
  {
    MutexLock lock(mutex_);
    const bool is_same_cluster =
        book_ != nullptr && book_->records().cluster_id == book->records().cluster_id;
    const std::int64_t from = book->version() + (is_more_complete ? 1 : 0);
    if (is_same_cluster && from <= book_->version()) return false;
    book_.swap(book);  // The old one dies after the lock.
  }
  if (sightings_ == nullptr || book == nullptr) return true;
  for (const core::Token& token : book->records().tokens) {
    if (taken->FindToken(token.id) == nullptr) sightings_->Gone(token.id);
  }
  return true;
}

std::shared_ptr<const core::AccessBook> Guard::book() const {
  MutexLock lock(mutex_);
  return book_;
}

std::function<bool(const core::Caller&)> Guard::IsVoid() const {
  if (!is_on()) return [](const core::Caller&) { return false; };
  return [book = book(), this](const core::Caller& caller) {
    return book != nullptr && !IsValid(*book, caller);
  };
}

bool Guard::IsValid(const core::AccessBook& book, const core::Caller& caller) const {
  if (!book.IsValid(caller, clock_.WallNow())) return false;
  if (caller.gateway.empty()) return true;
  const core::Service* gateway = book.FindService(caller.gateway);
  return gateway != nullptr && gateway->kind == core::ServiceKind::kGateway &&
         !gateway->is_disabled;
}

bool Guard::IsGateway(const core::Caller& caller) const {
  const auto known = book();
  if (known == nullptr || caller.principal.kind != core::PrincipalKind::kService) return false;
  const core::Service* service = known->FindService(caller.principal.name);
  return service != nullptr && service->kind == core::ServiceKind::kGateway;
}

std::optional<Error> Guard::Admit(const rpc::RequestHead& head) const {
  if (mode_ == AuthMode::kNone || IsForAnybody(head.method)) return std::nullopt;
  auto refusal = WhyNotAdmitted(head);
  if (mode_ == AuthMode::kToken || !refusal) return refusal;
  if (refusal->code != ErrorCode::kMetadataUnavailable) {
    log_.Observed({head.method, head.caller, head.peer, refusal->message}, clock_.Now());
  }
  return std::nullopt;
}

std::optional<Error> Guard::WhyNotAdmitted(const rpc::RequestHead& head) const {
  if (head.caller == nullptr) return NotAuthenticated();
  const auto known = book();
  if (known == nullptr) return NoBook();
  if (!IsValid(*known, *head.caller)) return NoLongerValid(*head.caller);
  if (head.caller->principal.kind == core::PrincipalKind::kPerson) {
    const core::Person* person = known->FindPerson(head.caller->principal.name);
    const bool is_locked_in = person != nullptr && person->must_change_password;
    if (is_locked_in && !IsForPasswordless(head.method)) return MustChangePassword(*head.caller);
  }
  return std::nullopt;
}

void Guard::ExpectNewTokens(std::chrono::milliseconds margin, std::function<void()> ask_again) {
  sightings_ = std::make_unique<Sightings>(Sightings::Options{.margin = margin});
  ask_again_ = std::move(ask_again);
}

void Guard::Confirm(MonotonicTime asked_at) {
  if (sightings_ != nullptr) sightings_->Confirm(asked_at);
}

bool Guard::MayBeNew(std::string_view token) const {
  if (sightings_ == nullptr) return false;
  const auto parsed = core::ParseToken(token);
  const auto known = book();
  if (!parsed || known == nullptr || known->FindToken(parsed->id) != nullptr) return false;
  if (!sightings_->MayBeNew(parsed->id, clock_.Now())) return false;
  if (ask_again_) ask_again_();
  return true;
}

std::shared_ptr<const core::Caller> Guard::Identify(const std::string& certificate_name) const {
  const auto known = book();
  if (known == nullptr) {
    // The certificate is proof of the name; whether the name counts, the first book will tell.
    return std::make_shared<const core::Caller>(
        core::Caller{{core::PrincipalKind::kService, certificate_name}, {}});
  }
  auto caller = known->AuthenticateService(certificate_name);
  if (!caller.ok()) return nullptr;
  return std::make_shared<const core::Caller>(*std::move(caller));
}

Result<core::Caller> Guard::Authenticate(std::string_view token) const {
  if (mode_ == AuthMode::kNone) return core::Caller{};
  const auto known = book();
  if (known == nullptr) return NoBook();
  // What is no token at all is refused as any other, with the same message.
  const auto parsed = core::ParseToken(token);
  const core::TokenText text = parsed.value_or(core::TokenText{});
  return known->Authenticate(text.id, Sha256(text.secret), clock_.WallNow());
}

Status Guard::Check(const core::Caller* caller, Action action,
                    std::span<const core::Resource> resources) const {
  if (mode_ == AuthMode::kNone || action == Action::kNothing) return {};
  Status allowed = Judge(caller, action, resources);
  if (mode_ == AuthMode::kToken || allowed.ok()) return allowed;
  const auto known = book();
  // Those who have not said who they are were counted by Admit().
  if (caller == nullptr || known == nullptr || !IsValid(*known, *caller)) return {};
  const auto call = rpc::CallContext::Current();
  log_.Observed({.method = call ? std::string_view(call->method()) : std::string_view(),
                 .caller = caller,
                 .peer = call ? std::string_view(call->peer()) : std::string_view(),
                 .why = allowed.error().message},
                clock_.Now());
  return {};
}

Status Guard::Judge(const core::Caller* caller, Action action,
                    std::span<const core::Resource> resources) const {
  if (caller == nullptr) return NotAuthenticated();
  const auto known = book();
  if (known == nullptr) return NoBook();
  const WallTime now = clock_.WallNow();
  if (resources.empty()) {
    const core::Resource cluster;
    const Action needed = IsAboutCluster(action) ? action : Action::kOperate;
    if (known->Allows(*caller, needed, cluster, now)) return {};
    return Refused(*known, *caller, needed, cluster);
  }
  for (const core::Resource& resource : resources) {
    if (!known->Allows(*caller, action, resource, now)) {
      return Refused(*known, *caller, action, resource);
    }
  }
  return {};
}

}  // namespace lanemq
