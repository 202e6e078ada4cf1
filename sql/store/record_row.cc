#include "sql/store/record_row.h"

#include <memory>
#include <utility>

#include "common/core/types/header_text.h"

namespace lanemq::sql {

Result<core::RecordPtr> ToRecord(const Row& row) {
  auto record = std::make_shared<core::Record>();
  record->offset = core::Offset{row.Int64(0)};
  record->timestamp = WallTime{row.Int64(1)};
  record->producer = core::ProducerId{row.Int64(2)};
  record->sequence = row.Int64(3);
  record->codec = static_cast<std::int16_t>(row.Int64(4));
  if (!row.IsNull(5)) record->key = row.String(5);
  if (!row.IsNull(6)) {
    LANEMQ_ASSIGN_OR_RETURN(record->headers, core::ParseHeaderText(row.String(6)));
  }
  if (!row.IsNull(7)) record->body = row.String(7);
  return core::RecordPtr(std::move(record));
}

}  // namespace lanemq::sql
