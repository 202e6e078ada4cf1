#include "client/src/spool/spool.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/src/spool/spool_replayer_rig.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_for.h"

namespace lanemq::client {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class SpoolTest : public ::testing::Test {
 protected:
  SpoolTest() {
    options_.bootstrap_servers = {"localhost:1"};
    options_.spool_dir = (dir_.path() / "spool").string();
    options_.spool_bytes_max = 4u << 20;
    options_.delivery_timeout = 60s;
    options_.retry_backoff = 1ms;
    options_.retry_backoff_max = 2ms;
  }

  /// The brokers of `publisher`, which belongs to the spool from now on, have "t".
  Result<std::unique_ptr<Spool>> Open(bool is_reachable = true) {
    auto publisher = std::make_unique<FakePublisher>(1);
    publisher->topics = {{"t", 1}};
    if (!is_reachable) publisher->unreachable.insert({"t", 0});
    publisher_ = publisher.get();
    return Spool::Open(options_, std::move(publisher), SystemClock::Instance(), nullptr);
  }
  static Deadline In(std::chrono::milliseconds patience) {
    return Deadline::After(SystemClock::Instance(), patience);
  }
  static ProducerRecord Record(std::string body) {
    ProducerRecord record;
    record.topic = "t";
    record.key = "k";
    record.body = std::move(body);
    return record;
  }
  static Result<RecordMetadata> SendAndWait(Spool& spool, std::string body) {
    std::promise<Result<RecordMetadata>> promise;
    auto future = promise.get_future();
    LANEMQ_RETURN_IF_ERROR(spool.Send(
        Record(std::move(body)), std::nullopt,
        [&promise](const Result<RecordMetadata>& result) { promise.set_value(result); }, In(50ms)));
    return future.get();
  }

