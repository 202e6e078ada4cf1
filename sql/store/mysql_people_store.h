#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/store/people_store.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/access_change.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// People in the metadata schema. Changes are serialised with those of MySqlAccessStore: both hold
/// the row of access_state.
class MySqlPeopleStore final : public core::PeopleStore {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the store.
  explicit MySqlPeopleStore(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

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
  Status Run(const core::AuditNote& note, Deadline deadline,
             const std::function<Status(AccessChange&)>& body);

  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
