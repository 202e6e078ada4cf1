#pragma once

#include <string>
#include <string_view>

#include "common/base/time.h"
#include "common/core/alert/alert_types.h"
#include "metaserver/oncall/message_bodies.h"
#include "metaserver/oncall/transfer.h"

namespace lanemq::metaserver {

/// How a sending went.
struct Delivery {
  bool is_delivered = false;
  std::string answer;  ///< For people: at most 512 bytes, one line, without secrets.
};

/// The POST that tells `text` to a channel of type webhook, Slack, Feishu or DingTalk. Has the
/// header Idempotency-Key. `secret` ('': none) signs for Feishu and DingTalk, else it is the bearer
/// token, or the password of the channel's user; where the URL says "{secret}" it is put there and
/// nowhere else.
[[nodiscard]] HttpPost MakePost(const core::AlertChannel& channel, const NoticeText& text,
                                std::string_view secret, WallTime now);
/// Any POST of a channel: URL, type and authentication.
[[nodiscard]] HttpPost MakePost(const core::AlertChannel& channel, std::string body,
                                std::string_view secret);
/// A 2xx status, and no error in the body where the type tells errors there.
[[nodiscard]] Delivery Judge(core::ChannelType type, const Result<HttpReply>& reply,
                             std::string_view secret);
/// `text` as an answer: cut, in one line, `secret` blotted out.
[[nodiscard]] std::string AnswerText(std::string_view text, std::string_view secret);

}  // namespace lanemq::metaserver
