#pragma once

#include "common/base/result.h"
#include "common/core/types/record.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// The record in the first eight columns: offset, timestamp_us, producer_id, sequence, codec, key,
/// headers, body. kCorruptMessage when the headers do not decode.
Result<core::RecordPtr> ToRecord(const Row& row);

}  // namespace lanemq::sql
