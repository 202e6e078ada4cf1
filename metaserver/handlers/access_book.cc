// What decides, for servers that decide, and for people who wonder.
#include "metaserver/handlers/access_book.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "common/core/access/people_tokens.h"
#include "common/rpc/wire/access_book.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::int64_t kCutOffRetryMs = 500;

struct Question {
  core::Principal principal;
  core::Action action = core::Action::kNothing;
  core::Resource resource;
};

Error Invalid(std::string message) { return {ErrorCode::kInvalidRequest, std::move(message)}; }

Result<Question> FromWire(const idl::ExplainAccessRequest& request, const core::Caller& caller) {
  Question question;
  question.principal = caller.principal;
  if (request.__isset.principal) {
    const auto principal = core::PrincipalFromString(request.principal);
    if (!principal) return Invalid("a principal is service:NAME, team:NAME or person:NAME");
    question.principal = *principal;
  }
  const auto kind = core::ResourceKindFromString(request.kind);
  if (!kind) return Invalid("kind is topic, group or cluster");
  question.resource.kind = *kind;
  if (*kind != core::ResourceKind::kCluster) question.resource.name = request.name;
  const auto known = core::ActionsOf(*kind);
  const auto action = core::ActionFromString(request.action);
  if (!action || std::ranges::find(known, *action) == known.end()) {
    return Invalid(
        fmt::format("a {} has the actions {}", core::ToString(*kind), core::ListOf(known)));
  }
  question.action = *action;
  return question;
}

}  // namespace

Result<idl::ExplainAccessResponse> ExplainAccess(Services& services,
                                                 const idl::ExplainAccessRequest& request,
                                                 const rpc::CallContext& call) {
  const core::Caller caller = call.caller() ? *call.caller() : core::Caller{};
  LANEMQ_ASSIGN_OR_RETURN(const Question question, FromWire(request, caller));
  idl::ExplainAccessResponse out;
  if (question.principal == caller.principal && !services.guard.is_on()) {
    out.is_allowed = true;
    out.because = "authentication is off: everybody may do everything";
    return out;
  }
  if (question.principal != caller.principal) {
    LANEMQ_RETURN_IF_ERROR(services.guard.Check(&caller, core::Action::kOperate));
  }
  core::AccessVerdict verdict = services.guard.book()->Explain(
      question.principal, question.action, question.resource, services.clock.WallNow());
  out.is_allowed = verdict.is_allowed;
  out.because = std::move(verdict.because);
  return out;
}

bool HasNewestBook(const Services& services, const idl::AccessBookRequest& request) {
  return request.__isset.version && request.version == services.guard.book()->version();
}

namespace {

Status CheckFresh(bool is_fresh, const idl::AccessBookRequest& request) {
  if (!request.__isset.version || is_fresh) return {};
  return Error{ErrorCode::kMetadataUnavailable,
               "this metaserver is cut off from the metadata database, or that has an older book: "
               "ask another",
               kCutOffRetryMs};
}

}  // namespace

Result<idl::AccessBookResponse> TellBook(const core::AccessBook& book, bool is_fresh,
                                         const idl::AccessBookRequest& request) {
  LANEMQ_RETURN_IF_ERROR(CheckFresh(is_fresh, request));
  const core::AccessRecords& records = book.records();
  if (!request.__isset.version || request.version != records.version) {
    return wire::ToWire(records);
  }
  idl::AccessBookResponse unchanged;
  unchanged.version = records.version;
  unchanged.cluster_id = records.cluster_id;
  return unchanged;
}

std::shared_ptr<const idl::AccessBookResponse> BookReplies::Of(
    const std::shared_ptr<const core::AccessBook>& book) {
  MutexLock lock(mutex_);
  if (book_ != book) {
    reply_ = std::make_shared<const idl::AccessBookResponse>(wire::ToWire(book->records()));
    book_ = book;
  }
  return reply_;
}

std::shared_ptr<const idl::AccessBookResponse> BookReplies::PeopleTokensOf(
    const std::shared_ptr<const core::AccessBook>& book) {
  MutexLock lock(mutex_);
  if (people_book_ != book) {
    people_reply_ = std::make_shared<const idl::AccessBookResponse>(
        wire::ToWire(core::PeopleTokensOf(book->records())));
    people_book_ = book;
  }
  return people_reply_;
}

bool HasRights(const core::AccessBook& book, const idl::AccessBookRequest& request) {
  const std::int64_t rights = book.records().rights_version;
  return request.__isset.version && request.__isset.rights_version && rights > 0 &&
         request.rights_version == rights;
}

Result<std::shared_ptr<const idl::AccessBookResponse>> WholeBook(
    Services& services, BookReplies& replies, const idl::AccessBookRequest& request) {
  // In this order: a book that is published meanwhile is newer than what was looked at.
  const bool is_fresh = services.book.is_fresh();
  LANEMQ_RETURN_IF_ERROR(CheckFresh(is_fresh, request));
  const auto book = services.guard.book();
  return HasRights(*book, request) ? replies.PeopleTokensOf(book) : replies.Of(book);
}

Result<idl::AccessBookResponse> AccessBook(Services& services,
                                           const idl::AccessBookRequest& request) {
  // In this order: a book that is published meanwhile is newer than what was looked at.
  const bool is_fresh = services.book.is_fresh();
  return TellBook(*services.guard.book(), is_fresh, request);
}

}  // namespace lanemq::metaserver
