#include "common/rpc/wire/messages.h"

#include <utility>
#include <vector>

#include "lanemq_types.h"

namespace lanemq::wire {
namespace {

// Both message structs of the IDL name these fields alike.
template <typename WireMessage>
void MovePayload(WireMessage& message, core::Record& record) {
  if (message.__isset.key) record.key = std::move(message.key);
  if (message.__isset.body) record.body = std::move(message.body);
  if (message.__isset.codec) record.codec = message.codec;
  if (!message.__isset.headers) return;
  record.headers.reserve(message.headers.size());
  for (idl::Header& header : message.headers) {
    record.headers.push_back({std::move(header.name), std::move(header.value)});
  }
}

template <typename WireMessage>
void CopyPayload(const core::Record& record, WireMessage& out) {
  if (record.key) out.__set_key(*record.key);
  if (record.body) out.__set_body(*record.body);
  if (record.codec != 0) out.__set_codec(record.codec);
  if (record.headers.empty()) return;
  out.__isset.headers = true;
  out.headers.resize(record.headers.size());
  for (std::size_t i = 0; i < record.headers.size(); ++i) {
    out.headers[i].name = record.headers[i].name;
    out.headers[i].value = record.headers[i].value;
  }
}

}  // namespace

core::Record FromWire(idl::Message&& message) {
  core::Record record;
  MovePayload(message, record);
  return record;
}

idl::Message ToWireMessage(const core::Record& record) {
  idl::Message out;
  CopyPayload(record, out);
  return out;
}

void ToWire(const core::Record& record, idl::StoredMessage& out) {
  out.offset = record.offset.value;
  out.timestamp_us = record.timestamp.micros;
  CopyPayload(record, out);
}

core::Record FromWire(idl::StoredMessage&& message) {
  core::Record record;
  record.offset = core::Offset{message.offset};
  record.timestamp = WallTime{message.timestamp_us};
  if (message.__isset.producer_id) record.producer = core::ProducerId{message.producer_id};
  if (message.__isset.sequence) record.sequence = message.sequence;
  MovePayload(message, record);
  return record;
}

}  // namespace lanemq::wire
