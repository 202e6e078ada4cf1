// Where notices go.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "common/core/alert/alert_checks.h"
#include "common/core/alert/alert_kinds.h"
#include "common/core/audit/audited_changes.h"
#include "common/core/retry/error_text.h"
#include "metaserver/access/audit_note.h"
#include "metaserver/handlers/handlers.h"
#include "metaserver/oncall/channel_sender.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::seconds kTimeout{5};
constexpr std::size_t kPersonBytesMax = 255;

Error Invalid(const char* what) { return {ErrorCode::kInvalidRequest, what}; }

Result<core::AlertChannel> FromWire(const idl::AlertChannel& wire) {
  core::AlertChannel channel;
  channel.name = wire.name;
  const auto type = core::ChannelTypeFromString(wire.type);
  if (!type) return Invalid("type is webhook, slack, feishu, dingtalk, email or alertmanager");
  channel.type = *type;
  channel.url = wire.url;
  channel.recipients = wire.recipients;
  channel.sender = wire.sender;
  channel.owners = wire.owners;
  channel.secret_file = wire.secret_file;
  channel.user = wire.user;
  if (wire.__isset.is_on) channel.is_on = wire.is_on;
  if (wire.__isset.severity) {
    const auto severity = core::AlertSeverityFromString(wire.severity);
    if (!severity) return Invalid("severity is page or ticket");
    channel.lowest = *severity;
  }
  return channel;
}

/// What is behind the origin of a URL is a secret often enough: for administrators alone.
idl::AlertChannel ToWire(const core::AlertChannel& channel, const core::ChannelState* state,
                         bool is_url_shown) {
  idl::AlertChannel wire;
  wire.name = channel.name;
  wire.type = core::ToString(channel.type);
  wire.url = is_url_shown ? channel.url : core::UrlOrigin(channel.url);
  if (!channel.recipients.empty()) wire.__set_recipients(channel.recipients);
  if (!channel.sender.empty()) wire.__set_sender(channel.sender);
  if (!channel.owners.empty()) wire.__set_owners(channel.owners);
  wire.__set_severity(std::string(core::ToString(channel.lowest)));
  if (!channel.secret_file.empty()) wire.__set_secret_file(channel.secret_file);
  if (!channel.user.empty()) wire.__set_user(channel.user);
  wire.__set_is_on(channel.is_on);
  if (state == nullptr) return wire;
  if (state->last_delivered) wire.__set_last_delivered_us(state->last_delivered->micros);
  if (!state->last_error.empty()) wire.__set_last_error(state->last_error);
  wire.__set_queued(state->queued);
  return wire;
}

Result<idl::AlertChannelsResponse> AllChannels(Services& services, bool are_urls_shown) {
  const Deadline deadline = Deadline::After(services.clock, kTimeout);
  LANEMQ_ASSIGN_OR_RETURN(const core::AlertSettings settings,
                          services.alerts.LoadSettings(deadline));
  LANEMQ_ASSIGN_OR_RETURN(const std::vector<core::ChannelState> states,
                          services.alerts.ChannelStates(deadline));
  std::map<std::string_view, const core::ChannelState*> by_name;
  for (const core::ChannelState& state : states) by_name[state.name] = &state;
  idl::AlertChannelsResponse out;
  for (const core::AlertChannel& channel : settings.channels) {
    const auto at = by_name.find(channel.name);
    out.channels.push_back(
        ToWire(channel, at == by_name.end() ? nullptr : at->second, are_urls_shown));
  }
  return out;
}

bool MayAdminister(const Services& services, const core::Caller* caller) {
  return services.guard.Check(caller, core::Action::kAdminister).ok();
}

bool MayAdminister(const Services& services, const core::AuditNote& note) {
  core::Caller caller;
  caller.principal = core::PrincipalFromString(note.actor).value_or(core::Principal{});
  return MayAdminister(services, &caller);
}

