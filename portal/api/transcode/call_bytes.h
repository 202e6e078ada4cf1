#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/base/error.h"
#include "common/base/result.h"
#include "portal/api/transcode/decode.h"
#include "portal/api/transcode/schema.h"

namespace lanemq::portal {

/// What a server answered: the reply's JSON, or the error that it declared.
struct RpcReply {
  nlohmann::ordered_json body;
  std::string server_request_id;  ///< Of a declared error, if it has one.
  Status status;
  LateItems late = {};  ///< The items of the list that was picked; `row` is null when none was.
};

/// A whole frame, with its length: `method` called with a request of these bytes.
[[nodiscard]] std::string EncodeCallFrame(std::string_view method, std::string_view request_bytes,
                                          std::int32_t seqid);

/// Reads the reply to `method`; `frame` is without its length. What does not decode is
/// kUnknownServerError, and so is a reply to another call than `seqid`. `pick`: of the items of
/// this list only some members are in the body, and the rest is in `late`; null: all is in the
/// body.
[[nodiscard]] RpcReply DecodeReplyFrame(const Schema& schema, const MethodRow& method,
                                        std::string frame, std::int32_t seqid,
                                        const ListPick* pick = nullptr);

}  // namespace lanemq::portal
