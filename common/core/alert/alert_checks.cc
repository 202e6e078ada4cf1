#include "common/core/alert/alert_checks.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "common/core/alert/alert_kinds.h"

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kNameMax = 249;
constexpr std::size_t kOwnerMax = 128;
constexpr std::size_t kSubjectMax = 600;
constexpr std::size_t kTextMax = 1'024;
constexpr std::size_t kPersonMax = 255;
constexpr std::size_t kChannelNameMax = 64;
constexpr std::size_t kListMax = 50;
constexpr std::size_t kAddressMax = 254;  // As SMTP has it.
/// A list as JSON fits its column of 4,096 bytes, whatever is escaped.
constexpr std::size_t kListBytesMax = 1'800;

Error Invalid(std::string message) { return Error{ErrorCode::kInvalidRequest, std::move(message)}; }

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// CR and LF above all: these texts end up in headers of mails and of HTTP.
Status CheckText(std::string_view what, std::string_view text, std::size_t max,
                 bool may_be_empty = true) {
  if (text.empty() && !may_be_empty) return Invalid(fmt::format("{} is missing", what));
  if (text.size() > max) {
    return Invalid(fmt::format("{} has {} bytes; {} at most", what, text.size(), max));
  }
  if (std::any_of(text.begin(), text.end(), IsControl)) {
    return Invalid(fmt::format("{} has control characters", what));
  }
  return {};
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

Status CheckList(std::string_view what, const std::vector<std::string>& list, std::size_t max) {
  if (list.size() > kListMax) {
    return Invalid(fmt::format("there are {} {}s; {} at most", list.size(), what, kListMax));
  }
  std::size_t bytes = 0;
  for (const std::string& text : list) {
    LANEMQ_RETURN_IF_ERROR(CheckText(what, text, max, what == "owner"));
    bytes += text.size();
  }
  if (bytes <= kListBytesMax) return {};
  return Invalid(fmt::format("the {}s have {} bytes; {} at most", what, bytes, kListBytesMax));
}

Status CheckAddress(std::string_view what, std::string_view address) {
  LANEMQ_RETURN_IF_ERROR(CheckText(what, address, kAddressMax, false));
  const std::size_t at = address.find('@');
  const bool is_plain = address.find_first_of(" <>,;\"") == std::string_view::npos;
  if (is_plain && at != std::string_view::npos && at > 0 && at + 1 < address.size()) return {};
  return Invalid(fmt::format("{} '{}' is not an address: somebody@example.com", what, address));
}

Status CheckUrl(const AlertChannel& channel) {
  LANEMQ_RETURN_IF_ERROR(CheckText("url", channel.url, kTextMax, false));
  const std::string_view url = channel.url;
  const bool is_mail = channel.type == ChannelType::kEmail;
  const auto has = [&](std::string_view scheme) { return url.starts_with(scheme); };
  const bool is_known =
      is_mail ? has("smtp://") || has("smtps://") : has("http://") || has("https://");
  if (!is_known) {
    return Invalid(fmt::format("url of a channel of type {} begins with {}", ToString(channel.type),
                               is_mail ? "smtp:// or smtps://" : "http:// or https://"));
  }
  const std::string_view rest = url.substr(url.find("://") + 3);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  if (host.empty() || url.find(' ') != std::string_view::npos) {
    return Invalid("url has no host, or a blank");
  }
  // Rows are shown to whoever may list channels.
  if (host.find('@') != std::string_view::npos) {
    return Invalid("url has a user or a password: use user and secret_file");
  }
  return {};
}

}  // namespace

std::string_view UrlOrigin(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::size_t host = scheme + 3;
  const std::size_t end = url.find_first_of("/?#", host);
  // With a user before the host, everything could be one: rows of older versions may have that.
  const std::string_view origin = url.substr(0, end);
  return origin.find('@', host) == std::string_view::npos ? origin : url.substr(0, scheme);
}

