#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/core/store/access_store.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/access_change.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// Identities and rights in the metadata schema. A change holds the row of access_state from its
/// first statement on, so it sees all that was changed before it, and limits hold.
class MySqlAccessStore final : public core::AccessStore {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the store.
  explicit MySqlAccessStore(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

  Result<std::int64_t> LoadVersion(Deadline deadline) override;
  Result<core::AccessRecords> Load(Deadline deadline) override;
  Result<std::optional<core::PeopleTokens>> LoadPeopleTokens(std::int64_t rights_version,
                                                             Deadline deadline) override;

  using core::AccessStore::PutTeam;
  Status PutTeam(const core::Team& team, std::optional<std::int64_t> if_version,
                 const core::AuditNote& note, Deadline deadline) override;
  Status DeleteTeam(std::string_view name, const core::AuditNote& note, Deadline deadline) override;
  Status PutService(const core::Service& service, const core::AuditNote& note,
                    Deadline deadline) override;
  Status DeleteService(std::string_view name, const core::AuditNote& note,
                       Deadline deadline) override;
  Result<core::Token> AddToken(const core::Token& token, const core::AuditNote& note,
                               Deadline deadline) override;
  Status RevokeToken(std::string_view id, const core::AuditNote& note, Deadline deadline) override;
  Result<core::Grant> PutGrant(const core::Grant& grant, const core::AuditNote& note,
                               Deadline deadline) override;
  Status DeleteGrant(std::int64_t id, const core::AuditNote& note, Deadline deadline) override;
  Status SetOwner(const core::Owner& owner, const core::AuditNote& note,
                  Deadline deadline) override;
  Status DeleteRightsOn(core::ResourceKind kind, std::string_view name, const core::AuditNote& note,
                        Deadline deadline) override;
  Status PutQuota(const core::QuotaOfTeam& quota, const core::AuditNote& note,
                  Deadline deadline) override;
  Status SetQuotaMode(core::QuotaMode mode, const core::AuditNote& note,
                      Deadline deadline) override;

 private:
  using Change = AccessChange;
  using Body = std::function<Status(Change&)>;

  Status Run(const core::AuditNote& note, Deadline deadline, const Body& body) {
    return RunAccessChange(pool_, now_, note, deadline, body);
  }

  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
