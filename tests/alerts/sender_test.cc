// Channels against receivers that behave, and that do not.
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/core/alert/notice_planner.h"
#include "metaserver/oncall/channel_sender.h"
#include "tests/support/http_receiver.h"
#include "tests/support/smtp_receiver.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_for.h"

namespace lanemq::metaserver {
namespace {

using core::AlertChannel;
using core::ChannelType;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::HttpReceiver;
using testing::SmtpReceiver;

NoticeText Text() {
  NoticeText text;
  text.notice = "i-1-fired-1";
  text.what = "fired";
  text.incident = "i-1";
  text.kind = "group_stopped";
  text.subject = "group billing, topic orders";
  text.severity = "page";
  text.owner = "payments";
  text.summary = "STOP: 12 messages behind <b>&";
  text.cause = "NO_MEMBERS";
  text.since = WallTime{1'763'805'600'000'000};
  text.runbook = "https://docs.example/group_stopped.md";
  text.cluster = "c1";
  return text;
}

class SenderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = HttpReceiver::Start();
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    http_ = *std::move(started);
    WriteSecret("token", "s3cret\n");
    Make({});
  }

  void Make(TransferSettings settings) {
    sender_ = std::make_unique<CurlChannelSender>(
        CurlChannelSender::Options{settings, dir_.path().string()}, SystemClock::Instance());
  }
  void WriteSecret(const std::string& name, const std::string& text) {
    std::ofstream(dir_.path() / name) << text;
  }
  AlertChannel Http(ChannelType type = ChannelType::kWebhook) const {
    return {.name = "c", .type = type, .url = http_->Url("/hook")};
  }
  Delivery Send(const AlertChannel& channel) { return sender_->Send(channel, Text()); }
  nlohmann::json LastBody() const { return nlohmann::json::parse(http_->Requests().back().body); }

