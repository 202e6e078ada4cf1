#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/access/access_json.h"
#include "common/core/access/quota_text.h"
#include "tests/conformance/fake_access_store.h"

namespace lanemq::testing {

/// Of what has a name; end() when there is none.
template <typename T>
auto FindNamed(std::vector<T>& all, std::string_view name) {
  return std::find_if(all.begin(), all.end(), [&](const T& one) { return one.name == name; });
}

inline Error Missing(ErrorCode code, const std::string& what) {
  return Error{code, "there is no " + what};
}

/// One change on a copy of everything.
class FakeAccessStore::Change {
 public:
  Change(State before, core::AuditNote note, WallTime at)
      : state(std::move(before)), now(at), note_(std::move(note)) {}

  Status Tell(std::string kind, std::string name, std::string before, std::string after) {
    has_changed = true;
    core::AuditEvent event;
    event.id = static_cast<std::int64_t>(state.events.size()) + 1;
    event.at = now;
    event.note = note_;
    event.change = {std::move(kind), std::move(name), std::move(before), std::move(after)};
    state.events.push_back(std::move(event));
    return {};
  }
  [[nodiscard]] bool HasTeam(std::string_view name) {
    return FindNamed(state.records.teams, name) != state.records.teams.end();
  }
  [[nodiscard]] bool HasService(std::string_view name) {
    return FindNamed(state.records.services, name) != state.records.services.end();
  }
  /// Takes out what `is_it` holds for, and tells of it.
  template <typename T, typename NameOf, typename Predicate>
  Status Erase(std::vector<T>& all, const std::string& kind, NameOf name_of, Predicate is_it) {
    for (const T& one : all) {
      if (is_it(one)) LANEMQ_RETURN_IF_ERROR(Tell(kind, name_of(one), ToJson(one), ""));
    }
    std::erase_if(all, is_it);
    return {};
  }

  State state;
  const WallTime now;
  bool has_changed = false;

 private:
  const core::AuditNote note_;
};

}  // namespace lanemq::testing
