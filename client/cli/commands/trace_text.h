#pragma once

#include <lanemq_types.h>
#include <string>

/// How the trace of a message looks: pure, from what was asked and answered.
namespace lanemq::cli {

/// Where it is in one line, what there is to know of its row, a line per group, and what was done
/// to dead letters that may be it.
[[nodiscard]] std::string TraceText(const idl::TraceMessageRequest& request,
                                    const idl::TraceMessageResponse& trace);
/// The same as one JSON object on one line, with every field.
[[nodiscard]] std::string TraceJson(const idl::TraceMessageRequest& request,
                                    const idl::TraceMessageResponse& trace);

}  // namespace lanemq::cli
