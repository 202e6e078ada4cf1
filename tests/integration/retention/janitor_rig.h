#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/broker/broker_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {

/// Janitors that look many times a second and remove what is a second old; segments of 20 rows.
inline broker::JanitorOptions QuickJanitor() {
  using std::chrono::milliseconds;
  broker::JanitorOptions options;
  options.lease = {.ttl = milliseconds(2'500), .margin = milliseconds(500)};
  options.acquire_every = milliseconds(400);
  options.queue = {.every = milliseconds(20), .busy_first = milliseconds(20)};
  options.rest_factor = 0;
  options.table_rest_factor = 0;
  options.limits.grace = milliseconds(0);
  options.limits.segment_rows_min = 20;
  options.limits.room_ahead = std::chrono::seconds(0);
  return options;
}

/// Topic "orders" of one partition, and what people see of it.
class JanitorTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    rig_ = std::make_unique<BrokerRig>(*server, 1);
    table_ = "`" + rig_->prefix + "_00`.`msg_1_0`";
    // As a table from before retention: one part.
    const auto merged = server->Query(
        "ALTER TABLE " + table_ +
        " REORGANIZE PARTITION p_100000, p_tail INTO (PARTITION p_tail VALUES LESS THAN MAXVALUE)");
    ASSERT_TRUE(merged.ok()) << merged.error().ToString();
  }

  void Configure(core::TopicConfig config) {
    rig_->meta.Change([&](core::CatalogSnapshot& catalog) { catalog.topics[0].config = config; });
  }
  /// `count` messages in batches of ten; the offset of the first.
  std::int64_t Produce(const RigBroker& broker, int count) {
    std::int64_t first = 0;
    for (int i = 0; i < count; i += 10) {
      const auto stored = rig_->Produce(broker, 0, std::vector<std::string>(10, "m"));
      EXPECT_TRUE(stored.ok() && !stored->__isset.error);
      if (first == 0 && stored.ok()) first = stored->base_offset;
    }
    return first;
  }
  std::int64_t Number(const std::string& sql) {
    const auto answer = rig_->server.Query(sql);
    EXPECT_TRUE(answer.ok()) << sql;
    return answer.ok() && !answer->empty() && *answer != "NULL\n" ? std::stoll(*answer) : -1;
  }
  std::int64_t LogStart() {
    return Number("SELECT log_start_offset FROM `" + rig_->prefix + "_node`.partition_state");
  }
  std::int64_t FirstRow() { return Number("SELECT MIN(`offset`) FROM " + table_); }
  std::int64_t LastRow() { return Number("SELECT MAX(`offset`) FROM " + table_); }
  std::int64_t Rows() { return Number("SELECT COUNT(*) FROM " + table_); }
  /// The value of a counter or gauge of a broker, all labels together.
  static double Metric(const RigBroker& broker, const std::string& name,
                       const std::string& kind = "") {
    double sum = 0;
    for (const auto& family :
         const_cast<RigBroker&>(broker).broker.metrics().registry()->Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) {
        bool is_wanted = kind.empty();
        for (const auto& label : metric.label) is_wanted = is_wanted || label.value == kind;
        if (is_wanted) sum += metric.counter.value + metric.gauge.value;
      }
    }
    return sum;
  }
  static bool IsHolder(const RigBroker& broker) {
    return Metric(broker, "lanemq_retention_is_holder") > 0;
  }

  std::unique_ptr<BrokerRig> rig_;
  std::string table_;
};

}  // namespace lanemq::testing
