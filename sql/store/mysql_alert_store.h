#pragma once

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/store/alert_store.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"
#include "sql/store/settled_change.h"

namespace lanemq::sql {

/// Alerts in the metadata schema. What a metaserver on call writes is one transaction each, which
/// holds the lease's row: its term cannot end before.
class MySqlAlertStore final : public core::AlertStore {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the store.
  explicit MySqlAlertStore(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

  Result<core::AlertMemory> Load(Deadline deadline) override;
  Status Apply(const core::AlertChanges& changes, const core::Fence& fence,
               Deadline deadline) override;
  Result<std::vector<core::AlertNotice>> Due(std::string_view channel, std::int64_t epoch,
                                             std::size_t max, Deadline deadline) override;
  Status BeginSending(const core::AlertNotice& notice, const core::Fence& fence,
                      Deadline deadline) override;
  Status EndSending(const core::AlertNotice& notice, bool is_sent,
                    std::optional<std::chrono::milliseconds> retry_in, std::string_view answer,
                    const core::Fence& fence, Deadline deadline) override;
  Result<std::int64_t> Expire(std::int32_t max, const core::Fence& fence,
                              Deadline deadline) override;

  Result<core::AlertSettings> LoadSettings(Deadline deadline) override;
  Status SetRule(const core::AlertRuleChange& rule, std::string_view by,
                 const core::AuditNote& note, Deadline deadline) override;
  Status ResetRule(std::string_view kind, const core::AuditNote& note, Deadline deadline) override;
  Status SetChannel(const core::AlertChannel& channel, std::string_view by,
                    const core::AuditNote& note, Deadline deadline) override;
  Status RemoveChannel(std::string_view name, const core::AuditNote& note,
                       Deadline deadline) override;
  Result<std::vector<core::ChannelState>> ChannelStates(Deadline deadline) override;
  Result<core::AlertSilence> Silence(const core::AlertSilence& silence,
                                     std::chrono::milliseconds length, const core::AuditNote& note,
                                     Deadline deadline) override;
  Status EndSilence(std::int64_t id, const core::AuditNote& note, Deadline deadline) override;
  Status SetObjective(const core::ObjectiveRow& row, const core::AuditNote& note,
                      Deadline deadline) override;
  Status RemoveObjective(std::string_view group, std::string_view topic,
                         const core::AuditNote& note, Deadline deadline) override;
  Result<std::vector<core::Alert>> List(std::chrono::hours resolved_for, std::size_t max,
                                        Deadline deadline) override;
  Result<std::vector<core::AlertEvent>> ListEvents(std::string_view incident, std::size_t max,
                                                   Deadline deadline) override;

 private:
  using Body = std::function<Status(Connection&, Param now)>;

  /// A transaction under the fence, said of the metadata database.
  Status Fenced(const core::Fence& fence, Deadline deadline, const Body& body);
  Status Change(Deadline deadline, const Body& body);
  /// What people change: see RunSettled().
  Status Told(const core::AuditNote& note, Deadline deadline,
              const std::function<Status(SettledChange&)>& body) {
    return RunSettled(pool_, now_, note, deadline, body);
  }

  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
