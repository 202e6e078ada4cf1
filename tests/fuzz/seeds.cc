#include "tests/fuzz/seeds.h"

#include <functional>
#include <memory>

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "DataPlane.h"

namespace lanemq::fuzz {
namespace {

using apache::thrift::protocol::TBinaryProtocol;
using apache::thrift::protocol::TCompactProtocol;
using apache::thrift::protocol::TMessageType;
using apache::thrift::protocol::TProtocol;
using apache::thrift::protocol::TType;
using apache::thrift::transport::TMemoryBuffer;
using Write = std::function<void(TProtocol&)>;

std::string Framed(const std::string& body) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(body.size() >> shift & 0xff));
  }
  return out + body;
}

std::string Message(bool is_compact, const std::string& method, TMessageType type,
                    const Write& write) {
  const auto memory = std::make_shared<TMemoryBuffer>();
  std::shared_ptr<TProtocol> protocol;
  if (is_compact) {
    protocol = std::make_shared<TCompactProtocol>(memory);
  } else {
    protocol = std::make_shared<TBinaryProtocol>(memory);
  }
  protocol->writeMessageBegin(method, type, 7);
  write(*protocol);
  return Framed(memory->getBufferAsString());
}

// Writes an Args after `fill`. (Generated argument structs declare copying but do not define it.)
template <typename Args>
Write Of(const std::function<void(Args&)>& fill = {}) {
  return [fill](TProtocol& protocol) {
    Args args;
    if (fill) fill(args);
    args.write(&protocol);
  };
}

void FillProduce(idl::DataPlane_produce_args& args) {
  args.request.partitions.resize(2);
  for (auto& partition : args.request.partitions) {
    partition.topic = "orders";
    partition.__set_producer_id(12345);
    partition.__set_base_sequence(3);
    partition.messages.resize(2);
    partition.messages[0].__set_body("body");
    partition.messages[1].__set_key("key");
    partition.messages[1].__set_headers({idl::Header()});
  }
  args.request.__set_client_id("fuzz");
}

void FillFetchResult(idl::DataPlane_fetch_result& result) {
  result.success.partitions.resize(1);
  result.success.partitions[0].messages.resize(2);
  result.__isset.success = true;
}

void NestForEver(TProtocol& protocol) {
  for (int i = 0; i < 1'000; ++i) {
    protocol.writeStructBegin("");
    protocol.writeFieldBegin("", TType::T_STRUCT, 99);
  }
}

void HugeList(TProtocol& protocol) {
  protocol.writeStructBegin("");
  protocol.writeFieldBegin("", TType::T_STRUCT, 1);
  protocol.writeStructBegin("");
  protocol.writeFieldBegin("", TType::T_LIST, 1);
  protocol.writeListBegin(TType::T_STRUCT, 0x7fffffff);
}

}  // namespace

std::vector<std::string> Seeds() {
  const Write fetch =
      Of<idl::DataPlane_fetch_args>([](auto& args) { args.request.partitions.resize(3); });
  const Write commit =
      Of<idl::DataPlane_commitOffsets_args>([](auto& args) { args.request.partitions.resize(2); });
  const Write metadata = Of<idl::Common_metadata_args>([](auto& args) {
    args.request.__set_topics({"orders", "invoices"});
  });

  std::vector<std::string> seeds;
  std::string stream;
  for (const bool is_compact : {false, true}) {
    const auto add = [&](const std::string& method, const Write& write) {
      for (const auto type : {TMessageType::T_CALL, TMessageType::T_ONEWAY}) {
        const std::string frame = Message(is_compact, method, type, write);
        // Whole, and in small pieces.
        seeds.push_back('\xff' + frame);
        seeds.push_back('\2' + frame);
        stream += frame;
      }
    };
    add("produce", Of<idl::DataPlane_produce_args>(FillProduce));
    add("fetch", fetch);
    add("commitOffsets", commit);
    add("fetchOffsets", Of<idl::DataPlane_fetchOffsets_args>());
    add("listOffsets", Of<idl::DataPlane_listOffsets_args>());
    add("getMessage", Of<idl::DataPlane_getMessage_args>());
    add("searchMessages", Of<idl::DataPlane_searchMessages_args>());
    add("traceMessage", Of<idl::DataPlane_traceMessage_args>());
    add("metadata", metadata);
    add("serverInfo", Of<idl::Common_serverInfo_args>());
    add("serverSettings", Of<idl::Common_serverSettings_args>());
    add("noSuchMethod", fetch);
    add("produce", NestForEver);
    add("produce", HugeList);
    seeds.push_back('\xff' + Message(is_compact, "fetch", TMessageType::T_REPLY,
                                     Of<idl::DataPlane_fetch_result>(FillFetchResult)));
  }
  seeds.push_back('\x40' + stream);
  seeds.push_back(std::string("\xff\x7f\xff\xff\xff", 5));
  seeds.push_back("\xffGET / HTTP/1.1\r\n\r\n");
  return seeds;
}

}  // namespace lanemq::fuzz
