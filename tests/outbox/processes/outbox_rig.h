#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/result.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/stop_signal.h"
#include "tests/outbox/processes/outbox_checker.h"
#include "tests/support/database_server.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_for.h"

namespace lanemq::outbox_testing {

struct RigOptions {
  testing::Engine engine = testing::Engine::kMariaDb;
  /// The business's database is on a server of its own, which the test may kill; otherwise a schema
  /// of the cluster's.
  bool has_own_business_server = false;
  /// A data node named node2 on a server of its own: OutboxRig::second_node().
  bool has_second_node = false;
  std::vector<std::string> relay_flags;  ///< Of every relay.
  /// Logs of error level are part of the test.
  bool is_rough = false;
};

struct TopicSpec {
  std::string name;
  std::int32_t partitions = 1;
  std::map<std::string, std::string> config = {};
  std::string node = "node1";
};

/// A row of a topic's table.
struct StoredRow {
  Published published;
  std::string text;  ///< The body's beginning, up to the first space.
};

/// A business database with an outbox, an application process, relay processes and a cluster.
///
/// Not thread-safe; one owner, which lives as long as the processes.
class OutboxRig {
 public:
  static Result<std::unique_ptr<OutboxRig>> Start(RigOptions options);
  ~OutboxRig();
  OutboxRig(const OutboxRig&) = delete;
  OutboxRig& operator=(const OutboxRig&) = delete;

  /// These two wait until every broker knows it.
  Status CreateTopic(const TopicSpec& spec);
  Status SetTopicConfig(const std::string& topic, const std::string& name,
                        const std::string& value);

  /// The relay `name`, with a database user of that name. A name may be started again after its
  /// end.
  Status StartRelay(const std::string& name, const std::vector<std::string>& flags = {});
  [[nodiscard]] testing::Process& relay(const std::string& name) { return relays_.at(name); }
  /// The application, publishing to `topic`, each life with new numbers and a new event file.
  Status StartApp(const std::string& topic, const std::vector<std::string>& flags = {});
  [[nodiscard]] testing::Process& app() { return app_; }

  /// SQL in the business's schema.
  Result<std::string> Ask(const std::string& sql);
  /// One number that a query of the business's schema answers; -1: it could not be asked.
  [[nodiscard]] std::int64_t Number(const std::string& sql);
  /// Messages in the topic's tables; -1: it could not be asked.
  [[nodiscard]] std::int64_t CountOf(const std::string& topic);
  Result<std::vector<StoredRow>> Rows(const std::string& topic);
  /// Texts of the messages with that key, in the topic's order, with a space between two.
  [[nodiscard]] std::string TextsOf(const std::string& topic, const std::string& key);

  /// No rows, no holds, no plan.
  [[nodiscard]] bool IsEmpty();
  /// What the application wrote and its tables say; `topic` is its topic.
  Result<OutboxHistory> History(const std::string& topic);
  /// Ends the application, waits until the outbox is empty and all delayed messages are there, ends
  /// the relays in order, judges, and prints what it counted.
  OutboxReport Finish(const std::string& topic);

  [[nodiscard]] e2e::Cluster& cluster() { return *cluster_; }
  [[nodiscard]] testing::DatabaseServer& business() { return *business_; }
  [[nodiscard]] testing::DatabaseServer& second_node() { return *second_node_; }

 private:
  explicit OutboxRig(RigOptions options);
  struct Topic {
    std::vector<std::string> tables;
    testing::DatabaseServer* server = nullptr;
  };
  Status StartDatabases();
  Status MakeBusinessTables();
  Status AddSecondNode();
  Status WaitUntilKnown(const std::string& topic, const std::map<std::string, std::string>& config);
  Status ReadEvents(std::map<std::int64_t, Trial>& trials);
  [[nodiscard]] bool IsAllThere(const std::string& topic, std::int64_t messages);
  void StopRelays();
  [[nodiscard]] std::string RelayLogs(bool is_errors_only) const;

  const RigOptions options_;
  const std::string schema_;
  testing::TempDir dir_;
  std::unique_ptr<e2e::Cluster> cluster_;
  std::unique_ptr<testing::DatabaseServer> own_business_;
  std::unique_ptr<testing::DatabaseServer> second_node_;
  testing::DatabaseServer* business_ = nullptr;
  std::map<std::string, Topic> topics_;
  std::map<std::string, testing::Process> relays_;
  std::map<std::string, std::string> wake_addresses_;
  std::vector<std::string> relay_logs_;
  std::vector<std::string> event_files_;
  testing::Process app_;
};

/// A rig for a test, on both engines.
class OutboxProcessTest : public ::testing::TestWithParam<testing::Engine> {
 protected:
  void StartRig(RigOptions options) {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    options.engine = GetParam();
    auto started = OutboxRig::Start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    rig_ = std::move(started).value();
  }
  void CreateTopic(const TopicSpec& spec) { ExpectOk(rig_->CreateTopic(spec)); }
  void StartRelay(const std::string& name, const std::vector<std::string>& flags = {}) {
    ExpectOk(rig_->StartRelay(name, flags));
  }
  static void ExpectOk(const Status& status) {
    ASSERT_TRUE(status.ok()) << status.error().ToString();
  }

  std::unique_ptr<OutboxRig> rig_;
  e2e::StopSignal never_;  // For pauses of the story.
};

}  // namespace lanemq::outbox_testing
