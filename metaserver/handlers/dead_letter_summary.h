#pragma once

#include <functional>
#include <string>

#include "common/base/time.h"
#include "lanemq_types.h"
#include "metaserver/oncall/facts.h"

namespace lanemq::metaserver {

/// The answer to summarizeDeadLetters: what `facts` know of the groups that `may_see` admits,
/// without their owners. What was read too long before `now` is not known. Pure.
[[nodiscard]] idl::SummarizeDeadLettersResponse TellDeadLetters(
    const FactsView& facts, const std::function<bool(const std::string& group)>& may_see,
    MonotonicTime now);

}  // namespace lanemq::metaserver
