// Every method of a broker × everybody who may call it.
#include "common/core/access/access_table.h"

#include <functional>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "common/core/types/delayed_handle.h"
#include "tests/integration/broker/access_rig.h"

namespace lanemq::testing {
namespace {

using core::Action;
using core::ResourceKind;
using Client = rpc::DataPlaneClient;
using Code = std::optional<ErrorCode>;

constexpr std::int64_t kRedrive = 4'711;

/// A call of one method about topic "orders" or group "g", as short as can be.
struct Method {
  std::string name;
  /// Who is let through. n: nobody in particular, s: a service of another team, o: of the owning
  /// team, g: one with a grant of just what it takes, e: with the same grant, expired, v: a server,
  /// p: an operator, a: an admin.
  std::string allowed;
  /// What it takes, on "orders" or "g".
  std::vector<std::pair<ResourceKind, Action>> needs;
  std::function<Code(Client&, const rpc::Endpoint&)> call;
};

const std::string kEverybody = "nsogevpa";
const std::string kAuthenticated = "sogevpa";
const std::string kDescribers = "ogvpa";
const std::string kOwnersServices = "ogpa";
const std::string kGranted = "gpa";
const std::string kOperators = "pa";

Deadline In() { return BrokerRig::In(30); }

template <typename Request>
Request OfOrders() {
  Request request;
  request.partitions.emplace_back().topic = "orders";
  return request;
}
template <typename Request>
Request OfGroup() {
  Request request;
  request.group = "g";
  return request;
}
template <typename Request>
Request OfBoth() {
  Request request = OfOrders<Request>();
  request.group = "g";
  return request;
}

std::vector<Method> CommonMethods() {
  return {
      {"serverInfo",
       kEverybody,
       {},
       [](Client& c, const auto& at) { return CodeOf(c.ServerInfoSync(at, {}, In())); }},
      {"metadata",
       kAuthenticated,
       {},
       [](Client& c, const auto& at) { return CodeOf(c.MetadataSync(at, {}, In())); }},
      {"slowCalls",
       kOperators,
       {},
       [](Client& c, const auto& at) { return CodeOf(c.SlowCallsSync(at, {}, In())); }},
      {"serverSettings",
       kOperators,
       {},
       [](Client& c, const auto& at) { return CodeOf(c.ServerSettingsSync(at, {}, In())); }},
  };
}

std::vector<Method> TopicMethods() {
  const auto on_topic = [](Action action) {
    return std::vector<std::pair<ResourceKind, Action>>{{ResourceKind::kTopic, action}};
  };
  return {
      {"produce", kOwnersServices, on_topic(Action::kProduce),
       [](Client& c, const auto& at) {
         auto request = OfOrders<idl::ProduceRequest>();
         request.partitions[0].messages.emplace_back().__set_body("x");
         return CodeOf(c.ProduceSync(at, request, In()));
       }},
      {"fetch", kOwnersServices, on_topic(Action::kConsume),
       [](Client& c, const auto& at) {
         auto request = OfOrders<idl::FetchRequest>();
         request.partitions[0].offset = 1;
         request.__set_max_wait_ms(0);
         return CodeOf(c.FetchSync(at, request, In()));
       }},
      {"listOffsets", kDescribers, on_topic(Action::kDescribe),
       [](Client& c, const auto& at) {
         auto request = OfOrders<idl::ListOffsetsRequest>();
         request.partitions[0].timestamp_us = -1;
         return CodeOf(c.ListOffsetsSync(at, request, In()));
       }},
      {"getMessage", kGranted, on_topic(Action::kPeek),
       [](Client& c, const auto& at) {
         idl::GetMessageRequest request;
         request.topic = "orders";
         request.offset = 1;
         return CodeOf(c.GetMessageSync(at, request, In()));
       }},
      {"searchMessages", kGranted, on_topic(Action::kPeek),
       [](Client& c, const auto& at) {
         idl::SearchMessagesRequest request;
         request.topic = "orders";
         return CodeOf(c.SearchMessagesSync(at, request, In()));
       }},
      {"traceMessage", kDescribers, on_topic(Action::kDescribe),
       [](Client& c, const auto& at) {
         idl::TraceMessageRequest request;
         request.topic = "orders";
         request.offset = 1;
         return CodeOf(c.TraceMessageSync(at, request, In()));
       }},
      {"schedule", kOwnersServices, on_topic(Action::kProduce),
       [](Client& c, const auto& at) {
         auto request = OfOrders<idl::ScheduleRequest>();
         auto& delayed = request.partitions[0].messages.emplace_back();
         delayed.message.__set_body("later");
         delayed.due_us = 4'000'000'000'000'000;
         return CodeOf(c.ScheduleSync(at, request, In()));
       }},
      {"cancelDelayed", kOwnersServices, on_topic(Action::kProduce),
       [](Client& c, const auto& at) {
         idl::CancelRequest request;
         request.handles = {core::ToHandle({{core::TopicId{1}, 0}, WallTime{5}, {}, 1})};
         return CodeOf(c.CancelDelayedSync(at, request, In()));
       }},
      {"listDelayed", kGranted, on_topic(Action::kPeek),
       [](Client& c, const auto& at) {
         idl::ListDelayedRequest request;
         request.topic = "orders";
         return CodeOf(c.ListDelayedSync(at, request, In()));
       }},
      {"trim", kGranted, on_topic(Action::kManage),
       [](Client& c, const auto& at) {
         auto request = OfOrders<idl::TrimRequest>();
         request.partitions[0].__set_before_offset(1);
         request.__set_dry_run(true);
         return CodeOf(c.TrimSync(at, request, In()));
       }},
  };
}

std::vector<Method> MemberMethods() {
  const std::vector<std::pair<ResourceKind, Action>> both = {
      {ResourceKind::kTopic, Action::kConsume}, {ResourceKind::kGroup, Action::kConsume}};
  return {
      {"commitOffsets", kOwnersServices, both,
       [](Client& c, const auto& at) {
         auto request = OfBoth<idl::CommitOffsetsRequest>();
         request.partitions[0].offset = 1;
         return CodeOf(c.CommitOffsetsSync(at, request, In()));
       }},
      {"claimPartitions", kOwnersServices, both,
       [](Client& c, const auto& at) {
         auto request = OfBoth<idl::ClaimPartitionsRequest>();
         request.generation = 1;
         request.member_id = "m";
         return CodeOf(c.ClaimPartitionsSync(at, request, In()));
       }},
      {"settle", kOwnersServices, both,
       [](Client& c, const auto& at) {
         return CodeOf(c.SettleSync(at, OfBoth<idl::SettleRequest>(), In()));
       }},
      {"fetchRetries", kOwnersServices, both,
       [](Client& c, const auto& at) {
         return CodeOf(c.FetchRetriesSync(at, OfBoth<idl::FetchRetriesRequest>(), In()));
       }},
  };
}

std::vector<Method> GroupMethods() {
  const auto on_group = [](Action action) {
    return std::vector<std::pair<ResourceKind, Action>>{{ResourceKind::kGroup, action}};
  };
  return {
      {"fetchOffsets", kDescribers, on_group(Action::kDescribe),
       [](Client& c, const auto& at) {
         return CodeOf(c.FetchOffsetsSync(at, OfGroup<idl::FetchOffsetsRequest>(), In()));
       }},
      {"resetOffsets", kGranted, on_group(Action::kManage),
       [](Client& c, const auto& at) {
         auto request = OfBoth<idl::ResetOffsetsRequest>();
         request.partitions[0].offset = 1;
         return CodeOf(c.ResetOffsetsSync(at, request, In()));
       }},
      {"listOffsetResets", kDescribers, on_group(Action::kDescribe),
       [](Client& c, const auto& at) {
         return CodeOf(c.ListOffsetResetsSync(at, OfGroup<idl::ListOffsetResetsRequest>(), In()));
       }},
      {"pauseGroup", kGranted, on_group(Action::kManage),
       [](Client& c, const auto& at) {
         return CodeOf(c.PauseGroupSync(at, OfGroup<idl::PauseGroupRequest>(), In()));
       }},
      {"deleteOffsets", kGranted, on_group(Action::kManage),
       [](Client& c, const auto& at) {
         return CodeOf(c.DeleteOffsetsSync(at, OfGroup<idl::DeleteOffsetsRequest>(), In()));
       }},
      {"setGroupPolicy", kGranted, on_group(Action::kManage),
       [](Client& c, const auto& at) {
         return CodeOf(c.SetGroupPolicySync(at, OfGroup<idl::SetGroupPolicyRequest>(), In()));
       }},
      {"groupPolicies", kDescribers, on_group(Action::kDescribe),
       [](Client& c, const auto& at) {
         return CodeOf(c.GroupPoliciesSync(at, OfGroup<idl::GroupPoliciesRequest>(), In()));
       }},
  };
}

std::vector<Method> DeadLetterMethods() {
  const auto on_group = [](Action action) {
    return std::vector<std::pair<ResourceKind, Action>>{{ResourceKind::kGroup, action}};
  };
  return {
      {"listDeadLetters", kOwnersServices, on_group(Action::kConsume),
       [](Client& c, const auto& at) {
         idl::ListDeadLettersRequest request;
         request.filter.group = "g";
         return CodeOf(c.ListDeadLettersSync(at, request, In()));
       }},
      {"countDeadLetters", kDescribers, on_group(Action::kDescribe),
       [](Client& c, const auto& at) {
         return CodeOf(c.CountDeadLettersSync(at, OfGroup<idl::CountDeadLettersRequest>(), In()));
       }},
      {"dropDeadLetters", kGranted, on_group(Action::kManage),
       [](Client& c, const auto& at) {
         idl::DropDeadLettersRequest request;
         request.filter.group = "g";
         return CodeOf(c.DropDeadLettersSync(at, request, In()));
       }},
      {"redrive", kGranted, on_group(Action::kManage),
       [](Client& c, const auto& at) {
         idl::RedriveRequest request;
         request.id = kRedrive;
         request.filter.group = "g";
         return CodeOf(c.RedriveSync(at, request, In()));
       }},
      {"listRedrives", kDescribers, on_group(Action::kDescribe),
       [](Client& c, const auto& at) {
         idl::ListRedrivesRequest request;
         request.__set_group("g");
         return CodeOf(c.ListRedrivesSync(at, request, In()));
       }},
      {"cancelRedrive", kGranted, on_group(Action::kManage),
       [](Client& c, const auto& at) {
         idl::CancelRedriveRequest request;
         request.id = kRedrive;
         return CodeOf(c.CancelRedriveSync(at, request, In()));
       }},
      {"redriveEdited", kGranted, on_group(Action::kManage),
       [](Client& c, const auto& at) {
         idl::RedriveEditedRequest request;
         request.id.group = "g";
         request.id.topic = "orders";
         request.id.offset = 1;
         return CodeOf(c.RedriveEditedSync(at, request, In()));
       }},
      {"listDeadLetterDeeds", kDescribers, on_group(Action::kDescribe),
       [](Client& c, const auto& at) {
         return CodeOf(
             c.ListDeadLetterDeedsSync(at, OfGroup<idl::ListDeadLetterDeedsRequest>(), In()));
       }},
  };
}

std::vector<Method> AllMethods() {
  std::vector<Method> all;
  for (auto* methods :
       {&CommonMethods, &TopicMethods, &MemberMethods, &GroupMethods, &DeadLetterMethods}) {
    for (Method& method : methods()) all.push_back(std::move(method));
  }
  return all;
}

/// The rows of kAccessTable up to the last method of brokers.
std::set<std::string> MethodsOfBrokers() {
  std::set<std::string> names;
  for (const core::MethodAccess& row : core::kAccessTable) {
    names.emplace(row.method);
    if (row.method == "trim") break;
  }
  return names;
}

bool IsRefusal(Code code) {
  return code == ErrorCode::kTopicAuthorizationFailed ||
         code == ErrorCode::kGroupAuthorizationFailed ||
         code == ErrorCode::kClusterAuthorizationFailed || code == ErrorCode::kAuthenticationFailed;
}

using AccessTableTest = AccessTest;
INSTANTIATE_TEST_SUITE_P(On, AccessTableTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(AccessTableTest, EveryMethodLetsThoseThroughWhoMay) {
  StartBroker();
  ASSERT_FALSE(CodeOf(Produce("shop", {"orders"})));
  const std::vector<Method> methods = AllMethods();
  std::set<std::string> names = {"authenticate"};  // Has tests of its own.
  for (const Method& method : methods) {
    names.insert(method.name);
    Change([&](core::AccessRecords& records) {
      records.grants.clear();
      for (const auto& [kind, action] : method.needs) {
        const std::string name = kind == ResourceKind::kTopic ? "orders" : "g";
        records.grants.push_back(GrantTo("guest", kind, name, {action}));
        records.grants.push_back(
            GrantTo("late", kind, name, {action}, FromNow(-std::chrono::seconds(1))));
      }
      // Cluster-wide things cannot be granted: the guest is let in as anybody else.
      for (std::size_t i = 0; i < records.grants.size(); ++i) {
        records.grants[i].id = static_cast<std::int64_t>(i) + 1;
      }
    });
    const std::pair<char, const char*> callers[] = {
        {'n', ""},     {'s', "stranger"}, {'o', "shop"},     {'g', "guest"},
        {'e', "late"}, {'v', "server"},   {'p', "operator"}, {'a', "admin"}};
    for (const auto& [letter, service] : callers) {
      // What is cancelled must be there, whoever may cancel it.
      if (method.name == "cancelRedrive") {
        idl::RedriveRequest request;
        request.id = kRedrive;
        request.filter.group = "g";
        ASSERT_FALSE(CodeOf(As("admin").RedriveSync(at(), request, In())));
      }
      const bool is_expected = method.allowed.find(letter) != std::string::npos;
      const Code code = method.call(As(service), at());
      EXPECT_EQ(!IsRefusal(code), is_expected)
          << method.name << " by '" << service << "': " << (code ? NameOf(*code) : "OK");
      if (letter == 'n' && !is_expected) {
        EXPECT_EQ(code, ErrorCode::kAuthenticationFailed);
      }
    }
  }
  EXPECT_EQ(names, MethodsOfBrokers());
}

}  // namespace
}  // namespace lanemq::testing
