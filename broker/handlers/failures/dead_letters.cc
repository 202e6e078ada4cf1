#include "broker/handlers/failures/dead_letters.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "broker/handlers/failures/dead_letter_wire.h"
#include "broker/handlers/failures/gather.h"
#include "common/base/log.h"

namespace lanemq::broker {
namespace {

constexpr std::int32_t kDeedsDefault = 100;
constexpr std::int32_t kDeedsMax = 1'000;

using CountCall = GatherCall<idl::CountDeadLettersRequest, idl::CountDeadLettersResponse,
                             core::DeadLetterStore::Count>;
using DeedsCall = GatherCall<idl::ListDeadLetterDeedsRequest, idl::ListDeadLetterDeedsResponse,
                             idl::DeadLetterDeed>;

idl::CountDeadLettersResponse ToWire(const CatalogView& view,
                                     const std::vector<core::DeadLetterStore::Count>& rows) {
  idl::CountDeadLettersResponse out;
  for (const core::DeadLetterStore::Count& row : rows) {
    const TopicEntry* topic = view.FindTopic(row.key.topic);
    if (topic == nullptr) continue;  // Deleted since.
    idl::DeadLetterCount& count = out.counts.emplace_back();
    count.topic = topic->topic->name;
    count.partition = row.key.partition;
    count.reason = row.reason;
    count.letters = row.letters;
    count.__set_oldest_us(row.oldest.micros);
  }
  std::ranges::sort(out.counts, {}, [](const idl::DeadLetterCount& count) {
    return std::tie(count.topic, count.partition, count.reason);
  });
  return out;
}

}  // namespace

void DeadLettersHandler::Handle(const idl::CountDeadLettersRequest& request,
                                rpc::Responder<idl::CountDeadLettersResponse> responder) {
  Status checked = CheckGroup(request.group, context_.limits);
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  const auto call = std::make_shared<CountCall>(request, std::move(responder));
  call->view = context_.catalog.View();
  call->Run(
      context_.workers, EveryNode(*call->view),
      [this, call](const NodePart& part) -> Result<std::vector<core::DeadLetterStore::Count>> {
        const core::DeadLetterFilter all{.group = call->request.group};
        LANEMQ_ASSIGN_OR_RETURN(auto counts, context_.stores.DeadLettersOn(part.node)->CountBy(
                                                 all.group, SqlDeadline()));
        LANEMQ_RETURN_IF_ERROR(CheckPresence(context_, *call->view, part.node, all, SqlDeadline()));
        std::erase_if(counts, [&](const core::DeadLetterStore::Count& count) {
          return !MayTellOf(*call->view, part.node, count.key);
        });
        return counts;
      },
      [this, call](std::vector<core::DeadLetterStore::Count>&& rows) {
        std::vector<core::TopicId> topics;
        for (const auto& row : rows) topics.push_back(row.key.topic);
        WithTopicIds(context_.catalog, call->view, topics,
                     [call, rows = std::move(rows)](const std::shared_ptr<const CatalogView>& v) {
                       call->responder.Respond(ToWire(*v, rows));
                     });
      });
}

struct DeadLettersHandler::DropCall
    : GatherCall<idl::DropDeadLettersRequest, idl::DropDeadLettersResponse,
                 core::DeadLetterStore::Dropped> {
  using GatherCall::GatherCall;
  std::map<core::NodeId, core::DeadLetterFilter> filters;
};

void DeadLettersHandler::Handle(idl::DropDeadLettersRequest&& request,
                                rpc::Responder<idl::DropDeadLettersResponse> responder) {
  Status checked = CheckFilter(request.filter, context_.limits);
  if (checked.ok()) checked = CheckNote(request.requested_by, request.reason);
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  const auto call = std::make_shared<DropCall>(std::move(request), std::move(responder));
  WithTopics(context_.catalog, TopicsOf(call->request.filter),
             [this, call](std::shared_ptr<const CatalogView> view) {
               call->view = std::move(view);
               BeginDrop(call);
             });
}

void DeadLettersHandler::BeginDrop(const std::shared_ptr<DropCall>& call) {
  auto filters = SplitFilter(*call->view, call->request.filter);
  if (!filters.ok()) return call->responder.Fail(filters.error());
  call->filters = std::move(filters).value();
  context_.metrics.DeadLetterOperations("drop").Increment();
  using Dropped = core::DeadLetterStore::Dropped;
  call->Run(
      context_.workers, PartsOf(call->filters),
      [this, call](const NodePart& part) -> Result<std::vector<Dropped>> {
        LANEMQ_ASSIGN_OR_RETURN(const Dropped dropped,
                                context_.stores.DeadLettersOn(part.node)->Drop(
                                    call->filters.at(part.node),
                                    NoteOf(call->responder.context().get(), "dropDeadLetters",
                                           {"group", call->request.filter.group},
                                           call->request.requested_by, call->request.reason),
                                    SqlDeadline()));
        LANEMQ_RETURN_IF_ERROR(CheckPresence(context_, *call->view, part.node,
                                             call->filters.at(part.node), SqlDeadline()));
        return std::vector{dropped};
      },
      [call](std::vector<Dropped>&& rows) {
        idl::DropDeadLettersResponse response;
        response.is_complete = true;
        for (const Dropped& row : rows) {
          response.dropped += row.count;
          response.is_complete = response.is_complete && row.is_complete;
        }
        const idl::DropDeadLettersRequest& request = call->request;
        LANEMQ_LOG(INFO, "dead_letters.dropped", {"group", request.filter.group},
                   {"letters", response.dropped}, {"complete", response.is_complete},
                   {"by", request.requested_by}, {"reason", request.reason});
        call->responder.Respond(response);
      });
}

void DeadLettersHandler::Handle(const idl::ListDeadLetterDeedsRequest& request,
                                rpc::Responder<idl::ListDeadLetterDeedsResponse> responder) {
  const std::int32_t max = request.__isset.max_count ? request.max_count : kDeedsDefault;
  Status checked = CheckGroup(request.group, context_.limits);
  if (checked.ok()) checked = CheckCluster(context_.catalog, request);
  if (checked.ok() && (max < 1 || max > kDeedsMax)) {
    checked = Error{ErrorCode::kInvalidRequest, "max_count is 1 to 1,000"};
  }
  if (!checked.ok()) {
    responder.Fail(checked.error());
    return;
  }
  const auto call = std::make_shared<DeedsCall>(request, std::move(responder));
  call->view = context_.catalog.View();
  call->Run(
      context_.workers, EveryNode(*call->view),
      [this, call, max](const NodePart& part) -> Result<std::vector<idl::DeadLetterDeed>> {
        LANEMQ_ASSIGN_OR_RETURN(const auto deeds,
                                context_.stores.DeadLettersOn(part.node)->ListDeeds(
                                    call->request.group, max, SqlDeadline()));
        std::vector<idl::DeadLetterDeed> out;
        for (const core::DeadLetterDeed& deed : deeds) out.push_back(ToWire(deed));
        return out;
      },
      [call, max](std::vector<idl::DeadLetterDeed>&& rows) {
        idl::ListDeadLetterDeedsResponse response;
        response.deeds = std::move(rows);
        std::ranges::stable_sort(response.deeds, std::ranges::greater{},
                                 &idl::DeadLetterDeed::at_us);
        if (response.deeds.size() > static_cast<std::size_t>(max)) {
          response.deeds.resize(static_cast<std::size_t>(max));
        }
        call->responder.Respond(response);
      });
}

}  // namespace lanemq::broker
