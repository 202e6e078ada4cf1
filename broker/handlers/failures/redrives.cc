#include "broker/handlers/failures/redrives.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "broker/access/rights.h"
#include "broker/handlers/check_batch.h"
#include "broker/handlers/failures/dead_letter_wire.h"
#include "broker/handlers/failures/gather.h"
#include "common/base/log.h"

namespace lanemq::broker {
namespace {

constexpr std::int32_t kJobsMax = 1'000;  // What a data node keeps.
constexpr std::int32_t kPerSecondMax = 1'000'000;

using Jobs = std::vector<idl::Redrive>;
using ListCall = GatherCall<idl::ListRedrivesRequest, idl::RedriveResponse, idl::Redrive>;
using CancelCall = GatherCall<idl::CancelRedriveRequest, idl::RedriveResponse, idl::Redrive>;

Error Invalid(const char* message) { return {ErrorCode::kInvalidRequest, message}; }

std::string NodeName(const CatalogView& view, core::NodeId node) {
  const core::DataNode* found = view.FindNode(node);
  return found != nullptr ? found->name : std::to_string(node.value);
}

void Respond(const rpc::Responder<idl::RedriveResponse>& responder, Jobs&& jobs) {
  idl::RedriveResponse response;
  response.jobs = std::move(jobs);
  std::ranges::stable_sort(response.jobs, std::ranges::greater{}, &idl::Redrive::created_at_us);
  responder.Respond(response);
}

/// The node's job with `id`; nullopt: it has no letters that the redrive is about.
Result<std::optional<core::RedriveJob>> FindJob(core::DeadLetterStore& store, std::int64_t id,
                                                Deadline deadline) {
  auto job = store.GetRedrive(id, deadline);
  if (job.ok()) return std::optional(*std::move(job));
  if (job.error().code == ErrorCode::kNotFound) return std::optional<core::RedriveJob>();
  return job.error();
}

/// The node's newest jobs, of one group or, with "", of all; with an id, that one, however old.
Result<Jobs> JobsOf(core::DeadLetterStore& store, const std::string& data_node,
                    const std::string& group, std::int64_t id, Deadline deadline) {
  Jobs out;
  if (id != 0) {
    LANEMQ_ASSIGN_OR_RETURN(const auto job, FindJob(store, id, deadline));
    if (!job || (!group.empty() && job->filter.group != group)) return out;
    out.push_back(ToWire(*job, data_node));
    return out;
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto jobs, store.ListRedrives(group, false, kJobsMax, deadline));
  for (const core::RedriveJob& job : jobs) out.push_back(ToWire(job, data_node));
  return out;
}

}  // namespace

struct RedrivesHandler::BeginCall
    : GatherCall<idl::RedriveRequest, idl::RedriveResponse, idl::Redrive> {
  using GatherCall::GatherCall;
  std::map<core::NodeId, core::DeadLetterFilter> filters;
};

Status RedrivesHandler::Check(const idl::RedriveRequest& request) const {
  if (request.id <= 0) return Invalid("a redrive's id is 63 random bits, not 0");
  if (request.per_second < 0 || request.per_second > kPerSecondMax) {
    return Invalid("per_second is 0 to 1,000,000");
  }
  if (request.__isset.target && request.target != idl::RedriveTarget::GROUP &&
      request.target != idl::RedriveTarget::TOPIC) {
    return Invalid("a redrive's target is GROUP or TOPIC");
  }
  LANEMQ_RETURN_IF_ERROR(CheckFilter(request.filter, context_.limits));
  LANEMQ_RETURN_IF_ERROR(CheckNote(request.requested_by, request.reason));
  return CheckCluster(context_.catalog, request);
}

void RedrivesHandler::Handle(idl::RedriveRequest&& request,
                             rpc::Responder<idl::RedriveResponse> responder) {
  if (const Status checked = Check(request); !checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  const auto call = std::make_shared<BeginCall>(std::move(request), std::move(responder));
  WithTopics(context_.catalog, TopicsOf(call->request.filter),
             [this, call](std::shared_ptr<const CatalogView> view) {
               call->view = std::move(view);
               Begin(call);
             });
}

void RedrivesHandler::Begin(const std::shared_ptr<BeginCall>& call) {
  auto filters = SplitFilter(*call->view, call->request.filter);
  if (!filters.ok()) return call->responder.Fail(filters.error());
  call->filters = std::move(filters).value();
  context_.metrics.DeadLetterOperations("redrive").Increment();
  call->Run(
      context_.workers, PartsOf(call->filters),
      [this, call](const NodePart& part) -> Result<Jobs> {
        const idl::RedriveRequest& request = call->request;
        core::RedriveJob job;
        job.id = request.id;
        job.filter = call->filters.at(part.node);
        job.target = request.target == idl::RedriveTarget::TOPIC ? core::RedriveTarget::kTopic
                                                                 : core::RedriveTarget::kGroup;
        job.per_second = request.per_second;
        job.note = NoteOf(call->responder.context().get(), "redrive",
                          {"group", request.filter.group}, request.requested_by, request.reason);
        LANEMQ_ASSIGN_OR_RETURN(
            const core::RedriveJob begun,
            context_.stores.DeadLettersOn(part.node)->BeginRedrive(job, SqlDeadline()));
        return Jobs{ToWire(begun, NodeName(*call->view, part.node))};
      },
      [call](Jobs&& jobs) {
        const idl::RedriveRequest& request = call->request;
        LANEMQ_LOG(
            INFO, "dead_letters.redrive", {"group", request.filter.group}, {"id", request.id},
            {"to", request.target == idl::RedriveTarget::TOPIC ? "topic" : "group"},
            {"nodes", jobs.size()}, {"by", request.requested_by}, {"reason", request.reason});
        Respond(call->responder, std::move(jobs));
      });
}

void RedrivesHandler::Handle(const idl::ListRedrivesRequest& request,
                             rpc::Responder<idl::RedriveResponse> responder) {
  Status checked = CheckCluster(context_.catalog, request);
  if (checked.ok() && request.__isset.group) checked = CheckGroup(request.group, context_.limits);
  if (checked.ok() && request.__isset.id && request.id <= 0) {
    checked = Invalid("a redrive's id is at least 1");
  }
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  const auto call = std::make_shared<ListCall>(request, std::move(responder));
  call->view = context_.catalog.View();
  call->Run(
      context_.workers, EveryNode(*call->view),
      [this, call](const NodePart& part) {
        const auto store = context_.stores.DeadLettersOn(part.node);
        return JobsOf(*store, NodeName(*call->view, part.node), call->request.group,
                      call->request.id, SqlDeadline());
      },
      [call](Jobs&& jobs) { Respond(call->responder, std::move(jobs)); });
}

void RedrivesHandler::Handle(const idl::CancelRedriveRequest& request,
                             rpc::Responder<idl::RedriveResponse> responder, core::Action action) {
  Status checked = CheckCluster(context_.catalog, request);
  if (checked.ok()) checked = CheckNote(request.requested_by, request.reason);
  if (checked.ok() && request.id <= 0) checked = Invalid("a redrive's id is at least 1");
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  const auto call = std::make_shared<CancelCall>(request, std::move(responder));
  call->view = context_.catalog.View();
  context_.metrics.DeadLetterOperations("cancel").Increment();
  const Rights rights(context_.guard, context_.metrics, call->responder.context().get());
  call->Run(
      context_.workers, EveryNode(*call->view),
      [this, call, rights, action](const NodePart& part) -> Result<Jobs> {
        const idl::CancelRedriveRequest& asked = call->request;
        const auto store = context_.stores.DeadLettersOn(part.node);
        LANEMQ_ASSIGN_OR_RETURN(const auto job, FindJob(*store, asked.id, SqlDeadline()));
        if (!job) return Jobs{};
        LANEMQ_RETURN_IF_ERROR(rights.CheckGroup(action, job->filter.group));
        LANEMQ_RETURN_IF_ERROR(store->CancelRedrive(
            asked.id,
            NoteOf(call->responder.context().get(), "cancelRedrive", {"group", job->filter.group},
                   asked.requested_by, asked.reason),
            SqlDeadline()));
        return JobsOf(*store, NodeName(*call->view, part.node), "", asked.id, SqlDeadline());
      },
      [call](Jobs&& jobs) {
        const idl::CancelRedriveRequest& asked = call->request;
        if (jobs.empty()) {
          return call->responder.Fail(
              {ErrorCode::kNotFound, fmt::format("there is no redrive {}", asked.id)});
        }
        LANEMQ_LOG(INFO, "dead_letters.redrive_cancelled", {"group", jobs.front().group},
                   {"id", asked.id}, {"by", asked.requested_by}, {"reason", asked.reason});
        Respond(call->responder, std::move(jobs));
      });
}

struct RedrivesHandler::EditCall
    : GatherCall<idl::RedriveEditedRequest, idl::RedriveEditedResponse, core::FailedId> {
  using GatherCall::GatherCall;
  core::FailedId id;
  core::DeadLetterEdit edit;
};

namespace {

/// The edit that a request asks for, or why it cannot be: as for messages that are produced.
Result<core::DeadLetterEdit> EditOf(const idl::RedriveEditedRequest& request,
                                    std::size_t message_bytes_max, const core::Limits& limits) {
  if ((request.remove_key && request.__isset.key) ||
      (request.remove_body && request.__isset.body)) {
    return Invalid("what is removed cannot be replaced as well");
  }
  idl::ProducePartition batch;
  idl::Message& message = batch.messages.emplace_back();
  core::DeadLetterEdit edit;
  if (request.remove_key) edit.key = std::optional<std::string>();
  if (request.remove_body) edit.body = std::optional<std::string>();
  if (request.__isset.key) {
    message.__set_key(request.key);
    edit.key = std::optional(request.key);
  }
  if (request.__isset.body) {
    message.__set_body(request.body);
    edit.body = std::optional(request.body);
  }
  if (request.__isset.headers) {
    message.__set_headers(request.headers);
    edit.headers.emplace();
    for (const idl::Header& header : request.headers) {
      edit.headers->push_back({header.name, header.value});
    }
  }
  LANEMQ_RETURN_IF_ERROR(CheckBatch(batch, message_bytes_max, limits));
  return edit;
}

}  // namespace

void RedrivesHandler::Handle(idl::RedriveEditedRequest&& request,
                             rpc::Responder<idl::RedriveEditedResponse> responder) {
  Status checked = CheckGroup(request.id.group, context_.limits);
  if (checked.ok()) checked = CheckNote(request.requested_by, request.reason);
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  const auto call = std::make_shared<EditCall>(std::move(request), std::move(responder));
  const std::vector<std::string> topics = {call->request.id.topic};
  WithTopics(context_.catalog, topics, [this, call](std::shared_ptr<const CatalogView> view) {
    call->view = std::move(view);
    BeginEdit(call);
  });
}

void RedrivesHandler::BeginEdit(const std::shared_ptr<EditCall>& call) {
  const idl::DeadLetterId& id = call->request.id;
  const auto found = call->view->Find(id.topic, id.partition);
  if (!found.ok()) return call->responder.Fail(found.error());
  auto edit = EditOf(call->request, found->topic->message_bytes_max, context_.limits);
  if (!edit.ok()) return call->responder.Fail(edit.error());
  call->edit = std::move(edit).value();
  call->id = {id.group, found->location.key, core::Offset{id.offset}};
  context_.metrics.DeadLetterOperations("edit").Increment();
  call->Run(
      context_.workers, {NodePart{found->location.node, {}, {}}},
      [this, call](const NodePart& part) -> Result<std::vector<core::FailedId>> {
        LANEMQ_RETURN_IF_ERROR(context_.stores.DeadLettersOn(part.node)->RedriveEdited(
            call->id, call->edit,
            NoteOf(call->responder.context().get(), "redriveEdited", {"group", call->id.group},
                   call->request.requested_by, call->request.reason),
            SqlDeadline()));
        return std::vector{call->id};
      },
      [call](std::vector<core::FailedId>&&) {
        const idl::RedriveEditedRequest& request = call->request;
        LANEMQ_LOG(INFO, "dead_letters.redrive_edited", {"group", request.id.group},
                   {"topic", request.id.topic}, {"partition", request.id.partition},
                   {"offset", request.id.offset}, {"by", request.requested_by},
                   {"reason", request.reason});
        call->responder.Respond({});
      });
}

}  // namespace lanemq::broker
