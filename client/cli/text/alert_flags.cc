#include "client/cli/text/alert_flags.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "client/cli/text/suggest.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono_literals::operator""min;

constexpr microseconds kSilenceMin = 1min;
constexpr microseconds kSilenceMax = std::chrono::days(30);
constexpr std::string_view kEverything = "*";

Error Bad(std::string why) { return {ErrorCode::kInvalidRequest, std::move(why)}; }

/// One of `words`, or an error that names them all.
Status CheckWord(std::string_view flag, const std::string& word,
                 const std::vector<std::string>& words) {
  if (std::ranges::find(words, word) != words.end()) return {};
  const auto near = Suggest(word, words);
  return Bad(fmt::format("{}: '{}' is none of {}{}", flag, word, fmt::join(words, ", "),
                         near ? fmt::format(" (did you mean '{}'?)", *near) : ""));
}

Result<std::int64_t> ReadMillis(std::string_view flag, const std::string& text) {
  const auto duration = ParseDuration(text);
  if (!duration.ok()) return Bad(fmt::format("{}: {}", flag, duration.error().message));
  return duration_cast<milliseconds>(*duration).count();
}

bool HasLineEnd(std::string_view text) { return text.find_first_of("\r\n") != text.npos; }

}  // namespace

Result<idl::AlertRule> ReadRule(const RuleFlags& flags) {
  idl::AlertRule rule;
  rule.__set_kind(flags.kind);
  if (flags.is_on && flags.is_off) return Bad("--on and --off exclude each other");
  if (flags.is_on || flags.is_off) rule.__set_is_on(flags.is_on);
  if (flags.threshold) {
    if (!std::isfinite(*flags.threshold) || *flags.threshold < 0) {
      return Bad("--threshold is a number from 0 on; `lanemq alert rules` says in which unit");
    }
    rule.__set_threshold(*flags.threshold);
  }
  if (!flags.for_at_least.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t millis, ReadMillis("--for", flags.for_at_least));
    rule.__set_for_ms(millis);
  }
  if (!flags.severity.empty()) {
    LANEMQ_RETURN_IF_ERROR(CheckWord("--severity", flags.severity, {"page", "ticket"}));
    rule.__set_severity(flags.severity);
  }
  if (flags.owner) rule.__set_owner(*flags.owner);
  const auto& set = rule.__isset;
  if (!set.is_on && !set.threshold && !set.for_ms && !set.severity && !set.owner) {
    return Bad("say what to change: --on, --off, --threshold N, --for TIME, --severity or --owner");
  }
  return rule;
}

Result<idl::AlertChannel> ReadChannel(const ChannelFlags& flags) {
  LANEMQ_RETURN_IF_ERROR(CheckWord(
      "--type", flags.type, {"webhook", "slack", "feishu", "dingtalk", "email", "alertmanager"}));
  const bool is_mail = flags.type == "email";
  const auto begins = [&](std::string_view scheme) { return flags.url.starts_with(scheme); };
  if (is_mail && !begins("smtp://") && !begins("smtps://")) {
    return Bad("--url of email is its server: smtp://mail.example.com:587 or smtps://...");
  }
  if (!is_mail && !begins("http://") && !begins("https://")) {
    return Bad(fmt::format("--url of {} is an address: https://...", flags.type));
  }
  if (is_mail && (flags.recipients.empty() || flags.sender.empty())) {
    return Bad("email needs --to and --from: --to oncall@example.com --from lanemq@example.com");
  }
  if (!is_mail && (!flags.recipients.empty() || !flags.sender.empty())) {
    return Bad("--to and --from are for email only");
  }
  for (const std::string& address : flags.recipients) {
    if (HasLineEnd(address)) return Bad("an address has no line ends");
  }
  idl::AlertChannel channel;
  channel.__set_name(flags.name);
  channel.__set_type(flags.type);
  channel.__set_url(flags.url);
  if (!flags.recipients.empty()) channel.__set_recipients(flags.recipients);
  if (!flags.sender.empty()) channel.__set_sender(flags.sender);
  channel.__set_owners(flags.owners);
  const std::string severity = flags.severity.empty() ? "ticket" : flags.severity;
  LANEMQ_RETURN_IF_ERROR(CheckWord("--severity", severity, {"page", "ticket"}));
  channel.__set_severity(severity);
  if (!flags.secret_file.empty()) channel.__set_secret_file(flags.secret_file);
  if (!flags.user.empty()) channel.__set_user(flags.user);
  channel.__set_is_on(!flags.is_off);
  return channel;
}

Result<idl::SilenceAlertRequest> ReadSilence(const SilenceFlags& flags) {
  if (flags.kind.empty() && flags.subject.empty()) {
    return Bad(
        "say what: --subject 'group billing*', --kind group_slow, or both; --kind '*' is all");
  }
  const auto duration = ParseDuration(flags.for_how_long);
  if (!duration.ok()) return Bad("--for: " + duration.error().message);
  if (*duration < kSilenceMin || *duration > kSilenceMax) {
    return Bad(fmt::format("--for {} is not between 1m and 30d", flags.for_how_long));
  }
  if (flags.reason.empty()) return Bad("--reason says to others why nobody is told");
  idl::SilenceAlertRequest request;
  request.__set_kind(flags.kind.empty() ? std::string(kEverything) : flags.kind);
  request.__set_subject(flags.subject.empty() ? std::string(kEverything) : flags.subject);
  request.__set_for_ms(duration_cast<milliseconds>(*duration).count());
  request.__set_reason(flags.reason);
  return request;
}

Result<idl::LagObjective> ReadObjective(const ObjectiveFlags& flags, bool is_change) {
  idl::LagObjective objective;
  objective.__set_group(flags.group.empty() ? std::string(kEverything) : flags.group);
  objective.__set_topic(flags.topic.empty() ? std::string(kEverything) : flags.topic);
  if (flags.group.empty() && !flags.topic.empty()) {
    return Bad("--topic needs --group too; without both it is of every group");
  }
  if (!flags.lag.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t millis, ReadMillis("--lag", flags.lag));
    if (millis <= 0) return Bad("--lag 0 is what no group can promise");
    objective.__set_objective_ms(millis);
  }
  if (flags.allowed) {
    if (*flags.allowed < 0) return Bad("--allow is a number of messages from 0 on");
    objective.__set_allowed_messages(*flags.allowed);
  }
  if (flags.owner) objective.__set_owner(*flags.owner);
  if (!flags.tier.empty()) {
    LANEMQ_RETURN_IF_ERROR(CheckWord("--tier", flags.tier, {"page", "ticket"}));
    objective.__set_tier(flags.tier);
  }
  if (!flags.alerts.empty()) {
    LANEMQ_RETURN_IF_ERROR(CheckWord("--alerts", flags.alerts, {"on", "off"}));
    objective.__set_alerts_on(flags.alerts == "on");
  }
  const auto& set = objective.__isset;
  const bool has_news =
      set.objective_ms || set.allowed_messages || set.owner || set.tier || set.alerts_on;
  if (is_change && !has_news) {
    return Bad("say what to set: --lag TIME, --allow N, --owner NAME, --tier or --alerts");
  }
  return objective;
}

}  // namespace lanemq::cli
