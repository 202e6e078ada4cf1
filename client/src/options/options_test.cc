#include "lanemq/options.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "client/src/options/endpoints.h"

namespace lanemq {
namespace {

TEST(ProducerOptionsTest, TakesKafkasNames) {
  ProducerOptions options;
  EXPECT_TRUE(options.Set("bootstrap.servers", "a:1,b:2").ok());
  EXPECT_TRUE(options.Set("linger.ms", "0").ok());
  EXPECT_TRUE(options.Set("batch.size", "1024").ok());
  EXPECT_TRUE(options.Set("enable.idempotence", "false").ok());
  EXPECT_TRUE(options.Set("acks", "all").ok());
  EXPECT_EQ(options.bootstrap_servers.size(), 2u);
  EXPECT_EQ(options.linger.count(), 0);
  EXPECT_FALSE(options.enable_idempotence);
  EXPECT_TRUE(options.Validate().ok());
}

TEST(ProducerOptionsTest, ASpoolIsOffUntilItHasADirectory) {
  ProducerOptions options;
  options.bootstrap_servers = {"a:1"};
  EXPECT_TRUE(options.spool_dir.empty());
  EXPECT_TRUE(options.Set("spool.dir", "somewhere").ok());
  EXPECT_TRUE(options.Set("spool.fsync", "interval").ok());
  EXPECT_EQ(options.spool_fsync, SpoolFsync::kInterval);
  EXPECT_EQ(options.Set("spool.fsync", "sometimes").error().code, ErrorCode::kInvalidConfig);
  EXPECT_TRUE(options.Set("spool.bytes.max", "8388608").ok());
  EXPECT_TRUE(options.Validate().ok());
  options.max_request_size = 3u << 20;
  EXPECT_NE(options.Validate().error().message.find("spool.bytes.max"), std::string::npos);
  options.max_request_size = 1u << 20;
  options.enable_idempotence = false;
  EXPECT_NE(options.Validate().error().message.find("spool.dir"), std::string::npos);
}

TEST(ConsumerOptionsTest, RetriesHaveALease) {
  ConsumerOptions options;
  EXPECT_TRUE(options.enable_retries);
  EXPECT_TRUE(options.Set("enable.retries", "false").ok());
  EXPECT_FALSE(options.enable_retries);
  EXPECT_TRUE(options.Set("retry.lease.ms", "60000").ok());
  EXPECT_EQ(options.retry_lease, std::chrono::minutes(1));
  EXPECT_EQ(options.Set("retry.lease.ms", "99").error().code, ErrorCode::kInvalidConfig);
}

TEST(ProducerOptionsTest, SuggestsTheNearestNameAndRefusesBadValues) {
  ProducerOptions options;
  EXPECT_NE(options.Set("linger.sm", "5").error().message.find("'linger.ms'"), std::string::npos);
  EXPECT_EQ(options.Set("linger.ms", "5x").error().code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(options.Set("acks", "1").error().code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(options.linger.count(), 5);
}

TEST(ProducerOptionsTest, NamesAllFaultsAtOnce) {
  ProducerOptions options;
  options.bootstrap_servers = {"nonsense"};
  options.batch_num_messages = 0;
  options.max_in_flight = 65;
  const Status status = options.Validate();
  ASSERT_FALSE(status.ok());
  for (const char* name :
       {"bootstrap.servers", "batch.num.messages", "max.in.flight.requests.per.connection"}) {
    EXPECT_NE(status.error().message.find(name), std::string::npos) << name;
  }
}

TEST(ConsumerOptionsTest, AutomaticCommitsNeedAGroup) {
  ConsumerOptions options;
  options.bootstrap_servers = {"a:1"};
  EXPECT_TRUE(options.Set("enable.auto.commit", "true").ok());
  EXPECT_EQ(options.Validate().error().message, "enable.auto.commit needs group.id");
  EXPECT_TRUE(options.Set("group.id", "g").ok());
  EXPECT_TRUE(options.Validate().ok());
}

TEST(ConsumerOptionsTest, ResetsAreWords) {
  ConsumerOptions options;
  EXPECT_TRUE(options.Set("auto.offset.reset", "earliest").ok());
  EXPECT_FALSE(options.Set("auto.offset.reset", "middle").ok());
  EXPECT_EQ(options.auto_offset_reset, OffsetReset::kEarliest);
}

TEST(ConsumerOptionsTest, GroupsHaveKafkasNames) {
  ConsumerOptions options;
  EXPECT_EQ(options.partition_assignment_strategy, std::vector<std::string>{"cooperative-sticky"});
  options.bootstrap_servers = {"a:1"};
  EXPECT_TRUE(options.Set("group.id", "g").ok());
  EXPECT_TRUE(options.Set("group.instance.id", "worker-1").ok());
  EXPECT_TRUE(options.Set("partition.assignment.strategy", "range,sticky").ok());
  EXPECT_TRUE(options.Set("session.timeout.ms", "9000").ok());
  EXPECT_TRUE(options.Set("heartbeat.interval.ms", "2500").ok());
  EXPECT_TRUE(options.Set("max.poll.interval.ms", "60000").ok());
  EXPECT_TRUE(options.Validate().ok());
  EXPECT_EQ(options.partition_assignment_strategy, (std::vector<std::string>{"range", "sticky"}));
  EXPECT_EQ(options.session_timeout.count(), 9'000);
  EXPECT_EQ(options.heartbeat_interval.count(), 2'500);
  EXPECT_EQ(options.max_poll_interval.count(), 60'000);
}

TEST(ConsumerOptionsTest, AssignorsAreKnownAndNamedOnce) {
  ConsumerOptions options;
  EXPECT_FALSE(options.Set("partition.assignment.strategy", "range,fair").ok());
  EXPECT_FALSE(options.Set("partition.assignment.strategy", "range,range").ok());
  EXPECT_FALSE(options.Set("partition.assignment.strategy", "").ok());
}

TEST(ConsumerOptionsTest, AMemberMustHeartbeatBeforeItsSessionEnds) {
  ConsumerOptions options;
  options.bootstrap_servers = {"a:1"};
  options.group_instance_id = "worker-1";
  options.heartbeat_interval = options.session_timeout;
  const Status status = options.Validate();
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("group.instance.id needs group.id"), std::string::npos);
  EXPECT_NE(status.error().message.find("heartbeat.interval.ms must be below"), std::string::npos);
}

AdminOptions Plain() {
  AdminOptions options;
  options.bootstrap_servers = {"a:1"};
  return options;
}

TEST(SecurityOptionsTest, AreOffUntilTheyAreSet) {
  const AdminOptions options = Plain();
  EXPECT_FALSE(options.tls);
  EXPECT_TRUE(options.token.empty());
  EXPECT_TRUE(options.token_file.empty());
  EXPECT_TRUE(options.Validate().ok());
}

TEST(SecurityOptionsTest, HaveDottedNames) {
  AdminOptions options = Plain();
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"token.file", "/t"},
                                                        {"tls", "true"},
                                                        {"tls.ca.file", "/ca"},
                                                        {"tls.server.name", "mq"},
                                                        {"tls.certificate.file", "/c"},
                                                        {"tls.key.file", "/k"}}) {
    EXPECT_TRUE(options.Set(name, value).ok()) << name;
  }
  EXPECT_TRUE(options.Validate().ok()) << options.Validate().error().message;
  EXPECT_TRUE(options.tls);
  EXPECT_EQ(options.token_file, "/t");
  EXPECT_EQ(options.tls_ca_file, "/ca");
  EXPECT_EQ(options.tls_server_name, "mq");
  EXPECT_EQ(options.tls_certificate_file, "/c");
  EXPECT_EQ(options.tls_key_file, "/k");
}

TEST(SecurityOptionsTest, HalfOfWhatBelongsTogetherIsAFault) {
  const auto fault_of = [](const AdminOptions& options) {
    const Status status = options.Validate();
    return status.ok() ? std::string() : status.error().message;
  };
  AdminOptions options = Plain();
  options.token = "a";
  options.token_file = "/t";
  EXPECT_NE(fault_of(options).find("token.file stands beside token"), std::string::npos);
  options = Plain();
  options.tls_ca_file = "/ca";
  EXPECT_NE(fault_of(options).find("tls is false"), std::string::npos);
  options.tls = true;
  EXPECT_EQ(fault_of(options), "");
  options.tls_key_file = "/k";
  EXPECT_NE(fault_of(options).find("go together"), std::string::npos);
}

TEST(SecurityOptionsTest, WhatIsNoTokenIsRefusedWithoutBeingShown) {
  AdminOptions options = Plain();
  const Status refused = options.Set("token", "hunter2 hunter2");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message.find("hunter2"), std::string::npos);
}

TEST(ParseEndpointTest, TakesHostAndPortAndNothingElse) {
  EXPECT_EQ(client::ParseEndpoint("h:1")->host, "h");
  EXPECT_EQ(client::ParseEndpoint("[::1]:9650")->host, "::1");
  for (const char* bad : {"", "h", ":1", "h:", "h:0", "h:65536", "h:1x"}) {
    EXPECT_FALSE(client::ParseEndpoint(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace lanemq
