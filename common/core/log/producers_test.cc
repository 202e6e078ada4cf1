#include "common/core/log/producers.h"

#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

TEST(ProducersTest, RunsMergeAndKeepTheirOriginalOffsets) {
  Producers producers;
  EXPECT_EQ(producers.NextSequence(ProducerId{7}), std::nullopt);
  producers.Note(ProducerId{7}, {0, 10, Offset{1}});
  producers.Note(ProducerId{7}, {10, 5, Offset{11}});
  producers.Note(ProducerId{7}, {15, 5, Offset{100}});
  EXPECT_EQ(producers.NextSequence(ProducerId{7}), 20);
  EXPECT_EQ(producers.Find(ProducerId{7}, 12), (SequenceRun{0, 15, Offset{1}}));
  EXPECT_EQ(producers.Find(ProducerId{7}, 17)->OffsetOf(17), Offset{102});
  EXPECT_EQ(producers.Find(ProducerId{7}, 20), std::nullopt);
}

TEST(ProducersTest, BrokersOwnAndAbsentIdsAreNotRemembered) {
  Producers producers;
  producers.Note(ProducerId{-5}, {0, 1, Offset{1}});
  producers.Note(kNoProducer, {0, 1, Offset{2}});
  EXPECT_EQ(producers.size(), 0u);
}

TEST(ProducersTest, TheLongestSilentProducerIsForgottenFirst) {
  Producers producers({.producers_max = 3, .runs_max = 2});
  for (int p = 1; p <= 3; ++p) producers.Note(ProducerId{p}, {0, 1, Offset{p}});
  producers.Note(ProducerId{1}, {1, 1, Offset{4}});
  producers.Note(ProducerId{4}, {0, 1, Offset{5}});
  EXPECT_EQ(producers.size(), 3u);
  EXPECT_EQ(producers.NextSequence(ProducerId{2}), std::nullopt);
  EXPECT_EQ(producers.NextSequence(ProducerId{1}), 2);
}

TEST(ProducersTest, OldRunsAreForgottenButNotTheSequence) {
  Producers producers({.producers_max = 3, .runs_max = 2});
  for (int i = 0; i < 4; ++i) producers.Note(ProducerId{1}, {i, 1, Offset{i * 10 + 1}});
  EXPECT_EQ(producers.Find(ProducerId{1}, 1), std::nullopt);
  EXPECT_EQ(producers.Find(ProducerId{1}, 2)->first_offset, Offset{21});
  EXPECT_EQ(producers.NextSequence(ProducerId{1}), 4);
}

TEST(ProducersTest, ASnapshotSurvivesTheRoundTrip) {
  Producers producers;
  Random random(3);
  for (int i = 1; i <= 500; ++i) {
    const ProducerId id{static_cast<std::int64_t>(random.Below(40) + 1)};
    producers.Note(id, {producers.NextSequence(id).value_or(0), 3, Offset{i * 3}});
  }
  const auto copy = Producers::Decode(producers.Encode());
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(copy->Encode(), producers.Encode());
  for (int p = 1; p <= 40; ++p) {
    EXPECT_EQ(copy->NextSequence(ProducerId{p}), producers.NextSequence(ProducerId{p}));
  }
}

TEST(ProducersTest, ADamagedSnapshotIsRefused) {
  Producers producers;
  producers.Note(ProducerId{1}, {0, 300, Offset{1}});
  const std::string good = producers.Encode();
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(Producers::Decode(good.substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(Producers::Decode(good + "x").ok());
  EXPECT_FALSE(Producers::Decode("\x02" + good.substr(1)).ok());
}

}  // namespace
}  // namespace lanemq::core
