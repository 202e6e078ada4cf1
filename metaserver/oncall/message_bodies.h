#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/alert/alert_types.h"

namespace lanemq::metaserver {

/// A notice as people and receivers see it.
struct NoticeText {
  std::string notice;  ///< The idempotency key.
  /// fired, reminder, resolved or more; "test" and "blind" are of no stored notice.
  std::string what;
  std::string incident;
  std::string kind;
  std::string subject;
  std::string severity = "ticket";  ///< page or ticket.
  std::string owner;                ///< '': the platform.
  std::string summary;
  std::string cause;
  std::optional<WallTime> since;
  std::optional<WallTime> fired;
  std::optional<WallTime> resolved;
  std::int64_t more = 0;  ///< So many alerts are not told one by one.
  std::string runbook;    ///< URL; '': none.
  std::string cluster;
};

/// Of what was stored; `runbook` and `cluster` are the caller's. kUnknownServerError: it is
/// damaged.
Result<NoticeText> ReadNotice(const core::AlertNotice& notice);
/// "" without a prefix, else prefix, "/" if it lacks one, kind, ".md".
[[nodiscard]] std::string RunbookUrl(std::string_view prefix, std::string_view kind);
/// "2026-11-22T10:00:00Z".
[[nodiscard]] std::string Rfc3339(WallTime time);

/// Of the type webhook. Keys: version (1), notice, what, incident, kind, subject, severity, owner,
/// summary, cluster, more; where known: cause, since, fired, resolved (RFC 3339), runbook.
[[nodiscard]] std::string GenericBody(const NoticeText& text);
[[nodiscard]] std::string SlackBody(const NoticeText& text);
/// With a secret, signed as the receivers want it: the time is that of sending.
[[nodiscard]] std::string FeishuBody(const NoticeText& text, std::string_view secret, WallTime now);
[[nodiscard]] std::string DingTalkBody(const NoticeText& text);
/// To append to the URL: "&timestamp=…&sign=…"; '' without a secret.
[[nodiscard]] std::string DingTalkSignature(std::string_view secret, WallTime now);
/// One line, for a subject.
[[nodiscard]] std::string Headline(const NoticeText& text);
/// Several lines, LF, for people.
[[nodiscard]] std::string PlainText(const NoticeText& text);

[[nodiscard]] std::string Base64(std::string_view bytes);

}  // namespace lanemq::metaserver
