#include "common/guard/sightings.h"

#include <string>

#include <gtest/gtest.h>

namespace lanemq {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

MonotonicTime At(milliseconds time) { return {seconds{1'000} + time}; }

TEST(SightingsTest, AnIdMayBeNewUntilTheBookWasComparedAfterItsFirstSighting) {
  Sightings sightings({.margin = milliseconds{500}});
  sightings.Confirm(At(milliseconds{0}));
  EXPECT_TRUE(sightings.MayBeNew("a", At(milliseconds{10})));
  EXPECT_TRUE(sightings.MayBeNew("a", At(seconds{5}))) << "nobody has answered yet";
  sightings.Confirm(At(milliseconds{200}));
  EXPECT_TRUE(sightings.MayBeNew("a", At(seconds{6}))) << "whoever was asked may be behind";
  sightings.Confirm(At(milliseconds{510}));
  EXPECT_FALSE(sightings.MayBeNew("a", At(seconds{7})));
  EXPECT_FALSE(sightings.MayBeNew("a", At(seconds{8})));
  EXPECT_TRUE(sightings.MayBeNew("b", At(seconds{8})));
}

TEST(SightingsTest, AnOlderAnswerDoesNotTakeANewerOneBack) {
  Sightings sightings({});
  EXPECT_TRUE(sightings.MayBeNew("a", At(milliseconds{10})));
  sightings.Confirm(At(milliseconds{20}));
  sightings.Confirm(At(milliseconds{5}));
  EXPECT_FALSE(sightings.MayBeNew("a", At(milliseconds{30})));
}

TEST(SightingsTest, AFullTableRefusesAtOnceAndEmptiesWithTime) {
  Sightings sightings({.ids_max = 3, .kept = seconds{60}});
  for (const char* id : {"a", "b", "c"}) EXPECT_TRUE(sightings.MayBeNew(id, At(seconds{2})));
  EXPECT_FALSE(sightings.MayBeNew("d", At(seconds{3})));
  EXPECT_TRUE(sightings.MayBeNew("a", At(seconds{3}))) << "what has its place keeps it";
  EXPECT_EQ(sightings.size(), 3u);
  EXPECT_TRUE(sightings.MayBeNew("d", At(seconds{63})));
  EXPECT_EQ(sightings.size(), 1u);
}

TEST(SightingsTest, WhatWasInABookIsNotNew) {
  Sightings sightings({.ids_max = 2});
  sightings.Gone("a");
  sightings.Gone("a");
  sightings.Gone("b");
  EXPECT_FALSE(sightings.MayBeNew("a", At(seconds{1})));
  EXPECT_TRUE(sightings.MayBeNew("c", At(seconds{1})));
  sightings.Gone("d");
  EXPECT_FALSE(sightings.MayBeNew("b", At(seconds{1})));
  EXPECT_TRUE(sightings.MayBeNew("a", At(seconds{1}))) << "so many are remembered";
}

TEST(SightingsTest, AnIdThatComesAgainMuchLaterIsLookedIntoAgain) {
  Sightings sightings({.kept = seconds{60}});
  EXPECT_TRUE(sightings.MayBeNew("a", At(seconds{0})));
  sightings.Confirm(At(seconds{1}));
  EXPECT_FALSE(sightings.MayBeNew("a", At(seconds{2})));
  EXPECT_TRUE(sightings.MayBeNew("a", At(seconds{100})));
}

}  // namespace
}  // namespace lanemq
