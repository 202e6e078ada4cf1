#include "client/cli/text/stored_message.h"

#include <optional>

namespace lanemq::cli {

MessageView ViewOf(const std::string& topic, std::int32_t partition,
                   const idl::StoredMessage& message) {
  MessageView view{.topic = topic,
                   .partition = partition,
                   .offset = message.offset,
                   .timestamp = WallTime{message.timestamp_us},
                   .key = std::nullopt,
                   .body = std::nullopt,
                   .headers = {}};
  if (message.__isset.key) view.key = message.key;
  if (message.__isset.body) view.body = message.body;
  for (const idl::Header& header : message.headers) {
    view.headers.emplace_back(header.name, header.value);
  }
  return view;
}

}  // namespace lanemq::cli
