#include "metaserver/oncall/http_sender.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/retry/error_text.h"

namespace lanemq::metaserver {
namespace {

using core::ChannelType;

constexpr std::string_view kSecretMark = "{secret}";
constexpr std::size_t kAnswerBytesMax = 512;

/// Feishu and DingTalk answer 200 and tell errors in the body. 0: there is none.
std::int64_t ErrorInBody(ChannelType type, const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return -1;
  for (const char* key : {"errcode", "code", "StatusCode"}) {
    const bool is_of_type =
        (type == ChannelType::kDingTalk) == (std::string_view(key) == "errcode");
    const auto at = json.find(key);
    if (is_of_type && at != json.end() && at->is_number_integer()) return at->get<std::int64_t>();
  }
  return -1;  // Somebody else answers there.
}

}  // namespace

HttpPost MakePost(const core::AlertChannel& channel, std::string body, std::string_view secret) {
  HttpPost post;
  post.url = channel.url;
  post.body = std::move(body);
  post.headers = {{"Content-Type", "application/json; charset=utf-8"}};
  const bool is_signed =
      channel.type == ChannelType::kFeishu || channel.type == ChannelType::kDingTalk;
  if (const std::size_t at = post.url.find(kSecretMark); at != std::string::npos) {
    post.url.replace(at, kSecretMark.size(), secret);
  } else if (!channel.user.empty()) {
    post.user = channel.user;
    post.password = secret;
  } else if (!is_signed) {
    post.bearer = secret;
  }
  return post;
}

HttpPost MakePost(const core::AlertChannel& channel, const NoticeText& text,
                  std::string_view secret, WallTime now) {
  const bool is_in_url = channel.url.find(kSecretMark) != std::string::npos;
  const std::string_view key = is_in_url ? std::string_view() : secret;
  HttpPost post;
  switch (channel.type) {
    case ChannelType::kSlack:
      post = MakePost(channel, SlackBody(text), secret);
      break;
    case ChannelType::kFeishu:
      post = MakePost(channel, FeishuBody(text, key, now), secret);
      break;
    case ChannelType::kDingTalk:
      post = MakePost(channel, DingTalkBody(text), secret);
      post.url += DingTalkSignature(key, now);
      break;
    default:
      post = MakePost(channel, GenericBody(text), secret);
  }
  post.headers.emplace_back("Idempotency-Key", text.notice);
  return post;
}

Delivery Judge(ChannelType type, const Result<HttpReply>& reply, std::string_view secret) {
  if (!reply.ok()) return {false, AnswerText(reply.error().message, secret)};
  const std::string answer = AnswerText(fmt::format("{} {}", reply->status, reply->body), secret);
  if (reply->status < 200 || reply->status > 299) return {false, answer};
  const bool tells_errors = type == ChannelType::kFeishu || type == ChannelType::kDingTalk;
  return {!tells_errors || ErrorInBody(type, reply->body) == 0, answer};
}

std::string AnswerText(std::string_view text, std::string_view secret) {
  std::string out(text);
  for (std::size_t at = 0; !secret.empty() && (at = out.find(secret, at)) != std::string::npos;) {
    out.replace(at, secret.size(), "***");
    at += 3;
  }
  std::ranges::replace_if(
      out,
      [](char c) {
        return !IsOneLine({&c, 1});
      },
      ' ');
  return std::string(core::CutErrorText(out, kAnswerBytesMax));
}

}  // namespace lanemq::metaserver