Status CheckObjective(const ObjectiveRow& row) {
  LANEMQ_RETURN_IF_ERROR(CheckText("group", row.group, kNameMax, false));
  LANEMQ_RETURN_IF_ERROR(CheckText("topic", row.topic, kNameMax, false));
  if (row.objective &&
      (*row.objective < milliseconds{100} || *row.objective > std::chrono::hours{30 * 24})) {
    return Invalid("objective is between 100 ms and 30 days");
  }
  if (row.allowed_messages && *row.allowed_messages < 0) {
    return Invalid("allowed messages is not negative");
  }
  if (row.owner) LANEMQ_RETURN_IF_ERROR(CheckText("owner", *row.owner, kOwnerMax));
  if (row.tier && !AlertSeverityFromString(*row.tier)) {
    return Invalid(fmt::format("tier '{}' is neither page nor ticket", *row.tier));
  }
  return CheckText("updated by", row.updated_by, kPersonMax);
}

Status CheckRule(const AlertRuleChange& rule) {
  const AlertKind* const kind = FindAlertKind(rule.kind);
  if (kind == nullptr) {
    return Invalid(fmt::format("there is no rule '{}'; `lanemq alert rule list` shows all",
                               rule.kind.substr(0, kChannelNameMax)));
  }
  if (rule.threshold && kind->unit.empty()) {
    return Invalid(fmt::format("rule {} has no threshold", kind->name));
  }
  if (rule.threshold && (!std::isfinite(*rule.threshold) || *rule.threshold < 0)) {
    return Invalid("threshold is not negative");
  }
  if (rule.for_at_least &&
      (rule.for_at_least->count() < 0 || *rule.for_at_least > std::chrono::hours{7 * 24})) {
    return Invalid("for is between 0 and 7 days");
  }
  return rule.owner ? CheckText("owner", *rule.owner, kOwnerMax) : Status{};
}

Status CheckChannel(const AlertChannel& channel) {
  LANEMQ_RETURN_IF_ERROR(CheckText("name", channel.name, kChannelNameMax, false));
  if (!std::all_of(channel.name.begin(), channel.name.end(), IsNameCharacter)) {
    return Invalid("name of a channel has other characters than letters, digits, '.', '_', '-'");
  }
  LANEMQ_RETURN_IF_ERROR(CheckUrl(channel));
  LANEMQ_RETURN_IF_ERROR(CheckList("recipient", channel.recipients, kAddressMax));
  LANEMQ_RETURN_IF_ERROR(CheckList("owner", channel.owners, kOwnerMax));
  LANEMQ_RETURN_IF_ERROR(CheckText("secret file", channel.secret_file, kTextMax));
  LANEMQ_RETURN_IF_ERROR(CheckText("user", channel.user, kPersonMax));
  // Not a path: whoever may set channels must not have any file of a metaserver sent to him.
  if (channel.secret_file.starts_with('.') ||
      !std::all_of(channel.secret_file.begin(), channel.secret_file.end(), IsNameCharacter)) {
    return Invalid("secret file is the name of a file in the metaservers' --alert-secrets-dir");
  }
  if (channel.type != ChannelType::kEmail) return CheckText("sender", channel.sender, kPersonMax);
  if (channel.recipients.empty()) return Invalid("a channel of type email has recipients");
  for (const std::string& recipient : channel.recipients) {
    LANEMQ_RETURN_IF_ERROR(CheckAddress("recipient", recipient));
  }
  return CheckAddress("sender", channel.sender);
}

Status CheckSilence(const AlertSilence& silence, milliseconds length) {
  LANEMQ_RETURN_IF_ERROR(CheckText("kind", silence.kind, kChannelNameMax, false));
  LANEMQ_RETURN_IF_ERROR(CheckText("subject", silence.subject, kSubjectMax, false));
  LANEMQ_RETURN_IF_ERROR(CheckText("reason", silence.reason, kTextMax, false));
  LANEMQ_RETURN_IF_ERROR(CheckText("created by", silence.created_by, kPersonMax, false));
  if (length >= kSilenceMin && length <= kSilenceMax) return {};
  return Invalid("a silence is between a minute and 30 days long");
}

}  // namespace lanemq::core
