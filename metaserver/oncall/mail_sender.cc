#include "metaserver/oncall/mail_sender.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "common/core/retry/error_text.h"

namespace lanemq::metaserver {
namespace {

/// "Sun, 22 Nov 2026 10:00:00 +0000".
std::string MailDate(WallTime time) {
  using namespace std::chrono;  // NOLINT: the calendar's names.
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_seconds at{floor<seconds>(microseconds{time.micros})};
  const sys_days day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kDays[weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

/// As RFC 2047 has it: words of at most 75 characters, none of which cuts a character of UTF-8.
std::string EncodedWords(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::string_view word = core::CutErrorText(text, 42);
    if (word.empty()) word = text.substr(0, 42);
    text.remove_prefix(word.size());
    out += fmt::format("{}=?UTF-8?B?{}?=", out.empty() ? "" : "\r\n ", Base64(word));
  }
  return out;
}

std::string Lines(std::string_view base64) {
  std::string out;
  for (; !base64.empty(); base64.remove_prefix(std::min<std::size_t>(76, base64.size()))) {
    out += base64.substr(0, 76);
    out += "\r\n";
  }
  return out;
}

/// Ids have few characters by construction; others would end the header's "<…>".
std::string IdText(std::string_view id) {
  std::string out(id);
  std::ranges::replace_if(
      out,
      [](char c) {
        return !IsOneLine({&c, 1}) || c == '<' || c == '>' || c == '@' || c == ' ';
      },
      '_');
  return out;
}

}  // namespace

MailSubmission MakeMail(const core::AlertChannel& channel, const NoticeText& text,
                        std::string_view secret, WallTime now) {
  MailSubmission mail;
  mail.url = channel.url;
  mail.user = channel.user;
  mail.password = secret;
  mail.sender = channel.sender;
  mail.recipients = channel.recipients;
  std::string& out = mail.message;
  out += "Date: " + MailDate(now) + "\r\n";
  out += fmt::format("From: <{}>\r\n", channel.sender);
  out += fmt::format("To: <{}>\r\n", fmt::join(channel.recipients, ">,\r\n <"));
  out += "Subject: " + EncodedWords(Headline(text)) + "\r\n";
  out += fmt::format("Message-ID: <{}@lanemq>\r\n", IdText(text.notice));
  if (!text.incident.empty()) {
    out += fmt::format("References: <{}@lanemq>\r\n", IdText(text.incident));
  }
  out += "Auto-Submitted: auto-generated\r\n";
  out += "MIME-Version: 1.0\r\n";
  out += "Content-Type: text/plain; charset=utf-8\r\n";
  out += "Content-Transfer-Encoding: base64\r\n\r\n";
  out += Lines(Base64(PlainText(text)));
  return mail;
}

}  // namespace lanemq::metaserver
