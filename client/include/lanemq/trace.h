#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lanemq {

struct RecordHeader;

/// Where something stands in a distributed trace: W3C Trace Context, as in the header
/// `traceparent`.
struct TraceContext {
  std::string trace_id;     ///< 32 lower-case hexadecimal digits, not all 0.
  std::string span_id;      ///< 16 of them: the span that is the parent of what comes next.
  bool is_sampled = false;  ///< Whether those before have recorded it.
  std::string state;        ///< The header `tracestate`, as it came; mostly empty.
  bool operator==(const TraceContext&) const = default;

  /// The header's text, of version 00.
  [[nodiscard]] std::string ToText() const;
  /// The same trace, a new random span. To be sent with what this span causes.
  [[nodiscard]] TraceContext Child() const;
  /// A new trace, sampled.
  [[nodiscard]] static TraceContext Start();
  /// Strict, as the standard demands: lower case, exact lengths, no zero ids, not version ff. Of
  /// later versions what version 00 has is read. nullopt: damaged.
  [[nodiscard]] static std::optional<TraceContext> Parse(std::string_view text);
  /// Of a message's headers. nullopt: there is no `traceparent`, more than one, or a damaged one.
  [[nodiscard]] static std::optional<TraceContext> Of(const std::vector<RecordHeader>& headers);

  /// What this thread is working on: set by TraceScope; the Runner does it for its handlers.
  [[nodiscard]] static std::optional<TraceContext> Current();
};

/// While it lives, what this thread sends through a Producer or an Outbox belongs to `trace`;
/// nullopt: to none. Handlers that send from other threads make one there. Scopes nest.
///
///   const TraceScope scope(record.Trace());
class TraceScope {
 public:
  explicit TraceScope(std::optional<TraceContext> trace);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  std::optional<TraceContext> outer_;
};

/// What a Producer or an Outbox does about the header `traceparent` of a message that has none. One
/// that has is sent as it is, also when it is damaged.
enum class TraceMode : std::uint8_t {
  kOff,    ///< Nothing.
  kCarry,  ///< Within a TraceScope: the same trace, a new span.
  kStart,  ///< The same; elsewhere a new trace.
};

}  // namespace lanemq
