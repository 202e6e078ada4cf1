// Delayed messages as a broker takes them, shows them and lets go of them.
#include <map>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/types/delayed_handle.h"
#include "tests/chaos/chaos_proxy.h"
#include "tests/integration/broker/broker_rig.h"

namespace lanemq::testing {
namespace {

using Code = idl::ErrorCode;
using State = idl::CancelState;

constexpr std::int64_t kYear2100 = 4'102'444'800'000'000;

struct Wanted {
  std::string body;
  std::int64_t due_us = kYear2100;
};

class DelayedTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    rig_ = std::make_unique<BrokerRig>(*server, 3);
    one_ = &rig_->AddBroker();
    other_ = &rig_->AddBroker();
  }

  static idl::ScheduleRequest Request(std::int32_t partition, const std::vector<Wanted>& messages,
                                      std::int64_t producer = 0, std::int64_t sequence = 0) {
    idl::ScheduleRequest request;
    auto& batch = request.partitions.emplace_back();
    batch.topic = "orders";
    batch.partition = partition;
    for (const Wanted& wanted : messages) {
      auto& message = batch.messages.emplace_back();
      message.message.__set_body(wanted.body);
      message.due_us = wanted.due_us;
    }
    if (producer != 0) {
      batch.__set_producer_id(producer);
      batch.__set_base_sequence(sequence);
    }
    return request;
  }
  Result<idl::SchedulePartitionResult> Schedule(const rpc::Endpoint& broker,
                                                const idl::ScheduleRequest& request) {
    LANEMQ_ASSIGN_OR_RETURN(auto reply,
                            rig_->client.ScheduleSync(broker, request, BrokerRig::In(40)));
    return std::move(reply.partitions.at(0));
  }
  /// The handles; none when it failed.
  std::vector<std::string> Handles(const idl::ScheduleRequest& request) {
    const auto result = Schedule(one_->endpoint(), request);
    EXPECT_TRUE(result.ok());
    if (!result.ok()) return {};
    EXPECT_FALSE(result->__isset.error) << result->error.message;
    EXPECT_EQ(result->duplicates, 0);
    return result->handles;
  }
  std::vector<idl::CancelOne> Cancel(const RigBroker& broker,
                                     const std::vector<std::string>& handles) {
    idl::CancelRequest request;
    request.handles = handles;
    const auto reply =
        rig_->client.CancelDelayedSync(broker.endpoint(), request, BrokerRig::In(40));
    EXPECT_TRUE(reply.ok()) << reply.error().ToString();
    return reply.ok() ? reply->results : std::vector<idl::CancelOne>();
  }
  Result<idl::ListDelayedResponse> List(std::optional<std::int32_t> partition = {}, int max = 1'000,
                                        const std::string& after = {}) {
    idl::ListDelayedRequest request;
    request.topic = "orders";
    if (partition) request.__set_partition(*partition);
    if (!after.empty()) request.__set_after(after);
    request.__set_max_count(max);
    return rig_->client.ListDelayedSync(other_->endpoint(), request, BrokerRig::In(40));
  }
  std::vector<std::string> Bodies(std::optional<std::int32_t> partition = {}) {
    const auto reply = List(partition);
    EXPECT_TRUE(reply.ok()) << reply.error().ToString();
    std::vector<std::string> bodies;
    if (!reply.ok()) return bodies;
    for (const auto& one : reply->messages) bodies.push_back(one.message.body);
    return bodies;
  }

