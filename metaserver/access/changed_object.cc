#include "metaserver/access/changed_object.h"

#include <string>
#include <utility>

namespace lanemq::metaserver {
namespace {

core::AuditedChange Of(const char* kind, std::string name) {
  core::AuditedChange object;
  object.object_kind = kind;
  object.object_name = std::move(name);
  return object;
}

}  // namespace

core::AuditedChange ObjectOf(const idl::CreateTopicRequest& request) {
  return Of("topic", request.name);
}
core::AuditedChange ObjectOf(const idl::AlterTopicRequest& request) {
  return Of("topic", request.name);
}
core::AuditedChange ObjectOf(const idl::AddPartitionsRequest& request) {
  return Of("topic", request.name);
}
core::AuditedChange ObjectOf(const idl::DeleteTopicRequest& request) {
  return Of("topic", request.name);
}

core::AuditedChange ObjectOf(const idl::UndeleteTopicRequest& request) {
  return Of("topic", request.name);
}
core::AuditedChange ObjectOf(const idl::AddDataNodeRequest& request) {
  return Of("data_node", request.name);
}
core::AuditedChange ObjectOf(const idl::AlterDataNodeRequest& request) {
  return Of("data_node", request.name);
}
core::AuditedChange ObjectOf(const idl::UnregisterBrokerRequest& request) {
  return Of("broker", std::to_string(request.broker_id));
}
core::AuditedChange ObjectOf(const idl::DeleteGroupRequest& request) {
  return Of("group", request.group);
}
core::AuditedChange ObjectOf(const idl::ForgetOutboxRequest& request) {
  return Of("outbox", request.outbox);
}
core::AuditedChange ObjectOf(const idl::SetLagObjectiveRequest& request) {
  return Of("lag_objective", request.objective.group + "/" + request.objective.topic);
}
core::AuditedChange ObjectOf(const idl::SetAlertRuleRequest& request) {
  return Of("alert_rule", request.rule.kind);
}
core::AuditedChange ObjectOf(const idl::SetAlertChannelRequest& request) {
  return Of("alert_channel", request.channel.name);
}
core::AuditedChange ObjectOf(const idl::TestAlertChannelRequest& request) {
  return Of("alert_channel", request.name);
}
core::AuditedChange ObjectOf(const idl::SilenceAlertRequest& request) {
  return Of("silence", request.kind + "/" + request.subject);
}
core::AuditedChange ObjectOf(const idl::EndSilenceRequest& request) {
  return Of("silence", std::to_string(request.id));
}
core::AuditedChange ObjectOf(const idl::PutTeamRequest& request) {
  return Of("team", request.team.name);
}
core::AuditedChange ObjectOf(const idl::DeleteTeamRequest& request) {
  return Of("team", request.name);
}
core::AuditedChange ObjectOf(const idl::PutServiceRequest& request) {
  return Of("service", request.definition.name);
}
core::AuditedChange ObjectOf(const idl::DeleteServiceRequest& request) {
  return Of("service", request.name);
}
core::AuditedChange ObjectOf(const idl::IssueTokenRequest& request) {
  return request.__isset.person ? Of("person", request.person)
                                : Of("service", request.service_name);
}
core::AuditedChange ObjectOf(const idl::RevokeTokenRequest& request) {
  return Of("token", request.id);
}
core::AuditedChange ObjectOf(const idl::PutGrantRequest& request) {
  return Of(request.grant.kind == "group" ? "group" : "topic", request.grant.name);
}
core::AuditedChange ObjectOf(const idl::DeleteGrantRequest& request) {
  return Of("grant", std::to_string(request.id));
}
core::AuditedChange ObjectOf(const idl::SetOwnerRequest& request) {
  return Of("owner", request.kind + ":" + request.name);
}
core::AuditedChange ObjectOf(const idl::PutPersonRequest& request) {
  return Of("person", request.person.name);
}
core::AuditedChange ObjectOf(const idl::DeletePersonRequest& request) {
  return Of("person", request.name);
}
core::AuditedChange ObjectOf(const idl::SetPasswordRequest& request) {
  return Of("person", request.name);
}
core::AuditedChange ObjectOf(const idl::PutPolicyRequest& /*request*/) {
  return Of("policy", "policy");
}
core::AuditedChange ObjectOf(const idl::ProposeChangeRequest& request) {
  return Of("change_request", request.title);
}
core::AuditedChange ObjectOf(const idl::ActOnChangeRequest& request) {
  return Of("change_request", std::to_string(request.id));
}
core::AuditedChange ObjectOf(const idl::PutQuotaRequest& request) {
  return Of("quota", request.quota.team);
}
core::AuditedChange ObjectOf(const idl::SetQuotaModeRequest& /*request*/) {
  return Of("quota", "mode");
}
core::AuditedChange ObjectOf(const idl::MovePartitionsRequest& request) {
  if (request.wishes.empty()) return Of("data_node", request.evacuate_node);
  return Of("topic", request.wishes.front().topic);
}
core::AuditedChange ObjectOf(const idl::CancelMovesRequest& request) {
  if (request.ids.empty()) return Of("data_node", request.node);
  return Of("move", std::to_string(request.ids.front()));
}

}  // namespace lanemq::metaserver
