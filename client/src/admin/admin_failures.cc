// Failed and delayed messages.
#include <utility>

#include "client/src/admin/admin_impl.h"
#include "client/src/admin/describe_failures.h"
#include "common/base/random.h"

namespace lanemq {
namespace {

std::vector<Redrive> DescribeAll(const idl::RedriveResponse& response) {
  std::vector<Redrive> jobs;
  for (const idl::Redrive& job : response.jobs) jobs.push_back(Describe(job));
  return jobs;
}

}  // namespace

Result<DeadLetterPage> Admin::ListDeadLetters(const DeadLetterFilter& filter,
                                              const std::string& after, std::int32_t max,
                                              bool with_bodies) {
  idl::ListDeadLettersRequest request;
  request.__set_filter(ToWire(filter));
  if (!after.empty()) request.__set_after(after);
  request.__set_max_count(max);
  request.__set_with_bodies(with_bodies);
  LANEMQ_ASSIGN_OR_RETURN(auto response,
                          impl_->Data(&rpc::DataPlaneClient::ListDeadLettersSync, request));
  DeadLetterPage page;
  for (idl::DeadLetter& letter : response.letters) {
    page.letters.push_back(Describe(std::move(letter)));
  }
  page.next = std::move(response.next_page);
  return page;
}

Result<std::vector<Redrive>> Admin::RedriveDeadLetters(const DeadLetterFilter& filter,
                                                       const RedriveOptions& options) {
  idl::RedriveRequest request;
  request.__set_id(options.id != 0 ? options.id : Random::FromSystem().PositiveId());
  request.__set_filter(ToWire(filter));
  request.__set_target(options.is_to_topic ? idl::RedriveTarget::TOPIC : idl::RedriveTarget::GROUP);
  request.__set_per_second(options.per_second);
  request.__set_requested_by(impl_->cluster().options().client_id);
  if (!options.note.empty()) request.__set_reason(options.note);
  LANEMQ_ASSIGN_OR_RETURN(const auto response,
                          impl_->Data(&rpc::DataPlaneClient::RedriveSync, request));
  return DescribeAll(response);
}

Result<std::vector<Redrive>> Admin::ListRedrives(const std::string& group, std::int64_t id) {
  idl::ListRedrivesRequest request;
  if (!group.empty()) request.__set_group(group);
  if (id != 0) request.__set_id(id);
  LANEMQ_ASSIGN_OR_RETURN(const auto response,
                          impl_->Data(&rpc::DataPlaneClient::ListRedrivesSync, request));
  return DescribeAll(response);
}

Result<std::vector<Redrive>> Admin::CancelRedrive(std::int64_t id, const std::string& note) {
  idl::CancelRedriveRequest request;
  request.__set_id(id);
  request.__set_requested_by(impl_->cluster().options().client_id);
  if (!note.empty()) request.__set_reason(note);
  LANEMQ_ASSIGN_OR_RETURN(const auto response,
                          impl_->Data(&rpc::DataPlaneClient::CancelRedriveSync, request));
  return DescribeAll(response);
}

Result<DroppedLetters> Admin::DropDeadLetters(const DeadLetterFilter& filter,
                                              const std::string& note) {
  idl::DropDeadLettersRequest request;
  request.__set_filter(ToWire(filter));
  request.__set_requested_by(impl_->cluster().options().client_id);
  if (!note.empty()) request.__set_reason(note);
  LANEMQ_ASSIGN_OR_RETURN(const auto response,
                          impl_->Data(&rpc::DataPlaneClient::DropDeadLettersSync, request));
  return DroppedLetters{response.dropped, response.is_complete};
}

Status Admin::SetRetryPolicy(const std::string& group, const std::optional<std::string>& topic,
                             const std::optional<RetryPolicy>& policy) {
  idl::SetGroupPolicyRequest request;
  request.__set_group(group);
  if (topic) request.__set_topic(*topic);
  if (policy) request.__set_policy(ToWire(*policy));
  request.__set_requested_by(impl_->cluster().options().client_id);
  LANEMQ_RETURN_IF_ERROR(impl_->Data(&rpc::DataPlaneClient::SetGroupPolicySync, request));
  return {};
}

Result<std::vector<GroupRetryPolicy>> Admin::RetryPolicies(const std::string& group) {
  idl::GroupPoliciesRequest request;
  request.__set_group(group);
  LANEMQ_ASSIGN_OR_RETURN(const auto response,
                          impl_->Data(&rpc::DataPlaneClient::GroupPoliciesSync, request));
  std::vector<GroupRetryPolicy> policies;
  for (const idl::GroupPolicy& policy : response.policies) policies.push_back(Describe(policy));
  return policies;
}

Result<std::vector<CancelState>> Admin::CancelDelayed(const std::vector<std::string>& handles) {
  idl::CancelRequest request;
  request.__set_handles(handles);
  LANEMQ_ASSIGN_OR_RETURN(const auto response,
                          impl_->Data(&rpc::DataPlaneClient::CancelDelayedSync, request));
  std::vector<CancelState> states;
  for (const idl::CancelOne& one : response.results) {
    LANEMQ_ASSIGN_OR_RETURN(const CancelState state, Describe(one));
    states.push_back(state);
  }
  return states;
}

}  // namespace lanemq
