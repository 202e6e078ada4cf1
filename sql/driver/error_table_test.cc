#include "sql/driver/error_table.h"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace lanemq::sql {
namespace {

using enum ErrorCode;

struct Expected {
  ErrorCode reading;
  ErrorCode writing;
  bool breaks;
};

// Written by hand, not derived: a row changed by mistake must be changed here by intent too.
constexpr Expected kNoEffect{kDataNodeUnavailable, kDataNodeUnavailable, false};
constexpr Expected kNoEffectBroken{kDataNodeUnavailable, kDataNodeUnavailable, true};
constexpr Expected kLost{kDataNodeUnavailable, kOutcomeUnknown, true};
constexpr Expected kInterrupted{kDataNodeUnavailable, kOutcomeUnknown, false};
constexpr Expected Same(ErrorCode code, bool breaks = false) { return {code, code, breaks}; }

const std::map<int, Expected> kExpected = {
    {1007, Same(kAlreadyExists)},
    {1008, Same(kNotFound)},
    {1020, Same(kConflict)},
    {1021, kNoEffect},
    {1022, Same(kAlreadyExists)},
    {1037, kLost},
    {1040, Same(kThrottled, true)},
    {1041, kLost},
    {1042, kNoEffectBroken},
    {1043, kNoEffectBroken},
    {1044, kNoEffect},
    {1045, kNoEffectBroken},
    {1046, Same(kUnknownServerError)},
    {1047, kNoEffectBroken},
    {1049, Same(kUnknownTopicOrPartition)},
    {1050, Same(kAlreadyExists)},
    {1051, Same(kNotFound)},
    {1053, kLost},
    {1054, Same(kFailedPrecondition)},
    {1060, Same(kFailedPrecondition)},
    {1061, Same(kFailedPrecondition)},
    {1062, Same(kAlreadyExists)},
    {1064, Same(kUnknownServerError)},
    {1080, kLost},
    {1114, kNoEffect},
    {1118, Same(kMessageTooLarge)},
    {1129, kNoEffectBroken},
    {1130, kNoEffectBroken},
    {1142, kNoEffect},
    {1146, Same(kUnknownTopicOrPartition)},
    {1152, kLost},
    {1153, Same(kMessageTooLarge, true)},
    {1154, kLost},
    {1155, kLost},
    {1156, kLost},
    {1158, kLost},
    {1159, kLost},
    {1160, kLost},
    {1161, kLost},
    {1180, kLost},
    {1184, kLost},
    {1203, Same(kThrottled, true)},
    {1205, Same(kConflict)},
    {1206, Same(kThrottled)},
    {1213, Same(kConflict)},
    {1226, Same(kThrottled, true)},
    {1264, Same(kInvalidRequest)},
    {1290, kNoEffectBroken},
    {1317, kInterrupted},
    {1366, Same(kInvalidRequest)},
    {1406, Same(kMessageTooLarge)},
    {1412, Same(kConflict)},
    {1461, Same(kThrottled, true)},
    {1493, Same(kAlreadyExists)},
    {1507, Same(kNotFound)},
    {1508, Same(kFailedPrecondition)},
    {1517, Same(kAlreadyExists)},
    {1520, Same(kAlreadyExists)},
    {1586, Same(kAlreadyExists)},
    {1615, Same(kConflict, true)},
    {1698, kNoEffectBroken},
    {1792, kNoEffectBroken},
    {1836, kNoEffectBroken},
    {1927, kLost},
    {1969, kInterrupted},
    {2000, kLost},
    {2002, kNoEffectBroken},
    {2003, kNoEffectBroken},
    {2004, kNoEffectBroken},
    {2005, kNoEffectBroken},
    {2006, kLost},
    {2008, kLost},
    {2012, kNoEffectBroken},
    {2013, kLost},
    {2014, Same(kUnknownServerError, true)},
    {2020, Same(kMessageTooLarge, true)},
    {2026, kLost},
    {2027, kLost},
    {2055, kLost},
    {3024, kInterrupted},
    {3058, Same(kConflict)},
    {3100, kLost},
    {3101, Same(kConflict)},
    {3169, kLost},
    {3572, Same(kConflict)},
    {4031, kNoEffectBroken},
};

TEST(ErrorTableTest, EveryRowIsExpectedAndEveryExpectationIsARow) {
  std::set<int> seen;
  for (const ErrorRow& row : ErrorTable()) {
    SCOPED_TRACE(std::to_string(row.number) + " " + std::string(row.symbol));
    EXPECT_TRUE(seen.insert(row.number).second);
    const auto expected = kExpected.find(row.number);
    ASSERT_NE(expected, kExpected.end());
    EXPECT_EQ(row.without_effect, expected->second.reading);
    EXPECT_EQ(row.when_writing, expected->second.writing);
    EXPECT_EQ(row.breaks_connection, expected->second.breaks);
    EXPECT_EQ(Classify(row.number, "x", Phase::kRead).code, expected->second.reading);
    EXPECT_EQ(Classify(row.number, "x", Phase::kInTransaction).code, expected->second.reading);
    EXPECT_EQ(Classify(row.number, "x", Phase::kWrite).code, expected->second.writing);
  }
  EXPECT_EQ(seen.size(), kExpected.size());
}

TEST(ErrorTableTest, WhatMayHaveTakenEffectIsNeverReportedOfAReadOrAnOpenTransaction) {
  for (const ErrorRow& row : ErrorTable()) {
    EXPECT_NE(row.without_effect, kOutcomeUnknown) << row.number;
  }
}

TEST(ErrorTableTest, NothingThatFailsToConnectMayHaveTakenEffect) {
  for (const ErrorRow& row : ErrorTable()) {
    const ErrorCode code = Classify(row.number, "x", Phase::kConnect).code;
    EXPECT_TRUE(code == kDataNodeUnavailable || code == kThrottled) << row.number;
  }
}

TEST(ErrorTableTest, ALogThatIsSealedIsAPartitionThatIsNotHere) {
  for (const auto* text : {"Unknown column 'timestamp_us' in 'field list'",
                           "Unknown column 'm.timestamp_us' in 'SELECT'",
                           "Unknown column 'sealed_timestamp_us' in 'msg_7_3'"}) {
    EXPECT_EQ(Classify(1054, text, Phase::kWrite).code, kUnknownTopicOrPartition) << text;
  }
  EXPECT_EQ(Classify(1054, "Unknown column 'move_id' in 'field list'", Phase::kRead).code,
            kFailedPrecondition);
}

TEST(ErrorTableTest, UnknownNumbersAreDefectsThatEndTheSession) {
  EXPECT_EQ(Classify(9'999, "x", Phase::kWrite).code, kUnknownServerError);
  EXPECT_TRUE(RowOf(9'999).breaks_connection);
}

TEST(ErrorTableTest, TheMessageKeepsTheServersWordsNumberAndName) {
  EXPECT_EQ(Classify(1213, "Deadlock found", Phase::kWrite).message,
            "Deadlock found (1213 ER_LOCK_DEADLOCK)");
}

}  // namespace
}  // namespace lanemq::sql
