#pragma once

#include "common/core/types/audit.h"
#include "lanemq_types.h"

namespace lanemq::metaserver {

// What a request to change something is about, for the audit row of a refused one. The names of
// kinds are those of the rows that changes write themselves.
[[nodiscard]] core::AuditedChange ObjectOf(const idl::CreateTopicRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::AlterTopicRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::AddPartitionsRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::DeleteTopicRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::UndeleteTopicRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::AddDataNodeRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::AlterDataNodeRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::UnregisterBrokerRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::DeleteGroupRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::ForgetOutboxRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::SetLagObjectiveRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::SetAlertRuleRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::SetAlertChannelRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::TestAlertChannelRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::SilenceAlertRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::EndSilenceRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::PutTeamRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::DeleteTeamRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::PutServiceRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::DeleteServiceRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::IssueTokenRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::RevokeTokenRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::PutGrantRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::DeleteGrantRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::SetOwnerRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::PutPersonRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::DeletePersonRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::SetPasswordRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::PutPolicyRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::ProposeChangeRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::ActOnChangeRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::PutQuotaRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::SetQuotaModeRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::MovePartitionsRequest& request);
[[nodiscard]] core::AuditedChange ObjectOf(const idl::CancelMovesRequest& request);

}  // namespace lanemq::metaserver
