#include "metaserver/oncall/channel_sender.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/core/alert/alert_kinds.h"
#include "metaserver/oncall/mail_sender.h"

namespace lanemq::metaserver {
namespace {

using core::ChannelType;
using Json = nlohmann::ordered_json;

constexpr std::size_t kSecretBytesMax = 4u << 10;
constexpr std::chrono::microseconds kStateLasts = std::chrono::minutes{15};
constexpr const char* kAlertsPath = "/api/v2/alerts";

Error BadSecret(const std::string& why) {
  return {ErrorCode::kInvalidConfig, "secret_file: " + why};
}

bool IsPlainName(const std::string& name) {
  return !name.starts_with('.') && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

/// http://host:9093 and http://host:9093/api/v2/alerts are the same channel.
core::AlertChannel WithPath(core::AlertChannel channel) {
  while (channel.url.ends_with('/')) channel.url.pop_back();
  if (!channel.url.ends_with(kAlertsPath)) channel.url += kAlertsPath;
  return channel;
}

/// A notice that stands alone, as one alert.
std::string AlertmanagerBody(const NoticeText& text, WallTime now) {
  const WallTime lasts{now.micros + kStateLasts.count()};
  Json alert = {{"labels",
                 {{"alertname", core::PrometheusAlertName(text.kind)},
                  {"kind", text.kind},
                  {"subject", text.subject},
                  {"severity", text.severity},
                  {"owner", text.owner},
                  {"cluster", text.cluster}}},
                {"annotations", {{"summary", text.summary}, {"runbook", text.runbook}}},
                {"endsAt", Rfc3339(text.what == "resolved" ? now : lasts)}};
  return Json::array({std::move(alert)})
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Result<std::string> ReadSecret(const std::string& dir, const std::string& name) {
  if (name.empty()) return std::string();
  if (dir.empty()) return BadSecret("this metaserver has no --alert-secrets-dir");
  if (!IsPlainName(name)) return BadSecret("a name of [A-Za-z0-9._-] in --alert-secrets-dir");
  const std::filesystem::path path = std::filesystem::path(dir) / name;
  std::error_code error;
  // Also since reading from what is no file could block.
  if (!std::filesystem::is_regular_file(path, error)) return BadSecret("there is no file " + name);
  std::ifstream file(path, std::ios::binary);
  std::string text(kSecretBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) return BadSecret("cannot read " + name);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kSecretBytesMax) return BadSecret(name + " has more than 4 KiB");
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) return BadSecret(name + " is empty");
  if (!IsOneLine(text)) return BadSecret(name + " has more than one line");
  return text;
}

std::string AlertmanagerBody(std::span<const core::Alert> alerts, const std::string& runbook_url,
                             const std::string& cluster, WallTime ends_at) {
  Json out = Json::array();
  for (const core::Alert& alert : alerts) {
    Json annotations = {{"summary", alert.summary}, {"incident", alert.incident}};
    if (!alert.cause.empty()) annotations["cause"] = alert.cause;
    const std::string runbook = RunbookUrl(runbook_url, alert.kind);
    if (!runbook.empty()) annotations["runbook"] = runbook;
    out.push_back({{"labels",
                    {{"alertname", core::PrometheusAlertName(alert.kind)},
                     {"kind", alert.kind},
                     {"subject", alert.subject},
                     {"severity", core::ToString(alert.severity)},
                     {"owner", alert.owner},
                     {"cluster", cluster}}},
                   {"annotations", std::move(annotations)},
                   {"startsAt", Rfc3339(alert.fired.value_or(alert.since))},
                   {"endsAt", Rfc3339(alert.resolved.value_or(ends_at))}});
  }
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

CurlChannelSender::CurlChannelSender(Options options, const Clock& clock)
    : options_([&] {
        options.transfer.is_stopping = &is_stopping_;
        return std::move(options);
      }()),
      clock_(clock) {}

Delivery CurlChannelSender::Send(const core::AlertChannel& channel, const NoticeText& text) {
  if (channel.type == ChannelType::kAlertmanager) {
    return SendStates(channel, AlertmanagerBody(text, clock_.WallNow()));
  }
  const auto secret = ReadSecret(options_.secrets_dir, channel.secret_file);
  if (!secret.ok()) return {false, secret.error().message};
  if (channel.type == ChannelType::kEmail) {
    const auto reply =
        Submit(MakeMail(channel, text, *secret, clock_.WallNow()), options_.transfer);
    if (!reply.ok()) return {false, AnswerText(reply.error().message, *secret)};
    return {true, AnswerText(*reply, *secret)};
  }
  return Judge(channel.type,
               Post(MakePost(channel, text, *secret, clock_.WallNow()), options_.transfer),
               *secret);
}

Delivery CurlChannelSender::SendStates(const core::AlertChannel& channel, std::string body) {
  const auto secret = ReadSecret(options_.secrets_dir, channel.secret_file);
  if (!secret.ok()) return {false, secret.error().message};
  return Judge(channel.type,
               Post(MakePost(WithPath(channel), std::move(body), *secret), options_.transfer),
               *secret);
}

Delivery CurlChannelSender::Beat(const std::string& url, std::string body) {
  const HttpPost post{.url = url,
                      .body = std::move(body),
                      .headers = {{"Content-Type", "application/json; charset=utf-8"}}};
  return Judge(ChannelType::kWebhook, Post(post, options_.transfer), "");
}

}  // namespace lanemq::metaserver
