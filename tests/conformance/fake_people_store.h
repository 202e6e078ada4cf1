#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/mutex.h"
#include "common/core/store/people_store.h"
#include "tests/conformance/fake_access_store.h"

namespace lanemq::testing {

/// PeopleStore in memory, with the semantics of the real one (the same conformance suite) and
/// faults on request. What is in the book is kept in `access`, whose clock counts.
/// Thread safety: every method from any thread.
class FakePeopleStore final : public core::PeopleStore {
 public:
  /// `access` outlives this store.
  explicit FakePeopleStore(FakeAccessStore& access) : access_(access) {}

  /// The next change fails with `code`, before or after taking effect.
  void FailNextChange(ErrorCode code, bool after_effect);
  /// The audit rows that changes wrote, oldest first.
  [[nodiscard]] std::vector<core::AuditEvent> Events() const;

  Result<std::vector<core::PersonAccount>> List(Deadline deadline) override;
  Status Put(const core::PersonProfile& person, const core::AuditNote& note,
             Deadline deadline) override;
  Status Delete(std::string_view name, const core::AuditNote& note, Deadline deadline) override;
  Status SetPassword(const core::PasswordChange& change, const core::AuditNote& note,
                     Deadline deadline) override;
  Result<std::optional<core::SignInFacts>> FindForSignIn(std::string_view name,
                                                         Deadline deadline) override;
  Result<std::optional<core::PersonAccount>> FindBySubject(std::string_view subject,
                                                           Deadline deadline) override;
  Result<bool> CountAttempt(std::string_view name, int failures, Deadline deadline) override;
  Result<core::Token> AddToken(const core::Token& token, const core::AuditNote& note,
                               Deadline deadline) override;
  Status RevokeToken(std::string_view id, const core::AuditNote& note, Deadline deadline) override;

 private:
  struct Entry {
    core::PersonAccount account;
    std::string hash;
  };
  struct Fault {
    ErrorCode code;
    bool after_effect;
  };
  /// What a transaction changes: kept when it succeeds.
  struct Change {
    core::AccessRecords records;
    std::map<std::string, Entry, std::less<>> people;
    std::vector<core::AuditedChange> told;
    WallTime now;
    bool is_only_people_tokens = false;  ///< What is told: see AccessStore::LoadPeopleTokens().
    void Tell(std::string kind, std::string name, std::string before, std::string after) {
      told.push_back({std::move(kind), std::move(name), std::move(before), std::move(after)});
    }
    void EraseTokens(const std::function<bool(const core::Token&)>& is_it);
    /// Among the tokens of all people; false: there is none.
    [[nodiscard]] bool MakeRoom(bool is_session);
    [[nodiscard]] bool HasOtherAdmin(std::string_view name) const;
  };

  Status Run(const core::AuditNote& note, Deadline deadline,
             const std::function<Status(Change&)>& body);

  FakeAccessStore& access_;
  mutable Mutex mutex_;
  std::map<std::string, Entry, std::less<>> people_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<core::AuditEvent> events_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<Fault> faults_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::testing
