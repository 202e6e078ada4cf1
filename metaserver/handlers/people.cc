// People and their passwords. No password leaves this file but as a hash.
#include "common/rpc/wire/people.h"

#include <utility>

#include <fmt/format.h>

#include "common/base/password.h"
#include "common/core/access/access_rules.h"
#include "metaserver/access/changed_object.h"
#include "metaserver/access/sign_in.h"
#include "metaserver/handlers/access_deadline.h"
#include "metaserver/handlers/handlers.h"
#include "metaserver/handlers/own_things.h"

namespace lanemq::metaserver {
namespace {

idl::Person Described(const Services& services, const core::PersonAccount& account) {
  return wire::ToWire(account, LockedUntil(account, services.clock.WallNow()));
}

/// The person as he is now, for the answer to a change.
Result<idl::PeopleResponse> AnswerWith(Services& services, const std::string& name) {
  LANEMQ_ASSIGN_OR_RETURN(const auto people, services.people.List(ForAccess(services)));
  idl::PeopleResponse out;
  for (const core::PersonAccount& account : people) {
    if (account.profile.person.name != name) continue;
    out.people.push_back(Described(services, account));
  }
  return out;
}

}  // namespace

Result<idl::PeopleResponse> PutPerson(Services& services, const idl::PutPersonRequest& request,
                                      const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(const core::PersonProfile person, wire::FromWire(request.person));
  LANEMQ_RETURN_IF_ERROR(core::CheckPerson(person));
  LANEMQ_RETURN_IF_ERROR(services.people.Put(person, note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  return AnswerWith(services, person.person.name);
}

Result<idl::PeopleResponse> DeletePerson(Services& services,
                                         const idl::DeletePersonRequest& request,
                                         const core::AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(core::CheckAccessName("person", request.name));
  LANEMQ_RETURN_IF_ERROR(services.people.Delete(request.name, note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  return idl::PeopleResponse();
}

Result<idl::PeopleResponse> ListPeople(Services& services,
                                       const idl::ListPeopleRequest& /*request*/,
                                       const rpc::CallContext& call) {
  const bool sees_all = MayDo(services, call, core::Action::kOperate);
  LANEMQ_ASSIGN_OR_RETURN(const auto people, services.people.List(ForAccess(services)));
  idl::PeopleResponse out;
  out.people.reserve(people.size());
  for (const core::PersonAccount& account : people) {
    const core::PersonProfile& profile = account.profile;
    if (sees_all || IsCaller(call, profile.person.name)) {
      out.people.push_back(Described(services, account));
      continue;
    }
    core::PersonAccount shown;
    shown.profile.person = profile.person;
    shown.profile.person.must_change_password = false;
    shown.profile.display_name = profile.display_name;
    shown.created_at = account.created_at;
    out.people.push_back(wire::ToWire(shown, std::nullopt));
  }
  return out;
}

Result<idl::SetPasswordResponse> SetPassword(Services& services,
                                             const idl::SetPasswordRequest& request,
                                             const core::AuditNote& note,
                                             const rpc::CallContext& call) {
  const bool is_own = IsCaller(call, request.name);
  if (!is_own) {
    LANEMQ_RETURN_IF_ERROR(MustAdminister(services, call, note, ObjectOf(request)));
  }
  LANEMQ_RETURN_IF_ERROR(core::CheckAccessName("person", request.name));
  LANEMQ_RETURN_IF_ERROR(core::CheckPassword(request.name, request.new_password));
  const Deadline deadline = ForPasswords(services);
  // Who sits down at an open session has not got the person's password by that.
  const bool is_proved = is_own || request.__isset.current_password;
  if (is_proved) {
    if (request.new_password == request.current_password) {
      return Error{ErrorCode::kInvalidRequest, "that is the password that he has: take another"};
    }
    const auto person = services.passwords.Verify(
        {request.name, request.current_password, AddressOf(call)}, deadline);
    if (!person.ok()) {
      TellRefusal(services, person.error(), note, request.name);
      return person.error();
    }
  }
  core::PasswordChange change;
  change.name = request.name;
  change.hash = HashPassword(request.new_password);
  change.must_change = !is_proved;
  if (is_own) change.session_to_keep = call.caller()->token_id;
  LANEMQ_RETURN_IF_ERROR(services.people.SetPassword(change, note, deadline));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  return idl::SetPasswordResponse();
}

}  // namespace lanemq::metaserver