  testing::TempDir dir_;
  ProducerOptions options_;
  FakePublisher* publisher_ = nullptr;
};

TEST_F(SpoolTest, WhatIsSpooledIsSentByWhoeverOpensTheDirectoryNext) {
  for (const SpoolFsync mode :
       {SpoolFsync::kEverySend, SpoolFsync::kInterval, SpoolFsync::kNever}) {
    options_.spool_fsync = mode;
    {
      auto away = Open(/*is_reachable=*/false);
      ASSERT_TRUE(away.ok()) << away.error().ToString();
      for (int i = 0; i < 3; ++i) {
        const auto sent = SendAndWait(**away, std::to_string(i));
        ASSERT_TRUE(sent.ok()) << sent.error().ToString();
        EXPECT_TRUE(sent->is_spooled);
        EXPECT_EQ(sent->partition, -1);
        EXPECT_EQ(sent->offset, -1);
      }
      EXPECT_EQ((*away)->stats().spooled, 3);
      const Status flushed = (*away)->Flush(In(20ms));
      ASSERT_FALSE(flushed.ok());
      EXPECT_EQ(flushed.error().code, ErrorCode::kRequestTimedOut);
      EXPECT_THAT(flushed.error().message, HasSubstr("3 records wait in the spool"));
      const auto second = Open();
      ASSERT_FALSE(second.ok());
      EXPECT_EQ(second.error().code, ErrorCode::kFailedPrecondition);
      (*away)->Close();
      const auto closed = SendAndWait(**away, "late");
      ASSERT_FALSE(closed.ok());
      EXPECT_EQ(closed.error().code, ErrorCode::kClosed);
    }
    auto back = Open();
    ASSERT_TRUE(back.ok()) << back.error().ToString();
    ASSERT_TRUE(SendAndWait(**back, "3").ok());
    const Status flushed = (*back)->Flush(In(10s));
    ASSERT_TRUE(flushed.ok()) << flushed.error().ToString();
    (*back)->Close();
    EXPECT_THAT(publisher_->Bodies(), ElementsAre("0", "1", "2", "3"));
    EXPECT_EQ((*back)->stats().replayed, 4);
  }
}

TEST_F(SpoolTest, AFullSpoolBlocksThenRefusesAndEmptiesAgain) {
  auto away = Open(/*is_reachable=*/false);
  ASSERT_TRUE(away.ok());
  std::size_t accepted = 0;
  Result<RecordMetadata> last = RecordMetadata{};
  while ((last = SendAndWait(**away, std::string(100'000, 'x'))).ok()) ++accepted;
  EXPECT_EQ(last.error().code, ErrorCode::kQueueFull);
  EXPECT_THAT(last.error().message, HasSubstr("spool.bytes.max"));
  EXPECT_GT(accepted, 35u);
  EXPECT_LE((*away)->stats().bytes, options_.spool_bytes_max);
  away->reset();
  auto back = Open();
  ASSERT_TRUE(back.ok());
  ASSERT_TRUE((*back)->Flush(In(20s)).ok());
  EXPECT_TRUE(testing::WaitFor([&] { return (*back)->stats().bytes < 2u << 20; }, 10s, "room"));
  EXPECT_TRUE(SendAndWait(**back, "more").ok());
  (*back)->Close();
  EXPECT_THAT(publisher_->Bodies(), SizeIs(::testing::Ge(accepted)));
}

TEST_F(SpoolTest, ARecordThatNoFrameHoldsIsRefused) {
  options_.spool_bytes_max = 1u << 30;
  auto spool = Open();
  ASSERT_TRUE(spool.ok());
  const auto sent = SendAndWait(**spool, std::string(Journal::kPayloadMax - 1, 'x'));
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().code, ErrorCode::kMessageTooLarge);
  EXPECT_TRUE(SendAndWait(**spool, "small").ok());
}

TEST_F(SpoolTest, ADamagedJournalIsRefusedByName) {
  {
    auto spool = Open(/*is_reachable=*/false);
    ASSERT_TRUE(spool.ok());
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(SendAndWait(**spool, "body").ok());
  }
  const std::string path = options_.spool_dir + "/0000000001.journal";
  std::FILE* const file = std::fopen(path.c_str(), "r+b");
  ASSERT_NE(file, nullptr);
  std::fseek(file, 60, SEEK_SET);
  std::fputc('!', file);
  std::fclose(file);
  const auto opened = Open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kCorruptMessage);
  EXPECT_THAT(opened.error().message, HasSubstr(path));
  EXPECT_THAT(opened.error().message, HasSubstr("offset"));
}

TEST(SpoolQueueTest, NothingOvertakesWhatIsOnItsWayToAnotherPartition) {
  SpoolQueue queue;
  for (std::uint32_t i = 1; i <= 4; ++i) {
    core::OutboxMessage message = Message("t", i == 4 ? std::nullopt : std::optional("k"), "b");
    message.id = i;
    queue.Add(message, {1, 100 * i, 10});
  }
  queue.SetPartitions("t", 1);
  core::OutboxStreams streams({}, Random(1));
  core::OutboxMessage second = Message("t", "k", "b");
  second.id = 2;
  ASSERT_TRUE(streams.Add({"t", 7, false}, second, /*is_alone=*/false, {}));
  bool was_cut = false;
  EXPECT_THAT(queue.Next(streams, {}, {}, &was_cut), UnorderedElementsAre(1, 4));
  EXPECT_THAT(queue.Next(streams, {1}, {}, &was_cut), ElementsAre(4));
  (void)streams.Finish({"t", 7, false}, /*has_used_sequences=*/true);
  EXPECT_THAT(queue.Next(streams, {1, 2}, {}, &was_cut), UnorderedElementsAre(3, 4));
}

TEST(SpoolRecordTest, RoundTripsAndRejectsAnythingCut) {
  core::OutboxMessage message = Message("t", "", std::string("\0b", 2));
  message.id = 42;
  message.created = {7};
  message.due = WallTime{99};
  message.partition = 3;
  auto record = std::make_shared<core::Record>(*message.record);
  record->headers = {{"h", "1"}, {"h", ""}};
  record->codec = -2;
  message.record = record;
  const std::string bytes = EncodeRefusal({{5}, "why", message});
  const auto back = DecodeRefusal(bytes);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->error, "why");
  EXPECT_EQ(back->message.id, 42);
  EXPECT_EQ(back->message.partition, 3);
  EXPECT_EQ(back->message.due, WallTime{99});
  EXPECT_EQ(*back->message.record, *message.record);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeRefusal(std::string_view(bytes).substr(0, size)).ok());
  }
  SpoolStep step{{1, 2, 3, 9, 10, 7}, {{{"t", 1, true, core::ProducerId{8}, 4, {5, 6, 8}}}}};
  const auto step_back = DecodeStep(EncodeStep(step));
  ASSERT_TRUE(step_back.ok());
  EXPECT_EQ(step_back->done, step.done);
  EXPECT_EQ(step_back->plan, step.plan);
  EXPECT_FALSE(DecodeStep(EncodeStep(step) + "x").ok());
  EXPECT_FALSE(DecodeStep(std::string(40, '\xff')).ok());
}

}  // namespace
}  // namespace lanemq::client
