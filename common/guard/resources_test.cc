#include "common/guard/resources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access_types.h"
#include "lanemq_types.h"

namespace lanemq {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

core::Resource Topic(const char* name) { return {core::ResourceKind::kTopic, name}; }
core::Resource Group(const char* name) { return {core::ResourceKind::kGroup, name}; }

template <typename Request>
void AddPartition(Request& request, const char* topic) {
  request.partitions.emplace_back().topic = topic;
}

TEST(ResourcesTest, ATopicIsNamedByItsName) {
  idl::CreateTopicRequest create;
  create.name = "orders";
  EXPECT_THAT(ResourcesOf(create), ElementsAre(Topic("orders")));
  idl::DeleteTopicRequest remove;
  remove.name = "orders";
  EXPECT_THAT(ResourcesOf(remove), ElementsAre(Topic("orders")));
  idl::TopicHistoryRequest history;
  history.name = "orders";
  EXPECT_THAT(ResourcesOf(history), ElementsAre(Topic("orders")));
}

TEST(ResourcesTest, EveryTopicOfThePartitionsIsNamedOnce) {
  idl::ProduceRequest produce;
  for (const char* topic : {"b", "b", "a", "b", "c", "a"}) AddPartition(produce, topic);
  EXPECT_THAT(ResourcesOf(produce), ElementsAre(Topic("a"), Topic("b"), Topic("c")));
  idl::FetchRequest fetch;
  AddPartition(fetch, "x");
  fetch.__set_group("g");
  EXPECT_THAT(ResourcesOf(fetch), ElementsAre(Topic("x")));
  EXPECT_THAT(ResourcesOf(idl::TrimRequest{}), IsEmpty());
}

TEST(ResourcesTest, AGroupIsNamedByItsField) {
  idl::JoinGroupRequest join;
  join.group = "pickers";
  join.topics = {"orders"};
  EXPECT_THAT(ResourcesOf(join), ElementsAre(Group("pickers")));
  idl::CommitOffsetsRequest commit;
  commit.group = "pickers";
  AddPartition(commit, "orders");
  EXPECT_THAT(ResourcesOf(commit), ElementsAre(Group("pickers")));
}

TEST(ResourcesTest, IdsOfDeadLettersNameTheirGroupsThemselves) {
  idl::RedriveRequest redrive;
  redrive.filter.group = "mine";
  EXPECT_THAT(ResourcesOf(redrive), ElementsAre(Group("mine")));
  redrive.filter.__isset.ids = true;
  for (const char* group : {"mine", "yours", "yours"}) {
    redrive.filter.ids.emplace_back().group = group;
  }
  EXPECT_THAT(ResourcesOf(redrive), ElementsAre(Group("mine"), Group("yours")));
}

TEST(ResourcesTest, AnObjectiveIsOfWhatItIsAbout) {
  idl::SetLagObjectiveRequest request;
  request.objective.group = "pickers";
  request.objective.topic = "*";
  EXPECT_THAT(ResourcesOf(request), ElementsAre(Group("pickers")));
  request.objective.group = "*";
  request.objective.topic = "orders";
  EXPECT_THAT(ResourcesOf(request), ElementsAre(Topic("orders")));
  request.objective.topic = "*";
  EXPECT_THAT(ResourcesOf(request), IsEmpty());
}

TEST(ResourcesTest, WhatNamesNothingIsAboutTheCluster) {
  EXPECT_THAT(ResourcesOf(idl::PutTeamRequest{}), IsEmpty());
  EXPECT_THAT(ResourcesOf(idl::ListTopicsRequest{}), IsEmpty());
  EXPECT_THAT(ResourcesOf(idl::CancelRedriveRequest{}), IsEmpty());
  EXPECT_THAT(ResourcesOf(idl::ListRedrivesRequest{}), IsEmpty());
  idl::ListRedrivesRequest of_group;
  of_group.__set_group("pickers");
  EXPECT_THAT(ResourcesOf(of_group), ElementsAre(Group("pickers")));
}

}  // namespace
}  // namespace lanemq
