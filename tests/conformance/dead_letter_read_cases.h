#pragma once

#include <string>
#include <vector>

#include "tests/conformance/dead_letter_store_fixture.h"

namespace lanemq::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_P(DeadLetterStoreSuite, GivesBackWhatDied) {
  core::DeadLetter bare = Letter(1, 2);
  auto record = std::make_shared<core::Record>();
  record->offset = core::Offset{2};
  record->timestamp = WallTime{20};
  bare.record = record;
  under_test_->Put({Letter(0, 1), bare, Letter(0, 1, "other")});
  for (const auto& want : {Letter(0, 1), bare, Letter(0, 1, "other")}) {
    const auto got = store().Get(want.id, Soon());
    ASSERT_TRUE(got.ok()) << got.error().ToString();
    ExpectEqual(*got, want);
  }
  const auto none = store().Get(Id(0, 2), Soon());
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);

  const auto with = store().List(All(), std::nullopt, 10, true, Soon());
  ASSERT_TRUE(with.ok()) << with.error().ToString();
  ASSERT_EQ(with->letters.size(), 2u);
  ExpectEqual(with->letters[0], Letter(0, 1));
  ExpectEqual(with->letters[1], bare);
  const auto without = store().List(All(), std::nullopt, 10, false, Soon());
  ASSERT_TRUE(without.ok());
  EXPECT_EQ(without->letters.at(0).record->body, std::nullopt);
  EXPECT_EQ(without->letters.at(0).record->headers, Letter(0, 1).record->headers);
}

TEST_P(DeadLetterStoreSuite, PagesGoThroughThePartitionsInOrder) {
  PutThreePartitions(7);
  under_test_->Put({Letter(0, 3, "f"), Letter(2, 3, "h")});
  Offsets want;
  for (int partition = 0; partition < 3; ++partition) {
    for (int offset = 1; offset <= 7; ++offset) want.emplace_back(partition, offset);
  }
  for (const int page_max : {1, 2, 7, 20, 21, 22, 1'000}) {
    int pages = 0;
    EXPECT_EQ(ListAll(All(), page_max, &pages), want);
    EXPECT_EQ(pages, (21 + page_max - 1) / page_max) << page_max;  // No empty page at the end.
  }
  EXPECT_THAT(ListAll(All("nobody")), IsEmpty());
}

TEST_P(DeadLetterStoreSuite, EveryFilterChooses) {
  PutThreePartitions(6);
  core::DeadLetter foreign = Letter(1, 4);
  foreign.id.key.topic = core::TopicId{8};
  under_test_->Put({foreign});
  const auto list = [&](core::DeadLetterFilter filter) {
    filter.group = "g";
    return ListAll(filter, 2);
  };
  EXPECT_EQ(ListAll(All()).size(), 19u);
  EXPECT_EQ(list({.partition = Key(1)}), (Offsets{{1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}}));
  EXPECT_EQ(list({.topic = core::TopicId{8}}), (Offsets{{1, 4}}));
  EXPECT_EQ(list({.topic = core::TopicId{7}}).size(), 18u);
  EXPECT_EQ(list({.partition = Key(2), .reason = "timeout"}), (Offsets{{2, 2}, {2, 4}, {2, 6}}));
  EXPECT_EQ(list({.topic = core::TopicId{7}, .key = "key1"}),
            (Offsets{{0, 1}, {0, 5}, {1, 1}, {1, 5}, {2, 1}, {2, 5}}));
  const WallTime four = Letter(0, 4).dead_at;
  const WallTime five = Letter(0, 5).dead_at;
  EXPECT_EQ(list({.partition = Key(0), .from = four}), (Offsets{{0, 4}, {0, 5}, {0, 6}}));
  EXPECT_EQ(list({.partition = Key(0), .until = four}), (Offsets{{0, 1}, {0, 2}, {0, 3}}));
  EXPECT_EQ(list({.topic = core::TopicId{7}, .from = four, .until = five}),
            (Offsets{{0, 4}, {1, 4}, {2, 4}}));
  EXPECT_EQ(ListAll(Only({Id(2, 1), Id(0, 6), Id(0, 9), Id(0, 6), Id(0, 1, "other")}), 1),
            (Offsets{{0, 6}, {2, 1}}));
  core::DeadLetterFilter both = Only({Id(2, 1), Id(0, 6)});
  both.reason = "timeout";
  EXPECT_EQ(ListAll(both), (Offsets{{0, 6}}));
  const auto refused = store().List({}, std::nullopt, 1, false, Soon());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidRequest);
}

