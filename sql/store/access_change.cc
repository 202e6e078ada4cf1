#include "sql/store/access_change.h"

#include <utility>

#include "sql/statements/statements.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {

Status AccessChange::Tell(std::string_view kind, std::string name, std::string before,
                          std::string after, std::vector<core::AuditObject> also) {
  has_changed_ = true;
  return change_.Tell(
      {std::string(kind), std::move(name), std::move(before), std::move(after), std::move(also)});
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
  return ToStatus(connection.Update(statements::kRaiseAccessVersion, {}));
}

Status RunAccessChange(ConnectionPool& pool, const MetaNow& now, const core::AuditNote& note,
                       Deadline deadline, const std::function<Status(AccessChange&)>& body) {
  return RunSettled(pool, now, note, deadline,
                    [&](SettledChange& settled) { return ChangeAccessIn(settled, body); });
}

}  // namespace lanemq::sql
