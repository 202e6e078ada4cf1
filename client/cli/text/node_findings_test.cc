#include "client/cli/text/node_findings.h"

#include <optional>

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

idl::DataNode Reachable(std::int32_t flush, std::optional<std::int32_t> sync_binlog) {
  idl::DataNode node;
  node.name = "db1";
  node.host = "10.0.0.1";
  node.port = 3306;
  node.state = idl::NodeState::WRITABLE;
  node.__set_is_reachable(true);
  node.__set_engine_version("MySQL 9.1.0");
  node.__set_flush_log_at_trx_commit(flush);
  if (sync_binlog) node.__set_sync_binlog(*sync_binlog);
  return node;
}

Finding Durability(std::int32_t flush, std::optional<std::int32_t> sync_binlog) {
  const auto findings = FindingsOf(Reachable(flush, sync_binlog));
  EXPECT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings.back().check, "durability");
  return findings.back();
}

TEST(NodeFindingsTest, ADurableNodeIsWell) {
  const auto findings = FindingsOf(Reachable(1, 1));
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].verdict, Verdict::kOk);
  EXPECT_EQ(findings[0].check, "reachable");
  EXPECT_EQ(findings[0].subject, "data node db1 10.0.0.1:3306");
  EXPECT_EQ(findings[0].detail, "MySQL 9.1.0");
  EXPECT_EQ(findings[1].verdict, Verdict::kOk);
  EXPECT_EQ(findings[1].detail, "innodb_flush_log_at_trx_commit=1, sync_binlog=1");
  // No binlog is nothing that could be lost.
  EXPECT_EQ(Durability(1, std::nullopt).verdict, Verdict::kOk);
  EXPECT_EQ(Durability(1, std::nullopt).detail, "innodb_flush_log_at_trx_commit=1, no binlog");
}

TEST(NodeFindingsTest, LessDurableSettingsAreWarnedOfWithTheRiskAndTheCure) {
  const std::string risk =
      ": acknowledged messages can be lost when the server or its machine crashes; ";
  const Finding binlog = Durability(1, 0);
  EXPECT_EQ(binlog.verdict, Verdict::kWarning);
  EXPECT_EQ(binlog.detail,
            "innodb_flush_log_at_trx_commit=1, sync_binlog=0" + risk + "set sync_binlog=1");
  EXPECT_EQ(Durability(1, 100).verdict, Verdict::kWarning);
  const Finding redo = Durability(2, 1);
  EXPECT_EQ(redo.verdict, Verdict::kWarning);
  EXPECT_EQ(redo.detail, "innodb_flush_log_at_trx_commit=2, sync_binlog=1" + risk +
                             "set innodb_flush_log_at_trx_commit=1");
  EXPECT_EQ(Durability(2, std::nullopt).verdict, Verdict::kWarning);
  EXPECT_EQ(Durability(0, 0).detail,
            "innodb_flush_log_at_trx_commit=0, sync_binlog=0" + risk + "set both to 1");
}

TEST(NodeFindingsTest, ANodeThatCannotBeAskedIsNotCalledWell) {
  idl::DataNode node = Reachable(1, 1);
  node.__set_is_reachable(false);
  node.__set_unreachable_reason("connection refused");
  auto findings = FindingsOf(node);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].verdict, Verdict::kFailure);
  EXPECT_EQ(findings[0].detail, "not from the metaserver: connection refused");

  node.__isset.is_reachable = false;
  findings = FindingsOf(node);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].verdict, Verdict::kWarning);

  node.state = idl::NodeState::DISABLED;
  findings = FindingsOf(node);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].verdict, Verdict::kWarning);
  EXPECT_EQ(findings[0].detail, "disabled: its partitions can be neither read nor written");
}

TEST(NodeFindingsTest, WhatTheMetaserverWarnsOfIsAFindingEach) {
  idl::DataNode node = Reachable(1, 1);
  node.__set_warnings({"its clock is +2.0 s off", "80 of 80 connections are in use"});
  const auto findings = FindingsOf(node);
  ASSERT_EQ(findings.size(), 4U);
  EXPECT_EQ(findings[2].verdict, Verdict::kWarning);
  EXPECT_EQ(findings[2].check, "condition");
  EXPECT_EQ(findings[2].detail, "its clock is +2.0 s off");
  EXPECT_EQ(findings[3].detail, "80 of 80 connections are in use");
}

}  // namespace
}  // namespace lanemq::cli
