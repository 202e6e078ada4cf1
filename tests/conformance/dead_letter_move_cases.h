#pragma once

#include <string>
#include <vector>

#include "tests/conformance/dead_letter_store_fixture.h"

namespace lanemq::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(DeadLetterStoreSuite, ToTheTopicTheyAreAppendedWithAMark) {
  PutThreePartitions(3);
  core::DeadLetter bare = Letter(1, 4, "g");
  auto record = std::make_shared<core::Record>();
  record->offset = core::Offset{4};
  bare.record = record;
  core::DeadLetter homeless = Letter(9, 1);
  under_test_->Put({bare, homeless});
  const auto tail = under_test_->log().ReadTail(under_test_->Location(1), Soon());
  ASSERT_TRUE(tail.ok()) << tail.error().ToString();
  auto before = std::make_shared<core::Record>();
  before->offset = core::Offset{1};
  before->timestamp = WallTime{4'000'000'000'000'000};  // A producer's clock was ahead.
  ASSERT_TRUE(under_test_->log()
                  .Append(under_test_->Location(1), std::vector<core::RecordPtr>{before},
                          tail->server, Soon())
                  .ok());
  const core::Fence fence = under_test_->NewTerm();
  const core::RedriveJob begun = Begin(1, All(), core::RedriveTarget::kTopic);
  const core::RedriveJob done = Finish(1, 2, fence);
  EXPECT_EQ(done.state, core::RedriveState::kDone);
  EXPECT_EQ(done.moved, 10);
  EXPECT_EQ(ListAll(All()), (Offsets{{9, 1}}));  // Its partition is not here: it stays.
  EXPECT_THAT(RetryOffsets(), IsEmpty());
  EXPECT_EQ(Log(0).size(), 3u);
  EXPECT_EQ(Log(2).size(), 3u);
  const auto log = Log(1);
  ASSERT_EQ(log.size(), 5u);
  for (std::size_t i = 1; i < log.size(); ++i) {
    core::Record want = i == 4 ? *bare.record : *Letter(1, static_cast<std::int64_t>(i)).record;
    want.offset = core::Offset{static_cast<std::int64_t>(i) + 1};
    want.timestamp = before->timestamp;
    want.producer = core::kNoProducer;
    want.sequence = 0;
    want.headers.push_back({"lanemq-redriven-from", "g"});
    EXPECT_TRUE(*log[i] == want) << i;
  }
  EXPECT_GE(Log(0).front()->timestamp, begun.created_at);
  EXPECT_THAT(Deeds(), ElementsAre("redrive:0", "redrive:10"));
}

TEST_P(DeadLetterStoreSuite, AnEditChangesWhatItNames) {
  under_test_->Put({Letter(0, 1), Letter(0, 2), Letter(0, 3)});
  const auto redrive = [&](std::int64_t offset, const core::DeadLetterEdit& edit) {
    const Status status = store().RedriveEdited(Id(0, offset), edit, Note(), Soon());
    EXPECT_TRUE(status.ok()) << status.error().ToString();
  };
  redrive(1, {.key = std::nullopt,
              .body = std::string("it's \0 new\\", 11),
              .headers = std::vector<core::Header>{{"a'", "\\b"}}});
  redrive(2, {.key = std::optional<std::string>(), .headers = std::vector<core::Header>{}});
  const Status none = store().RedriveEdited(Id(0, 9), {}, Note(), Soon());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(ListAll(All()), (Offsets{{0, 3}}));
  const auto retries = under_test_->Retries("g");
  ASSERT_EQ(retries.size(), 2u);
  core::Record first = *Letter(0, 1).record;
  first.body = std::string("it's \0 new\\", 11);
  first.headers = {{"a'", "\\b"}};
  first.codec = 0;  // What people write is not compressed.
  EXPECT_TRUE(*retries[0].record == first);
  core::Record second = *Letter(0, 2).record;
  second.key = std::nullopt;
  second.headers.clear();
  EXPECT_TRUE(*retries[1].record == second);
  EXPECT_EQ(retries[0].history.attempts, 0);
  ExpectSameFailures(retries[0], Letter(0, 1));
  EXPECT_THAT(Deeds(), ElementsAre("edit:1", "edit:1"));
}

TEST_P(DeadLetterStoreSuite, TwoThatStepAtOnceMoveEachOnce) {
  PutThreePartitions(40);
  const core::Fence fence = under_test_->NewTerm();
  Begin(1, All(), core::RedriveTarget::kTopic);
  const auto run = [&](core::DeadLetterStore& on) {
    for (int i = 0; i < 200; ++i) {
      const auto job = on.StepRedrive(1, 3, fence, Soon());
      ASSERT_TRUE(job.ok()) << job.error().ToString();
      if (job->state != core::RedriveState::kRunning) return;
    }
    FAIL() << "the redrive has no end";
  };
  std::thread second([&] { run(under_test_->other()); });
  run(store());
  second.join();
  for (int partition = 0; partition < 3; ++partition) {
    const auto log = Log(partition);
    ASSERT_EQ(log.size(), 40u);
    for (std::size_t i = 0; i < log.size(); ++i) {
      EXPECT_EQ(log[i]->body, Letter(partition, static_cast<std::int64_t>(i) + 1).record->body);
    }
  }
  EXPECT_THAT(ListAll(All()), IsEmpty());
  EXPECT_THAT(Deeds(), ElementsAre("redrive:0", "redrive:120"));
}

}  // namespace lanemq::testing