TEST_P(DeadLetterStoreSuite, ARareLetterAmongManyIsFoundInBoundedSteps) {
  std::vector<core::DeadLetter> letters;
  for (int offset = 1; offset <= 6'200; ++offset) {
    letters.push_back(Letter(0, offset));
    letters.back().history.last.reason = offset == 6'100 ? "rare" : "common";
  }
  under_test_->Put(letters);
  int pages = 0;
  EXPECT_EQ(ListAll({.group = "g", .reason = "rare"}, 10, &pages), (Offsets{{0, 6'100}}));
  EXPECT_EQ(pages, 2);  // The first looks at 5,000 letters and finds nothing.
  // A range of time with few letters is found at once, one with too many by the way of the others.
  pages = 0;
  EXPECT_EQ(ListAll({.group = "g", .reason = "rare", .from = letters[6'000].dead_at}, 10, &pages),
            (Offsets{{0, 6'100}}));
  EXPECT_EQ(pages, 1);
  pages = 0;
  EXPECT_EQ(ListAll({.group = "g", .reason = "rare", .from = letters[5].dead_at}, 10, &pages),
            (Offsets{{0, 6'100}}));
  EXPECT_EQ(pages, 2);
}

TEST_P(DeadLetterStoreSuite, APageEndsBeforeItIsTooBig) {
  std::vector<core::DeadLetter> letters;
  for (int offset = 1; offset <= 4; ++offset) {
    letters.push_back(Letter(0, offset));
    auto big = std::make_shared<core::Record>(*letters.back().record);
    big->body = std::string(3u << 20, 'x');
    letters.back().record = big;
    under_test_->Put({letters.back()});
  }
  const auto page = store().List(All(), std::nullopt, 100, true, Soon());
  ASSERT_TRUE(page.ok()) << page.error().ToString();
  EXPECT_EQ(page->letters.size(), 2u);
  ASSERT_TRUE(page->next);
  EXPECT_EQ(*page->next, Id(0, 2));
  EXPECT_EQ(ListAll(All()).size(), 4u);
}

TEST_P(DeadLetterStoreSuite, CountsByPartitionAndReason) {
  PutThreePartitions(3);
  under_test_->Put({Letter(0, 9, "other")});
  const auto counts = store().CountBy("g", Soon());
  ASSERT_TRUE(counts.ok()) << counts.error().ToString();
  ASSERT_EQ(counts->size(), 6u);
  EXPECT_EQ((*counts)[0].key, Key(0));
  EXPECT_EQ((*counts)[0].reason, "declined");
  EXPECT_EQ((*counts)[0].letters, 2);
  EXPECT_EQ((*counts)[0].oldest, Letter(0, 1).dead_at);
  EXPECT_EQ((*counts)[5].key, Key(2));
  EXPECT_EQ((*counts)[5].reason, "timeout");
  EXPECT_EQ((*counts)[5].letters, 1);
}

TEST_P(DeadLetterStoreSuite, DropsByFilterAndByIdAndSaysWho) {
  PutThreePartitions(4);
  under_test_->Put({Letter(0, 2, "other")});
  const auto by_filter = store().Drop({.group = "g", .reason = "timeout"}, Note(), Soon());
  ASSERT_TRUE(by_filter.ok()) << by_filter.error().ToString();
  EXPECT_EQ(by_filter->count, 6);
  EXPECT_TRUE(by_filter->is_complete);
  const auto by_id = store().Drop(Only({Id(1, 3), Id(1, 3), Id(1, 2)}), {"ann", "b\xff"}, Soon());
  ASSERT_TRUE(by_id.ok()) << by_id.error().ToString();
  EXPECT_EQ(by_id->count, 1);
  EXPECT_EQ(ListAll(All()), (Offsets{{0, 1}, {0, 3}, {1, 1}, {2, 1}, {2, 3}}));
  EXPECT_EQ(ListAll(All("other")).size(), 1u);
  const auto again = store().Drop(Only({Id(1, 3)}), Note(), Soon());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->count, 0);
  EXPECT_THAT(Deeds(), ElementsAre("drop:6", "drop:1"));
  const auto newest = store().ListDeeds("g", 1, Soon());
  ASSERT_TRUE(newest.ok() && newest->size() == 1u);
  EXPECT_EQ(newest->front().note.requested_by, "ann");
  EXPECT_EQ(newest->front().note.reason, "b\xff");
  EXPECT_THAT(newest->front().detail, ::testing::HasSubstr("[7,1,3]"));
  EXPECT_NEAR(static_cast<double>(newest->front().at.micros),
              static_cast<double>(under_test_->Now().micros), 60e6);
}

TEST_P(DeadLetterStoreSuite, DropsManyInSeveralTransactions) {
  PutThreePartitions(400);
  const auto dropped = store().Drop(All(), Note(), Soon());
  ASSERT_TRUE(dropped.ok()) << dropped.error().ToString();
  EXPECT_EQ(dropped->count, 1'200);
  EXPECT_TRUE(dropped->is_complete);
  EXPECT_THAT(ListAll(All()), IsEmpty());
  EXPECT_THAT(Deeds(), ElementsAre("drop:500", "drop:500", "drop:200"));
}

TEST_P(DeadLetterStoreSuite, ExpiryTakesTheOldOfAllGroupsUnderItsLease) {
  core::DeadLetter young = Letter(0, 9);
  young.dead_at = under_test_->Now();
  under_test_->Put({Letter(0, 1), Letter(0, 2), Letter(1, 3), young, Letter(0, 1, "h")});
  const core::Fence old_term = under_test_->NewTerm();
  const core::Fence fence = under_test_->NewTerm();
  constexpr std::chrono::hours kAge{24};
  const auto stale = store().Expire(kAge, 10, old_term, Soon());
  ASSERT_FALSE(stale.ok());
  EXPECT_EQ(stale.error().code, ErrorCode::kFenced);
  EXPECT_EQ(ListAll(All()).size(), 4u);
  std::vector<std::int64_t> counts;
  for (int i = 0; i < 4; ++i) {
    const auto expired = store().Expire(kAge, 2, fence, Soon());
    ASSERT_TRUE(expired.ok()) << expired.error().ToString();
    counts.push_back(*expired);
  }
  EXPECT_THAT(counts, ElementsAre(2, 2, 0, 0));
  EXPECT_EQ(ListAll(All()), (Offsets{{0, 9}}));
  EXPECT_THAT(ListAll(All("h")), IsEmpty());
  EXPECT_THAT(Deeds("g"), ElementsAre("expire:3"));  // Two transactions, one row a day.
  EXPECT_THAT(Deeds("h"), ElementsAre("expire:1"));
}

}  // namespace lanemq::testing
