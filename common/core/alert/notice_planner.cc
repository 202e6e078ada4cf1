#include "common/core/alert/notice_planner.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/core/alert/alert_kinds.h"
#include "common/core/retry/backoff.h"

namespace lanemq::core {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr int kVersion = 1;

json Micros(const std::optional<WallTime>& time) {
  return time ? json(time->micros) : json(nullptr);
}

std::optional<WallTime> Time(const json& value) {
  if (value.is_null()) return std::nullopt;
  return WallTime{value.get<std::int64_t>()};
}

std::optional<AlertState> StateFromString(std::string_view text) {
  for (const AlertState state :
       {AlertState::kPending, AlertState::kFiring, AlertState::kResolved}) {
    if (ToString(state) == text) return state;
  }
  return std::nullopt;
}

Alert AlertFrom(const json& parsed) {
  Alert alert;
  parsed.at("incident").get_to(alert.incident);
  parsed.at("kind").get_to(alert.kind);
  parsed.at("subject").get_to(alert.subject);
  parsed.at("owner").get_to(alert.owner);
  parsed.at("summary").get_to(alert.summary);
  parsed.at("cause").get_to(alert.cause);
  alert.state =
      StateFromString(parsed.at("state").get<std::string>()).value_or(AlertState::kFiring);
  alert.severity = AlertSeverityFromString(parsed.at("severity").get<std::string>())
                       .value_or(AlertSeverity::kPage);
  alert.since = WallTime{parsed.at("since_us").get<std::int64_t>()};
  alert.fired = Time(parsed.at("fired_us"));
  alert.resolved = Time(parsed.at("resolved_us"));
  return alert;
}

}  // namespace

std::string ToText(const NoticeBody& body) {
  json text{{"version", kVersion}, {"what", ToString(body.what)}};
  if (body.what == NoticeKind::kMore) {
    text["more_fired"] = body.more_fired;
    text["more_resolved"] = body.more_resolved;
    text["examples"] = body.examples;
  } else {
    const Alert& alert = body.alert;
    text["incident"] = alert.incident;
    text["kind"] = alert.kind;
    text["subject"] = alert.subject;
    text["state"] = ToString(alert.state);
    text["severity"] = ToString(alert.severity);
    text["owner"] = alert.owner;
    text["summary"] = alert.summary;
    text["cause"] = alert.cause;
    text["since_us"] = alert.since.micros;
    text["fired_us"] = Micros(alert.fired);
    text["resolved_us"] = Micros(alert.resolved);
  }
  return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<NoticeBody> NoticeBodyFromText(const std::string& text) {
  try {
    const json parsed = json::parse(text);
    NoticeBody body;
    const auto what = NoticeKindFromString(parsed.at("what").get<std::string>());
    if (parsed.at("version").get<int>() != kVersion || !what) {
      return Error{ErrorCode::kUnknownServerError, "notice of a version that is not known here"};
    }
    body.what = *what;
    if (*what == NoticeKind::kMore) {
      parsed.at("more_fired").get_to(body.more_fired);
      parsed.at("more_resolved").get_to(body.more_resolved);
      parsed.at("examples").get_to(body.examples);
    } else {
      body.alert = AlertFrom(parsed);
    }
    return body;
  } catch (const json::exception& e) {
    return Error{ErrorCode::kUnknownServerError, std::string("damaged notice: ") + e.what()};
  }
}

std::optional<milliseconds> RetryIn(const AlertNotice& notice, WallTime now,
                                    const AlertTimes& times, Random& random) {
  const std::chrono::microseconds age{now.micros - notice.queued_at.micros};
  if (age >= times.give_up_after) return std::nullopt;
  const BackoffPolicy policy{times.retry_first, times.retry_max, 2.0};
  const auto wait = BackoffDelay(policy, std::max(notice.attempts, 1), random);
  return std::max(std::chrono::duration_cast<milliseconds>(wait), milliseconds{1});
}

bool NoticePace::Take(MonotonicTime now) {
  while (!taken_.empty() && now - taken_.front() >= window_) taken_.pop_front();
  if (taken_.size() >= kNoticesPerWindow) return false;
  taken_.push_back(now);
  return true;
}

}  // namespace lanemq::core
