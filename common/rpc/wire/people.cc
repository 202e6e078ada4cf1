#include "common/rpc/wire/people.h"

#include <array>
#include <string>
#include <utility>

#include "access_types.h"
#include "common/core/access/access_rules.h"
#include "governance_types.h"

namespace lanemq::wire {
namespace {

Error Unknown(const std::string& role) {
  return {ErrorCode::kInvalidRequest,
          "there is no role '" + role + "': it is viewer, operator or admin"};
}

}  // namespace

idl::BookPerson ToBook(const core::Person& person) {
  idl::BookPerson out;
  out.name = person.name;
  out.role = core::ToString(person.role);
  if (person.is_disabled) out.__set_disabled(true);
  if (person.must_change_password) out.__set_must_change_password(true);
  return out;
}

Result<core::Person> FromWire(const idl::BookPerson& person) {
  const auto role = core::PersonRoleFromString(person.role);
  if (!role) return Unknown(person.role);
  return core::Person{person.name, *role, person.disabled, person.must_change_password};
}

idl::Person ToWire(const core::PersonAccount& account,
                   const std::optional<WallTime>& locked_until) {
  const core::PersonProfile& profile = account.profile;
  idl::Person out;
  out.name = profile.person.name;
  if (!profile.display_name.empty()) out.__set_display_name(profile.display_name);
  if (!profile.email.empty()) out.__set_email(profile.email);
  out.__set_role(std::string(core::ToString(profile.person.role)));
  out.__set_disabled(profile.person.is_disabled);
  if (!profile.oidc_subject.empty()) out.__set_oidc_subject(profile.oidc_subject);
  out.__set_must_change_password(profile.person.must_change_password);
  out.__set_created_at_us(account.created_at.micros);
  if (account.last_sign_in_at) out.__set_last_sign_in_at_us(account.last_sign_in_at->micros);
  if (locked_until) out.__set_locked_until_us(locked_until->micros);
  return out;
}

Result<core::PersonProfile> FromWire(const idl::Person& person) {
  core::PersonProfile out;
  out.person.name = person.name;
  if (person.__isset.role) {
    const auto role = core::PersonRoleFromString(person.role);
    if (!role) return Unknown(person.role);
    out.person.role = *role;
  }
  out.person.is_disabled = person.__isset.disabled && person.disabled;
  out.display_name = person.display_name;
  out.email = person.email;
  out.oidc_subject = person.oidc_subject;
  return out;
}

idl::TeamQuota ToWire(const core::QuotaOfTeam& quota) {
  const core::TeamQuota& from = quota.quota;
  idl::TeamQuota out;
  out.team = quota.team;
  if (from.topics) out.__set_topics(*from.topics);
  if (from.partitions) out.__set_partitions(*from.partitions);
  if (from.stored_bytes) out.__set_stored_bytes(*from.stored_bytes);
  if (from.produce_bytes_per_s) out.__set_produce_bytes_per_s(*from.produce_bytes_per_s);
  if (from.fetch_bytes_per_s) out.__set_fetch_bytes_per_s(*from.fetch_bytes_per_s);
  if (from.messages_per_s) out.__set_messages_per_s(*from.messages_per_s);
  if (from.message_bytes_max) out.__set_message_bytes_max(*from.message_bytes_max);
  return out;
}

Result<core::QuotaOfTeam> FromWire(const idl::TeamQuota& quota) {
  core::QuotaOfTeam out;
  out.team = quota.team;
  core::TeamQuota& to = out.quota;
  if (quota.__isset.topics) to.topics = quota.topics;
  if (quota.__isset.partitions) to.partitions = quota.partitions;
  if (quota.__isset.stored_bytes) to.stored_bytes = quota.stored_bytes;
  if (quota.__isset.produce_bytes_per_s) to.produce_bytes_per_s = quota.produce_bytes_per_s;
  if (quota.__isset.fetch_bytes_per_s) to.fetch_bytes_per_s = quota.fetch_bytes_per_s;
  if (quota.__isset.messages_per_s) to.messages_per_s = quota.messages_per_s;
  if (quota.__isset.message_bytes_max) to.message_bytes_max = quota.message_bytes_max;
  for (const auto& amount :
       std::array{to.topics, to.partitions, to.stored_bytes, to.produce_bytes_per_s,
                  to.fetch_bytes_per_s, to.messages_per_s, to.message_bytes_max}) {
    if (amount.value_or(0) < 0) {
      return Error{ErrorCode::kInvalidRequest, "a quota is 0 or more: " + quota.team};
    }
  }
  return out;
}

}  // namespace lanemq::wire
