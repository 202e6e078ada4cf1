#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "portal/api/transcode/json_body.h"
#include "portal/api/transcode/schema.h"

namespace lanemq::portal {

/// Writes `value` as a struct in Thrift's binary protocol. Names are the IDL's. i64 may be text;
/// enums are names; bytes are text (UTF-8), or base64 under NAME_base64; a text field NAME_json may
/// be the document itself. A null member counts as absent.
///
/// Strict: what is unknown, of the wrong type or missing is in `faults`, and then what is returned
/// means nothing. Thread safety: any thread.
[[nodiscard]] std::string EncodeStruct(const Schema& schema, const StructRow& row,
                                       const nlohmann::json& value, Faults& faults);

/// `text` of a path or query as the JSON that a field of `type` takes: lists are parts between
/// commas. What is not of that type stays text, which EncodeStruct() then refuses.
[[nodiscard]] nlohmann::json JsonOfText(const Schema& schema, int type, std::string_view text);

}  // namespace lanemq::portal
