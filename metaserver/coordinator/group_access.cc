#include "metaserver/coordinator/group_access.h"

#include <pthread.h>

#include "common/base/log.h"
#include "common/core/access/access_rules.h"

namespace lanemq::metaserver {

void GroupAccess::Start() {
  thread_ = std::jthread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "group-access");
}

void GroupAccess::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void GroupAccess::Run() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      // Woken too early it looks too early, which does no harm.
      if (!is_stopping_) wake_.WaitFor(mutex_, options_.every);
      if (is_stopping_) return;
    }
    Look();
  }
}

std::size_t GroupAccess::Look() {
  const auto book = guard_.book();
  if (!guard_.is_on() || book == nullptr) return 0;
  Round round{*book, clock_.WallNow(), clock_.Now()};
  std::size_t expelled = 0;
  for (int i = 0; i < core::kGroupSlots; ++i) {
    GroupSlot& slot = coordinator_.slot(i);
    for (const GroupSlot::NotedMember& member : slot.NotedMembers()) {
      const std::string_view why = WhyNot(round, member);
      if (why.empty() || expelled >= options_.members_at_once) continue;
      Expel(slot, member, why);
      ++expelled;
    }
  }
  void_since_ = std::move(round.void_since);
  return expelled;
}

std::string_view GroupAccess::WhyNot(Round& round, const GroupSlot::NotedMember& member) const {
  constexpr std::string_view kEnded = "what it authenticated with has ended";
  const core::Caller& caller = *member.caller;
  const core::Caller owner{caller.principal, {}};
  if (!round.book.IsValid(owner, round.wall_now)) return kEnded;
  const core::Resource group{core::ResourceKind::kGroup, member.group};
  if (!round.book.Allows(owner, core::Action::kConsume, group, round.wall_now)) {
    return "it may not consume with the group any more";
  }
  if (round.book.IsValid(caller, round.wall_now)) return {};
  if (!HasToken(round, caller.principal)) return kEnded;
  const MemberKey key{member.group, member.member_id};
  const auto before = void_since_.find(key);
  const MonotonicTime since = before == void_since_.end() ? round.now : before->second;
  round.void_since.emplace(key, since);
  return round.now - since >= options_.grace ? kEnded : std::string_view();
}

bool GroupAccess::HasToken(Round& round, const core::Principal& principal) {
  if (!round.token_owners) {
    auto& owners = round.token_owners.emplace();
    for (const core::Token& token : round.book.records().tokens) {
      if (token.expires_at && *token.expires_at <= round.wall_now) continue;
      const bool is_persons = !token.person.empty();
      owners.insert(core::ToString(
          core::Principal{is_persons ? core::PrincipalKind::kPerson : core::PrincipalKind::kService,
                          is_persons ? token.person : token.service}));
    }
  }
  return round.token_owners->contains(core::ToString(principal));
}

void GroupAccess::Expel(GroupSlot& slot, const GroupSlot::NotedMember& member,
                        std::string_view why) {
  LANEMQ_LOG(WARN, "group.member_expelled", {"group", member.group}, {"member", member.member_id},
             {"principal", core::ToString(member.caller->principal)}, {"why", why});
  core::MemberCall leave;
  leave.member_id = member.member_id;
  leave.reason = why;
  // One that is not there any more needs not leave; one whose leaving could not be written is told
  // so again by the next look, if it is heard of.
  (void)slot.Leave(member.group, leave, [](const Status&) {});
  ++coordinator_.counters().members_expelled;
}

}  // namespace lanemq::metaserver
