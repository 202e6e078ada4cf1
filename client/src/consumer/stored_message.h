#pragma once

#include <memory>
#include <utility>

#include "lanemq/record.h"
#include "lanemq_types.h"

namespace lanemq::client {

/// A message as brokers send it; takes its contents.
inline ConsumedRecord ToRecord(const std::shared_ptr<const TopicPartition>& source,
                               idl::StoredMessage& message) {
  ConsumedRecord record;
  record.source = source;
  record.offset = message.offset;
  record.timestamp_us = message.timestamp_us;
  if (message.__isset.key) record.key = std::move(message.key);
  if (message.__isset.body) record.body = std::move(message.body);
  if (message.__isset.codec) record.codec = message.codec;
  if (message.__isset.headers) {
    record.headers.reserve(message.headers.size());
    for (idl::Header& header : message.headers) {
      record.headers.push_back({std::move(header.name), std::move(header.value)});
    }
  }
  return record;
}

}  // namespace lanemq::client
