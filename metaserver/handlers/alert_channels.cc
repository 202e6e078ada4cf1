// Where notices go.
#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "common/core/alert/alert_checks.h"
#include "common/core/alert/alert_kinds.h"
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

idl::AlertChannel ToWire(const core::AlertChannel& channel, const core::ChannelState* state) {
  idl::AlertChannel wire;
  wire.name = channel.name;
  wire.type = core::ToString(channel.type);
  wire.url = channel.url;
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

Result<idl::AlertChannelsResponse> AllChannels(Services& services) {
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
    out.channels.push_back(ToWire(channel, at == by_name.end() ? nullptr : at->second));
  }
  return out;
}

}  // namespace

Result<idl::AlertChannelsResponse> SetAlertChannel(Services& services,
                                                   const idl::SetAlertChannelRequest& request,
                                                   const core::AuditNote& note) {
  const Deadline deadline = Deadline::After(services.clock, kTimeout);
  if (request.__isset.remove && request.remove) {
    LANEMQ_RETURN_IF_ERROR(services.alerts.RemoveChannel(request.channel.name, note, deadline));
    return AllChannels(services);
  }
  LANEMQ_ASSIGN_OR_RETURN(const core::AlertChannel channel, FromWire(request.channel));
  LANEMQ_RETURN_IF_ERROR(core::CheckChannel(channel));
  const std::string by = PersonOf(services.guard, note, request.updated_by);
  LANEMQ_RETURN_IF_ERROR(
      services.alerts.SetChannel(channel, core::CutErrorText(by, kPersonBytesMax), note, deadline));
  return AllChannels(services);
}

Result<idl::AlertChannelsResponse> ListAlertChannels(
    Services& services, const idl::ListAlertChannelsRequest& /*request*/) {
  return AllChannels(services);
}

Result<idl::TestAlertChannelResponse> TestAlertChannel(
    Services& services, const idl::TestAlertChannelRequest& request) {
  LANEMQ_ASSIGN_OR_RETURN(const core::AlertSettings settings,
                          services.alerts.LoadSettings(Deadline::After(services.clock, kTimeout)));
  const auto channel =
      std::ranges::find(settings.channels, request.name, &core::AlertChannel::name);
  if (channel == settings.channels.end()) {
    return Error{ErrorCode::kNotFound, "there is no channel of this name"};
  }
  NoticeText text;
  text.cluster = services.cache.Current()->cluster_id;
  text.what = "test";
  text.notice = fmt::format("test-{}-{}", channel->name, services.clock.WallNow().micros);
  text.incident = text.notice;
  text.kind = "test";
  text.subject = "channel " + channel->name;
  const std::string_view by = core::CutErrorText(request.requested_by, kPersonBytesMax);
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