  std::unique_ptr<BrokerRig> rig_;
  RigBroker* one_ = nullptr;
  RigBroker* other_ = nullptr;
};
INSTANTIATE_TEST_SUITE_P(On, DelayedTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(DelayedTest, ARepeatedBatchIsStoredOnceAndHasTheSameHandlesThroughWhicheverBroker) {
  for (int i = 0; i < 6; ++i) {
    const auto request =
        Request(0, {{"a" + std::to_string(i)}, {"b" + std::to_string(i)}}, 77, 2 * i);
    const auto first = Schedule((i % 2 == 0 ? one_ : other_)->endpoint(), request);
    const auto again = Schedule((i % 3 == 0 ? one_ : other_)->endpoint(), request);
    ASSERT_TRUE(first.ok() && again.ok());
    ASSERT_FALSE(first->__isset.error) << first->error.message;
    ASSERT_FALSE(again->__isset.error) << again->error.message;
    EXPECT_EQ(first->duplicates, 0);
    EXPECT_EQ(again->duplicates, 2);
    EXPECT_EQ(first->handles.size(), 2u);
    EXPECT_EQ(first->handles, again->handles);
  }
  EXPECT_EQ(Bodies(0).size(), 12u);
  EXPECT_EQ(Schedule(one_->endpoint(), Request(0, {{"x"}}, 77, 13))->error.code,
            Code::OUT_OF_ORDER_SEQUENCE_NUMBER);
  EXPECT_EQ(Schedule(one_->endpoint(), Request(0, {{"x"}}, 78, 13))->error.code,
            Code::UNKNOWN_PRODUCER_ID);
  EXPECT_EQ(Bodies(0).size(), 12u) << "a batch that leaves a gap is not stored";
  EXPECT_TRUE(rig_->Fetch(*one_, 0, 1, 0)->partitions.empty()) << "nothing is in the log yet";
}

TEST_P(DelayedTest, SequencesAreApartFromThoseOfTheLog) {
  ASSERT_FALSE(rig_->Produce(*one_, 0, {"now", "now"}, 77, 0)->__isset.error);
  ASSERT_FALSE(Schedule(one_->endpoint(), Request(0, {{"later"}}, 77, 0))->__isset.error);
  ASSERT_FALSE(rig_->Produce(*one_, 0, {"now"}, 77, 2)->__isset.error);
  ASSERT_FALSE(Schedule(one_->endpoint(), Request(1, {{"later"}}, 77, 0))->__isset.error);
  EXPECT_THAT(Bodies(), ::testing::ElementsAre("later", "later"));
}

TEST_P(DelayedTest, WhenTheReplyIsLostTheRepeatSaysTheSame) {
  auto proxy = chaos::ChaosProxy::Start(one_->broker.port(), 1);
  ASSERT_TRUE(proxy.ok());
  const rpc::Endpoint lossy{"127.0.0.1", static_cast<std::uint16_t>((*proxy)->port())};
  const auto request = Request(1, {{"a"}, {"b"}, {"c"}}, 5, 0);
  (*proxy)->SetCuts({.before_reply = 1});
  const auto lost = Schedule(lossy, request);
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(EffectOf(lost.error().code), Effect::kPossible);
  const auto again = Schedule(other_->endpoint(), request);
  ASSERT_TRUE(again.ok() && !again->__isset.error);
  EXPECT_EQ(again->duplicates, 3) << "the first request did store them";
  EXPECT_THAT(Bodies(1), ::testing::ElementsAre("a", "b", "c"));
  for (const auto& result : Cancel(*one_, again->handles))
    EXPECT_EQ(result.state, State::CANCELLED);
  EXPECT_TRUE(Bodies(1).empty());
  const auto third = Schedule(one_->endpoint(), request);
  ASSERT_TRUE(third.ok() && !third->__isset.error);
  EXPECT_EQ(third->duplicates, 3) << "a late repeat does not bring back what was cancelled";
  EXPECT_TRUE(Bodies(1).empty());
}

TEST_P(DelayedTest, WithoutAProducerIdEachBatchIsNew) {
  const auto first = Handles(Request(0, {{"a"}, {"b"}}));
  const auto second = Handles(Request(0, {{"a"}, {"b"}}));
  std::set<std::string> all(first.begin(), first.end());
  all.insert(second.begin(), second.end());
  EXPECT_EQ(all.size(), 4u);
  EXPECT_EQ(Bodies(0).size(), 4u);
  for (const auto& result : Cancel(*other_, first)) EXPECT_EQ(result.state, State::CANCELLED);
  EXPECT_THAT(Bodies(0), ::testing::UnorderedElementsAre("a", "b"));
}

TEST_P(DelayedTest, EveryHandleHasAnAnswerOfItsOwn) {
  const auto mine = Handles(Request(0, {{"a"}, {"b"}, {"c"}}, 9, 0));
  ASSERT_EQ(mine.size(), 3u);
  const auto id = *core::FromHandle(mine[0]);
  core::DelayedId other_topic = id;
  other_topic.key.topic = core::TopicId{4'711};
  core::DelayedId other_partition = id;
  other_partition.key.partition = 3;
  core::DelayedId past = id;
  past.due = WallTime{1};
  std::string mistyped = mine[1];
  mistyped[10] = mistyped[10] == 'A' ? 'B' : 'A';
  const auto results = Cancel(*one_, {mine[0], mistyped, mine[2], "", core::ToHandle(other_topic),
                                      core::ToHandle(other_partition), core::ToHandle(past)});
  ASSERT_EQ(results.size(), 7u);
  EXPECT_EQ(results[0].handle, mine[0]);
  EXPECT_EQ(results[0].state, State::CANCELLED);
  EXPECT_EQ(results[1].error.code, Code::INVALID_REQUEST);
  EXPECT_FALSE(results[1].__isset.state);
  EXPECT_EQ(results[2].state, State::CANCELLED);
  EXPECT_EQ(results[3].error.code, Code::INVALID_REQUEST);
  EXPECT_EQ(results[4].state, State::NOT_FOUND) << "a metaserver said that there is no such topic";
  EXPECT_EQ(results[5].state, State::NOT_FOUND);
  EXPECT_EQ(results[6].state, State::DELIVERED);
  EXPECT_THAT(Bodies(), ::testing::ElementsAre("b"));
  EXPECT_EQ(Cancel(*other_, {mine[0]}).at(0).state, State::NOT_FOUND) << "cancelled before";

  rig_->meta.SetAllDown(true);
  const auto alone = Cancel(*one_, {core::ToHandle(other_topic), mine[1]});
  ASSERT_EQ(alone.size(), 2u);
  EXPECT_EQ(alone[0].error.code, Code::METADATA_UNAVAILABLE) << "it may be a topic made since";
  EXPECT_EQ(alone[1].state, State::CANCELLED);
}

TEST_P(DelayedTest, RequestsAreChecked) {
  idl::CancelRequest cancel;
  const auto refused = [&] {
    const auto reply = rig_->client.CancelDelayedSync(one_->endpoint(), cancel, BrokerRig::In(40));
    return reply.ok() ? std::nullopt : std::optional(reply.error().code);
  };
  EXPECT_EQ(refused(), ErrorCode::kInvalidRequest);
  cancel.handles.resize(1'001, core::ToHandle({}));
  EXPECT_EQ(refused(), ErrorCode::kInvalidRequest);
  cancel.handles.pop_back();
  EXPECT_EQ(refused(), std::nullopt);
  cancel.__set_cluster_id("another");
  EXPECT_EQ(refused(), ErrorCode::kInconsistentClusterId);

  idl::ScheduleRequest request = Request(7, {{"x"}});
  EXPECT_EQ(Schedule(one_->endpoint(), request)->error.code, Code::UNKNOWN_TOPIC_OR_PARTITION);
  EXPECT_EQ(Schedule(one_->endpoint(), Request(0, {}))->error.code, Code::INVALID_REQUEST);
  EXPECT_EQ(Schedule(one_->endpoint(), Request(0, {{"x", -1}}))->error.code, Code::INVALID_REQUEST);
  EXPECT_EQ(
      Schedule(one_->endpoint(), Request(0, {{std::string((1u << 20) + 1, 'x')}}))->error.code,
      Code::MESSAGE_TOO_LARGE);
  request.partitions.clear();
  EXPECT_EQ(Schedule(one_->endpoint(), request).error().code, ErrorCode::kInvalidRequest);

  EXPECT_EQ(List(7).error().code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(List({}, 0).error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(List({}, 1'001).error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(List({}, 1, "page").error().code, ErrorCode::kInvalidRequest);
  core::DelayedId stray;
  stray.key.topic = core::TopicId{2};
  EXPECT_EQ(List({}, 1, core::ToHandle(stray)).error().code, ErrorCode::kInvalidRequest);
}

TEST_P(DelayedTest, PagesHaveEverythingOnceByPartitionAndDueTime) {
  std::map<std::string, std::pair<std::int32_t, std::int64_t>> sent;  // By handle.
  for (std::int32_t partition = 0; partition < 3; ++partition) {
    std::vector<Wanted> batch;
    for (int i = 0; i < 30; ++i) batch.push_back({"m", kYear2100 + (i * 7) % 30 / 2});
    const auto handles = Handles(Request(partition, batch, 1 + partition, 0));
    ASSERT_EQ(handles.size(), batch.size());
    for (std::size_t i = 0; i < handles.size(); ++i) {
      sent[handles[i]] = {partition, batch[i].due_us};
    }
  }
  std::vector<std::pair<std::int32_t, std::int64_t>> listed;
  std::string after;
  int pages = 0;
  do {
    const auto page = List({}, 7, after);
    ASSERT_TRUE(page.ok()) << page.error().ToString();
    ASSERT_LE(page->messages.size(), 7u);
    for (const auto& one : page->messages) {
      ASSERT_TRUE(sent.contains(one.handle));
      EXPECT_EQ(sent[one.handle], std::pair(one.partition, one.due_us));
      sent.erase(one.handle);
      listed.emplace_back(one.partition, one.due_us);
    }
    ++pages;
    after = page->__isset.next_page ? page->next_page : "";
  } while (!after.empty() && pages < 100);
  EXPECT_EQ(pages, 13);
  EXPECT_TRUE(sent.empty());
  EXPECT_TRUE(std::is_sorted(listed.begin(), listed.end()));
  const auto last = List(2, 1'000);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->messages.size(), 30u);
  EXPECT_FALSE(last->__isset.next_page);
}

TEST_P(DelayedTest, APageEndsBeforeItIsTooLargeToSend) {
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(Handles(Request(i % 3, {{std::string(1u << 20, 'x')}})).size(), 1u);
  }
  std::size_t seen = 0;
  std::string after;
  int pages = 0;
  do {
    const auto page = List({}, 1'000, after);
    ASSERT_TRUE(page.ok()) << page.error().ToString();
    EXPECT_LE(page->messages.size(), 9u) << "8 MiB, and the message that crosses them";
    seen += page->messages.size();
    after = page->__isset.next_page ? page->next_page : "";
    ++pages;
  } while (!after.empty() && pages < 12);
  EXPECT_EQ(seen, 12u);
  EXPECT_EQ(pages, 2);
}

TEST_P(DelayedTest, EverythingOfAMessageIsKept) {
  idl::ScheduleRequest request = Request(0, {{std::string("\0'\\\xff", 4), kYear2100 + 5}});
  idl::Message& message = request.partitions[0].messages[0].message;
  message.__set_key("");
  message.__set_codec(3);
  message.__isset.headers = true;
  message.headers.resize(2);
  message.headers[0].name = message.headers[1].name = "trace";
  message.headers[0].value = std::string("\0\x01", 2);
  const idl::Message whole = message;
  request.partitions[0].messages.emplace_back().due_us = kYear2100 + 6;  // A tombstone.
  const auto handles = Handles(request);
  const auto listed = List(0);
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->messages.size(), 2u);
  const idl::Message& kept = listed->messages[0].message;
  EXPECT_TRUE(kept.__isset.key && kept.__isset.body && kept.__isset.headers);
  EXPECT_EQ(kept.key, whole.key);
  EXPECT_EQ(kept.body, whole.body);
  EXPECT_EQ(kept.codec, whole.codec);
  ASSERT_EQ(kept.headers.size(), whole.headers.size());
  for (std::size_t i = 0; i < kept.headers.size(); ++i) {
    EXPECT_EQ(kept.headers[i].name, whole.headers[i].name);
    EXPECT_EQ(kept.headers[i].value, whole.headers[i].value);
  }
  EXPECT_EQ(listed->messages[0].due_us, kYear2100 + 5);
  EXPECT_EQ(listed->messages[0].handle, handles.at(0));
  EXPECT_FALSE(listed->messages[1].message.__isset.body);
  EXPECT_FALSE(listed->messages[1].message.__isset.key);
}

TEST_P(DelayedTest, ManyWhoCancelTheSameAreToldOnceThatTheyDid) {
  std::vector<Wanted> batch(60, Wanted{"x"});
  const auto handles = Handles(Request(0, batch, 3, 0));
  ASSERT_EQ(handles.size(), 60u);
  std::vector<std::vector<idl::CancelOne>> answers(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < answers.size(); ++t) {
      threads.emplace_back([&, t] {
        // In pieces, from both ends.
        for (std::size_t i = 0; i < handles.size(); i += 6) {
          const std::size_t begin = t % 2 == 0 ? i : handles.size() - 6 - i;
          const auto at = handles.begin() + static_cast<std::ptrdiff_t>(begin);
          for (auto& answer : Cancel(t < 2 ? *one_ : *other_, {at, at + 6})) {
            answers[t].push_back(answer);
          }
        }
      });
    }
  }
  std::map<std::string, int> cancelled;
  for (const auto& list : answers) {
    EXPECT_EQ(list.size(), handles.size());
    for (const auto& one : list) {
      EXPECT_FALSE(one.__isset.error) << one.error.message;
      EXPECT_TRUE(one.state == State::CANCELLED || one.state == State::NOT_FOUND);
      if (one.state == State::CANCELLED) ++cancelled[one.handle];
    }
  }
  EXPECT_EQ(cancelled.size(), 60u);
  for (const auto& [handle, times] : cancelled) EXPECT_EQ(times, 1) << handle;
  EXPECT_TRUE(Bodies().empty());
}

}  // namespace
}  // namespace lanemq::testing
