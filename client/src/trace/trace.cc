#include "lanemq/trace.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "client/src/trace/add_trace.h"
#include "common/base/random.h"
#include "common/core/types/limits.h"

namespace lanemq {
namespace {

constexpr std::string_view kParent = "traceparent";
constexpr std::string_view kState = "tracestate";
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kSpanIdAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kBytes = 55;
/// What every receiver must take, says the standard; longer ones are not passed on.
constexpr std::size_t kStateBytesMax = 512;

thread_local std::optional<TraceContext> current_trace;

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

// 63 random bits and never 0, so that neither half of an id is.
std::string RandomWord() {
  thread_local Random random = Random::FromSystem();
  return fmt::format("{:016x}", random.PositiveId());
}

// Names of headers come from other systems; those of HTTP have no case.
bool IsNamed(const RecordHeader& header, std::string_view name) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return header.name.size() == name.size() &&
         std::equal(name.begin(), name.end(), header.name.begin(),
                    [&](char a, char b) { return a == lower(b); });
}

}  // namespace

std::string TraceContext::ToText() const {
  return fmt::format("00-{}-{}-{}", trace_id, span_id, is_sampled ? "01" : "00");
}

TraceContext TraceContext::Child() const {
  TraceContext child = *this;
  child.span_id = RandomWord();
  return child;
}

TraceContext TraceContext::Start() {
  return {RandomWord() + RandomWord(), RandomWord(), /*is_sampled=*/true, {}};
}

std::optional<TraceContext> TraceContext::Parse(std::string_view text) {
  if (text.size() < kBytes || text[2] != '-' || text[kSpanIdAt - 1] != '-' ||
      text[kFlagsAt - 1] != '-') {
    return std::nullopt;
  }
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace_id = text.substr(kTraceIdAt, 32);
  const std::string_view span_id = text.substr(kSpanIdAt, 16);
  const std::string_view flags = text.substr(kFlagsAt, 2);
  if (!IsHex(version) || !IsHex(trace_id) || !IsHex(span_id) || !IsHex(flags)) return std::nullopt;
  if (version == "ff" || IsZero(trace_id) || IsZero(span_id)) return std::nullopt;
  if (text.size() > kBytes && (version == "00" || text[kBytes] != '-')) return std::nullopt;
  const char low = flags[1];
  const int bits = low <= '9' ? low - '0' : low - 'a' + 10;
  return TraceContext{std::string(trace_id), std::string(span_id), (bits & 1) != 0, {}};
}

std::optional<TraceContext> TraceContext::Of(const std::vector<RecordHeader>& headers) {
  const auto is_parent = [](const RecordHeader& header) { return IsNamed(header, kParent); };
  const auto found = std::find_if(headers.begin(), headers.end(), is_parent);
  if (found == headers.end() || std::any_of(found + 1, headers.end(), is_parent)) {
    return std::nullopt;
  }
  std::optional<TraceContext> trace = Parse(found->value);
  if (!trace) return std::nullopt;
  for (const RecordHeader& header : headers) {
    if (!IsNamed(header, kState)) continue;
    trace->state += (trace->state.empty() ? "" : ",") + header.value;  // As HTTP joins lists.
  }
  return trace;
}

std::optional<TraceContext> TraceContext::Current() { return current_trace; }

TraceScope::TraceScope(std::optional<TraceContext> trace)
    : outer_(std::exchange(current_trace, std::move(trace))) {}
TraceScope::~TraceScope() { current_trace = std::move(outer_); }

std::optional<TraceContext> ConsumedRecord::Trace() const { return TraceContext::Of(headers); }

namespace client {

void AddTrace(TraceMode mode, std::vector<RecordHeader>& headers) {
  if (mode == TraceMode::kOff || (mode == TraceMode::kCarry && !current_trace)) return;
  std::size_t bytes = 0;
  for (const RecordHeader& header : headers) {
    if (IsNamed(header, kParent)) return;
    bytes += header.name.size() + header.value.size();
  }
  constexpr core::Limits kLimits;
  const auto has_room = [&](std::size_t more) {
    return headers.size() < kLimits.headers_max && bytes + more <= kLimits.headers_bytes_max;
  };
  if (!has_room(kParent.size() + kBytes)) return;
  const TraceContext trace = current_trace ? current_trace->Child() : TraceContext::Start();
  headers.push_back({std::string(kParent), trace.ToText()});
  bytes += kParent.size() + kBytes;
  const bool has_state = std::any_of(headers.begin(), headers.end(),
                                     [](const auto& header) { return IsNamed(header, kState); });
  if (trace.state.empty() || trace.state.size() > kStateBytesMax || has_state) return;
  if (has_room(kState.size() + trace.state.size())) {
    headers.push_back({std::string(kState), trace.state});
  }
}

}  // namespace client
}  // namespace lanemq
