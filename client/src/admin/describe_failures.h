#pragma once

#include "common/base/result.h"
#include "lanemq/dead_letter.h"
#include "lanemq_types.h"

/// Dead letters, redrives and policies between the wire and programs. Pure.
namespace lanemq {

[[nodiscard]] DeadLetter Describe(idl::DeadLetter&& letter);
[[nodiscard]] Redrive Describe(const idl::Redrive& job);
[[nodiscard]] GroupRetryPolicy Describe(const idl::GroupPolicy& policy);
[[nodiscard]] Result<CancelState> Describe(const idl::CancelOne& one);

[[nodiscard]] idl::DeadLetterFilter ToWire(const DeadLetterFilter& filter);
/// Every field set.
[[nodiscard]] idl::RetryPolicy ToWire(const RetryPolicy& policy);

}  // namespace lanemq
