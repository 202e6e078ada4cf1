#include "broker/handlers/check_batch.h"

#include <functional>
#include <limits>

#include <gtest/gtest.h>

namespace lanemq::broker {
namespace {

struct Case {
  const char* name;
  std::function<void(idl::ProducePartition&)> change;
  std::optional<ErrorCode> error;
};

TEST(CheckBatchTest, OneByteOverEachLimitIsRefused) {
  const core::Limits limits;
  const std::size_t body_max = 1'000;
  const std::vector<Case> cases = {
      {"a plain message", [](auto&) {}, std::nullopt},
      {"no messages", [](auto& b) { b.messages.clear(); }, ErrorCode::kInvalidRequest},
      {"messages at the limit", [&](auto& b) { b.messages.resize(limits.batch_records_max); },
       std::nullopt},
      {"messages over it", [&](auto& b) { b.messages.resize(limits.batch_records_max + 1); },
       ErrorCode::kRecordListTooLarge},
      {"body at the limit", [&](auto& b) { b.messages[0].__set_body(std::string(body_max, 'x')); },
       std::nullopt},
      {"body over it", [&](auto& b) { b.messages[0].__set_body(std::string(body_max + 1, 'x')); },
       ErrorCode::kMessageTooLarge},
      {"key at the limit",
       [&](auto& b) { b.messages[0].__set_key(std::string(limits.key_bytes_max, 'x')); },
       std::nullopt},
      {"key over it",
       [&](auto& b) { b.messages[0].__set_key(std::string(limits.key_bytes_max + 1, 'x')); },
       ErrorCode::kMessageTooLarge},
      {"headers over the count",
       [&](auto& b) { b.messages[0].headers.resize(limits.headers_max + 1); },
       ErrorCode::kMessageTooLarge},
      {"headers over the bytes",
       [&](auto& b) {
         b.messages[0].headers.resize(2);
         b.messages[0].headers[1].value = std::string(limits.headers_bytes_max + 1, 'x');
       },
       ErrorCode::kMessageTooLarge},
      {"negative producer", [](auto& b) { b.__set_producer_id(-1); }, ErrorCode::kInvalidRequest},
      {"producer without sequence", [](auto& b) { b.__set_producer_id(1); },
       ErrorCode::kInvalidRequest},
      {"negative sequence",
       [](auto& b) {
         b.__set_producer_id(1);
         b.__set_base_sequence(-1);
       },
       ErrorCode::kInvalidRequest},
      {"sequence that overflows",
       [](auto& b) {
         b.__set_producer_id(1);
         b.__set_base_sequence(std::numeric_limits<std::int64_t>::max());
       },
       ErrorCode::kInvalidRequest},
      {"producer zero means none", [](auto& b) { b.__set_producer_id(0); }, std::nullopt},
  };
  for (const Case& c : cases) {
    idl::ProducePartition batch;
    batch.messages.resize(1);
    c.change(batch);
    const Status status = CheckBatch(batch, body_max, limits);
    EXPECT_EQ(status.ok() ? std::nullopt : std::optional(status.error().code), c.error) << c.name;
  }
}

TEST(CheckBatchTest, MessagesForLaterHaveTheSameLimits) {
  struct LaterCase {
    const char* name;
    std::function<void(idl::SchedulePartition&)> change;
    std::optional<ErrorCode> error;
  };
  const core::Limits limits;
  const std::size_t body_max = 1'000;
  const std::vector<LaterCase> cases = {
      {"a plain message", [](auto&) {}, std::nullopt},
      {"a time that has passed", [](auto& b) { b.messages[0].due_us = 0; }, std::nullopt},
      {"any horizon",
       [](auto& b) { b.messages[0].due_us = std::numeric_limits<std::int64_t>::max(); },
       std::nullopt},
      {"a negative time", [](auto& b) { b.messages[0].due_us = -1; }, ErrorCode::kInvalidRequest},
      {"no messages", [](auto& b) { b.messages.clear(); }, ErrorCode::kInvalidRequest},
      {"messages over the limit", [&](auto& b) { b.messages.resize(limits.batch_records_max + 1); },
       ErrorCode::kRecordListTooLarge},
      {"body at the limit",
       [&](auto& b) { b.messages[0].message.__set_body(std::string(body_max, 'x')); },
       std::nullopt},
      {"body over it",
       [&](auto& b) { b.messages[0].message.__set_body(std::string(body_max + 1, 'x')); },
       ErrorCode::kMessageTooLarge},
      {"producer without sequence", [](auto& b) { b.__set_producer_id(1); },
       ErrorCode::kInvalidRequest},
  };
  for (const LaterCase& c : cases) {
    idl::SchedulePartition batch;
    batch.messages.resize(1);
    c.change(batch);
    const Status status = CheckBatch(batch, body_max, limits);
    EXPECT_EQ(status.ok() ? std::nullopt : std::optional(status.error().code), c.error) << c.name;
  }
}

TEST(CheckBatchTest, OneMessageMayBeLargerThanABatch) {
  const core::Limits limits;
  EXPECT_TRUE(CheckBatchBytes(limits.batch_bytes_max, 2, limits).ok());
  EXPECT_TRUE(CheckBatchBytes(limits.batch_bytes_max + 1, 1, limits).ok());
  EXPECT_EQ(CheckBatchBytes(limits.batch_bytes_max + 1, 2, limits).error().code,
            ErrorCode::kRecordListTooLarge);
}

}  // namespace
}  // namespace lanemq::broker
