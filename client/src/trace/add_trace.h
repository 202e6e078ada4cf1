#pragma once

#include <vector>

#include "lanemq/record.h"
#include "lanemq/trace.h"

namespace lanemq::client {

/// Adds `traceparent` (and `tracestate`) to a message's headers as `mode` says. Not where a broker
/// would refuse the message for it: a trace is not worth a message. The caller's thread counts.
void AddTrace(TraceMode mode, std::vector<RecordHeader>& headers);

}  // namespace lanemq::client
