#include "common/guard/refusal_log.h"

#include <gtest/gtest.h>

namespace lanemq {
namespace {

using std::chrono::seconds;

MonotonicTime At(seconds time) { return {time}; }

TEST(RefusalLogTest, WhatIsObservedIsCountedByMethodHoweverOftenItIsLogged) {
  RefusalLog log;
  const core::Caller billing{{core::PrincipalKind::kService, "billing"}, "id"};
  for (int i = 0; i < 5; ++i) {
    log.Observed({.method = "produce", .caller = &billing, .peer = "p:1", .why = "no"},
                 At(seconds{10}));
  }
  log.Observed({.method = "fetch", .peer = "p:1", .why = "no"}, At(seconds{10}));
  const auto observed = log.observed();
  EXPECT_EQ(observed.at("produce"), 5u);
  EXPECT_EQ(observed.at("fetch"), 1u);
  EXPECT_EQ(log.observed_total(), 6u);
}

TEST(RefusalLogTest, NamesThatNoMethodHasAreOne) {
  RefusalLog log;
  for (const char* name : {"x1", "x2", "x3", ""}) {
    log.Observed({.method = name, .peer = "p:1", .why = "no"}, At(seconds{10}));
  }
  EXPECT_EQ(log.observed(), (std::map<std::string, std::uint64_t>{{"other", 4}}));
}

TEST(RefusalLogTest, WhatIsRefusedIsNotCountedAsObserved) {
  RefusalLog log;
  log.Refused({.method = "produce", .peer = "p:1", .why = "no"}, At(seconds{10}));
  EXPECT_TRUE(log.observed().empty());
}

}  // namespace
}  // namespace lanemq
