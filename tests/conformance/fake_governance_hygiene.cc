// What people were told to tidy up, of FakeGovernanceStore.
#include <utility>

#include "tests/conformance/fake_governance_store.h"

namespace lanemq::testing {

void FakeGovernanceStore::SetTerm(const std::string& lease, core::FencingToken token) {
  MutexLock lock(mutex_);
  terms_[lease] = token;
}

void FakeGovernanceStore::LoseReplyOfRemind() {
  MutexLock lock(mutex_);
  loses_reply_ = true;
}

Result<core::HygieneMemory> FakeGovernanceStore::LoadReminded(Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("LoadReminded"));
  return core::HygieneMemory{now_, reminded_};
}

Status FakeGovernanceStore::Remind(const core::HygieneTelling& telling, const core::Fence& fence,
                                   Deadline /*deadline*/) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHook("Remind"));
  if (telling.told.size() > kTellingMax || telling.forget.size() > kTellingMax) {
    return Error{ErrorCode::kInvalidRequest, "hygiene: too many matters at a time"};
  }
  const auto term = terms_.find(fence.lease);
  if (term == terms_.end() || term->second != fence.token) {
    return Error{ErrorCode::kFenced, "the term is over"};
  }
  for (const auto& [matter, reminded] : telling.told) reminded_[matter] = reminded;
  for (const core::HygieneMatter& matter : telling.forget) reminded_.erase(matter);
  handed_over_.insert(handed_over_.end(), telling.notices.begin(), telling.notices.end());
  if (std::exchange(loses_reply_, false)) {
    return Error{ErrorCode::kOutcomeUnknown, "the reply was lost"};
  }
  return {};
}

}  // namespace lanemq::testing
