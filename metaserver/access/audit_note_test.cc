#include "metaserver/access/audit_note.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access_types.h"
#include "common/guard/test_world.h"
#include "metaserver/access/test_audit_log.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using std::chrono::seconds;
using testing::FakeCall;
using testing::WaitFor;

const Status kAllowed;

class AuditNoteTest : public ::testing::Test {
 protected:
  AuditNoteTest() {
    guard_.Publish(world_.Book());
    denials_.Start();
  }
  [[nodiscard]] FakeCall CallOf(const std::string& service) const {
    return FakeCall(std::make_shared<const core::Caller>(world_.CallerOf(service)));
  }
  Result<core::AuditNote> Note(const FakeCall& call, const idl::Origin* origin,
                               const Status& allowed = kAllowed) {
    return NoteOfChange(guard_, denials_, {&call, "deleteTopic", allowed, origin},
                        {.object_kind = "topic", .object_name = "orders"});
  }
  ErrorCode Refusal(const std::string& service, const idl::Origin& origin) {
    const FakeCall call = CallOf(service);
    const auto note = Note(call, &origin);
    return note.ok() ? ErrorCode::kUnknownServerError : note.error().code;
  }

  testing::GuardClock clock_;
  testing::World world_;
  Guard guard_{true, clock_};
  testing::TestAuditLog log_;
  DenialLog denials_{{}, log_, clock_};
};

TEST_F(AuditNoteTest, OfACallThroughAGatewayTheSourceIsItsClient) {
  core::Caller caller = world_.CallerOf("ops");
  caller.gateway = "portal";
  caller.client_address = "192.0.2.7";
  const FakeCall call(std::make_shared<const core::Caller>(caller));
  const auto note = Note(call, nullptr);
  ASSERT_TRUE(note.ok()) << note.error().ToString();
  EXPECT_EQ(note->actor, "service:ops");
  EXPECT_EQ(note->source, "192.0.2.7 via 10.1.2.3:4567");
}

TEST_F(AuditNoteTest, TheServerItselfKnowsWhoFromWhereAndWhat) {
  const FakeCall call = CallOf("ops");
  idl::Origin origin;
  origin.__set_reason("it is in the way");
  const auto note = Note(call, &origin);
  ASSERT_TRUE(note.ok()) << note.error().ToString();
  EXPECT_EQ(note->actor, "service:ops");
  EXPECT_EQ(note->source, "10.1.2.3:4567");
  EXPECT_EQ(note->request_id, "test-1");
  EXPECT_EQ(note->action, "deleteTopic");
  EXPECT_EQ(note->reason, "it is in the way");
  EXPECT_EQ(note->on_behalf_of, "");
  EXPECT_EQ(Note(FakeCall(), nullptr)->actor, "anonymous");
}

TEST_F(AuditNoteTest, AGatewayActsOnBehalfOfPeople) {
  idl::Origin origin;
  origin.__set_on_behalf_of("person:ann");
  origin.__set_source_address("192.0.2.7");
  const FakeCall call = CallOf("portal");
  const auto note = Note(call, &origin);
  ASSERT_TRUE(note.ok()) << note.error().ToString();
  EXPECT_EQ(note->actor, "service:portal");
  EXPECT_EQ(note->on_behalf_of, "person:ann");
  EXPECT_EQ(note->source, "192.0.2.7 via 10.1.2.3:4567");
}

TEST_F(AuditNoteTest, NobodyElseDoes) {
  idl::Origin for_ann;
  for_ann.__set_on_behalf_of("person:ann");
  idl::Origin from_elsewhere;
  from_elsewhere.__set_source_address("192.0.2.7");
  for (const char* service : {"cart", "ops", "root", "broker-1"}) {
    EXPECT_EQ(Refusal(service, for_ann), ErrorCode::kClusterAuthorizationFailed) << service;
    EXPECT_EQ(Refusal(service, from_elsewhere), ErrorCode::kClusterAuthorizationFailed) << service;
  }
  ASSERT_TRUE(WaitFor([&] { return log_.events().size() == 8; }, seconds{20}, "it is kept"));
  // What they claimed is no part of it.
  EXPECT_EQ(log_.events()[0].note.on_behalf_of, "");
  EXPECT_EQ(log_.events()[0].note.actor, "service:cart");
}

TEST_F(AuditNoteTest, TextsThatCannotBeAreRefusedButNotKept) {
  idl::Origin origin;
  origin.__set_reason(std::string(501, 'x'));
  EXPECT_EQ(Refusal("ops", origin), ErrorCode::kInvalidRequest);
  origin.__set_reason("\xff");
  EXPECT_EQ(Refusal("ops", origin), ErrorCode::kInvalidRequest);
  for (const char* person : {"ann", "service:cart", "person:", "person:Ann", "team:shop", ""}) {
    idl::Origin claim;
    claim.__set_on_behalf_of(person);
    EXPECT_EQ(Refusal("portal", claim), ErrorCode::kInvalidRequest) << person;
  }
  idl::Origin lines;
  lines.__set_source_address("1.2.3.4\nactor=root");
  EXPECT_EQ(Refusal("portal", lines), ErrorCode::kInvalidRequest);
  denials_.Stop();
  EXPECT_TRUE(log_.events().empty());
}

TEST_F(AuditNoteTest, WhoMayNotIsRefusedAndItIsKept) {
  const FakeCall call = CallOf("cart");
  const Status refused = Error{ErrorCode::kTopicAuthorizationFailed, "no"};
  idl::Origin origin;
  origin.__set_reason("because");
  const auto note = Note(call, &origin, refused);
  ASSERT_FALSE(note.ok());
  EXPECT_EQ(note.error(), refused.error());
  ASSERT_TRUE(WaitFor([&] { return log_.events().size() == 1; }, seconds{20}, "it is kept"));
  const core::AuditEvent event = log_.events()[0];
  EXPECT_EQ(event.note.actor, "service:cart");
  EXPECT_EQ(event.note.reason, "because");
  EXPECT_EQ(event.change.object_name, "orders");
}

TEST_F(AuditNoteTest, OffAnybodyMaySayForWhom) {
  const Guard off(false, clock_);
  idl::Origin origin;
  origin.__set_on_behalf_of("person:ann");
  core::AuditNote note;
  EXPECT_TRUE(AddOrigin(off, nullptr, origin, note).ok());
  EXPECT_EQ(note.on_behalf_of, "person:ann");
}

}  // namespace
}  // namespace lanemq::metaserver
