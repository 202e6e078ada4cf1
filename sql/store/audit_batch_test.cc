#include "sql/store/audit_batch.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/audit/audit_merge.h"

namespace lanemq::sql {
namespace {

using ::testing::ElementsAre;

constexpr std::size_t kMany = 1'000'000;

core::AuditEvent EventOf(std::int64_t id, std::size_t bytes = 0) {
  core::AuditEvent event;
  event.id = id;
  event.change.after_json.assign(bytes, 'x');
  return event;
}

std::vector<std::int64_t> IdsOf(AuditBatch& batch) {
  std::vector<std::int64_t> ids;
  for (const core::AuditEvent& event : batch.events()) ids.push_back(event.id);
  return ids;
}

/// Of as many as it takes.
AuditBatch BatchOf(std::size_t rows_max, std::size_t bytes_max,
                   const std::vector<core::AuditEvent>& events) {
  AuditBatch batch(rows_max, bytes_max);
  for (const core::AuditEvent& event : events) {
    if (!batch.Add(event)) break;
  }
  return batch;
}

TEST(AuditBatchTest, AServerThatSendsMoreRowsThanItShouldIsNotHeard) {
  AuditBatch batch(2, kMany);
  EXPECT_TRUE(batch.is_all());
  EXPECT_TRUE(batch.Add(EventOf(9)));
  EXPECT_TRUE(batch.is_all());
  EXPECT_FALSE(batch.Add(EventOf(8)));
  EXPECT_FALSE(batch.Add(EventOf(7)));
  EXPECT_THAT(IdsOf(batch), ElementsAre(9, 8));
  EXPECT_FALSE(batch.is_all());
}

TEST(AuditBatchTest, ItEndsWhereItsBytesDoButHasOneEvent) {
  const std::size_t bytes = core::BytesOf(EventOf(1, 1'000));
  AuditBatch batch(10, 2 * bytes);
  EXPECT_TRUE(batch.Add(EventOf(9, 1'000)));
  EXPECT_TRUE(batch.Add(EventOf(8, 1'000)));
  EXPECT_TRUE(batch.is_all());
  EXPECT_FALSE(batch.Add(EventOf(7, 1'000)));
  EXPECT_THAT(IdsOf(batch), ElementsAre(9, 8));
  EXPECT_FALSE(batch.is_all());
  AuditBatch small(10, 1);
  EXPECT_TRUE(small.Add(EventOf(9)));
  EXPECT_FALSE(small.Add(EventOf(8)));
  EXPECT_THAT(IdsOf(small), ElementsAre(9));
}

TEST(AuditBatchTest, OfTwoTheNewestComeEachOnce) {
  AuditBatch both = AuditBatch::Merge(BatchOf(4, kMany, {EventOf(9), EventOf(7), EventOf(5)}),
                                      BatchOf(4, kMany, {EventOf(9), EventOf(6)}));
  EXPECT_THAT(IdsOf(both), ElementsAre(9, 7, 6, 5));
  EXPECT_FALSE(both.is_all());
  AuditBatch few = AuditBatch::Merge(BatchOf(4, kMany, {EventOf(9)}), BatchOf(4, kMany, {}));
  EXPECT_THAT(IdsOf(few), ElementsAre(9));
  EXPECT_TRUE(few.is_all());
}

TEST(AuditBatchTest, NoneIsPassedOverThatOneOfTwoHasNotToldYet) {
  const std::size_t two = 2 * core::BytesOf(EventOf(1, 1'000));
  AuditBatch both =
      AuditBatch::Merge(BatchOf(10, two, {EventOf(9, 1'000), EventOf(7, 1'000), EventOf(5, 1'000)}),
                        BatchOf(10, two, {EventOf(8), EventOf(4)}));
  EXPECT_THAT(IdsOf(both), ElementsAre(9, 8, 7)) << "5 has not been told";
  EXPECT_FALSE(both.is_all());
}

}  // namespace
}  // namespace lanemq::sql
