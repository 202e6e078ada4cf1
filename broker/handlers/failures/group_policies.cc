#include "broker/handlers/failures/group_policies.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "broker/handlers/by_node.h"
#include "common/base/log.h"
#include "common/base/mutex.h"
#include "common/rpc/wire/retry_policy.h"

namespace lanemq::broker {

bool ToWire(const CatalogView& view, const core::StoredRetryPolicy& stored, idl::GroupPolicy& out) {
  if (stored.topic) {
    const TopicEntry* topic = view.FindTopic(*stored.topic);
    if (topic == nullptr) return false;
    out.__set_topic(topic->topic->name);
  }
  out.policy = wire::ToWire(stored.policy);
  out.__set_at_us(stored.at.micros);
  out.__set_requested_by(stored.requested_by);
  return true;
}

struct GroupPoliciesHandler::SetState {
  SetState(idl::SetGroupPolicyRequest&& r, rpc::Responder<idl::SetGroupPolicyResponse> to)
      : request(std::move(r)), responder(std::move(to)) {
    if (request.__isset.policy) policy = wire::FromWire(request.policy);
  }
  void Fail(const NodePart& part, const Error& e) {
    MutexLock lock(mutex);
    error = ErrorOf(*view, part.node, e);
  }
  void Respond() {
    MutexLock lock(mutex);
    if (error) return responder.Fail(*error);
    LANEMQ_LOG(INFO, policy ? "group.policy_set" : "group.policy_removed", {"group", request.group},
               {"topic", request.topic}, {"by", request.requested_by},
               {"policy", policy ? core::RetryPolicyToText(*policy) : ""});
    responder.Respond({});
  }

  const idl::SetGroupPolicyRequest request;
  const rpc::Responder<idl::SetGroupPolicyResponse> responder;
  std::optional<core::RetryPolicy> policy;
  std::shared_ptr<const CatalogView> view;  // Both set before anything runs.
  std::optional<core::TopicId> topic;
  Mutex mutex;
  std::optional<Error> error LANEMQ_GUARDED_BY(mutex);
};

Status GroupPoliciesHandler::Check(const idl::SetGroupPolicyRequest& request) const {
  LANEMQ_RETURN_IF_ERROR(CheckGroup(request.group, context_.limits));
  LANEMQ_RETURN_IF_ERROR(CheckNote(request.requested_by, ""));
  if (request.__isset.policy) {
    LANEMQ_RETURN_IF_ERROR(core::CheckRetryPolicy(wire::FromWire(request.policy)));
  }
  return CheckCluster(context_.catalog, request);
}

void GroupPoliciesHandler::Handle(idl::SetGroupPolicyRequest&& request,
                                  rpc::Responder<idl::SetGroupPolicyResponse> responder) {
  if (const Status checked = Check(request); !checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  auto state = std::make_shared<SetState>(std::move(request), std::move(responder));
  std::vector<std::string> topics;
  if (state->request.__isset.topic) topics.push_back(state->request.topic);
  WithTopics(context_.catalog, topics, [this, state](std::shared_ptr<const CatalogView> view) {
    state->view = std::move(view);
    Begin(state);
  });
}

void GroupPoliciesHandler::Begin(const std::shared_ptr<SetState>& state) {
  if (state->request.__isset.topic) {
    const auto topic = TopicIdOf(*state->view, state->request.topic);
    if (!topic.ok()) return state->responder.Fail(topic.error());
    state->topic = *topic;
  }
  const auto set = [this, state](const NodePart& part) {
    const Status done = context_.stores.RetriesOn(part.node)->SetPolicy(
        state->request.group, state->topic, state->policy,
        NoteOf(state->responder.context().get(), "setGroupPolicy", {"group", state->request.group},
               state->request.requested_by, ""),
        SqlDeadline());
    if (!done.ok()) state->Fail(part, done.error());
  };
  RunOnNodes(
      context_.workers, EveryNode(*state->view), set,
      [state](const NodePart& part, const Error& error) { state->Fail(part, error); },
      [this, state] {
        policies_.Forget(state->request.group);
        state->Respond();
      });
}

struct GroupPoliciesHandler::ListState {
  ListState(std::string g, std::shared_ptr<const CatalogView> v,
            rpc::Responder<idl::GroupPoliciesResponse> to)
      : group(std::move(g)), view(std::move(v)), responder(std::move(to)) {}

  void Fail(const NodePart& part, const Error& e) {
    MutexLock lock(mutex);
    error = ErrorOf(*view, part.node, e);
  }
  void Add(const NodePart& part, const std::vector<core::StoredRetryPolicy>& rows) {
    MutexLock lock(mutex);
    for (const core::StoredRetryPolicy& row : rows) {
      idl::GroupPolicy policy;
      if (!ToWire(*view, row, policy)) continue;
      policy.__set_node_id(part.node.value);
      response.policies.push_back(std::move(policy));
    }
  }
  void Respond() {
    MutexLock lock(mutex);
    if (error) return responder.Fail(*error);
    std::ranges::sort(response.policies, {}, [](const idl::GroupPolicy& policy) {
      return std::pair(policy.topic, policy.node_id);
    });
    responder.Respond(response);
  }

  const std::string group;
  const std::shared_ptr<const CatalogView> view;
  const rpc::Responder<idl::GroupPoliciesResponse> responder;
  Mutex mutex;
  idl::GroupPoliciesResponse response LANEMQ_GUARDED_BY(mutex);
  std::optional<Error> error LANEMQ_GUARDED_BY(mutex);
};

void GroupPoliciesHandler::Handle(const idl::GroupPoliciesRequest& request,
                                  rpc::Responder<idl::GroupPoliciesResponse> responder) {
  Status checked = CheckGroup(request.group, context_.limits);
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  auto state =
      std::make_shared<ListState>(request.group, context_.catalog.View(), std::move(responder));
  const auto list = [this, state](const NodePart& part) {
    const auto rows = context_.stores.RetriesOn(part.node)->Policies(state->group, SqlDeadline());
    if (!rows.ok()) return state->Fail(part, rows.error());
    state->Add(part, *rows);
  };
  RunOnNodes(
      context_.workers, EveryNode(*state->view), list,
      [state](const NodePart& part, const Error& error) { state->Fail(part, error); },
      [state] { state->Respond(); });
}

}  // namespace lanemq::broker
