// Whoever may add data nodes names any host: the servers' own login goes to hosts that somebody who
// starts servers has named, and to those where it is used already.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/integration/meta/meta_process.h"

namespace lanemq::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// An address that is not said to be this machine, and that the test's own server answers at.
constexpr const char* kStranger = "0.0.0.0";

class StrangeNodesTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    prefix_ = UniquePrefix();
  }

  std::unique_ptr<MetaProcess> Start(std::vector<std::string> more = {}) {
    auto meta = std::make_unique<MetaProcess>(*server_, prefix_, std::move(more));
    EXPECT_TRUE(meta->WaitReady());
    return meta;
  }
  Error Add(MetaProcess& meta, const std::string& name) {
    idl::AddDataNodeRequest request;
    request.name = name;
    request.host = kStranger;
    request.port = server_->port();
    request.__set_schema_prefix(prefix_ + "_" + name);
    request.__set_schemas_max(1);
    const auto added = meta.client().AddDataNodeSync(meta.endpoint(), request, MetaProcess::Soon());
    return added.ok() ? Error{} : added.error();
  }
  static Error Alter(MetaProcess& meta, const idl::AlterDataNodeRequest& request) {
    const auto changed =
        meta.client().AlterDataNodeSync(meta.endpoint(), request, MetaProcess::Soon());
    return changed.ok() ? Error{} : changed.error();
  }
  /// As though it had always been so; a metaserver that starts then has it in its catalogue.
  void SetInCatalogue(const std::string& what) {
    const auto done =
        server_->Query(fmt::format("UPDATE {}_meta.data_nodes SET {}", prefix_, what));
    EXPECT_TRUE(done.ok()) << done.error().ToString();
  }

  DatabaseServer* server_ = nullptr;
  std::string prefix_;
};
INSTANTIATE_TEST_SUITE_P(On, StrangeNodesTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

const auto kIsNotShown = AllOf(HasSubstr("own login is not shown to"), HasSubstr(kStranger));

TEST_P(StrangeNodesTest, AHostThatNobodyHasNamedIsNotCalled) {
  const auto meta = Start({"--node-user-hosts=db1.example,10.0.0.0/8"});
  const Error refused = Add(*meta, "two");
  EXPECT_EQ(refused.code, ErrorCode::kFailedPrecondition) << refused.ToString();
  EXPECT_THAT(refused.message, kIsNotShown);

  ASSERT_TRUE(meta->AddNode(*server_, prefix_).ok()) << "this machine";
  idl::AlterDataNodeRequest move;
  move.name = "one";
  move.__set_host(kStranger);
  EXPECT_THAT(Alter(*meta, move).message, kIsNotShown);
}

TEST_P(StrangeNodesTest, ANamedHostIsCalled) {
  const auto meta = Start({"--node-user-hosts=db1.example,0.0.0.0/32"});
  EXPECT_EQ(Add(*meta, "two").ToString(), Error{}.ToString());
}

TEST_P(StrangeNodesTest, AHostWhereTheServersOwnLoginIsUsedGoesOn) {
  {
    const auto before = Start();
    ASSERT_TRUE(before->AddNode(*server_, prefix_).ok());
  }
  SetInCatalogue(fmt::format("host = '{}'", kStranger));
  const auto meta = Start();
  EXPECT_EQ(Add(*meta, "two").ToString(), Error{}.ToString());
}

TEST_P(StrangeNodesTest, ALoginOfItsOwnNamesNoHostForTheServersOwn) {
  {
    const auto before = Start();
    ASSERT_TRUE(before->AddNode(*server_, prefix_).ok());
  }
  SetInCatalogue(fmt::format("host = '{}', sealed_credentials = 'x'", kStranger));
  const auto meta = Start();
  EXPECT_THAT(Add(*meta, "two").message, kIsNotShown);
  idl::AlterDataNodeRequest forget;
  forget.name = "one";
  forget.__set_user("");
  forget.__set_password("");
  EXPECT_THAT(Alter(*meta, forget).message, kIsNotShown);
}

}  // namespace
}  // namespace lanemq::testing
