#include "broker/handlers/get_message.h"

#include <utility>

#include <fmt/format.h>

#include "common/core/types/table_name.h"
#include "common/rpc/wire/messages.h"

namespace lanemq::broker {

void GetMessageHandler::Handle(idl::GetMessageRequest&& request,
                               rpc::Responder<idl::GetMessageResponse> responder) {
  const std::vector<std::string> topics = {request.topic};
  WithTopics(
      context_.catalog, topics,
      [this, request = std::move(request),
       responder = std::move(responder)](std::shared_ptr<const CatalogView> view) {
        const auto found = view->Find(request.topic, request.partition);
        if (!found.ok()) return responder.Fail(found.error());
        const core::PartitionLocation location = found->location;
        const core::Offset offset{request.offset};
        const bool is_posted = context_.workers.Of(location.node)
                                   .reads.TryPost([this, location, offset, responder, view] {
                                     responder.Finish(Look(location, offset, *view));
                                   });
        if (!is_posted) {
          responder.Fail({ErrorCode::kThrottled, "too many calls wait for the data node", 100});
        }
      });
}

Result<idl::GetMessageResponse> GetMessageHandler::Look(const core::PartitionLocation& location,
                                                        core::Offset offset,
                                                        const CatalogView& view) {
  LogSlice slice = context_.reader.Read(location, offset, {.records_max = 1, .bytes_max = 1});
  if (slice.error) return *slice.error;
  if (slice.records.empty()) {
    return Error{ErrorCode::kOffsetOutOfRange,
                 fmt::format("there is no message {} yet", offset.value)};
  }
  const core::Record& record = *slice.records.front();
  idl::GetMessageResponse response;
  wire::ToWire(record, response.message);
  // Negative ids are brokers' own, for messages whose producer wants no duplicate protection.
  if (record.producer.value > 0) {
    response.message.__set_producer_id(record.producer.value);
    response.message.__set_sequence(record.sequence);
  }
  if (const core::DataNode* node = view.FindNode(location.node)) {
    response.__set_table_name(core::MessageTableName(*node, location));
    response.__set_data_node(node->name);
  }
  return response;
}

}  // namespace lanemq::broker
