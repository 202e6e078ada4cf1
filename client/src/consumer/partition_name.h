#pragma once

#include <string>

#include "lanemq/record.h"

namespace lanemq::client {

/// "orders/3", for messages.
[[nodiscard]] inline std::string NameOf(const TopicPartition& id) {
  return id.topic + "/" + std::to_string(id.partition);
}

}  // namespace lanemq::client
