#include "common/base/slow_log.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/log.h"
#include "common/base/log_json.h"

namespace lanemq {
namespace {

/// Callers put names of topics and groups in: bounded, but nobody should have to prove it.
constexpr std::size_t kTextBytesMax = 512;

void Log(const SlowCall& call, std::size_t left_out) {
  if (call.kind == SlowCall::Kind::kSql) {
    LANEMQ_LOG(WARN, "slow.sql", {"statement", call.what}, {"took_ms", call.took.count()},
               {"detail", call.detail}, {"left_out", left_out});
  } else {
    LANEMQ_LOG(WARN, "slow.request", {"method", call.what}, {"took_ms", call.took.count()},
               {"request_id", call.request_id}, {"detail", call.detail}, {"peer", call.peer},
               {"left_out", left_out});
  }
}

std::string JsonOf(const SlowCall& call) {
  std::string out = "{";
  for (const LogField& field :
       {LogField("at_us", call.at.micros), LogField("kind", NameOf(call.kind)),
        LogField("what", call.what), LogField("took_ms", call.took.count()),
        LogField("request_id", call.request_id), LogField("detail", call.detail),
        LogField("peer", call.peer)}) {
    if (out.size() > 1) out += ',';
    AppendJsonMember(out, field);
  }
  return out + "}";
}

}  // namespace

std::string_view NameOf(SlowCall::Kind kind) {
  return kind == SlowCall::Kind::kSql ? "sql" : "request";
}

SlowLog::SlowLog(Options options, const Clock& clock)
    : options_(options), clock_(clock), lines_(options.lines_per_second) {}

void SlowLog::Add(SlowCall call) {
  for (std::string* text : {&call.what, &call.request_id, &call.detail, &call.peer}) {
    if (text->size() > kTextBytesMax) text->resize(kTextBytesMax);
  }
  call.at = clock_.WallNow();
  const MonotonicTime now = clock_.Now();
  const SlowCall logged = call;
  std::optional<std::size_t> left_out;
  {
    MutexLock lock(mutex_);
    calls_.push_front(std::move(call));
    if (calls_.size() > options_.kept_max) calls_.pop_back();
    left_out = lines_.Take(now);
  }
  if (left_out) Log(logged, *left_out);
}

std::vector<SlowCall> SlowLog::Newest(std::size_t max) const {
  MutexLock lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(max, calls_.size()));
  return {calls_.begin(), calls_.begin() + count};
}

std::string SlowLog::ToJson() const {
  std::string out = "{";
  AppendJsonMember(out, {"request_threshold_ms", options_.request.count()});
  out += ',';
  AppendJsonMember(out, {"sql_threshold_ms", options_.sql.count()});
  out += ",\"calls\":[";
  bool is_first = true;
  for (const SlowCall& call : Newest(options_.kept_max)) {
    out += is_first ? "\n" : ",\n";
    out += JsonOf(call);
    is_first = false;
  }
  return out + "\n]}\n";
}

}  // namespace lanemq
