#include "metaserver/access/audit_reader.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/mutex.h"
#include "metaserver/access/test_audit_log.h"
#include "metaserver/access/test_node_audit.h"

namespace lanemq::metaserver {
namespace {

using core::kMetadataSource;
using core::NodeId;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::TestNodeAudit;

class AuditReaderTest : public ::testing::Test {
 protected:
  AuditReaderTest() {
    for (const std::int64_t id : {3, 5}) {
      core::DataNode node;
      node.id = NodeId{id};
      node.name = "node-" + std::to_string(id);
      query_.nodes.push_back(node);
    }
  }
  /// Ends what waits, before the reader waits for it.
  ~AuditReaderTest() override { nodes_.SetAway({}); }

  AuditReader& Reader(AuditReader::Options options = {}) {
    reader_ = std::make_unique<AuditReader>(options, metadata_, nodes_, SystemClock::Instance());
    return *reader_;
  }
  std::vector<std::string> NamesOf(const core::AuditMerge::Page& page) {
    std::vector<std::string> names;
    for (const core::AuditMerge::Event& one : page.events) {
      names.push_back(std::to_string(one.source.value) + "." + std::to_string(one.event.id));
    }
    return names;
  }

  testing::TestAuditLog metadata_;
  TestNodeAudit nodes_;
  AuditReader::Query query_;
  std::unique_ptr<AuditReader> reader_;
};

TEST_F(AuditReaderTest, NodesAreReadBesideTheMetadataDatabase) {
  ASSERT_TRUE(metadata_.AppendDone({}, {"topic", "orders", "", "{}"}, {}).ok());  // At 0.
  for (const std::int64_t at : {10, 30}) nodes_.Append("node-3", at);
  nodes_.Append("node-5", 20);
  const auto page = Reader().Search(query_);
  ASSERT_TRUE(page.ok()) << page.error().ToString();
  EXPECT_THAT(NamesOf(*page), ElementsAre("3.2", "5.1", "3.1", "0.1"));
  EXPECT_FALSE(page->has_more);
  query_.is_of_metadata = false;
  query_.nodes.pop_back();
  const auto one = Reader().Search(query_);
  ASSERT_TRUE(one.ok());
  EXPECT_THAT(NamesOf(*one), ElementsAre("3.2", "3.1"));
}

TEST_F(AuditReaderTest, ANodeThatHangsIsToldAndHoldsUpNobody) {
  nodes_.Append("node-3", 10);
  nodes_.Append("node-5", 20);
  nodes_.SetAway({"node-5"});
  const auto page = Reader({.node_timeout = 50ms}).Search(query_);
  ASSERT_TRUE(page.ok()) << page.error().ToString();
  EXPECT_THAT(NamesOf(*page), ElementsAre("3.1"));
  EXPECT_THAT(page->failed, ElementsAre(NodeId{5}));
  EXPECT_TRUE(page->has_more);
  nodes_.SetAway({});
  query_.from = page->next;
  const auto next = Reader().Search(query_);
  ASSERT_TRUE(next.ok());
  EXPECT_THAT(NamesOf(*next), ElementsAre("5.1"));
  EXPECT_THAT(next->failed, IsEmpty());
  EXPECT_FALSE(next->has_more);
}

TEST_F(AuditReaderTest, NodesThatHangDoNotTakeTheTurnsOfOthersForEver) {
  for (std::int64_t id = 10; id < 20; ++id) {
    core::DataNode node;
    node.id = NodeId{id};
    node.name = "away-" + std::to_string(id);
    query_.nodes.insert(query_.nodes.begin(), node);
  }
  nodes_.Append("node-3", 10);
  std::set<std::string> away;
  for (const core::DataNode& node : query_.nodes) away.insert(node.name);
  nodes_.SetAway(away);
  AuditReader& reader = Reader({.threads = 2, .queue_max = 4, .node_timeout = 50ms});
  const auto nobody = reader.Search(query_);
  ASSERT_TRUE(nobody.ok()) << nobody.error().ToString();
  EXPECT_THAT(nobody->failed, SizeIs(query_.nodes.size()));
  EXPECT_TRUE(nobody->has_more);
  nodes_.SetAway({});
  query_.from = nobody->next;
  query_.nodes = {query_.nodes.back(), query_.nodes[query_.nodes.size() - 2]};
  const auto next = Reader().Search(query_);
  ASSERT_TRUE(next.ok());
  EXPECT_THAT(NamesOf(*next), ElementsAre("3.1"));
}

TEST_F(AuditReaderTest, ManySourcesShareWhatIsInMemory) {
  nodes_.Append("node-3", 10);
  ASSERT_TRUE(Reader({.bytes_max = 300'000}).Search(query_).ok());
  EXPECT_EQ(nodes_.last().bytes_max, 100'000U);
  ASSERT_TRUE(Reader({.bytes_max = 1}).Search(query_).ok());
  EXPECT_EQ(nodes_.last().bytes_max, 65'536U);
  query_.search.actor = "person:ann";
  query_.search.max = 7;
  ASSERT_TRUE(Reader().Search(query_).ok());
  EXPECT_EQ(nodes_.last().actor, "person:ann");
  EXPECT_EQ(nodes_.last().max, 7U);
}

}  // namespace
}  // namespace lanemq::metaserver
