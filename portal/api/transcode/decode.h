#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "portal/api/transcode/schema.h"
#include "portal/api/transcode/wire.h"

namespace lanemq::portal {

/// Reads a struct in Thrift's binary protocol as JSON, as EncodeStruct() takes it: i64 as text,
/// enums by name (unknown ones as numbers), bytes that are not UTF-8 under NAME_base64. Fields that
/// this program does not know are left out. Absent: it does not decode. Thread safety: any thread.
[[nodiscard]] std::optional<nlohmann::ordered_json> DecodeStruct(const Schema& schema,
                                                                 const StructRow& row,
                                                                 wire::Reader& reader);

}  // namespace lanemq::portal
