#include "sql/migrate/migrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/migrate/applied.h"

namespace lanemq::sql {
namespace {

using testing::HasSubstr;

constexpr Migration kKnown[] = {{1, "0001_a", "aa", "x"}, {2, "0002_b", "bb", "y"}};

TEST(CompareMigrationsTest, NothingOrABeginningOrAllAppliedIsFine) {
  EXPECT_TRUE(CompareMigrations("s", kKnown, {}).ok());
  const AppliedMigration applied[] = {{1, "0001_a", "aa"}, {2, "0002_b", "bb"}};
  EXPECT_TRUE(CompareMigrations("s", kKnown, std::span(applied, 1)).ok());
  EXPECT_TRUE(CompareMigrations("s", kKnown, applied).ok());
}

TEST(CompareMigrationsTest, AnotherChecksumNamesTheFile) {
  const AppliedMigration applied[] = {{1, "0001_a", "zz"}};
  const Status status = CompareMigrations("lanemq_node", kKnown, applied);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(status.error().message, HasSubstr("lanemq_node"));
  EXPECT_THAT(status.error().message, HasSubstr("0001_a"));
}

TEST(CompareMigrationsTest, AHoleInWhatWasAppliedIsADifference) {
  const AppliedMigration applied[] = {{2, "0002_b", "bb"}};
  EXPECT_FALSE(CompareMigrations("s", kKnown, applied).ok());
}

TEST(CompareMigrationsTest, ANewerSchemaAsksForANewerProgram) {
  const AppliedMigration applied[] = {{1, "0001_a", "aa"}, {2, "0002_b", "bb"}, {3, "c", "cc"}};
  const Status status = CompareMigrations("s", kKnown, applied);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message, HasSubstr("newer"));
}

TEST(SchemaPrefixTest, OnlyWhatNeedsNoQuotingIsAllowed) {
  EXPECT_TRUE(CheckSchemaPrefix("lanemq_2").ok());
  for (const char* bad : {"", "Lane", "a-b", "a`b", "a b"}) {
    EXPECT_FALSE(CheckSchemaPrefix(bad).ok()) << bad;
  }
  EXPECT_FALSE(CheckSchemaPrefix(std::string(49, 'a')).ok());
}

TEST(SchemaPrefixTest, MessageSchemasHaveTwoDigits) {
  EXPECT_EQ(MessageSchema("p", 3), "p_03");
  EXPECT_EQ(NodeSchema("p"), "p_node");
  EXPECT_EQ(MetaSchema("p"), "p_meta");
}

}  // namespace
}  // namespace lanemq::sql
