#pragma once

#include "common/transfer/transfer.h"

namespace lanemq::metaserver {

// What channels are sent with, by short names.
using transfer::HttpPost;
using transfer::HttpReply;
using transfer::IsOneLine;
using transfer::MailSubmission;
using transfer::Post;
using transfer::Submit;
using transfer::TransferSettings;

}  // namespace lanemq::metaserver
