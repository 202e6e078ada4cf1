#pragma once

#include <string>
#include <string_view>

#include "common/base/time.h"
#include "common/core/alert/alert_types.h"
#include "metaserver/oncall/message_bodies.h"
#include "metaserver/oncall/transfer.h"

namespace lanemq::metaserver {

/// The mail that tells `text`: UTF-8 in base64; Message-ID is of the notice, so that a repeated one
/// is known as such; References is of the incident, so that its mails make one thread.
[[nodiscard]] MailSubmission MakeMail(const core::AlertChannel& channel, const NoticeText& text,
                                      std::string_view secret, WallTime now);

}  // namespace lanemq::metaserver
