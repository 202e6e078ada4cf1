// Lists of which only some members of each item are read at first.
#include <string>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "portal/api/transcode/call_bytes.h"
#include "portal/api/transcode/decode.h"
#include "portal/api/transcode/encode.h"
#include "portal/api/transcode/wire.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;

constexpr std::int32_t kSeqid = 7;

json Topics() {
  json topics = json::array();
  for (const char* name : {"orders", "bills"}) {
    topics.push_back({{"name", name},
                      {"topic_id", "12"},
                      {"state", "ACTIVE"},
                      {"partitions", {{{"partition", 0}, {"node_id", "1"}, {"schema_index", 3}}}},
                      {"config", {{"retention.ms", "1000"}}},
                      {"figures", {{"in_rate", 2.5}, {"groups", 4}}}});
  }
  return {{"topics", topics}};
}

const MethodRow& ListTopics() { return *TheSchema().FindMethod("listTopics"); }

std::string BytesOf(const json& response) {
  Faults faults;
  std::string bytes =
      EncodeStruct(TheSchema(), TheSchema().structure(ListTopics().response), response, faults);
  for (const Fault& fault : faults) ADD_FAILURE() << fault.pointer << ": " << fault.detail;
  return bytes;
}

std::string FrameAround(const std::string& bytes) {
  wire::Writer frame;
  frame.Integer(wire::kVersion | wire::kReply);
  frame.Bytes("listTopics");
  frame.Integer(static_cast<std::uint32_t>(kSeqid));
  frame.FieldHead(wire::kStruct, 0);
  frame.Raw(bytes);
  frame.Byte(wire::kStop);
  return frame.Take();
}

std::string FrameOf(const json& response) { return FrameAround(BytesOf(response)); }

RpcReply Read(const std::string& frame, const ListPick* pick) {
  return DecodeReplyFrame(TheSchema(), ListTopics(), frame, kSeqid, pick);
}

TEST(LateItemsTest, OnlyPickedMembersAreReadAndTheRestIsThereLater) {
  const RpcReply all = Read(FrameOf(Topics()), nullptr);
  ASSERT_TRUE(all.status.ok());
  EXPECT_EQ(all.late.row, nullptr);
  const ListPick pick{"topics", {"name", "figures"}};
  const RpcReply some = Read(FrameOf(Topics()), &pick);
  ASSERT_TRUE(some.status.ok());
  ASSERT_NE(some.late.row, nullptr);
  ASSERT_EQ(some.late.places.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& item = some.body["topics"][i];
    EXPECT_EQ(item.size(), 2u) << item;
    EXPECT_EQ(item["name"], all.body["topics"][i]["name"]);
    EXPECT_EQ(item["figures"], all.body["topics"][i]["figures"]);
    EXPECT_EQ(some.late.Read(TheSchema(), i), all.body["topics"][i]);
  }
}

TEST(LateItemsTest, AListThatIsNoneOrNotThereIsReadAtOnce) {
  for (const char* list : {"nothing", "name"}) {
    const ListPick pick{list, {}};
    const RpcReply reply = Read(FrameOf(Topics()), &pick);
    EXPECT_EQ(reply.late.row, nullptr) << list;
    EXPECT_EQ(reply.body["topics"][1]["config"]["retention.ms"], "1000") << list;
  }
  const ListPick pick{"topics", {"name"}};
  const RpcReply empty = Read(FrameOf({{"topics", json::array()}}), &pick);
  EXPECT_TRUE(empty.status.ok());
  EXPECT_TRUE(empty.body["topics"].empty());
  EXPECT_TRUE(empty.late.places.empty());
}

TEST(LateItemsTest, AReplyWithTheListTwiceIsNone) {
  const ListPick pick{"topics", {"name"}};
  for (const json& first : {json{{"topics", json::array()}}, Topics()}) {
    std::string bytes = BytesOf(first);
    bytes.pop_back();  // The end of the struct.
    const std::string frame = FrameAround(bytes + BytesOf(Topics()));
    EXPECT_FALSE(Read(frame, &pick).status.ok());
  }
}

TEST(LateItemsTest, NoReplyIsReadBeyondItsEnd) {
  const ListPick pick{"topics", {"name"}};
  const std::string frame = FrameOf(Topics());
  for (std::size_t size = 0; size < frame.size() - 2; ++size) {
    EXPECT_FALSE(Read(frame.substr(0, size), &pick).status.ok()) << size;
  }
  Random random(98);
  for (int i = 0; i < 20'000; ++i) {
    std::string broken = frame;
    for (int n = 0; n < 4; ++n) {
      broken[random.Below(broken.size())] = static_cast<char>(random.Below(256));
    }
    const RpcReply reply = Read(broken, &pick);
    if (!reply.status.ok() || reply.late.row == nullptr) continue;
    EXPECT_EQ(reply.body["topics"].size(), reply.late.places.size());
    for (std::size_t at = 0; at < reply.late.places.size(); ++at) {
      (void)reply.late.Read(TheSchema(), at);
    }
  }
}

}  // namespace
}  // namespace lanemq::portal