  testing::TempDir dir_;
  std::unique_ptr<HttpReceiver> http_;
  std::unique_ptr<CurlChannelSender> sender_;
};

TEST_F(SenderTest, AWebhookGetsTheDocumentedJsonWithItsIdempotencyKey) {
  AlertChannel channel = Http();
  channel.secret_file = "token";
  const Delivery delivery = Send(channel);
  EXPECT_TRUE(delivery.is_delivered) << delivery.answer;
  EXPECT_EQ(delivery.answer, "200 ok");
  ASSERT_EQ(http_->count(), 1U);
  const auto request = http_->Requests()[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/hook");
  EXPECT_EQ(request.headers.at("idempotency-key"), "i-1-fired-1");
  EXPECT_EQ(request.headers.at("authorization"), "Bearer s3cret");
  const auto body = LastBody();
  EXPECT_EQ(body["version"], 1);
  EXPECT_EQ(body["kind"], "group_stopped");
  EXPECT_EQ(body["owner"], "payments");
  EXPECT_EQ(body["cause"], "NO_MEMBERS");
  EXPECT_EQ(body["since"], "2025-11-22T10:00:00Z");
  EXPECT_EQ(body["runbook"], "https://docs.example/group_stopped.md");
}

TEST_F(SenderTest, AUserAndASecretAreBasicAuthentication) {
  AlertChannel channel = Http();
  channel.user = "bot";
  channel.secret_file = "token";
  EXPECT_TRUE(Send(channel).is_delivered);
  EXPECT_EQ(http_->Requests()[0].headers.at("authorization"), "Basic " + Base64("bot:s3cret"));
}

TEST_F(SenderTest, ASecretInTheUrlIsNowhereElse) {
  AlertChannel channel = Http(ChannelType::kSlack);
  channel.url = http_->Url("/services/{secret}");
  channel.secret_file = "token";
  EXPECT_TRUE(Send(channel).is_delivered);
  const auto request = http_->Requests()[0];
  EXPECT_EQ(request.path, "/services/s3cret");
  EXPECT_FALSE(request.headers.contains("authorization"));
  // Slack's markup is escaped.
  EXPECT_THAT(LastBody()["text"].get<std::string>(), HasSubstr("&lt;b&gt;&amp;"));
}

TEST_F(SenderTest, ChatsThatAnswer200ToEverythingTellErrorsInTheBody) {
  for (const ChannelType type : {ChannelType::kFeishu, ChannelType::kDingTalk}) {
    const std::string key = type == ChannelType::kDingTalk ? "errcode" : "code";
    AlertChannel channel = Http(type);
    if (type == ChannelType::kDingTalk) channel.url += "?access_token=x";
    channel.secret_file = "token";
    http_->SetAnswer(200, "{\"" + key + "\":0}");
    EXPECT_TRUE(Send(channel).is_delivered);
    http_->SetAnswer(200, "{\"" + key + "\":19021}");
    EXPECT_FALSE(Send(channel).is_delivered);
    http_->SetAnswer(200, "<html>");
    EXPECT_FALSE(Send(channel).is_delivered);
    const auto request = http_->Requests().back();
    EXPECT_FALSE(request.headers.contains("authorization"));
    if (type == ChannelType::kDingTalk) {
      EXPECT_THAT(request.path, HasSubstr("&timestamp="));
      EXPECT_THAT(request.path, HasSubstr("&sign="));
    } else {
      EXPECT_TRUE(LastBody().contains("sign"));
    }
    EXPECT_THAT(request.body, HasSubstr("group billing, topic orders"));
  }
}

TEST_F(SenderTest, TitlesAndReasonsForgeNoLinesAndCallNobody) {
  core::NoticeBody body;
  body.alert.kind = "change_request_declined";
  body.alert.summary = "request 7: Refunds\r\ncause: none <at user_id=\"all\">all</at>";
  core::AlertNotice notice;
  notice.body = core::ToText(body);
  const auto text = ReadNotice(notice);
  ASSERT_TRUE(text.ok()) << text.error().ToString();
  EXPECT_EQ(text->summary, "request 7: Refunds  cause: none <at user_id=\"all\">all</at>");
  const auto feishu = nlohmann::json::parse(FeishuBody(*text, "", WallTime{}));
  const std::string told = feishu["content"]["text"];
  EXPECT_EQ(told.find_first_of("<>"), std::string::npos) << told;
  EXPECT_THAT(told, HasSubstr("user_id"));
  body = {};
  body.what = core::NoticeKind::kMore;
  body.examples = {"a: b\nc"};
  notice.body = core::ToText(body);
  EXPECT_THAT(ReadNotice(notice)->summary, HasSubstr("a: b c"));
}

TEST_F(SenderTest, AlertmanagerGetsAlerts) {
  AlertChannel channel = Http(ChannelType::kAlertmanager);
  channel.url = http_->Url("/");
  EXPECT_TRUE(Send(channel).is_delivered);
  EXPECT_EQ(http_->Requests()[0].path, "/api/v2/alerts");
  EXPECT_EQ(LastBody()[0]["labels"]["alertname"], "LanemqGroupStopped");
}

TEST_F(SenderTest, OnlyA2xxIsADelivery) {
  for (const int status : {300, 301, 302, 307, 400, 401, 404, 429, 500, 503}) {
    http_->SetAnswer("HTTP/1.1 " + std::to_string(status) + " X\r\nLocation: " +
                     http_->Url("/elsewhere") + "\r\nContent-Length: 0\r\n\r\n");
    EXPECT_FALSE(Send(Http()).is_delivered) << status;
  }
  // Nobody followed a redirect.
  for (const auto& request : http_->Requests()) EXPECT_EQ(request.path, "/hook");
  for (const int status : {200, 201, 202, 204}) {
    http_->SetAnswer(status, "");
    EXPECT_TRUE(Send(Http()).is_delivered) << status;
  }
}

TEST_F(SenderTest, NonsenseIsNoDelivery) {
  http_->SetAnswer(std::string("\x16\x03\x01garbage\0\n\n", 13));
  EXPECT_FALSE(Send(Http()).is_delivered);
  http_->SetAnswer("");
  EXPECT_FALSE(Send(Http()).is_delivered);
  http_->SetManner(HttpReceiver::Manner::kClose);
  const Delivery closed = Send(Http());
  EXPECT_FALSE(closed.is_delivered);
  EXPECT_FALSE(closed.answer.empty());
}

TEST_F(SenderTest, ALongReplyIsNotReadToItsEnd) {
  const std::string huge(8u << 20, 'x');
  http_->SetAnswer(200, huge);
  const Delivery delivery = Send(Http());
  EXPECT_TRUE(delivery.is_delivered) << delivery.answer;
  EXPECT_LE(delivery.answer.size(), 512U);
}

TEST_F(SenderTest, AReceiverThatHangsCostsNoMoreThanTheTimeout) {
  Make({.timeout = 300ms});
  for (const auto manner : {HttpReceiver::Manner::kHang, HttpReceiver::Manner::kDrip}) {
    http_->SetManner(manner);
    const MonotonicTime began = SystemClock::Instance().Now();
    EXPECT_FALSE(Send(Http()).is_delivered);
    EXPECT_LT(SystemClock::Instance().Now() - began, 5s);
  }
}

TEST_F(SenderTest, AbortEndsWhatHangs) {
  http_->SetManner(HttpReceiver::Manner::kHang);
  Delivery delivery{true, ""};
  std::jthread sending([&] { delivery = Send(Http()); });
  ASSERT_TRUE(testing::WaitFor([&] { return http_->count() == 1; }, 10s, "the request"));
  const MonotonicTime began = SystemClock::Instance().Now();
  sender_->Abort();
  sending.join();
  EXPECT_FALSE(delivery.is_delivered);
  EXPECT_LT(SystemClock::Instance().Now() - began, 5s);
}

TEST_F(SenderTest, OnlyHttpIsSpokenToAUrlOfHttp) {
  const std::string file = (dir_.path() / "token").string();
  for (const std::string& url :
       {"file://" + file, std::string("ftp://127.0.0.1/x"), std::string("gopher://127.0.0.1/x"),
        std::string("http://127.0.0.1\r\nX: y/"), std::string("")}) {
    AlertChannel channel = Http();
    channel.url = url;
    EXPECT_FALSE(Send(channel).is_delivered) << url;
  }
}

TEST_F(SenderTest, ASecretIsNotTold) {
  AlertChannel channel = Http();
  channel.secret_file = "token";
  http_->SetAnswer(403, "token s3cret is\r\nno good");
  EXPECT_EQ(Send(channel).answer, "403 token *** is  no good");
}

TEST_F(SenderTest, OnlyFilesOfTheDirectoryAreSecrets) {
  WriteSecret("empty", "");
  WriteSecret("lines", "a\nb\n");
  WriteSecret("long", std::string(5'000, 'x'));
  AlertChannel channel = Http();
  for (const char* name : {"../token", "/etc/passwd", ".", "..", ".hidden", "a/b", "missing",
                           "empty", "lines", "long"}) {
    channel.secret_file = name;
    const Delivery delivery = Send(channel);
    EXPECT_FALSE(delivery.is_delivered) << name;
    EXPECT_THAT(delivery.answer, HasSubstr("secret_file")) << name;
  }
  EXPECT_EQ(http_->count(), 0U);
}

class MailTest : public SenderTest {
 protected:
  static std::unique_ptr<SmtpReceiver> StartSmtp(std::vector<std::string> flags = {},
                                                 bool has_certificate = false) {
    auto started = SmtpReceiver::Start(std::move(flags), has_certificate);
    EXPECT_TRUE(started.ok()) << started.error().ToString();
    return started.ok() ? *std::move(started) : nullptr;
  }
  static AlertChannel Mail(const SmtpReceiver& smtp) {
    return {.name = "mail",
            .type = ChannelType::kEmail,
            .url = smtp.Url(),
            .recipients = {"a@example.com", "b@example.com"},
            .sender = "lanemq@example.com"};
  }
};

TEST_F(MailTest, AMailHasTheNoticeAsItsId) {
  const auto smtp = StartSmtp();
  const Delivery delivery = Send(Mail(*smtp));
  ASSERT_TRUE(delivery.is_delivered) << delivery.answer;
  const auto mails = smtp->Mails();
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].sender, "<lanemq@example.com>");
  EXPECT_THAT(mails[0].recipients, ElementsAre("<a@example.com>", "<b@example.com>"));
  EXPECT_EQ(mails[0].Header("Message-ID"), "<i-1-fired-1@lanemq>");
  EXPECT_EQ(mails[0].Header("References"), "<i-1@lanemq>");
  EXPECT_THAT(mails[0].Body(), HasSubstr("cause: NO_MEMBERS"));
  EXPECT_THAT(mails[0].Body(), HasSubstr("STOP: 12 messages behind <b>&"));
}

TEST_F(MailTest, SubjectsAreOneLineOfAnyLanguage) {
  const auto smtp = StartSmtp();
  NoticeText text = Text();
  text.subject = "group 订单-处理-服务-订单-处理-服务-订单-处理\r\nBcc: evil@example.com, topic t";
  ASSERT_TRUE(sender_->Send(Mail(*smtp), text).is_delivered);
  const auto mail = smtp->Mails()[0];
  EXPECT_THAT(mail.Header("Subject"), HasSubstr("=?UTF-8?B?"));
  EXPECT_EQ(mail.Header("Bcc"), "");
  for (std::size_t at = 0, end = 0; end != std::string::npos; at = end + 1) {
    end = mail.text.find('\n', at);
    EXPECT_LE(mail.text.substr(at, end - at).size(), 78U);
  }
}

TEST_F(MailTest, AddressesCannotBreakOut) {
  const auto smtp = StartSmtp();
  AlertChannel channel = Mail(*smtp);
  channel.recipients = {"a@example.com>\r\nRCPT TO:<evil@example.com"};
  EXPECT_FALSE(Send(channel).is_delivered);
  channel = Mail(*smtp);
  channel.sender = "a@example.com\r\nX: y";
  EXPECT_FALSE(Send(channel).is_delivered);
  EXPECT_TRUE(smtp->Mails().empty());
}

TEST_F(MailTest, ARefusalIsNoDelivery) {
  const auto smtp = StartSmtp({"--refuse"});
  const Delivery delivery = Send(Mail(*smtp));
  EXPECT_FALSE(delivery.is_delivered);
  EXPECT_THAT(delivery.answer, HasSubstr("550"));
}

TEST_F(MailTest, APasswordGoesOverTlsOrNotAtAll) {
  const auto smtp = StartSmtp({"--login=bot:s3cret"}, true);
  AlertChannel channel = Mail(*smtp);
  channel.user = "bot";
  channel.secret_file = "token";
  // An authority that nobody trusts.
  EXPECT_FALSE(Send(channel).is_delivered);
  Make({.ca_file = smtp->CaFile()});
  const Delivery delivery = Send(channel);
  ASSERT_TRUE(delivery.is_delivered) << delivery.answer;
  ASSERT_EQ(smtp->Mails().size(), 1U);
  EXPECT_TRUE(smtp->Mails()[0].is_tls);
  EXPECT_TRUE(smtp->Mails()[0].is_logged_in);

  const auto plain = StartSmtp({"--login=bot:s3cret"});
  channel.url = plain->Url();
  EXPECT_FALSE(Send(channel).is_delivered);
  EXPECT_TRUE(plain->Mails().empty());
}

TEST_F(MailTest, TlsFromTheBeginning) {
  const auto smtp = StartSmtp({"--tls"}, true);
  Make({.ca_file = smtp->CaFile()});
  AlertChannel channel = Mail(*smtp);
  channel.url = "smtps" + channel.url.substr(4);
  const Delivery delivery = Send(channel);
  ASSERT_TRUE(delivery.is_delivered) << delivery.answer;
  EXPECT_TRUE(smtp->Mails()[0].is_tls);
}

}  // namespace
}  // namespace lanemq::metaserver
