#include "metaserver/oncall/message_bodies.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/alert/alert_kinds.h"
#include "common/core/alert/notice_planner.h"

namespace lanemq::metaserver {
namespace {

using Json = nlohmann::ordered_json;

/// Names of groups and topics are bytes; JSON is UTF-8.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string OneLine(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

/// What Slack reads as markup.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// Without what Feishu reads as a tag: <at user_id="all">.
std::string WithoutTags(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<' || c == '>') {
      out += c == '<' ? "\uFF1C" : "\uFF1E";
    } else {
      out += c;
    }
  }
  return out;
}

std::string HmacSha256(std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
       &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string UrlEncoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

}  // namespace

std::string Base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string Rfc3339(WallTime time) {
  using namespace std::chrono;  // NOLINT: the calendar's names.
  const sys_seconds at{floor<seconds>(microseconds{time.micros})};
  const sys_days day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string RunbookUrl(std::string_view prefix, std::string_view kind) {
  if (prefix.empty()) return "";
  return fmt::format("{}{}{}.md", prefix, prefix.ends_with('/') ? "" : "/", kind);
}

Result<NoticeText> ReadNotice(const core::AlertNotice& notice) {
  LANEMQ_ASSIGN_OR_RETURN(const core::NoticeBody body, core::NoticeBodyFromText(notice.body));
  NoticeText text;
  text.notice = notice.notice;
  text.what = core::ToString(notice.what);
  if (body.what == core::NoticeKind::kMore) {
    text.kind = "more_alerts";
    text.subject = "alerts that are not told one by one";
    text.more = body.more_fired + body.more_resolved;
    text.summary =
        OneLine(fmt::format("{} more began or go on, {} more are over: {}", body.more_fired,
                            body.more_resolved, fmt::join(body.examples, "; ")));
    return text;
  }
  text.incident = notice.incident;
  text.kind = body.alert.kind;
  text.subject = body.alert.subject;
  text.severity = core::ToString(body.alert.severity);
  text.owner = body.alert.owner;
  // People write into it: titles, reasons. A line of its own would look like ours.
  text.summary = OneLine(body.alert.summary);
  text.cause = body.alert.cause;
  text.since = body.alert.since;
  text.fired = body.alert.fired;
  text.resolved = body.alert.resolved;
  return text;
}

std::string GenericBody(const NoticeText& text) {
  Json json = {{"version", 1},
               {"notice", text.notice},
               {"what", text.what},
               {"incident", text.incident},
               {"kind", text.kind},
               {"subject", text.subject},
               {"severity", text.severity},
               {"owner", text.owner},
               {"summary", text.summary},
               {"cluster", text.cluster},
               {"more", text.more}};
  if (!text.cause.empty()) json["cause"] = text.cause;
  if (text.since) json["since"] = Rfc3339(*text.since);
  if (text.fired) json["fired"] = Rfc3339(*text.fired);
  if (text.resolved) json["resolved"] = Rfc3339(*text.resolved);
  if (!text.runbook.empty()) json["runbook"] = text.runbook;
  return Dump(json);
}

std::string SlackBody(const NoticeText& text) {
  return Dump(
      {{"text", fmt::format("*{}*\n{}", Escaped(Headline(text)), Escaped(PlainText(text)))}});
}

std::string FeishuBody(const NoticeText& text, std::string_view secret, WallTime now) {
  Json json;
  if (!secret.empty()) {
    const std::string at = std::to_string(now.micros / 1'000'000);
    // The key is what others would call the message.
    json["timestamp"] = at;
    json["sign"] = Base64(HmacSha256(fmt::format("{}\n{}", at, secret), ""));
  }
  json["msg_type"] = "text";
  json["content"] = {{"text", WithoutTags(Headline(text) + "\n" + PlainText(text))}};
  return Dump(json);
}

std::string DingTalkBody(const NoticeText& text) {
  return Dump(
      {{"msgtype", "text"}, {"text", {{"content", Headline(text) + "\n" + PlainText(text)}}}});
}

std::string DingTalkSignature(std::string_view secret, WallTime now) {
  if (secret.empty()) return "";
  const std::string at = std::to_string(now.micros / 1'000);
  const std::string sign = HmacSha256(secret, fmt::format("{}\n{}", at, secret));
  return fmt::format("&timestamp={}&sign={}", at, UrlEncoded(Base64(sign)));
}

std::string Headline(const NoticeText& text) {
  const std::string what = text.what == "resolved"   ? "RESOLVED"
                           : text.what == "reminder" ? "STILL FIRING"
                           : text.what == "test"     ? "TEST"
                           : text.what == "more"     ? "ALSO"
                                                     : "FIRING";
  return OneLine(
      fmt::format("[LaneMQ {}] {} {}: {}", text.severity, what, text.kind, text.subject));
}

std::string PlainText(const NoticeText& text) {
  std::string out = text.summary + "\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format("{}: {}\n", name, OneLine(std::string(value)));
  };
  if (text.more > 0) add("and", fmt::format("{} more alerts, see `lanemq alert list`", text.more));
  add("cause", text.cause);
  add("owner", text.owner.empty() ? "the platform" : text.owner);
  if (text.since) add("since", Rfc3339(*text.since));
  if (text.resolved) add("resolved", Rfc3339(*text.resolved));
  add("runbook", text.runbook);
  add("cluster", text.cluster);
  add("incident", text.incident);
  return out;
}

}  // namespace lanemq::metaserver
