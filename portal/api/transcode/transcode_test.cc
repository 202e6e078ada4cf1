// The transcoder against the generated code, which is what servers read and write with.
#include <ctime>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include "ControlPlane.h"
#include "DataPlane.h"
#include "common/base/random.h"
#include "portal/api/transcode/call_bytes.h"
#include "portal/api/transcode/decode.h"
#include "portal/api/transcode/encode.h"
#include "portal/api/transcode/wire.h"

namespace lanemq::portal {
namespace {

using apache::thrift::protocol::TBinaryProtocol;
using apache::thrift::transport::TMemoryBuffer;
using nlohmann::json;
using ::testing::HasSubstr;

template <typename Struct>
std::string WriteGenerated(const Struct& value) {
  const auto memory = std::make_shared<TMemoryBuffer>();
  TBinaryProtocol protocol(memory);
  value.write(&protocol);
  return memory->getBufferAsString();
}

template <typename Struct>
Struct ReadGenerated(const std::string& bytes) {
  const auto memory = std::make_shared<TMemoryBuffer>();
  memory->resetBuffer(reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data())),
                      static_cast<std::uint32_t>(bytes.size()));
  TBinaryProtocol protocol(memory);
  Struct value;
  EXPECT_EQ(value.read(&protocol), bytes.size());
  return value;
}

std::string Encoded(const char* name, const json& value, Faults& faults) {
  return EncodeStruct(TheSchema(), *TheSchema().FindStruct(name), value, faults);
}

std::string Encoded(const char* name, const json& value) {
  Faults faults;
  std::string bytes = Encoded(name, value, faults);
  for (const Fault& fault : faults) ADD_FAILURE() << fault.pointer << ": " << fault.detail;
  return bytes;
}

// "pointer: detail" of the one fault there is.
std::string FaultOf(const char* name, const json& value) {
  Faults faults;
  (void)Encoded(name, value, faults);
  if (faults.size() != 1) return std::to_string(faults.size()) + " faults";
  return faults[0].pointer + ": " + faults[0].detail;
}

nlohmann::ordered_json Decoded(const char* name, const std::string& bytes) {
  wire::Reader reader(bytes);
  auto value = DecodeStruct(TheSchema(), *TheSchema().FindStruct(name), reader);
  EXPECT_TRUE(value.has_value());
  EXPECT_EQ(reader.left(), 0u);
  return value.value_or(nlohmann::ordered_json());
}

