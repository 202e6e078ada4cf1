#include "metaserver/governance/governance.h"

#include <utility>

#include "common/base/log.h"
#include "metaserver/governance/actor.h"
#include "metaserver/governance/world_builder.h"

namespace lanemq::metaserver {

Governance::Governance(Options options, const Parts& parts, const Clock& clock)
    : options_(std::move(options)),
      parts_(parts),
      clock_(clock),
      use_(parts.messages, clock),
      notices_(
          options_.notices, parts.store, parts.alerts, [this] { return parts_.guard.book(); },
          clock),
      waiters_(options_.waiters, parts.store, clock, [this] { Refresh(); }),
      governor_(
          options_.governor, parts.store,
          {.world = [this](Deadline deadline) { return World(deadline); },
           .actor = [this](const core::Principal& principal) { return ActorOf(principal); },
           .is_in_use = [this](const std::string& topic, std::chrono::hours within,
                               Deadline deadline) { return IsInUse(topic, within, deadline); }},
          clock, [this] { OnStored(); }),
      applier_(
          options_.applier, parts.leases, parts.store,
          {.start =
               [this](const core::ChangeRequest& request) {
                 return governor_.StartApplying(request);
               },
           .finish =
               [this](const core::TopicRecord& record) { return parts_.catalog.Finish(record); },
           .was_written = [this](const core::Topic& topic,
                                 Deadline deadline) { return use_.WasWritten(topic, deadline); },
           .refresh = [this] { Refresh(); },
           .on_stored = [this] { OnStored(); }},
          clock) {}

void Governance::Start() {
  notices_.Start();
  waiters_.Start();
  applier_.Start();
}

void Governance::Stop() {
  applier_.Stop();
  waiters_.Stop();
  notices_.Stop();
}

Result<core::PolicyWorld> Governance::World() {
  return World(Deadline::After(clock_, options_.governor.call_timeout));
}

Result<core::PolicyWorld> Governance::World(Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const core::GovernanceFacts facts, parts_.store.LoadFacts(deadline));
  const auto book = parts_.guard.book();
  if (book == nullptr) {
    return Error{ErrorCode::kMetadataUnavailable, "who may do what is not known yet"};
  }
  return BuildWorld(*parts_.cache.Current(), book->records(), facts);
}

core::Actor Governance::ActorOf(const core::Principal& principal) const {
  return metaserver::ActorOf(parts_.guard.book().get(), !parts_.guard.is_on(), principal);
}

Result<bool> Governance::IsInUse(const std::string& topic, std::chrono::hours within,
                                 Deadline deadline) {
  const auto snapshot = parts_.cache.Current();
  for (const core::Topic& known : snapshot->topics) {
    if (known.name == topic) return use_.IsWritten(known, within, deadline);
  }
  return false;
}

void Governance::Refresh() {
  parts_.cache.Reload();
  const Status reloaded = parts_.book.Reload();
  if (!reloaded.ok()) {
    LANEMQ_LOG(DEBUG, "governance.refresh_failed", {"error", reloaded.error().ToString()});
  }
}

void Governance::OnStored() {
  notices_.Wake();
  applier_.Wake();
  waiters_.Wake();
}

GovernanceFactsShown Governance::Facts() const { return {applier_.Stats(), notices_.Totals()}; }

}  // namespace lanemq::metaserver
