#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/store/dead_letter_store.h"
#include "common/core/store/message_store.h"

namespace lanemq::testing {

/// A store to be tested, with the places that letters come from and go to.
class DeadLetterStoreUnderTest {
 public:
  virtual ~DeadLetterStoreUnderTest() = default;
  virtual core::DeadLetterStore& store() = 0;
  /// Another store on the same data node, as another broker has it.
  virtual core::DeadLetterStore& other() = 0;
  /// Puts letters there as they are, as a settle does.
  virtual void Put(const std::vector<core::DeadLetter>& letters) = 0;
  /// The group's retries in order, as letters: `dead_at` is when it is due.
  virtual std::vector<core::DeadLetter> Retries(const std::string& group) = 0;
  /// Redrives `first` to `last` of group g that were done long ago, the higher the later.
  virtual void PutDoneRedrives(std::int64_t first, std::int64_t last) = 0;
  /// The partition begins, or does not go on, to move to another data node.
  virtual void SetMoving(const core::PartitionKey& key, bool is_moving) = 0;
  /// A new term of the lease of the node's duties, which ends the one before.
  virtual core::Fence NewTerm() = 0;
  /// The data node's clock.
  virtual WallTime Now() = 0;
  /// Logs of topic 7, partitions 0 to 2, which exist.
  virtual core::MessageStore& log() = 0;
  virtual core::PartitionLocation Location(int partition) = 0;
};

struct DeadLetterStoreFactory {
  std::string name;
  std::function<std::unique_ptr<DeadLetterStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const DeadLetterStoreFactory& factory, std::ostream* out) {
  *out << factory.name;
}

/// What every DeadLetterStore must do.
class DeadLetterStoreSuite : public ::testing::TestWithParam<DeadLetterStoreFactory> {
 protected:
  using Offsets = std::vector<std::pair<int, std::int64_t>>;  ///< Partition and offset.

  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr)
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
  }

  core::DeadLetterStore& store() { return under_test_->store(); }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{30});
  }
  static core::PartitionKey Key(int partition) { return {core::TopicId{7}, partition}; }
  static core::FailedId Id(int partition, std::int64_t offset, std::string group = "g") {
    return {std::move(group), Key(partition), core::Offset{offset}};
  }
  static core::DeadLetterFilter All(std::string group = "g") { return {.group = std::move(group)}; }
  static core::DeadLetterFilter Only(std::vector<core::FailedId> ids) {
    return {.group = "g", .ids = std::move(ids)};
  }
  static core::OperatorNote Note() { return {"ops", "why"}; }

  /// A letter with bytes of every kind, dead since long ago.
  static core::DeadLetter Letter(int partition, std::int64_t offset, std::string group = "g") {
    auto record = std::make_shared<core::Record>();
    record->offset = core::Offset{offset};
    record->timestamp = WallTime{offset * 10};
    record->producer = core::ProducerId{5};
    record->sequence = offset + 100;
    record->key = "key" + std::to_string(offset % 4);
    record->body = std::string("body\0'\\\xff\n", 9) + std::to_string(offset);
    record->headers = {{"trace id", "a&b=\x01"}, {"n", std::to_string(offset)}};
    record->codec = 2;
    core::DeadLetter letter;
    letter.id = Id(partition, offset, std::move(group));
    letter.record = std::move(record);
    letter.history.attempts = 16;
    letter.history.first.error = "first \xf0\x9f\x98\x80";
    letter.history.last = {offset % 2 == 0 ? "timeout" : "declined", "last 'error'"};
    letter.history.first_at = WallTime{1'700'000'000'000'001};
    letter.history.last_at = WallTime{1'700'000'001'000'002};
    letter.dead_at = WallTime{1'700'000'002'000'000 + offset};
    return letter;
  }
  /// Letters 1 to `count` of each partition of three.
  void PutThreePartitions(int count) {
    std::vector<core::DeadLetter> letters;
    for (int partition = 0; partition < 3; ++partition) {
      for (int offset = 1; offset <= count; ++offset) letters.push_back(Letter(partition, offset));
    }
    under_test_->Put(letters);
  }
  static void ExpectEqual(const core::DeadLetter& got, const core::DeadLetter& want) {
    EXPECT_EQ(got.id, want.id);
    EXPECT_TRUE(*got.record == *want.record) << want.id.offset.value;
    ExpectSameFailures(got, want);
    EXPECT_EQ(got.history.attempts, want.history.attempts);
    EXPECT_EQ(got.dead_at, want.dead_at);
  }
  static void ExpectSameFailures(const core::DeadLetter& got, const core::DeadLetter& want) {
    EXPECT_EQ(got.history.first.error, want.history.first.error);
    EXPECT_EQ(got.history.last.reason, want.history.last.reason);
    EXPECT_EQ(got.history.last.error, want.history.last.error);
    EXPECT_EQ(got.history.first_at, want.history.first_at);
    EXPECT_EQ(got.history.last_at, want.history.last_at);
  }

  /// Every page of `filter`; each one goes on where the last one ended.
  Offsets ListAll(const core::DeadLetterFilter& filter, int page_max = 1'000,
                  int* pages = nullptr) {
    Offsets found;
    std::optional<core::FailedId> after;
    for (int page = 0; page < 1'000; ++page) {
      const auto listed = store().List(filter, after, page_max, false, Soon());
      EXPECT_TRUE(listed.ok()) << listed.error().ToString();
      if (!listed.ok()) return found;
      if (pages != nullptr) ++*pages;
      EXPECT_LE(listed->letters.size(), static_cast<std::size_t>(page_max));
      for (const auto& letter : listed->letters) {
        found.emplace_back(letter.id.key.partition, letter.id.offset.value);
      }
      if (!listed->next) return found;
      after = listed->next;
    }
    ADD_FAILURE() << "the pages have no end";
    return found;
  }
  Offsets RetryOffsets() {
    Offsets found;
    for (const auto& letter : under_test_->Retries("g")) {
      found.emplace_back(letter.id.key.partition, letter.id.offset.value);
    }
    return found;
  }
  std::vector<core::RecordPtr> Log(int partition) {
    const auto read =
        under_test_->log().Read(under_test_->Location(partition), core::Offset{0},
                                {.records_max = 100'000, .bytes_max = 64u << 20}, Soon());
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    return read.ok() ? *read : std::vector<core::RecordPtr>{};
  }
  /// action:count of each deed, oldest first.
  std::vector<std::string> Deeds(const std::string& group = "g") {
    std::vector<std::string> deeds;
    const auto listed = store().ListDeeds(group, 100, Soon());
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    if (!listed.ok()) return deeds;
    for (const auto& deed : *listed) {
      deeds.insert(deeds.begin(), deed.action + ":" + std::to_string(deed.count));
    }
    return deeds;
  }

  core::RedriveJob Begin(std::int64_t id, const core::DeadLetterFilter& filter,
                         core::RedriveTarget target = core::RedriveTarget::kGroup) {
    const auto job = store().BeginRedrive(
        {.id = id, .filter = filter, .target = target, .per_second = 9, .note = Note()}, Soon());
    EXPECT_TRUE(job.ok()) << job.error().ToString();
    return job.ok() ? *job : core::RedriveJob{};
  }
  core::RedriveJob Step(core::DeadLetterStore& on, std::int64_t id, int max,
                        const core::Fence& fence) {
    const auto job = on.StepRedrive(id, max, fence, Soon());
    EXPECT_TRUE(job.ok()) << job.error().ToString();
    return job.ok() ? *job : core::RedriveJob{};
  }
  /// Steps of `max` until the job is done: how it ended.
  core::RedriveJob Finish(std::int64_t id, int max, const core::Fence& fence) {
    core::RedriveJob job;
    for (int i = 0; i < 1'000; ++i) {
      job = Step(store(), id, max, fence);
      if (job.state != core::RedriveState::kRunning || HasFailure()) return job;
    }
    ADD_FAILURE() << "the redrive has no end";
    return job;
  }

  std::unique_ptr<DeadLetterStoreUnderTest> under_test_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DeadLetterStoreSuite);

}  // namespace lanemq::testing