TEST(TranscodeTest, GeneratedCodeReadsARequestWithEveryKindOfField) {
  const auto request = ReadGenerated<idl::CreateTopicRequest>(
      Encoded("CreateTopicRequest", {{"name", "orders"},
                                     {"partitions", 12},
                                     {"config", {{"retention.ms", "1000"}, {"x", "y"}}},
                                     {"pinned_nodes", {"a", "b"}},
                                     {"validate_only", true},
                                     {"description", nullptr},
                                     {"origin", {{"reason", "because"}}}}));
  EXPECT_EQ(request.name, "orders");
  EXPECT_EQ(request.partitions, 12);
  EXPECT_EQ(request.config.at("retention.ms"), "1000");
  EXPECT_EQ(request.pinned_nodes, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(request.validate_only);
  EXPECT_FALSE(request.__isset.description);
  EXPECT_EQ(request.origin.reason, "because");
}

TEST(TranscodeTest, NumbersOf64BitsAreTextOrNumbers) {
  for (const json& id : {json("9223372036854775807"), json(9223372036854775807)}) {
    EXPECT_EQ(
        ReadGenerated<idl::RevokeTokenRequest>(Encoded("RevokeTokenRequest", {{"id", "x"}})).id,
        "x");
    const auto request =
        ReadGenerated<idl::DescribeChangeRequest>(Encoded("DescribeChangeRequest", {{"id", id}}));
    EXPECT_EQ(request.id, 9223372036854775807);
  }
  const json low = {{"id", "-9223372036854775808"}};
  EXPECT_EQ(ReadGenerated<idl::DescribeChangeRequest>(Encoded("DescribeChangeRequest", low)).id + 1,
            -9223372036854775807);
  for (const json& id : {json("9223372036854775808"), json("1e3"), json(" 1"), json(1.5), json(""),
                         json(18446744073709551615u), json(true)}) {
    EXPECT_THAT(FaultOf("DescribeChangeRequest", {{"id", id}}), HasSubstr("must be an integer"))
        << id;
  }
}

TEST(TranscodeTest, SmallNumbersMustFit) {
  const auto fault = [](const json& value) {
    return FaultOf("AddPartitionsRequest", {{"name", "t"}, {"partitions", value}});
  };
  EXPECT_EQ(fault(2147483647), "0 faults");
  EXPECT_THAT(fault(2147483648), HasSubstr("/partitions: must be an integer"));
  EXPECT_THAT(fault("12"), HasSubstr("must be an integer"));
  EXPECT_THAT(fault(12.0), HasSubstr("must be an integer"));
}

TEST(TranscodeTest, BytesAreTextOrBase64) {
  const auto message =
      ReadGenerated<idl::Message>(Encoded("Message", {{"key", "ä"}, {"body_base64", "/wE="}}));
  EXPECT_EQ(message.key, "ä");
  EXPECT_EQ(message.body, "\xff\x01");
  EXPECT_THAT(FaultOf("Message", {{"body_base64", "/wE"}}),
              HasSubstr("/body_base64: must be base64"));
  EXPECT_THAT(FaultOf("Message", {{"body_base64", "/wE="}, {"body", "x"}}),
              HasSubstr("both forms"));
  const auto told = Decoded("Message", WriteGenerated(message));
  EXPECT_EQ(told["key"], "ä");
  EXPECT_EQ(told["body_base64"], "/wE=");
  EXPECT_FALSE(told.contains("body"));
}

TEST(TranscodeTest, EnumsAreNames) {
  const auto request = ReadGenerated<idl::AlterDataNodeRequest>(
      Encoded("AlterDataNodeRequest", {{"name", "n"}, {"state", "CLOSED"}}));
  EXPECT_EQ(request.state, idl::NodeState::CLOSED);
  EXPECT_EQ(Decoded("AlterDataNodeRequest", WriteGenerated(request))["state"], "CLOSED");
  EXPECT_THAT(FaultOf("AlterDataNodeRequest", {{"name", "n"}, {"state", "OPEN"}}),
              HasSubstr("/state: must be one of WRITABLE, CLOSED, DISABLED"));
  EXPECT_THAT(FaultOf("AlterDataNodeRequest", {{"name", "n"}, {"state", 2}}), HasSubstr("one of"));
}

TEST(TranscodeTest, DocumentsInTextFieldsMayBeGivenAsTheyAre) {
  const auto request = ReadGenerated<idl::PutPolicyRequest>(
      Encoded("PutPolicyRequest", {{"policy_json", {{"a", 1}}}}));
  EXPECT_EQ(request.policy_json, "{\"a\":1}");
}

TEST(TranscodeTest, FaultsSayWhereAndWhatWasMeant) {
  EXPECT_THAT(FaultOf("CreateTopicRequest", {{"name", "t"}, {"partitions", 1}, {"configs", 1}}),
              HasSubstr("/configs: is not known here; did you mean 'config'?"));
  EXPECT_THAT(
      FaultOf("CreateTopicRequest", {{"name", "t"}, {"partitions", 1}, {"qqqqqqqqqqqq", 1}}),
      HasSubstr("/qqqqqqqqqqqq: is not known here"));
  EXPECT_EQ(FaultOf("CreateTopicRequest", {{"name", "t"}}), "/partitions: is missing");
  EXPECT_EQ(FaultOf("CreateTopicRequest", {{"name", 7}, {"partitions", 1}}), "/name: must be text");
  EXPECT_EQ(FaultOf("ProduceRequest",
                    {{"partitions", {{{"topic", "t"}, {"partition", 0}, {"messages", {1}}}}}}),
            "/partitions/0/messages/0: must be an object");
  EXPECT_EQ(FaultOf("CreateTopicRequest", json::array()), ": must be an object");
  EXPECT_EQ(
      FaultOf("CreateTopicRequest", {{"name", "t"}, {"partitions", 1}, {"config", {{"a/b", 1}}}}),
      "/config/a~1b: must be text");
  // A field of another's name with _base64 behind it is none.
  EXPECT_THAT(FaultOf("ForgetOutboxRequest", {{"outbox", "o"}, {"outbox_base64", "eA=="}}),
              HasSubstr("/outbox_base64: is not known"));
}

TEST(TranscodeTest, FaultsAreBounded) {
  json many;
  for (int i = 0; i < 1000; ++i) many["field" + std::to_string(i)] = 1;
  Faults faults;
  (void)Encoded("CreateTopicRequest", many, faults);
  EXPECT_EQ(faults.size(), kFaultsMax);
}

// A value that is random, for every type of the IDL.
json RandomValue(const Schema& schema, int type, Random& random, int depth);

json RandomStruct(const Schema& schema, const StructRow& row, Random& random, int depth) {
  json object = json::object();
  for (const FieldRow& field : schema.fields(row)) {
    if (!field.is_required && (depth <= 0 || random.Below(2) == 0)) continue;
    json value = RandomValue(schema, field.type, random, depth - 1);
    const bool is_base64 = schema.type(field.type).kind == Kind::kBinary && value.is_object();
    if (is_base64) {
      object[std::string(field.name) + "_base64"] = value["base64"];
    } else {
      object[std::string(field.name)] = std::move(value);
    }
  }
  return object;
}

json RandomValue(const Schema& schema, int type, Random& random, int depth) {
  const TypeRow& row = schema.type(type);
  switch (row.kind) {
    case Kind::kBool:
      return random.Below(2) == 1;
    case Kind::kI16:
      return static_cast<std::int16_t>(random.Below(65536));
    case Kind::kI32:
      return static_cast<std::int32_t>(random.Below(1ULL << 32));
    case Kind::kI64:
      return std::to_string(static_cast<std::int64_t>(random.Below(~0ULL)));
    case Kind::kDouble:
      return random.Unit();
    case Kind::kString:
      return "text " + std::to_string(random.Below(100)) + "\n\"<ä>";
    case Kind::kBinary:
      if (random.Below(2) == 0) return json{{"base64", "/wE="}};
      return "bytes";
    case Kind::kEnum:
      return std::string(schema.values(schema.enumeration(row.a)).front().name);
    case Kind::kStruct:
      return RandomStruct(schema, schema.structure(row.a), random, depth);
    case Kind::kList: {
      json list = json::array();
      for (std::uint64_t i = random.Below(3); i > 0; --i) {
        list.push_back(RandomValue(schema, row.a, random, depth));
      }
      return list;
    }
    case Kind::kMap:
      return {{"a", RandomValue(schema, row.b, random, depth)}};
  }
  return nullptr;
}

TEST(TranscodeTest, UnknownMembersBeyondTheFaultsThatAreToldCostNoSearch) {
  json request = json::object();
  for (int i = 0; i < 100'000; ++i) request[std::string(56, 'x') + std::to_string(i)] = 1;
  Faults faults;
  const std::clock_t begun = std::clock();
  (void)EncodeStruct(TheSchema(), *TheSchema().FindStruct("CreateTopicRequest"), request, faults);
  // Comparing them all takes several seconds.
  EXPECT_LT(std::clock() - begun, CLOCKS_PER_SEC / 2);
  EXPECT_EQ(faults.size(), kFaultsMax);
}

TEST(TranscodePropertyTest, EveryStructComesBackAsItWas) {
  const std::uint64_t seed = Random::FromSystem().Below(1'000'000);
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const Schema& schema = TheSchema();
  ASSERT_GT(schema.structs().size(), 200u);
  for (const StructRow& row : schema.structs()) {
    for (int i = 0; i < 20; ++i) {
      const json value = RandomStruct(schema, row, random, 4);
      Faults faults;
      const std::string bytes = EncodeStruct(schema, row, value, faults);
      ASSERT_TRUE(faults.empty()) << row.name << " " << faults[0].pointer << faults[0].detail;
      wire::Reader reader(bytes);
      const auto back = DecodeStruct(schema, row, reader);
      ASSERT_TRUE(back.has_value()) << row.name;
      ASSERT_EQ(json::parse(back->dump()), json::parse(value.dump())) << row.name;
      // Cut anywhere, it does not decode, and nothing beyond its end is read.
      wire::Reader cut(std::string_view(bytes).substr(0, random.Below(bytes.size())));
      EXPECT_FALSE(DecodeStruct(schema, row, cut).has_value());
    }
  }
}

// What the transcoder wrote, read and written by the generated code, is the same bytes.
template <typename Struct>
void ExpectSameBytes(const char* name, std::uint64_t seed) {
  Random random(seed);
  const Schema& schema = TheSchema();
  for (int i = 0; i < 100; ++i) {
    const std::string bytes =
        Encoded(name, RandomStruct(schema, *schema.FindStruct(name), random, 5));
    EXPECT_EQ(WriteGenerated(ReadGenerated<Struct>(bytes)), bytes) << name;
  }
}

TEST(TranscodePropertyTest, GeneratedCodeWritesTheSameBytes) {
  ExpectSameBytes<idl::ProduceRequest>("ProduceRequest", 1);
  ExpectSameBytes<idl::AddDataNodeRequest>("AddDataNodeRequest", 2);
  ExpectSameBytes<idl::MetadataResponse>("MetadataResponse", 3);
  ExpectSameBytes<idl::GroupLagResponse>("GroupLagResponse", 4);
  ExpectSameBytes<idl::ChangeRequestResponse>("ChangeRequestResponse", 5);
  ExpectSameBytes<idl::ListDeadLettersRequest>("ListDeadLettersRequest", 6);
  ExpectSameBytes<idl::PutTeamRequest>("PutTeamRequest", 7);
}

std::string ReplyFrame(const std::function<void(TBinaryProtocol&)>& write,
                       apache::thrift::protocol::TMessageType type, int seqid) {
  const auto memory = std::make_shared<TMemoryBuffer>();
  TBinaryProtocol protocol(memory);
  protocol.writeMessageBegin("describeTopic", type, seqid);
  write(protocol);
  protocol.writeMessageEnd();
  return memory->getBufferAsString();
}

TEST(CallBytesTest, RepliesErrorsAndFaultsAreToldApart) {
  const MethodRow& method = *TheSchema().FindMethod("describeTopic");
  idl::ControlPlane_describeTopic_result good;
  good.success.topic.name = "orders";
  good.__isset.success = true;
  const std::string reply =
      ReplyFrame([&](TBinaryProtocol& p) { good.write(&p); }, apache::thrift::protocol::T_REPLY, 7);
  EXPECT_EQ(DecodeReplyFrame(TheSchema(), method, reply, 7).body["topic"]["name"], "orders");
  EXPECT_FALSE(DecodeReplyFrame(TheSchema(), method, reply, 8).status.ok());

  idl::ControlPlane_describeTopic_result bad;
  bad.error.code = idl::ErrorCode::THROTTLED;
  bad.error.message = "slowly";
  bad.error.__set_retry_after_ms(1500);
  bad.error.__set_request_id("r-1");
  bad.__isset.error = true;
  const RpcReply declared = DecodeReplyFrame(
      TheSchema(), method,
      ReplyFrame([&](TBinaryProtocol& p) { bad.write(&p); }, apache::thrift::protocol::T_REPLY, 7),
      7);
  EXPECT_EQ(declared.status.error(), (Error{ErrorCode::kThrottled, "slowly", 1500}));
  EXPECT_EQ(declared.server_request_id, "r-1");

  const apache::thrift::TApplicationException unknown(
      apache::thrift::TApplicationException::UNKNOWN_METHOD, "what?");
  const RpcReply fault = DecodeReplyFrame(TheSchema(), method,
                                          ReplyFrame([&](TBinaryProtocol& p) { unknown.write(&p); },
                                                     apache::thrift::protocol::T_EXCEPTION, 7),
                                          7);
  EXPECT_EQ(fault.status.error(), (Error{ErrorCode::kUnsupportedVersion, "what?", 0}));
}

TEST(CallBytesTest, NoReplyIsReadBeyondItsEnd) {
  const MethodRow& method = *TheSchema().FindMethod("describeTopic");
  idl::ControlPlane_describeTopic_result good;
  good.success.topic.name = "orders";
  good.__isset.success = true;
  const std::string reply =
      ReplyFrame([&](TBinaryProtocol& p) { good.write(&p); }, apache::thrift::protocol::T_REPLY, 7);
  for (std::size_t size = 0; size < reply.size() - 2; ++size) {
    EXPECT_FALSE(DecodeReplyFrame(TheSchema(), method, reply.substr(0, size), 7).status.ok());
  }
  Random random(99);
  for (int i = 0; i < 20'000; ++i) {
    std::string broken = reply;
    for (int n = 0; n < 4; ++n) {
      broken[random.Below(broken.size())] = static_cast<char>(random.Below(256));
    }
    (void)DecodeReplyFrame(TheSchema(), method, broken, 7);
  }
}

TEST(CallBytesTest, GeneratedCodeReadsTheCall) {
  const std::string frame =
      EncodeCallFrame("describeTopic", Encoded("DescribeTopicRequest", {{"name", "orders"}}), 42);
  const std::string body = frame.substr(4);
  const auto memory = std::make_shared<TMemoryBuffer>();
  memory->resetBuffer(reinterpret_cast<std::uint8_t*>(const_cast<char*>(body.data())),
                      static_cast<std::uint32_t>(body.size()));
  TBinaryProtocol protocol(memory);
  std::string method;
  apache::thrift::protocol::TMessageType type{};
  std::int32_t seqid = 0;
  protocol.readMessageBegin(method, type, seqid);
  EXPECT_EQ(method, "describeTopic");
  EXPECT_EQ(seqid, 42);
  idl::ControlPlane_describeTopic_args args;
  args.read(&protocol);
  EXPECT_EQ(args.request.name, "orders");
}

}  // namespace
}  // namespace lanemq::portal
