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

Error NoLongerValid(const core::Caller& caller) {
  return {ErrorCode::kAuthenticationFailed,
          fmt::format("what {} authenticated with has expired or was revoked",
                      core::ToString(caller.principal))};
}

/// What may be asked by whoever has reached the port.
bool IsForAnybody(std::string_view method) {
  return method == "authenticate" || method == "serverInfo";
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
      return true;
  }
  return true;
}

Error Refused(const core::AccessBook& book, const core::Caller& caller, Action action,
              const core::Resource& resource) {
  const std::string principal = core::ToString(caller.principal);
  if (resource.kind == ResourceKind::kCluster) {
    return {ErrorCode::kClusterAuthorizationFailed,
            fmt::format("{} may not {} the cluster: it takes a service of another kind (lanemq "
                        "service put --kind)",
                        principal, VerbOf(action))};
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

bool Guard::Publish(std::shared_ptr<const core::AccessBook> book) {
  MutexLock lock(mutex_);
  const bool is_same_cluster =
      book_ != nullptr && book_->records().cluster_id == book->records().cluster_id;
  if (is_same_cluster && book->version() <= book_->version()) return false;
  book_.swap(book);  // The old one dies after the lock.
  return true;
}

std::shared_ptr<const core::AccessBook> Guard::book() const {
  MutexLock lock(mutex_);
  return book_;
}

std::function<bool(const core::Caller&)> Guard::IsVoid() const {
  if (!is_on_) return [](const core::Caller&) { return false; };
  return [book = book(), &clock = clock_](const core::Caller& caller) {
    return book != nullptr && !book->IsValid(caller, clock.WallNow());
  };
}

std::optional<Error> Guard::Admit(const rpc::RequestHead& head) const {
  if (!is_on_ || IsForAnybody(head.method)) return std::nullopt;
  if (head.caller == nullptr) return NotAuthenticated();
  const auto known = book();
  if (known == nullptr) return NoBook();
  if (!known->IsValid(*head.caller, clock_.WallNow())) return NoLongerValid(*head.caller);
  return std::nullopt;
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
  if (!is_on_) return core::Caller{};
  const auto known = book();
  if (known == nullptr) return NoBook();
  // What is no token at all is refused as any other, with the same message.
  const auto parsed = core::ParseToken(token);
  const core::TokenText text = parsed.value_or(core::TokenText{});
  return known->Authenticate(text.id, Sha256(text.secret), clock_.WallNow());
}

Status Guard::Check(const core::Caller* caller, Action action,
                    std::span<const core::Resource> resources) const {
  if (!is_on_ || action == Action::kNothing) return {};
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
