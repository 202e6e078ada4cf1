#include "sql/store/access_change.h"

#include <utility>

#include "sql/statements/statements.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

/// Of one statement; its text stays far below the smallest max_allowed_packet in use, 16 MiB.
constexpr std::size_t kUntoldMax = 500;
constexpr std::size_t kUntoldBytesMax = 1'024 * 1'024;

}  // namespace

Status AccessChange::Tell(std::string_view kind, std::string name, std::string before,
                          std::string after, std::vector<core::AuditObject> also) {
  has_changed_ = true;
  core::AuditedChange told{std::string(kind), std::move(name), std::move(before), std::move(after),
                           std::move(also)};
  if (telling_ == Telling::kAtOnce) return change_.Tell(told);
  untold_bytes_ += told.before_json.size() + told.after_json.size();
  untold_.push_back(std::move(told));
  const bool is_full = untold_.size() >= kUntoldMax || untold_bytes_ >= kUntoldBytesMax;
  return is_full ? TellRest() : Status{};
}

Status AccessChange::TellRest() {
  LANEMQ_RETURN_IF_ERROR(change_.Tell(std::span<const core::AuditedChange>(untold_)));
  untold_.clear();
  untold_bytes_ = 0;
  return {};
}

Status ChangeAccessIn(SettledChange& settled, const std::function<Status(AccessChange&)>& body) {
  Connection& connection = settled.connection();
  LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kLockAccess, {})));
  // What nobody is shown must not be in anybody's way.
  LANEMQ_RETURN_IF_ERROR(
      ToStatus(connection.Update(statements::kPurgeEndedTokens, {settled.now()})));
  LANEMQ_RETURN_IF_ERROR(
      ToStatus(connection.Update(statements::kPurgeEndedGrants, {settled.now()})));
  AccessChange change(settled);
  LANEMQ_RETURN_IF_ERROR(body(change));
  if (!change.has_changed()) return {};
  return ToStatus(connection.Update(change.is_only_people_tokens()
                                        ? statements::kRaisePeopleVersion
                                        : statements::kRaiseAccessVersion,
                                    {}));
}

Status RunAccessChange(ConnectionPool& pool, const MetaNow& now, const core::AuditNote& note,
                       Deadline deadline, const std::function<Status(AccessChange&)>& body) {
  return RunSettled(pool, now, note, deadline,
                    [&](SettledChange& settled) { return ChangeAccessIn(settled, body); });
}

}  // namespace lanemq::sql