/// What whoever does not administer may set: a secret goes where it goes already, and a URL of
/// which he was shown the origin alone stays as it is.
Status Restrict(core::AlertChannel& channel, const std::vector<core::AlertChannel>& all) {
  const auto old = std::ranges::find(all, channel.name, &core::AlertChannel::name);
  if (old != all.end() && channel.url == core::UrlOrigin(old->url)) channel.url = old->url;
  if (channel.secret_file.empty()) return {};
  const std::string_view origin = core::UrlOrigin(channel.url);
  const bool goes_there = std::ranges::any_of(all, [&](const core::AlertChannel& other) {
    return other.secret_file == channel.secret_file && core::UrlOrigin(other.url) == origin;
  });
  if (goes_there) return {};
  return Error{ErrorCode::kClusterAuthorizationFailed,
               fmt::format("no channel sends secret file '{}' to {} yet: an administrator has to "
                           "set that one",
                           channel.secret_file, origin)};
}

}  // namespace

Result<idl::AlertChannelsResponse> SetAlertChannel(Services& services,
                                                   const idl::SetAlertChannelRequest& request,
                                                   const core::AuditNote& note) {
  const Deadline deadline = Deadline::After(services.clock, kTimeout);
  const bool is_admin = MayAdminister(services, note);
  if (request.__isset.remove && request.remove) {
    LANEMQ_RETURN_IF_ERROR(services.alerts.RemoveChannel(request.channel.name, note, deadline));
    return AllChannels(services, is_admin);
  }
  LANEMQ_ASSIGN_OR_RETURN(core::AlertChannel channel, FromWire(request.channel));
  LANEMQ_RETURN_IF_ERROR(core::CheckChannel(channel));
  if (!is_admin) {
    LANEMQ_ASSIGN_OR_RETURN(const core::AlertSettings settings,
                            services.alerts.LoadSettings(deadline));
    LANEMQ_RETURN_IF_ERROR(Restrict(channel, settings.channels));
  }
  const std::string by = PersonOf(services.guard, note, request.updated_by);
  LANEMQ_RETURN_IF_ERROR(
      services.alerts.SetChannel(channel, core::CutErrorText(by, kPersonBytesMax), note, deadline));
  return AllChannels(services, is_admin);
}

Result<idl::AlertChannelsResponse> ListAlertChannels(
    Services& services, const idl::ListAlertChannelsRequest& /*request*/,
    const rpc::CallContext& call) {
  return AllChannels(services, MayAdminister(services, call.caller().get()));
}

Result<idl::TestAlertChannelResponse> TestAlertChannel(Services& services,
                                                       const idl::TestAlertChannelRequest& request,
                                                       const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(const core::AlertSettings settings,
                          services.alerts.LoadSettings(Deadline::After(services.clock, kTimeout)));
  const auto channel =
      std::ranges::find(settings.channels, request.name, &core::AlertChannel::name);
  if (channel == settings.channels.end()) {
    return Error{ErrorCode::kNotFound, "there is no channel of this name"};
  }
  // Before it: what was sent has its row, whatever comes of it.
  LANEMQ_RETURN_IF_ERROR(services.audit.AppendDone(note, core::ChannelTested(*channel),
                                                   Deadline::After(services.clock, kTimeout)));
  NoticeText text;
  text.cluster = services.cache.Current()->cluster_id;
  text.what = "test";
  text.notice = fmt::format("test-{}-{}", channel->name, services.clock.WallNow().micros);
  text.incident = text.notice;
  text.kind = "test";
  text.subject = "channel " + channel->name;
  const std::string person = PersonOf(services.guard, note, request.requested_by);
  const std::string_view by = core::CutErrorText(person, kPersonBytesMax);
  text.summary = fmt::format("This is a test{}{}: notices reach you here. Nothing is wrong.",
                             by.empty() ? "" : ", asked for by ", by);
  text.since = services.clock.WallNow();
  const MonotonicTime began = services.clock.Now();
  // At most 10 s by itself, within what callers wait.
  const Delivery delivery = services.channels.Send(*channel, text);
  idl::TestAlertChannelResponse out;
  out.is_delivered = delivery.is_delivered;
  out.answer = delivery.answer;
  out.took_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(services.clock.Now() - began).count();
  return out;
}

}  // namespace lanemq::metaserver
