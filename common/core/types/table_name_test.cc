#include "common/core/types/table_name.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

TEST(TableNameTest, IsSchemaAndTable) {
  DataNode node;
  node.schema_prefix = "lanemq";
  EXPECT_EQ(MessageTableName(node, {{TopicId{7}, 3}, NodeId{1}, 2}), "lanemq_02.msg_7_3");
  EXPECT_EQ(MessageTableName(node, {{TopicId{7}, 3}, NodeId{1}, 12}), "lanemq_12.msg_7_3");
}

}  // namespace
}  // namespace lanemq::core
