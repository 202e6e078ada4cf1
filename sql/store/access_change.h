#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/audit.h"
#include "sql/driver/connection.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"
#include "sql/store/settled_change.h"

namespace lanemq::sql {

/// One change of what decides who may do what, in its transaction. What it tells the audit log is
/// what it changed: nothing told, nothing changed. Not thread-safe; one owner.
class AccessChange {
 public:
  /// When what is told reaches the audit log: at once, or, where it may be of thousands of things,
  /// with what is told after it, and the last of it with TellRest().
  enum class Telling : std::uint8_t { kAtOnce, kTogether };

  explicit AccessChange(SettledChange& change, Telling telling = Telling::kAtOnce)
      : change_(change), telling_(telling) {}

  [[nodiscard]] Connection& connection() const { return change_.connection(); }
  [[nodiscard]] Param now() const { return change_.now(); }
  /// Documents are empty when there was, or is, none. `also`: see core::AuditedChange.
  Status Tell(std::string_view kind, std::string name, std::string before, std::string after,
              std::vector<core::AuditObject> also = {});
  /// Before the transaction ends, with kTogether.
  Status TellRest();
  [[nodiscard]] bool has_changed() const { return has_changed_; }
  /// What is told here is of tokens of people alone: servers keep the rest of their books.
  void OnlyPeopleTokens() { is_only_people_tokens_ = true; }
  [[nodiscard]] bool is_only_people_tokens() const { return is_only_people_tokens_; }

 private:
  SettledChange& change_;
  const Telling telling_;
  bool has_changed_ = false;
  bool is_only_people_tokens_ = false;
  std::vector<core::AuditedChange> untold_;
  std::size_t untold_bytes_ = 0;
};

/// Holds the row of access_state from here to the end of the transaction that `settled` is in, runs
/// `body`, and raises the version when it has told of a change. Whoever locks the catalogue as well
/// does that first.
Status ChangeAccessIn(SettledChange& settled, const std::function<Status(AccessChange&)>& body);

/// Runs `body`, which may be run again, in a transaction that holds the row of access_state from
/// its first statement on: it sees all that was changed before it, and limits hold. When `body`
/// has told of a change, the version is raised with it. Lost replies: see RunSettled(). Errors as
/// AccessStore's.
Status RunAccessChange(ConnectionPool& pool, const MetaNow& now, const core::AuditNote& note,
                       Deadline deadline, const std::function<Status(AccessChange&)>& body);

}  // namespace lanemq::sql
